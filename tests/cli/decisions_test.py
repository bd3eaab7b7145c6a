#!/usr/bin/env python3
"""Decisions and the audit log as a user meets them: decisions_test.py MERLON [unittest arguments]"""

import json
import os
import socket
import subprocess
import sys
import threading
import unittest

import evidence_test
from evidence_test import EvidenceCase, result, sarif


class Decisions(EvidenceCase):
    def decide(self, *words, code=0):
        return self.run_merlon("findings", "decide", "--store", "s.db", "--reason", "seen", *words, code=code)

    def test_a_decision_is_shown_with_its_history(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)"), result("r", "b.py", 5, "eval(y)")]))
        out = self.decide("1", "--verdict", "false_positive", "--as", "ann").stdout
        self.assertRegex(out, r"^finding 1: false_positive until \S+Z; 1 finding, 1 no longer open \(event 2\)\n$")
        self.assertEqual(self.findings("is:open"), [(2, "b.py", 5, "present")])
        out = self.decide("1", "--verdict", "accepted", "--until", "30d", "--as", "bob", "--format", "json").stdout
        self.assertEqual(json.loads(out)["findings"], 1)
        shown = self.run_merlon("findings", "show", "--store", "s.db", "1").stdout
        self.assertRegex(shown, r"accepted until \S+, in force: seen \(bob, \S+, event 3\)")
        self.assertRegex(shown, r"false_positive until \S+, superseded: seen \(ann, \S+, event 2\)")
        listed = self.run_merlon("findings", "list", "--store", "s.db", "--format", "json", "expires:<31d").stdout
        self.assertEqual([one["decision"] for one in json.loads(listed)["findings"]], ["accepted"])
        self.decide("1", "--verdict", "none")
        self.assertEqual(len(self.findings("is:open")), 2)
        self.run_merlon("store", "check", "--store", "s.db")

    def test_what_makes_no_decision_is_refused(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)")]))
        for words, message in (
                (["1"], "what is decided?"), (["--verdict", "none"], "what about?"), (["x", "--verdict", "none"], "no number"),
                (["9", "--verdict", "none"], "there is no finding 9"), (["1", "--verdict", "accepted"], "until when?"),
                (["1", "--verdict", "accepted", "--until", "2020-01-01"], "is over"),
                (["1", "--verdict", "accepted", "--until", "soon"], "write a span"),
                (["1", "--verdict", "none", "--until", "3d"], "has no end"),
                (["1", "--rule", "r", "--verdict", "none"], "not both"),
                (["--package", "pkg:npm/x@1", "--verdict", "false_positive"], "all its versions"),
                (["1", "--verdict", "accepted", "--until", "3d", "--justification", "component_not_present"], "justification")):
            self.assertIn(message, self.decide(*words, code=2).stderr)
        info = json.loads(self.run_merlon("store", "info", "--store", "s.db", "--format", "json").stdout)
        self.assertEqual(info["events"], 1)

    def test_a_rule_is_decided_for_what_comes(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)")]))
        self.decide("--rule", "r", "--repository", "default", "--verdict", "accepted", "--until", "2030-12-31")
        self.take(sarif([result("r", "a.py", 3, "eval(x)"), result("r", "b.py", 5, "eval(y)"), result("s", "b.py", 6, "z")]))
        self.assertEqual([one[0] for one in self.findings("is:open")], [3])


