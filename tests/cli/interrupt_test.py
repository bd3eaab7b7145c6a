#!/usr/bin/env python3
"""Ctrl-C in what writes evidence: interrupt_test.py MERLON [unittest arguments]

Each command is stopped (SIGINT) at moments all over its life. It ends with its own exit code or with 2, what it writes is there
whole or not at all, and the store is sound, with all of a deed in it or nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

import evidence_test
from evidence_test import EvidenceCase, result, sarif

FINDINGS = 8000
MOMENTS = 10
MOST_TRIES = 60  # to meet a command at work
DIGEST = "sha256:" + "a" * 64
SETTINGS = """gates:
  pr: {conditions: [severity, secrets, coverage]}
  release: {conditions: [severity, secrets, coverage]}
  deploy: {conditions: [severity, secrets, coverage, environment]}
environments: {production: {}}
"""


class Interrupted(EvidenceCase):
    def setUp(self):
        super().setUp()
        self.write("settings.yaml", SETTINGS)
        self.write("a.sarif", sarif([result(f"r{i % 7}", f"src/f{i % 300}.py", i // 300 + 1, f"call_number({i}, value_{i})", level="error")
                                     for i in range(FINDINGS)]))

    def fill(self):
        self.run_merlon("import", "--store", "s.db", "--ref", "main", "a.sarif")

    def place(self, name):
        return os.path.join(self.folder, name)

    def stop(self, words, whole):
        """Runs it whole, and then stops it at moments spread over the time that it took, until it was met at work; `whole` is
        called with its exit code after each."""
        begun = time.monotonic()
        done = subprocess.run([evidence_test.MERLON, *words], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        seconds = time.monotonic() - begun
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        whole(done.returncode)
        was_met, tries = 0, 0
        while tries < MOMENTS or (was_met == 0 and tries < MOST_TRIES):
            at = seconds * ((tries * 7 % MOMENTS) + 1) / (MOMENTS + 1)
            child = subprocess.Popen([evidence_test.MERLON, *words], cwd=self.folder, env=self.environment,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(at)
            child.send_signal(signal.SIGINT)
            out, errors = child.communicate(timeout=120)
            # Before it listens the signal is the system's.
            self.assertIn(child.returncode, (done.returncode, 2, -signal.SIGINT), out + errors)
            if child.returncode == 2:
                self.assertIn("interrupted", errors)
                was_met += 1
            whole(child.returncode)
            tries += 1
        self.assertGreater(was_met, 0, "it was over before it could be stopped")

    def check(self, store="s.db"):
        if os.path.exists(self.place(store)):
            self.run_merlon("store", "check", "--store", store)

    def events(self, kind):
        events = json.loads(self.run_merlon("audit", "log", "--store", "s.db", "--format", "json", "--limit", "100000").stdout)
        return [event for event in events if event["kind"] == kind]

    def test_an_import_is_there_whole_or_not_at_all(self):
        def whole(code):
            self.check()
            count = 0
            if os.path.exists(self.place("s.db")):
                info = json.loads(self.run_merlon("store", "info", "--store", "s.db", "--format", "json").stdout)
                count = info["findings"]
                self.assertEqual((info["documents"], info["events"]), (1, 1) if count else (0, 0))
            self.assertIn(count, (0, FINDINGS))
            self.assertTrue(count == FINDINGS or code != 0)
            for name in os.listdir(self.folder):
                if name.startswith("s.db"):
                    os.remove(self.place(name))

        self.stop(["import", "--store", "s.db", "--ref", "main", "a.sarif"], whole)

    def stop_gate(self, name, *words):
        self.fill()

        def whole(code):
            for file, key in (("input.json", "schema"), ("statement.json", "_type")):
                if os.path.exists(self.place(file)):
                    with open(self.place(file)) as written:
                        self.assertIn(key, json.load(written))
                    os.remove(self.place(file))
                else:
                    self.assertNotIn(code, (0, 1))
            self.assertEqual([one for one in os.listdir(self.folder) if one not in known and not one.startswith("s.db")], [])
            self.check()

        known = set(os.listdir(self.folder))
        self.stop(["gate", name, "--store", "s.db", "--ref", "main", "--config", "settings.yaml", "--write-input", "input.json",
                   "--statement", "statement.json", *words], whole)
        verdicts = self.events("gate.verdict")
        self.assertGreater(len(verdicts), 0)
        for event in verdicts:
            self.run_merlon("gate", "replay", "--store", "s.db", json.loads(event["body"])["verdict"])

    def test_a_gate_decides_or_writes_nothing(self):
        self.stop_gate("release", "--digest", DIGEST, "--report", "a.sarif")

    def test_a_deployment_is_decided_or_not(self):
        self.stop_gate("deploy", "--digest", DIGEST, "--environment", "production", "--report", "a.sarif")

    def test_a_pull_request_is_judged_or_not(self):
        self.stop_gate("pr", "--report", "a.sarif")

    def test_a_simulation_writes_nothing(self):
        self.fill()
        for number in range(4):
            self.run_merlon("gate", "deploy", "--store", "s.db", "--config", "settings.yaml", "--digest", DIGEST[:-1] + str(number),
                            "--environment", "production", "--report", "a.sarif")
        events = len(self.events("gate.verdict"))
        self.stop(["gate", "simulate", "--store", "s.db", "--policy", "severity"], lambda code: self.check())
        self.assertEqual(len(self.events("gate.verdict")), events)

    def test_a_bundle_for_an_auditor_is_there_whole_or_not_at_all(self):
        self.fill()
        for number in range(60):
            self.run_merlon("findings", "decide", "--store", "s.db", str(number + 1), "--verdict", "accepted", "--until", "9d",
                            "--reason", "x" * 2000)

        def whole(code):
            if os.path.exists(self.place("r.bundle")):
                self.run_merlon("audit", "verify", "r.bundle", code=0)
                os.remove(self.place("r.bundle"))
            else:
                self.assertNotEqual(code, 0)
            self.check()

        self.stop(["report", "audit", "--store", "s.db", "--from", "2020-01-01", "--out", "r.bundle"], whole)

    def test_an_export_is_there_whole_or_not_at_all_and_so_is_what_is_made_of_it(self):
        self.fill()
        self.run_merlon("store", "export", "--store", "s.db", "kept")

        def exported(code):
            if os.path.exists(self.place("out")):
                if code == 0:
                    self.assertEqual(sorted(os.listdir(self.place("out"))), sorted(os.listdir(self.place("kept"))))
                # What a signal met before the program listened may be a folder without its manifest, which nobody takes.
                self.assertTrue(code != 2, "an interrupted export left its folder")
                shutil.rmtree(self.place("out"))
            else:
                self.assertNotEqual(code, 0)
            self.check()

        self.stop(["store", "export", "--store", "s.db", "out"], exported)

        def imported(code):
            self.assertEqual(os.path.exists(self.place("t.db")), code == 0)
            self.check("t.db")
            for name in os.listdir(self.folder):
                if name.startswith("t.db"):
                    self.assertEqual(code, 0, name)
                    os.remove(self.place(name))

        self.stop(["store", "import", "--store", "t.db", "kept"], imported)


if __name__ == "__main__":
    evidence_test.MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
