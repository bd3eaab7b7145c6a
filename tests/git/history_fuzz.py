#!/usr/bin/env python3
"""Generated histories whose patches git and we must print alike.

    history_fuzz.py --checker build/release/git_diff_check [--seed 1] [--repositories 20]

Each seed makes one repository out of `git fast-import`: file pairs that stress the line diff (few distinct
lines, blank lines and indentation, lines that repeat, texts near the limits where git gives up searching,
CRLF, no final line end, empty files, bytes of all kinds), and histories with renames (equal, similar, by
name, in bulk, beyond the limit), copies, modes, links, submodules, files that become folders, odd names,
attributes, merges that cross and merges of many. Prints the seed of each repository that differs, and ends
with 1 then; the same seed makes the same repository.
"""

import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

QUIET = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}


class Texts:
    """Random texts as lists of lines, and edits of them."""

    def __init__(self, random_source):
        self.random = random_source

    def words(self):
        """The lines that a text is made of."""
        pick = self.random.choice
        kind = self.random.randrange(10)
        if kind == 0:
            return [b"%d" % i for i in range(pick([2, 3, 5, 10, 40]))]
        if kind == 1:
            codes = [b"}", b"{", b"x = 1;", b"end", b"if (a) {", b"", b"return", b"} else {", b"#"]
            return [b" " * self.random.randrange(9) + pick(codes) for _ in range(pick([4, 10, 30]))] + [b""] * 2
        if kind == 2:
            return [b"line %d" % i for i in range(pick([50, 500, 5000]))]
        if kind == 3:
            blanks = [b"", b"a", b"b", b"\r", b"\x0b", b"\x0c", b"c\r", b" \x0bd"]
            return [b"\t" * self.random.randrange(4) + b" " * self.random.randrange(4) + pick(blanks)
                    for _ in range(12)]
        if kind == 4:
            return [b"", b" ", b"\t", b"x", b"  y", b" " * 250 + b"z"]
        if kind == 5:
            return [bytes(self.random.randrange(1, 256) for _ in range(self.random.randrange(5)))
                    .replace(b"\n", b"") for _ in range(pick([3, 20]))]
        if kind == 6:
            return [b"", b"", b"", b"text %d" % self.random.randrange(9), b"\tdeep"]
        if kind == 7:  # about the most columns that git counts
            return [b" " * self.random.randrange(196, 204) + b"z%d" % i for i in range(3)] + [b"\t" * 26, b"", b"a"]
        if kind == 8:  # and about the most blank lines
            return [b"\n" * (self.random.randrange(17, 23) - 1), b"a", b"  b", b"    c", b"a"]
        return [b"w" * pick([1, 60, 63, 64, 65, 130, 5000]) + b"%d" % i for i in range(pick([3, 30]))]

    def text(self, words, size):
        return [self.random.choice(words) for _ in range(size)]

    def new(self):
        words = self.words()
        return words, self.text(words, self.random.choice([0, 1, 2, 3, 5, 8, 13, 30, 60, 100, 200, 400, 900]))

    def edit(self, words, lines, steps=None):
        lines = list(lines)
        for _ in range(steps or self.random.choice([1, 1, 2, 3, 5, 10, 40])):
            at = self.random.randrange(len(lines) + 1)
            count = self.random.choice([1, 1, 2, 3, 5, 20])
            kind = self.random.randrange(6)
            if kind == 0:
                lines[at:at] = self.text(words, count)
            elif kind == 1:
                del lines[at:at + count]
            elif kind == 2:
                lines[at:at + count] = self.text(words, count)
            elif kind == 3:
                to = self.random.randrange(len(lines) + 1)
                lines[to:to] = lines[at:at + count]
            elif kind == 4:
                block = lines[at:at + count]
                del lines[at:at + count]
                to = self.random.randrange(len(lines) + 1)
                lines[to:to] = block
            else:
                lines[at:at + count] = lines[at:at + count] * 2
        return lines

    def large(self):
        """Two texts whose shortest edit is beyond git's patience."""
        pick = self.random.choice
        shape = self.random.random()
        if shape < 0.4:
            return self.sparse()
        if shape < 0.43:
            return self.huge()
        words = [b"l%d" % i for i in range(pick([3, 40, 100, 1000, 20000]))]
        before = self.text(words, pick([1500, 3000, 8000]))
        kind = self.random.randrange(4)
        if kind == 0:
            return before, self.text(words, pick([1500, 3000, 8000]))
        if kind == 1:
            after = list(before)
            for _ in range(pick([300, 1000, 2000])):
                at = self.random.randrange(len(after) + 1)
                after[at:at + self.random.randrange(3)] = self.text(words, self.random.randrange(3))
            return before, after
        size = pick([15, 25, 30, 100])
        blocks = [before[i:i + size] for i in range(0, len(before), size)]
        if kind == 2:
            self.random.shuffle(blocks)
        else:
            blocks = [pick(blocks) + self.text(words, 3) for _ in blocks]
        return before, [line for block in blocks for line in block]

    def sparse(self):
        """Long equal runs with a few changed lines between, so many that the search looks for a long run."""
        words = [b"w%d" % i for i in range(self.random.choice([5, 50, 500]))]
        length = self.random.choice([18, 19, 20, 21, 22, 30])
        changes = self.random.choice([150, 300, 600])
        before, after = [], []
        for i in range(self.random.choice([560, 700, 1000])):
            run = [b"r%d %d" % (i, j) for j in range(self.random.choice([length, length + 1]))]
            if self.random.random() < 0.05:
                run = self.text(words, length)
            before += run
            after += run
            if self.random.randrange(1000) < changes + 400:
                before += self.text(words, self.random.randrange(3))
                after += self.text(words, self.random.randrange(3))
        for lines in (before, after):
            at = self.random.randrange(len(lines))
            lines[at:at] = self.text(words, self.random.choice([0, 100, 700]))
        return before, after

    def huge(self):
        """Lines that occur hundreds of times among lines that occur on one side, in a very long text."""
        size = 270_000
        words = [b"w%d" % i for i in range(self.random.choice([60, 100, 200]))]
        texts = []
        for side in (b"a", b"b"):
            texts.append([self.random.choice(words) if self.random.random() < 0.2 else side + b"%d" % i
                          for i in range(size)])
        return texts[0], texts[1]

    def bytes(self, lines):
        end = b"\r\n" if self.random.random() < 0.1 else b"\n"
        joined = end.join(lines)
        return joined + end if lines and self.random.random() < 0.85 else joined


