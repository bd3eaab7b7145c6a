#!/usr/bin/env python3
"""Broken policies: what `merlon compat opa check` says is wrong, against OPA 1.22.2.

  rego_errors.py [--cases N] [--seed S] [--opa PROGRAM] [--merlon PROGRAM] [--show N] [--keep DIR] [--only KIND] [PATH...]

Modules that OPA accepts (files and case files below PATH; without: the corpora) are changed in one place or
two: an operand of another type, a variable of another name, a `some` less, an operand more, an import twice, a rule that
needs itself, contradicting rules, names that hide others, calls of nothing … Of the kind "several" it is two to four
places, so that errors of several stages stand beside each other, and of "many" fifteen, which is more than are told;
half of both have a second module with its own changes. Each is checked as v1 or v0, half of them with --strict. Compared
are codes, messages, files, rows, columns, details below messages and those in JSON (but for the descriptions of
operands), their order, and the exit code.

Prints how many are equal and those that are not, by kind of change; exit code 1 where one is not.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools" / "parity"))
import rego_syntax  # noqa: E402

CORPORA = pathlib.Path(os.environ.get("MERLON_CORPORA", ROOT.parent / "shared" / "corpora"))
MAX_BYTES = 6_000

LITERALS = ("1", '"zz"', "[1]", '{"k": 1}', "{1, 2}", "true", "null", "input.zz", "[x | x := input.zz[_]]", '["a", "b"]', "set()")
STATEMENTS = (
    'sum("a") == 1', "unknown9(1)", "not unsafe9", "x9 := 1; x9 := 2", "x9 := 1; x9.foo", 'o9 := {"a": 1}; o9.b == 1',
    '"a" in {1, 2}', "[a9, b9] = [1]", "1 == \"a\"", "some u9 in input.a", "some u9", "every k9, v9 in input.a { true }",
    "every v9 in input.a { v9 > 0 }", "every v9 in [1, 2] { startswith(v9, \"a\") }", "y9 := [z9 | z9 := unsafe9]",
    "print(unsafe9)", "x9 := count(1)", "true with foo9 as 1", "true with data.foo9 as 1", "true with input as {}",
    "true with count as 1", "true with print as 1", "true with walk as 1", "true with eq as 1", "x9 := count", "count.x",
    "input := 1", "data := 2", "f9 := 3; f9(1)", "count := 3; count([1]) == 1", "x9 := y9; y9 := x9", "x9 = y9",
    "startswith(\"a\")", "startswith(1, \"a\")", "startswith(\"a\", \"b\", true)", "startswith(\"a\", \"b\", x9, 1)",
    "any([true])", "all([true])", "re_match(\"a\", \"b\")", "x9 := print(1)", "concat(\",\", [1])", "concat(1, [\"a\"], x9)",
    "1 + \"a\" == 2", "x9 := {1, 2} + 1", "x9 := 1 - {1}", "x9 := {1} & [1]", "json.marshal", "x9 := json.marshal",
    "x9 := input.a.b; x9[1][\"k\"] == {2: 3}", "data[1]", "data.a[1]", "input[1]", "x9 := [1, 2]; x9.foo", "x9 := [1, 2]; x9[7]",
    "x9 := {1, 2}; x9.a", "x9 := {\"a\": {\"b\": [1]}}; x9.a.c", "x9 := {\"a\": {\"b\": [1]}}; x9.a.b[0].d",
    "x9 := {\"a\": 1}; y9 := \"b\"; x9[y9]", "x9 := {\"a\": 1}; y9 := 3; x9[y9]", "x9 := [1]; y9 := \"b\"; x9[y9]",
    "opa.runtime()[0].foo.x[1] == 1", "object.get({\"a\": 1}, \"a\", 2).foo", "split(1, 2)", "x9 := split(\"a\", \",\")[0].foo",
    "{\"a\": 1, \"b\": 2} == {\"a\": \"x\"}", "{\"a\": 1} == [1]", "{1} == {\"a\"}", "[1, \"a\"] == [1, 2]",
    "x9 := {k: v | some k, v in input.a}; x9.foo.bar == x9", "x9 := $\"{unsafe9} {input.a}\"", "walk(input, [p9, v9]); p9.foo",
    "not x9 = 1", "not startswith(unsafe9, \"a\")", "not 1 == \"a\"", "x9 := time.clock(\"a\")", "net.cidr_merge(1)",
    "io.jwt.decode_verify(\"a\", \"b\", [x9, y9, z9]); x9.a", "x9 := 5 in 7", "1, 2 in [3]", "\"k\", 2 in [3]", "some 1 in {\"a\"}",
    "some \"k\", v9 in [1]; v9 == 1", "x9 := [y9, z9]", "x9 := {y9: 1}", "{x9 | true}", "[x9 | x9 = y9]", "a9[b9]", "f9(x9)",
    "x9 := 1; y9 := 2", "x9 := {z9 | z9 := 1; w9 := 2}", "every x9 in x9 { x9 == 1 }", "some x9 in [x9]",
    "object.union({\"a\": 1}, [1])", "x9 := to_number({1})", "graph.reachable({}, 1)", "x9 := numbers.range(1, \"a\")[0]",
    "sprintf(\"%d\", 1)", "sprintf(1, [1]) == x9", "regex.match(1, \"a\")", "units.parse([1])", "uuid.parse(1).foo",
)
RULES = (
    "default {r} := 1", "default {r} := 1\ndefault {r} := 2", "{r}(x9) := 1", "{r} := 1", "{r} contains 1", "{r}.q9 := 1",
    "{r}.q9.z9 := 1", "{r}[x9] := 1 if {{ x9 := \"a\" }}", "{r} if {{ {r} }}", "{r} if {{ data.zz9[{r}] }}", "import data.foo9", "import data.foo9\nimport data.foo9",
    "import data.foo9 as input9\nimport data.bar9 as input9", "a9 if {{ b9 }}\nb9 if {{ c9 }}\nc9 if {{ a9 }}", "f9(x9) := f9(x9)", "f9(x9, y9) := x9",
    "f9(input) := 1", "f9(x9) := 1\nf9(x9, y9) := 2", "f9(_) := 1\ng9 := f9(1, 2)", "f9(x9) := 1\ng9 := f9", "f9(x9) := 1\ng9 := f9()",
    "p9 := 1\nq9 := p9.foo", "p9 := {{\"a\": 1}}\nq9 := p9.b", "p9 := [1, \"a\"]\nq9 := count(p9[0])", "p9 contains \"a\"\nq9 := p9[1]", "p9 contains x9",
    "p9[x9] := 1", "p9 := x9", "p9 := data[_].q9", "p9.a[x9].b := 1 if {{ some x9 in [\"k\"] }}\nq9 := p9.a.k.b.c", "f9(x9) := upper(x9)\ng9 := f9(1)",
    "f9(x9) := y9 if {{ y9 := x9 + 1 }}\ng9 := f9(\"a\").foo", "p9 := 1 if {{ true }} else := \"a\"\nq9 := p9.x", "f9(x9) if {{ x9 == 1 }}\nf9(y9) if {{ 1 == 1 }}",
    "p9 := $\"{{x9}}\"", "p9 := [x9 | some x9 in input]\nq9 := p9.foo", "p9 := count(input.a)\nq9 := startswith(p9, \"a\")",
    "p9 := 1 with input.a as 2", "t9 if {{ s9 with data.zz9 as 1 }}\ns9 := data.zz9.a\nu9 if {{ s9.foo.bar }}", "p9 if {{ q9 }} q9 if {{ not x9 }}", "p9 := any([true])",
    "q9 := {{\"k\": 1}}\nt9 if {{ q9.z with data.{p}.q9 as {{\"z\": 1}} }}\nu9 if {{ q9.z }}", "t9 if {{ {r}.a.b with data.{p}.{r}.a as 1 }}",
)
CALL = re.compile(r"\b([a-z_]+(?:\.[a-z_0-9]+)*)\(")
WORD = re.compile(r"\b[a-z][a-z0-9_]*\b")
KEYWORDS = {"package", "import", "if", "contains", "some", "every", "in", "not", "with", "as", "else", "default", "true", "false",
            "null", "data", "input", "rego", "v1", "future", "keywords", "set"}


def rules_of(text):
    return re.findall(r"^([a-z][a-z0-9_]*)\b", text, re.M)


def bodies_of(text):
    """Places behind an opening brace of a rule's body."""
    return [match.end() for match in re.finditer(r"^[a-z][^\n{}]*\{[ ]*$", text, re.M)]


