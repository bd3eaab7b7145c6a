#!/usr/bin/env python3
"""Holds what a scan leaves out to what Git leaves out: ignore_test.py MERLON [REPOSITORIES [SEED]]

Makes repositories with random .gitignore files, a file with a finding at each path, and compares the
files that are reported with `git ls-files --others --exclude-standard`. Last line: `N passed, N failed`.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
NAMES = ["a", "b", "ab", "a.o", "b.txt", "doc", "#x", "!y", "a b", "[c]", "-", "A", "é", "a*", "1", "[",
         "a\\", "_"]
PIECES = ["a", "b", "ab", "*", "**", "?", "/", "/", "[ab]", "[!a]", "[^b]", "[a-c]", "[[:alpha:]]",
          "[[:digit:]x]", "[![:punct:]]", "[[:no:]]", "[[:a]", "[]-a]", "[a-]", "[\\]]", "[", "]", "\\",
          "\\*", "\\a", ".o", ".txt", "doc", "#", "!", " ", "-", "[c]", "é", "A", "1"]
RULES = "[[rules]]\nid = 'planted'\nregex = 'planted-[0-9]{4}'\nkeywords = ['planted']\n"


def random_line(source):
    shape = source.random()
    if shape < 0.05:
        return source.choice(["", "# note", "#x", "\\#x", "\\!y", "!", "/", "//", "a ", "a\\ ", "**/",
                              "/**", "a/**/", "**", "\\", "a\\"])
    line = "".join(source.choice(PIECES) for _ in range(source.randint(1, 6)))
    return ("!" if source.random() < 0.2 else "") + line + ("/" if source.random() < 0.15 else "")


def make_repository(root, source):
    subprocess.run(["git", "init", "-q", root], check=True)
    folders = [root]
    for _ in range(source.randint(2, 6)):
        folder = source.choice(folders) / source.choice(NAMES)
        if not folder.exists():
            folder.mkdir()
        if folder.is_dir():
            folders.append(folder)
    for folder in folders:
        for name in source.sample(NAMES, 6):
            if not (folder / name).exists():
                (folder / name).write_text("planted-1234\n")
    for folder in source.sample(folders, min(2, len(folders))):
        lines = [random_line(source) for _ in range(source.randint(1, 5))]
        (folder / ".gitignore").write_text("\n".join(lines) + "\n")


def git_lists(root):
    done = subprocess.run(["git", "-c", "core.excludesFile=/dev/null", "ls-files", "-z", "--others",
                           "--exclude-standard"], cwd=root, check=True, capture_output=True)
    return {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}


def merlon_lists(merlon, root, rules, home):
    report = home / "report.json"
    done = subprocess.run([merlon, "scan", "secrets", root, "--rules", rules, "--output",
                           f"json={report}", "--quiet"], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], "HOME": str(home)})
    if done.returncode not in (0, 1):
        sys.exit(f"ignore: merlon ended with {done.returncode}: {done.stderr}")
    findings = json.loads(report.read_text())["findings"]
    return {finding["location"]["path"] for finding in findings}


def main():
    merlon = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="merlon-ignore-") as folder:
        home = pathlib.Path(folder)
        rules = home / "rules.toml"
        rules.write_text(RULES)
        for number in range(count):
            root = home / f"tree{number}"
            root.mkdir()
            make_repository(root, random.Random(seed * 1_000_003 + number))
            expected = {name for name in git_lists(root) if not name.endswith(".gitignore")}
            found = merlon_lists(merlon, root, rules, home)
            if found == expected:
                passed += 1
                continue
            failed += 1
            print(f"repository {number} of seed {seed}: ignored by Git only "
                  f"{sorted(found - expected)}, by Merlon only {sorted(expected - found)}")
            for file in sorted(root.rglob(".gitignore")):
                print(f"  {file.relative_to(root)}: {file.read_text().splitlines()}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
