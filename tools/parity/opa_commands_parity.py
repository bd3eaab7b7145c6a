#!/usr/bin/env python3
"""Command lines of `opa`: our `merlon policy` beside OPA 1.22.2's binary.

  opa_commands_parity.py [--merlon FILE] [--opa FILE] [--only WORD] [--show N] [--cases N]

Each line is run by both in one folder: policies, data and tests that stand below, and cases of the Rego corpus
(MERLON_CORPORA). Standard output and the exit code must be equal, and of what is asked wrongly the first line of
standard error; times are taken out before. What differs must be one of the kinds in CLASSES, each of which says what
it is for; the rest is printed. A word like OPA_EVAL_FORMAT=raw in front is a variable, and one behind "<" at the end
standard input.

Prints `N equal, N explained, N open`. Exit code: 0; 1 where one is open; 2 where a program is missing.
"""

import argparse
import collections
import glob
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

POLICY = """package app

import data.lib

# METADATA
# title: who may
# description: decides who may do what
# authors: [ "Somebody <somebody@example.org>" ]
# custom: {"severity": "high"}
default allow := false

allow if {
\tinput.user == "alice"
\tsome role in data.roles[input.user]
\tstartswith(role, "adm")
\tnot blocked
}

allow if lib.is_owner(input.user, input.resource)

blocked if input.ip in data.bad

deny contains msg if {
\tsome i, container in input.containers
\tnot container.limits
\tmsg := sprintf("%v (%d) has no limits", [container.name, i])
}

names[name] := n if {
\tsome n, container in input.containers
\tname := container.name
}

all_small if {
\tevery size in input.sizes { size < 10 }
}

level := "high" if {
\tinput.score > 8
} else := "middle" if {
\tinput.score > 4
} else := "low"

total := sum([size | some size in input.sizes; size > 1])
"""

LIBRARY = """package lib

is_owner(user, resource) if {
\tresource.owner == user
\tcount(resource.tags) > 1
}

double(x) := y if y := x * 2

# a comment
union_of := {x | some x in data.bad} | {"z"}
"""

TESTS = """package app_test

import data.app
import data.lib

test_allow if app.allow with input as {"user": "alice", "ip": "3"} with data.roles as {"alice": ["admin"]}

test_double if lib.double(2) == 4

test_wrong if {
\tx := 3
\tlib.double(x) == 7
}

test_undefined if app.level == input.nothing

test_every if {
\tevery x in [1, 2, 3] { x < 3 }
}

test_deny if count(app.deny) == 2 with input as {"containers": [{"name": "a"}, {"name": "b", "limits": 1}]}

test_cases[name] if {
\tsome name, c in {"one": {"in": 1, "out": 2}, "two": {"in": 2, "out": 5}}
\tlib.double(c["in"]) == c.out
}

todo_test_later if false
"""

GOOD_TESTS = """package good_test

import data.lib

test_double if lib.double(2) == 4

test_owner if lib.is_owner("a", {"owner": "a", "tags": [1, 2]})

test_not_owner if not lib.is_owner("b", {"owner": "a", "tags": [1, 2]})
"""

UNFORMATTED = 'package ugly\nallow   if { input.x==1 }\nq contains x if {some x in [ 1,2 ]}\n'
CONFLICT = """package conflict

p := 1

p := {"a": [2, "x"]} if input == input

p := 1 if true

q := 7 if p

f(x) := x

f(x) := x + 1

many := x if some x in numbers.range(1, 20)

many := x if some x in numbers.range(5, 15)

many := 1 if false
else := "else"

many := "a" if true

many := "b" if true

many := "c" if true

long := {"text": "a text that is longer than eighty characters, which is where OPA cuts what it shows of a value"}

long := 2
"""

CONFLICT_TESTS = """package conflict_test

import data.conflict

test_conflict if conflict.p with input as 1

test_fine if true
"""

STACKED = """package ex

p contains x if {
\tq[x]
}

q contains x if {
\tr[x]
}

r contains x if {
\tx := 1 / 0
}

comprehension if {
\txs := [y | y := 1 / 0]
\txs != []
}

every_one if {
\tevery y in [1] {
\t\ty == 1 / 0
\t}
}

replaced if {
\tv := {}
\tq with input as v
}

reciprocals contains y if {
\tsome x in {2, 1, 0}
\ty := reciprocal(x)
}

reciprocal(x) := 1 / x

conflicting := 1

conflicting := 2

short if conflicting

of_object if {
\to := {"a": 1, "b": "a text that is long enough to be cut, which happens behind eighty characters"}
\tlong(o)
}

long(o) if o.a / 0

twice if {k: v | k := "a"; some v in [1, 2]}

test_conflict if short

test_fine if true
"""

MORE = """package more

import data.lib

p contains y if {
\tsome x in input.z
\ty := x.b + 1
\tnot lib.q(x)
\tprint(x)
}

q if {
\tinput.x == "a"
\t$"{input.y}" != "s"
\tevery i in [1, 2] { startswith(i, "a") }
}

r := rand.intn("a", 3)

s if walk(input, [["a"], 1])
"""

TYPED = """package typed

# METADATA
# schemas:
# - input: {"type": "object", "properties": {"a": {"type": "number"}}}
p if input.a.b == 1
"""

EVERY = """package loops

p if {
\tevery x in [1] {
\t\tx == 1
\t\tcount([x]) > 0
\t}
}
"""

