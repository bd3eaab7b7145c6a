#!/usr/bin/env python3
"""Puts the lock files of public repositories into a folder, for osv_parity.py --locks: lock_files.py CLONES FOLDER

tools/parity/lock_repositories.txt names the repositories and commits. CLONES holds a clone of each, bare or not, as
OWNER/NAME or OWNER+NAME: `git clone --filter=blob:none https://github.com/OWNER/NAME CLONES/OWNER/NAME` and nothing
of it is run. What is written is FOLDER/OWNER/NAME/PATH; nothing is fetched here.
"""

import argparse
import pathlib
import re
import subprocess
import sys

TAKEN = re.compile(r"(^|/)(go\.mod|go\.sum|[^/]*requirements[^/]*\.txt|poetry\.lock|uv\.lock|Pipfile\.lock|pdm\.lock)$")
LIST = pathlib.Path(__file__).with_name("lock_repositories.txt")


def git(folder, *words):
    return subprocess.run(["git", "-C", folder, *words], capture_output=True, check=True).stdout


def clone_of(clones, repository):
    for name in (repository, repository.replace("/", "+")):
        for folder in (clones / name, clones / name / "repo"):
            if (folder / ".git").exists() or (folder / "HEAD").exists():
                return folder
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    written = 0
    for line in LIST.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        repository, commit = line.split()
        folder = clone_of(options.clones, repository)
        if folder is None:
            sys.exit(f"there is no clone of {repository} in {options.clones}")
        names = git(folder, "ls-tree", "-r", "-z", "--name-only", commit).decode("utf-8", "replace").split("\0")
        for name in filter(TAKEN.search, names):
            target = options.folder / repository / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(git(folder, "show", f"{commit}:{name}"))
            written += not name.endswith("go.sum")
    print(f"{written} lock files in {options.folder}")


if __name__ == "__main__":
    main()