def end_of_call(text, begin):
    """The place of the parenthesis that closes, and of the commas between operands."""
    depth, commas, at = 0, [], begin
    while at < len(text):
        if text[at] == '"':
            at = text.find('"', at + 1)
            if at < 0:
                return None, []
        elif text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            if depth == 0:
                return at, commas
            depth -= 1
        elif text[at] == "," and depth == 0:
            commas.append(at)
        at += 1
    return None, []


def change_operand(rng, text, kind):
    calls = [match for match in CALL.finditer(text) if match.group(1) not in KEYWORDS]
    if not calls:
        return None
    call = rng.choice(calls)
    end, commas = end_of_call(text, call.end())
    if end is None:
        return None
    places = [call.end() - 1, *commas, end]
    which = rng.randrange(len(places) - 1)
    if kind == "operand type":
        return text[:places[which] + 1] + " " + rng.choice(LITERALS) + text[places[which + 1]:]
    if kind == "operand more":
        return text[:end] + ", " + rng.choice(LITERALS) + text[end:]
    if which == 0 and len(places) > 2:
        return text[:places[0] + 1] + text[places[1] + 1:]
    return text[:places[which]] + ("(" if which == 0 else "") + text[places[which + 1]:]


def rename(rng, text):
    words = [match for match in WORD.finditer(text) if match.group() not in KEYWORDS]
    if len(words) < 3:
        return None
    word = rng.choice(words[1:])
    other = rng.choice([rng.choice(words).group(), "zz9", "count", "input", "_"])
    return text[:word.start()] + other + text[word.end():]


