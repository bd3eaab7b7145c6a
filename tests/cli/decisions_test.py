#!/usr/bin/env python3
"""Decisions and the audit log as a user meets them: decisions_test.py MERLON [unittest arguments]"""

import json
import os
import shutil
import socket
import sqlite3
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


class Streams(EvidenceCase):
    def image(self, name, *rules):
        self.write("trivy.json", {"SchemaVersion": 2, "ArtifactName": name, "ArtifactType": "container_image", "Results": [
            {"Target": name, "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [
                {"VulnerabilityID": rule, "PkgName": "zlib", "InstalledVersion": "1", "Severity": "HIGH"} for rule in rules]}]})
        self.run_merlon("import", "--store", "s.db", "--repository", "shop", "trivy.json")

    def streams(self, *words):
        return json.loads(self.run_merlon("findings", "streams", "--store", "s.db", "--format", "json", *words).stdout)

    def test_what_nothing_is_reported_of_any_more_a_person_ends(self):
        self.image("reg/web:1", "CVE-1", "CVE-2")
        self.image("reg/shop:1", "CVE-1")
        self.assertEqual([(one["below"], one["open"], one["stale"]) for one in self.streams()],
                         [("reg/shop", 1, False), ("reg/web", 2, False)])
        self.assertIn("2 streams\n", self.run_merlon("findings", "streams", "--store", "s.db", "--stale", "12h").stdout)
        number = str(self.streams()[1]["stream"])
        out = self.run_merlon("findings", "retire", "--store", "s.db", number, "--as", "ann", "--reason", "it is reg/shop now").stdout
        self.assertIn("retired; 2 findings gone", out)
        self.assertEqual(len(self.findings("is:open")), 1)
        self.run_merlon("store", "check", "--store", "s.db")
        self.assertIn("retired", self.run_merlon("findings", "streams", "--store", "s.db").stdout)
        log = self.run_merlon("audit", "log", "--store", "s.db", "--format", "json").stdout
        self.assertIn("retirement", log)
        self.image("reg/web:2", "CVE-2")
        self.assertEqual(len(self.findings("is:open")), 2)
        self.run_merlon("store", "check", "--store", "s.db")

    def test_what_cannot_be_ended_is_told(self):
        self.image("reg/web:1", "CVE-1")
        for words, message in (((), "which streams?"), (("1",), "--reason"), (("9", "--reason", "r"), "no stream 9"),
                               (("x", "--reason", "r"), "no number"), (("1", "--reason", "r", "--as", "a\u200b"), "U+200B")):
            self.assertIn(message, self.run_merlon("findings", "retire", "--store", "s.db", *words, code=2).stderr)
        self.assertIn("expected an age", self.run_merlon("findings", "streams", "--store", "s.db", "--stale", "old", code=2).stderr)
        self.assertEqual(len(self.findings("is:open")), 1)


