#!/usr/bin/env python3
"""Holds our ignore rules to `git check-ignore`: ignore_differential.py PROBE [FILES [SEED]]

Each round writes a random .gitignore and asks both about 100 random paths: ignored, kept by a `!`
rule, or undecided. tests/cli/ignore_test.py does the same for whole scans. A difference is printed
with the fewest lines that still show it. Last line: `N passed, N failed`.
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile

NAMES = ["a", "b", "ab", "a.o", "b.txt", "doc", "#x", "!y", "a b", "[c]", "-", "A", "é", "a*", "1",
         "[", "]", "a\\", "_", "^", "a-b", "**", ".a", "x ", "a\t", "\x7f", "?", "!"]
PIECES = ["a", "b", "ab", "*", "*", "**", "?", "/", "/", "/", "[ab]", "[!a]", "[^b]", "[a-c]",
          "[[:alpha:]]", "[[:digit:]x]", "[![:punct:]]", "[[:no:]]", "[[:a]", "[]-a]", "[a-]",
          "[\\]]", "[^]]", "[!]", "[c-a]", "[--0]", "[a-\\c]", "[[:upper:]-z]", "[[:space:]]", "[/]",
          "[*]", "[", "]", "\\", "\\*", "\\a", "\\/", "\\ ", ".o", ".txt", "doc", "#", "!", " ", "\t",
          "-", "^", "[c]", "é", "A", "1", "x", "**/", "/**", "/**/", "***"]
WHOLE = ["", "# note", "#x", "\\#x", "\\!y", "!", "!!", "!/", "/", "//", "///", "a ", "a\\ ", "a  ",
         "a\\  ", "x\\ /", " ", "**/", "/**", "a/**/", "**", "***", "\\", "a\\", "a\\\\", "*/", "/*",
         "*/*", "**/*", "*/**", "**/**", "a\r", "\r", "a/\r", "!a/", "!*/", "!/*"]


def random_path(source):
    return "/".join(source.choice(NAMES) for _ in range(source.choice([1, 1, 2, 2, 3, 4])))


def random_line(source):
    shape = source.random()
    if shape < 0.1:
        return source.choice(WHOLE)
    if shape < 0.5:
        # Near a path, so that many lines match something.
        parts = random_path(source).split("/")
        for i, part in enumerate(parts):
            kind = source.random()
            if kind < 0.3:
                parts[i] = source.choice(["*", "**", "?", "?*", "*?", "[!x]*"])
            elif kind < 0.5:
                at = source.randrange(len(part) + 1)
                parts[i] = part[:at] + source.choice(PIECES) + part[at + 1:]
        line = source.choice(["", "", "/", "**/", "*/"]) + "/".join(parts)
    else:
        line = "".join(source.choice(PIECES) for _ in range(source.randint(1, 6)))
    return (("!" if source.random() < 0.25 else "") + line
            + source.choice(["", "", "", "", "/", "/*", "/**", " "]))


class Both:
    def __init__(self, probe, root):
        self.probe, self.root, self.file = probe, root, root / ".gitignore"
        subprocess.run(["git", "init", "-q", root], check=True)
        self.environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull,
                            "GIT_CONFIG_NOSYSTEM": "1"}

    def ask(self, ignore, paths):
        self.file.write_bytes(ignore)
        given = b"".join(path.encode() + b"\0" for path in paths)
        git = subprocess.run(["git", "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n"],
                             cwd=self.root, input=given, capture_output=True, env=self.environment)
        fields = git.stdout.split(b"\0")
        if git.returncode > 1 or len(fields) != 4 * len(paths) + 1:
            sys.exit(f"ignore: git check-ignore ended with {git.returncode}: {git.stderr.decode()}")
        theirs = "".join("u" if not fields[i] else "k" if fields[i + 2].startswith(b"!") else "i"
                         for i in range(0, 4 * len(paths), 4))
        ours = subprocess.run([self.probe, self.file], input=given, capture_output=True, check=True)
        return theirs, ours.stdout.decode().strip()


def shrunk(both, lines, path):
    for i in reversed(range(len(lines))):
        fewer = lines[:i] + lines[i + 1:]
        theirs, ours = both.ask("\n".join(fewer).encode() + b"\n", [path])
        if theirs != ours:
            lines = fewer
    return lines


def main():
    probe = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 150
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    passed = failed = 0
    seen = dict.fromkeys("iku", 0)
    with tempfile.TemporaryDirectory(prefix="merlon-ignore-") as folder:
        both = Both(probe, pathlib.Path(folder))
        for number in range(count):
            source = random.Random(seed * 1_000_003 + number)
            lines = [random_line(source) for _ in range(source.randint(1, 6))]
            paths = sorted({random_path(source) for _ in range(100)})
            end = source.choice(["\n", "\n", "\r\n", ""])
            theirs, ours = both.ask(("\n".join(lines) + end).encode(), paths)
            if len(ours) != len(paths):
                sys.exit(f"ignore: {len(ours)} answers to {len(paths)} paths")
            for path, expected, found in zip(paths, theirs, ours):
                seen[expected] += 1
                if expected == found:
                    passed += 1
                    continue
                failed += 1
                if failed <= 20:
                    print(f"{path!r}: Git {expected}, Merlon {found}, by "
                          f"{shrunk(both, lines, path)} (file {number} of seed {seed})")
    print(f"git says: {seen['i']} ignored, {seen['k']} kept, {seen['u']} undecided")
    # A run in which nothing matches would show nothing.
    few = min(seen["i"], seen["k"]) * 100 < passed + failed
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or few else 0)


if __name__ == "__main__":
    main()
