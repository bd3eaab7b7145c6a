#!/usr/bin/env python3
"""Compares match::Regex with Go's regexp package: tables, then made-up expressions and texts.

  match_parity.py [--pairs N] [--seed N] [--seeds N] [--pack DIR]...

Builds tests/peers/regexp_oracle with Go, gathers the expressions of real rule packs and hands them to
build/release/match_differential, which makes expressions by grammar and by mutation of the real ones,
and texts near a match. Rule packs: gitleaks's own configuration (from its module, where it was
installed by tools/peers.sh), the project's, and those that --pack or MERLON_MATCH_PACKS=DIR:DIR name
(gitleaks and kingfisher TOML or YAML, Semgrep, Sigma); nothing of them is kept. Each seed and each
difference is printed with the command that repeats it. Exit code: 0 all equal, 1 differences,
2 without Go.
"""

import argparse
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORK = os.path.join(ROOT, "build", "parity")
ORACLE = os.path.join(ROOT, "build", "peers", "bin", "regexp_oracle")
# Where rule formats put an expression. A line's value is enough: what is cut short is still syntax.
TOML_VALUE = re.compile(r"""^\s*(?:regex|path|regexes|paths)\s*=\s*(?:'''(.*?)'''|"((?:[^"\\]|\\.)*)"|'(.*?)')""",
                        re.M | re.S)
TOML_LISTED = re.compile(r"'''(.+?)'''", re.S)
YAML_VALUE = re.compile(r"^\s*(?:- )?(?:pattern|regex|pattern-regex|metavariable-regex)\s*:\s*([^\n|>].*)$", re.M)
YAML_BLOCK = re.compile(r"^( *)(?:- )?(?:pattern|regex|pattern-regex)\s*:\s*[|>][-+]?\s*\n((?:\1 +.*\n|\s*\n)+)",
                        re.M)
SIGMA_LIST = re.compile(r"^( *)[\w.-]+\|[\w|]*re[\w|]*:\s*(.*)\n((?:\1 +- .*\n)*)", re.M)


def yaml_scalar(text):
    text = text.strip()
    if text[:1] == "'" and text.endswith("'") and len(text) > 1:
        return text[1:-1].replace("''", "'")
    if text[:1] == '"' and text.endswith('"') and len(text) > 1:
        return text[1:-1].replace('\\\\', '\\').replace('\\"', '"')
    return text


def without_layout(expression):
    """What (?x) means, which Go refuses at once: no white space and no comments outside classes."""
    flags = re.match(r"\(\?([a-z]*)x([a-z]*)\)", expression)
    if not flags:
        return expression
    others = flags.group(1) + flags.group(2)
    expression = (f"(?{others})" if others else "") + expression[flags.end():]
    out, in_class, i = [], False, 0
    while i < len(expression):
        c = expression[i]
        if c == "\\":
            out.append(expression[i:i + 2])
            i += 2
            continue
        if not in_class and c == "#":
            i = expression.find("\n", i) + 1 or len(expression)
            continue
        if c in "[]":
            in_class = c == "[" or (in_class and out[-1] in ("[", "^"))
        if in_class or not c.isspace():
            out.append(c)
        i += 1
    return "".join(out)


def expressions_of(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    if path.endswith(".toml"):
        for match in TOML_VALUE.finditer(text):
            yield next(group for group in match.groups() if group is not None)
        for match in TOML_LISTED.finditer(text):
            yield match.group(1)
        return
    for match in YAML_VALUE.finditer(text):
        yield yaml_scalar(match.group(1))
    for match in YAML_BLOCK.finditer(text):
        lines = match.group(2).split("\n")
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        yield without_layout("\n".join(line[indent:] for line in lines).strip("\n"))
    for match in SIGMA_LIST.finditer(text):
        if match.group(2).strip():
            yield yaml_scalar(match.group(2))
        for line in match.group(3).split("\n"):
            if line.strip().startswith("- "):
                yield yaml_scalar(line.strip()[2:])


def pack_folders(named):
    folders = [os.path.join(ROOT, "rules")] + list(named)
    folders += [f for f in os.environ.get("MERLON_MATCH_PACKS", "").split(":") if f]
    cache = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=True).stdout.strip()
    peer = os.path.join(cache, "github.com/zricethezav/gitleaks/v8@v8.30.1", "config")
    if os.path.isdir(peer):
        folders.append(peer)
    return folders


def gather(folders):
    found = set()
    for folder in folders:
        before = len(found)
        for place, _, names in os.walk(folder):
            for name in names:
                if name.endswith((".toml", ".yaml", ".yml")):
                    found.update(e for e in expressions_of(os.path.join(place, name))
                                 if 0 < len(e) <= 4000 and "\0" not in e)
        print(f"{len(found) - before} expressions from {folder}")
    return sorted(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--driver", default=os.path.join(ROOT, "build/release/match_differential"))
    parser.add_argument("--pairs", type=int, default=5_000_000, help="pairs of expression and text, all seeds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds share the pairs")
    parser.add_argument("--texts", type=int, default=10, help="texts for each expression")
    parser.add_argument("--pack", action="append", default=[], help="folder of rule files")
    parser.add_argument("--findings", help="file that differences are appended to")
    options = parser.parse_args()
    os.makedirs(WORK, exist_ok=True)
    os.makedirs(os.path.dirname(ORACLE), exist_ok=True)
    try:
        subprocess.run(["go", "build", "-ldflags=-checklinkname=0", "-o", ORACLE, "."], check=True,
                       cwd=os.path.join(ROOT, "tests/peers/regexp_oracle"))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"match_parity: the comparison needs Go: {error}", file=sys.stderr)
        return 2
    patterns = os.path.join(WORK, "expressions")
    with open(patterns, "wb") as file:
        for expression in gather(pack_folders(options.pack)):
            file.write(expression.encode("utf-8", "replace") + b"\0")
    worst = 0
    for seed in range(options.seed, options.seed + options.seeds):
        command = [options.driver, "--oracle", ORACLE, "--seed", str(seed), "--texts", str(options.texts),
                   "--pairs", str(options.pairs // options.seeds), "--patterns", patterns]
        if options.findings:
            command += ["--findings", options.findings]
        print(" ".join(command), flush=True)
        code = subprocess.run(command, check=False).returncode
        worst = max(worst, code if code >= 0 else 1)
    return worst


if __name__ == "__main__":
    sys.exit(main())
