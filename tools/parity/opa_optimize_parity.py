#!/usr/bin/env python3
"""Optimised bundles: what `merlon compat opa build -O` writes against what OPA 1.22.2 writes.

  opa_optimize_parity.py [--cases N] [--seed S] [--opa FILE] [--merlon FILE] [--show N]

The random policies of rego_partial_parity.py, built with -O 1 or -O 2 for one to three entry points: the files of the two bundles
must be equal. Where they differ only in the numbers of names that a compiler makes (`__local3__`) the case is counted as "other
numbers"; where both end in an error, as "both fail"; where OPA's order of types decides, as "compiled by one".

Exit code: 0; 1 where a case differs; 2 where a program is missing.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tarfile
import tempfile

sys.dont_write_bytecode = True
import rego_partial_parity as partial

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def build(program, words, folder, name):
    done = subprocess.run([*program, "build", *words, "-o", name, "module0.rego", "data.json"], cwd=folder, capture_output=True,
                          text=True, timeout=120, check=False)
    if done.returncode != 0:
        return None, done.stdout + done.stderr
    with tarfile.open(os.path.join(folder, name)) as tar:
        files = {one.name.lstrip("/"): tar.extractfile(one).read().decode() for one in tar if one.isfile()}
    files.pop("data.json", None)
    # The order in which support modules come decides on nothing but the numbers in their names.
    return "".join(f"== {file}\n{text}" for file, text in sorted(files.items())), ""


def judge(case, words, programs):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "module0.rego"), "w", encoding="utf-8") as file:
            file.write(case["modules"][0])
        with open(os.path.join(folder, "data.json"), "w", encoding="utf-8") as file:
            file.write(case["data"])
        (theirs, their_errors), (ours, our_errors) = (
            build(program, words, folder, f"{i}.tar.gz") for i, program in enumerate(programs))
    if theirs is None and ours is None:
        return "both fail", their_errors, our_errors
    if ("rego_type_error" in their_errors) != ("rego_type_error" in our_errors):
        return "compiled by one", theirs or their_errors, ours or our_errors
    if theirs == ours:
        return "equal", "", ""
    if theirs and ours and partial.renumbered(theirs) == partial.renumbered(ours):
        return "other numbers", theirs, ours
    return "different", theirs or their_errors, ours or our_errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--opa", default=os.path.join(ROOT, "build/peers/bin/opa"))
    parser.add_argument("--merlon", default=os.path.join(ROOT, "build/release/merlon"))
    parser.add_argument("--show", type=int, default=5)
    options = parser.parse_args()
    for program in (options.opa, options.merlon):
        if not os.path.isfile(program):
            print(f"{program} is missing", file=sys.stderr)
            return 2
    programs = [[os.path.abspath(options.opa)], [os.path.abspath(options.merlon), "compat", "opa"]]
    counts, shown = {}, 0
    for number, case in enumerate(partial.random_cases(options.cases, options.seed)):
        rng = random.Random(options.seed * 31 + number)
        names = sorted(set(re.findall(r"^(?:default )?(\w+)", case["modules"][0], re.MULTILINE)) - {"package", "import"})
        words = ["-O", rng.choice("12")]
        for name in rng.sample(names, min(len(names), rng.choice((1, 1, 2, 3)))):
            words += ["-e", f"p/{name}"]
        verdict, theirs, ours = judge(case, words, programs)
        counts[verdict] = counts.get(verdict, 0) + 1
        if verdict == "different" and shown < options.show:
            shown += 1
            print(f"== {case['note']}: {' '.join(words)}\n{case['modules'][0]}\n-- data {case['data']}\n-- OPA\n{theirs}\n-- Merlon\n{ours}")
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    return 1 if counts.get("different") else 0


if __name__ == "__main__":
    sys.exit(main())
