#!/usr/bin/env python3
"""Whether the known failures of the YAML suite are libyaml's own: libyaml_check.py [SUITE]

Each line of known_failures_yaml.txt says what libyaml does with a case. This asks libyaml itself, through
PyYAML's C parser and without a line of ours: "refuses" with that reason, "accepts" what the suite refuses, or
"gave" that value. Every other case of the suite must be accepted or refused by libyaml as the suite says.
Prints `N passed, N failed`; exits with 77 where PyYAML has no libyaml.
"""

import json
import os
import pathlib
import re
import sys

try:
    import yaml
    from yaml import CBaseLoader, CSafeLoader
except ImportError:
    print("PyYAML with libyaml is not installed: python3-yaml has it")
    sys.exit(77)

HERE = pathlib.Path(__file__).parent
# What the suite shows in the place of what cannot be seen.
SHOWN = ((r"␣", " "), (r"—*»", "\t"), (r"←", "\r"), (r"⇔", "\ufeff"), (r"↵", ""), (r"∎\n", ""))


def plain(text):
    for shown, meant in SHOWN:
        text = re.sub(shown, meant, text)
    return text


def cases(suite):
    """(name, YAML text, whether it must be refused); what a case leaves out it has from the one before."""
    for path in sorted(suite.glob("*.yaml")):
        tests = yaml.load(path.read_text(encoding="utf-8"), CSafeLoader)
        fields = {}
        for number, test in enumerate(tests):
            fields = {**{key: fields[key] for key in ("yaml", "fail") if key in fields}, **test}
            if "yaml" in test and "fail" not in test:
                fields.pop("fail", None)
            name = path.stem if len(tests) == 1 else f"{path.stem}/{number:02}"
            yield name, plain(fields["yaml"]), bool(fields.get("fail"))


def refusal(text):
    """libyaml's words, or None where it takes the text."""
    try:
        for _ in yaml.parse(text.encode(), Loader=CBaseLoader):
            pass
        return None
    except yaml.YAMLError as error:
        return error


def says(error, reason):
    """Whether the error is "line N: problem while context", each part in libyaml's own words."""
    line, words = re.fullmatch(r"line (\d+): (.*)", reason).groups()
    marks = [mark.line + 1 for mark in (getattr(error, "problem_mark", None),
                                        getattr(error, "context_mark", None)) if mark is not None]
    problem = getattr(error, "problem", None) or str(error)
    context = getattr(error, "context", None)
    return words == problem + (f" {context}" if context else "") and int(line) in marks


def judge(text, must_fail, reason):
    error = refusal(text)
    if reason is None:
        return "" if (error is not None) == must_fail else f"libyaml: {error or 'accepts it'}"
    if match := re.fullmatch(r"libyaml refuses: (.*)", reason):
        if error is None:
            return "libyaml accepts it"
        return "" if not must_fail and says(error, match[1]) else f"libyaml: {error}"
    if error is not None:
        return f"libyaml refuses it: {error}"
    if reason == "libyaml accepts what 1.2 refuses":
        return "" if must_fail else "the suite does not refuse it"
    gave = re.fullmatch(r"libyaml reads a 1.2 form by the rules of 1.1: gave (.*)", reason)
    if gave is None:
        return "no such kind of reason"
    value = yaml.load(text, CSafeLoader)
    return "" if value == json.loads(gave[1]) else f"libyaml gave {value!r}"


def main():
    root = HERE.parent.parent
    corpora = pathlib.Path(os.environ.get("MERLON_CORPORA", root.parent / "shared" / "corpora"))
    suite = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else corpora / "yaml"
    known = {}
    for line in (HERE / "known_failures_yaml.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, reason = line.split(" ", 1)
            known[name] = reason
    passed = failed = 0
    for name, text, must_fail in cases(suite):
        wrong = judge(text, must_fail, known.pop(name, None))
        passed, failed = (passed, failed + 1) if wrong else (passed + 1, failed)
        if wrong:
            print(f"{name}: {wrong}")
    for name in known:
        failed += 1
        print(f"{name}: no such case in {suite}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
