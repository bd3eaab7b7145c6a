#!/usr/bin/env python3
"""The store's conformance suite on a real PostgreSQL server: postgres_test.py EVIDENCE_TEST MERLON [unittest arguments]

EVIDENCE_TEST is the unit test program of the room: with MERLON_TEST_STORE set, its stores are there. It runs on the embedded
database by itself.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

import postgres_server

EVIDENCE_TEST = MERLON = None
SERVER = None


class Postgres(unittest.TestCase):
    def run_merlon(self, *words, code=0):
        done = subprocess.run([MERLON, *words], text=True, capture_output=True, timeout=120,
                              env={"PATH": os.environ["PATH"], "HOME": self.folder, "USER": "tester"})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = held.name

    def test_the_conformance_suite(self):
        url = SERVER.new_database("suite")
        done = subprocess.run([EVIDENCE_TEST, "--gtest_brief=1"], env={**os.environ, "MERLON_TEST_STORE": url}, text=True,
                              capture_output=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_program_keeps_its_store_there(self):
        url = SERVER.new_database("program")
        message = self.run_merlon("findings", "list", "--store", url, code=2)
        self.assertEqual(message, "")
        # Only an import makes the tables.
        for words in (("findings", "decide", "1", "--verdict", "false_positive", "--reason", "r"),
                      ("webhooks", "add", "a", "https://example.org/", "--secret", "env:A"), ("findings", "list")):
            self.run_merlon(*words, "--store", url, code=2)
        report = os.path.join(self.folder, "r.sarif")
        with open(report, "w") as out:
            json.dump({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": [
                {"ruleId": "r", "message": {"text": "a \u0000 text"}, "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": "a\u0000.py"}, "region": {"startLine": i + 1}}}]} for i in range(3)]}]}, out)
        self.assertIn("3 new", self.run_merlon("import", "--store", url, report))
        self.assertIn("imported before", self.run_merlon("import", "--store", url, report))
        self.run_merlon("findings", "decide", "--store", url, "2", "--verdict", "false_positive", "--reason", "test")
        self.assertIn("2 findings", self.run_merlon("findings", "list", "--store", url))
        self.run_merlon("audit", "checkpoint", "--store", url)
        self.run_merlon("store", "check", "--store", url)
        info = json.loads(self.run_merlon("store", "info", "--store", url, "--format", "json"))
        self.assertEqual((info["findings"], info["open"], info["events"]), (3, 2, 2))

    def test_stores_that_share_a_key_are_rotated_one_after_the_other(self):
        report = os.path.join(self.folder, "r.sarif")
        with open(report, "w") as out:
            json.dump({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": []}]}, out)
        stores = [SERVER.new_database(name) for name in ("one", "two")]
        for store in stores:
            self.run_merlon("import", "--store", store, report)
            self.run_merlon("audit", "checkpoint", "--store", store)

        def rotate(store):
            return json.loads(self.run_merlon("audit", "rotate", "--store", store, "--format", "json"))
        first = rotate(stores[0])
        # The other one goes on with the file that has the old key's number, until it gets the same new key.
        self.run_merlon("audit", "export", "--store", stores[1])
        second = rotate(stores[1])
        self.assertEqual((second["key"], second["keyBefore"]), (first["key"], first["keyBefore"]))
        for store in stores:
            self.run_merlon("audit", "checkpoint", "--store", store)
            self.run_merlon("audit", "verify", "--store", store, "--key", first["keyBefore"])
            self.run_merlon("store", "check", "--store", store)
        self.run_merlon("audit", "rotate", "--store", stores[0], "--lost", "--reason", "r", code=2)


if __name__ == "__main__":
    EVIDENCE_TEST, MERLON = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    with postgres_server.running() as SERVER:
        unittest.main()
