#!/usr/bin/env python3
"""Speed of match::Regex and match::PatternSet beside Go, Rust's regex crate, RE2, PCRE2 (JIT) and
Vectorscan.

  match_bench.py [--rebar DIR] [--tree DIR]... [--only REGEX] [--rounds N] [--csv FILE]

Cases: the definitions of the public rebar benchmark (DIR: a checkout of it, its folder `benchmarks` or
MERLON_REBAR; nothing of it is kept), gitleaks's rules and our pack over source trees and logs (--tree,
MERLON_BENCH_TREES=DIR:DIR, else Go's own sources), literals alone, one expression on a million short
texts, the time to compile. Go is the reference (RE2 for rule packs over
trees, which take Go minutes): an engine that counts otherwise is not in a case's ratio, and merlon's
counting otherwise is an error. Engines take turns, in --rounds processes each; a time
is the median over all rounds (--least: the least). Beside them stands the plain read bandwidth of one core.

Prints a markdown table, each ratio with its case, and geometric means. Exit code: 0, 1 where ours
counts otherwise than Go, 2 where a runner is missing.
"""

import argparse
import fnmatch
import math
import os
import re
import statistics
import subprocess
import sys
import tomllib

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PEERS = os.path.join(ROOT, "build", "peers", "bin")
ENGINES = ("merlon", "re2", "rust", "go", "pcre2", "vectorscan")
SOURCE_NAMES = ("*.go", "*.c", "*.h", "*.cpp", "*.py", "*.js", "*.ts", "*.rs", "*.java", "*.rb", "*.yml", "*.yaml",
                "*.toml", "*.json", "*.md", "*.txt", "*.sh", "*.tf", "*.log", "*.env", "*.xml", "*.properties")
MODELS = ("compile", "count", "count-spans", "count-captures", "grep", "grep-captures")


class Case:
    """What one case file says; `expected` is the count that the definition gives for Go, if it does."""

    def __init__(self, name, model, patterns, haystacks, unicode=False, fold=False, expected=None,
                 engines=ENGINES, translate=False):
        self.name, self.model, self.patterns, self.haystacks = name, model, patterns, haystacks
        self.unicode, self.fold, self.expected, self.engines = unicode, fold, expected, engines
        self.translate = translate
        # Go takes minutes for hundreds of rules over megabytes.
        self.reference = "go" if "go" in engines else "re2"

    def bytes_for(self, engine, seconds, warmup):
        unicode = self.unicode or (self.translate and engine in ("rust", "re2"))
        patterns = self.patterns
        if self.translate and engine == "rust":
            patterns = [to_rust(pattern) for pattern in patterns]
        fields = [("name", self.name), ("model", self.model)]
        fields += [("pattern", pattern) for pattern in patterns]
        fields += [("case-insensitive", str(self.fold).lower()), ("unicode", str(unicode).lower()),
                   ("max-iters", "1000000"), ("max-time", str(int(seconds * 1e9))),
                   ("max-warmup-time", str(int(warmup * 1e9)))]
        fields += [("haystack", haystack) for haystack in self.haystacks]
        out = []
        for key, value in fields:
            value = value if isinstance(value, bytes) else value.encode()
            out.append(f"{key}:{len(value)}:".encode() + value + b"\n")
        return b"".join(out)


def to_rust(pattern):
    r"""Go's ASCII \w, \d, \s and \b in the words of an engine whose own are Unicode's."""
    sets = {"w": "0-9A-Za-z_", "d": "0-9", "s": r"\t\n\f\r "}
    out, in_class, i = [], False, 0
    while i < len(pattern):
        c = pattern[i]
        if c == "\\" and i + 1 < len(pattern):
            n = pattern[i + 1]
            if n in sets:
                out.append(sets[n] if in_class else f"[{sets[n]}]")
            elif n.lower() in sets and not in_class:
                out.append(f"[^{sets[n.lower()]}]")
            elif n.lower() in sets:
                out.append(f"[^{sets[n.lower()]}]")
            elif n in "bB" and not in_class:
                out.append(rf"(?-u:\{n})" if n == "b" else rf"\{n}")
            else:
                out.append(c + n)
            i += 2
            continue
        if c == "[" and in_class and not pattern.startswith("[:", i):
            out.append("\\")  # a bracket in a class is itself to Go
        elif c == "[" and not in_class:
            in_class = True
            out.append(c)
            i += 1
            if pattern[i:i + 1] == "^":
                out.append("^")
                i += 1
            if pattern[i:i + 1] == "]":
                out.append(r"\]")
                i += 1
            continue
        elif c == "]" and in_class:
            in_class = False
        elif in_class and c in "&~" and pattern[i + 1:i + 2] == c:
            out.append("\\")
        out.append(c)
        i += 1
    return "".join(out)