# What stands below `# METADATA`; lines that are read otherwise than they look.
BLOCKS = ("title: [a]", "entrypoint: foo", "organizations: x", "organizations:\n- [a]\n- b", "authors:\n- 1", "authors:\n- {a: 1}",
          "related_resources:\n- {ref: \"\"}", "schemas:\n- input: 1", "compile:\n  unknowns: [\"a b\"]", "labels: [1]",
          "title: x\ntitle: y", "title:x", "- a", "  title: x\n bar: y", "title: x\n---\ntitle: [y]", "\tx: y", "scope: nowhere",
          "custom:\n  1: x\n  [a]: b", "custom:\n  {a: b}: c\n  d: e", "custom:\n  d: 2001-01-01\n  e: \"2001-01-01\"",
          "custom:\n  d: [2001-12-14t21:59:43.10-05:00, 2001-12-14 21:59:43.1, 2001-13-01]", "%YAML 1.3\n---\ntitle: x", "title: |\n  a\n b")

DATA = {"roles": {"alice": ["dev", "admin"], "bob": []}, "bad": ["1", "2"]}
INPUTS = {
    "alice.json": {"user": "alice", "ip": "3", "sizes": [1, 2, 3], "score": 9,
                   "containers": [{"name": "a"}, {"name": "b", "limits": {"cpu": 1}}, {"name": "c"}]},
    "bob.json": {"user": "bob", "ip": "1", "sizes": [1, 20], "score": 5,
                 "resource": {"owner": "bob", "tags": ["x", "y"]}},
    "empty.json": {},
}
QUERIES = ("data.app.allow", "data.app.deny", "data.app", "data.app.level", "data.app.names.a", "data.app.names[x]",
           "data.app.all_small", "x := data.app.total; x > 1", "data.lib.double(3, y)", "data.app.deny[m]; n := count(m)",
           "not data.app.blocked", "data.nothing.here", "1 + 1", "[x | some x in input.sizes]", "input.user = u")

# kind: what differs, as a predicate over (arguments, OPA's output, ours, OPA's code, ours).
CLASSES = {
    "capabilities": ("descriptions and categories of built-ins are OPA's own texts",
                     lambda a, o, m, oc, mc: a[0] == "capabilities" and "--current" in a and
                     undescribed(o) == json.loads(m)),
    "reaching": ("`policy check` tells in JSON, too, which built-ins reach outside; OPA says nothing of what is right",
                 lambda a, o, m, oc, mc: a[0] == "check" and oc == mc == 0 and o.strip() == "" and list(json.loads(m)) == ["reaching"]),
    "places": ("of JSON that is none the line is told, and of an input the file",
               lambda a, o, m, oc, mc: oc == mc and PLACED.sub("", m) == o),
    "unsafe": ("which of several variables is named first is the order of a Go map",
               lambda a, o, m, oc, mc: oc == mc and "is unsafe" in o and alike(o, m)),
    "writing": ("why a file could not be written is said in our words",
                lambda a, o, m, oc, mc: a[0] == "build" and named_file(OPENED, o) == named_file(NOT_CREATED, m) != ""),
    "each file": ("that --capabilities lack Rego v1 OPA says of each file",
                  lambda a, o, m, oc, mc: set(said_of_files(o)) == set(said_of_files(m)) == {OLD_LANGUAGE}),
    "logs": ("`exec` says in words what OPA logs", lambda a, o, m, oc, mc: a[0] == "exec" and oc == mc and LOGGED.sub("", o) ==
             SAID.sub("", m)),
    "nothing said": ("OPA ends without a word", lambda a, o, m, oc, mc: oc == mc and oc != 0 and not o and m.startswith("error: ")),
    "descriptions": ("what a built-in takes is described in OPA's own texts",
                     lambda a, o, m, oc, mc: oc == mc and DESCRIBED.sub("", o) == DESCRIBED.sub("", m)),
    "metrics": ("the engine has no timers for what OPA does and it does not",
                lambda a, o, m, oc, mc: is_measured(a) and tell_the_same(without_metrics(o), without_metrics(m)) and
                metrics_of(m) <= metrics_of(o)),
    "shared paths": ("OPA's debug traces show a path that a later step has changed",
                     lambda a, o, m, oc, mc: "debug" in a and oc == mc and
                     (only_lines(o, m, " Unify data.") or
                      plain_events(o, has_shared_paths=True) == plain_events(m, has_shared_paths=True) is not None)),
    "diff": ("`fmt --diff` marks lines, OPA colours characters",
             lambda a, o, m, oc, mc: a[0] == "fmt" and "--diff" in a and tells_the_same_change(o, m)),
    "version": ("the version is that of the language that is served",
                lambda a, o, m, oc, mc: a[0] == "version" and set(m.splitlines()) - {OWN_VERSION} <= set(o.splitlines()) and
                OWN_VERSION.split(" (")[0] in o.splitlines()),
    "order": ("OPA reports tests as they end", lambda a, o, m, oc, mc: "test" in a[:2] and alike(o, m)),
    "ties": ("which of several places a value is shown at is the order of a Go map",
             lambda a, o, m, oc, mc: "--var-values" in a and alike(without_places(o), without_places(m))),
    "cases": ("the call that names a case has the place of the rule, in OPA that of what stands before it",
              lambda a, o, m, oc, mc: a[0] == "test" and "--explain" in a and
              all("internal.test_case" in line for line in difference(o, m))),
    "events": ("values of a trace's event come in the order of a Go map, and names that the compiler makes have other numbers, "
               "perhaps a place, and their expressions no mark", lambda a, o, m, oc, mc: "--explain" in a and oc == mc and plain_events(o) == plain_events(m) is not None),
    "numbers": ("names that look generated were written by hand, and one number is taken twice",
                lambda a, o, m, oc, mc: "--explain" in a and NUMBER.sub("", o) == NUMBER.sub("", m)),
}
PLACED = re.compile(r" \((?:line \d+, column \d+|standard input|[\w./-]+\.(?:json|yaml|txt)(?:: line \d+, column \d+)?)\)(?=[\"\n])")
LOGGED = re.compile(r'^(?:\{.*"time":.*\}|time=.*)\n', re.MULTILINE)
SAID = re.compile(r"^error: .*\n", re.MULTILINE)
DESCRIBED = re.compile(r'^ *"description": .*\n', re.MULTILINE)
NUMBER = re.compile(r"__localq?\d+__")
MADE_NAME = re.compile(r"__localq?\d+__|^\$term\d+$")
PLACE = re.compile(r"^[\s|]*(?:[\w.\[\]\"]+: )?", re.MULTILINE)