class SecondPerson(EvidenceCase):
    def decide(self, *words, code=0):
        return self.run_merlon("findings", "decide", "--store", "s.db", "--reason", "seen", *words, code=code)

    def run_store(self, *words, code=0):
        return self.run_merlon(*words, "--store", "s.db", code=code)

    def test_what_wants_two_people_holds_when_the_second_one_approves(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)"), result("r", "b.py", 5, "eval(y)")]))
        self.assertIn("no decision wants", self.run_store("store", "second-person").stdout)
        self.run_store("store", "second-person", "false_positive", "accepted")
        self.assertIn("false_positive,accepted", self.run_store("store", "second-person").stdout)
        # Other verdicts want nobody.
        self.decide("2", "--verdict", "will_fix", "--until", "9d")
        out = self.decide("1", "2", "--verdict", "accepted", "--until", "30d", "--as", "ann").stdout
        self.assertIn("merlon findings approve 4", out)
        self.assertEqual(len(self.findings("is:open")), 2)
        self.assertIn("open, proposed", self.run_store("findings", "list").stdout)
        self.assertIn("waits for a second person", self.run_store("findings", "show", "1").stdout)
        waiting = json.loads(self.run_store("findings", "proposals", "--format", "json").stdout)
        self.assertEqual([(one["proposal"], one["statement"]["author"]) for one in waiting], [(4, "ann")])
        # The first person is not the second one.
        self.assertIn("a second person", self.run_store("findings", "approve", "4", "--as", "Ann", code=2).stderr)
        self.assertEqual(len(self.findings("is:open")), 2)
        out = self.run_store("findings", "approve", "4", "--as", "ben").stdout
        self.assertIn("4: approved; 2 findings, 2 no longer open", out)
        self.assertEqual(len(self.findings("is:open")), 0)
        shown = self.run_store("findings", "show", "1").stdout
        self.assertRegex(shown, r"in force: seen \(ann, approved by ben")
        self.assertIn("accepted until", shown)
        self.assertIn(", approved: seen", shown)
        self.assertIn("no proposal 4 waits", self.run_store("findings", "approve", "4", "--as", "eve", code=2).stderr)
        self.run_store("store", "check")

    def test_a_proposal_does_not_outvote_what_was_said_since(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)")]))
        self.decide("1", "--verdict", "accepted", "--until", "30d", "--propose", "--as", "ann")
        self.decide("1", "--verdict", "affected", "--as", "eve")
        message = self.run_store("findings", "approve", "2", "--as", "ben", code=2).stderr
        self.assertIn("proposal 2 is older than what eve has decided about the same", message)
        self.assertIn("propose it anew", message)
        self.assertEqual(len(self.findings("is:open")), 1)
        self.run_store("findings", "refuse", "2", "--as", "ben", "--reason", "eve has looked")
        self.run_store("store", "check")

    def test_a_name_that_looks_like_another_is_refused(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)")]))
        self.decide("1", "--verdict", "accepted", "--until", "30d", "--propose", "--as", "ann")
        for name, message in (("ann\u200b", "U+200B"), ("\u0430nn", "look alike"), ("\uff41nn", "another form"),
                              ("ANN", "a second person"), ("ann ", "without blanks")):
            self.assertIn(message, self.run_store("findings", "approve", "2", "--as", name, code=2).stderr)
        self.assertIn("U+00AD", self.decide("1", "--verdict", "affected", "--as", "a\u00adnn", code=2).stderr)

    def test_a_proposal_is_refused_and_anyone_may_only_propose(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)")]))
        self.decide("1", "--verdict", "not_affected", "--propose", "--as", "ann")
        self.assertIn("Why?".lower(), self.run_store("findings", "refuse", "2", "--as", "ben", code=2).stderr.lower())
        self.run_store("findings", "refuse", "2", "--as", "ben", "--reason", "it is reachable")
        self.assertIn("refused", self.run_store("findings", "show", "1").stdout)
        self.assertEqual(json.loads(self.run_store("findings", "proposals", "--format", "json").stdout), [])
        for words, message in ((("findings", "approve", "2", "--as", "ben"), "no proposal 2 waits"),
                               (("findings", "approve"), "which proposals?"), (("findings", "approve", "x"), "no number"),
                               (("store", "second-person", "none", "accepted"), "is no verdict"),
                               (("store", "second-person", "nonsense"), "is no verdict")):
            self.assertIn(message, self.run_store(*words, code=2).stderr)
        self.run_store("store", "check")
        report = self.run_merlon("report", "audit", "--store", "s.db", "--from", "2020-01-01", "--to", "2099-01-01", "--out",
                                 "r.bundle")
        with open(os.path.join(self.folder, "r.bundle")) as file:
            self.assertIn("decision.refused", file.read(), report.stdout)

    def make_people(self, *names):
        for name in names:
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name], cwd=self.folder, check=True,
                           stdin=subprocess.DEVNULL)
            self.run_merlon("people", "add", name, "--ssh-key", name + ".pub", "--email", name + "@example.com")

    def audit(self, *words):
        self.run_merlon("report", "audit", "--store", "s.db", "--from", "2020-01-01", "--out", "r.bundle", *words)
        self.run_merlon("audit", "verify", "r.bundle")
        with open(os.path.join(self.folder, "r.bundle")) as file:
            return json.loads(file.read().split("\n")[1])

    def test_an_approval_that_has_to_be_signed_is_by_the_registered_key_of_somebody_else(self):
        self.make_people("ann", "ben")
        self.take(sarif([result("r", "a.py", 3, "eval(x)"), result("r", "b.py", 5, "eval(y)")]))
        self.run_store("store", "second-person", "accepted", "--signed")
        self.assertIn("accepted, and signs", self.run_store("store", "second-person").stdout)
        self.decide("1", "--verdict", "accepted", "--until", "30d", "--as", "ann@example.com")
        words = ("findings", "approve", "3")
        for more, message in ((("--as", "ben"), "wants a signature"),
                              (("--as", "ben", "--identity", "ann"), "is ann's"),
                              (("--as", "eve", "--identity", "ben"), "is ben's"),
                              (("--as", "ann", "--identity", "ann"), "a second person approves it"),
                              (("--identity", "ben"), "who signs?"),
                              (("--as", "ben", "--identity", "ben", "--people", "none"), "none"),
                              (("--as", "ben", "--identity", "no-such-key"), "ssh-keygen")):
            with self.subTest(more):
                self.assertIn(message, self.run_store(*words, *more, code=2).stderr)
        self.assertEqual(len(self.findings("is:open")), 2)
        out = self.run_store(*words, "--as", "ben", "--identity", "ben", "--reason", "seen too").stdout
        self.assertIn("3: approved, signed by ben; 1 finding, 1 no longer open", out)
        self.assertEqual([one["signature"]["status"] for one in self.audit()["decisions"]], ["verified"])
        # Nobody else's people vouch for it, and a name that was changed afterwards is found.
        os.rename(os.path.join(self.folder, ".merlon/people"), os.path.join(self.folder, ".merlon/others"))
        self.assertEqual(self.audit()["decisions"][0]["signature"]["because"], "nobody says whose key it is")
        with open(os.path.join(self.folder, ".merlon/others")) as people:
            self.write("others", "".join(line for line in people if line.startswith("ann")))
        self.assertIn("has no key", self.audit("--people", "others")["decisions"][0]["signature"]["because"])
        self.run_store("store", "check")
        for words, message in ((("none", "--signed"), "wants nobody"), (("--signed",), "which verdicts")):
            self.assertIn(message, self.run_store("store", "second-person", *words, code=2).stderr)

    def test_without_people_nobody_signs(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)")]))
        self.decide("1", "--verdict", "false_positive", "--propose", "--as", "ann")
        done = self.run_store("findings", "approve", "2", "--as", "ben", "--identity", "key", code=2)
        self.assertIn("nobody says here which keys are ben's", done.stderr)

    def test_who_turns_a_proposal_into_a_decision_by_hand_is_found(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)")]))
        self.run_store("store", "second-person", "accepted")
        self.decide("1", "--verdict", "accepted", "--until", "30d")
        for change in ("UPDATE decision SET current = 1", "UPDATE decision SET proposal = 0",
                       "UPDATE meta SET value = '' WHERE name = 'second_person'"):
            with self.subTest(change):
                shutil.copy(os.path.join(self.folder, "s.db"), os.path.join(self.folder, "t.db"))
                with sqlite3.connect(os.path.join(self.folder, "t.db")) as database:
                    database.execute(change)
                database.close()
                self.run_merlon("store", "check", "--store", "t.db", code=1)


