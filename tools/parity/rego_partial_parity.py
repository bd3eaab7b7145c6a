#!/usr/bin/env python3
"""Partial evaluation: what `merlon compat opa eval --partial` leaves against what OPA 1.22.2 leaves.

  rego_partial_parity.py [--cases N] [--seed S] [--opa FILE] [--merlon FILE] [--go-tests FILE] [--show N]

Random policies, each asked for a rule, for its package and with a variable, with several sets of unknowns, with and without --shallow-inlining and --disable-inlining. --go-tests reads the cases of OPA's own
topdown_partial_test.go instead. Modules are put in the order of their packages, which OPA leaves to chance.
What one compiler's types refuse is counted as "compiled by one" (OPA's go through a map in any order). Where the texts differ only in the numbers of names that a compiler makes (`__local3__`) the case is counted as
"other numbers"; where both end in an error, as "both fail".

Exit code: 0; 1 where a case differs; 2 where a program is missing.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SECONDS = 60


def strings(text):
    """The Go string literals in it."""
    found = []
    for match in re.finditer(r'`([^`]*)`|"((?:[^"\\]|\\.)*)"', text):
        raw, quoted = match.group(1), match.group(2)
        found.append(raw if raw is not None else quoted.encode().decode("unicode_escape"))
    return found


def go_cases(path):
    text = open(path, encoding="utf-8").read()
    for block in re.split(r"\n\t\t\{\n(?=\t\t\tnote:)", text)[1:]:
        block = block.split("\n\t\t},")[0]
        fields = {}
        for match in re.finditer(r"^\t\t\t(\w+):\s*", block, re.MULTILINE):
            rest = block[match.end():]
            end = re.search(r"\n\t\t\t\w+:", re.sub(r"`[^`]*`", lambda m: "x" * len(m.group()), rest))
            fields[match.group(1)] = rest[:end.start()] if end else rest
        if "query" not in fields or "Sprintf" in block or "moduleASTs" in fields:
            continue
        case = {"note": (strings(fields["note"]) or [""])[0], "query": (strings(fields["query"]) or [""])[0],
                "modules": strings(fields.get("modules", "")), "arguments": []}
        for name in ("data", "input"):
            case[name] = (strings(fields.get(name, "")) or [None])[0]
        for unknown in strings(fields.get("unknowns", "")):
            case["arguments"] += ["--unknowns", unknown]
        for reference in strings(fields.get("disableInlining", "")):
            case["arguments"] += ["--disable-inlining", reference]
        if "true" in fields.get("shallow", ""):
            case["arguments"].append("--shallow-inlining")
        if "true" in fields.get("nondeterministicBuiltins", ""):
            case["arguments"].append("--nondeterminstic-builtins")
        yield case


DATA = {"d": {"xs": [1, 2, "a"], "names": ["ann", "bob"], "roles": [{"name": "a", "level": 1}, {"name": "b", "level": 2}],
              "table": {"a": 1, "b": 2, "k": {"a": [1]}}, "t": True, "n": 2}}
INPUT = {"a": 1, "b": {"c": 2, "a": "x"}, "xs": [1, 2, 3], "name": "ann"}
UNKNOWNS = (["input"], ["input"], ["input"], ["input.a"], ["input.a", "input.xs"], ["data.d.xs"], ["data.d.table", "input"],
            ["data.d.roles", "input.b"], ["input.b.c"])
REFERENCES = ("input.a", "input.b.c", "input.xs", "input.name", "input.b", "data.d.xs", "data.d.names", "data.d.table.a", "data.d.t",
              "data.d.n", "input.q", "data.d.roles[_].name", "input.xs[_]", "data.d.xs[_]", "input.ys[_].z")
COLLECTIONS = ("input.xs", "input.b", "data.d.xs", "data.d.names", "data.d.table", "data.d.roles", "input.ys")
CONSTANTS = ("1", "2", '"a"', '"ann"', "true", "false", "[1]")


class PartialPolicy:
    """One module whose rules ask about input and data, and about each other."""

    def __init__(self, rng):
        self.rng, self.count, self.rules, self.functions = rng, 0, [], []

    def fresh(self):
        self.count += 1
        return f"v{self.count}"

    def value(self, scope):
        rng, kind = self.rng, self.rng.random()
        if scope and kind < 0.35:
            return rng.choice(scope)
        if kind < 0.6:
            return rng.choice(CONSTANTS)
        return rng.choice(REFERENCES)

    def document(self, scope):
        """(text, whether it has a value that may be compared)"""
        rng = self.rng
        name, kind = rng.choice(self.rules)
        if kind == "complete" or rng.random() < 0.2:
            return f"data.p.{name}"
        step = rng.choice([self.value(scope), '"a"', "1", self.value(scope)])
        return f"data.p.{name}[{step}]"

    def literal(self, scope, depth):
        rng, kind = self.rng, self.rng.random()
        value = self.value
        if kind < 0.22:
            return f"{value(scope)} {rng.choice(['==', '==', '!=', '>', '<'])} {value(scope)}", []
        if kind < 0.32:
            name = self.fresh()
            return f"{name} := {value(scope)}", [name]
        if kind < 0.40:
            name = self.fresh()
            return f"some {name} in {rng.choice(COLLECTIONS)}", [name]
        if kind < 0.46:
            name = self.fresh()
            return f"some {name}; {rng.choice(COLLECTIONS)}[{name}] == {value(scope)}", [name]
        if kind < 0.50:
            return f"{value(scope)} in {rng.choice(COLLECTIONS)}", []
        if kind < 0.58:
            return f"not {rng.choice([value(scope), self.document(scope) if self.rules else 'input.a'])}" + rng.choice(["", " == 1"]), []
        if kind < 0.64 and depth:
            name = self.fresh()
            body, _ = self.body(scope + [name], depth - 1, rng.randrange(1, 3))
            return f"every {name} in {rng.choice(COLLECTIONS)} " + "{ " + "; ".join(body) + f"; {name} != 17" + " }", []
        if kind < 0.72 and depth:
            name, made = self.fresh(), self.fresh()
            body, _ = self.body(scope + [name], depth - 1, rng.randrange(1, 3))
            inside = "; ".join([f"some {name} in {rng.choice(COLLECTIONS)}"] + body)
            left, right = rng.choice(["[]", "{}"])
            return f"{made} := {left}{name} | {inside}{right}", [made]
        if kind < 0.80 and self.functions:
            function, arity = rng.choice(self.functions)
            call = f"{function}({', '.join(value(scope) for _ in range(arity))})"
            name = self.fresh()
            return rng.choice([(call, []), (f"{call} == {value(scope)}", []), (f"{name} := {call}", [name])])
        if kind < 0.84:
            return rng.choice([f'startswith(input.name, "{rng.choice("ab")}")', f"count({rng.choice(COLLECTIONS)}) > 1",
                               f'sprintf("%v", [{value(scope)}]) == "1"', "input.a + 1 == 2", "time.now_ns() > 1"]), []
        if self.rules and kind < 0.96:
            text = self.document(scope)
            name = self.fresh()
            change = ""
            if rng.random() < 0.2:
                change = f" with {rng.choice(['input.a', 'input', 'data.d.n', 'input.xs'])} as {value(scope)}"
            return rng.choice([(text + change, []), (f"{text} == {value(scope)}" + change, []), (f"{name} := {text}" + change, [name])])
        return value(scope), []

    def body(self, scope, depth, count):
        texts, inner = [], list(scope)
        for _ in range(count):
            text, names = self.literal(inner, depth)
            texts.append(text)
            inner += names
        return texts, inner

    def rule(self):
        rng, name, kind = self.rng, f"r{len(self.rules) + len(self.functions)}", self.rng.random()
        lines, block = [], lambda body: "{ " + "; ".join(body) + " }"
        if kind < 0.2:
            arity = rng.randrange(1, 3)
            if rng.random() < 0.2:
                lines.append(f"default {name}({', '.join('_' for _ in range(arity))}) := {rng.choice(['false', '0'])}")
            for _ in range(rng.randrange(1, 3)):
                arguments = [rng.choice(CONSTANTS) if rng.random() < 0.2 else self.fresh() for _ in range(arity)]
                body, inner = self.body([one for one in arguments if one[0] == "v"], 1, rng.randrange(1, 3))
                lines.append(f"{name}({', '.join(arguments)}){rng.choice(['', f' := {self.value(inner)}'])} if " + block(body))
            self.functions.append((name, arity))
            return lines
        if kind < 0.6:
            if rng.random() < 0.35:
                lines.append(f"default {name} := {rng.choice(CONSTANTS)}")
            for _ in range(rng.randrange(1, 4)):
                body, inner = self.body([], 2, rng.randrange(1, 4))
                text = f"{name}{rng.choice(['', '', f' := {self.value(inner)}'])} if " + block(body)
                if rng.random() < 0.08:
                    body, inner = self.body([], 1, 1)
                    text += f" else := {self.value(inner)} if " + block(body)
                lines.append(text)
            self.rules.append((name, "complete"))
        elif kind < 0.8:
            for _ in range(rng.randrange(1, 3)):
                body, inner = self.body([], 2, rng.randrange(1, 4))
                lines.append(f"{name} contains {self.value(inner)} if " + block(body))
            self.rules.append((name, "set"))
        else:
            for _ in range(rng.randrange(1, 3)):
                body, inner = self.body([], 2, rng.randrange(1, 4))
                key = rng.choice(inner) if inner and rng.random() < 0.7 else rng.choice(['"a"', '"k"'])
                lines.append(f"{name}[{key}] := {self.value(inner)} if " + block(body))
            self.rules.append((name, "object"))
        return lines

    def module(self):
        lines = ["package p", ""]
        while not self.rules or self.rng.random() < 0.7:
            lines += self.rule()
        return "\n".join(lines) + "\n"


def random_cases(count, seed):
    for number in range(count):
        rng = random.Random(seed + number)
        policy = PartialPolicy(rng)
        module = policy.module()
        arguments = []
        for unknown in rng.choice(UNKNOWNS):
            arguments += ["--unknowns", unknown]
        if rng.random() < 0.12:
            arguments.append("--shallow-inlining")
        if rng.random() < 0.15:
            arguments += ["--disable-inlining", f"data.p.{rng.choice(policy.rules)[0]}"]
        if rng.random() < 0.1:
            arguments.append("--nondeterminstic-builtins")
        name = f"data.p.{rng.choice(policy.rules)[0]}"
        query = rng.choice([name, name, f"x = {name}", f"{name}[x]", f"{name} = true", f"{name} == 1", "data.p", f"not {name}",
                            "; ".join(policy.body([], 1, 2)[0])])
        yield {"note": f"seed {seed + number}", "query": query, "modules": [module], "arguments": arguments,
               "data": json.dumps(DATA), "input": json.dumps(INPUT) if rng.random() < 0.6 else None}


def run(program, case, folder, form):
    command = list(program) + ["eval", "--partial", "--format", form] + case["arguments"]
    for i, module in enumerate(case["modules"]):
        command += ["--data", os.path.join(folder, f"module{i}.rego")]
    if case["data"] is not None:
        command += ["--data", os.path.join(folder, "data.json")]
    if case["input"] is not None:
        command += ["--input", os.path.join(folder, "input.json")]
    try:
        done = subprocess.run(command + [case["query"]], capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return "TIMEOUT", "", 0
    return done.stdout, done.stderr, done.returncode


def ordered(text):
    """Modules by their packages."""
    parts = re.split(r"^# Module \d+\n", text, flags=re.MULTILINE)
    return parts[0] + "".join(f"# Module\n{part.rstrip()}\n" for part in sorted(parts[1:]))


def renumbered(text):
    known = {}
    return re.sub(r"__local(q?)\d+__", lambda m: known.setdefault(m.group(), f"__local{m.group(1)}#{len(known)}__"), text)


def judge(case, programs):
    with tempfile.TemporaryDirectory() as folder:
        for i, module in enumerate(case["modules"]):
            with open(os.path.join(folder, f"module{i}.rego"), "w", encoding="utf-8") as file:
                file.write(module)
        for name in ("data", "input"):
            if case[name] is not None:
                with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
                    file.write(case[name])
        (theirs, their_errors, their_code), (ours, our_errors, our_code) = (
            run(program, case, folder, "source") for program in programs)
    if their_code != 0 and our_code != 0:
        return "both fail", "", ""
    if ("rego_type_error" in their_errors) != ("rego_type_error" in our_errors):
        return "compiled by one", theirs + their_errors, ours + our_errors
    if "TIMEOUT" in (ours, theirs):
        return "too long", theirs, ours
    theirs, ours = ordered(theirs) + their_errors, ordered(ours) + our_errors
    if theirs == ours:
        return "equal", "", ""
    if renumbered(theirs) == renumbered(ours):
        return "other numbers", theirs, ours
    return "different", theirs, ours


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--opa", default=os.environ.get("OPA", "opa"))
    parser.add_argument("--merlon", default=os.path.join(ROOT, "build", "release", "merlon"))
    parser.add_argument("--go-tests")
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    for program in (options.opa, options.merlon):
        if subprocess.run(["sh", "-c", f"command -v '{program}'"], capture_output=True).returncode != 0:
            print(f"{program} is missing", file=sys.stderr)
            return 2
    programs = [[options.opa], [options.merlon, "compat", "opa"]]
    cases = list(go_cases(options.go_tests) if options.go_tests else random_cases(options.cases, options.seed))
    cases = [case for case in cases if options.only in case["note"]]
    counts, shown = {}, 0
    with ThreadPoolExecutor(2) as pool:
        for case, (verdict, theirs, ours) in zip(cases, pool.map(lambda case: judge(case, programs), cases)):
            counts[verdict] = counts.get(verdict, 0) + 1
            if verdict in ("different", "too long") and shown < options.show:
                shown += 1
                print(f"== {case['note']}: {case['query']} {' '.join(case['arguments'])}")
                print("\n".join(case["modules"]))
                print(f"-- data {case['data']} input {case['input']}\n-- OPA\n{theirs}\n-- Merlon\n{ours}")
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    return 1 if counts.get("different") or counts.get("too long") else 0


if __name__ == "__main__":
    sys.exit(main())