OPENED = re.compile(r"error: open ([^:]+): ")
NOT_CREATED = re.compile(r"error: (?:([^:]+): cannot create|cannot create (?:the file )?'?([^:']+))")
OLD_LANGUAGE = "illegal capabilities: rego_v1 feature required for parsing v1 Rego"
OWN_VERSION = "Version: 1.22.2 (Rego of Merlon)"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
DURATION = re.compile(r"^[0-9.]+(?:ns|µs|ms|s)$|^T$")
MEASURES = ("metrics", "aggregated_metrics", "total_time_ns", "total_time_ns_stats")
METRIC = re.compile(r"(?:timer|counter|histogram)_\w+(?=\"|[ _])")


def named_file(expression, text):
    """The file that an error names; "": it is another one."""
    found = expression.match(text)
    return os.path.basename(next(one for one in found.groups() if one)) if found else ""


def said_of_files(text):
    """The messages of errors, without their places and codes."""
    return [line.rsplit("rego_parse_error: ", 1)[1] for line in text.splitlines() if "rego_parse_error: " in line] or [text]


def is_measured(arguments):
    return any(one in arguments for one in ("--metrics", "--profile", "--instrument"))


def metrics_of(text):
    """The names of timers, counters and histograms."""
    return {re.sub(r"_(?:[0-9.]+%|count|max|mean|median|min|stddev)$", "", one) for one in METRIC.findall(text)}


def without_metrics(text):
    """What stands beside the metrics; of a profile the counts, by their places."""
    try:
        found = json.loads(re.sub(r": T(?=[,\n])", ": 0", text))
    except ValueError:
        rows = collections.Counter()
        for line in text.splitlines():
            cells = [cell.strip() for cell in line.split("│")[1:-1]] if line.startswith("│") else [line]
            is_metric = cells[0] == "Metric" or METRIC.match(cells[0] + " ") or re.match("[┌├└]", line)
            rows[tuple(cell for cell in cells if not DURATION.match(cell))] += 0 if is_metric else 1
        return +rows

    def plain(one):
        if isinstance(one, dict):
            return {name: plain(member) for name, member in one.items() if name not in MEASURES}
        return [plain(item) for item in one] if isinstance(one, list) else one
    rest = plain(found)
    lines_of_profile = rest.pop("profile", []) + rest.pop("aggregated_profile", [])
    rows = collections.Counter((json.dumps(line, sort_keys=True), json.dumps(line["location"])) for line in lines_of_profile)
    return rows + collections.Counter([json.dumps(rest, sort_keys=True)])


def tell_the_same(one, other):
    """Whether two countings differ in lines of a profile alone, of which each has those that were slowest, and in none that both have."""
    first, second = one - other, other - one
    places = [{row[-1] for row in rows} for rows in (first, second)]
    are_lines = all(isinstance(row, tuple) and len(row) > 1 for row in (*first, *second))
    return are_lines and not places[0] & places[1]


def tells_the_same_change(coloured, marked):
    """Whether the lines that are marked as gone and as new stand in the coloured text before and after the change."""
    before, after = (COLOUR.sub("", re.sub(rf"\x1b\[{colour}m[^\x1b]*\x1b\[0m", "", coloured)).splitlines() for colour in (32, 31))
    changed = [line for line in marked.splitlines() if line[:1] in ("+", "-")]
    return bool(changed) and all(line[1:] in (after if line[0] == "+" else before) for line in changed)


def plain_events(text, has_shared_paths=False):
    """JSON with a trace whose made names have no numbers, in the order of their values; None: it has none.

    With shared paths, what is unified with a rule below a document has no last step.
    """
    def plain(value):
        if isinstance(value, list):
            return [plain(one) for one in value]
        if not isinstance(value, dict):
            return NUMBER.sub("__local__", value) if isinstance(value, str) else value
        if has_shared_paths and value.get("Op") == "Unify":
            for term in value["Node"]["terms"]:
                if term["type"] == "ref" and term["value"][0]["value"] == "data":
                    term["value"].pop()
        made = {name: plain(member) for name, member in value.items() if name != "generated"}
        if "LocalMetadata" in made and made["Locals"] is not None:
            made["Locals"] = sorted(json.dumps(one, sort_keys=True) for one in made["Locals"])
            made["LocalMetadata"] = sorted(
                json.dumps([one["name"], None if MADE_NAME.search(value["LocalMetadata"][name]["name"]) else one["location"]])
                for name, one in made["LocalMetadata"].items())
        return made
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return plain(document) if isinstance(document, dict) and "explanation" in document else None


def undescribed(text):
    """Capabilities without descriptions and categories."""
    def plain(value):
        if isinstance(value, list):
            return [plain(one) for one in value]
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items() if key not in ("description", "categories")}
        return value
    return plain(json.loads(text))


def difference(one, other):
    """The lines that one of the texts has alone."""
    first, second = collections.Counter(one.splitlines()), collections.Counter(other.splitlines())
    return [*(first - second), *(second - first)]


def alike(one, other):
    """Whether the lines are the same, in another order."""
    return sorted(one.splitlines()) == sorted(other.splitlines())


def without_places(text):
    return "\n".join(line for line in PLACE.sub("", text).splitlines() if line)


def only_lines(one, other, word):
    """Whether the texts differ in lines alone that hold the word."""
    first, second = one.splitlines(), other.splitlines()
    return len(first) == len(second) and all(a == b or (word in a and word in b) for a, b in zip(first, second))


