#!/usr/bin/env python3
"""Compares `merlon scan secrets` with kingfisher 2.6.0, finding for finding: (path, line, secret).

    tools/bench/kingfisher_compare.py TREE… [--merlon PATH] [--kingfisher PATH] [--write FOLDER]

Equal are findings with the same path, line and secret. Each other one gets the first class whose
predicate holds; the predicates are the functions below, and none of them knows a file or a secret.
What none of them explains is tried with the secret alone: the other program knows it there, so that the
text around it decides, or it does not, and then the difference is unexplained. For each class the smallest
example is written to FOLDER: the few lines around the finding, on which both programs are run again to
see that they still differ. Exit code: 0, 1 where a difference is unexplained, 2 without kingfisher.

Only providers that both packs have are compared: a rule of kingfisher whose names share no word with
any rule of Merlon is counted as `no such rule here`, and a finding of Merlon's by a rule that shares
no word with kingfisher's as `no such rule there`.
"""

import argparse
import collections
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Words of rule names that name no provider.
COMMON = set("""access account admin api app application auth authorization base64 basic bearer bot cli client
cloud config configuration connection credential credentials default deploy developer encryption file fine
generic grained hash header id identity in integration key legacy license live long lived machine manifest oauth
old org organization password personal plain private project public refresh release role scim secret sensitive
server service session short signing static string team test token tokens uri url user value webhook with
workspace yaml data first of""".split())
SAME = {"gcp": "google", "hashicorp": "terraform", "tf": "terraform", "k8s": "kubernetes", "aws": "aws",
        "amazon": "aws", "flyio": "fly", "sonar": "sonarqube", "jwt": "jwt", "pypi": "pypi"}

Finding = collections.namedtuple("Finding", "tree path line secret rule doubtful members")


def words(rule):
    found = {SAME.get(w, w) for w in re.split(r"[^a-z0-9]+", rule.lower().split(".")[-1]) if w}
    if {"web", "token"} <= found or "jwt" in found:
        found |= {"jwt"}
    return found - COMMON


def merlon_findings(program, tree):
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        begin = time.monotonic()
        done = subprocess.run([program, "scan", "secrets", ".", "--no-ignore", "--show-secrets",
                               "--all-matches", "--format", "json", "--output", report],
                              cwd=tree, capture_output=True, check=False)
        seconds = time.monotonic() - begin
        if not os.path.exists(report):
            sys.exit(f"kingfisher_compare: {program}: {done.stderr.decode()}")
        with open(report, encoding="utf-8") as f:
            rows = json.load(f)["findings"]
    found = []
    for row in rows:
        place = row["location"]
        found.append(Finding(tree, place["path"], place.get("startLine", 0), row["secret"], row["rule"],
                             "doubt" in row.get("properties", {}), tuple(place.get("members", ()))))
    return found, seconds


def kingfisher_findings(program, tree):
    begin = time.monotonic()
    done = subprocess.run([program, "scan", ".", "--no-validate", "--jobs", "2", "--format", "jsonl",
                           "--no-update-check", "--no-dedup"], cwd=tree, capture_output=True, check=False)
    seconds = time.monotonic() - begin
    found = []
    for line in done.stdout.splitlines():
        row = json.loads(line)
        if "finding" in row:
            at = row["finding"]
            path = os.path.relpath(os.path.join(tree, at["path"]), tree)
            found.append(Finding(tree, path, at["line"], at["snippet"], row["rule"]["id"], False, ()))
    return found, seconds


class Other:
    """What the other program found, by path, for the predicates."""

    def __init__(self, findings):
        self.by_path = collections.defaultdict(list)
        self.rule_words = set()
        for finding in findings:
            self.by_path[finding.path].append(finding)

    def near(self, finding, lines=0):
        return [o for o in self.by_path[finding.path] if abs(o.line - finding.line) <= lines]


def overlap(a, b):
    return bool(a) and bool(b) and (a in b or b in a)


# ---- predicates: (finding, findings of the other program) -> does it explain the difference? ----

def same_secret_other_line(finding, other):
    return any(o.secret == finding.secret for o in other.by_path[finding.path])


def other_extent(finding, other):
    """The same text, cut differently: with or without quotes, host, label or checksum."""
    return any(overlap(o.secret, finding.secret) for o in other.by_path[finding.path])


def other_extent_of_lines(finding, other):
    """A block of several lines that begins elsewhere (a PEM text, a JSON file, a manifest)."""
    height = finding.secret.count("\n")
    for o in other.by_path[finding.path]:
        below = o.line + max(o.secret.count("\n"), 0)
        if (height or o.secret.count("\n")) and o.line <= finding.line + height and finding.line <= below:
            return True
    return False