def drop_line(rng, text, pattern):
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if re.search(pattern, line)]
    if not places:
        return None
    del lines[rng.choice(places)]
    return "\n".join(lines)


def double_import(rng, text):
    imports = re.findall(r"^import .*$", text, re.M)
    if not imports:
        return None
    chosen = rng.choice(imports)
    return text.replace(chosen, chosen + "\n" + chosen, 1)


def replace_side(rng, text):
    sides = list(re.finditer(r"(==|!=|:=|<|>|=) *([^\n;{}]+)", text))
    if not sides:
        return None
    side = rng.choice(sides)
    return text[:side.start(2)] + rng.choice(LITERALS) + text[side.end(2):]


def statement(rng, text):
    places = bodies_of(text)
    if not places:
        return None
    place = rng.choice(places)
    return text[:place] + "\n\t" + rng.choice(STATEMENTS) + text[place:]


def rule(rng, text):
    names = rules_of(text)
    names = [name for name in names if name not in KEYWORDS] or ["p9"]
    package = re.search(r"^package +([a-z0-9_.]+)", text, re.M)
    made = rng.choice(RULES).format(r=rng.choice(names), p=package.group(1) if package else "p")
    if made.startswith("import"):
        return re.sub(r"^(package [^\n]*)$", lambda match: match.group(1) + "\n" + made, text, count=1, flags=re.M)
    return text.rstrip("\n") + "\n\n" + made + "\n"


def syntax(rng, text):
    """Something that no parser takes, or something else than what was meant."""
    places = [match.start() for match in re.finditer(r"[(){}\[\]\",:=]", text)]
    if not places:
        return None
    place = rng.choice(places)
    return text[:place] + rng.choice(("", "", text[place] * 2, " ? ", " := ", "'", "\n")) + text[place + 1:]


