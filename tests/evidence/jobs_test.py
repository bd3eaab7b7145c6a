#!/usr/bin/env python3
"""Jobs, workers, webhooks, moments and figures as a user meets them: jobs_test.py MERLON [unittest arguments]"""

import contextlib
import http.server
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

MERLON = None
KEY = "a key that signs in tests"


def sarif(lines):
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Tool"}}, "results": [
        {"ruleId": "r", "message": {"text": "about r"}, "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": path}, "region": {"startLine": line, "snippet": {"text": text}}}}]}
        for path, line, text in lines]}]}


class JobsCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "USER": "tester", "MERLON_STORE": "s.db",
                            "HOOK_KEY": KEY}

    def run_merlon(self, *words, code=0, stdin=None):
        done = subprocess.run([MERLON, *words], cwd=self.folder, env=self.environment, input=stdin, text=True,
                              capture_output=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def write(self, name, document):
        with open(os.path.join(self.folder, name), "w") as out:
            out.write(document if isinstance(document, str) else json.dumps(document))
        return name

    def answer(self, *words):
        return json.loads(self.run_merlon(*words, "--format", "json").stdout)

    def test_what_waited_closes_nothing_that_was_imported_past_it(self):
        self.write("old.sarif", sarif([("a.py", 3, "eval(x)")]))
        self.write("new.sarif", sarif([("b.py", 9, "another(y)")]))
        self.run_merlon("import", "--queue", "--repository", "git@github.com:Acme/shop.git", "old.sarif")
        self.run_merlon("import", "--repository", "github.com/acme/shop", "new.sarif")
        self.run_merlon("worker", "--idle-exit", "--lanes", "user")
        self.assertIn("0 closed", self.answer("jobs", "show", "1")["outcome"])
        self.assertEqual(self.answer("findings", "list", "is:open")["count"], 2)
        # One repository under two names is one queue.
        self.run_merlon("import", "--queue", "--repository", "https://github.com/acme/shop", "new.sarif")
        scopes = {job["scope"] for job in self.answer("jobs", "list", "--kind", "import") if "scope" in job}
        self.assertLessEqual(scopes, {"github.com/acme/shop"})
        self.run_merlon("store", "check")

    def test_a_queued_import_is_done_by_a_worker(self):
        self.write("a.sarif", sarif([("a.py", 3, "eval(x)")]))
        self.write("bad.sarif", '{"version": "2.1.0",\n "runs": 3}')
        self.assertEqual(self.run_merlon("import", "--queue", "--repository", "shop", "a.sarif", "bad.sarif").stdout,
                         "a.sarif: job 1\nbad.sarif: job 2\n")
        self.assertIn("job 3", self.run_merlon("import", "--queue", "-", stdin=json.dumps(sarif([("b.py", 1, "y")]))).stdout)
        os.remove(os.path.join(self.folder, "a.sarif"))  # the store has it
        self.assertEqual(self.answer("findings", "list")["count"], 0)
        done = self.run_merlon("worker", "--once")
        self.assertEqual(done.stdout, "1 jobs done, 0 attempts failed\n")
        # Who waits for the end of a worker hears of what failed.
        self.run_merlon("worker", "--idle-exit", code=2)
        self.assertEqual(self.answer("findings", "list")["count"], 2)
        states = {job["id"]: job["state"] for job in self.answer("jobs", "list", "--kind", "import")}
        self.assertEqual(states, {1: "done", 2: "failed", 3: "done"})
        self.assertIn("bad.sarif:2:", self.run_merlon("jobs", "show", "2").stdout)
        self.assertIn("1 found, 1 new", self.answer("jobs", "show", "1")["outcome"])
        # What was refused is not kept, nor what was cancelled: it may hold secrets.
        self.assertIn("import it again", self.run_merlon("jobs", "retry", "2", code=2).stderr)
        self.write("more.sarif", sarif([("c.py", 3, "eval(z)")]))
        number = self.run_merlon("import", "--queue", "--repository", "shop", "more.sarif").stdout.split()[-1]
        self.run_merlon("jobs", "cancel", number)
        self.run_merlon("jobs", "cancel", number, code=2)
        self.run_merlon("jobs", "retry", number, code=2)
        self.assertEqual([job["id"] for job in self.answer("jobs", "list", "--state", "cancelled")], [int(number)])
        # What failed in all of its attempts keeps its document, to be tried again or dropped.
        number = self.run_merlon("import", "--queue", "--repository", "shop", "more.sarif").stdout.split()[-1]
        size = os.path.getsize(os.path.join(self.folder, "more.sarif"))
        self.assertEqual(self.answer("jobs", "show", number)["documentBytes"], size)
        with contextlib.closing(sqlite3.connect(os.path.join(self.folder, "s.db"))) as store:
            store.execute("UPDATE job SET state = 3, ended_ms = ready_ms WHERE id = ?", (int(number),))
            store.commit()
        self.assertIn(f"{size} bytes, kept for 30 days: 'merlon jobs retry'", self.run_merlon("jobs", "show", number).stdout)
        self.run_merlon("jobs", "retry", number)
        with contextlib.closing(sqlite3.connect(os.path.join(self.folder, "s.db"))) as store:
            store.execute("UPDATE job SET state = 3, ended_ms = ready_ms WHERE id = ?", (int(number),))
            store.commit()
        self.run_merlon("jobs", "cancel", number)
        self.assertNotIn("documentBytes", self.answer("jobs", "show", number))
        self.assertIn("import it again", self.run_merlon("jobs", "retry", number, code=2).stderr)
        self.assertIn("derive", [job["kind"] for job in self.answer("jobs", "list")])
        self.run_merlon("store", "check")

    def test_what_makes_no_sense_is_refused(self):
        self.write("a.sarif", sarif([("a.py", 3, "eval(x)")]))
        self.run_merlon("import", "a.sarif")
        for words, said in ((("import", "--queue", "--root", "no-such", "a"), "is not there"),
                            (("import", "--queue", "--mapping", "no-such.rego", "a"), "no-such.rego"), (("import", "--queue", "missing"), "missing"),
                            (("jobs", "show", "x"), "which job"), (("jobs", "show"), "which job"),
                            (("jobs", "list", "--state", "lost"), "lost"), (("worker", "--lanes", ""), "lanes"),
                            (("worker", "--lease", "1"), "--lease 1"),
                            (("webhooks", "add", "a", "http://example.org/", "--secret", "env:A"), "https"),
                            (("webhooks", "add", "a", "https://example.org/"), "env:NAME or file:PATH"),
                            (("webhooks", "add", "a", "https://example.org/", "--secret", "word"), "env:NAME or file:PATH"),
                            (("webhooks", "add", "a"), "which"), (("webhooks", "remove", "a"), "no webhook a"),
                            (("findings", "list", "--as-of", "then"), "--as-of then"),
                            (("findings", "list", "--as-of", "2999-01-01"), "still to come"),
                            (("findings", "trend", "--from", "2026-01-02", "--to", "2026-01-01"), "after --to"),
                            (("findings", "trend", "is:opn"), "nothing is 'opn'"),
                            (("findings", "report", "--sla", "high=x"), "high=30"),
                            (("findings", "report", "--format", "sarif"), "sarif")):
            with self.subTest(words=words):
                self.assertIn(said, self.run_merlon(*words, code=2).stderr)

    def test_a_worker_stops_when_it_is_told_to(self):
        self.write("a.sarif", sarif([("a.py", 3, "eval(x)")]))
        self.run_merlon("import", "a.sarif")
        child = subprocess.Popen([MERLON, "worker"], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True)
        self.addCleanup(child.kill)
        for _ in range(600):
            if len(self.answer("jobs", "list", "--state", "done")) == 2:  # what the clock asks for
                break
            time.sleep(0.1)
        child.send_signal(signal.SIGTERM)
        out, errors = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 0, errors)
        self.assertIn("2 jobs done", out)

    def test_webhooks_hear_of_events(self):
        heard = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *words):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}/hook"
        self.write("first.sarif", sarif([]))
        self.run_merlon("import", "first.sarif")
        self.run_merlon("webhooks", "add", "chat", url, "--event", "import", "--event", "job.*", "--secret", "env:HOOK_KEY")
        self.run_merlon("webhooks", "add", "lost", "http://127.0.0.1:1/", "--secret", "file:no-such-key")
        self.write("a.sarif", sarif([("a.py", 3, "eval(x)")]))
        self.run_merlon("import", "a.sarif")
        self.run_merlon("worker", "--idle-exit", code=2)
        self.assertEqual([event["type"] for event in heard], ["import"])
        self.assertEqual(heard[0]["data"]["name"], "a.sarif")
        hooks = {hook["name"]: hook for hook in self.answer("webhooks", "list")}
        self.assertEqual((hooks["chat"]["waiting"], hooks["lost"]["waiting"]), (0, 2))
        self.assertIn("no-such-key", json.dumps(self.answer("jobs", "list", "--kind", "deliver")))
        self.run_merlon("webhooks", "remove", "lost")
        self.assertIn("1 webhook", self.run_merlon("webhooks", "list").stdout)

    def test_moments_and_figures(self):
        self.write("a.sarif", sarif([("a.py", 3, "eval(x)"), ("b.py", 4, "eval(y)")]))
        self.run_merlon("import", "a.sarif")
        time.sleep(1.1)
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))
        time.sleep(0.1)
        self.write("b.sarif", sarif([("a.py", 3, "eval(x)")]))
        self.run_merlon("import", "b.sarif")
        self.assertEqual(self.answer("findings", "list")["count"], 1)
        then = self.answer("findings", "list", "--as-of", moment)
        self.assertEqual([(row["path"], row["open"]) for row in then["findings"]], [("b.py", True), ("a.py", True)])
        shown = self.answer("findings", "show", "2", "--as-of", moment)
        self.assertEqual((shown["detection"], shown["presences"][0]["state"]), ("present", "present"))
        self.assertIn("closed", self.run_merlon("findings", "show", "2").stdout)
        self.run_merlon("findings", "show", "2", "--as-of", "1d", code=2)
        days = self.answer("findings", "trend", "--from", "2d")["days"]
        self.assertEqual(len(days), 3)
        self.assertEqual((days[2]["open"], days[2]["new"], days[2]["fixed"]), (1, 2, 1))
        csv = self.run_merlon("findings", "trend", "--format", "csv", "path:a.py").stdout.splitlines()
        self.assertEqual(csv[0], "day,open,critical,high,medium,low,info,new,reopened,fixed,decided")
        self.assertEqual(csv[-1].split(",")[1:], ["1", "0", "0", "1", "0", "0", "1", "0", "0", "0"])
        self.write(".merlon.yaml", "version: 1\nfindings:\n  sla: [high=12]\n")
        report = self.answer("findings", "report")
        self.assertEqual((report["bySeverity"]["high"]["slaDays"], report["all"]["open"], report["all"]["fixedInTime"]), (12, 1, 1))
        self.assertIn("overdue", self.run_merlon("findings", "report", "--format", "csv").stdout)
        self.assertIn("OVERDUE", self.run_merlon("findings", "report").stdout)
        self.write(".merlon.yaml", "version: 1\nfindings:\n  sla: [hgh=12]\n")
        self.assertIn(".merlon.yaml:3", self.run_merlon("findings", "report", code=2).stderr)


if __name__ == "__main__":
    MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
