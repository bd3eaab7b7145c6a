#!/usr/bin/env python3
"""Public libraries of Rego with tests of their own: the results of `merlon compat opa test` against those of `opa test`.

  rego_libraries.py OPA MERLON [--folder DIR] [--only NAME]

The libraries of LIBRARIES stand in DIR (build/peers/rego_libraries) as owner+name, at their commit; one that is not
there is cloned. Of each folder with tests, both run them all: compared are the tests, by file, row and name, and
whether each passes, fails, is skipped or ends in an error, and the exit codes.

Exit code: 0; 1 where a result differs; 2 where a program is missing or no library is there.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Repository, commit, folders that are tested each by itself, flags.
LIBRARIES = (
    ("raspbernetes/k8s-security-policies", "39e822e5dc6c19adb50bdb123dec6b8b3cba5ca8", ("policies",), ("--v0-compatible",)),
    ("Azure/Community-Policy", "dd8c58d0ab18d8597ad0328715332f628277d25d", ("policyDefinitions/Kubernetes/*/rego",), ("--v0-compatible",)),
    ("open-policy-agent/library", "75fd87df47be8616e6d5095e427f85030b60affc", (".",), ("--v0-compatible",)),
    # Rules over plans and files of Terraform. Data beside regula's tests is what their inputs were made of; OPA cannot
    # load two such files at once.
    ("EmbarkStudios/opa-policies", "c6377cad4660e010dc0bb01bb1a5fcf04efa60be", ("policy",), ("--v0-compatible",)),
    ("fugue/regula", "259c10a6a746e3c1eb84857d9f548cca463034af", ("rego",),
     ("--v0-compatible", "--ignore", "*.json", "--ignore", "*.yaml")),
    ("open-policy-agent/gatekeeper-library", "5c441fb645f257b2c428fe9aea22da24a94b5bab", ("src",), ("--v0-compatible",)),
)


def clone(repository, commit, target):
    """Whether the library is there afterwards."""
    for words in (
        ("git", "init", "-q", str(target)),
        ("git", "-C", str(target), "fetch", "-q", "--depth", "1", f"https://github.com/{repository}", commit),
        ("git", "-C", str(target), "checkout", "-q", "FETCH_HEAD"),
    ):
        if subprocess.run(words, capture_output=True, check=False).returncode != 0:
            shutil.rmtree(target, ignore_errors=True)
            return False
    return True


def state(test):
    return next((one for one in ("error", "fail", "skip") if test.get(one)), "pass")


def results(program, folder, flags):
    """By test; and the exit code."""
    done = subprocess.run([*program, "test", "-f", "json", *flags, "."], cwd=folder, capture_output=True, check=False)
    found = {}
    try:
        for one in json.loads(done.stdout or b"[]") or []:
            place = one["location"]
            # Equal names of one package are numbered, by OPA in the order of a map.
            name = re.sub(r"#\d+$", "", one["name"])
            found[(one["package"], name, place["file"], place["row"])] = state(one)
    except json.JSONDecodeError:
        found["no JSON"] = done.stdout[:300].decode(errors="replace")
    return found, done.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("opa")
    parser.add_argument("merlon")
    parser.add_argument("--folder", default=str(ROOT / "build/peers/rego_libraries"))
    parser.add_argument("--only", default="", help="libraries whose name has this in it")
    options = parser.parse_args()
    for program in (options.opa, options.merlon):
        if shutil.which(program) is None:
            print(f"rego_libraries: there is no {program}; run tools/peers.sh opa", file=sys.stderr)
            return 2
    opa, merlon = (str(pathlib.Path(shutil.which(program)).resolve()) for program in (options.opa, options.merlon))
    compared = different = 0
    for repository, commit, folders, flags in LIBRARIES:
        if options.only not in repository:
            continue
        home = pathlib.Path(options.folder) / repository.replace("/", "+")
        if not home.is_dir() and not clone(repository, commit, home):
            print(f"{repository}: is not there and cannot be fetched")
            continue
        here, states = 0, {}
        for folder in sorted(path for glob in folders for path in ([home] if glob == "." else home.glob(glob))):
            theirs, their_code = results([opa], folder, flags)
            ours, our_code = results([merlon, "compat", "opa"], folder, flags)
            here += len(theirs)
            for one in theirs.values():
                states[one] = states.get(one, 0) + 1
            wrong = [key for key in theirs.keys() | ours.keys() if theirs.get(key) != ours.get(key)]
            for key in sorted(wrong, key=str):
                print(f"{folder.relative_to(home)}: {key}: {ours.get(key)} here, {theirs.get(key)} of OPA's")
            if their_code != our_code:
                print(f"{folder.relative_to(home)}: exit code {our_code} here, {their_code} of OPA's")
            different += len(wrong) + (their_code != our_code)
        compared += here
        print(f"{repository}: {here} tests compared ({', '.join(f'{count} {name}' for name, count in sorted(states.items()))})")
    print(f"{compared} tests of libraries compared, {different} different")
    return 2 if compared == 0 else 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
