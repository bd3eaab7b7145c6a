#!/usr/bin/env python3
"""Histories: both builds of gitleaks 8.30.1, kingfisher, `git log -p -U0` and the floor beside Merlon.

  history_bench.py [--rounds 3] [--peer-rounds 1] [--threads 2] REPOSITORY …

For each repository, results first: the findings of `merlon compat gitleaks git` are held against those
of gitleaks as multisets, and the report of the native scan is the same with the cache, without it, and
after new commits. Then wall seconds, processor seconds (user and system, children included) and the
largest resident MiB, of a command and what it started together (asked every 5 ms): medians of --rounds
runs, interleaved. "Floor" is bench/git/floor.cpp: every
reachable object inflated and resolved once, with nobody looking. "Again" is the second run, "later" the
second run after the last ten first-parent commits of HEAD arrived; the cache was filled before. Prints a
markdown table. Exit code: 0, 1 where results differ, 2 without gitleaks or git_floor.
"""

import argparse
import collections
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools/parity"))
import compare  # noqa: E402
import gitleaks_parity as parity  # noqa: E402

GIT = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "TZ": "UTC",
       "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "uploadpack.allowAnySHA1InWant", "GIT_CONFIG_VALUE_0": "true",
       "GIT_CONFIG_KEY_1": "safe.directory", "GIT_CONFIG_VALUE_1": "*"}


def processes_of(pid):
    """A process and what it started."""
    found = [pid]
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            for child in pathlib.Path(f"/proc/{pid}/task/{thread}/children").read_text().split():
                found += processes_of(int(child))
    except OSError:
        pass
    return found


def resident_mib(pid):
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0


class Times:
    """Of the runs of one command."""

    def __init__(self):
        self.walls, self.processor, self.memory = [], [], 0

    def add(self, command, environment):
        begin = time.monotonic()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=environment) as child:
            # What the kernel counts begins with this program's own size and knows no sums.
            while True:
                pid, status, usage = os.wait4(child.pid, os.WNOHANG)
                if pid != 0:
                    break
                self.memory = max(self.memory, sum(map(resident_mib, processes_of(child.pid))))
                time.sleep(0.005)
            child.returncode = os.waitstatus_to_exitcode(status)
        self.walls.append(time.monotonic() - begin)
        self.processor.append(usage.ru_utime + usage.ru_stime)

    @property
    def wall(self):
        return statistics.median(self.walls)

    @property
    def cpu(self):
        return statistics.median(self.processor)

    def __str__(self):
        return f"{self.wall:.2f} / {self.cpu:.2f} / {self.memory:.0f}"


class Bench:
    def __init__(self, options, config, folder):
        self.options, self.config, self.folder = options, config, folder
        self.environment = {**os.environ, **GIT, "GOMAXPROCS": str(options.threads)}
        self.differences = []

    def native(self, repository, report, cache):
        return [self.options.merlon, "scan", "secrets", "--history", repository, "--threads", str(self.options.threads),
                "--quiet", "--format", "json", "--output", str(report), *([] if cache else ["--no-cache"])]

    def cached(self, name):
        """An environment with a cache of its own."""
        return {**self.environment, "XDG_CACHE_HOME": str(self.folder / name)}

    def expect_equal(self, what, one, other):
        if one.read_bytes() != other.read_bytes():
            self.differences.append(what)

    def compare_findings(self, repository, name, times):
        common = ["git", repository, "-c", self.config, "--no-banner", "--exit-code", "0", "-l", "error", "-f", "json"]
        reports = [self.folder / f"{name}.{who}.json" for who in ("gitleaks", "merlon")]
        for _ in range(self.options.peer_rounds):
            times["gitleaks"].add([self.options.peer, *common, "-r", str(reports[0])], self.environment)
        for _ in range(self.options.rounds):
            times["compat"].add([self.options.merlon, "compat", "gitleaks", *common, "--threads",
                                 str(self.options.threads), "-r", str(reports[1])], self.cached("rules"))
        if os.access(self.options.re2_peer, os.X_OK):
            times["re2"].add([self.options.re2_peer, *common, "-r", str(self.folder / f"{name}.re2.json")], self.environment)
        counts = [compare.json_rows(r.read_bytes()) if r.exists() else None for r in reports]
        if None in counts:
            self.differences.append(f"{name}: no report")
            return "no report"
        equal, missing, extra = compare.difference(*counts)
        if missing or extra:
            self.differences.append(f"{name}: findings")
            return f"DIFFER: {sum(missing.values())} missing, {sum(extra.values())} extra"
        return f"{equal} equal"

    def git(self, repository, *words):
        return subprocess.run(["git", "-C", str(repository), *words], capture_output=True, text=True, check=True,
                              env=self.environment).stdout.strip()

    def measure_later(self, repository, name, times):
        """The second run after ten commits came, which the first has not seen."""
        ours = self.folder / f"{name}.git"
        commits = self.git(repository, "rev-list", "--first-parent", "-n11", "HEAD").split()
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(ours)], check=True, env=self.environment)
        self.git(ours, "fetch", "-q", repository, f"{commits[-1]}:refs/heads/main")
        reports = [self.folder / f"{name}.{what}.json" for what in ("before", "later", "anew")]
        cache = self.cached(f"cache-later-{name}")
        Times().add(self.native(str(ours), reports[0], True), cache)
        self.git(ours, "fetch", "-q", "--update-head-ok", repository, f"{commits[0]}:refs/heads/main")
        for _ in range(self.options.rounds):
            times["later"].add(self.native(str(ours), reports[1], True), cache)
            times["anew"].add(self.native(str(ours), reports[2], False), self.environment)
        self.expect_equal(f"{name}: later", reports[1], reports[2])
        shutil.rmtree(ours)

    def measure(self, repository):
        name = pathlib.Path(repository).parent.name if repository.endswith("/repo") else pathlib.Path(repository).name
        times = collections.defaultdict(Times)
        findings = self.compare_findings(repository, name, times)
        cold, again = self.folder / f"{name}.cold.json", self.folder / f"{name}.again.json"
        cache = self.cached(f"cache-{name}")
        Times().add(self.native(repository, again, True), cache)
        floors = []
        for _ in range(self.options.rounds):
            times["first"].add(self.native(repository, cold, False), self.environment)
            times["again"].add(self.native(repository, again, True), cache)
            self.expect_equal(f"{name}: again", cold, again)
            times["log"].add(["git", "-C", repository, "log", "-p", "-U0", "--full-history", "--all",
                              "--diff-filter=tuxdb"], self.environment)
            floor = subprocess.run([self.options.floor, repository, str(self.options.threads)], capture_output=True,
                                   text=True, check=True)
            floors.append(float(floor.stdout.splitlines()[-1]))
        self.measure_later(repository, name, times)
        if os.access(self.options.kingfisher, os.X_OK):
            times["kingfisher"].add([self.options.kingfisher, "scan", repository, "--no-validate", "--jobs",
                                     str(self.options.threads), "--format", "json", "--no-update-check",
                                     "--git-history", "full"], self.environment)
        objects = json.loads(cold.read_text())["coverage"]["objects"]["present"]
        return name, objects, findings, statistics.median(floors), times


