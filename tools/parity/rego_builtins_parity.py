#!/usr/bin/env python3
"""Each of Rego's built-in functions with random and edge operands: our answers against OPA 1.22.2's.

  rego_builtins_parity.py [--evaluations N] [--seed S] [--only NAME,…] [--calls FILE] [--keep FILE]
                          [--keep-explained FILE] [--show N]

A batch is a file of calls (bench/rego/calls.h says what one is) that each side answers in one process: values as
terms, undefined, or code and text of the error, built-in errors being strict. Operands come from
rego_operands.py: of the function's own domain, of its declared types, and of types that do not fit.

Prints what differs, and what is known to (rego_builtins_explained.py) by reason. The calls that prove these reasons
are asked first. Exit code: 0; 1 where something differs that is not explained, or an answer to a call that proves a
reason is not as it is written there; 2 where a runner is missing, or the calls of --calls cannot be read. A call that
ends a side, or takes it too long, differs even where both sides end.
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
import rego_runners  # noqa: E402

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
BATCH = 20_000
# What each side may take, with so much more for each call: OPA's runner gives a call 20 seconds, at which not all look.
SECONDS, SECONDS_OF_CALL = 60, 0.01
# How often what OPA answers in no order is asked: that one order of two keys never comes has a probability of 2e-12.
ASKED = 200


def answers(program, calls, path):
    """One for each call."""
    found = rego_runners.answers(program, "calls", calls, path, lambda count: SECONDS + SECONDS_OF_CALL * count)
    return [rego_builtins_explained.settled(one) for one in found]


class Tally:
    """`other_answers` gives what OPA answers to a call where it is asked again and again."""

    def __init__(self, shown, keep, keep_explained, other_answers):
        self.shown, self.keep, self.keep_explained, self.other_answers = shown, keep, keep_explained, other_answers
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
        if ours == theirs and "ended" not in ours:
            return
        why = rego_builtins_explained.explanation(call, ours, theirs)
        if why and (not why.unordered or ours in self.other_answers(call)):
            self.explained[why.reason] += 1
            self.examples.setdefault(why.reason, call)
            write_kept(self.keep_explained, call, ours, theirs)
            return
        self.different[name] += 1
        if self.different[name] <= self.shown:
            print(
                f"{name}: {json.dumps(call['operands'], ensure_ascii=False)[:500]}\n"
                f"    {json.dumps(ours, ensure_ascii=False)[:500]}\n"
                f"    {json.dumps(theirs, ensure_ascii=False)[:500]} of OPA's",
                flush=True,
            )
        write_kept(self.keep, call, ours, theirs)


def write_kept(file, call, ours, theirs):
    if file:
        file.write(json.dumps({"call": call, "ours": ours, "theirs": theirs}) + "\n")


def unproven(programs, path):
    """What is not as written of the calls that prove the reasons: the answer of a side, or the reason that is found."""
    proofs = [(one.reason, proof) for one in rego_builtins_explained.EXPLAINED for proof in one.proofs]
    wrong = [f"{one.reason}: no call proves it" for one in rego_builtins_explained.EXPLAINED if not one.proofs]
    # What OPA answers in no order is asked so often that each order comes.
    asked = [at for at, (_, proof) in enumerate(proofs) for _ in range(1 if len(proof.theirs) == 1 else ASKED)]
    left, right = (answers(program, [proofs[at][1].call for at in asked], path) for program in programs)
    given = collections.defaultdict(list)
    for at, ours, theirs in zip(asked, left, right):
        given[at].append((ours, theirs))
    for at, (reason, proof) in enumerate(proofs):
        told = f"{reason}: {shortened(proof.call)}"
        seen = [theirs for _, theirs in given[at]]
        wrong += [f"{told}: ours is {shortened(ours)}" for ours, _ in given[at] if ours != proof.ours][:1]
        wrong += [f"{told}: OPA's is {shortened(theirs)}" for theirs in seen if theirs not in proof.theirs][:1]
        wrong += [f"{told}: OPA's is never {shortened(theirs)}" for theirs in proof.theirs if theirs not in seen]
        different = [(ours, theirs) for ours, theirs in given[at] if ours != theirs]
        if not different:
            wrong.append(f"{told}: no difference")
        for ours, theirs in different[:1]:
            found = rego_builtins_explained.explanation(proof.call, ours, theirs)
            if found is None or found.reason != reason:
                wrong.append(f"{told}: taken for {found and found.reason}")
    return len(proofs), wrong


def shortened(given):
    return json.dumps(given, ensure_ascii=False)[:300]


def builtins(go_runner):
    done = subprocess.run([go_runner, "builtins", "-"], capture_output=True, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [one for one in found if one["name"] not in LEFT_OUT]


def kept_calls(path):
    """Those that --keep has written, or calls alone, one a line."""
    with open(path, encoding="utf-8") as file:
        found = [json.loads(line) for line in file if line.strip()]
    calls = [one.get("call", one) if isinstance(one, dict) else {} for one in found]
    for number, call in enumerate(calls, 1):
        if not isinstance(call.get("name"), str) or not isinstance(call.get("operands"), list):
            raise ValueError(f"call {number} has no name and operands")
    return calls


def random_calls(options):
    """Batches of as many calls as are asked for, each function as often as the others."""
    only = set(filter(None, options.only.split(",")))
    functions = [one for one in builtins(options.go_runner) if not only or one["name"] in only]
    rng = random.Random(options.seed)
    for start in range(0, options.evaluations, BATCH):
        calls = []
        for number in range(min(BATCH, options.evaluations - start)):
            one = functions[number % len(functions)]
            given = rego_operands.operands(rng, one["name"], one["operands"])
            calls.append({"name": one["name"], "operands": [rego_operands.encode(value) for value in given]})
        yield calls


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--evaluations", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="names of functions, with commas between them")
    parser.add_argument("--calls", help="asks the calls of this file instead, which --keep has written")
    parser.add_argument("--keep", help="writes the calls that differ to this file")
    parser.add_argument("--keep-explained", help="writes those that are known to differ to this file")
    parser.add_argument("--show", type=int, default=3, help="differences shown of each function")
    parser.add_argument("--runner", default=os.path.join(ROOT, "build/release/rego_bench_runner"))
    parser.add_argument("--go-runner", default=os.path.join(ROOT, "build/peers/bin/rego_bench_go"))
    options = parser.parse_args()
    for program in (options.runner, options.go_runner):
        if not os.path.isfile(program) or not os.access(program, os.X_OK):
            print(f"rego_builtins_parity: {program} is absent; run tools/peers.sh rego, build rego_bench_runner")
            return 2
    if options.calls:
        try:
            batches = [kept_calls(options.calls)]
        except (OSError, ValueError) as problem:
            print(f"rego_builtins_parity: {options.calls}: {problem}; a line is a call, as --keep writes them")
            return 2
    else:
        batches = random_calls(options)
    keep, keep_explained = (
        open(path, "w", encoding="utf-8") if path else None  # noqa: SIM115
        for path in (options.keep, options.keep_explained)
    )
    programs = (options.runner, options.go_runner)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "calls.json")
        tally = Tally(options.show, keep, keep_explained, lambda call: answers(options.go_runner, [call] * ASKED, path))
        proofs, wrong = unproven(programs, path)
        reasons = len(rego_builtins_explained.EXPLAINED)
        print(f"{proofs} calls prove {reasons} reasons; not as written: {len(wrong)}")
        for calls in batches:
            ours, theirs = (answers(program, calls, path) for program in programs)
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
        print(f"not as written: {one}")
    for name, count in tally.different.most_common():
        print(f"{name}: {count} of {tally.compared[name]} differ")
    print(
        f"{sum(tally.compared.values())} evaluations of {len(tally.compared)} built-ins compared, {tally.errors} of "
        f"them errors, {tally.undefined} undefined; {sum(tally.explained.values())} explained, "
        f"{sum(tally.different.values())} different"
    )
    return 1 if tally.different or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
