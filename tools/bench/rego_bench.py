#!/usr/bin/env python3
"""Speed of our Rego beside OPA 1.22.2 and regorus 0.11 (interpreter and machine).

  rego_bench.py [--only REGEX] [--rounds N] [--seconds S] [--engines LIST] [--quick] [--cpu] [--cases DIR]

Each workload of rego_cases.py is answered by every engine first; what an engine answers otherwise than OPA
is out of its ratio, and ours answering otherwise is an error. Then they take turns, one process each:
evaluations a second over inputs that have been read, with one thread and with two. Beside them: the resident
memory with the data loaded, the calls of malloc in our machine, and how far a plain loop scales with two
threads here. Last, the start of `merlon policy eval` beside `opa eval` and an empty static program.

Exit code: 0; 1 where ours answers otherwise than OPA; 2 where a runner is missing.
"""

import argparse
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rego_cases  # noqa: E402  pylint: disable=wrong-import-position

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PEERS = os.path.join(ROOT, "build", "peers", "bin")
ENGINES = ("merlon", "opa", "interpreter", "machine")
CORPORA = os.environ.get("MERLON_CORPORA", os.path.join(os.path.dirname(ROOT), "shared", "corpora"))


def command(engine, options):
    if engine == "merlon":
        return [options.runner]
    if engine == "opa":
        return [options.go_runner]
    return [options.rust_runner, engine]


def run(engine, options, *words):
    """The lines of JSON that a runner prints, or a text of what was wrong."""
    try:
        done = subprocess.run([*command(engine, options), *words], capture_output=True, timeout=options.timeout,
                              check=False)
    except subprocess.TimeoutExpired:
        return f"no answer in {options.timeout:.0f} s"
    if done.returncode != 0:
        return (done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}").split("\n")[0][:200]
    return [json.loads(line) for line in done.stdout.splitlines()]