# What `build -O`, bundles and whole documents have to keep.
KEPT = """package kept

# METADATA
# title: named
meta := rego.metadata.rule().title

printed contains msg if {
\tsome x in ["a", "b"]
\tprint("checking", x, input.none)
\tmsg := concat(" ", [x, "bad"])
}

every_role if every r in input.roles { r != "x" }

odd := "\\u0000\\u007f"

negated if not print("x")
"""
KEPT_NAMES = ("meta", "printed", "every_role", "odd", "negated")
MANIFESTS = ('{"ROOTS": ["kept"]}', '{"Rego_Version": 1}', '{"metadata": []}', '{"metadata": null}', '{"rego_version": 2}',
             '{"roots": ["kept/"]}', "{} {}", "{}x", '{"roots": 5}', '{"roots": [5]}', '{"rego_version": 1.5}', "[]",
             '{"file_rego_versions": {"a": "b"}}', '{"revision": 1}')


def write(folder):
    files = {"kept/kept.rego": KEPT, "system.rego": "package system.x\n\na := 1\n", "keys.rego": 'package keys\n\na[1] := 2\n\na[{"a": 1}] := 3\n', "literal.rego": "package literal\n\nx := [i | some i in 5]\n", "function/f_test.rego": "package f\n\ntest_fn(x) := true\n",
             **{f"manifest{i}/{name}": text for i, manifest in enumerate(MANIFESTS)
                for name, text in ((".manifest", manifest), ("kept.rego", KEPT))},
             **{f"patch{i}/{name}": text for i, patch in enumerate(("{}", '{"data": []}', "x", '{"data": {}}'))
                for name, text in (("sub/patch.json", patch), ("kept.rego", KEPT))},
             "app.rego": POLICY, "lib.rego": LIBRARY, "app_test.rego": TESTS, "ugly.rego": UNFORMATTED,
             "good/lib.rego": LIBRARY, "good/good_test.rego": GOOD_TESTS, "bad.rego": "package bad\np if { x == y }\n",
             "conflict/conflict.rego": CONFLICT, "conflict/conflict_test.rego": CONFLICT_TESTS, "more.rego": MORE,
             "few.json": json.dumps({"features": ["rego_v1"], "builtins": [
                 {"decl": {"type": "function", "args": [{"type": "number"}], "result": {"type": "number"}}, "name": "abs"}]}),
             "inputs/a.json": "{}", "inputs/b/c.yaml": "containers: [{name: x}]", "inputs/d.txt": "no input", "claims.json": '{"scope": "s", "n": 1.50, "a": [1]}',
             "old.rego": "package old\np[x] { x := 1 }\n", "data.json": json.dumps(DATA),
             "wrong/cut.json": '{"a": 1,\n  "b": x', "wrong/cut.yaml": "a: [1\nb: 2", "wrong/empty.json": "",
             "wrong/bom.json": "\ufeff{\"a\": 1}", "wrong/half.json": '{"n": .5}', "wrong/half.yaml": "n: .5\nk: 5.\n",
             "wrong/list.json": "[1]", "wrong/other.json": '{"bad": {"b-c": 1}}', "wrong/text.txt": "hello: [",
             "wrong/type.rego": "package wrong\n\nx := plus(1, 2, 3, 4)\n\ny := count()\n", "wrong/big.json": '{"a": 1e999999999}',
             "broken/data.json": '{"x": tru', "broken/p.rego": "package broken\n", "rooted/.manifest": '{"roots": ["x"]}',
             "rooted/p.rego": "package y\n", "stack.rego": STACKED,
             "marked/data.json": "\ufeff{\"a\": 1}", "marked_manifest/.manifest": "\ufeff{\"roots\": [\"x\"]}",
             "of_x/.manifest": json.dumps({"roots": ["x"]}), "of_x/p.rego": "package x\n\ny := 1\n", "typed.rego": TYPED,
             "typed/typed.rego": TYPED, "every.rego": EVERY,
             "bundle/app/app.rego": POLICY, "bundle/lib/lib.rego": LIBRARY, "bundle/data.json": json.dumps(DATA),
             "bundle/.manifest": json.dumps({"revision": "r7", "roots": ["app", "lib", "roles", "bad"],
                                             "metadata": {"team": "x"}})}
    files.update({name: json.dumps(value) for name, value in INPUTS.items()})
    for i, block in enumerate(BLOCKS):
        lines_of_block = "".join(f"# {line}\n" for line in block.split("\n"))
        files[f"blocks/b{i}.rego"] = f"package blocks\n\n# METADATA\n{lines_of_block}p := 1\n"
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)


def corpus_cases(folder, count):
    """Files of cases of the corpus: (policies and data, input, query)."""
    corpora = os.environ.get("MERLON_CORPORA", os.path.join(os.path.dirname(ROOT), "shared", "corpora"))
    found = sorted(glob.glob(os.path.join(corpora, "rego", "**", "*.json"), recursive=True))
    random.Random(19).shuffle(found)
    cases = []
    for path in found:
        if len(cases) >= count:
            break
        with open(path, encoding="utf-8") as text:
            case = json.load(text)
        for number, one in enumerate(case.get("cases", [])):
            if not one.get("modules") or "want_error" in one or "want_error_code" in one or "input_term" in one:
                continue
            here = os.path.join(folder, f"case{len(cases)}")
            os.makedirs(here)
            for i, module in enumerate(one["modules"]):
                with open(os.path.join(here, f"m{i}.rego"), "w", encoding="utf-8") as out:
                    out.write(module)
            if one.get("data"):
                with open(os.path.join(here, "data.json"), "w", encoding="utf-8") as out:
                    json.dump(one["data"], out)
            arguments = ["-d", f"case{len(cases)}"]
            if "input" in one:
                with open(os.path.join(folder, f"case{len(cases)}.input.json"), "w", encoding="utf-8") as out:
                    json.dump(one["input"], out)
                arguments += ["-i", f"case{len(cases)}.input.json"]
            cases.append((arguments, one["query"]))
            break
    return cases


