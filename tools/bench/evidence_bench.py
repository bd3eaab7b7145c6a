#!/usr/bin/env python3
"""Measures the evidence store: evidence_bench.py [MERLON PAGES] [--sizes N,N] [--stores sqlite,postgres] [--document N]
[--readers N] [--seconds N] [--folder DIR]

For each store and size: makes SARIF documents of synthetic findings, one for each repository, imports them into a new store, then
the same findings once more from other bytes (all known), and up to 100,000 with every line of each file moved (all moved). Then
pages are read (bench/evidence/pages.cpp): by one reader, and by many while a further import runs. Everything is on: signatures,
presence, words, audit log, fsync. PostgreSQL is a server that the script starts on a socket of this machine.

Prints a table: findings per second of the clock, and in brackets per second of processor time (the server's included), which other
work on the machine changes less; megabytes on the disk per million findings; the largest resident size of an import; milliseconds
of the 99th of a hundred pages of the slowest filter, alone and beside an import. Then each filter by itself, and what others have
published. Exit code 1 where something was not found as it was made.
"""

import argparse
import contextlib
import glob
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, os.path.join(ROOT, "tests/evidence"))
import postgres_server  # noqa: E402

RULES = 40
FILES = 200
MOST_MOVED = 100_000
WORDS = "user query token path html input cache order price stock label group event queue image batch".split()

GOALS = """
| goal | SQLite | PostgreSQL |
|---|---|---|
| new findings/s | 15,000 | 8,000 |
| known findings/s | 50,000 | |
| MB per million | 1,500 | |
| resident MB | 400 | |
| page, 99th of 100, at 1,000,000 | 50 ms | |
"""
PUBLISHED = """
Published by others, on machines of their own:

| | DefectDojo | Dependency-Track |
|---|---|---|
| import | 10,000 findings in some 200 s, 50/s (release notes of 2.53; 600 s before) | a BOM takes more than 30 min (#2857) |
| import of what is known | 10,000 in some 370 s, 27/s (2.53) | |
| a page | 8 s, 30 to 60 s with 5 users (#12872); 10 s at 100,000 findings (#7791) | tens of ms at 100 M, ordered by severity not done in 90 s (ADR-036) |
| disk per million | 20 to 30 GB (sizing of Pro) | |
| memory | 8 GB and a database | 4.5 GB, 16 GB recommended (v4) |
"""


def finding(number, shift):
    rule, file, line = number % RULES, number % FILES, number // FILES * 3 + 1 + shift
    word, other = WORDS[number % len(WORDS)], WORDS[number // 7 % len(WORDS)]
    return {"ruleId": f"rule-{rule}", "level": ("error", "warning", "note")[number % 3],
            "message": {"text": f"The {word} of {other} number {number} reaches a call that runs it as code."},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": f"src/{word}/part{file % 17}/{other}_{file}.py"},
                "region": {"startLine": line, "startColumn": 5, "endLine": line, "endColumn": 60,
                           "snippet": {"text": f"    run({word}, {other}, value_{number}) # {number}"}}}}],
            "partialFingerprints": {"primaryLocationLineHash": f"{number * 2654435761 % (1 << 64):016x}:1"}}


def write_document(path, repository, count, shift, time_stamp):
    run = {"tool": {"driver": {"name": "Bench", "rules": [{"id": f"rule-{i}"} for i in range(RULES)]}},
           "versionControlProvenance": [{"repositoryUri": f"https://git.example/bench/{repository}"}],
           "properties": {"made": time_stamp},
           "results": [finding(number, shift) for number in range(count)]}
    with open(path, "w") as out:
        json.dump({"version": "2.1.0", "runs": [run]}, out)


def run(words):
    """Seconds, what it printed, and its largest resident size in MB."""
    begin = time.monotonic()
    with tempfile.TemporaryFile("w+") as problem:
        child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=problem, text=True)
        with child.stdout:
            out = child.stdout.read()
        _, child.returncode, usage = os.wait4(child.pid, 0)
        problem.seek(0)
        if child.returncode != 0:
            raise SystemExit(f"{words}: {child.returncode}\n{out}{problem.read()}")
    return time.monotonic() - begin, out, usage.ru_maxrss / 1024


class Processor:
    """Seconds of all children, and of the server's processes."""

    def __init__(self, server):
        self.server = None
        if server:
            with open(os.path.join(server.folder, "data/postmaster.pid")) as file:
                self.server = int(file.readline())

    def seconds(self):
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime + (self.of_server() if self.server else 0)

    def of_server(self):
        ticks = 0
        for name in glob.glob("/proc/[0-9]*/stat"):
            with contextlib.suppress(OSError), open(name) as file:
                number, rest = file.read().split(" (", 1)
                fields = rest.rsplit(") ", 1)[1].split()
                if int(number) == self.server:
                    ticks += sum(map(int, fields[11:15]))  # with the children that have ended
                elif int(fields[1]) == self.server:
                    ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")


