#!/usr/bin/env python3
"""kill -9 at random points: kill_test.py MERLON [--runs N] [--seed N] [--postgres] [--folder DIR]

Runs imports and decisions, alone and two at once on one store, and kills them at a random moment of their life. What a command
had acknowledged before it died must be in the store and in the audit log; what it had not is there whole or not at all; the store
is sound (`store check`) every so often and at the end. `make test` runs a few; the full count is --runs 1000.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import postgres_server

CHECK_EVERY = 40


class Killer:
    def __init__(self, merlon, folder, store, seed):
        self.merlon, self.folder, self.store = merlon, folder, store
        self.chance = random.Random(seed)
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder, "USER": "tester"}
        self.imports, self.decisions = [], []  # that were acknowledged
        self.killed = self.ended = self.refused = 0
        self.seconds = 0.1  # that a command takes, about

    def run(self, *words, code=0):
        done = subprocess.run([self.merlon, *words, "--store", self.store], cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, timeout=300)
        if done.returncode != code:
            sys.exit(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def report(self, number):
        """Of one tool, which changes from run to run: findings come, go and move."""
        count, shift = self.chance.randrange(1, 60), self.chance.randrange(20)
        results = [{"ruleId": f"r{i % 3}", "message": {"text": f"text {i}"}, "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": f"src/f{i % 7}.py"},
            "region": {"startLine": i + 1 + shift, "snippet": {"text": f"    call_number({i}, value_{i})"}}}}]}
            for i in range(count)]
        name = f"report{number}.sarif"
        with open(os.path.join(self.folder, name), "w") as out:
            json.dump({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Tool"}}, "results": results,
                                                     "properties": {"run": number}}]}, out)
        return name

    def start(self, number):
        if self.chance.random() < 0.5 or not self.imports:
            name = self.report(number)
            words, told, kept = ["import", name], b" found", (self.imports, name)
        else:
            verdict = self.chance.choice(("accepted", "will_fix", "false_positive", "none"))
            target = ["1"] if self.chance.random() < 0.7 else ["--rule", f"r{self.chance.randrange(3)}"]
            end = [] if verdict == "none" else ["--until", f"{self.chance.randrange(1, 90)}d"]
            words = ["findings", "decide", *target, "--verdict", verdict, "--reason", f"reason {number}.", *end]
            told, kept = b"(event ", (self.decisions, f"reason {number}.")
        child = subprocess.Popen([self.merlon, *words, "--store", self.store], cwd=self.folder, env=self.environment,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return child, told, kept, time.monotonic()

    def end(self, started, is_killed):
        child, told, kept, begun = started
        if is_killed:
            child.send_signal(signal.SIGKILL)
        output, errors = child.communicate(timeout=300)
        if told in output:
            kept[0].append(kept[1])
        if child.returncode == -signal.SIGKILL:
            self.killed += 1
        elif child.returncode == 0:
            self.ended += 1
            self.seconds = 0.9 * self.seconds + 0.1 * (time.monotonic() - begun)
        else:
            self.refused += 1
            sys.exit(f"a command that nobody killed failed:\n{output.decode()}{errors.decode()}")

    def round(self, number):
        started = [self.start(number)]
        if self.chance.random() < 0.3:
            started.append(self.start(f"{number}b"))
        # Now and then one comes to its end, so that there is something to lose, and its time is known.
        is_killed = self.chance.random() < 0.9
        if is_killed:
            time.sleep(self.chance.uniform(0, self.seconds * 1.1))
        for one in started:
            self.end(one, is_killed)

    def check(self):
        self.run("store", "check")
        events = json.loads(self.run("audit", "log", "--format", "json", "--limit", "100000"))
        told = "\n".join(event["body"] for event in events)
        lost = [name for name in self.imports if f'"{name}"' not in told]
        lost += [reason for reason in self.decisions if f'"{reason}"' not in told]
        if lost:
            sys.exit(f"{len(lost)} acknowledged commands are lost: {lost[:5]}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("merlon")
    arguments.add_argument("--runs", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=22)
    arguments.add_argument("--postgres", action="store_true")
    arguments.add_argument("--folder", help="where the store is; default: a temporary folder")
    wanted = arguments.parse_args()
    folder = tempfile.mkdtemp(dir=wanted.folder)
    try:
        if wanted.postgres:
            with postgres_server.running() as server:
                kill(wanted, folder, server.new_database("killed"))
        else:
            kill(wanted, folder, os.path.join(folder, "s.db"))
    finally:
        shutil.rmtree(folder)


def kill(wanted, folder, store):
    killer = Killer(os.path.abspath(wanted.merlon), folder, store, wanted.seed)
    killer.end(killer.start("first"), False)
    for number in range(wanted.runs):
        killer.round(number)
        if number % CHECK_EVERY == CHECK_EVERY - 1:
            killer.check()
    killer.check()
    print(f"{killer.killed} killed, {killer.ended} ended; {len(killer.imports)} imports and {len(killer.decisions)} decisions "
          f"were acknowledged, and none is lost")


if __name__ == "__main__":
    main()
