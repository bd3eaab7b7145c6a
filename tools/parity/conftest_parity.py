#!/usr/bin/env python3
"""conftest's answers beside those of `merlon compat conftest`: exit codes and outputs.

  conftest_parity.py CONFTEST MERLON [--examples DIR] [--pairs N] [--textprotos N] [--seed S] [--keep DIR]

--examples: the folder `examples` of conftest's repository; each of its files is parsed, each policy tested and
verified. --pairs: random files in each format (conftest_files.py, conftest_sboms.py) with random policies, flags and outputs. --textprotos: random textprotos.
conftest goes through files, modules and namespaces in no order: lines are compared sorted, JSON by content.

A difference is explained where a predicate below says so; every other one is shown. Exit code: 0; 1 where one is not
explained; 2 where a program is missing.
"""

import argparse
import collections
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import conftest_files
import conftest_sboms
import conftest_textprotos

FORMATS = {**conftest_files.FORMATS, **conftest_sboms.FORMATS}

BRACES = "conftest takes HOCON and VCL that end too early or go on behind a brace"
UNBALANCED = re.compile(r"HOCON: line \d+: (?:an object does not end|'}' without '{'|a key without a value)|VCL: line \d+: a block does not end")
NOT_SERVED = re.compile(r"is not served|are not served")


class Answer(collections.namedtuple("Answer", "code output error")):
    def content(self, words):
        """The output without what conftest leaves to chance."""
        if "parse" not in words and "json" in words:
            try:
                results = json.loads(self.output) or []
            except json.JSONDecodeError:
                return self.output
            for one in results:
                for kind in ("warnings", "failures", "exceptions", "skipped"):
                    if kind in one:
                        one[kind].sort(key=lambda found: json.dumps(found, sort_keys=True))
            return sorted(json.dumps(one, sort_keys=True) for one in results)
        text = re.sub(r'"go.version" value="[^"]*"', '"go.version"', self.output)
        text = text.replace("\"version\":\"dev\"", "\"version\":\"0.71.1\"") if "sarif" in words else text
        text = re.sub(r"\((?:[\d.]+(?:ns|µs|ms|s))\)", "(time)", text)
        return sorted(text.split("\n")) if "parse" not in words else text


# What may differ, and why: name, predicate over (words, theirs, ours).
EXPLAINED = (
    ("not served, and said so", lambda words, theirs, ours: ours.code == 2 and NOT_SERVED.search(ours.error)),
    ("conftest's library ends in a panic, which is an error of the file here",
     lambda words, theirs, ours: theirs.code == 2 and "panic:" in theirs.error and ours.code == 1 and "Error: " in ours.error),
    ("conftest takes what ends in the middle of an XML file",
     lambda words, theirs, ours: theirs.code == 0 and "XML:" in ours.error),
    (BRACES, lambda words, theirs, ours: ours.code == 1 and UNBALANCED.search(ours.error) and not theirs.error),
)
# Files that show what is explained.
REPRODUCERS = (
    (BRACES, "input.hocon", "a {\n  b = 1\n"),
    (BRACES, "input.hocon", "a { b = 1 }\n}\nc { d = 1 }\n"),
    (BRACES, "input.hocon", "a {\n  b = 1\n  c"),
    (BRACES, "input.vcl", 'backend b {\n  .host = "h";\n'),
    (BRACES, "input.vcl", 'sub a {\n  if (req.url) {\n    set x = "1";\n  }\n'),
)


def run(program, words, folder):
    done = subprocess.run([*program, *words], cwd=folder, capture_output=True, timeout=120,
                          env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TZ": "UTC"})
    return Answer(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


class Comparison:
    def __init__(self, conftest, merlon, keep):
        self.theirs, self.ours, self.keep = [conftest], [merlon, "compat", "conftest"], keep
        self.counts, self.errors = collections.Counter(), collections.Counter()

    def compare(self, name, words, folder):
        """What it was counted as."""
        theirs, ours = run(self.theirs, words, folder), run(self.ours, words, folder)
        if theirs.code == 1 and ours.code == 1 and not theirs.output and not ours.output:
            same = theirs.error.strip() == ours.error.strip()
            self.errors["equal" if same else "other words"] += 1
        if theirs.code == ours.code and theirs.content(words) == ours.content(words):
            self.counts["equal"] += 1
            return "equal"
        for reason, predicate in EXPLAINED:
            if predicate(words, theirs, ours):
                self.counts[reason] += 1
                return reason
        self.counts["DIFFERENT"] += 1
        print(f"--- {name}: {' '.join(words)}\nconftest {theirs.code}: {theirs.output[:600]}{theirs.error[:300]}\n"
              f"merlon   {ours.code}: {ours.output[:600]}{ours.error[:300]}")
        if self.keep and folder.is_dir():
            target = pathlib.Path(self.keep) / re.sub(r"\W+", "-", name)
            shutil.copytree(folder, target, dirs_exist_ok=True)
            (target / "WORDS").write_text(json.dumps(words))
        return "DIFFERENT"


def compare_examples(comparison, examples):
    for folder in sorted(path for path in examples.iterdir() if path.is_dir()):
        files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".rego", ".md", ".bats")
                       and "policy" not in path.relative_to(folder).parts[:-1])
        policies = sorted({path.parent for path in folder.rglob("*.rego")})
        for path in files:
            comparison.compare(f"parse {path.relative_to(examples)}", ["parse", str(path.relative_to(folder))], folder)
        for policy in policies:
            where = str(policy.relative_to(folder)) or "."
            comparison.compare(f"verify {folder.name}", ["verify", "--no-color", "-p", where], folder)
            for path in files:
                for extra in ([], ["--combine"], ["-o", "json"]):
                    words = ["test", "--no-color", "-p", where, "--all-namespaces", *extra, str(path.relative_to(folder))]
                    comparison.compare(f"test {path.relative_to(examples)}", words, folder)


