#!/usr/bin/env python3
"""Compares `merlon scan secrets` with kingfisher 2.6.0, finding for finding: (path, line, secret).

    tools/bench/kingfisher_compare.py TREE… [--merlon PATH] [--kingfisher PATH] [--write FOLDER] [--list]

Equal are findings with the same path, line and secret. Of each other one it is said why:

1. What the other program reports at the same place tells it: the same text cut differently, a block of
   lines that begins elsewhere, another part of the same line, a text that stands there encoded, or the
   same text that Merlon found and shows with --all-matches only (its precision filter doubts it).
2. Only one of them has such a rule. A rule of Merlon is missing in kingfisher where kingfisher reports none of the
   rule's own true examples, with or without a partner beside them; a rule of kingfisher is missing here
   where its name shares no word with a rule of Merlon and Merlon reports nothing of what it finds.
3. An experiment (kingfisher_experiments.py): the smallest change after which the other program reports it too.

4. The rule names no provider (a password in an assignment): what a scanner takes for one is its own
   choice, and only the findings of providers are owed to be equal.

What none of these explains is unexplained. For each class the smallest example is written to FOLDER, before and
after the change, and both programs are run on it again: they have to differ before, and the other one has to
report it after. Exit code: 0, 1 where a difference is unexplained or an example does not show it, 2 without kingfisher.
"""

import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from kingfisher_experiments import HIDDEN, LINES_AROUND, Experiments, Probe, Window, overlap, reported

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Words of rule names that name no provider.
COMMON = set("""access account admin api app application assignment auth authorization base64 basic bearer bot cli client
cloud config configuration connection credential credentials default deploy developer encryption file fine
generic grained hash header id identity in integration key legacy license live long lived machine manifest oauth
old org organization password personal plain private project public refresh release role saved scim secret sensitive
server service session short signing static string team test token tokens uri url user value webhook with
workspace yaml data first of""".split())
SAME = {"gcp": "google", "hashicorp": "terraform", "tf": "terraform", "k8s": "kubernetes", "aws": "aws",
        "amazon": "aws", "flyio": "fly", "sonar": "sonarqube", "jwt": "jwt", "pypi": "pypi"}

Finding = collections.namedtuple("Finding", "tree path line secret rule doubtful members near", defaults=((),))
Explained = collections.namedtuple("Explained", "finding probe")


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
    top = tree = os.path.abspath(tree)
    while not os.path.exists(os.path.join(top, ".git")) and top != os.path.dirname(top):
        top = os.path.dirname(top)
    top = top if os.path.exists(os.path.join(top, ".git")) else tree
    for row in rows:
        place = row["location"]
        path = os.path.relpath(os.path.join(top, place["path"]), tree)
        found.append(Finding(tree, path, place.get("startLine", 0), row["secret"], row["rule"],
                             "doubt" in row.get("properties", {}), tuple(place.get("members", ()))))
    return found, seconds


def kingfisher_findings(program, tree, *flags):
    begin = time.monotonic()
    done = subprocess.run([program, "scan", ".", "--no-validate", "--jobs", "2", "--format", "jsonl",
                           "--no-update-check", "--no-dedup", *flags], cwd=tree, capture_output=True, check=False)
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

    def near(self, finding, lines):
        return [o for o in self.by_path[finding.path] if abs(o.line - finding.line) <= lines]

    def at(self, finding):
        """The findings whose lines meet those of this one."""
        last = finding.line + finding.secret.count("\n")
        return [o for o in self.by_path[finding.path]
                if o.line <= last and finding.line <= o.line + o.secret.count("\n")]


# ---- what the other program reports at the same place ----

def other_extent(finding, other):
    """The same text, cut differently: with or without quotes, host, label or checksum."""
    return any(overlap(o.secret, finding.secret) and not o.doubtful for o in other.at(finding))


def only_doubted(finding, other):
    """Merlon found the text and shows it with --all-matches only."""
    return any(overlap(o.secret, finding.secret) and o.doubtful for o in other.at(finding))


def block_of_lines(finding, other):
    """A block of several lines that begins elsewhere (a PEM text, a JSON file, a manifest)."""
    return any("\n" in o.secret + finding.secret and not o.doubtful for o in other.at(finding))


def same_line_other_part(finding, other):
    """Both report the line, for another part of it (the user and the password of one URL)."""
    return any(o.line == finding.line and not o.doubtful for o in other.at(finding))


def decoded(finding, _other):
    """The text stands in the file encoded only (base64 in base64, a JWT's payload); one of them decodes further."""
    path = os.path.join(finding.tree, finding.path)
    if finding.members or not os.path.isfile(path):
        return False
    with open(path, "rb") as f:
        return finding.secret not in f.read().decode("utf-8", "replace")


UNEXPLAINED = "unexplained"
NO_PROVIDER = "a rule that names no provider"
MISSING = {"only merlon": "no such rule there", "only kingfisher": "no such rule here"}
PREDICATES = (
    ("same text, other extent", other_extent),
    ("found, but doubted by the precision filter", only_doubted),
    ("block of lines, other begin", block_of_lines),
    ("same line, other part", same_line_other_part),
    ("found in encoded text", decoded),
)


def by_place(finding, other):
    return next((name for name, holds in PREDICATES if holds(finding, other)), None)


# ---- the examples ----

def candidates(explained):
    """The lines around the finding, the fewest first."""
    for radius in (0, 2, 8, LINES_AROUND):
        yield Probe(explained.finding.path, Window(explained.finding, radius).text(), explained.finding.secret)