def print_row(name, objects, findings, floor, times):
    cells = [times[what] if what in times else "-"
             for what in ("first", "again", "later", "anew", "log", "gitleaks", "re2", "compat")]
    kingfisher = times["kingfisher"] if "kingfisher" in times else "-"
    print(f"| {name} | {objects:,} | {floor:.2f} | {' | '.join(map(str, cells))} | {findings} | {kingfisher} |",
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--merlon", default=str(ROOT / "build/release/merlon"))
    parser.add_argument("--floor", default=str(ROOT / "build/release/git_floor"))
    parser.add_argument("--peer", default=str(ROOT / "build/peers/bin/gitleaks"))
    parser.add_argument("--re2-peer", default=str(ROOT / "build/peers/re2/bin/gitleaks"))
    parser.add_argument("--kingfisher", default=str(ROOT / "build/peers/kingfisher/bin/kingfisher"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-rounds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("repositories", nargs="+")
    options = parser.parse_args()
    modules = parity.go_output("env", "GOMODCACHE")
    if not os.access(options.peer, os.X_OK) or not os.access(options.floor, os.X_OK) or not modules:
        print("history_bench: gitleaks, Go or git_floor is absent; run tools/peers.sh, build the target git_floor")
        return 2
    config = os.path.join(modules, parity.PEER_MODULE, "config", "gitleaks.toml")
    rows = []
    print("wall s / CPU s / MiB, floor: CPU s\n")
    print("| repository | objects | floor | native, first | again | later | its first | git log -p | gitleaks | "
          "gitleaks with RE2 | compat gitleaks | findings | kingfisher |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|--:|")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options, config, pathlib.Path(folder))
        for repository in options.repositories:
            rows.append(bench.measure(repository))
            print_row(*rows[-1])
    ratios = {
        "first, CPU, over the floor": [t["first"].cpu / f for *_, f, t in rows],
        "first run over again, CPU": [t["first"].cpu / t["again"].cpu for *_, t in rows],
        "first run over later, CPU": [t["anew"].cpu / t["later"].cpu for *_, t in rows],
        "first, wall, over git log -p": [t["first"].wall / t["log"].wall for *_, t in rows],
        "compat, wall, over git log -p": [t["compat"].wall / t["log"].wall for *_, t in rows],
        "first, CPU, over git log -p": [t["first"].cpu / t["log"].cpu for *_, t in rows],
        "compat, CPU, over git log -p": [t["compat"].cpu / t["log"].cpu for *_, t in rows],
        "gitleaks over compat, wall": [t["gitleaks"].wall / t["compat"].wall for *_, t in rows],
        "gitleaks over compat, CPU": [t["gitleaks"].cpu / t["compat"].cpu for *_, t in rows],
        "gitleaks with RE2 over compat, wall": [t["re2"].wall / t["compat"].wall for *_, t in rows if "re2" in t],
        "kingfisher over first, wall": [t["kingfisher"].wall / t["first"].wall for *_, t in rows if "kingfisher" in t],
        "compat over gitleaks, memory": [t["compat"].memory / t["gitleaks"].memory for *_, t in rows],
    }
    print()
    for what, values in ratios.items():
        if not values:
            continue
        mean = math.exp(statistics.fmean(map(math.log, values)))
        print(f"{what}: {mean:.2f} (geometric mean), {min(values):.2f} to {max(values):.2f}")
    for difference in bench.differences:
        print(f"DIFFERS {difference}")
    return 1 if bench.differences else 0


if __name__ == "__main__":
    sys.exit(main())
