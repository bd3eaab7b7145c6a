"""Generated working trees with staged and unstaged changes, for history_parity.py.

Each seed makes one repository with a commit (or none), changes that are staged, and changes that are
not: the files of tests/git/history_fuzz.py, with line ends and attributes that make git convert them,
indexes of every version, split ones, intended files, modes, links, submodules, files that became folders.
"""

import os
import pathlib
import random
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tests/git"))
import history_fuzz  # noqa: E402

ATTRIBUTES = ["* text=auto", "*.txt text", "*.c text eol=crlf", "*.md eol=lf", "*.json -text", "* ident", "a* ident",
              "src/** text=auto eol=crlf", "*.bin binary", "*.txt -diff", "data* crlf", "README -crlf", "z* crlf=input"]

# Each line is a finding, so that every hunk counts; and each path.
RULES = """[[rules]]
id = "line"
regex = '''[^\\n]+'''
[[rules]]
id = "path"
path = '''[a-d]'''
"""


def git(folder, *words, **options):
    options.setdefault("stderr", subprocess.DEVNULL)
    return subprocess.run(["git", "-C", str(folder), *words], check=True, env=os.environ | history_fuzz.QUIET, **options)


def remove(path):
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def write_out(folder, before, after):
    """Makes the working tree that of `after`; submodules are only in the index."""
    for name in before:
        if name not in after or after[name][0] == "160000":
            remove(folder / name)
    for name, (mode, _, content) in after.items():
        path = folder / name
        if mode == "160000" or before.get(name) == after[name]:
            continue
        for parent in reversed(path.relative_to(folder).parents):
            place = folder / parent
            if place.is_symlink() or place.is_file():
                remove(place)
        remove(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if mode == "120000":
            if not content or b"\0" in content:
                content = b"target"
            os.symlink(content, os.fsencode(path))
        else:
            path.write_bytes(content)
            path.chmod(0o755 if mode == "100755" else 0o644)


def index_submodules(folder, files):
    for name, (mode, _, content) in files.items():
        if mode == "160000" and not (folder / name).exists():
            git(folder, "update-index", "--add", "--cacheinfo", f"160000,{content.decode()},{name}")


def mixed_ends(history, files):
    """Some files get CRLF, some a mixture, some an $Id$."""
    for name, (mode, parts, content) in list(files.items()):
        if mode not in ("100644", "100755") or parts is None or history.random.random() < 0.6:
            continue
        kind = history.random.random()
        if kind < 0.4:
            content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        elif kind < 0.6:
            content = content.replace(b"\n", b"\r\n", 3)
        elif kind < 0.8:
            content += b"$Id: 0123 $ and $Id$ $Id: no end\n"
        else:
            content += b"text\x1a"
        files[name] = [mode, None, content]


def change(history, files, steps):
    files = dict(files)
    for _ in range(steps):
        history.step(files)
    mixed_ends(history, files)
    for name in [name for name in files if name.endswith(".gitattributes")]:
        lines = [history.random.choice(ATTRIBUTES) for _ in range(history.random.randrange(4))]
        files[name] = ["100644", None, "".join(line + "\n" for line in lines).encode()]
    return files


def build(seed, folder):
    history = history_fuzz.History(seed)
    pick = history.random.choice
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--object-format=" + pick(["sha1", "sha1", "sha256"]))
    history.id_digits = 64 if "sha256" in (folder / ".git/config").read_text() else 40
    for key, value in (("core.safecrlf", "false"), ("user.name", "n"), ("user.email", "m@example.com"),
                       ("core.autocrlf", pick(["false", "false", "true", "input"])),
                       ("core.fileMode", pick(["true", "true", "false"]))):
        git(folder, "config", key, value)
    first = change(history, {}, pick([1, 3, 6]))
    write_out(folder, {}, first)
    git(folder, "add", "-A")
    index_submodules(folder, first)
    if history.random.random() < 0.9:
        git(folder, "commit", "-q", "-m", "first", stdout=subprocess.DEVNULL)
    if history.random.random() < 0.2:
        git(folder, "update-index", "--index-version", "4")
    if history.random.random() < 0.2:
        git(folder, "update-index", "--split-index")
    second = change(history, first, pick([0, 1, 2]))
    write_out(folder, first, second)
    git(folder, "add", "-A")
    index_submodules(folder, second)
    third = change(history, second, pick([1, 2]))
    write_out(folder, second, third)
    for name in third:
        if name not in second and history.random.random() < 0.3 and (folder / name).is_file():
            git(folder, "add", "-N", "--", ":(literal)" + name)
    plain = [name for name, entry in second.items() if entry[0] == "100644" and name in third]
    if plain and history.random.random() < 0.3:
        git(folder, "update-index", pick(["--assume-unchanged", "--skip-worktree"]), "--", pick(plain))
    return history