class Bench:
    def __init__(self, wanted, folder, store, server, total):
        self.wanted, self.folder, self.store, self.server = wanted, folder, store, server
        self.document = min(wanted.document, total)
        self.documents = total // self.document
        self.total = self.documents * self.document
        self.processor = Processor(server)
        self.details, self.resident = [], 0

    def take(self, repository, shift, name, expected):
        path = os.path.join(self.folder, "report.sarif")
        write_document(path, repository, self.document, shift, name)
        used = self.processor.seconds()
        took, out, resident = run([self.wanted.merlon, "import", "--store", self.store, "--format", "json", path])
        self.resident = max(self.resident, resident)
        counts = json.loads(out)[0]["runs"][0]["counts"]
        if counts[expected] != self.document:
            raise SystemExit(f"{name}: {counts[expected]} of {self.document} findings are {expected}")
        return took, self.processor.seconds() - used

    def speed(self, shift, name, expected):
        took = used = 0.0
        for repository in range(self.documents):
            seconds, processor = self.take(repository, shift, name, expected)
            took, used = took + seconds, used + processor
        return f"{self.total / took:,.0f} ({self.total / used:,.0f})"

    def pages(self, readers, seconds, title):
        words = [self.wanted.pages, self.store, str(readers), str(seconds)]
        return title, subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def slowest(self, asked):
        title, child = asked
        out, problem = child.communicate()
        if child.returncode != 0:
            raise SystemExit(f"pages: {problem}")
        rows = [line.split("\t") for line in out.splitlines()]
        self.details += [(title, *row) for row in rows]
        return max(float(row[3]) for row in rows)

    def row(self, kind):
        cells = [kind, f"{self.total:,}", self.speed(0, "new", "new"), self.speed(0, "known", "known")]
        cells.append(self.speed(7, "moved", "moved") if self.total <= MOST_MOVED else "")
        info = json.loads(run([self.wanted.merlon, "store", "info", "--store", self.store, "--format", "json"])[1])
        cells.append(f"{info['bytes'] / self.total:,.0f}")
        cells.append(f"{self.resident:,.0f}")
        cells.append(f"{self.slowest(self.pages(1, self.wanted.seconds, 'alone')):.1f}")
        asked = self.pages(self.wanted.readers, self.wanted.seconds, f"{self.wanted.readers} readers and an import")
        took, _ = self.take(self.documents, 0, "beside readers", "new")
        cells.append(f"{self.slowest(asked):.0f}")
        cells.append(f"{self.document / took:,.0f}")
        cells.append(f"{run([self.wanted.merlon, 'store', 'check', '--store', self.store])[0]:.1f}")
        return cells


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("merlon", nargs="?", default=os.path.join(ROOT, "build/release/merlon"))
    arguments.add_argument("pages", nargs="?", default=os.path.join(ROOT, "build/release/evidence_pages"))
    arguments.add_argument("--sizes", default="10000,100000,1000000")
    arguments.add_argument("--stores", default="sqlite,postgres")
    arguments.add_argument("--document", type=int, default=10_000, help="findings of each document")
    arguments.add_argument("--readers", type=int, default=100, help="beside a running import")
    arguments.add_argument("--seconds", type=int, default=20, help="that pages are read for")
    arguments.add_argument("--folder", help="where to work; default: a temporary folder")
    wanted = arguments.parse_args()
    folder = wanted.folder or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    heads = ["store", "findings", "new/s (processor)", "known/s (processor)", "moved/s (processor)", "MB per million",
             "resident MB", "page ms", "page ms, beside an import", "new/s beside the readers", "check s"]
    print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads), flush=True)
    details = []
    for kind in wanted.stores.split(","):
        for size in map(int, wanted.sizes.split(",")):
            settings = [f"max_connections={wanted.readers + 20}"]
            with postgres_server.running(*settings) if kind == "postgres" else contextlib.nullcontext() as server:
                store = server.new_database("bench") if server else os.path.join(folder, f"s{size}.db")
                bench = Bench(wanted, folder, store, server, size)
                print("| " + " | ".join(bench.row(kind)) + " |", flush=True)
                details += [(kind, f"{bench.total:,}", *row) for row in bench.details]
            for leftover in glob.glob(os.path.join(folder, f"s{size}.db*")):
                os.remove(leftover)
    print(GOALS)
    print("| store | findings | readers | filter | pages | median ms | 99th ms | slowest ms |\n|" + "---|" * 8)
    for row in details:
        print("| " + " | ".join(row) + " |")
    print(PUBLISHED)
    if not wanted.folder:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