# --- the public definitions ---------------------------------------------------------------------

def rebar_text(value, folder):
    if isinstance(value, str):
        return value.encode()
    if "contents" in value:
        data = value["contents"].encode()
    else:
        path = os.path.join(folder, "haystacks", value["path"])
        with open(path, "rb") as file:
            data = file.read()
    if value.get("utf8-lossy"):
        data = data.decode("utf-8", "replace").encode()
    if value.get("trim"):
        data = data.strip()
    if "line-start" in value or "line-end" in value:
        data = b"".join(data.splitlines(keepends=True)[value.get("line-start", 0):value.get("line-end")])
    data = data * value.get("repeat", 1)
    return value.get("prepend", "").encode() + data + value.get("append", "").encode()


def escape(text):
    return re.sub(r"([\\.+*?()|\[\]{}^$#&\-~])", r"\\\1", text)


def rebar_patterns(value, folder):
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return value
    if "path" in value:
        with open(os.path.join(folder, "regexes", value["path"]), encoding="utf-8") as file:
            text = file.read().strip()
        patterns = text.split("\n") if "per-line" in value else [text]
    else:
        patterns = value["patterns"] if isinstance(value["patterns"], list) else [value["patterns"]]
    if value.get("literal"):
        patterns = [escape(p) for p in patterns]
    if value.get("per-line") == "alternate":
        patterns = ["|".join(patterns)]
    return [value.get("prepend", "") + p + value.get("append", "") for p in patterns]


def expected_count(count, engine):
    if isinstance(count, int):
        return count
    for entry in count:
        if re.fullmatch(entry["engine"], engine):
            return entry["count"]
    return None


def rebar_cases(folder, notes):
    definitions = os.path.join(folder, "definitions")
    for place, folders, names in os.walk(definitions):
        folders.sort()
        group = os.path.relpath(place, definitions)
        if group.split("/")[0] == "test":
            continue
        for name in sorted(names):
            if not name.endswith(".toml"):
                continue
            with open(os.path.join(place, name), "rb") as file:
                benches = tomllib.load(file).get("bench", [])
            for bench in benches:
                full = os.path.normpath(os.path.join("rebar", group, name[:-5], bench["name"]))
                if bench["model"] not in MODELS:
                    notes.append(f"{full}: model {bench['model']} is not run")
                    continue
                try:
                    haystack = rebar_text(bench["haystack"], folder)
                    patterns = rebar_patterns(bench["regex"], folder)
                except OSError as error:
                    notes.append(f"{full}: {error}")
                    continue
                if len(patterns) != 1:
                    notes.append(f"{full}: {len(patterns)} expressions at once are not run")
                    continue
                yield Case(full, bench["model"], patterns, [haystack], bench.get("unicode", False),
                           bench.get("case-insensitive", False), expected_count(bench["count"], "go/regexp"),
                           ("merlon", "re2", "rust", "go", "pcre2"))


# --- rules over trees ------------------------------------------------------------------------------