class History:
    """A fast-import stream of one repository."""

    NAMES = ["a.txt", "b.txt", "main.c", "README", "data.json", "x y.txt", "tab\tname", 'quo"te', "back\\slash",
             "\u00e9t\u00e9.txt", "\u65e5\u672c.md", ".gitattributes", "a", "a.b", "a-b", "A.TXT", "z.bin"]
    FOLDERS = ["", "", "src/", "src/deep/", "docs/", "a/", "sp ace/", "\u00fc/", "src/deep/er/"]

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.texts = Texts(self.random)
        self.out = []
        self.mark = 0
        self.id_digits = 40
        self.branches = {}  # name -> (mark of its tip, files)

    def path(self):
        path = self.random.choice(self.FOLDERS) + self.random.choice(self.NAMES)
        if self.random.random() < 0.5:
            path = path.replace(".", "%d." % self.random.randrange(30), 1)
        return path

    def content(self):
        kind = self.random.random()
        if kind < 0.06:
            return None, b""
        if kind < 0.12:
            return None, bytes(self.random.randrange(256) for _ in range(self.random.choice([5, 300, 9000])))
        if kind < 0.15:
            zero = self.random.choice([7990, 7999, 8000, 8001])
            return None, b"y\n" * (zero // 2) + b"q" * (zero % 2) + b"\0rest\n"
        words, lines = self.texts.new()
        return (words, lines), self.texts.bytes(lines)

    def entry(self):
        kind = self.random.random()
        if kind < 0.04:
            return ["120000", None, self.random.choice([b"a.txt", b"../x", b"target\n", b"b"])]
        if kind < 0.07:
            return ["160000", None, b"%0*x" % (self.id_digits, self.random.randrange(1, 5))]
        parts, content = self.content()
        return ["100755" if kind < 0.15 else "100644", parts, content]

    def changed(self, entry):
        mode, parts, content = entry
        if mode in ("120000", "160000") or parts is None or self.random.random() < 0.05:
            return self.entry()
        if self.random.random() < 0.05:
            return ["100644" if mode == "100755" else "100755", parts, content]
        words, lines = parts
        lines = self.texts.edit(words, lines)
        return [mode, (words, lines), self.texts.bytes(lines)]

    def put(self, files, path, entry):
        """Adds a file; a file that its folder was, or files below it, make room."""
        for other in list(files):
            if other.startswith(path + "/") or path.startswith(other + "/"):
                del files[other]
        files[path] = entry

    def step(self, files):
        """One commit's worth of changes."""
        paths = sorted(files)
        for _ in range(self.random.choice([1, 2, 5, 10, 30])):
            kind = self.random.random()
            path = self.random.choice(paths) if paths else None
            if path not in files or kind < 0.15:
                self.put(files, self.path(), self.entry())
            elif kind < 0.70:
                files[path] = self.changed(files[path])
            elif kind < 0.78:
                del files[path]
            elif kind < 0.90:
                entry = files.pop(path)
                how = self.random.random()
                if how < 0.6 and entry[1] is not None:
                    words, lines = entry[1]
                    lines = self.texts.edit(words, lines, self.random.choice([1, 3, 10, 60]))
                    entry = [entry[0], (words, lines), self.texts.bytes(lines)]
                name = path.rsplit("/", 1)[-1]
                target = self.random.choice(self.FOLDERS) + name if self.random.random() < 0.5 else self.path()
                self.put(files, target, entry)
            elif kind < 0.95:
                self.put(files, self.path(), files[path])
            else:
                self.put(files, path, self.entry())

    def commit(self, branch, parents, files, seen):
        self.mark += 1
        self.out.append(b"commit refs/heads/%s\nmark :%d\n" % (branch.encode(), self.mark))
        self.out.append(b"committer A <a@example.com> %d +0000\n" % (1_000_000_000 + self.mark))
        message = b"commit %d\n" % self.mark
        self.out.append(b"data %d\n%s\n" % (len(message), message))
        for number, parent in enumerate(parents):
            self.out.append((b"from" if number == 0 else b"merge") + b" :%d\n" % parent)
        for path in seen:
            if path not in files:
                self.out.append(b"D %s\n" % self.quoted(path))
        for path, (mode, _, content) in files.items():
            if seen.get(path) == [mode, content]:
                continue
            if mode == "160000":
                self.out.append(b"M 160000 %s %s\n" % (content, self.quoted(path)))
            else:
                self.out.append(b"M %s inline %s\ndata %d\n%s\n"
                                % (mode.encode(), self.quoted(path), len(content), content))
        self.branches[branch] = (self.mark, files)

    @staticmethod
    def quoted(path):
        escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return b'"' + escaped.encode() + b'"'

    @staticmethod
    def seen(files):
        return {path: [mode, content] for path, (mode, _, content) in files.items()}

    def next_commit(self):
        branch = self.random.choice(sorted(self.branches))
        tip, files = self.branches[branch]
        before = self.seen(files)
        files = dict(files)
        kind = self.random.random()
        others = [name for name in sorted(self.branches) if name != branch]
        if kind < 0.2 and others:  # a merge of two or many, perhaps with content of its own
            merged = self.random.sample(others, min(len(others), self.random.choice([1, 1, 1, 2, 3])))
            for other in merged:
                for path, entry in self.branches[other][1].items():
                    if self.random.random() < 0.5:
                        self.put(files, path, entry)
            if self.random.random() < 0.4:
                self.step(files)
            self.commit(branch, [tip] + [self.branches[other][0] for other in merged], files, before)
        elif kind < 0.3 and len(self.branches) < 5:
            self.step(files)
            self.commit("b%d" % len(self.branches), [tip], files, before)
        else:
            self.step(files)
            self.commit(branch, [tip], files, before)

    def pairs(self, count, large):
        """Two commits that change `count` files."""
        first, second = {}, {}
        for i in range(count):
            path = "pairs/%d" % i
            if large:
                before, after = self.texts.large()
            else:
                words, before = self.texts.new()
                unlike = self.random.random() < 0.1
                after = self.texts.new()[1] if unlike else self.texts.edit(words, before)
            first[path] = ["100644", None, self.texts.bytes(before)]
            second[path] = ["100644", None, self.texts.bytes(after)]
        self.commit("pairs%d" % large, [], first, {})
        self.commit("pairs%d" % large, [self.mark], second, self.seen(first))

    def many_renames(self):
        """Moves of whole folders: equal contents in numbers, names that repeat, and beyond the limit."""
        count = self.random.choice([20, 60, 150, 1100])
        alike = self.random.random() < 0.3
        base = [b"common %d" % i for i in range(10)]
        first, second = {}, {}
        for i in range(count):
            lines = base + ([] if alike else [b"own %d %d" % (i, j) for j in range(6)])
            first["old/%d/f%d" % (i % 7, i)] = ["100644", None, b"\n".join(lines) + b"\n"]
            if self.random.random() < 0.5:
                lines = lines + [b"more %d" % self.random.randrange(3)] * self.random.randrange(8)
            name = "f%d" % i if self.random.random() < 0.5 else "g%d" % (i * 7919 % 10007)
            second["new/%d/%s" % (i % 5, name)] = ["100644", None, b"\n".join(lines) + b"\n"]
        self.commit("moves", [], first, {})
        self.commit("moves", [self.mark], second, self.seen(first))

    def stream(self):
        files = {}
        self.step(files)
        self.commit("main", [], files, {})
        for _ in range(40):
            self.next_commit()
        self.pairs(700, large=False)
        self.pairs(16, large=True)
        self.many_renames()
        return b"".join(self.out)

    def attributes(self):
        lines = ["*.txt -diff", "*.bin diff", "src/** -diff", "*.json binary", "[attr]mine -diff\n*.c mine",
                 "a.txt !diff", "/docs/*.md -diff", "z* diff=cpp", '"tab\\tname" -diff', "deep/ -diff",
                 "* -text", "*.b diff", "!a -diff", "a* -diff @wrong", "*.md -binary", "f[0-9]* text=auto"]
        return "".join(self.random.choice(lines) + "\n" for _ in range(self.random.randrange(4)))


def git(folder, *words, **options):
    return subprocess.run(["git", "-C", str(folder), *words], check=True, env=os.environ | QUIET, **options)


def build(seed, folder):
    history = History(seed)
    bare = history.random.random() < 0.5
    history.id_digits = history.random.choice([40, 40, 40, 64])
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--object-format=" + ("sha1" if history.id_digits == 40 else "sha256"),
        *(["--bare"] if bare else []))
    stream = history.stream()
    git(folder, "fast-import", "--quiet", "--force", input=stream, stdout=subprocess.DEVNULL)
    top = folder if bare else folder / ".git"
    (top / "info").mkdir(exist_ok=True)
    (top / "info" / "attributes").write_text(history.attributes())
    for below in ("", "src/", "src/deep/", "docs/"):  # a bare repository must not look at these
        (folder / below).mkdir(exist_ok=True, parents=True)
        (folder / below / ".gitattributes").write_text(history.attributes())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--checker", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repositories", type=int, default=20)
    parser.add_argument("--keep", action="store_true", help="leave the repositories that differ")
    arguments = parser.parse_args()

    root = pathlib.Path(tempfile.mkdtemp(prefix="merlon-history-"))
    different = []
    commits = files = hunks = 0
    for seed in range(arguments.seed, arguments.seed + arguments.repositories):
        folder = root / str(seed)
        build(seed, folder)
        run = subprocess.run([arguments.checker, str(folder)], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True, errors="replace")
        counts = run.stdout.strip().rsplit("\n", 1)[-1].split()
        if run.returncode != 0 or len(counts) != 12:
            different.append(seed)
            print(run.stdout, end="")
        if len(counts) == 12:
            commits, files, hunks = commits + int(counts[1]), files + int(counts[8]), hunks + int(counts[10])
        if not (arguments.keep and seed in different):
            shutil.rmtree(folder)
    if not different:
        shutil.rmtree(root)
    print(f"seeds {arguments.seed} to {arguments.seed + arguments.repositories - 1}: {commits} commits, "
          f"{files} file pairs, {hunks} hunks equal; {len(different)} repositories differ {different}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
