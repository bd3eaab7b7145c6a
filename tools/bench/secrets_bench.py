#!/usr/bin/env python3
"""Wall time, processor time and peak memory of gitleaks 8.30.1 and `merlon compat gitleaks` on the
same trees, with the same threads and the same rules; kingfisher beside them where it is installed.

Results are compared first: a ratio stands only behind equal findings. Trees: the source modules of
tools/parity, or MERLON_PARITY_TREES=dir1:dir2. Each time is the median of --rounds runs. Prints a
markdown table and the ratios. Exit code: 0, 1 where findings differ, 2 without gitleaks.
"""

import argparse
import collections
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools", "parity"))
import compare  # noqa: E402
import gitleaks_parity as parity  # noqa: E402

WORK = os.path.join(ROOT, "build", "bench")


def measure(command, rounds, environment):
    """Median wall seconds, processor seconds and the largest resident MiB of `rounds` runs."""
    walls, processor, memory = [], [], 0
    for _ in range(rounds):
        start = time.monotonic()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=environment) as child:
            _, _, usage = os.wait4(child.pid, 0)
            child.returncode = 0
        walls.append(time.monotonic() - start)
        processor.append(usage.ru_utime + usage.ru_stime)
        memory = max(memory, usage.ru_maxrss / 1024)
    return statistics.median(walls), statistics.median(processor), memory


def tree_bytes(tree):
    total = 0
    for folder, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                total += os.path.getsize(path)
    return total


def read(path):
    if not os.path.exists(path):
        return None
    with open(path, "rb") as f:
        return f.read()


def places(data):
    return {(r["File"], r["StartLine"], r["Secret"]) for r in json.loads(data or b"[]")}


def kingfisher_places(program, tree):
    """(path, line, secret) of kingfisher's findings; its report is one JSON object for each line."""
    done = subprocess.run([program, "scan", tree, "--no-validate", "--jobs", "2", "--format",
                           "jsonl", "--no-update-check"], capture_output=True, check=False)
    found = set()
    for line in done.stdout.splitlines():
        try:
            row = json.loads(line)["finding"]
            found.add((row["path"], row["line"], row["snippet"]))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--merlon", default=f"{ROOT}/build/release/merlon compat gitleaks")
    parser.add_argument("--peer", default=os.path.join(ROOT, "build/peers/bin/gitleaks"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    merlon = options.merlon.split()
    kingfisher = os.path.join(ROOT, "build/peers/kingfisher/bin/kingfisher")
    cache = parity.go_output("env", "GOMODCACHE")
    if not os.access(options.peer, os.X_OK) or not cache:
        print("bench: gitleaks 8.30.1 or Go is absent; run tools/peers.sh")
        return 2
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    config = os.path.join(cache, parity.PEER_MODULE, "config", "gitleaks.toml")
    environment = {**os.environ, "GOMAXPROCS": str(options.threads)}
    rows, ratios, differ = [], [], False
    for tree in parity.find_trees(cache, False):
        common = ["dir", tree, "-c", config, "--no-banner", "--exit-code", "0"]
        reports = [os.path.join(WORK, name) for name in ("gitleaks.json", "merlon.json")]
        peer = [options.peer, *common, "-r", reports[0]]
        ours = [*merlon, *common, "--threads", str(options.threads), "-r", reports[1]]
        theirs = measure(peer, options.rounds, environment)
        mine = measure(ours, options.rounds, environment)
        data = [read(r) for r in reports]
        counts = [compare.json_rows(d) if d else collections.Counter() for d in data]
        equal, missing, extra = compare.difference(*counts)
        same = data[0] is not None and data[1] is not None and not missing and not extra
        differ |= not same
        ratio = theirs[0] / mine[0]
        ratios.append(ratio)
        megabytes = tree_bytes(tree) / 1e6
        other = "-"
        if os.access(kingfisher, os.X_OK):
            start = time.monotonic()
            found = kingfisher_places(kingfisher, tree)
            seconds = time.monotonic() - start
            known = places(data[1])
            other = (f"{megabytes / seconds:.0f} MB/s; {len(found & known)} in both, "
                     f"{len(found - known)} only its, {len(known - found)} only ours")
        verdict = f"{equal} equal" if same else (
            f"DIFFER: {sum(missing.values())} missing, {sum(extra.values())} extra")
        rows.append(f"| {os.path.basename(tree)} | {megabytes:.1f} | {verdict} | {theirs[0]:.2f} | "
                    f"{mine[0]:.2f} | {ratio:.1f} | {theirs[1]:.2f} | {mine[1]:.2f} | "
                    f"{theirs[2]:.0f} | {mine[2]:.0f} | {megabytes / mine[0]:.0f} | {other} |")
        print(rows[-1], flush=True)
    print("\n| tree | MB | findings | gitleaks s | merlon s | ratio | gitleaks CPU s | merlon CPU s "
          "| gitleaks MiB | merlon MiB | merlon MB/s | kingfisher |")
    print("|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|---|")
    print("\n".join(rows))
    if ratios:
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        print(f"\ngitleaks/merlon wall time: {mean:.1f} (geometric mean), {min(ratios):.1f} lowest; "
              f"{options.threads} threads, median of {options.rounds}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