def same_line_other_secret(finding, other):
    """Both report the line, for another part of it (the user and the password of one URL)."""
    return bool(other.near(finding))


def placeholder(finding, _other):
    """Words, placeholders and counting: Merlon's filter leaves them out, or kingfisher's does."""
    text = finding.secret.lower()
    said = re.search(r"example|placeholder|change_?me|password|secret|passw0rd|xxxx|\*\*\*|1234|abcd|test|fake|dummy",
                     text)
    return bool(said) or len(set(text)) < 6 or re.fullmatch(r"[a-z ._-]*", text) is not None


def inside_archive(finding, _other):
    return bool(finding.members)


def decoded(finding, _other):
    """kingfisher reports a text inside base64 as it reads decoded; it is not in the file as it is."""
    try:
        with open(os.path.join(finding.tree, finding.path), encoding="utf-8", errors="replace") as f:
            return finding.secret not in f.read()
    except OSError:
        return False


def low_entropy(finding, _other):
    """Fewer than 3 bits a character: both packs have such a floor in most rules, not the same one."""
    text = finding.secret
    counts = collections.Counter(text)
    return bool(text) and -sum(c / len(text) * math.log2(c / len(text)) for c in counts.values()) < 3.0


def by_name_alone(finding, _other):
    """A generic rule: a name such as password or key in front and no format. Each program has its own."""
    return not words(finding.rule) or finding.rule.startswith("generic")


UNEXPLAINED = "unexplained"
PREDICATES = (
    ("same secret, other line", same_secret_other_line),
    ("same text, other extent", other_extent),
    ("block of lines, other begin", other_extent_of_lines),
    ("same line, other part", same_line_other_secret),
    ("inside an archive", inside_archive),
    ("decoded text", decoded),
    ("placeholder or words", placeholder),
    ("entropy below 3", low_entropy),
    ("generic rule", by_name_alone),
)


def classify(finding, other, providers, missing):
    mine = words(finding.rule)
    if mine and not mine & providers:
        return missing
    for name, holds in PREDICATES:
        if holds(finding, other):
            return name
    return UNEXPLAINED


def by_experiment(options, side, findings):
    """What the other program says to the secret alone, in the three ways that secrets are written.

    Found there: it wants other text around it. Not found: a miss of the one or a false alarm of the other
    (a checksum, a length, an alphabet, a list of known public keys), and nothing here says which: it stays
    unexplained.
    """
    with tempfile.TemporaryDirectory() as folder:
        for number, finding in enumerate(findings):
            name = re.sub(r"[^a-z0-9]+", "_", "_".join(sorted(words(finding.rule)))) or "secret"
            with open(os.path.join(folder, f"{number}.txt"), "w", encoding="utf-8") as f:
                f.write(f"{name}_token = \"{finding.secret}\"\n\n{name.upper()}_KEY={finding.secret}\n\n{finding.secret}\n")
        other = kingfisher_findings(options.kingfisher, folder)[0] if side == "only merlon" else [
            f for f in merlon_findings(options.merlon, folder)[0] if not f.doubtful]
    alone = collections.defaultdict(list)
    for found in other:
        alone[found.path].append(found.secret)
    for number, finding in enumerate(findings):
        taken = any(overlap(secret, finding.secret) for secret in alone[f"{number}.txt"])
        yield finding, "wants other text around it" if taken else UNEXPLAINED


def reproducer(finding):
    path = os.path.join(finding.tree, finding.path)
    if finding.members or not os.path.isfile(path):
        return None
    with open(path, encoding="utf-8", errors="replace") as f:
        lines = f.read().split("\n")
    height = finding.secret.count("\n") + 1
    return "\n".join(lines[max(0, finding.line - 1):finding.line - 1 + height]) + "\n"


def confirm(examples, options, folder):
    """Runs both programs on the examples alone; returns the classes in which they still differ."""
    os.makedirs(folder, exist_ok=True)
    names = {}
    for (side, name), finding in sorted(examples.items()):
        if text := reproducer(finding):
            file = re.sub(r"[^a-z]+", "-", f"{side} {name}") + os.path.splitext(finding.path)[1]
            names[file] = (side, name)
            with open(os.path.join(folder, file), "w", encoding="utf-8") as f:
                f.write(text)
    ours = {(f.path, f.line, f.secret) for f in merlon_findings(options.merlon, folder)[0] if not f.doubtful}
    theirs = {(f.path, f.line, f.secret) for f in kingfisher_findings(options.kingfisher, folder)[0]}
    return {names[path] for path, _, _ in ours ^ theirs if path in names}