def lines(folder, count):
    both = ["-d", "app.rego", "-d", "lib.rego", "-d", "data.json"]
    for query in QUERIES:
        for name in INPUTS:
            yield ["eval", *both, "-i", name, query]
        yield ["eval", *both, "-i", "alice.json", "-f", "pretty", query]
        for explain in ("notes", "fails", "full", "debug"):
            yield ["eval", *both, "-i", "alice.json", "-f", "pretty", "--explain", explain, query]
        yield ["eval", *both, "-i", "bob.json", "-f", "pretty", "--explain", "full", query]
        yield ["eval", *both, "-i", "bob.json", "-f", "pretty", "--explain", "full", "--var-values", query]
        for name, explain in (("alice.json", "notes"), ("alice.json", "fails"), ("alice.json", "full"), ("bob.json", "debug")):
            yield ["eval", *both, "-i", name, "--explain", explain, query]
        yield ["eval", *both, "-i", "alice.json", "--coverage", query]
        yield ["eval", *both, "-i", "bob.json", "--coverage", "-f", "pretty", query]
    for extra in (["--disable-indexing"], ["--disable-early-exit"], ["--disable-indexing", "--disable-early-exit"]):
        yield ["eval", *both, "-i", "bob.json", "-f", "pretty", "--explain", "full", *extra, "data.app"]
    for arguments in (["--package", "app", "allow"], ["--package", "app", "deny"], ["--import", "data.app", "app.level"],
                      ["--import", "data.app as a", "a.level"], ["--fail", "data.nothing"], ["--fail", "data.app.level"],
                      ["--fail-defined", "data.app.level"], ["--fail-defined", "data.nothing"], ["--fail", "--fail-defined", "1"],
                      ["--count", "1", "data.app.level"], ["--timeout", "10s", "data.app.level"],
                      ["--coverage-runs", "early_exit", "data.app"], ["--coverage-runs", "index_excluded", "data.app"],
                      ["-f", "raw", "data.app.level"], ["-f", "values", "data.app.level"], ["-f", "bindings", "x := 1"],
                      ["-f", "discard", "data.app.level"], ["-f", "discard", "--coverage", "data.app.level"],
                      ["--pretty-limit", "5", "-f", "pretty", "x := data.app.deny"], ["-t", "rego", "data.app.level"],
                      ["--profile", "-f", "pretty", "data.app"], ["--metrics", "data.app.level"],
                      ["--entrypoint", "app/allow", "data.app.level"], ["-O", "0", "data.app.level"],
                      ["--optimize-store-for-read-speed", "data.app.level"]):
        yield ["eval", *both, "-i", "alice.json", *arguments]
    tests = ["app.rego", "lib.rego", "app_test.rego", "data.json", "-p", "1"]
    for arguments in ([], ["-v"], ["--var-values"], ["-v", "--var-values"], ["--explain", "full"], ["--explain", "notes"],
                      ["--explain", "fails"], ["--explain", "debug"], ["-f", "json"], ["-r", "double"], ["-r", "nothing"],
                      ["-r", "nothing", "--fail-on-empty"], ["-c"], ["-z"], ["--count", "2"], ["-r", "wrong", "--var-values"],
                      ["-r", "undefined", "--var-values"], ["-r", "every", "--var-values"], ["-r", "deny", "-v"],
                      ["--timeout", "10s"], ["--threshold", "200"], ["--sort", "none"]):
        yield ["test", *tests, *arguments]
    for arguments in ([], ["-v"], ["-c"], ["--coverage"], ["--threshold", "10"], ["--threshold", "99"], ["--threshold", "99", "-v"],
                      ["--coverage-runs", "index_excluded"], ["-f", "json"]):
        yield ["test", "good", "-p", "1", *arguments]
    for name in ("app.rego", "lib.rego", "app_test.rego", "ugly.rego"):
        yield ["parse", name]
        yield ["parse", name, "-f", "json"]
        yield ["parse", name, "-f", "json", "--json-include", "locations"]
        yield ["parse", name, "-f", "json", "--json-include", "locations,-comments"]
        yield ["fmt", name]
        yield ["fmt", name, "-l"]
        yield ["fmt", name, "--fail", "-l"]
        yield ["fmt", name, "--fail"]
        yield ["inspect", name]
        yield ["inspect", "-a", name]
    yield ["parse", "bad-name.rego"]
    yield ["parse", "old.rego"]
    yield ["parse", "--v0-compatible", "old.rego"]
    yield ["fmt", "ugly.rego", "--diff"]
    yield ["inspect", "bundle"]
    yield ["inspect", "-a", "bundle"]
    yield ["inspect", "-f", "json", "bundle"]
    yield ["inspect", "-f", "json", "-a", "app.rego"]
    yield ["inspect", "bad.rego"]
    for query in QUERIES:
        yield ["deps", "-d", "app.rego", "-d", "lib.rego", query]
    yield ["deps", "-f", "json", "-d", "app.rego", "-d", "lib.rego", "data.app"]
    yield ["deps", "-b", "bundle", "data.app.allow"]
    for name in ("app.rego", "lib.rego", "app_test.rego", "ugly.rego", "more.rego", "bundle"):
        yield ["inspect", "-f", "json", name]
    yield ["inspect", "-f", "json", "--v0-compatible", "old.rego"]
    yield ["capabilities", "--current"]
    yield ["capabilities", "--current", "--v0-compatible"]
    yield ["capabilities", "--file", "few.json"]
    yield ["capabilities", "--file", "none.json"]
    for arguments in (["-b", "bundle", "alice.json"], ["-b", "bundle", "--decision", "app/level", "alice.json", "bob.json"],
                      ["-b", "bundle", "--decision", "/app/deny", "inputs"], ["-b", "bundle", "--decision", "app/nothing", "alice.json"],
                      ["-b", "bundle", "--decision", "app/level", "--fail-defined", "alice.json"],
                      ["-b", "bundle", "--decision", "app/level", "--fail", "alice.json"],
                      ["-b", "bundle", "--decision", "app/nothing", "--fail", "alice.json"],
                      ["-b", "bundle", "--decision", "app/nothing", "--fail-defined", "alice.json"],
                      ["-b", "bundle", "--decision", "app/deny", "--fail-non-empty", "alice.json", "bob.json"],
                      ["-b", "bundle", "--decision", "app/deny", "--fail-non-empty", "empty.json"],
                      ["-b", "bundle", "--decision", "app/deny", "--fail-non-empty", "--fail", "empty.json"],
                      ["-b", "bundle", "--decision", "app.level", "alice.json"], ["-b", "bundle", "--decision", "app/level", "nowhere"],
                      ["-b", "nowhere", "--decision", "app/level", "alice.json"], ["-b", "bundle"], ["app.rego", "alice.json"],
                      ["-b", "conflict", "--decision", "conflict/p", "alice.json"], ["-b", "conflict", "--decision", "conflict/q", "alice.json"],
                      ["-b", "bundle", "--decision", "app/level", "--timeout", "10s", "alice.json"],
                      ["-b", "bundle", "--decision", "", "alice.json"], ["-b", "kept", "--decision", "/", "alice.json"]):
        yield ["exec", *arguments]
    yield from kept()
    for arguments in (["-b", "bundle"], ["bundle"], ["-b", "bundle", "--signing-alg", "HS512"], ["-b", "bundle", "--claims-file", "claims.json"],
                      ["-b", "bundle", "--signing-alg", "HS999"], ["-b", "nowhere"], ["-b", "bundle", "--claims-file", "nowhere.json"]):
        yield ["sign", "--signing-key", "parity", *([] if "--signing-alg" in arguments else ["--signing-alg", "HS256"]), *arguments]
    yield ["sign", "-b", "bundle"]
    yield ["sign", "-b", "bundle", "--signing-key", "parity"]
    for query in ("data.conflict.p", "data.conflict.q", "data.conflict.f(1)", "data.conflict.many", "data.conflict.long"):
        yield ["eval", "-d", "conflict", query]
        yield ["eval", "-d", "conflict", "-f", "pretty", query]
    yield ["test", "conflict", "-p", "1"]
    yield from wrongly_asked()
    yield from bundles_and_addresses(folder)
    for query in ("p", "comprehension", "every_one", "replaced", "reciprocals", "short", "of_object", "twice"):
        yield ["eval", "-d", "stack.rego", "--strict-builtin-errors", f"data.ex.{query}"]
        yield ["eval", "-d", "stack.rego", "--strict-builtin-errors", "-f", "pretty", f"data.ex.{query}"]
        yield ["eval", "-d", "stack.rego", "--show-builtin-errors", f"data.ex.{query}"]
    yield ["test", "stack.rego", "-p", "1"]
    yield ["test", "stack.rego", "-p", "1", "-v"]
    yield ["test", "stack.rego", "-p", "1", "-f", "json"]
    yield ["version"]
    yield ["eval", "-b", "bundle", "-i", "alice.json", "--explain", "full", "-f", "pretty", "data.app.allow"]
    yield ["eval", "-d", "bad.rego", "data"]
    for arguments, query in corpus_cases(folder, count):
        yield ["eval", *arguments, "-f", "pretty", "--explain", "full", query]
        yield ["eval", *arguments, "--coverage", query]
        yield ["deps", *arguments[:2], query]