def go_output(*words):
    try:
        return subprocess.run(["go", *words], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def rules_of(path):
    with open(path, "rb") as file:
        return [rule["regex"] for rule in tomllib.load(file).get("rules", []) if rule.get("regex")]


def packs(gitleaks):
    ours = os.path.join(ROOT, "rules", "secrets")
    yield "our pack", [regex for name in sorted(os.listdir(ours)) if name.endswith(".toml")
                       for regex in rules_of(os.path.join(ours, name))]
    path = gitleaks or os.path.join(go_output("env", "GOMODCACHE"), "github.com/zricethezav/gitleaks/v8@v8.30.1",
                                    "config", "gitleaks.toml")
    if os.path.exists(path):
        yield "gitleaks", rules_of(path)


def read_tree(folder, most_bytes):
    documents, total = [], 0
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if not any(fnmatch.fnmatch(name, pattern) for pattern in SOURCE_NAMES):
                continue
            with open(os.path.join(place, name), "rb") as file:
                data = file.read(1 << 20)
            if total + len(data) > most_bytes:
                return documents
            documents.append(data)
            total += len(data)
    return documents


def own_cases(options):
    trees = list(options.tree) + [t for t in os.environ.get("MERLON_BENCH_TREES", "").split(":") if t]
    root = go_output("env", "GOROOT")
    if not trees and root:
        trees = [os.path.join(root, "src")]
    read = {tree: read_tree(tree, options.tree_bytes) for tree in trees}
    for pack, patterns in packs(options.gitleaks):
        for tree, documents in read.items():
            if documents:
                yield Case(f"set/{pack}: {len(patterns)} rules/{os.path.basename(tree.rstrip('/'))}", "set", patterns,
                           documents, engines=("merlon", "re2", "rust", "vectorscan"), translate=True)
        yield Case(f"set/{pack}: compile {len(patterns)} rules", "compile", patterns, [b""], translate=True,
                   engines=("merlon", "re2", "rust", "vectorscan", "go"))
    for tree, documents in read.items():
        if not documents:
            continue
        base = os.path.basename(tree.rstrip("/"))
        whole = [b"\n".join(documents)]
        for label, pattern in (("one word", "unmarshalTypeError"), ("one word, rare", "zqxjkv"),
                               ("one byte", "~"), ("three words", "password|secret|api_key"),
                               ("20 words", "|".join(LITERALS)), ("word in either case", "(?i)password")):
            yield Case(f"literals/{label}/{base}", "count", [pattern], whole)
        yield Case(f"read/{base}", "read", [], whole, engines=("read",))
    short = [f"user-{i:07d}@example-{i % 97:02d}.org   "[:30].encode() for i in range(1_000_000)]
    for label, pattern in SHORT:
        yield Case(f"short/{label}", "short", [pattern], short)


LITERALS = ("AKIA", "ghp_", "gho_", "glpat-", "xoxb-", "xoxp-", "sk_live_", "rk_live_", "AIza", "ya29.", "eyJ", "SG.",
            "key-", "dop_v1_", "npm_", "pypi-", "hf_", "shpat_", "sq0csp-", "-----BEGIN")
SHORT = (
    ("anchored name", r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"),
    ("literal prefix", r"^user-[0-9]+@"),
    ("literal inside", r"example-4[0-9]\.org"),
    ("literal", "example-42"),
    ("alternatives", r"@(?:example-1[0-9]|example-2[0-9]|other)\.(?:org|com|net)"),
    ("class runs", r"[0-9]{7}@[a-z]+-[0-9]{2}"),
    ("unanchored, no literal", r"[a-y]+[0-9]+z"),
    ("any case", r"(?i)EXAMPLE-[0-9]+\.ORG"),
)


# --- measuring -----------------------------------------------------------------------------------

def command_of(engine, options):
    if engine == "go":
        return [options.go_runner]
    if engine == "rust":
        return [options.rust_runner]
    return [options.runner, engine]


def run_once(case, engine, options):
    """([nanoseconds], count) or a message."""
    try:
        done = subprocess.run(command_of(engine, options), input=case.bytes_for(engine, options.seconds, options.warmup),
                              capture_output=True, timeout=options.timeout, check=False)
    except subprocess.TimeoutExpired:
        return f"no answer in {options.timeout:.0f} s"
    if done.returncode != 0:
        return done.stderr.decode(errors="replace").strip().split("\n")[0][:200] or f"exit code {done.returncode}"
    rows = [line.split(b",") for line in done.stdout.split()]
    return [int(row[0]) for row in rows], int(rows[-1][1])


def measure(case, options):
    """Engine -> (median nanoseconds, count), and engine -> why not."""
    times, counts, failures = {}, {}, {}
    for round_number in range(options.rounds):
        for engine in case.engines:
            if engine in failures or (options.engines and engine not in options.engines + [case.reference, "read"]):
                continue
            if round_number > 0 and options.engines and engine not in options.engines:
                continue
            result = run_once(case, engine, options)
            if isinstance(result, str):
                failures[engine] = result
            else:
                times.setdefault(engine, []).extend(result[0])
                counts[engine] = result[1]
    middle = min if options.least else statistics.median
    return {e: (middle(t), counts[e]) for e, t in times.items() if e not in failures}, failures


def readable(nanoseconds):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.2f} {unit}"
    return f"{nanoseconds:.0f} ns"


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values))) if values else float("nan")


