#!/usr/bin/env python3
"""Which of OPA's flags `merlon compat opa` serves.

  opa_flags.py [--merlon FILE] [--opa FILE]

One line for each command: how many flags OPA's help lists, which of them Merlon refuses by name, and which it does not
know. Ends with 1 where it does not know one: a flag may be refused, with a reason, but not forgotten.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMMANDS = ("eval", "test", "check", "build", "bench", "capabilities", "deps", "exec", "fmt", "inspect", "parse",
            "sign", "version")
LINE = re.compile(r"^ +(?:-(?P<short>.), |    )--(?P<name>[a-z0-9-]+)(?: (?P<kind>\{[^}]*\}|[A-Za-z]+))?(?:   +|$)")


def help_of(words):
    done = subprocess.run([*words, "--help"], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr


def flags_of(opa, command):
    flags = {}
    for line in help_of([opa, command]).splitlines():
        match = LINE.match(line)
        if match and match["name"] != "help":
            flags[match["name"]] = match["kind"]
    return flags


def values_of(kind):
    if kind is None:
        return [None]
    if kind.startswith("{"):
        return kind.strip("{}").split(",")
    return ["1"]


def refusal(merlon, command, name, value, folder):
    flag = f"--{name}" + ("" if value is None else f"={value}")
    words = [merlon, "compat", "opa", command, flag]
    if command not in ("capabilities", "version"):
        words.append("none.rego")
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=30, check=False, input="")
    return "not served" in done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--merlon", default=os.path.join(ROOT, "build/release/merlon"))
    parser.add_argument("--opa", default=os.path.join(ROOT, "build/peers/bin/opa"))
    given = parser.parse_args()
    merlon, opa = os.path.abspath(given.merlon), os.path.abspath(given.opa)
    unknown = 0
    with tempfile.TemporaryDirectory() as folder:
        for command in COMMANDS:
            flags = flags_of(opa, command)
            known = set(re.findall(r"--([a-z0-9-]+)", help_of([merlon, "compat", "opa", command])))
            missing = sorted(set(flags) - known)
            refused = []
            for name, kind in sorted(flags.items()):
                if name in missing:
                    continue
                values = [one for one in values_of(kind) if refusal(merlon, command, name, one, folder)]
                refused += [f"--{name}" + ("" if kind is None or not kind.startswith("{") else f"={one}")
                            for one in values]
            unknown += len(missing)
            print(f"{command}: {len(flags)} flags, {len(missing)} unknown {' '.join('--' + one for one in missing)}"
                  f", {len(refused)} refused {' '.join(refused)}".replace("  ", " ").replace(" ,", ","))
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
