#!/usr/bin/env python3
"""Do findings keep their identity through real changes? churn_corpus.py MERLON REPOSITORY… [--cases N] [--context LINES] [--git]

Each REPOSITORY is a clone (a bare one will do). Of its history those commits are taken that refactor: they rename a source
file, or change one in which findings stay. The findings are what a marker rule sees in the files that a commit touches,
and in their neighbours, before and after it:

- The rule: a call of the kind that scanners look at (running, opening, asking, logging, failing) with a text literal that
  stands only once in everything that is looked at. The literal is the marker.
- The matcher never sees it. Markers are taken out of all lines that the report has, and the message says nothing, so that
  many findings of a file look alike; what is left is the place, and the code around.
- A refactoring leaves the code of a finding what it is: a line that reads otherwise afterwards, white space aside, was
  rewritten. Those are counted by themselves; a wrong merge is one there, too.
- The truth: two findings are one where they have the same marker. A marker that is gone while another one came has been
  edited, most often: what a matcher makes of these is not judged, because nobody can say. All others are.

Both reports go into a new store, with --git from a repository in which both texts are committed, without their markers, as a
pipeline imports them (--commit). A finding has kept its identity where its number is the same; a wrong merge is a number
that has gone to another marker while its own is still there, or to one that was there already under a number of its own.
Prints one line for each repository and kind of change; exits with 1 below 99 % or with a wrong merge, with 2 where
fewer cases than asked for were found.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SUFFIXES = {".go", ".py", ".js", ".ts", ".java", ".rb", ".rs", ".c", ".cpp", ".cs", ".kt", ".php", ".sh", ".tf", ".yaml"}
LITERAL = re.compile(r'"([^"\\\n]{8,120})"|\'([^\'\\\n]{8,120})\'')
CALL = re.compile(r"(?i)(exec|eval|open|query|command|system|spawn|connect|request|get|post|fetch|send|print|log|warn|info|"
                  r"debug|error|fatal|panic|fail|throw|raise|assert|format|render|load|read|write|parse|join|env|header)"
                  r"\w*\s*\(")
MASK = "…"
MOST_FILES = 60  # of one side; larger commits are imports of other people's code
MOST_BYTES = 200_000
NEIGHBOURS = 12
LEAST_PERCENT = 99.0


def git(repository, *words):
    done = subprocess.run(["git", "-C", repository, *words], capture_output=True)
    return done.stdout if done.returncode == 0 else b""


def commits(repository):
    """(commit, its parent, [(status, before, after)]) of commits with one parent, the newest first."""
    log = git(repository, "log", "--no-merges", "-M60%", "--name-status", "--format=%x01%H %P", "-n", "6000")
    for block in log.decode("utf-8", "replace").split("\x01")[1:]:
        head, _, rest = block.partition("\n")
        words = head.split()
        if len(words) != 2:
            continue
        changes = []
        for line in rest.splitlines():
            parts = line.split("\t")
            if len(parts) < 2 or pathlib.PurePath(parts[-1]).suffix not in SUFFIXES:
                continue
            status = parts[0][0]
            before = None if status == "A" else parts[1]
            after = None if status == "D" else parts[-1]
            changes.append((status, before, after))
        if changes and len(changes) <= MOST_FILES:
            yield words[0], words[1], changes


def texts_of(repository, commit, paths):
    texts = {}
    for path in sorted(paths):
        content = git(repository, "show", f"{commit}:{path}")
        if content and len(content) <= MOST_BYTES and b"\0" not in content:
            texts[path] = content.decode("utf-8", "replace")
    return texts


def neighbours(repository, commit, paths):
    """Other source files of the same folders: what stands there could be mistaken for what has moved."""
    found = set()
    for folder in sorted({os.path.dirname(path) for path in paths})[:6]:
        listed = git(repository, "ls-tree", "--name-only", commit, folder + "/" if folder else "./").decode("utf-8", "replace")
        names = [name for name in listed.splitlines() if pathlib.PurePath(name).suffix in SUFFIXES]
        found.update(names[:NEIGHBOURS])
    return found


def literals(line):
    return [a or b for a, b in LITERAL.findall(line)]


class Side:
    """What the marker rule finds in the files of one side."""

    def __init__(self, texts):
        counts = collections.Counter(text for content in texts.values() for line in content.splitlines() for text in literals(line))
        self.lines = {path: content.splitlines() for path, content in texts.items()}
        self.places = {}  # by marker
        for path, lines in self.lines.items():
            for number, line in enumerate(lines, 1):
                unique = [text for text in literals(line) if counts[text] == 1 and re.search("[A-Za-z]{3}", text)]
                if unique and CALL.search(line):
                    self.places[unique[0]] = (path, number)
                    lines[number - 1] = line.replace(unique[0], MASK)

    def line_of(self, marker):
        path, number = self.places[marker]
        return "".join(self.lines[path][number - 1].split())

    def sarif(self, context):
        results = []
        for path, number in sorted(self.places.values()):
            lines = self.lines[path]
            place = {"artifactLocation": {"uri": path},
                     "region": {"startLine": number, "snippet": {"text": lines[number - 1]}}}
            if context > 0:
                first, last = max(number - context, 1), min(number + context, len(lines))
                place["contextRegion"] = {"startLine": first, "endLine": last, "snippet": {
                    "text": "\n".join(lines[first - 1:last])}}
            results.append({"ruleId": "marker", "message": {"text": "a text"}, "locations": [{"physicalLocation": place}]})
        return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "churn"}}, "results": results}]}


def committed(folder, side):
    """The repository there, with the texts of this side as its newest commit."""
    work = os.path.join(folder, "work")
    git_in = ["git", "-C", work, "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "core.autocrlf=false"]
    if not os.path.isdir(work):
        subprocess.run(["git", "init", "-q", work], check=True)
    subprocess.run([*git_in, "rm", "-rfq", "--ignore-unmatch", "."], check=True)
    for path, lines in side.lines.items():
        os.makedirs(os.path.dirname(os.path.join(work, path)), exist_ok=True)
        pathlib.Path(work, path).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    subprocess.run([*git_in, "add", "-Af"], check=True)
    subprocess.run([*git_in, "commit", "-qm", "x", "--allow-empty"], check=True)
    return work, git(work, "rev-parse", "HEAD").decode().strip()


def numbers(merlon, folder, side, options):
    """The number of the finding at each place, after the report was imported."""
    name = os.path.join(folder, "report.sarif")
    pathlib.Path(name).write_text(json.dumps(side.sarif(options.context)))
    store = os.path.join(folder, "s.db")
    place, flags = folder, []
    if options.git:
        place, commit = committed(folder, side)
        flags = ["--repository", "churn", "--ref", "main", "--commit", commit]
    done = subprocess.run([merlon, "import", "--store", store, *flags, name], cwd=place, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    places, after = {}, []
    while True:
        done = subprocess.run([merlon, "findings", "list", "--store", store, "--format", "json", "--limit", "500", *after,
                               "is:present"], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        page = json.loads(done.stdout)
        for one in page["findings"]:
            places[one["path"].encode("utf-8", "surrogateescape").decode("utf-8", "replace"), one["line"]] = one["id"]
        if not page.get("next"):
            return places
        after = ["--after", page["next"]]


def judge(merlon, before, after, options):
    with tempfile.TemporaryDirectory() as folder:
        old, new = (numbers(merlon, folder, side, options) for side in (before, after))
    was = {marker: old[place] for marker, place in before.places.items() if place in old}
    now = {marker: new[place] for marker, place in after.places.items() if place in new}
    of_number = {number: marker for marker, number in was.items()}
    both = sorted(set(was) & set(now))
    stayed = [marker for marker in both if before.line_of(marker) == after.line_of(marker)]
    rewritten = [marker for marker in both if marker not in set(stayed)]
    kept = sum(was[marker] == now[marker] for marker in stayed)
    moved = sum(before.places[marker] != after.places[marker] for marker in stayed)
    wrong = []
    for marker, number in now.items():
        owner = of_number.get(number)
        if owner is None or owner == marker:
            continue
        if owner in now or marker in was:
            wrong.append((owner, before.places[owner], marker, after.places[marker]))
    lost = [(marker, before.places[marker], after.places[marker]) for marker in stayed if was[marker] != now[marker]]
    rewritten_kept = sum(was[marker] == now[marker] for marker in rewritten)
    return (len(stayed), moved, kept, len(wrong), len(rewritten), rewritten_kept), wrong, lost


def one_case(merlon, repository, commit, parent, changes, options):
    old = {before for _, before, _ in changes if before}
    new = {after for _, _, after in changes if after}
    before = Side(texts_of(repository, parent, old | neighbours(repository, parent, old)))
    after = Side(texts_of(repository, commit, new | neighbours(repository, commit, new)))
    # Neighbours of one side only would look as if they came or went.
    both = set(before.places) & set(after.places)
    if not any(before.places[marker] != after.places[marker] for marker in both):
        return None  # nothing that stays has moved
    kind = "renames" if any(status == "R" for status, _, _ in changes) else "moves"
    if kind == "moves" and all(before.places[marker][0] == after.places[marker][0] for marker in both):
        kind = "line shifts"
    return commit, kind, judge(merlon, before, after, options)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("merlon")
    parser.add_argument("repositories", nargs="+")
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--context", type=int, default=3, help="lines around each finding that the report has")
    parser.add_argument("--git", action="store_true", help="Git has both texts")
    parser.add_argument("--show", type=int, default=0, help="findings that were lost, to look at")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    merlon = os.path.abspath(options.merlon)
    share = -(-options.cases // len(options.repositories))
    totals = collections.defaultdict(lambda: [0] * 7)  # by kind: cases, and what judge() counts
    shown = options.show
    for repository in options.repositories:
        taken, renames = 0, 0
        wanted = []
        for commit, parent, changes in commits(repository):
            is_rename = any(status == "R" for status, _, _ in changes)
            # Half of them with renames, as far as there are some.
            if is_rename or len(wanted) < share * 4:
                wanted.append((is_rename, commit, parent, changes))
        wanted.sort(key=lambda one: not one[0])
        renaming = [one for one in wanted if one[0]][:share]
        plain = [one for one in wanted if not one[0]]
        queue = [one for pair in zip(renaming, plain) for one in pair] + plain[len(renaming):] + renaming[len(plain):]
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for answer in pool.map(lambda one: one_case(merlon, repository, *one[1:], options), queue[:share * 3]):
                if answer is None or taken == share:
                    continue
                taken += 1
                commit, kind, (counts, wrong, lost) = answer
                for i, count in enumerate((1, *counts)):
                    totals[kind][i] += count
                for owner, was, marker, now in wrong:
                    print(f"  WRONG {commit[:12]}: {owner!r} at {was} went to {marker!r} at {now}")
                for marker, was, now in lost[:max(shown, 0)]:
                    print(f"  lost {commit[:12]}: {marker!r} {was} -> {now}")
                    shown -= 1
        print(f"{os.path.basename(os.path.dirname(os.path.abspath(repository))) or repository}: {taken} cases", flush=True)
    cases, stayed, moved, kept, wrong, rewritten, rewritten_kept = (sum(counts[i] for counts in totals.values()) for i in range(7))
    for kind, counts in sorted(totals.items()):
        print(f"{kind}: {counts[0]} cases, {counts[1]} findings stayed, {counts[2]} of them at another place, "
              f"{counts[1] - counts[3]} lost, {counts[4]} wrong merges")
    percent = 100 * kept / max(stayed, 1)
    moved_lost = 100 * (1 - (stayed - kept) / max(moved, 1))
    print(f"{cases} cases: {percent:.2f} % of {stayed} findings kept their identity ({moved_lost:.2f} % of the {moved} that moved), "
          f"{wrong} wrong merges; of {rewritten} whose line was rewritten, {rewritten_kept} kept theirs")
    if cases < options.cases:
        return 2
    return 0 if percent >= LEAST_PERCENT and wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