class Audit(EvidenceCase):
    def setUp(self):
        super().setUp()
        for i in range(3):
            self.take(sarif([result("r", "a.py", 3 + i, "eval(x)")]))

    def audit(self, *words, code=0):
        return self.run_merlon("audit", words[0], "--store", "s.db", *words[1:], code=code)

    def checkpoint(self):
        done = self.audit("checkpoint")
        return self.write("kept.checkpoint", done.stdout), done.stderr.removeprefix("signed with ").strip()

    def read(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return file.read()

    def verify(self, *words, code=0):
        return self.run_merlon("audit", "verify", *words, code=code).stdout

    def test_an_export_is_verified_without_the_store(self):
        note, key = self.checkpoint()
        self.assertEqual(os.stat(os.path.join(self.folder, "s.db-audit.key")).st_mode & 0o777, 0o600)
        self.audit("export", "--to", "audit.jsonl")
        self.assertIn("3 events are as they were written; 2 checkpoints vouch for 3\n",
                      self.verify("audit.jsonl", "--key", key, "--checkpoint", note))
        self.assertEqual(self.audit("export").stdout, self.read("audit.jsonl"))
        self.assertIn("3 events", self.audit("verify", "--key", key, "--checkpoint", note).stdout)
        self.write("proof", self.audit("prove", "2").stdout)
        self.assertIn("event 2 is in the log of 3 events", self.verify("proof", "--key", key, "--checkpoint", note))
        # Without the key anybody can have made it.
        self.assertIn("name the key with --key", self.run_merlon("audit", "verify", "proof", code=2).stderr)
        self.assertIn("--after goes with --to syslog", self.run_merlon("audit", "export", "--to", "x", "--after", "1", code=2).stderr)
        done = self.audit("log", "--limit", "2")
        self.assertIn("2 events\nthere are more: --after 2", done.stdout)
        self.audit("prove", "4", code=2)
        self.assertEqual(len(json.loads(self.audit("log", "--format", "json", "--after", "1").stdout)), 2)

    def test_what_was_changed_is_found(self):
        note, key = self.checkpoint()
        self.audit("export", "--to", "audit.jsonl")
        lines = self.read("audit.jsonl").splitlines(keepends=True)
        self.write("changed", "".join(lines).replace("tester", "nobody", 1))
        self.assertIn("not as it was written", self.verify("changed", "--key", key, code=1))
        self.write("removed", "".join(lines[:-2] + lines[-1:]))
        self.assertIn("missing", self.verify("removed", "--key", key, code=1))
        self.write("cut", "".join(lines[:-1]))
        self.assertIn("and the log has 2", self.verify("cut", code=1))
        self.write("unsigned", "".join(lines[:1] + lines[2:]))
        self.assertIn("no checkpoint vouches", self.verify("unsigned", code=1))
        self.write("broken", "".join(lines[:2]) + "{\n")
        self.run_merlon("audit", "verify", "broken", code=2)
        # Nothing stands in a line beside what was signed, and nothing twice.
        text = "".join(lines)
        for old, new in (('{"seq":1,', '{"seq":1,"note":"x",'), ('{"format"', '{"x":1,"format"')):
            self.assertIn(old, text)
            self.write("more", text.replace(old, new, 1))
            self.assertIn("than what is signed", self.verify("more", code=1))
        for old, new in (('{"seq":1,', '{"actor":"eve","seq":1,'), ('{"checkpoint"', '{"checkpoint":"","checkpoint"')):
            self.assertIn(old, text)
            self.write("more", text.replace(old, new, 1))
            self.assertIn("twice", self.run_merlon("audit", "verify", "more", code=2).stderr)
        self.write("head", lines[0])
        self.assertIn("neither events nor a checkpoint", self.verify("head", code=1))
        self.write("other", "hello")
        self.run_merlon("audit", "verify", "other", code=2)

    def test_a_log_of_another_history_is_found_by_the_checkpoint_that_was_kept(self):
        note, key = self.checkpoint()
        os.rename(os.path.join(self.folder, "s.db"), os.path.join(self.folder, "old.db"))
        for ending in ("-wal", "-shm"):
            if os.path.exists(os.path.join(self.folder, "s.db" + ending)):
                os.remove(os.path.join(self.folder, "s.db" + ending))
        for i in range(4):
            self.take(sarif([result("r", "b.py", 3 + i, "eval(z)")]))
        self.audit("export", "--to", "forked.jsonl")  # by the same key
        self.verify("forked.jsonl", "--key", key)
        self.assertIn("forked", self.verify("forked.jsonl", "--key", key, "--checkpoint", note, code=1))

    def test_syslog_gets_each_event_and_the_checkpoint(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            received = []

            def serve():
                with server.accept()[0] as connection:
                    while chunk := connection.recv(65536):
                        received.append(chunk)

            thread = threading.Thread(target=serve)
            thread.start()
            self.audit("export", "--after", "1", "--to", f"syslog://127.0.0.1:{server.getsockname()[1]}")
            thread.join(20)
        stream, frames = b"".join(received), []
        while stream:
            size, _, stream = stream.partition(b" ")
            frames.append(stream[:int(size)].decode())
            stream = stream[int(size):]
        self.assertEqual([frame.split(" ")[5] for frame in frames], ["import", "import", "checkpoint"])
        self.assertTrue(all(frame.startswith("<109>1 ") for frame in frames))
        self.assertEqual(json.loads(frames[0].split(" - ", 3)[3])["seq"], 2)

    def test_a_git_repository_takes_only_what_goes_on(self):
        def git(*words):
            return subprocess.run(["git", "-C", os.path.join(self.folder, "log"), *words], check=True, capture_output=True,
                                  text=True, env={**self.environment}).stdout
        os.mkdir(os.path.join(self.folder, "log"))
        git("init", "--quiet")
        for name, value in (("user.name", "Log"), ("user.email", "log@example.org")):
            git("config", name, value)
        place = "git:" + os.path.join(self.folder, "log")
        self.audit("export", "--to", place)
        self.assertIn("has this log already", self.audit("export", "--to", place).stderr)
        self.take(sarif([]))
        self.audit("export", "--to", place)
        self.assertEqual(len(git("log", "--oneline").splitlines()), 2)
        self.verify("log/merlon-audit.jsonl", "--checkpoint", "log/merlon-audit.checkpoint")
        os.rename(os.path.join(self.folder, "s.db"), os.path.join(self.folder, "old.db"))
        for ending in ("-wal", "-shm"):
            if os.path.exists(os.path.join(self.folder, "s.db" + ending)):
                os.remove(os.path.join(self.folder, "s.db" + ending))
        for i in range(5):
            self.take(sarif([result("r", "b.py", 3 + i, "eval(z)")]))
        self.assertIn("nothing is committed", self.audit("export", "--to", place, code=2).stderr)
        self.assertEqual(len(git("log", "--oneline").splitlines()), 2)


if __name__ == "__main__":
    evidence_test.MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
