#!/usr/bin/env python3
"""Workers that are killed: workers_test.py MERLON [--workers N] [--jobs N] [--kills N] [--seed N] [--sqlite]

Many workers take the jobs of one store while some of them are killed (-9) at random moments and others take their place. In the
end each job has had its effect exactly once: each document is analysed once, the audit log tells of it once, and the store is
sound. One webhook hears of each import, in order, with a right signature. `make test` runs a few; the whole is
--workers 10 --jobs 400 --kills 100.
"""

import argparse
import base64
import collections
import hashlib
import hmac
import http.server
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import postgres_server

KEY = "a key that signs in tests"
# One writer at a time: what a busy machine may take for all, and for each job.
MOST_SECONDS, MOST_SECONDS_EACH = 240, 5


class Receiver:
    """A webhook's other end: it refuses a few, and keeps what it took."""

    def __init__(self, chance):
        self.messages, self.wrong, self.refused = [], [], 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                name, at = self.headers["webhook-id"], self.headers["webhook-timestamp"]
                mac = hmac.new(KEY.encode(), f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
                if self.headers["webhook-signature"] != "v1," + base64.b64encode(mac).decode():
                    outer.wrong.append(name)
                is_taken = chance.random() > 0.02
                if is_taken:
                    outer.messages.append((name, json.loads(body)))
                else:
                    outer.refused += 1
                self.send_response(204 if is_taken else 503)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook"


class Fleet:
    def __init__(self, wanted, merlon, folder, store):
        self.wanted, self.merlon, self.folder, self.store = wanted, merlon, folder, store
        self.chance = random.Random(wanted.seed)
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder, "USER": "tester", "HOOK_KEY": KEY}
        self.killed = self.retried = self.seconds = 0

    def run(self, *words, code=0):
        done = subprocess.run([self.merlon, *words, "--store", self.store], cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, timeout=300)
        if done.returncode != code:
            sys.exit(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def jobs(self, state=None):
        words = ["jobs", "list", "--format", "json", "--limit", "10000"] + (["--state", state] if state else [])
        return json.loads(self.run(*words))

    def queue(self):
        """Ten repositories; each document has findings of its own."""
        names = []
        for number in range(self.wanted.jobs):
            results = [{"ruleId": "r", "message": {"text": f"text {number} {i}"}, "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": f"src/f{number}.py"},
                "region": {"startLine": i + 1, "snippet": {"text": f"call_number({number}, {i})"}}}}]} for i in range(20)]
            name = f"report{number}.sarif"
            with open(os.path.join(self.folder, name), "w") as out:
                json.dump({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Tool"}}, "results": results}]}, out)
            names.append(name)
        for repository in range(10):
            part = names[repository::10]
            if part:
                self.run("import", "--queue", "--repository", f"shop{repository}", "--coverage", "partial", *part)
        return names

    def start(self):
        # Nobody reads while it works: what it says goes into a file, and not into a pipe that fills.
        with open(os.path.join(self.folder, "workers.log"), "a") as log:
            return subprocess.Popen([self.merlon, "worker", "--lease", "3", "--store", self.store], cwd=self.folder,
                                    env=self.environment, stdout=subprocess.DEVNULL, stderr=log)

    def work(self):
        workers = [self.start() for _ in range(self.wanted.workers)]
        begun = time.monotonic()
        end = begun + MOST_SECONDS + MOST_SECONDS_EACH * self.wanted.jobs
        try:
            while time.monotonic() < end:
                if self.killed < self.wanted.kills:
                    time.sleep(self.chance.uniform(0.02, 0.3))
                    place = self.chance.randrange(len(workers))
                    workers[place].send_signal(signal.SIGKILL)
                    workers[place].wait()
                    self.killed += 1
                    workers[place] = self.start()
                    continue
                time.sleep(1)
                self.retry_failed()
                if not [job for state in ("waiting", "running") for job in self.jobs(state)]:
                    self.seconds = time.monotonic() - begun
                    return
            left = collections.Counter(f"{job['kind']} {job['state']}" for job in self.jobs())
            sys.exit(f"the jobs did not end in {end - begun:.0f} s: {dict(left)}")
        finally:
            for worker in workers:
                worker.send_signal(signal.SIGTERM)
            for worker in workers:
                worker.wait(timeout=60)
                if worker.returncode != 0:
                    with open(os.path.join(self.folder, "workers.log")) as log:
                        sys.exit(f"a worker that was told to stop ended with {worker.returncode}\n{log.read()[-4000:]}")

    def retry_failed(self):
        """A job that five workers have died of is given to no other: it may be its fault. Who kills them knows better."""
        for job in self.jobs("failed"):
            if "stopped answering" in job.get("outcome", ""):
                self.run("jobs", "retry", str(job["id"]))
                self.retried += 1

    def check(self, names, receiver):
        imports = [job for job in self.jobs() if job["kind"] == "import"]
        wrong = [job for job in imports if job["state"] != "done"]
        if wrong or len(imports) != len(names):
            sys.exit(f"{len(wrong)} jobs did not end well: {wrong[:2]}")
        info = json.loads(self.run("store", "info", "--format", "json"))
        expected = (len(names), len(names), 20 * len(names))
        if (info["documents"], info["analyses"], info["findings"]) != expected:
            sys.exit(f"documents, analyses and findings are {info}, expected {expected}")
        events = json.loads(self.run("audit", "log", "--format", "json", "--limit", "100000"))
        told = [json.loads(event["body"])["name"] for event in events if event["kind"] == "import"]
        if sorted(told) != sorted(names):
            sys.exit(f"{len(told)} imports are in the audit log, {len(names)} were asked for")
        self.run("store", "check")
        if receiver.wrong:
            sys.exit(f"{len(receiver.wrong)} signatures are wrong")
        # At least once, and in order but for what was sent again.
        heard = list(dict.fromkeys(name for name, _ in receiver.messages))
        numbers = {name: body["event"] for name, body in receiver.messages}
        order = [numbers[name] for name in heard]
        expected = [event["seq"] for event in events if event["kind"] == "import"]
        if order != expected:
            sys.exit(f"the webhook heard of {len(order)} events, {len(expected)} were to tell")
        taken_again = sum(job["attempts"] > 1 for job in imports)
        print(f"{len(names)} jobs, {self.wanted.workers} workers, {self.killed} killed: {taken_again} jobs were taken again, "
              f"{self.retried} retried by hand, each had its effect once, in {self.seconds:.0f} s; "
              f"{len(receiver.messages)} deliveries of {len(order)} events, {receiver.refused} refused")


def fleet(wanted, folder, store):
    made = Fleet(wanted, os.path.abspath(wanted.merlon), folder, store)
    receiver = Receiver(random.Random(wanted.seed + 1))
    names = made.queue()
    made.run("webhooks", "add", "hook", receiver.url(), "--event", "import", "--secret", "env:HOOK_KEY")
    made.work()
    made.check(names, receiver)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("merlon")
    arguments.add_argument("--workers", type=int, default=4)
    arguments.add_argument("--jobs", type=int, default=30)
    arguments.add_argument("--kills", type=int, default=8)
    arguments.add_argument("--seed", type=int, default=5)
    arguments.add_argument("--sqlite", action="store_true")
    wanted = arguments.parse_args()
    folder = tempfile.mkdtemp()
    try:
        if wanted.sqlite:
            fleet(wanted, folder, os.path.join(folder, "s.db"))
        else:
            with postgres_server.running() as server:
                fleet(wanted, folder, server.new_database("fleet"))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
