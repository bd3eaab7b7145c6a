#!/usr/bin/env python3
"""Compares our Rego parser and formatter with OPA's, module by module.

  rego_syntax.py [--oracle PROGRAM] [--mutate N] [--seed N] [--only tree|errors|format] [--show N] [PATH...]

Every .rego file below the paths, and every module inside case files (.yaml, .json), is read as v0 and as v1 by both; trees with
all places, errors with code, row, column and text, and formatted texts must be equal. --mutate N tries N broken
copies more. Without --oracle, tests/peers/rego_oracle is built with go.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CORPORA = pathlib.Path(os.environ.get("MERLON_CORPORA", ROOT.parent / "shared" / "corpora"))
KEYS = ("tree", "errors", "format")


def build_oracle(folder):
    program = pathlib.Path(folder) / "rego_oracle"
    subprocess.run(["go", "build", "-o", program, "."], cwd=ROOT / "tests" / "peers" / "rego_oracle", check=True)
    return program


def modules_of_case(path):
    """The modules of a case file, without a YAML library: OPA's files hold them as JSON or as block scalars."""
    import yaml
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), loader)
    except (yaml.YAMLError, UnicodeDecodeError):
        return
    cases = document.get("cases", []) if isinstance(document, dict) else []
    for case in cases if isinstance(cases, list) else []:
        for module in case.get("modules") or []:
            if isinstance(module, str):
                yield module.encode()
        if isinstance(case.get("query"), str):
            yield b"package q\n\n" + case["query"].encode()


def gather(paths):
    modules = {}
    for top in paths:
        top = pathlib.Path(top)
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.suffix == ".rego" and path.is_file():
                modules.setdefault(path.read_bytes(), str(path))
            elif path.suffix in (".yaml", ".yml") and path.is_file():
                for module in modules_of_case(path):
                    modules.setdefault(module, str(path))
    return modules


TOKENS = [b"{", b"}", b"[", b"]", b"(", b")", b"|", b",", b":", b":=", b"=", b"==", b";", b"\n", b" in ", b" not ", b" some ",
          b" every ", b" with ", b" as ", b" if ", b" contains ", b" else ", b" default ", b"import ", b"package ", b"#", b'"',
          b"`", b'$"', b"0", b"01", b"1.5e3", b".5", b"-", b"_", b"data", b"input", b"x", b"set()", b"true", b"\\", b"\t", b"&",
          b" and ", b" or ", b"import future.keywords.and\nimport future.keywords.or\n", b"import future.keywords.not\n",
          b"import rego.v1\n", b"import future.keywords\n", b"# METADATA\n# title: x\n", b"\xc3\xa9", b"\xc2\xa0", b"\xff", b"\x00"]


def mutate(random_, source, other):
    text = bytearray(source)
    for _ in range(random_.randint(1, 3)):
        at = random_.randint(0, len(text))
        kind = random_.randint(0, 4)
        if kind == 0:
            text[at:at] = random_.choice(TOKENS)
        elif kind == 1:
            del text[at:at + random_.randint(1, 8)]
        elif kind == 2:
            begin = random_.randint(0, len(other))
            text[at:at] = other[begin:begin + random_.randint(1, 60)]
        elif kind == 3:
            text[at:at + 1] = random_.choice(TOKENS)
        else:
            words = list(re.finditer(rb"[A-Za-z_]+", bytes(text)))
            if words:
                word = random_.choice(words)
                text[word.start():word.end()] = random_.choice(TOKENS).strip()
    return bytes(text)


def ask(command, lines):
    answer = subprocess.run(command, input="".join(f"{line}\n" for line in lines), stdout=subprocess.PIPE, text=True,
                            errors="surrogateescape", check=True).stdout.splitlines()
    if len(answer) != len(lines):
        sys.exit(f"{command[0]}: {len(lines)} questions, {len(answer)} answers")
    return [json.loads(line, parse_float=str, parse_int=str) for line in answer]


def errors_of(answer):
    found = answer.get("errors")
    found = [found] if isinstance(found, dict) else found
    for error in found if isinstance(found, list) else []:
        place = error.get("location") or {}
        place.setdefault("row", "0")
        place.setdefault("col", "0")
        place.pop("text", None)
    return found


def differs(ours, theirs, key):
    if key == "errors":
        return errors_of(ours) != errors_of(theirs)
    if key == "format":
        return any(ours.get(name) != theirs.get(name) for name in ("formatted", "format_error"))
    return ours.get("tree") != theirs.get("tree")


def first_difference(left, right, path=""):
    if type(left) is not type(right):
        return f"{path}: {str(left)[:200]} | {str(right)[:200]}"
    if isinstance(left, dict):
        for key in sorted(set(left) | set(right)):
            if left.get(key) != right.get(key):
                return first_difference(left.get(key), right.get(key), f"{path}.{key}")
    if isinstance(left, list):
        for i, (one, other) in enumerate(zip(left, right)):
            if one != other:
                return first_difference(one, other, f"{path}[{i}]")
        return f"{path}: {len(left)} | {len(right)} elements: {str(left)[:300]} | {str(right)[:300]}"
    return f"{path}: {str(left)[:600]!r} | {str(right)[:600]!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probe", default=ROOT / "build" / "release" / "rego_syntax_probe")
    parser.add_argument("--oracle")
    parser.add_argument("--mutate", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=KEYS)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--versions", default="v0,v1")
    parser.add_argument("--keep", help="folder for modules that differ")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    paths = options.paths or [CORPORA / "rego", CORPORA / "trivy-checks"]
    modules = gather(paths)
    random_ = random.Random(options.seed)
    sources = list(modules.items())
    for i in range(options.mutate):
        source, origin = random_.choice(sources)
        modules.setdefault(mutate(random_, source, random_.choice(sources)[0]), f"{origin} (mutant {i})")

    with tempfile.TemporaryDirectory() as folder:
        oracle = options.oracle or build_oracle(folder)
        lines, names = [], []
        for i, (source, origin) in enumerate(modules.items()):
            path = pathlib.Path(folder) / f"{i}.rego"
            path.write_bytes(source)
            for version in options.versions.split(","):
                lines.append(f"{version} {path}")
                names.append((version, origin, source))
        ours = ask([options.probe], lines)
        # Trees and formatted texts by two processes: OPA's formatter writes into terms that its trees share.
        theirs = [{}] * len(lines)
        for part in ("tree", "format"):
            if part == "format" and options.only in ("tree", "errors") or part == "tree" and options.only == "format":
                continue
            theirs = [{**before, **now} for before, now in zip(theirs, ask([oracle, part], lines))]

    different = collections.Counter()
    shown = 0
    for name, one, other in zip(names, ours, theirs):
        if other.get("errors") in ("panic", "unprintable"):
            different["refused by the oracle"] += 1
            continue
        keys = [key for key in ((options.only,) if options.only else KEYS) if differs(one, other, key)]
        different.update(keys)
        if not keys:
            different["equal"] += 1
        elif shown < options.show:
            shown += 1
            print(f"--- {name[0]} {name[1]}: {', '.join(keys)}")
            for key in keys:
                if key == "format":
                    print(f"ours:\n{one.get('formatted', one.get('format_error'))}\n"
                          f"theirs:\n{other.get('formatted', other.get('format_error'))}")
                else:
                    print(first_difference(one.get(key), other.get(key)))
            if options.keep:
                pathlib.Path(options.keep).mkdir(exist_ok=True)
                (pathlib.Path(options.keep) / f"{shown}.rego").write_bytes(name[2])
    failed = sum(different[key] for key in KEYS)
    print(f"{len(names)} readings of {len(modules)} modules: {dict(different)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