class Table:
    def __init__(self):
        self.rows, self.ratios, self.wrong, self.bandwidth, self.notes = [], {}, [], {}, []

    def add(self, case, found, failures):
        size = sum(map(len, case.haystacks))
        if case.model == "read":
            if "read" in found:
                self.bandwidth[case.name.split("/")[-1]] = size / found["read"][0]
                print(f"{case.name}: {size / found['read'][0]:.2f} GB/s plain read of one core", flush=True)
            return
        for engine, why in failures.items():
            self.notes.append(f"{case.name}: {engine}: {why}")
        reference = case.reference
        if reference not in found:
            print(f"{case.name}: no count by {reference}: {failures.get(reference)}", flush=True)
            return
        count = found[reference][1]
        note = "" if case.expected in (None, count) else f" (the definition says {case.expected})"
        cells, ours = [], found.get("merlon")
        for engine in ENGINES:
            if engine not in found:
                cells.append("-")
            elif found[engine][1] != count:
                cells.append(f"counts {found[engine][1]}")
            else:
                cells.append(readable(found[engine][0]))
                if ours and engine != "merlon" and ours[1] == count:
                    ratio = found[engine][0] / ours[0]
                    cells[-1] += f" ({ratio:.2f})"
                    group = case.name.split("/")[0] + (" compile" if case.model == "compile" else "")
                    self.ratios.setdefault((group, engine), []).append((ratio, case.name))
        if ours is None or ours[1] != count:
            self.wrong.append(f"{case.name}: " + (failures.get("merlon", "no answer") if ours is None else
                                                  f"counts {ours[1]}, {reference} {count}"))
        speed = f"{size / ours[0]:.2f}" if ours and size > 1000 and case.model != "compile" else "-"
        self.rows.append(f"| {case.name} | {count}{note} | " + " | ".join(cells) + f" | {speed} |")
        print(self.rows[-1], flush=True)

    def finish(self):
        print("\nTimes are of one round; in brackets: that engine's time over merlon's, above 1 ours is faster.\n")
        print("| case | count | " + " | ".join(ENGINES) + " | merlon GB/s |")
        print("|---|--:|" + "--:|" * (len(ENGINES) + 1))
        print("\n".join(self.rows))
        print("\n| cases | engine | geometric mean of the ratios | lowest | cases where it is faster |")
        print("|---|---|--:|---|--:|")
        for (group, engine), ratios in sorted(self.ratios.items()):
            lowest = min(ratios)
            slower = sum(1 for ratio, _ in ratios if ratio < 1)
            print(f"| {group} | {engine} | {geometric_mean([r for r, _ in ratios]):.2f} | "
                  f"{lowest[0]:.2f} {lowest[1]} | {slower} of {len(ratios)} |")
        for name, value in self.bandwidth.items():
            print(f"\nPlain read of one core over {name}: {value:.2f} GB/s")
        for note in self.notes:
            print("note:", note)
        for line in self.wrong:
            print("WRONG:", line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rebar", default=os.environ.get("MERLON_REBAR"), help="its folder, or `benchmarks` in it")
    parser.add_argument("--tree", action="append", default=[], help="sources or logs to search")
    parser.add_argument("--tree-bytes", type=int, default=24_000_000, help="most bytes read of a tree")
    parser.add_argument("--gitleaks", help="gitleaks.toml (default: that of the installed module)")
    parser.add_argument("--only", default="", help="regular expression over the names of cases")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.1, help="measured in each process")
    parser.add_argument("--least", action="store_true", help="the least time in place of the median: for a busy machine")
    parser.add_argument("--warmup", type=float, default=0.05)
    parser.add_argument("--timeout", type=float, default=60.0, help="an engine that takes longer is out of a case")
    parser.add_argument("--engines", type=lambda text: text.split(","), help="only these, and Go's count")
    parser.add_argument("--list", action="store_true", help="only the names of the cases")
    parser.add_argument("--runner", default=os.path.join(ROOT, "build/bench/match_bench_runner"))
    parser.add_argument("--go-runner", default=os.path.join(PEERS, "match_bench_go"))
    parser.add_argument("--rust-runner", default=os.path.join(PEERS, "match_bench_rust"))
    options = parser.parse_args()
    for program in (options.runner, options.go_runner, options.rust_runner):
        if not os.access(program, os.X_OK) and not options.list:
            print(f"match_bench: {program} is absent; run tools/peers.sh match, build the preset `bench`")
            return 2
    table, notes = Table(), []
    cases = list(own_cases(options))
    rebar = options.rebar
    if rebar:
        inner = os.path.join(rebar, "benchmarks")
        cases += rebar_cases(inner if os.path.isdir(inner) else rebar, notes)
    else:
        notes.append("the rebar definitions are not run: --rebar or MERLON_REBAR names a checkout")
    for case in cases:
        if not re.search(options.only, case.name):
            continue
        if options.list:
            print(case.name)
        else:
            table.add(case, *measure(case, options))
    if not options.list:
        table.finish()
    for note in notes:
        print("note:", note)
    return 1 if table.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