CHANGES = {
    "operand type": lambda rng, text: change_operand(rng, text, "operand type"),
    "operand more": lambda rng, text: change_operand(rng, text, "operand more"),
    "operand less": lambda rng, text: change_operand(rng, text, "operand less"),
    "name": rename,
    "some less": lambda rng, text: drop_line(rng, text, r"^\s*some\b"),
    "assignment less": lambda rng, text: drop_line(rng, text, r":="),
    "import less": lambda rng, text: drop_line(rng, text, r"^import (data|input)"),
    "import twice": double_import,
    "side": replace_side,
    "statement": statement,
    "rule": rule,
}
WEIGHTS = {"statement": 6, "rule": 4, "operand type": 3, "name": 3, "side": 2}
# Of changes that stand beside others, and so are of less use one by one.
SEVERAL = {"several": (2, 4), "many": (15, 15)}


def as_old(text):
    """A v0 module of one of v1, as far as words go."""
    text = re.sub(r"^import (rego\.v1|future\.keywords.*)\n", "", text, flags=re.M)
    return text.replace("package ", "package ", 1).replace("\n\n", "\nimport future.keywords\n\n", 1)


def changed_often(rng, text, count, with_syntax):
    """With so many changes as can be made."""
    kinds = [kind for kind in CHANGES for _ in range(WEIGHTS.get(kind, 1))]
    for _ in range(count):
        text = CHANGES[rng.choice(kinds)](rng, text) or text
    return syntax(rng, text) or text if with_syntax else text


def make_case_of_several(seed, modules, kind):
    rng = random.Random(seed)
    is_old = rng.random() < 0.25
    with_syntax = rng.random() < 0.25
    texts = []
    for _ in range(rng.choice((1, 2))):
        text = rng.choice(modules)
        texts.append(changed_often(rng, as_old(text) if is_old else text, rng.randint(*SEVERAL[kind]), with_syntax))
    flags = ["--v0-compatible"] if is_old else []
    if rng.random() < 0.5:
        flags.append("--strict")
    if rng.random() < 0.2:
        flags += ["--max-errors", rng.choice(("1", "3", "30"))]
    return {"seed": seed, "kind": kind, "text": texts[0], "more": texts[1:], "flags": flags}


def make_case(seed, modules):
    rng = random.Random(seed)
    while True:
        text = rng.choice(modules)
        kinds = [rng.choice([kind for kind in CHANGES for _ in range(WEIGHTS.get(kind, 1))])]
        if rng.random() < 0.2:
            kinds.append(rng.choice(("statement", "rule")))
        is_old = rng.random() < 0.25
        if is_old:
            text = as_old(text)
        for kind in kinds:
            text = CHANGES[kind](rng, text) if text is not None else None
        if text is not None:
            break
    flags = ["--v0-compatible"] if is_old else []
    if rng.random() < 0.5:
        flags.append("--strict")
    return {"seed": seed, "kind": kinds[0], "text": text, "more": [], "flags": flags}


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def undescribed(details):
    """Details without OPA's descriptions of operands, which we do not have."""
    if isinstance(details, list):
        return [undescribed(one) for one in details]
    if isinstance(details, dict):
        return {key: undescribed(one) for key, one in details.items() if key != "description"}
    return details


def shown_error(error):
    location, details = error.get("location"), undescribed(error.get("details"))
    return error.get("code"), error.get("message"), json.dumps(location, sort_keys=True), json.dumps(details)


def said_by(program, case, folder):
    files = ["m.rego", *(["n.rego"] if case["more"] else [])]
    code, text = run([*program, "check", *case["flags"], *files], folder)
    _, document = run([*program, "check", *case["flags"], "--format", "json", *files], folder)
    try:
        errors = json.loads(document).get("errors", []) if document.strip() else []
    except ValueError:
        return code, text, document
    return code, text, [shown_error(one) for one in errors]


def check(case, options):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "m.rego").write_text(case["text"], encoding="utf-8")
        for text in case["more"]:
            pathlib.Path(folder, "n.rego").write_text(text, encoding="utf-8")
        theirs = said_by([options.opa], case, folder)
        ours = said_by([options.merlon, "compat", "opa"], case, folder)
    return theirs, ours


