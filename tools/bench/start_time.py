#!/usr/bin/env python3
"""Time from exec to the first open of a scanned file, and the shared objects of the program.

    tools/bench/start_time.py [--merlon PATH] [--runs N]

strace gives the moment of execve and of the openat of the one file below a fresh folder; only these
two calls are traced, so that tracing costs little. The smallest of the runs is what the program
needs, the median what this machine gave it. Exit code: 0 within the targets of the issue (10 ms by the
smallest, 8 shared objects), 1 beyond them, 2 without strace.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET_MS = 10
TARGET_OBJECTS = 8
CALL = re.compile(r"(\d+\.\d+) (execve|openat)\(")


def start_ms(merlon, folder):
    traced = subprocess.run(["strace", "-f", "-ttt", "-e", "trace=execve,openat", merlon, "scan", "secrets",
                             folder, "--format", "json", "--output", os.devnull],
                            capture_output=True, text=True, check=False).stderr
    begin = None
    for line in traced.splitlines():
        if call := CALL.search(line):
            begin = begin or float(call[1])
            if "first.txt" in line:
                return (float(call[1]) - begin) * 1000
    sys.exit(f"start_time: the file was never opened:\n{traced[-2000:]}")


def shared_objects(program):
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return [line.split()[0] for line in listed.splitlines() if "=>" in line or "/ld-" in line]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--merlon", default=os.path.join(ROOT, "build", "release", "merlon"))
    parser.add_argument("--runs", type=int, default=31)
    options = parser.parse_args()
    if not shutil.which("strace"):
        print("start_time: strace is absent (apt-get install strace)")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "first.txt"), "w", encoding="utf-8") as f:
            f.write("x = 1\n")
        times = [start_ms(options.merlon, folder) for _ in range(options.runs)]
    objects = shared_objects(options.merlon)
    print(f"start to first file: {min(times):.1f} ms smallest, {statistics.median(times):.1f} ms median of "
          f"{options.runs}; {len(objects)} shared objects ({', '.join(objects)})")
    return 0 if min(times) <= TARGET_MS and len(objects) <= TARGET_OBJECTS else 1


if __name__ == "__main__":
    sys.exit(main())
