#!/usr/bin/env python3
"""Each of Rego's built-in functions with random and edge operands: our answers against OPA 1.22.2's.

  rego_builtins_parity.py [--evaluations N] [--seed S] [--only NAME,…] [--keep FILE] [--show N]

A batch is a file of calls (bench/rego/calls.h says what one is) that each side answers in one process: values as
terms, undefined, or code and text of the error, built-in errors being strict. Operands come from
rego_operands.py: of the function's own domain, of its declared types, and of types that do not fit.

Prints what differs, and what is known to (rego_builtins_explained.py) by reason. Exit code: 0; 1 where something differs
that is not explained, or a reason is not shown by the calls that stand there for it; 2 where a runner is missing.
"""

import argparse
import collections
import json
import os
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rego_builtins_explained  # noqa: E402
import rego_operands  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What no call as a function shows: operators, what the compiler replaces, and what yields nothing.
LEFT_OUT = {
    "assign",
    "eq",
    "print",
    "internal.print",
    "internal.test_case",
    "rego.metadata.chain",
    "rego.metadata.rule",
}
# Values are random there; states and errors are compared.
RANDOM = {"rand.intn", "uuid.rfc4122", "opa.runtime"}


def answers(program, path, count):
    """One for each call; a call in which the program ends has none, and those behind it are asked again."""
    found = []
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    while len(found) < count:
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines[len(found) :])
        done = subprocess.run([program, "calls", path], capture_output=True, check=False)
        found += [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode != 0:
            print(
                f"{os.path.basename(program)} ended with {done.returncode}: {lines[len(found)][:300]}"
                f"{done.stderr.decode(errors='replace')[:300]}",
                flush=True,
            )
            found.append({"error": "ended"})
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)
    return found


class Tally:
    def __init__(self, shown, keep):
        self.shown, self.keep = shown, keep
        self.compared, self.errors, self.undefined = collections.Counter(), 0, 0
        self.different, self.explained = collections.Counter(), collections.Counter()
        self.examples = {}  # the first call of each explanation

    def add(self, call, ours, theirs):
        name = call["name"]
        self.compared[name] += 1
        self.errors += "error" in theirs
        self.undefined += not theirs
        if name in RANDOM and "values" in ours and "values" in theirs:
            return
        if ours == theirs:
            return
        why = rego_builtins_explained.explanation(call, ours, theirs)
        if why:
            self.explained[why] += 1
            self.examples.setdefault(why, call)
            return
        self.different[name] += 1
        if self.different[name] <= self.shown:
            print(
                f"{name}: {json.dumps(call['operands'], ensure_ascii=False)[:500]}\n"
                f"    {json.dumps(ours, ensure_ascii=False)[:500]}\n"
                f"    {json.dumps(theirs, ensure_ascii=False)[:500]} of OPA's",
                flush=True,
            )
        if self.keep:
            self.keep.write(json.dumps({"call": call, "ours": ours, "theirs": theirs}) + "\n")


def stale(programs, path):
    """Reasons that the calls given for them do not show."""
    calls = [(one.reason, call) for one in rego_builtins_explained.EXPLAINED for call in one.calls]
    with open(path, "w", encoding="utf-8") as file:
        for _, call in calls:
            file.write(json.dumps(call) + "\n")
    ours, theirs = (answers(program, path, len(calls)) for program in programs)
    return [
        f"{reason}: {json.dumps(call)} gives {json.dumps(left)} here and {json.dumps(right)} there"
        for (reason, call), left, right in zip(calls, ours, theirs)
        if left == right or rego_builtins_explained.explanation(call, left, right) != reason
    ]


def builtins(go_runner):
    done = subprocess.run([go_runner, "builtins", "-"], capture_output=True, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [one for one in found if one["name"] not in LEFT_OUT]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--evaluations", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="names of functions, with commas between them")
    parser.add_argument("--keep", help="writes the calls that differ to this file")
    parser.add_argument("--show", type=int, default=3, help="differences shown of each function")
    parser.add_argument("--runner", default=os.path.join(ROOT, "build/release/rego_bench_runner"))
    parser.add_argument("--go-runner", default=os.path.join(ROOT, "build/peers/bin/rego_bench_go"))
    options = parser.parse_args()
    for program in (options.runner, options.go_runner):
        if not os.access(program, os.X_OK):
            print(f"rego_builtins_parity: {program} is absent; run tools/peers.sh rego, build rego_bench_runner")
            return 2
    only = set(filter(None, options.only.split(",")))
    functions = [one for one in builtins(options.go_runner) if not only or one["name"] in only]
    rng = random.Random(options.seed)
    keep = open(options.keep, "w", encoding="utf-8") if options.keep else None  # noqa: SIM115
    tally = Tally(options.show, keep)
    batch = 20_000
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "calls.json")
        wrong = stale((options.runner, options.go_runner), path)
        while sum(tally.compared.values()) < options.evaluations:
            calls = []
            for number in range(min(batch, options.evaluations - sum(tally.compared.values()))):
                one = functions[number % len(functions)]
                given = rego_operands.operands(rng, one["name"], one["operands"])
                calls.append({"name": one["name"], "operands": [rego_operands.encode(value) for value in given]})
            with open(path, "w", encoding="utf-8") as file:
                for call in calls:
                    file.write(json.dumps(call) + "\n")
            ours, theirs = (answers(program, path, len(calls)) for program in (options.runner, options.go_runner))
            for call, left, right in zip(calls, ours, theirs):
                tally.add(call, left, right)
            print(
                f"{sum(tally.compared.values())} compared, {sum(tally.different.values())} different",
                file=sys.stderr,
                flush=True,
            )
    for why, count in tally.explained.most_common():
        print(f"{count} explained: {why}, such as {json.dumps(tally.examples[why])[:200]}")
    for one in wrong:
        print(f"not shown by its call: {one}")
    for name, count in tally.different.most_common():
        print(f"{name}: {count} of {tally.compared[name]} differ")
    print(
        f"{sum(tally.compared.values())} evaluations of {len(tally.compared)} built-ins compared, {tally.errors} of them errors, "
        f"{tally.undefined} undefined; {sum(tally.explained.values())} explained, {sum(tally.different.values())} different"
    )
    return 1 if tally.different or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