def confirm(examples, experiments, folder):
    """Runs both programs on the examples; {class: yes or no, for before and after the change}."""
    shutil.rmtree(folder, ignore_errors=True)
    rows = [(key, before, explained.probe) for key, explained in sorted(examples.items())
            for before in candidates(explained)]
    probes = [row[1] for row in rows]
    ours, theirs = experiments.run("merlon", probes), experiments.run("kingfisher", probes)
    after_probes = [row[2] or Probe("none.txt", "", "") for row in rows]
    after = {"only merlon": experiments.run("kingfisher", after_probes),
             "only kingfisher": experiments.run("merlon", after_probes)}
    hidden = experiments.run("kingfisher hidden", after_probes)
    said = {}
    for number, (key, before, change) in enumerate(rows):
        side, name = key
        keys = [{(f.line, f.secret) for f in found[number]} for found in (ours, theirs)]
        mine = keys[0] - keys[1] if side == "only merlon" else keys[1] - keys[0]
        differs = any(overlap(secret, before.expected) for _, secret in mine)
        if differs and key not in said:
            mended = True
            if change is not None:
                found = (hidden if name == HIDDEN else after[side])[number]
                mended = reported(change, found)
            said[key] = mended
            for when, probe in (("before", before), ("after", change)):
                if probe is not None:
                    path = os.path.join(folder, re.sub(r"[^a-z]+", "-", f"{side} {name}"), when,
                                        os.path.basename(probe.path))
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "w", encoding="utf-8", newline="") as f:
                        f.write(probe.text)
    return said


def rule_words_of(options):
    listed = subprocess.run([options.merlon, "rules", "list"], capture_output=True, text=True, check=False).stdout
    return set().union(*(words(line.split()[0]) for line in listed.splitlines() if line.split()))


def differences(every, theirs, ours_words):
    """Yields (side, finding, class or None): None where an experiment has to say it."""
    ours = [f for f in every if not f.doubtful]
    keys_ours, keys_theirs = {f[1:4] for f in ours}, {f[1:4] for f in theirs}
    met = collections.Counter(f.rule for f in theirs if any(overlap(o.secret, f.secret) for o in Other(every).at(f)))
    for side, found, known, other in (("only kingfisher", theirs, keys_ours, Other(every)),
                                      ("only merlon", ours, keys_theirs, Other(theirs))):
        for finding in {f[1:4]: f for f in found if f[1:4] not in known}.values():
            name = by_place(finding, other)
            if name is None and side == "only kingfisher" and not words(finding.rule) & ours_words \
                    and words(finding.rule) and not met[finding.rule]:
                name = MISSING[side]
            yield side, finding._replace(near=tuple(other.near(finding, LINES_AROUND))), name


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
    hidden_flags = ("--include-hidden-findings", "--confidence", "low")
    experiments = Experiments(
        {"merlon": lambda folder: merlon_findings(options.merlon, folder)[0],
         "merlon hidden": lambda folder: [],
         "kingfisher": lambda folder: kingfisher_findings(options.kingfisher, folder)[0],
         "kingfisher hidden": lambda folder: kingfisher_findings(options.kingfisher, folder, *hidden_flags)[0]},
        words, options.merlon)
    equal, classes, examples = 0, collections.Counter(), {}
    left_over = {"only kingfisher": [], "only merlon": []}

    def count(side, name, finding, probe=None):
        classes[side, name] += 1
        best = examples.get((side, name))
        if best is None or len(finding.secret) < len(best.finding.secret):
            examples[side, name] = Explained(finding, probe)
        if options.list:
            print(f"  {side}, {name}: {finding.rule} {finding.path}:{finding.line} {finding.secret[:60]!r}")

    size = seconds_ours = seconds_theirs = 0.0
    ours_words = rule_words_of(options)
    for tree in map(os.path.abspath, options.trees):
        every, took = merlon_findings(options.merlon, tree)
        theirs, took_theirs = kingfisher_findings(options.kingfisher, tree)
        size += sum(os.path.getsize(os.path.join(d, n)) for d, _, ns in os.walk(tree) for n in ns
                    if not os.path.islink(os.path.join(d, n))) / 1e6
        seconds_ours, seconds_theirs = seconds_ours + took, seconds_theirs + took_theirs
        equal += len({f[1:4] for f in every if not f.doubtful} & {f[1:4] for f in theirs})
        for side, finding, name in differences(every, theirs, ours_words):
            if name is None and side == "only merlon" and finding.rule in experiments.unknown_rules:
                name = MISSING[side]
            if name is None:
                left_over[side].append(finding)
            else:
                count(side, name, finding)
    for side, findings in left_over.items():
        for finding, change, probe in experiments.explain(side, findings):
            count(side, change or (UNEXPLAINED if words(finding.rule) else NO_PROVIDER), finding, probe)
    shown = confirm(examples, experiments, options.write)
    print(f"{equal} equal (path, line, secret); {size:.1f} MB: merlon {size / seconds_ours:.1f} MB/s, "
          f"kingfisher {size / seconds_theirs:.1f} MB/s (one run, start-up included)\n")
    print("| side | class, or what has to change | findings | shown by the example alone |\n|---|---|--:|---|")
    for (side, name), number in sorted(classes.items()):
        print(f"| {side} | {name} | {number} | {'yes' if shown.get((side, name)) else 'no'} |")
    unexplained = sum(number for (_, name), number in classes.items() if name == UNEXPLAINED)
    print(f"\n{unexplained} of {sum(classes.values())} differences unexplained; "
          f"{sum(1 for key in classes if not shown.get(key))} of {len(classes)} examples do not show it")
    return 1 if unexplained or not all(map(shown.get, classes)) else 0


if __name__ == "__main__":
    sys.exit(main())
