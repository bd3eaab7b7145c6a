#!/usr/bin/env python3
"""How long one edited file takes until the program is built again: relink_time.py [FILE…]

Appends a line to each file (default: some of every floor), builds the program of the release preset as
`tools/build.sh` does, restores the file, and prints the seconds with what they went to. The compiler's cache
is off, so that an edit costs what a new edit costs. Wants a built tree and an otherwise quiet machine.
"""

import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
DEFAULT = ["src/base/result.cpp", "src/text/toml.cpp", "src/match/pattern_set.cpp", "src/secrets/examine.cpp",
           "src/connect/git/object_database.cpp", "src/scan/history_findings.cpp", "src/scan/document_findings.cpp",
           "src/exchange/sarif.cpp", "src/compat/gitleaks/run.cpp", "src/cli/scan_command.cpp", "src/main.cpp"]
LONGEST_SHOWN = 4


def build():
    # By ninja itself: the steps are read from its log.
    environment = dict(os.environ, CCACHE_DISABLE="1")
    began = time.monotonic()
    done = subprocess.run(["ninja", "-C", BUILD, "merlon"], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout[-2000:] + done.stderr)
    return time.monotonic() - began


def steps_of_last_build(log_size):
    """[(seconds, output)] of what ninja wrote behind `log_size`, the longest first."""
    with open(BUILD / ".ninja_log") as log:
        log.seek(log_size)
        lines = [line.split("\t") for line in log if not line.startswith("#")]
    steps = {line[3]: (int(line[1]) - int(line[0])) / 1000 for line in lines if len(line) >= 4}
    return sorted(((seconds, pathlib.Path(name).name) for name, seconds in steps.items()), reverse=True)


def measure(path):
    before = path.read_bytes()
    log_size = (BUILD / ".ninja_log").stat().st_size
    try:
        path.write_bytes(before + b"\n// edited\n")
        seconds = build()
        steps = steps_of_last_build(log_size)
    finally:
        path.write_bytes(before)
    build()  # so that the next file finds nothing left to do
    shown = ", ".join(f"{name} {step:.1f}" for step, name in steps[:LONGEST_SHOWN])
    print(f"{seconds:5.1f} s  {path.relative_to(ROOT)}  ({len(steps)} steps: {shown})", flush=True)
    return seconds


def main(arguments):
    if arguments and arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    if not (BUILD / "build.ninja").is_file():
        print("relink_time: build the release preset first (tools/build.sh release)", file=sys.stderr)
        return 2
    files = [pathlib.Path(word).resolve() for word in arguments] or [ROOT / word for word in DEFAULT]
    build()
    slowest = 0.0
    for path in files:
        slowest = max(slowest, measure(path))
    print(f"slowest {slowest:.1f} s of {len(files)} (target: 5 s)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