class Groups(EvidenceCase):
    def take_grype(self, *ids):
        self.write("grype.json", {"matches": [
            {"vulnerability": {"id": one[0], "severity": "High", "fix": {"versions": [], "state": "unknown"}},
             "relatedVulnerabilities": [{"id": other} for other in one[1:]], "artifact": {
                 "name": "left-pad", "version": "1.0.0", "type": "npm", "purl": "pkg:npm/left-pad@1.0.0",
                 "locations": [{"path": "/package-lock.json"}]}} for one in ids], "descriptor": {"name": "grype", "version": "1"}})
        self.run_merlon("import", "--store", "s.db", "--repository", "shop", "--coverage", "complete", "grype.json")

    def take_trivy(self, *ids):
        self.write("trivy.json", {"SchemaVersion": 2, "ArtifactName": "shop", "ArtifactType": "filesystem", "Results": [
            {"Target": "package-lock.json", "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": [
                {"VulnerabilityID": one, "PkgName": "left-pad", "InstalledVersion": "1.0.0", "Severity": "LOW",
                 "PkgIdentifier": {"PURL": "pkg:npm/left-pad@1.0.0"}} for one in ids]}]})
        self.run_merlon("import", "--store", "s.db", "--repository", "shop", "--coverage", "complete", "trivy.json")

    def groups(self, *words):
        done = self.run_merlon("findings", "list", "--store", "s.db", "--group", "--format", "json", *words)
        return sorted(sorted(one["id"] for one in group["findings"]) for group in json.loads(done.stdout)["groups"])

    def test_one_advisory_by_two_tools_is_one_group(self):
        self.take_grype(["GHSA-1", "CVE-2026-1"], ["GHSA-2", "CVE-2026-2"])
        self.take_trivy("CVE-2026-1", "CVE-2026-9")
        self.assertEqual(len(self.groups()), 3)
        pair = next(group for group in self.groups() if len(group) == 2)
        table = self.run_merlon("findings", "list", "--store", "s.db", "--group").stdout
        self.assertIn("4 findings in 3 groups", table)
        self.assertIn("grype trivy", table)
        self.assertIn("CVE-2026-1 in pkg:npm/left-pad", table)
        self.assertIn("4 open findings in 3 groups", self.run_merlon("findings", "report", "--store", "s.db").stdout)
        # A decision about the group is one for each, and none for another one.
        out = self.run_merlon("findings", "decide", "--store", "s.db", str(pair[0]), "--group", "--verdict", "false_positive",
                              "--reason", "not called").stdout
        self.assertIn("2 findings, 2 no longer open", out)
        for number in pair:
            self.assertIn("not called", self.run_merlon("findings", "show", "--store", "s.db", str(number)).stdout)
        self.assertEqual(len(self.groups("is:open")), 2)
        # Detection stays each tool's own.
        self.take_trivy("CVE-2026-9")
        self.assertEqual([one[3] for one in self.findings("is:gone", "tool:trivy")], ["gone"])
        self.run_merlon("store", "check", "--store", "s.db")

    def test_one_weakness_in_one_line_is_one_group(self):
        def tool(name, rule, cwe, *places):
            return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": name, "rules": [
                {"id": rule, "properties": {"tags": [f"external/cwe/cwe-{cwe}"]}}]}},
                "results": [result(rule, path, line, "x = request()") for path, line in places]}]}
        self.take(tool("One", "xss", 79, ("a.py", 3), ("b.py", 4)))
        self.take(tool("Two", "js/xss", 79, ("a.py", 3), ("b.py", 9)))
        self.take(tool("Three", "sql", 89, ("a.py", 3)))
        self.assertEqual(sorted(len(group) for group in self.groups()), [1, 1, 1, 2])
        for words, message in ((("list", "--group", "--after", "1-1"), "no pages"),
                               (("decide", "--rule", "r", "--group", "--verdict", "none", "--reason", "r"), "has no group"),
                               (("decide", "99", "--group", "--verdict", "none", "--reason", "r"), "no finding 99")):
            self.assertIn(message, self.run_merlon("findings", *words, "--store", "s.db", code=2).stderr)