def ordered(value):
    """Sets are arrays here, in an order that engines choose: arrays are compared as they would be sorted."""
    if isinstance(value, list):
        return sorted((ordered(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    if isinstance(value, dict):
        return {key: ordered(one) for key, one in value.items()}
    return value


def difference(ours, theirs):
    """What the first answer is that differs; empty: none does."""
    for name in ("error", "text"):
        if name in ours or name in theirs:
            shown = [one.get("text", one.get("error", "answers")).replace("\n", " ")[:160] for one in (ours, theirs)]
            return f"{shown[0]} against {shown[1]}"
    for number, (left, right) in enumerate(zip(ours["answers"], theirs["answers"])):
        if left != right and ordered(left) != ordered(right):
            return f"input {number}: {json.dumps(left)[:140]} against {json.dumps(right)[:140]}"
    return "" if len(ours["answers"]) == len(theirs["answers"]) else "another number of answers"


class Row:
    def __init__(self, case):
        self.case, self.rates, self.twos, self.resident, self.notes = case, {}, {}, {}, []
        self.allocations, self.scaling, self.plain = None, None, None
        self.is_wrong = False

    def measure(self, path, options):
        answers = {engine: run(engine, options, "answer", path) for engine in options.engines}
        reference = answers.get("opa")
        if reference is None or isinstance(reference, str):
            self.notes.append(f"{self.case.name}: opa: {reference}")
            return
        able = []
        for engine, answer in answers.items():
            why = answer if isinstance(answer, str) else difference(answer[0], reference[0])
            if not why and "error" in reference[0]:
                why = f"nothing: {reference[0].get('text', '')}"
            if why:
                self.notes.append(f"{self.case.name}: {engine} answers otherwise: {why}")
                self.is_wrong = self.is_wrong or engine == "merlon"
            else:
                able.append(engine)
        rates, twos, plain = {}, {}, {1: [], 2: []}
        for _ in range(options.rounds):
            for engine in able:
                for threads, kept in ((1, rates), (2, twos)):
                    if threads == 2 and engine not in ("merlon", "opa"):
                        continue
                    found = run(engine, options, "time", path, str(options.seconds), str(threads))
                    if isinstance(found, str):
                        self.notes.append(f"{self.case.name}: {engine}: {found}")
                        continue
                    one = found[0]
                    spent = one["cpu_seconds" if options.cpu else "seconds"] / (threads if options.cpu else 1)
                    kept.setdefault(engine, []).append(one["evaluations"] / max(spent, 0.001))
                    if threads == 1:
                        self.resident[engine] = one["resident_bytes"]
                    if engine == "merlon":
                        plain[threads].append(one["plain_rounds"] / one["plain_seconds"])
                        self.allocations = one["allocations"] / one["evaluations"]
        self.rates = {engine: statistics.median(all_) for engine, all_ in rates.items()}
        self.twos = {engine: statistics.median(all_) for engine, all_ in twos.items()}
        if "merlon" in self.twos:
            # Of the rounds that the rest of the machine disturbed least: a host that takes a processor away for
            # one of six runs would be seen as threads that stand in each other's way.
            self.scaling = max(twos["merlon"]) / max(rates["merlon"])
            self.plain = max(plain[2]) / max(plain[1])


def geometric_mean(values):
    values = list(values)
    return math.exp(statistics.fmean(map(math.log, values))) if values else float("nan")


def readable(rate):
    if rate is None:
        return "-"
    return f"{rate / 1e6:.2f} M" if rate >= 1e6 else f"{rate / 1e3:.1f} k" if rate >= 1e4 else f"{rate:.0f}"


def ratio(row, engine):
    ours, theirs = row.rates.get("merlon"), row.rates.get(engine)
    return ours / theirs if ours and theirs else None


def best_of_regorus(row):
    rates = [row.rates[engine] for engine in ("interpreter", "machine") if engine in row.rates]
    return row.rates["merlon"] / max(rates) if rates and "merlon" in row.rates else None


def print_table(groups, options):
    print("\nEvaluations a second with one thread; where a row stands for several policies, geometric means.\n")
    print("| workload | " + " | ".join(options.engines) + " | x OPA | x regorus | malloc an evaluation |")
    print("|---|" + "--:|" * (len(options.engines) + 3))
    opa_ratios, regorus_ratios = [], []
    for name, rows in groups.items():
        cells = []
        for engine in options.engines:
            rates = [row.rates[engine] for row in rows if engine in row.rates]
            cells.append(readable(geometric_mean(rates)) + (f" ({len(rates)})" if len(rates) > 1 else "")
                         if rates else "-")
        over_opa = [one for one in (ratio(row, "opa") for row in rows) if one]
        over_regorus = [one for one in (best_of_regorus(row) for row in rows) if one]
        opa_ratios += [geometric_mean(over_opa)] if over_opa else []
        regorus_ratios += [geometric_mean(over_regorus)] if over_regorus else []
        worst = max((row.allocations for row in rows if row.allocations is not None), default=float("nan"))
        shown = [f"{geometric_mean(all_):.1f}" if all_ else "-" for all_ in (over_opa, over_regorus)]
        print(f"| {name} | " + " | ".join(cells) + f" | {shown[0]} | {shown[1]} | {worst:.2f} |")
    print(f"| geometric mean | " + " | ".join("" for _ in options.engines) +
          f" | {geometric_mean(opa_ratios):.1f} | {geometric_mean(regorus_ratios):.1f} | |")
    for name, rows in groups.items():
        if any("large" in row.case.name for row in rows):
            print(f"\nResident memory with {name} loaded: " + ", ".join(
                f"{engine} {size / 1e6:.0f} MB" for engine, size in rows[0].resident.items()))
    if options.cpu:
        return  # seconds of a processor say nothing of how many there are
    print("\n| workload | 2 threads over 1, merlon | the same, a plain loop | share of it | 2 threads over 1, opa |")
    print("|---|--:|--:|--:|--:|")
    for name, rows in groups.items():
        scaled = [row for row in rows if row.scaling]
        if not scaled:
            continue
        ours, plain = (geometric_mean(getattr(row, what) for row in scaled) for what in ("scaling", "plain"))
        opa = geometric_mean(row.twos["opa"] / row.rates["opa"] for row in scaled if row.twos.get("opa"))
        print(f"| {name} | {ours:.2f} | {plain:.2f} | {ours / plain:.2f} | {opa:.2f} |")



# --- the command line ----------------------------------------------------------------------------------

def start_of(words, times):
    spent = []
    for _ in range(times):
        before = time.perf_counter()
        subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        spent.append(time.perf_counter() - before)
    return statistics.median(spent) * 1000


def cold_start(folder, options):
    source, empty = os.path.join(folder, "empty.c"), os.path.join(folder, "empty")
    with open(source, "w", encoding="utf-8") as file:
        file.write("int main(void) { return 0; }\n")
    if subprocess.run(["gcc", "-O2", "-static", "-o", empty, source], check=False).returncode != 0:
        return
    policy = os.path.join(rego_cases.POLICIES, "services.rego")
    given = os.path.join(folder, "input.json")
    with open(given, "w", encoding="utf-8") as file:
        json.dump({"method": "GET", "path": ["public", "prices"]}, file)
    words = ["-d", policy, "-i", given, "data.bench.allow"]
    floor = start_of([empty], 101)
    for name, program, verb, times in (("merlon policy eval", options.merlon, ["policy", "eval"], 101),
                                       ("opa eval", options.opa, ["eval"], 15)):
        if os.access(program, os.X_OK):
            spent = start_of([program, *verb, *words], times)
            print(f"cold start: {name} {spent:.2f} ms, {spent - floor:.2f} ms above an empty static program")
        else:
            print(f"note: cold start: {program} is absent")


def crate_folder():
    """Where cargo keeps the sources of regorus; empty: nowhere."""
    manifest = os.path.join(ROOT, "bench", "rego", "rust", "Cargo.toml")
    done = subprocess.run(["cargo", "metadata", "--format-version", "1", "--locked", "--manifest-path", manifest],
                          capture_output=True, check=False)
    if done.returncode != 0:
        return ""
    for package in json.loads(done.stdout)["packages"]:
        if package["name"] == "regorus":
            return os.path.dirname(package["manifest_path"])
    return ""


def all_cases(folder, options):
    sources = [("ACI policy", lambda: rego_cases.aci(crate_folder())),
               ("library templates", lambda: rego_cases.gatekeeper(os.path.join(CORPORA, "gatekeeper-library"))),
               ("trivy-checks", lambda: rego_cases.trivy(os.path.join(CORPORA, "trivy-checks"))),
               ("admission", rego_cases.admission), ("service", rego_cases.services), ("RBAC", rego_cases.rbac),
               ("group-by", rego_cases.groups), ("regex and glob lists", rego_cases.patterns),
               ("large data", lambda: rego_cases.large(folder))]
    for name, make in sources:
        if name == "large data" and (options.quick or not re.search(options.only, "large data")):
            continue
        try:
            yield from make()
        except (OSError, AttributeError, StopIteration) as error:
            print(f"note: {name}: left out: {error}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", default="", help="regular expression over workloads and cases")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.5, help="measured in each process")
    parser.add_argument("--engines", type=lambda text: text.split(","), default=list(ENGINES))
    parser.add_argument("--quick", action="store_true", help="without the large data and the cold start")
    parser.add_argument("--timeout", type=float, default=120.0)
    parser.add_argument("--cpu", action="store_true", help="evaluations a second of processor time: for a busy machine")
    parser.add_argument("--cases", help="keeps the case files in this folder")
    parser.add_argument("--runner", default=os.path.join(ROOT, "build/release/rego_bench_runner"))
    parser.add_argument("--go-runner", default=os.path.join(PEERS, "rego_bench_go"))
    parser.add_argument("--rust-runner", default=os.path.join(PEERS, "rego_bench_rust"))
    parser.add_argument("--merlon", default=os.path.join(ROOT, "build/release/merlon"))
    parser.add_argument("--opa", default=os.path.join(PEERS, "opa"))
    options = parser.parse_args()
    for engine in options.engines:
        if not os.access(command(engine, options)[0], os.X_OK):
            print(f"rego_bench: {command(engine, options)[0]} is absent; run tools/peers.sh rego, build rego_bench_runner")
            return 2
    groups, load = {}, os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.cases or scratch
        os.makedirs(folder, exist_ok=True)
        for case in all_cases(scratch, options):
            if not re.search(options.only, f"{case.group}/{case.name}"):
                continue
            path = os.path.join(folder, re.sub(r"[^\w-]", "_", case.name) + ".case.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(case.body, file)
            row = Row(case)
            row.measure(path, options)
            groups.setdefault(case.group, []).append(row)
            shown = " ".join(f"{engine} {readable(rate)}" for engine, rate in row.rates.items())
            over = ratio(row, "opa")
            print(f"{case.name}: {shown}" + (f"; x OPA {over:.1f}" if over else ""), flush=True)
        print_table(groups, options)
        if not options.quick:
            cold_start(scratch, options)
    rows = [row for all_ in groups.values() for row in all_]
    for row in rows:
        for note in row.notes:
            print("note:", note)
    print(f"load of the machine: {load:.2f} before, {os.getloadavg()[0]:.2f} after")
    return 1 if any(row.is_wrong for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