def bundles_and_addresses(folder):
    """Bundles that are named twice, addresses of files, and what Go's decoder does not take."""
    for twice in (["bundle", "bundle"], ["bundle", "./bundle"], ["of_x", "of_x"], ["of_x", "./of_x"], ["good", "of_x"], ["of_x", "good"]):
        flags = [word for one in twice for word in ("-b", one)]
        yield ["eval", *flags, "data.x"]
        yield ["bench", *flags, "--count", "0", "1"]
        yield ["deps", *flags, "data.x.y"]
        for command in (["test", "-p", "1"], ["check"], ["build", "-o", "built.tar.gz"]):
            yield [*command, "-b", *twice]
    for address in ("file://data.json", f"file://{folder}/data.json", f"file://localhost{folder}/data.json", f"x.y:file://{folder}/data.json",
                    f"file://{folder}/data%2Ejson", "file:///%zz", "http://data.json", "//data.json", "a..b:data.json", ":data.json"):
        yield ["eval", "-d", address, "data.roles"]
        yield ["eval", "-i", address, "input.roles"]
        yield ["eval", "-b", address, "data.roles"]
        yield ["fmt", address]
    for command in (["eval", "-b", "marked", "data"], ["check", "-b", "marked"], ["check", "-f", "json", "-b", "broken"], ["inspect", "marked_manifest"],
                    ["eval", "-b", "marked_manifest", "data"], ["build", "-o", "built.tar.gz", "-b", "marked"]):
        yield command
    for variables in (["OPA_EVAL_PARTIAL=1"], ["OPA_EVAL_PARTIAL=1", "OPA_EVAL_FORMAT=source"], ["OPA_EVAL_FORMAT=raw"]):
        yield [*variables, "eval", "-p", "input.x"] if variables[0].endswith("raw") else [*variables, "eval", "input.x"]
    yield ["OPA_EVAL_PARTIAL=1", "eval", "-f", "source", "input.x"]
    yield ["exec", "-b", "typed", "--decision", "typed/p", "alice.json"]
    for command in (["deps", "-d", "typed.rego", "data.typed.p"], ["inspect", "-f", "json", "typed.rego"], ["inspect", "-f", "json", "every.rego"],
                    ["inspect", "-f", "json", "stack.rego"]):
        yield command
    for arguments in (["--timeout", "1d", "1"], ["-O", "1", "1"], ["-i", "", "1"], ["--package", "s[", "p"], ["-p", "-u", "x[", "1"],
                      ["-p", "--disable-inlining", "x[", "1"], ["-p", "--coverage", "input.x"], ["-p", "--metrics", "input.x"],
                      ["-f", "pretty", "--show-builtin-errors", "1/0"], ["--instrument", "-d", "app.rego", "-d", "lib.rego", "data.app"]):
        yield ["eval", *arguments]
    for i in range(len(BLOCKS)):
        yield ["check", "-f", "json", f"blocks/b{i}.rego"]
        yield ["eval", "-d", f"blocks/b{i}.rego", "data.blocks"]
        yield ["inspect", "-a", "-f", "json", f"blocks/b{i}.rego"]