def rule_words_of(options, findings):
    listed = subprocess.run([options.merlon, "rules", "list"], capture_output=True, text=True, check=False).stdout
    ours = set().union(*(words(line.split()[0]) for line in listed.splitlines() if line.split()))
    ours |= set().union(*(words(f.rule) for f in findings[0])) if findings[0] else set()
    listed = subprocess.run([options.kingfisher, "rules", "list", "--no-update-check"], capture_output=True, text=True,
                            check=False).stdout
    theirs = set().union(*(words(w) for w in re.findall(r"(?:betterleaks|veles|kingfisher)[.\w/-]+", listed)), set())
    theirs |= set().union(*(words(f.rule) for f in findings[1])) if findings[1] else set()
    return ours, theirs


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("trees", nargs="+", metavar="TREE")
    parser.add_argument("--merlon", default=os.path.join(ROOT, "build/release/merlon"))
    parser.add_argument("--kingfisher", default=os.path.join(ROOT, "build/peers/kingfisher/bin/kingfisher"))
    parser.add_argument("--write", default=os.path.join(ROOT, "build/kingfisher"), metavar="FOLDER")
    parser.add_argument("--list", action="store_true", help="names each finding that no predicate explains")
    options = parser.parse_args()
    if not os.access(options.kingfisher, os.X_OK):
        print("kingfisher_compare: kingfisher is absent; run tools/peers.sh kingfisher")
        return 2
    equal, classes, examples, left_over = 0, collections.Counter(), {}, []

    def count(side, name, finding):
        classes[side, name] += 1
        best = examples.get((side, name))
        if best is None or len(finding.secret) < len(best.secret):
            examples[side, name] = finding

    size = seconds_ours = seconds_theirs = 0.0
    for tree in map(os.path.abspath, options.trees):
        every, took = merlon_findings(options.merlon, tree)
        theirs, took_theirs = kingfisher_findings(options.kingfisher, tree)
        size += sum(os.path.getsize(os.path.join(d, n)) for d, _, ns in os.walk(tree) for n in ns
                    if not os.path.islink(os.path.join(d, n))) / 1e6
        seconds_ours, seconds_theirs = seconds_ours + took, seconds_theirs + took_theirs
        ours = [f for f in every if not f.doubtful]
        ours_words, theirs_words = rule_words_of(options, (ours, theirs))
        keys_ours = {f[1:4] for f in ours}
        keys_theirs = {f[1:4] for f in theirs}
        equal += len(keys_ours & keys_theirs)
        for side, found, known, other, providers, missing in (
                ("only kingfisher", theirs, keys_ours, Other(every), ours_words, "no such rule here"),
                ("only merlon", ours, keys_theirs, Other(theirs), theirs_words, "no such rule there")):
            for finding in {f[1:4]: f for f in found if f[1:4] not in known}.values():
                name = classify(finding, other, providers, missing)
                if side == "only kingfisher" and name.startswith(("same text", "same secret", "same line")):
                    near = [f for f in Other(every).by_path[finding.path] if overlap(f.secret, finding.secret)]
                    if near and all(f.doubtful for f in near):
                        name = "placeholder or words"
                if name == UNEXPLAINED:
                    left_over.append((side, finding))
                else:
                    count(side, name, finding)
    for side in ("only kingfisher", "only merlon"):
        left = [f for s, f in left_over if s == side]
        for finding, name in by_experiment(options, side, left):
            count(side, name, finding)
            if options.list:
                print(f"  {side}, {name}: {finding.rule} {finding.path}:{finding.line} {finding.secret[:60]!r}")
    still = confirm(examples, options, options.write)
    print(f"{equal} equal (path, line, secret); {size:.1f} MB: merlon {size / seconds_ours:.1f} MB/s, "
          f"kingfisher {size / seconds_theirs:.1f} MB/s (one run, start-up included)\n")
    print("| side | class | findings | differs on the example alone |\n|---|---|--:|---|")
    for (side, name), number in sorted(classes.items()):
        print(f"| {side} | {name} | {number} | {'yes' if (side, name) in still else 'no'} |")
    unexplained = sum(number for (_, name), number in classes.items() if name == UNEXPLAINED)
    print(f"\n{unexplained} of {sum(classes.values())} differences unexplained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