class UntilFix(EvidenceCase):
    # Each in a file of its own: findings are numbered in the order of their paths.
    def take_trivy(self, *fixed):
        weaknesses = [{"VulnerabilityID": f"CVE-2026-{i}", "PkgName": f"p{i}", "InstalledVersion": "1.0", "Severity": "HIGH",
                       "PkgIdentifier": {"PURL": f"pkg:npm/p{i}@1.0"}, **({"FixedVersion": version} if version else {})}
                      for i, version in enumerate(fixed)]
        self.write("trivy.json", json.dumps({"SchemaVersion": 2, "ArtifactName": "shop", "ArtifactType": "filesystem", "Results": [
            {"Target": f"{i}/package-lock.json", "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": [weakness]}
            for i, weakness in enumerate(weaknesses)]}))
        self.run_merlon("import", "--store", "s.db", "--coverage", "complete", "trivy.json")

    def open(self):
        return [one[0] for one in self.findings("is:open")]

    def test_a_decision_ends_when_a_fix_is_available(self):
        self.take_trivy(None, None, "2.0")
        out = self.run_merlon("findings", "decide", "--store", "s.db", "1", "2", "3", "--verdict", "accepted", "--until", "fix",
                              "--reason", "no fix").stdout
        self.assertIn("or until a fix is available", out)
        self.assertIn("of 1 a fix is available", out)
        self.assertEqual(self.open(), [3])
        self.take_trivy(None, "1.1", "2.0")
        self.assertEqual(sorted(self.open()), [2, 3])
        shown = self.run_merlon("findings", "show", "--store", "s.db", "2").stdout
        self.assertIn("ended, a fix is available", shown)
        self.assertIn("in force", self.run_merlon("findings", "show", "--store", "s.db", "1").stdout)
        self.assertIn("decision.fix_found", self.run_merlon("audit", "log", "--store", "s.db").stdout)
        self.run_merlon("store", "check", "--store", "s.db")
        # It has an end besides, and what closes nothing has no use for a fix.
        self.run_merlon("findings", "decide", "--store", "s.db", "1", "--verdict", "accepted", "--until", "fix,30d", "--reason", "r")
        done = self.run_merlon("findings", "decide", "--store", "s.db", "1", "--verdict", "will_fix", "--until", "fix", "--reason",
                               "r", code=2)
        self.assertIn("wait for a fix", done.stderr)


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
        # The key of the secrets' hashes is none of the log's.
        self.environment["MERLON_KEY"] = "0f" * 32
        self.assertIn("3 events", self.audit("verify").stdout)
        del self.environment["MERLON_KEY"]
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

    def key_file(self, *ending):
        return os.path.join(self.folder, "s.db-audit.key" + "".join(ending))

    def test_the_key_is_changed_and_the_log_leads_to_the_new_one(self):
        self.assertIn("never signed", self.audit("rotate", code=2).stderr)
        note, old = self.checkpoint()
        self.audit("export", "--to", "before.jsonl")
        done = self.audit("rotate", "--reason", "each year")
        new = done.stderr.splitlines()[0].removeprefix("signed with ")
        self.assertNotEqual(new, old)
        self.write("rotated.checkpoint", done.stdout)
        number = old.split("+")[1]
        self.assertEqual(os.stat(self.key_file()).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(self.key_file("." + number)).st_mode & 0o777, 0o600)
        self.take(sarif([result("r", "b.py", 3, "eval(z)")]))
        self.audit("export", "--to", "audit.jsonl")
        for key in (old, new):
            for kept in (note, "rotated.checkpoint"):
                said = self.verify("audit.jsonl", "--key", key, "--checkpoint", kept)
                self.assertIn(f"the key is {new}, which the one before has signed", said)
                self.audit("verify", "--key", key, "--checkpoint", kept)
        self.verify("before.jsonl", "--key", old)
        self.assertIn("another key", self.verify("before.jsonl", "--key", new, code=1))
        self.assertIn("audit.key", self.audit("log").stdout)
        self.run_merlon("store", "check", "--store", "s.db")
        # Who changes the event, or what it says, is found.
        text = self.read("audit.jsonl")
        self.write("forged", text.replace("each year", "each week"))
        self.verify("forged", "--key", old, code=1)
        # A report, a backup and an export carry it.
        self.run_merlon("report", "audit", "--store", "s.db", "--from", "2020-01-01", "--out", "r.bundle")
        self.verify("r.bundle", "--key", old)
        self.run_merlon("store", "backup", "--store", "s.db", "b.db")
        self.run_merlon("store", "export", "--store", "s.db", "out")
        self.run_merlon("store", "import", "--store", "i.db", "out")
        for store in ("b.db", "i.db"):
            self.run_merlon("audit", "verify", "--store", store, "--key", old)
            self.run_merlon("store", "check", "--store", store)
            self.run_merlon("audit", "checkpoint", "--store", store, code=2)
            shutil.copy(self.key_file(), os.path.join(self.folder, store + "-audit.key"))
            self.run_merlon("audit", "checkpoint", "--store", store)
            self.run_merlon("audit", "verify", "--store", store, "--key", old)
        self.assertEqual(json.loads(self.audit("rotate", "--format", "json").stdout)["keyBefore"], new)
        self.assertEqual(len(json.loads(self.audit("verify", "--key", old, "--format", "json").stdout)["keys"]), 3)

    def test_a_lost_key_is_a_break(self):
        note, old = self.checkpoint()
        self.assertIn("is not lost", self.audit("rotate", "--lost", "--reason", "r", code=2).stderr)
        with open(self.key_file(), "r+") as file:
            file.truncate(20)
        for words in (("rotate",), ("rotate", "--lost", "--reason", "r")):
            self.assertIn("move it away where the key is lost", self.audit(*words, code=2).stderr)
        os.remove(self.key_file())
        for words in (("checkpoint",), ("export",), ("rotate",)):
            self.assertIn("'merlon audit rotate --lost --reason TEXT'", self.audit(*words, code=2).stderr)
            self.assertFalse(os.path.exists(self.key_file()))
        self.assertIn("--lost without --reason", self.audit("rotate", "--lost", code=2).stderr)
        self.assertIn("--reason is empty", self.audit("rotate", "--lost", "--reason", " ", code=2).stderr)
        self.audit("rotate", "--lost", "--reason", "the disk broke")
        self.audit("export", "--to", "audit.jsonl")
        for words in (("audit.jsonl",), ("--store", "s.db")):
            self.assertIn("event 4 changes the key of the log, and says that the one before is lost",
                          self.verify(*words, "--key", old, "--checkpoint", note, code=1))
            self.verify(*words, "--key", old, "--accept-break", "5", code=1)
            self.assertIn("for which nobody vouches",
                          self.verify(*words, "--key", old, "--checkpoint", note, "--accept-break", "4"))
        self.assertIn("event 3 was to be accepted, and begins with no new key",
                      self.verify("audit.jsonl", "--accept-break", "4", "--accept-break", "3", code=1))
        self.assertIn("--accept-break 'x'", self.run_merlon("audit", "verify", "--store", "s.db", "--accept-break", "x",
                                                            code=2).stderr)
        self.assertIn("note: event 4 begins with a new key", self.run_merlon("store", "check", "--store", "s.db").stdout)
        self.run_merlon("store", "backup", "--store", "s.db", "b.db")
        self.run_merlon("store", "restore", "--store", "r.db", "b.db")

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
