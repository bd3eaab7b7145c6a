#!/usr/bin/env python3
"""Measures the evidence store: evidence_bench.py MERLON [--findings N] [--document N] [--folder DIR] [--postgres]

Makes SARIF documents of synthetic findings, one for each repository, imports them into a new store, then the same findings
once more from other bytes (all known), then with every line of each file moved (all moved), and asks for pages. Prints
findings per second, the store's size per million, the largest resident size of an import, and the slowest of each kind of
page. Everything is on: signatures, presence, audit log, fsync. With --postgres the store is on a server that the script starts
on a socket of this machine, with the settings that it comes with.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/evidence"))
import postgres_server  # noqa: E402

RULES = 40
FILES = 200
WORDS = "user query token path html input cache order price stock label group event queue image batch".split()


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
    begin = time.monotonic()
    child = subprocess.run(words, capture_output=True, text=True)
    if child.returncode != 0:
        raise SystemExit(f"{words}: {child.returncode}\n{child.stdout}{child.stderr}")
    return time.monotonic() - begin, child.stdout


def processor_seconds():
    """Of all children: what a busy machine does not change."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("merlon")
    arguments.add_argument("--findings", type=int, default=100_000)
    arguments.add_argument("--document", type=int, default=10_000, help="findings of each document")
    arguments.add_argument("--folder", help="where to work; default: a temporary folder")
    arguments.add_argument("--postgres", action="store_true")
    wanted = arguments.parse_args()
    folder = wanted.folder or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    with postgres_server.running() if wanted.postgres else contextlib.nullcontext() as server:
        measure(wanted, folder, server.new_database("bench") if server else os.path.join(folder, "s.db"))
    if not wanted.folder:
        shutil.rmtree(folder)


def measure(wanted, folder, store):
    documents = max(1, wanted.findings // wanted.document)
    total = documents * wanted.document
    for name, shift, expected in (("new", 0, "new"), ("known", 0, "known"), ("moved", 7, "moved")):
        seconds, counted, used = 0.0, 0, processor_seconds()
        for repository in range(documents):
            path = os.path.join(folder, "report.sarif")
            write_document(path, repository, wanted.document, shift, name)
            took, out = run([wanted.merlon, "import", "--store", store, "--format", "json", path])
            seconds += took
            counted += json.loads(out)[0]["runs"][0]["counts"][expected]
        if counted != total:
            raise SystemExit(f"{name}: {counted} of {total} findings are {expected}")
        used = processor_seconds() - used
        print(f"{name:6} {total / seconds:10,.0f} findings/s  ({total:,} in {seconds:.2f} s; processor {used:.2f} s, "
              f"{total / used:,.0f} a second)")
    info = json.loads(run([wanted.merlon, "store", "info", "--store", store, "--format", "json"])[1])
    print(f"disk   {info['bytes'] / total:10,.0f} MB per million findings")
    resident = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"memory {resident:10,.0f} MB, the largest process")
    for title, words in (("first page", []), ("a severity", ["sev:high"]), ("a folder", ["path:src/user/**"]),
                         ("a repository", ["repo:git.example/bench/0", "is:open"]), ("a rule", ["rule:rule-3"]),
                         ("a word", ["number 77"]), ("undecided", ["decision:none", "is:open"])):
        times = [run([wanted.merlon, "findings", "list", "--store", store, "--format", "json", *words])[0] * 1000
                 for _ in range(20)]
        print(f"page   {statistics.median(times):10.1f} ms, slowest {max(times):.1f} ms: {title}")
    print(f"check  {run([wanted.merlon, 'store', 'check', '--store', store])[0]:10.2f} s")


if __name__ == "__main__":
    main()