def kept():
    for name in KEPT_NAMES:
        yield ["eval", "-d", "kept", "-i", "alice.json", f"data.kept.{name}"]
        # What OPA prints of control characters is no Rego.
        if name != "odd":
            yield ["eval", "-d", "kept", "-f", "pretty", "-p", f"data.kept.{name} = x"]
    for i in range(len(MANIFESTS)):
        yield ["eval", "-b", f"manifest{i}", "-f", "raw", "data.kept.negated"]
        yield ["build", "-b", f"manifest{i}", "-o", "built.tar.gz"]
    for i in range(4):
        yield ["eval", "-b", f"patch{i}", "-f", "raw", "data.kept.negated"]
    for query in ("data", "data.system", "count(data)"):
        yield ["eval", "-d", "system.rego", "-d", "data.json", "-f", "pretty", query]
    yield ["deps", "-d", "system.rego", "data"]
    yield ["deps", "-d", "kept", "data.kept.every_role"]
    yield ["eval", "-d", "literal.rego", "data.literal.x"]
    yield ["eval", "-d", "keys.rego", "-f", "pretty", "-p", "data.keys.a = x"]
    yield ["inspect", "kept"]
    yield ["test", "function"]
    yield ["eval", "-O", "1", "-f", "raw", "1 + 1"]


def wrongly_asked():
    """What is missing, unreadable or contradicts itself, and variables."""
    for name in ("cut.json", "cut.yaml", "empty.json", "bom.json", "half.json", "half.yaml", "list.json", "other.json", "text.txt",
                 "big.json", "nowhere.json", "type.rego"):
        for form in ("json", "pretty", "discard"):
            yield ["eval", "-f", form, "-d", "data.json", "-d", f"wrong/{name}", "data.n"]
            yield ["eval", "-f", form, "-i", f"wrong/{name}", "input"]
    for arguments in (["-b", "broken"], ["-b", "nowhere"], ["-b", "rooted"], ["-d", "broken"], ["-s", "nowhere"], ["-s", "wrong/cut.json"],
                      ["--capabilities", "nowhere.json"], ["--capabilities", "wrong/cut.json"], ["-d", "http://x/y"], ["-d", "data.json", "-d", "."],
                      ["--timeout", "soon"], ["--format", "xml"], ["--fail=perhaps"], ["--count", "1.5"], ["--nonsense"], ["-Z"], ["-f"]):
        yield ["eval", *arguments, "1"]
        yield ["eval", "-f", "pretty", *arguments, "1"]
    yield ["eval", "data.json", "-d", "data.json", "-d", "data.json"]
    for arguments in ([], ["a", "b"], ["--stdin", "--stdin-input"], ["--stdin", "x"], ["-I", "-i", "empty.json", "1"], ["-p", "-f", "raw", "1"],
                      ["-f", "source", "1"], ["--fail", "--fail-defined", "1"], ["-p", "-u", "1", "1"], ["-p", "-u", "x", "1"], ["-p", "--fail", "1"],
                      ["-p", "--fail-defined", "input.x"], ["-f", "discard", "x"], ["-f", "discard", "data.x"], ["--coverage-runs", "never", "1"],
                      ["--stdin", "<"], ["--stdin", "<1 + 1"], ["-I", "input", "<"], ["-I", "input", '<{"a": 1}'], ["-I", "input", "<{"]):
        yield ["eval", *arguments]
    for command in ("bench", "test", "check", "parse", "build", "inspect", "deps", "sign", "evl", "bogus"):
        yield [command]
        yield [command, "--nonsense"]
    for arguments in (["wrong/type.rego"], ["nowhere.rego"], ["ugly.rego", "nowhere.rego"], [], ["<package   x"], ["--fail", "<package   x"], ["<package"],
                      ["-l", "."], ["-l", "good", "bundle"], ["wrong"], ["--diff=perhaps"]):
        yield ["fmt", *arguments]
    for arguments in (["nowhere.rego"], ["wrong/type.rego"], ["data.json"], ["-f", "json", "nowhere.rego"], ["app.rego", "-f", "json", "--json-include",
                      "locations,comments,text,-comments"], ["app.rego", "--json-include", "-comments"]):
        yield ["parse", *arguments]
    for arguments in (["-p", "-1", "good"], ["--count", "0", "good"], ["nowhere"], ["--threshold", "x", "good"],
                      ["good", "good/lib.rego"], ["wrong/cut.json"]):
        yield ["test", *arguments]
    for arguments in (["-b", "nowhere"], ["-b", "broken"], ["--schema", "nowhere", "good"], ["--capabilities", "nowhere", "good"]):
        yield ["test", *arguments]
    for arguments in (["-b", "nowhere"], ["-b", "broken"], ["nowhere"], ["wrong/cut.json"], ["wrong/type.rego"], ["--target", "no", "good"],
                      ["-o", "/nowhere/b.tar.gz", "good"], ["-O", "1", "good"], ["-O", "1", "-e", "no/one", "good"], ["--signing-key", "x", "good"],
                      ["--claims-file", "claims.json", "good"], ["--capabilities", "v0.20.0", "good"]):
        yield ["build", *(["-o", "built.tar.gz"] if "-o" not in arguments else []), *arguments]
    for arguments in (["--import", "bad", "1"], ["--package", "bad-name", "1"], ["--coverage", "x"], ["--profile", "-d", "nowhere", "1"],
                      ["--metrics", "x"]):
        yield ["eval", "-f", "pretty", *arguments]
        yield ["eval", *arguments]
    yield ["deps", "x["]
    yield ["eval", "-f", "raw", "-d", "data.json", "-b", "bundle", "data.roles"]
    yield ["eval", "-f", "raw", "-d", "alice.json", "-b", "good", "data"]
    yield ["version", "x"]
    yield ["capabilities", "x"]
    yield ["check", "wrong/type.rego"]
    yield ["check", "-f", "json", "wrong/type.rego"]
    yield ["check", "nowhere.rego"]
    yield ["-f", "raw", "eval", "1"]
    yield ["OPA_EVAL_FORMAT=raw", "eval", "1"]
    yield ["OPA_EVAL_FORMAT=raw", "eval", "-f", "values", "1"]
    yield ["OPA_EVAL_FAIL=true", "eval", "data.x"]
    yield ["OPA_EVAL_FAIL=true", "eval", "--fail=false", "data.x"]
    yield ["OPA_EVAL_FAIL=perhaps", "OPA_EVAL_FORMAT=xml", "eval", "1"]
    yield ["OPA_EVAL_DATA=data.json", "eval", "data.bad"]
    yield ["OPA_FMT_LIST=1", "fmt", "ugly.rego"]
    yield ["OPA_TEST_VERBOSE=1", "test", "good", "-p", "1"]
    yield ["OPA_CHECK_STRICT=", "check", "good"]


