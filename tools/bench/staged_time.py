#!/usr/bin/env python3
"""Time of a staged scan of ten lines in a repository of 100,000 files.

    tools/bench/staged_time.py [--merlon PATH] [--peer PATH] [--runs N]

Makes the repository with git fast-import, stages ten lines with a secret, checks that it is found, and runs in
turns: the staged scan, a scan of an empty folder (the start of the process and its rules, which every command
pays), `git diff --cached`, and gitleaks's `git --staged` where it is installed. Printed are wall and processor
time, smallest and median; "our own" is the staged scan's processor time less that of the empty folder. Exit
code: 0 within the targets (5 ms our own, 30 ms wall, both by the smallest), 1 beyond them.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILES = 100_000
TARGET_OWN_MS = 5
TARGET_WALL_MS = 30
QUIET = dict(os.environ, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull)


def make(folder):
    text = "x = 1\n" * 10
    stream = ["commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 5\nmany\n"]
    stream += [f"M 100644 inline d{i // 1000:03}/s{i // 50 % 20:02}/file{i:06}.c\n"
               f"data {len(text) + 7}\n{i:06}\n{text}\n" for i in range(FILES)]

    def git(*words, **options):
        subprocess.run(["git", "-C", folder, *words], check=True, env=QUIET, **options)

    git("init", "-q", "-b", "main")
    git("fast-import", "--quiet", input="".join(stream).encode())
    git("reset", "-q", "--hard")
    with open(os.path.join(folder, "d042/s07/file042350.c"), "w", encoding="utf-8") as file:
        file.write("".join(f"changed {i}\n" for i in range(9)) + "key = 'AK" + "IAQ3EGVK7XWD5TZN2B'\n")
    git("add", "d042/s07/file042350.c")


def run(words, folder):
    """Wall and processor time in ms, exit code, output."""
    read, write = os.pipe()
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        os.dup2(write, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.chdir(folder)
        os.execvpe(words[0], words, QUIET)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        output = pipe.read()
    _, status, usage = os.wait4(child, 0)
    wall = (time.monotonic() - begin) * 1000
    return wall, (usage.ru_utime + usage.ru_stime) * 1000, os.waitstatus_to_exitcode(status), output


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--merlon", default=os.path.join(ROOT, "build", "release", "merlon"))
    parser.add_argument("--peer", default=os.path.join(ROOT, "build", "peers", "bin", "gitleaks"))
    parser.add_argument("--runs", type=int, default=31)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
        make(folder)
        commands = {
            "staged scan": ([options.merlon, "scan", "secrets", "--staged"], folder),
            "empty folder": ([options.merlon, "scan", "secrets", empty], empty),
            "git diff --cached": (["git", "diff", "--cached", "-U0"], folder),
        }
        if os.path.exists(options.peer):
            commands["gitleaks --staged"] = ([options.peer, "git", "--staged", "--no-banner", "-v", "."], folder)
        for name in ("staged scan", "gitleaks --staged"):
            if name in commands:
                _, _, code, output = run(*commands[name])
                if code != 1 or b"file042350.c" not in output:
                    sys.exit(f"staged_time: {name} did not find the secret (exit code {code})")
        times = {name: [] for name in commands}
        for _ in range(options.runs):
            for name, command in commands.items():
                times[name].append(run(*command)[:2])
    for name, pairs in times.items():
        walls, cpus = zip(*pairs)
        print(f"{name:18} wall {min(walls):6.1f} ms smallest, {statistics.median(walls):6.1f} median; "
              f"processor {min(cpus):6.1f} smallest, {statistics.median(cpus):6.1f} median")
    own = [min(cpu for _, cpu in times["staged scan"]) - min(cpu for _, cpu in times["empty folder"]),
           statistics.median(cpu for _, cpu in times["staged scan"]) -
           statistics.median(cpu for _, cpu in times["empty folder"])]
    wall = min(wall for wall, _ in times["staged scan"])
    print(f"our own time after the start: {own[0]:.1f} ms by the smallest, {own[1]:.1f} by the medians "
          f"(target {TARGET_OWN_MS}); wall {wall:.1f} ms (target {TARGET_WALL_MS}); {options.runs} runs in turns")
    return 0 if own[0] <= TARGET_OWN_MS and wall <= TARGET_WALL_MS else 1


if __name__ == "__main__":
    sys.exit(main())
