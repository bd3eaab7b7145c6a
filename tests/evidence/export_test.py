#!/usr/bin/env python3
"""A store goes out and comes back: export_test.py MERLON [unittest arguments]

SQLite to PostgreSQL to SQLite through `store export|import`; what is listed, decided and logged is the same, and so are the bytes
of each export.
"""

import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import postgres_server

MERLON = None
SERVER = None


def sarif(lines, **run):
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Tool"}}, "results": [
        {"ruleId": f"r{line % 3}", "message": {"text": "about"}, "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": f"src/f{line % 5}.py"},
            "region": {"startLine": line, "snippet": {"text": f"call({line})"}}}}]} for line in lines], **run}]}


class Export(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def run_merlon(self, *words, code=0):
        done = subprocess.run([MERLON, *words], cwd=self.folder, text=True, capture_output=True, timeout=300,
                              env={"PATH": os.environ["PATH"], "HOME": self.folder, "USER": "tester"})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def fill(self, store):
        for number, lines in enumerate((range(1, 40), range(3, 45), range(1, 20))):
            with open(os.path.join(self.folder, "r.sarif"), "w") as out:
                json.dump(sarif(lines), out)
            self.run_merlon("import", "--store", store, "--repository", "shop", "--ref", "topic" if number == 1 else "main",
                            "r.sarif")
        self.run_merlon("findings", "decide", "--store", store, "1", "2", "--verdict", "accepted", "--until", "30d", "--reason", "w")
        self.run_merlon("findings", "decide", "--store", store, "--rule", "r1", "--verdict", "false_positive", "--reason", "w")
        self.run_merlon("findings", "decide", "--store", store, "1", "--verdict", "none", "--reason", "w")
        self.run_merlon("audit", "checkpoint", "--store", store)
        self.run_merlon("import", "--queue", "--store", store, "r.sarif")

    def told(self, store):
        lists = [self.run_merlon("findings", "list", "--store", store, "--format", "json", "--limit", "1000", wanted)
                 for wanted in ("is:open", "is:closed", "ref:topic", "decision:accepted")]
        shown = [self.run_merlon("findings", "show", "--store", store, "--format", "json", number) for number in ("1", "2", "3")]
        audit = json.loads(self.run_merlon("audit", "verify", "--store", store, "--format", "json"))
        return lists, shown, audit

    def test_the_round_is_the_same_to_the_byte(self):
        self.fill("a.db")
        self.run_merlon("store", "export", "--store", "a.db", "one")
        there = SERVER.new_database("there")
        self.run_merlon("store", "import", "--store", there, "one")
        self.run_merlon("store", "export", "--store", there, "two")
        self.run_merlon("store", "import", "--store", "b.db", "two")
        self.run_merlon("store", "export", "--store", "b.db", "three")
        for other in ("two", "three"):
            compared = subprocess.run(["diff", "-r", "one", other], cwd=self.folder, capture_output=True, text=True)
            self.assertEqual(compared.stdout, "")
        first = self.told("a.db")
        self.assertTrue(first[2]["sound"])
        self.assertEqual(first, self.told(there))
        self.assertEqual(first, self.told("b.db"))
        # They go on where they are.
        for store in (there, "b.db"):
            self.run_merlon("import", "--store", store, "--repository", "other", "r.sarif")
            self.run_merlon("findings", "decide", "--store", store, "3", "--verdict", "will_fix", "--until", "9d", "--reason", "w")
            self.run_merlon("store", "check", "--store", store)
        self.assertEqual(os.stat(os.path.join(self.folder, "one")).st_mode & 0o777, 0o700)
        self.assertTrue(filecmp.cmp(os.path.join(self.folder, "one/manifest.json"), os.path.join(self.folder, "two/manifest.json"),
                                    shallow=False))

    def test_what_is_damaged_is_refused(self):
        self.fill("a.db")
        self.run_merlon("store", "export", "--store", "a.db", "one")
        self.run_merlon("store", "export", "--store", "a.db", "one", code=2)
        path = os.path.join(self.folder, "one/finding.jsonl")
        with open(path) as text:
            whole = text.read()
        for damaged, said in ((whole.replace('"id":5,', '"id":"x",'), "finding.jsonl:5"), (whole[:-20], "finding.jsonl"),
                              (whole.replace('"line":3,', '"line":4,'), "finding.jsonl"),
                              (whole.replace('"id":1,', '"id":1,"id":1,', 1), "finding.jsonl:1")):
            with open(path, "w") as out:
                out.write(damaged)
            self.assertIn(said, self.run_merlon("store", "import", "--store", "c.db", "one", code=2))
        with open(path, "w") as out:
            out.write(whole)
        os.remove(os.path.join(self.folder, "one/event.jsonl"))
        self.assertIn("event.jsonl", self.run_merlon("store", "import", "--store", "c.db", "one", code=2))
        self.assertIn("empty", self.run_merlon("store", "import", "--store", "a.db", "one", code=2))
        self.run_merlon("store", "import", "--store", "c.db", "nowhere", code=2)
        # What was refused leaves no store, and nothing beside it.
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("c.db")], [])


if __name__ == "__main__":
    MERLON = os.path.abspath(sys.argv.pop(1))
    with postgres_server.running() as SERVER:
        unittest.main()