TIMES = (re.compile(r"\(\d[\d.]*(?:ns|µs|ms|s|m[\d.]+s)\)"), re.compile(r'("(?:duration|total_time_ns|timer_\w+)": )\d+'))


DECISION = re.compile(r'("decision_id": ")[0-9a-f-]{36}')


def normal(text, folder):
    text = TIMES[0].sub("(T)", text.replace(folder, ""))
    text = DECISION.sub(r"\1T", text)
    return TIMES[1].sub(r"\1T", text)


def run_once(program, arguments, folder, is_ours):
    """What it did, and the signatures that it wrote."""
    variables = [word for word in arguments if word.startswith("OPA_")]
    words = arguments[len(variables):]
    text = words.pop()[1:] if words[-1].startswith("<") else ""
    environment = dict(os.environ)
    for variable in variables:
        name, _, value = variable.partition("=")
        environment[name.replace("OPA_", "MERLON_POLICY_") if is_ours else name] = value
    run = subprocess.run([*program, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=120, input=text,
                         env=environment)
    written = os.path.join(folder, ".signatures.json")
    if not os.path.exists(written):
        return run, ""
    with open(written, encoding="utf-8") as file:
        text = file.read()
    os.unlink(written)
    return run, text


def first_error(run):
    """What is said of a command that gives no answer."""
    if run.returncode == 0 or run.stdout:
        return ""
    text = run.stderr.replace("merlon policy", "opa")
    return text.split("\n", 1)[0] + "\n" if "Usage:" in text else text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--merlon", default=os.path.join(ROOT, "build", "release", "merlon"))
    parser.add_argument("--opa", default=os.path.join(ROOT, "build", "peers", "bin", "opa"))
    parser.add_argument("--only", default="")
    parser.add_argument("--show", type=int, default=12)
    parser.add_argument("--cases", type=int, default=60)
    choices = parser.parse_args()
    ours = shlex.split(choices.merlon)
    if os.path.basename(ours[0]) == "merlon":
        ours.append("policy")
    counts = {"equal": 0, "open": 0}
    explained = {}
    with tempfile.TemporaryDirectory() as folder:
        write(folder)
        for arguments in lines(folder, choices.cases):
            if choices.only and choices.only not in " ".join(arguments):
                continue
            try:
                runs = [run_once(program, list(arguments), folder, program is ours) for program in ([choices.opa], ours)]
            except FileNotFoundError as missing:
                print(f"not there: {missing.filename}", file=sys.stderr)
                return 2
            texts = [normal(run.stdout + written + first_error(run), folder) for run, written in runs]
            codes = [run.returncode for run, _ in runs]
            if texts[0] == texts[1] and codes[0] == codes[1]:
                counts["equal"] += 1
                continue
            # Whatever the words: what a script looks at is the same.
            kinds = CLASSES.items() if codes[0] == codes[1] else ()
            kind = next((name for name, (_, fits) in kinds if fits(arguments, *texts, *codes)), None)
            if kind is not None:
                explained[kind] = explained.get(kind, 0) + 1
                continue
            counts["open"] += 1
            if counts["open"] <= choices.show:
                print(f"OPEN {codes[0]} {codes[1]}: {shlex.join(arguments)}")
                first, second = (text.splitlines() for text in texts)
                for i in range(max(len(first), len(second))):
                    one = first[i] if i < len(first) else None
                    other = second[i] if i < len(second) else None
                    if one != other:
                        print(f"  line {i + 1}\n  opa:    {one}\n  merlon: {other}")
                        break
                if runs[1][0].stderr:
                    print("  " + runs[1][0].stderr[:300])
    for kind, count in sorted(explained.items()):
        print(f"explained: {count} {kind}: {CLASSES[kind][0]}")
    print(f"{counts['equal']} equal, {sum(explained.values())} explained, {counts['open']} open")
    return 1 if counts["open"] else 0


if __name__ == "__main__":
    sys.exit(main())
