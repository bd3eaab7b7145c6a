#!/usr/bin/env python3
"""OPA's conformance cases that our machine does not pass: whether OPA itself has changed since they were made.

  rego_changed_cases.py [--runner PROGRAM] [--opa PROGRAM] [FILE|FOLDER…]

rego_conformance runs the cases (those of MERLON_CORPORA, or of the files that are given), and the real `opa` is asked for
each one that fails. Where OPA's answer is ours and not the one that the case wants, the case has changed, and is listed
with both outputs. There is no list of cases: a case is one of these as long as OPA's answer says so.

Exit code: 0; 1 where a case fails whose result is not OPA's, or nothing was run; 2 where a program is missing.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SECONDS = 60
COUNTS = re.compile(r"(\w+): (\d+) passed, (\d+) failed")


def canonical(results):
    """Results as they are compared: each once, in no order."""
    return sorted({json.dumps(one, sort_keys=True, ensure_ascii=False) for one in results})


def cases_of(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    return (json.loads(text) if path.endswith(".json") else yaml.safe_load(text))["cases"]


def opa_answer(opa, case, is_v0):
    """The bindings that OPA gives, or None and what it says instead."""
    with tempfile.TemporaryDirectory() as folder:
        words = [opa, "eval", "--format", "json", "--v0-compatible" if is_v0 else "--v1-compatible"]
        words += ["--strict-builtin-errors"] if case.get("strict_error") else []
        for number, module in enumerate(case.get("modules") or []):
            path = pathlib.Path(folder, f"test-{number}.rego")
            path.write_text(module, encoding="utf-8")
            words += ["--data", str(path)]
        if case.get("data"):
            path = pathlib.Path(folder, "data.json")
            path.write_text(json.dumps(case["data"]), encoding="utf-8")
            words += ["--data", str(path)]
        query = case["query"]
        if case.get("input_term"):
            query = f"{query} with input as {case['input_term']}"
        elif "input" in case:
            path = pathlib.Path(folder, "input.json")
            path.write_text(json.dumps(case["input"]), encoding="utf-8")
            words += ["--input", str(path)]
        done = subprocess.run([*words, query], capture_output=True, check=False, timeout=SECONDS)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return None, f"exit code {done.returncode}: {done.stderr.decode(errors='replace')[:300]}"
    if answer.get("errors"):
        return None, json.dumps(answer["errors"])[:300]
    return [one.get("bindings", {}) for one in answer.get("result", [])], ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--runner", default=str(ROOT / "build/release/rego_conformance"))
    parser.add_argument("--opa", default=str(ROOT / "build/peers/bin/opa"))
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    for program, how in ((options.runner, "build rego_conformance"), (options.opa, "run tools/peers.sh rego")):
        if not os.access(program, os.X_OK):
            print(f"rego_changed_cases: {program} is absent; {how}")
            return 2
    version = subprocess.run([options.opa, "version"], capture_output=True, check=True, text=True).stdout.split()[1]
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        words = [options.runner, "--failed", file.name, *options.paths]
        done = subprocess.run(words, capture_output=True, check=False, text=True)
        failed = [json.loads(line) for line in pathlib.Path(file.name).read_text(encoding="utf-8").splitlines()]
    counts = {name: [int(passed), int(wrong)] for name, passed, wrong in COUNTS.findall(done.stdout)}
    if not counts:
        print(f"rego_changed_cases: {options.runner} ran no case: {(done.stdout + done.stderr).strip()[:300]}")
        return 1
    changed, asked = dict.fromkeys(counts, 0), {}
    for one in failed:
        case = next((case for case in cases_of(one["file"]) if case.get("note") == one["note"]), None)
        key = (one["file"], one["note"])
        if key not in asked:
            asked[key] = opa_answer(options.opa, case, "/v0/" in one["file"]) if case else (None, "no such case")
        theirs, problem = asked[key]
        told = f"{one['count']}: {one['note']}"
        if theirs is None or "got" not in one or canonical(theirs) != canonical(one["got"]):
            print(f"{told} fails: {one['why']}\n    OPA {version}: {problem or json.dumps(theirs)}")
            continue
        changed[one["count"]] += 1
        wanted = case.get("want_plan_result" if one["count"] == "plans" else "want_result")
        print(f"{told} has changed\n    the case: {json.dumps(wanted)}\n    OPA {version} and ours: {json.dumps(theirs)}")
    for name, (passed, wrong) in counts.items():
        print(f"{name}: {passed} passed, {changed[name]} changed in OPA {version}, {wrong - changed[name]} failed")
    return 1 if any(wrong != changed[name] for name, (_, wrong) in counts.items()) else 0


if __name__ == "__main__":
    sys.exit(main())
