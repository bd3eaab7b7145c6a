#!/usr/bin/env python3
"""Holds the gitleaks front to reports that gitleaks 8.30.1 wrote, without gitleaks.

    golden_test.py PROGRAM [ARGUMENT…]      compares, for example: golden_test.py merlon compat gitleaks
    golden_test.py --record GITLEAKS        writes tests/parity/goldens/*.json; read them before a commit

Inputs are made from golden_cases.py; the recorded reports have the placeholders in place of the
secrets. Last line: `N passed, N failed`.
"""

import os
import subprocess
import sys
import tempfile
import json

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools", "parity"))
import compare  # noqa: E402
import golden_cases as cases  # noqa: E402


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if isinstance(content, str):
        content = cases.expand(content, cases.NAMES).encode()
    with open(path, "wb") as f:
        f.write(content)


def run(program, case):
    """(exit code, report with placeholders or None) of one case in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        files = case["files"]() if callable(case["files"]) else case["files"]
        for name, content in files.items():
            write(os.path.normpath(os.path.join(folder, "tree", name)), content)
        write(os.path.join(folder, "config.toml"), case["config"])
        stdin = case["stdin"]() if case["stdin"] else ""
        where = ["tree"] if case["command"] == "dir" else []
        report = os.path.join(folder, "report")
        command = [*program, case["command"], *where, "-c", "config.toml", "--no-banner", "-r",
                   report, "-f", case["kind"], *case["flags"]]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GITLEAKS")}
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False,
                              input=cases.expand(stdin, cases.NAMES).encode(), env=environment)
        if not os.path.exists(report):
            return done.returncode, None
        with open(report, "rb") as f:
            text = f.read().decode("utf-8", "surrogateescape")
    for name in cases.NAMES:
        text = text.replace(cases.secret(name), f"«{name}»")
    return done.returncode, text


def stored(code, kind, text):
    """What a golden holds: the exit code, and the findings or lines in a fixed order."""
    if text is not None and kind == "json":
        rows = sorted(json.loads(text), key=lambda r: json.dumps(r, sort_keys=True))
        return {"exit": code, "findings": rows}
    return {"exit": code, "lines": None if text is None else text.split("\n")}


def rows_of(golden, kind):
    if kind == "json" and "findings" in golden:
        return compare.json_rows(json.dumps(golden["findings"]))
    if golden["lines"] is None:
        return None
    return compare.rows_of(kind, "\n".join(golden["lines"]).encode("utf-8", "surrogateescape"))


def path_of(group):
    return os.path.join(HERE, "goldens", group + ".json")


def record(program):
    for group, members in cases.GROUPS.items():
        goldens = {name: stored(*answer(program, case)) for name, case in members.items()}
        with open(path_of(group), "w", encoding="utf-8") as f:
            json.dump(goldens, f, indent=1, ensure_ascii=True)
            f.write("\n")


def answer(program, case):
    code, text = run(program, case)
    return code, case["kind"], text


def check(program):
    passed = failed = 0
    for group, members in cases.GROUPS.items():
        with open(path_of(group), encoding="utf-8") as f:
            goldens = json.load(f)
        for name, case in members.items():
            ours = stored(*answer(program, case))
            golden = goldens.get(name)
            same = golden is not None and ours["exit"] == golden["exit"] and \
                rows_of(ours, case["kind"]) == rows_of(golden, case["kind"])
            passed, failed = passed + same, failed + (not same)
            if not same:
                print(f"{group}/{name} differs\n  golden: {json.dumps(golden)[:1500]}\n"
                      f"  now:    {json.dumps(ours)[:1500]}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def main():
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "--record":
        record([arguments[1]])
        return 0
    if not arguments:
        print(__doc__)
        return 2
    return check([os.path.abspath(arguments[0]), *arguments[1:]])


if __name__ == "__main__":
    sys.exit(main())
