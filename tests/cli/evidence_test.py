#!/usr/bin/env python3
"""The evidence store as a user meets it: evidence_test.py MERLON [unittest arguments]"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

MERLON = None
KILLS = 12


def result(rule, path, line, text, **more):
    return {"ruleId": rule, "message": {"text": f"about {rule}"}, "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": path},
        "region": {"startLine": line, "snippet": {"text": text}}}}], **more}


def sarif(results, tool="Scanner", **run):
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": tool}}, "results": results, **run}]}


class EvidenceCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "USER": "tester"}

    def write(self, name, document):
        with open(os.path.join(self.folder, name), "w") as out:
            out.write(document if isinstance(document, str) else json.dumps(document))
        return name

    def run_merlon(self, *words, code=0, stdin=None):
        done = subprocess.run([MERLON, *words], cwd=self.folder, env=self.environment, input=stdin, text=True,
                              capture_output=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def take(self, document, *words):
        self.write("report.sarif", document)
        done = self.run_merlon("import", "--store", "s.db", "--format", "json", "report.sarif", *words)
        return json.loads(done.stdout)[0]["runs"][0]["counts"]

    def findings(self, *words):
        done = self.run_merlon("findings", "list", "--store", "s.db", "--format", "json", *words)
        return [(one["id"], one["path"], one.get("line"), one["detection"])
                for one in json.loads(done.stdout)["findings"]]


class Evidence(EvidenceCase):
    def test_a_store_on_read_only_media_is_read(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)")]))
        os.chmod(self.folder, 0o555)
        os.chmod(os.path.join(self.folder, "s.db"), 0o444)
        self.addCleanup(os.chmod, self.folder, 0o755)
        nobody = {"user": 65534} if os.geteuid() == 0 else {}

        def run(*words):
            return subprocess.run([MERLON, *words, "--store", "s.db"], cwd=self.folder, env=self.environment, text=True,
                                  capture_output=True, timeout=120, **nobody)
        done = run("findings", "list")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("about r", done.stdout)
        self.assertIn("it is read as it stands", done.stderr)
        self.assertEqual(run("store", "check").returncode, 0)
        done = run("findings", "decide", "1", "--verdict", "accepted", "--until", "9d", "--reason", "r")
        self.assertEqual(done.returncode, 2)
        self.assertIn("s.db: ", done.stderr)
        # What stands in its log only cannot be left out in silence.
        os.chmod(self.folder, 0o755)
        with open(os.path.join(self.folder, "s.db-wal"), "wb") as log:
            log.write(b"x")
        os.chmod(os.path.join(self.folder, "s.db-wal"), 0o000 if nobody else 0o444)
        os.chmod(self.folder, 0o555)
        done = run("findings", "list")
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("s.db-wal", done.stderr)

    def test_a_finding_keeps_its_number_across_a_line_shift(self):
        counts = self.take(sarif([result("r", "a.py", 3, "eval(x)"), result("r", "b.py", 5, "eval(y)")]))
        self.assertEqual((counts["new"], counts["known"]), (2, 0))
        counts = self.take(sarif([result("r", "a.py", 13, "eval(x)"), result("r", "b.py", 5, "eval(y)")]))
        self.assertEqual((counts["new"], counts["known"], counts["moved"], counts["closed"]), (0, 2, 1, 0))
        self.assertEqual(self.findings(), [(2, "b.py", 5, "present"), (1, "a.py", 13, "present")])
        counts = self.take(sarif([result("r", "b.py", 5, "eval(y)")]))
        self.assertEqual(counts["closed"], 1)
        self.assertEqual(self.findings(), [(2, "b.py", 5, "present")])
        self.assertEqual(self.findings("is:gone"), [(1, "a.py", 13, "gone")])
        self.run_merlon("store", "check", "--store", "s.db")

    def test_the_default_store_stands_in_the_state_directory(self):
        self.write("report.sarif", sarif([result("r", "a.py", 3, "eval(x)")]))
        self.assertEqual(self.run_merlon("import", "report.sarif").stdout,
                         "report.sarif: scanner in default: 1 found, 1 new, 0 known, 0 closed\n")
        store = os.path.join(self.folder, ".local/share/merlon/evidence.db")
        self.assertEqual(os.stat(store).st_mode & 0o777, 0o600)
        table = self.run_merlon("findings", "list").stdout
        self.assertIn("a.py:3", table)
        self.assertTrue(table.endswith("1 finding\n"), table)
        shown = self.run_merlon("findings", "show", "1").stdout
        self.assertIn("r of scanner", shown)
        self.assertIn("report.sarif sha256:", shown)
        self.run_merlon("findings", "show", "2", code=2)

    def test_the_same_file_twice_is_one_import(self):
        self.write("report.sarif", sarif([result("r", "a.py", 3, "eval(x)")]))
        self.run_merlon("import", "--store", "s.db", "report.sarif")
        done = self.run_merlon("import", "--store", "s.db", "report.sarif")
        self.assertIn("imported before", done.stdout)
        info = json.loads(self.run_merlon("store", "info", "--store", "s.db", "--format", "json").stdout)
        self.assertEqual((info["documents"], info["analyses"], info["findings"], info["events"]), (1, 1, 1, 1))

    def test_a_bad_file_is_refused_and_the_others_are_taken(self):
        self.write("bad.sarif", '{"version": "2.1.0", "runs": [\n{"tool": {"driver": {"name": "T"}},\n'
                                ' "results": [{"ruleId": "r"}]}]}')
        self.write("good.sarif", sarif([result("r", "a.py", 3, "eval(x)")]))
        self.write("other.txt", "hello")
        done = self.run_merlon("import", "--store", "s.db", "bad.sarif", "other.txt", "missing", "good.sarif", code=2)
        self.assertIn("bad.sarif:3:", done.stderr)
        self.assertIn("a result without a message", done.stderr)
        self.assertIn("other.txt: not a report that is known; there are Merlon's JSON report, SARIF 2.1.0", done.stderr)
        self.assertIn("good.sarif: scanner in default: 1 found", done.stdout)
        self.assertEqual(len(self.findings()), 1)

    def test_a_run_that_failed_closes_nothing(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)")]))
        counts = self.take(sarif([], invocations=[{"executionSuccessful": False}]))
        self.assertEqual((counts["closed"], counts["unknown"]), (0, 1))
        self.assertEqual(self.findings(), [(1, "a.py", 3, "unknown")])

    def test_a_scan_of_ours_is_taken_as_json_and_as_sarif(self):
        os.mkdir(os.path.join(self.folder, "tree"))
        token = "ghp_" + "".join(random.Random(7).choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=36))
        self.write("tree/a.env", f"TOKEN={token}\n")
        done = subprocess.run([MERLON, "scan", "secrets", "tree", "--output", "json=r.json", "--output", "sarif=r.sarif",
                               "--all-matches"], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual(done.returncode, 1, done.stdout)
        for name in ("r.json", "r.sarif"):
            out = self.run_merlon("import", "--store", "s.db", name).stdout
            self.assertIn(": merlon in default: 1 found", out)
        self.assertEqual(len(self.findings("is:open")), 1)

    def test_filters_are_checked_before_they_are_used(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)")]))
        done = self.run_merlon("findings", "list", "--store", "s.db", "is:opened", code=2)
        self.assertIn("did you mean 'open'", done.stderr)
        self.assertEqual(self.findings("path:b.py"), [])
        self.assertEqual(self.findings("path:*.py", "tool:scanner"), [(1, "a.py", 3, "present")])
        self.run_merlon("findings", "list", "--store", "none.db", code=2)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "none.db")))

    def test_backup_and_restore_bring_everything_back(self):
        self.take(sarif([result("r", "a.py", 3, "eval(x)")]))
        self.run_merlon("store", "backup", "--store", "s.db", "copy.db")
        self.run_merlon("store", "restore", "--store", "s.db", "copy.db", code=2)
        self.run_merlon("store", "restore", "--store", "new.db", "copy.db")
        self.run_merlon("store", "check", "--store", "new.db")
        shutil.move(os.path.join(self.folder, "new.db"), os.path.join(self.folder, "s.db"))
        for ending in ("-wal", "-shm"):
            if os.path.exists(os.path.join(self.folder, "s.db" + ending)):
                os.remove(os.path.join(self.folder, "s.db" + ending))
        self.assertEqual(self.findings(), [(1, "a.py", 3, "present")])

    def test_a_killed_import_leaves_all_or_nothing(self):
        """What was acknowledged is there, what was not is there whole or not at all, and the store is sound."""
        chance = random.Random(19)
        acknowledged = 0
        for number in range(KILLS):
            name = self.write("report.sarif", sarif([result("r", f"f{number}_{i}.py", i + 1, f"eval(x{number}, {i})")
                                                     for i in range(400)], tool=f"tool{number}"))
            child = subprocess.Popen([MERLON, "import", "--store", "s.db", name], cwd=self.folder, env=self.environment,
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0, 0.12))
            child.send_signal(signal.SIGKILL)
            acknowledged += 400 if b"400 new" in child.communicate()[0] else 0
        if not os.path.exists(os.path.join(self.folder, "s.db")):
            self.take(sarif([]))
        self.take(sarif([result("r", "last.py", 1, "eval(last)")]))
        self.run_merlon("store", "check", "--store", "s.db")
        info = json.loads(self.run_merlon("store", "info", "--store", "s.db", "--format", "json").stdout)
        self.assertEqual((info["findings"] - 1) % 400, 0)
        self.assertGreaterEqual(info["findings"] - 1, acknowledged)
        self.assertEqual(info["events"], info["analyses"])


if __name__ == "__main__":
    MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
