#!/usr/bin/env python3
"""One report whatever the number of threads: history_threads.py MERLON [REPOSITORY …] [--runs 20]

`merlon scan secrets --history` runs --runs times with each of 1, 2 and 8 threads, in turn without a cache
and with one that the runs share, and `merlon compat gitleaks git` as often; all reports of one command must
have one SHA-256. Without repositories one is made here. Prints the digests for each repository and
"N passed, N failed".
"""

import argparse
import hashlib
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from repository_check import ENVIRONMENT, Check, git, make_history  # noqa: E402


def made_repository(folder):
    """A history with merges, octopuses and odd clocks, in which some files have lines like passwords."""
    repository = make_history(folder / "made", 5, commits=60)
    chance = random.Random(5)
    for number in range(30):
        text = "".join(chance.choice("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(24))
        (repository / f"s{number % 7}.py").write_text(f"x = {number}\\npassword = '{text}'\\n" * chance.randint(1, 3))
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", f"line {number}", date=f"{1_600_000_000 + number // 3} +0000")
    return repository


def digests(merlon, repository, runs, folder):
    """{command: {SHA-256 of a report: the runs that gave it}}"""
    environment = dict(ENVIRONMENT, HOME=str(folder), XDG_CACHE_HOME=str(folder / "cache"))
    seen = {"native": {}, "compat": {}}
    for run in range(runs):
        for threads in ("1", "2", "8"):
            cache = ["--no-cache"] if run % 2 == 0 else []
            commands = {
                "native": [merlon, "scan", "secrets", "--history", str(repository), "--threads", threads, "--quiet",
                           "--format", "json", *cache],
                "compat": [merlon, "compat", "gitleaks", "git", str(repository), "--threads", threads, "-f", "json",
                           "-r", "-", "-l", "error"],
            }
            for name, command in commands.items():
                done = subprocess.run(command, capture_output=True, env=environment)
                if done.stdout[:1] not in (b"{", b"["):
                    raise RuntimeError(f"no report: {done.stderr.decode()}")
                seen[name].setdefault(hashlib.sha256(done.stdout).hexdigest(), []).append(f"run {run}, {threads} threads")
    return seen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("merlon")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("repositories", nargs="*")
    options = parser.parse_args()
    check = Check(None, False)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for repository in options.repositories or [made_repository(folder)]:
            for command, seen in digests(os.path.abspath(options.merlon), repository, options.runs, folder).items():
                check.expect(f"{repository}: one report, {command}", seen if len(seen) > 1 else 1, 1)
                print(f"{pathlib.Path(repository).parent.name}, {command}: {3 * options.runs} runs, {', '.join(seen)}", flush=True)
    print(f"{check.passed} passed, {check.failed} failed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