CIRCLE = re.compile(r"( is recursive: | may be recursive: )[^\n\"]*")


UNSAFE = re.compile(r"var \S+ is unsafe")


def same_unsafe(theirs, ours):
    """Whether they differ in the names of unsafe variables at one place alone, of which a limit left others untold: OPA has them
    in the order of a Go map, from run to run another."""
    return "error limit reached" in theirs[1] and UNSAFE.sub("", theirs[1]) == UNSAFE.sub("", ours[1]) and theirs[0] == ours[0]


def same(theirs, ours):
    """Whether they say the same; of rules that need each other OPA shows any circle, from run to run another."""
    def plain(said):
        code, text, errors = said
        return (code, CIRCLE.sub(r"\1", text), CIRCLE.sub(r"\1", json.dumps(errors)))
    return theirs == ours or plain(theirs) == plain(ours) or same_unsafe(theirs, ours)


def accepted(modules, options):
    """Those that OPA has nothing to say about."""
    kept = []
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(modules):
            path = pathlib.Path(folder, f"{number}.rego")
            path.write_text(text, encoding="utf-8")
            code, _ = run([options.opa, "check", path.name], folder)
            if code == 0:
                kept.append(text)
            path.unlink()
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--opa", default=str(ROOT / "build/peers/bin/opa"))
    parser.add_argument("--merlon", default=str(ROOT / "build/release/merlon"))
    parser.add_argument("--show", type=int, default=5, help="cases of each kind that differ")
    parser.add_argument("--keep", help="writes modules that differ into this folder")
    parser.add_argument("--modules", type=int, default=400, help="modules that are changed")
    parser.add_argument("--only", help="one kind of change")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    for program in (options.opa, options.merlon):
        if not os.access(program, os.X_OK):
            print(f"rego_errors: {program} is absent")
            return 2
    rng = random.Random(options.seed)
    texts = sorted(one.decode(errors="ignore") for one in rego_syntax.gather(options.paths or [CORPORA / "rego", CORPORA / "trivy-checks"])
                   if len(one) < MAX_BYTES and b"package " in one)
    rng.shuffle(texts)
    modules = accepted(texts[:options.modules], options)
    seeds = range(options.seed * 1_000_000, options.seed * 1_000_000 + options.cases)
    if options.only in SEVERAL:
        cases = [make_case_of_several(seed, modules, options.only) for seed in seeds]
    else:
        cases = [make_case(seed, modules) for seed in seeds]
        for kind in SEVERAL:
            cases += [make_case_of_several(seed, modules, kind) for seed in seeds[:options.cases // 4]]
    if options.only:
        cases = [case for case in cases if case["kind"] == options.only]
    counts, different, refused = collections.Counter(), collections.Counter(), 0
    with concurrent.futures.ThreadPoolExecutor(options.threads) as pool:
        for case, (theirs, ours) in zip(cases, pool.map(lambda case: check(case, options), cases)):
            counts[case["kind"]] += 1
            refused += theirs[0] != 0
            if same(theirs, ours):
                continue
            different[case["kind"]] += 1
            if options.keep:
                os.makedirs(options.keep, exist_ok=True)
                for name, text in zip(("", "_more"), (case["text"], *case["more"])):
                    pathlib.Path(options.keep, f"{case['seed']}{name}.rego").write_text(text, encoding="utf-8")
            if different[case["kind"]] <= options.show:
                print(f"---- {case['seed']} ({case['kind']}; {' '.join(case['flags'])})\nOPA:  {theirs[1].strip()}\n"
                      f"ours: {ours[1].strip()}")
                if theirs[1] == ours[1]:
                    print(f"OPA:  {theirs[2]}\nours: {ours[2]}")
    for kind, count in sorted(counts.items()):
        print(f"{kind}: {count - different[kind]} of {count} equal")
    total = sum(different.values())
    print(f"{len(cases) - total} equal, {total} different; OPA refuses {refused} of {len(cases)}")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