RULES = (
    'deny contains msg if {\n\twalk(input, [path, value])\n\tnot is_object(value)\n\tnot is_array(value)\n\tmsg := sprintf("%v is %v", [path, value])\n}\n',
    'warn contains msg if {\n\tsome key, _ in input\n\tmsg := sprintf("key %v", [key])\n}\n',
    'violation contains {"msg": msg, "details": {"n": count(input), "x": ["<&>", 1.5, null]}} if {\n\tmsg := "counted"\n}\n',
    'deny_typed contains {"msg": sprintf("%s", [type_name(input)]), "_loc": {"file": "x:y", "line": 3}} if true\n',
    'warn_first contains "two\\nlines" if input\n',
    'deny contains "never" if false\n',
    'exception contains rules if {\n\trules := ["typed"]\n}\n',
    'exception contains rules if {\n\trules := ["", "first"]\n\tis_object(input)\n}\n',
    'deny contains msg if {\n\tnot input.enabled\n\tmsg := sprintf("in %s: %s", [data.conftest.file.name, "not enabled"])\n}\n',
    'deny contains msg if {\n\tcfg := parse_config("json", "{\\"a\\": 1000000}")\n\tmsg := sprintf("%v", [cfg])\n}\n',
    'warn_print contains "printed" if {\n\tprint("seen", input)\n}\n',
)
OUTPUTS = ("stdout", "json", "tap", "table", "junit", "github", "azuredevops", "sarif")


def compare_pairs(comparison, pairs, seed):
    for number in range(pairs):
        rng = random.Random(seed * 1_000_003 + number)
        kind = sorted(FORMATS)[number % len(FORMATS)]
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "policy").mkdir()
            rules = rng.sample(RULES, rng.randrange(1, 5))
            (folder / "policy/rules.rego").write_text("package main\n\n" + "\n".join(rules))
            file, text = FORMATS[kind](rng)
            (folder / file).write_text(text)
            comparison.compare(f"pair {number} {kind} parse", ["parse", file], folder)
            words = ["test", "--no-color", "-o", OUTPUTS[number // len(FORMATS) % len(OUTPUTS)], file]
            words += [flag for flag in ("--fail-on-warn", "--no-fail", "--suppress-exceptions", "--quiet", "--combine",
                                        "--junit-hide-message", "--github-hide-passed") if rng.random() < 0.12]
            comparison.compare(f"pair {number} {kind} test", words, folder)


def compare_textprotos(comparison, pairs, seed):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "policy").mkdir()
        (folder / "policy/rules.rego").write_text("package main\n\n" + RULES[0])
        (folder / "protos").mkdir()
        (folder / "protos/new.proto").write_text(conftest_textprotos.DEFINITIONS)
        (folder / "protos/old.proto").write_text(conftest_textprotos.OLD)
        for number in range(pairs):
            rng = random.Random(seed * 7_000_003 + number)
            (folder / "x.textproto").write_text(conftest_textprotos.text(rng))
            words = ["test", "--no-color", "--proto-file-dirs", "protos", "-o", rng.choice(("stdout", "json")), "x.textproto"]
            if comparison.compare(f"textproto {number}", words, folder) == "DIFFERENT":
                print((folder / "x.textproto").read_text())


def compare_reproducers(comparison):
    for reason, file, text in REPRODUCERS:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "policy").mkdir()
            (folder / "policy/rules.rego").write_text("package main\n\n" + RULES[0])
            (folder / file).write_text(text)
            for words in (["parse", file], ["test", "--no-color", file]):
                found = comparison.compare(f"reproducer {file}", words, folder)
                if found not in (reason, "DIFFERENT"):
                    comparison.counts["DIFFERENT"] += 1
                    print(f"--- {text!r}: {' '.join(words)}: {found}, and no longer: {reason}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("conftest")
    parser.add_argument("merlon")
    parser.add_argument("--examples")
    parser.add_argument("--pairs", type=int, default=336)
    parser.add_argument("--textprotos", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep")
    options = parser.parse_args()
    for program in (options.conftest, options.merlon):
        if not pathlib.Path(program).is_file():
            print(f"conftest_parity: there is no {program}", file=sys.stderr)
            return 2
    comparison = Comparison(str(pathlib.Path(options.conftest).resolve()), str(pathlib.Path(options.merlon).resolve()),
                            options.keep)
    if options.examples:
        compare_examples(comparison, pathlib.Path(options.examples).resolve())
    compare_reproducers(comparison)
    compare_pairs(comparison, options.pairs, options.seed)
    compare_textprotos(comparison, options.textprotos, options.seed)
    for reason, count in comparison.counts.most_common():
        print(f"{count:6} {reason}")
    print("errors:", dict(comparison.errors))
    return 1 if comparison.counts["DIFFERENT"] else 0


if __name__ == "__main__":
    sys.exit(main())
