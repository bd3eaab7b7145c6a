#!/usr/bin/env python3
"""Holds what connect/git reads beside what the git binary says.

  repository_check.py PROBE                    repositories that are made here, in every form
  repository_check.py PROBE --full             the same, with all questions instead of some
  repository_check.py PROBE REPOSITORY …       these repositories, with all questions

Prints "N passed, N failed". Every object is read twice (one by one, and in bulk) and must hash to its
id; references, reflogs and orders of commits must be git's, line for line.
"""

import hashlib
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import zlib

ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null", "TZ": "UTC", "LC_ALL": "C.UTF-8",
    "GIT_AUTHOR_NAME": "A U Thor", "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "C O Mitter", "GIT_COMMITTER_EMAIL": "committer@example.com",
}


class Check:
    def __init__(self, probe, full):
        self.probe_path = probe
        self.full = full
        self.chance = random.Random(1)
        self.passed = 0
        self.failed = 0

    def expect(self, name, actual, expected):
        if actual == expected:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {name}")
        if isinstance(actual, str) and isinstance(expected, str):
            ours, theirs = actual.splitlines(), expected.splitlines()
            for number, (left, right) in enumerate(zip(ours, theirs), 1):
                if left != right:
                    print(f"  line {number}: ours {left!r}\n          git's {right!r}")
                    break
            else:
                print(f"  ours has {len(ours)} lines, git's {len(theirs)}")
        else:
            print(f"  ours {actual!r}\n  expected {expected!r}")

    def probe(self, what, repository, *words, text=""):
        return subprocess.run([self.probe_path, what, str(repository), *words], input=text,
                              capture_output=True, text=True, env=ENVIRONMENT)

    def compare(self, name, repository, logs=True):
        """Everything that can be compared in one repository."""
        repository = pathlib.Path(repository)
        batch = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype) %(objectsize)",
                    replace=False)
        ids = "".join(line.split(" ", 1)[0] + "\n" for line in batch.splitlines())
        if not git(repository, "for-each-ref", "refs/replace"):
            self.expect(f"{name}: objects", self.probe("objects", repository, text=ids).stdout, batch)
        counts = {}
        for line in batch.splitlines():
            _, kind, size = line.split()
            number, total = counts.get(kind, (0, 0))
            counts[kind] = (number + 1, total + int(size))
        expected = "".join("{} {} {}\n".format(kind, *counts.get(kind, (0, 0)))
                           for kind in ("commit", "tree", "blob", "tag")) + "wrong 0\nproblems 0\n"
        for threads in ("1", "3"):
            self.expect(f"{name}: bulk, {threads} threads",
                        self.probe("bulk", repository, threads).stdout, expected)
        # Trees in bulk and kept as numbers, beside the bytes of each; with too little room none is wrong either.
        for room in ((), ("0",)):
            kept = 0 if room else counts.get("tree", (0, 0))[0]
            self.expect(f"{name}: trees kept{' in no room' if room else ''}", self.probe("trees", repository, *room).stdout,
                        f"kept {kept}\nwrong 0\n")
        objects = git(repository, "rev-list", "--objects", "--all", "--no-object-names", "--missing=print", check=False)
        present = sorted(line for line in objects.splitlines() if not line.startswith("?"))
        self.expect(f"{name}: reachable objects", self.probe("reachable", repository).stdout,
                    "".join(line + "\n" for line in present))
        refs = git(repository, "for-each-ref", "--format=%(objectname) %(refname)")
        ours = "".join(line + "\n" for line in self.probe("refs", repository).stdout.splitlines()
                       if line.split(" ")[1].startswith("refs/"))
        self.expect(f"{name}: references", ours, refs)
        if logs:
            self.compare_logs(name, repository)

    def compare_logs(self, name, repository):
        heads = git(repository, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags").split()
        commits = git(repository, "rev-list", "--all").split()
        head = bool(git(repository, "rev-parse", "-q", "--verify", "HEAD", check=False))
        some = [commits[i * (len(commits) - 1) // 7] for i in range(8)] if commits else []
        # --branches and --tags may name nothing but trees, and HEAD may have no commit yet.
        cases = [["--all"], ["--all", "--full-history"], ["--all", "--no-merges"],
                 ["--all", "-n", "25", "--skip=3"], ["--all", "--reverse"]]
        if head:
            cases += [["HEAD"], ["HEAD", "--first-parent"], ["--branches"], ["--tags", "HEAD"]]
        for left in some[1::3]:
            for right in some[::3]:
                cases += [[f"{left}..{right}"], [f"{left}...{right}"], [right, "--not", left]]
        for ref in heads[:6]:
            kind, short = ("--branches", "--tags")[ref.startswith("refs/tags/")], ref.split("/", 2)[2]
            cases += [[ref], [f"{ref}^0", f"^{some[4]}"], [f"{kind}={short}"], [f"{kind}={short.split('/')[0]}/"]]
        for commit in some[::3]:
            seconds = git(repository, "log", "-1", "--format=%ct", commit).strip()
            cases += [["--all", f"--since=@{seconds}"], ["--all", f"--until=@{seconds}"],
                      [commit[:12]], [f"{commit}^@"], [f"{commit}^!"]]
        for case in cases if self.full else self.chance.sample(cases, min(len(cases), 8)):
            theirs = git(repository, "log", "--format=%H", *case, "--", check=False)
            ours = self.probe("log", repository, *case)
            self.expect(f"{name}: log {' '.join(case)}{ours.stderr[:200]}", ours.stdout, theirs)


def git(folder, *words, text=None, check=True, replace=True, date=None):
    environment = dict(ENVIRONMENT)
    if not replace:
        environment["GIT_NO_REPLACE_OBJECTS"] = "1"
    if date is not None:
        environment["GIT_AUTHOR_DATE"] = environment["GIT_COMMITTER_DATE"] = date
    result = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(folder), *words], input=text,
                            capture_output=True, text=True, errors="surrogateescape", env=environment)
    if check and result.returncode != 0:
        raise RuntimeError(f"git {' '.join(words)}: {result.stderr}")
    return result.stdout


def make_history(folder, seed, commits=40, object_format="sha1"):
    """A history with branches, merges, octopuses, tags, equal and odd dates."""
    chance = random.Random(seed)
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main", f"--object-format={object_format}", ".")
    for number in range(commits):
        name = chance.choice(["a.txt", "b/c.txt", "b/d/e.txt", "f.bin"])
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text().splitlines() if path.exists() else []
        for _ in range(chance.randint(1, 30)):
            lines.insert(chance.randint(0, len(lines)), "%x" % chance.getrandbits(chance.choice([8, 200])))
        path.write_text("\n".join(lines) + "\n")
        git(folder, "add", "-A")
        # Clocks stand still, jump, and go back.
        seconds = 1_500_000_000 + number // 3 * 3600 + chance.choice([0, 0, 0, 50_000, -90_000])
        when = f"{seconds} {chance.choice(['+0000', '-0730', '+1245'])}"
        git(folder, "commit", "-q", "-m", f"commit {number}\n\nbody", date=when)
        if chance.random() < 0.2:  # and back: two trees stand before each other
            git(folder, "revert", "--no-edit", "HEAD", check=False, date=when)
            git(folder, "reset", "-q", "--hard")
        turn = chance.random()
        if turn < 0.15:
            git(folder, "checkout", "-q", "-b", f"branch{number}")
        elif turn < 0.30:
            branches = git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()
            git(folder, "checkout", "-q", chance.choice(branches))
        elif turn < 0.45:
            branches = git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()
            others = chance.sample(branches, min(len(branches), chance.choice([1, 1, 2, 3])))
            git(folder, "merge", "-q", "-s", "ours" if len(others) == 1 else "octopus", "-X", "ours",
                "-m", "merge", *others, check=False, date=when)
            git(folder, "reset", "-q", "--hard", check=False)
        elif turn < 0.52:
            git(folder, "tag", f"light{number}")
        elif turn < 0.60:
            git(folder, "tag", "-a", "-m", "a tag", f"heavy{number}", date=when)
    return folder


def check_forms(check, folder):
    """The same kinds of history, stored in every way that git knows."""
    loose = make_history(folder / "loose", 1)
    git(loose, "update-ref", "refs/tests/blob", git(loose, "hash-object", "-w", "--stdin", text="lone").strip())
    git(loose, "tag", "-a", "-m", "tag of a tag", "nested", "HEAD")
    git(loose, "tag", "-a", "-m", "tag of a tag", "nested2", "nested")
    git(loose, "symbolic-ref", "refs/heads/symbolic", "refs/heads/main")
    git(loose, "symbolic-ref", "refs/heads/dangling", "refs/heads/nowhere")
    check.compare("loose", loose)

    packed = make_history(folder / "packed", 2)
    git(packed, "gc", "-q", "--aggressive")
    check.compare("packed", packed)
    git(packed, "commit-graph", "write", "--reachable")
    check.compare("commit-graph", packed)
    git(packed, "commit", "-q", "--allow-empty", "-m", "behind the graph")
    git(packed, "commit-graph", "write", "--reachable", "--split=no-merge")
    check.compare("commit-graph in layers", packed)

    several = make_history(folder / "several", 3)
    git(several, "repack", "-q", "-d")
    for number in range(3):
        (several / "more.txt").write_text(f"{number}\n" * 500)
        git(several, "add", "-A")
        git(several, "commit", "-q", "-m", "more")
        git(several, "repack", "-q", "-d")
    (several / "loose.txt").write_text("loose")
    git(several, "add", "-A")
    git(several, "commit", "-q", "-m", "loose")
    check.compare("several packs", several)
    git(several, "multi-pack-index", "write")
    check.compare("multi-pack-index", several)

    version1 = make_history(folder / "version1", 4)
    git(version1, "-c", "pack.indexVersion=1", "repack", "-q", "-a", "-d")
    check.compare("index version 1", version1)
    large = make_history(folder / "large", 5)
    git(large, "-c", "pack.indexVersion=2", "repack", "-q", "-a", "-d")
    pack = next((large / ".git/objects/pack").glob("*.pack"))
    index = pack.with_suffix(".idx")
    index.chmod(0o644)
    git(large, "index-pack", "--index-version=2,0x40", "-o", str(index) + ".new", str(pack))
    os.replace(str(index) + ".new", index)
    check.compare("64-bit offsets", large)
    references = make_history(folder / "references", 6)
    # Without delta-base-offset the deltas name their bases by id.
    git(references, "-c", "repack.usedeltabaseoffset=false", "repack", "-q", "-a", "-d", "-f")
    check.compare("reference deltas", references)

    sha256 = make_history(folder / "sha256", 7, object_format="sha256")
    check.compare("sha256, loose", sha256)
    git(sha256, "gc", "-q")
    git(sha256, "commit-graph", "write", "--reachable")
    git(sha256, "multi-pack-index", "write")
    check.compare("sha256, packed", sha256)

    git(folder, "clone", "-q", "--bare", str(loose), "bare.git")
    check.compare("bare", folder / "bare.git")
    git(folder, "clone", "-q", "--shared", str(packed), "shared")
    (folder / "shared/own.txt").write_text("own")
    git(folder / "shared", "add", "-A")
    git(folder / "shared", "commit", "-q", "-m", "own")
    check.compare("alternates", folder / "shared")

    git(packed, "worktree", "add", "-q", str(folder / "worktree"), "-b", "elsewhere")
    git(folder / "worktree", "commit", "-q", "--allow-empty", "-m", "in the worktree")
    git(folder / "worktree", "update-ref", "refs/worktree/mine", "HEAD")
    git(folder / "worktree", "checkout", "-q", "--detach")
    git(folder / "worktree", "commit", "-q", "--allow-empty", "-m", "detached, in the worktree")
    check.compare("worktree", folder / "worktree")
    check.compare("main beside a worktree", packed)

    replaced = make_history(folder / "replaced", 8)
    commits = git(replaced, "rev-list", "--all").split()
    git(replaced, "replace", "--graft", commits[10], commits[30])
    git(replaced, "replace", "--graft", commits[12])
    check.compare("replace references", replaced)
    grafted = make_history(folder / "grafted", 9)
    commits = git(grafted, "rev-list", "--all").split()
    (grafted / ".git/info").mkdir(exist_ok=True)
    (grafted / ".git/info/grafts").write_text(f"{commits[5]} {commits[20]} {commits[25]}\n{commits[9]}\n")
    check.compare("grafts", grafted)

    git(folder, "clone", "-q", "--depth=5", "--no-single-branch", f"file://{loose}", "shallow")
    check.compare("shallow", folder / "shallow")
    boundary = check.probe("log", folder / "shallow", "--all").stderr
    check.expect("shallow: the boundary is told", "shallow" in boundary, True)
    git(loose, "config", "uploadpack.allowFilter", "true")
    git(folder, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{loose}", "partial")
    check.compare("partial", folder / "partial")
    blob = git(loose, "rev-parse", "HEAD^{tree}").strip()
    blob = next(line.split()[2] for line in git(loose, "ls-tree", "-r", blob).splitlines())
    check.expect("partial: a blob is promised", check.probe("objects", folder / "partial", text=blob + "\n").stdout,
                 f"{blob} failed promised\n")
    check.expect("loose: an unknown object is missing",
                 check.probe("objects", loose, text="1" * 40 + "\n").stdout, "1" * 40 + " failed missing\n")

    (loose / "stashed.txt").write_text("stash")
    git(loose, "add", "-A")
    git(loose, "stash", "-q")
    git(loose, "notes", "add", "-m", "a note", "HEAD")
    git(loose, "pack-refs", "--all")
    git(loose, "update-ref", "refs/heads/over-packed", "HEAD")
    check.compare("stash, notes, packed references", loose)
    for name in ("HEAD", "refs/stash", "refs/heads/main"):
        path = loose / ".git/logs" / name
        check.expect(f"reflog {name}", check.probe("reflog", loose, name).stdout,
                     path.read_text() if path.exists() else "")
    empty = folder / "empty"
    git(folder, "init", "-q", "-b", "main", "empty")
    check.expect("empty: no references", check.probe("refs", empty).stdout, "")
    check.expect("empty: no HEAD", check.probe("log", empty).returncode, 2)


def write_reftable(references, logs, block_bytes):
    """A reftable (version 1) of (name, id, peeled or None, target or None), and of reflog entries."""
    def number(value):
        digits = [value & 127]
        value >>= 7
        while value:
            value -= 1
            digits.append(128 | (value & 127))
            value >>= 7
        return bytes(reversed(digits))

    def blocks(kind, records, first_at, limit):
        """Blocks of (key, type, value); the first one counts `first_at` bytes before it."""
        out, body, restarts, before, count = [], b"", [], b"", 0
        head = first_at + 4

        def close():
            length = head + len(body) + 3 * len(restarts) + 2
            trailer = b"".join(r.to_bytes(3, "big") for r in restarts) + len(restarts).to_bytes(2, "big")
            out.append((kind + length.to_bytes(3, "big"), body + trailer, length))

        for key, type_bits, value in records:
            shared = 0
            if count % 16:
                while shared < min(len(before), len(key)) and before[shared] == key[shared]:
                    shared += 1
            record = number(shared) + number((len(key) - shared) << 3 | type_bits) + key[shared:] + value
            if limit and body and head + len(body) + len(record) + 3 * (len(restarts) + 1) + 2 > limit:
                close()
                body, restarts, count, head = b"", [], 0, 4
                record = number(0) + number(len(key) << 3 | type_bits) + key + value
                shared = 0
            if shared == 0:
                restarts.append(head + len(body))
            body += record
            before, count = key, count + 1
        close()
        return out

    header = b"REFT\x01" + block_bytes.to_bytes(3, "big") + (1).to_bytes(8, "big") * 2
    records = []
    for name, object_id, peeled, target in sorted(references):
        if target:
            value, type_bits = number(len(target)) + target.encode(), 3
        elif peeled:
            value, type_bits = bytes.fromhex(object_id) + bytes.fromhex(peeled), 2
        else:
            value, type_bits = bytes.fromhex(object_id), 1
        records.append((name.encode(), type_bits, number(0) + value))
    data = bytearray(header)
    for index, (head, body, length) in enumerate(blocks(b"r", records, len(header), block_bytes)):
        data += head + body
        if block_bytes:
            data += b"\0" * (-len(data) % block_bytes)
    log_at = len(data)
    rows = []
    for name, update, entry in logs:
        key = name.encode() + b"\0" + (2**64 - 1 - update).to_bytes(8, "big")
        before, after, who, message = entry
        person, _, rest = who.partition(" <")
        email, _, rest = rest.partition("> ")
        seconds, zone = rest.split()
        value = (bytes.fromhex(before) + bytes.fromhex(after) + number(len(person)) + person.encode()
                 + number(len(email)) + email.encode() + number(int(seconds))
                 + int(zone).to_bytes(2, "big", signed=True)
                 + number(len(message) + 1) + message.encode() + b"\n")
        rows.append((key, 1, value))
    if rows:
        for head, body, length in blocks(b"g", sorted(rows), 0, 4096):
            data += head + zlib.compress(body)
    footer = header + (0).to_bytes(8, "big") * 3 + (log_at if rows else 0).to_bytes(8, "big") + (0).to_bytes(8, "big")
    return bytes(data) + footer + zlib.crc32(footer).to_bytes(4, "big")


def check_reftable(check, folder):
    """git 2.39 writes none, so a repository's references are moved into tables made here."""
    for block_bytes, count in ((0, 3), (256, 60), (4096, 300)):
        repository = make_history(folder / f"reftable{block_bytes}", 30 + block_bytes, commits=12)
        for number in range(count):
            git(repository, "update-ref", f"refs/many/of{number * 7919 % 1000:03}/them", f"HEAD~{number % 3}")
        git(repository, "tag", "-a", "-m", "peeled", "annotated")
        expected = git(repository, "for-each-ref", "--format=%(objectname) %(refname)")
        log = git(repository, "log", "--all", "--format=%H")
        references = []
        for line in git(repository, "for-each-ref", "--format=%(objectname)%09%(refname)%09%(*objectname)%09%(symref)").splitlines():
            object_id, name, peeled, target = line.split("\t")
            references.append((name, object_id, peeled or None, target or None))
        references.append(("HEAD", "", None, "refs/heads/main"))
        dot_git = repository / ".git"
        reflog = (dot_git / "logs/HEAD").read_text()
        logs = []
        for update, line in enumerate(reflog.splitlines(), 1):
            ids_and_who, _, message = line.partition("\t")
            before, after, who = ids_and_who.split(" ", 2)
            logs.append(("HEAD", update, (before, after, who, message)))
        shutil.rmtree(dot_git / "refs")
        shutil.rmtree(dot_git / "logs")
        (dot_git / "refs").mkdir()
        (dot_git / "refs/heads").write_text("this repository uses the reftable format\n")
        (dot_git / "packed-refs").unlink(missing_ok=True)
        (dot_git / "HEAD").write_text("ref: refs/heads/.invalid\n")
        (dot_git / "reftable").mkdir()
        # An older table with other values below, which the newer one overrides.
        stale = [("refs/heads/main", "1" * 40, None, None)]
        (dot_git / "reftable/0x01-0x01-a.ref").write_bytes(write_reftable(stale, [], 0))
        (dot_git / "reftable/0x02-0x02-b.ref").write_bytes(write_reftable(references, logs, block_bytes))
        (dot_git / "reftable/tables.list").write_text("0x01-0x01-a.ref\n0x02-0x02-b.ref\n")
        config = (dot_git / "config").read_text().replace("repositoryformatversion = 0", "repositoryformatversion = 1")
        (dot_git / "config").write_text(config + "[extensions]\n\trefStorage = reftable\n")
        name = f"reftable of {block_bytes}-byte blocks"
        ours = "".join(line + "\n" for line in check.probe("refs", repository).stdout.splitlines()
                       if line.split(" ")[1].startswith("refs/"))
        check.expect(f"{name}: references", ours, expected)
        check.expect(f"{name}: log", check.probe("log", repository, "--all").stdout, log)
        check.expect(f"{name}: reflog", check.probe("reflog", repository, "HEAD").stdout, reflog)
        check.expect(f"{name}: no gaps", check.probe("gaps", repository).stdout, "")
        (dot_git / "reftable/tables.list").write_text("")
        check.expect(f"{name}: without tables", "hold no HEAD" in check.probe("gaps", repository).stdout, True)


def check_index(check, folder):
    """Entries of the index in every version, beside `git ls-files --stage`."""
    for version in ("2", "3", "4"):
        repository = make_history(folder / f"index{version}", 40, commits=15)
        for number in range(200):
            path = repository / f"many/{number % 7}/file{number}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(number))
        git(repository, "add", "-A")
        (repository / "intended").write_text("later")
        if version != "2":
            git(repository, "add", "-N", "intended")
            git(repository, "update-index", "--skip-worktree", "a.txt", check=False)
        git(repository, "update-index", "--index-version", version)
        expected = git(repository, "ls-files", "--stage", "-z").replace("\0", "\n")
        check.expect(f"index version {version}", check.probe("index", repository).stdout, expected)
        git(repository, "update-index", "--split-index")
        (repository / "many/1/file8").write_text("changed")
        (repository / "many/1/new").write_text("new")
        (repository / "many/2/file9").unlink()
        git(repository, "add", "-A")
        check.expect(f"split index version {version}", check.probe("index", repository).stdout,
                     git(repository, "ls-files", "--stage", "-z").replace("\0", "\n"))
        index = repository / ".git/index"
        copy = bytearray(index.read_bytes())
        copy[len(copy) // 2] ^= 1
        index.write_bytes(copy)
        check.expect(f"a damaged index, version {version}", check.probe("index", repository).returncode, 2)
    merged = make_history(folder / "merged", 41, commits=3)
    git(merged, "checkout", "-q", "-b", "side")
    (merged / "a.txt").write_text("side\n")
    git(merged, "add", "-A")
    git(merged, "commit", "-q", "-m", "side")
    git(merged, "checkout", "-q", "main")
    (merged / "a.txt").write_text("main\n")
    git(merged, "add", "-A")
    git(merged, "commit", "-q", "-m", "main")
    git(merged, "merge", "side", check=False)
    check.expect("an index with stages", check.probe("index", merged).stdout,
                 git(merged, "ls-files", "--stage", "-z").replace("\0", "\n"))


def check_damage(check, folder):
    """What is damaged is told, and the rest is still read."""
    sound = make_history(folder / "sound", 20, commits=25)
    git(sound, "gc", "-q")
    whole = check.probe("bulk", sound).stdout
    chance = random.Random(5)
    pack = next((sound / ".git/objects/pack").glob("*.pack"))
    original = pack.read_bytes()
    silent = 0
    for _ in range(120 if check.full else 15):
        copy = bytearray(original)
        at = chance.randrange(12, len(copy))
        copy[at] ^= 1 << chance.randrange(8)
        pack.chmod(0o644)
        pack.write_bytes(copy)
        result = check.probe("bulk", sound)
        told = check.probe("gaps", sound).stdout
        if result.returncode not in (0, 2) or (result.stdout == whole and not told):
            silent += 1
    check.expect("a flipped bit of a pack is told", silent, 0)
    for length in (0, 11, 12, 31, len(original) // 2, len(original) - 1):
        pack.write_bytes(original[:length])
        check.expect(f"a pack cut to {length} bytes is told", check.probe("gaps", sound).stdout != "", True)
    pack.write_bytes(original)
    index = pack.with_suffix(".idx")
    index.chmod(0o644)
    table = index.read_bytes()
    crashed = silent = 0
    for _ in range(200 if check.full else 25):
        copy = bytearray(table)
        # The digest of the index itself is not read in a scan.
        at = chance.randrange(0, len(copy) - 20)
        copy[at] ^= 1 << chance.randrange(8)
        index.write_bytes(copy)
        result = check.probe("bulk", sound)
        if result.returncode not in (0, 2):
            crashed += 1
        elif result.stdout == whole and not check.probe("gaps", sound).stdout:
            silent += 1
    check.expect("a flipped bit of an index does not crash", crashed, 0)
    check.expect("a flipped bit of an index is told", silent, 0)
    index.write_bytes(table)
    check.expect("sound again", check.probe("bulk", sound).stdout, whole)

    loose = make_history(folder / "damaged", 21, commits=20)
    victim = git(loose, "rev-parse", "HEAD~3").strip()
    path = loose / ".git/objects" / victim[:2] / victim[2:]
    bytes_before = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(bytes_before[: len(bytes_before) // 2])
    check.expect("a cut loose object is told",
                 check.probe("objects", loose, text=victim + "\n").stdout, f"{victim} failed corrupt\n")
    path.unlink()
    log = check.probe("log", loose, "HEAD")
    check.expect("an absent commit is told", (log.returncode, victim in log.stderr), (1, True))
    check.expect("and the walk goes on", len(log.stdout.splitlines()) >= 3, True)
    (loose / ".git/refs/heads/broken").write_text("nonsense\n")
    check.expect("a broken reference is told", "broken" in check.probe("gaps", loose).stdout, True)


def check_moving(check, folder):
    """Objects and packs that move while the repository is open, and one that is gone."""
    repository = make_history(folder / "moving", 22, commits=30)
    ids = git(repository, "rev-list", "--objects", "--all", "--no-object-names").split()
    kinds = git(repository, "cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)",
                text="\n".join(ids) + "\n").splitlines()
    reader = subprocess.Popen([check.probe_path, "objects", str(repository)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)

    def ask(some):
        reader.stdin.write("\n".join(some) + "\n")
        reader.stdin.flush()
        return [reader.stdout.readline().rstrip("\n") for _ in some]

    step = len(ids) // 4
    check.expect("moving: loose", ask(ids[:step]), kinds[:step])
    git(repository, "repack", "-adq")
    git(repository, "prune-packed", "-q")
    check.expect("moving: packed since", ask(ids[step:2 * step]), kinds[step:2 * step])
    git(repository, "multi-pack-index", "write")
    git(repository, "repack", "-adfq", "--window=3")
    check.expect("moving: packed again", ask(ids[2 * step:]), kinds[2 * step:])
    for path in (repository / ".git/objects/pack").iterdir():
        path.unlink()
    nobody = "1" * 40
    # What was mapped stays; what nobody has is told.
    check.expect("moving: packs gone, and an object that never was", ask([ids[0], nobody]),
                 [kinds[0], f"{nobody} failed missing"])
    reader.stdin.close()
    reader.wait()


def write_pack(folder, entries):
    """A pack of (id, type, size, bytes before the content, content), and its index of version 2."""
    pack = b"PACK" + (2).to_bytes(4, "big") + len(entries).to_bytes(4, "big")
    rows = []
    for object_id, kind, size, before, content in entries:
        byte, rest = kind << 4 | size & 15, size >> 4
        head = b""
        while rest:
            head += bytes([byte | 128])
            byte, rest = rest & 127, rest >> 7
        raw = head + bytes([byte]) + before + zlib.compress(content)
        rows.append((bytes.fromhex(object_id), len(pack), zlib.crc32(raw)))
        pack += raw
    pack += hashlib.sha1(pack).digest()
    rows.sort()
    index = b"\xfftOc" + (2).to_bytes(4, "big")
    index += b"".join(sum(row[0][0] <= first for row in rows).to_bytes(4, "big") for first in range(256))
    index += b"".join(row[0] for row in rows) + b"".join(row[2].to_bytes(4, "big") for row in rows)
    index += b"".join(row[1].to_bytes(4, "big") for row in rows) + pack[-20:]
    index += hashlib.sha1(index).digest()
    (folder / "pack-hostile.pack").write_bytes(pack)
    (folder / "pack-hostile.idx").write_bytes(index)


def hostile_packs(blob=b"hello"):
    """{what is wrong: (entries of a pack, a sound blob beside them)}; see write_pack()."""
    copy_five = b"\x05\x05\x90\x05"
    first, second, third = "1" * 40, "2" * 40, "3" * 40
    bomb = bytes([len(blob)]) + b"\x80" * 5 + b"\x40"  # announces 2 TiB
    sound = hashlib.sha1(b"blob %d\0" % len(blob) + blob).hexdigest()
    cases = {
        "deltas in a loop": [(first, 7, len(copy_five), bytes.fromhex(second), copy_five),
                             (second, 7, len(copy_five), bytes.fromhex(first), copy_five),
                             (third, 7, len(copy_five), bytes.fromhex(third), copy_five)],
        "a base that is nowhere": [(first, 7, len(copy_five), bytes.fromhex("9" * 40), copy_five)],
        "a delta bomb": [(first, 7, len(bomb), bytes.fromhex(sound), bomb)],
        "a size that its bytes cannot give": [(first, 3, 1 << 40, b"", b"small")],
        "a base before the pack": [(first, 6, len(copy_five), b"\xff\xff\x7f", copy_five)],
        "an unknown type": [(first, 5, 5, b"", b"hello")],
    }
    return {name: (entries, blob) for name, entries in cases.items()}


def write_loose(repository, kind, body):
    """Writes an object as it is, however malformed; returns its id."""
    whole = f"{kind} {len(body)}\0".encode() + body
    name = hashlib.sha1(whole).hexdigest()
    path = repository / ".git/objects" / name[:2]
    path.mkdir(exist_ok=True)
    (path / name[2:]).write_bytes(zlib.compress(whole))
    return name


def deep_tree(repository, depth):
    """The id of a tree of so many folders in folders, each the only one in its parent."""
    blob = git(repository, "hash-object", "-w", "--stdin", text="x").strip()
    tree = git(repository, "mktree", text=f"100644 blob {blob}\tx\n").strip()
    for _ in range(depth):
        tree = write_loose(repository, "tree", b"40000 d\0" + bytes.fromhex(tree))
    return tree


def check_hostile(check, folder):
    """Packs that no git writes: each is told, none is believed, and nothing takes long."""
    for name, (entries, blob) in hostile_packs().items():
        sound = hashlib.sha1(b"blob 5\0" + blob).hexdigest()
        repository = folder / ("hostile " + name)
        git(folder, "init", "-q", repository.name)
        write_pack(repository / ".git/objects/pack", [*entries, (sound, 3, len(blob), b"", blob)])
        ours = check.probe("bulk", repository).stdout
        check.expect(f"{name}: told in bulk", (f"problems {len(entries)}\n" in ours, "blob 1 5\n" in ours), (True, True))
        asked = "".join(entry[0] + "\n" for entry in entries) + sound + "\n"
        check.expect(f"{name}: told one by one", check.probe("objects", repository, text=asked).stdout,
                     "".join(f"{entry[0]} failed corrupt\n" for entry in entries) + f"{sound} blob 5\n")

    # Folders in folders: the tree of each holds the one below.
    deep = folder / "deep-tree"
    git(folder, "init", "-q", "deep-tree")
    tree = deep_tree(deep, 3000 if check.full else 2100)
    commit = git(deep, "commit-tree", "-m", "deep", tree).strip()
    git(deep, "update-ref", "refs/heads/main", commit)
    reached = check.probe("reachable", deep)
    check.expect("folders deeper than git's limit are told", ("deeper" in reached.stderr, reached.returncode), (True, 0))


def check_deep_history(check, folder, commits):
    """A line of so many commits: no recursion, no square."""
    deep = folder / "deep"
    git(folder, "init", "-q", "-b", "main", "deep")
    stream = ["commit refs/heads/main\ncommitter C <c@example.com> 1 +0000\ndata 0\n\n"]
    for number in range(1, commits):
        stream.append(f"commit refs/heads/main\ncommitter C <c@example.com> {number + 1} +0000\ndata 0\n\n")
    git(deep, "fast-import", "--quiet", "--depth=50", text="".join(stream))
    log = check.probe("log", deep, "--all")
    check.expect(f"{commits} commits in a line", len(log.stdout.splitlines()), commits)
    shutil.rmtree(deep)


def main():
    words = [word for word in sys.argv[2:] if word != "--full"]
    check = Check(sys.argv[1], full=len(sys.argv) > 2)
    if words:
        for repository in words:
            check.compare(pathlib.Path(repository).parent.name or repository, repository)
    else:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            check_forms(check, folder)
            check_reftable(check, folder)
            check_index(check, folder)
            check_damage(check, folder)
            check_moving(check, folder)
            check_hostile(check, folder)
            check_deep_history(check, folder, int(os.environ.get("MERLON_DEEP_COMMITS", "20000")))
    print(f"repositories: {check.passed} passed, {check.failed} failed")
    return 1 if check.failed or not check.passed else 0


if __name__ == "__main__":
    sys.exit(main())
