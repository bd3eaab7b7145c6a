#!/usr/bin/env python3
"""`merlon compat gitleaks git` over repositories that are made here: history_scan_check.py MERLON

What gitleaks finds is held beside gitleaks in tools/parity; here stands what no reference is needed
for: that each hunk is found at its line and commit, that nothing unread is passed over, and that the
report does not depend on the number of threads. Prints "N passed, N failed".
"""

import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from repository_check import ENVIRONMENT, Check, git, make_history  # noqa: E402

RULES = """[[rules]]
id = "made-up"
regex = '''mk_[a-z0-9]{8}'''
keywords = ["mk_"]
[[rules]]
id = "by-path"
path = '''\\.pem$'''
[[rules]]
id = "hex"
regex = '''[0-9a-f]{40}'''
"""


class Scans:
    def __init__(self, merlon, folder):
        self.merlon, self.folder = merlon, folder
        self.rules = folder / "rules.toml"
        self.rules.write_text(RULES)

    def run(self, repository, *words, name="report.json", variables=None):
        report = self.folder / name
        report.unlink(missing_ok=True)
        done = subprocess.run([self.merlon, "compat", "gitleaks", "git", str(repository), "-c", str(self.rules),
                               "-f", "json", "-r", str(report), *words], capture_output=True, text=True,
                              env=dict(ENVIRONMENT, **(variables or {})))
        text = report.read_text() if report.exists() else ""
        rows = json.loads(text) if text else None  # the file is there, and empty, after a refusal
        return done.returncode, rows, done.stderr


def commit(repository, message, when):
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", message, date=f"{when} +0100")
    return git(repository, "rev-parse", "HEAD").strip()


def check_findings(check, scans, folder):
    repository = folder / "story"
    git(folder, "init", "-q", "-b", "main", "story")
    file = repository / "a.txt"
    token = "mk_" + "abcd1234"
    other = "mk_" + "zyxw9876"
    file.write_text("one\n" * 20)
    first = commit(repository, "first", 1_700_000_000)
    file.write_text("one\n" * 9 + f"key {token}\n" + "one\n" * 11)
    second = commit(repository, "second\n\n\n body\n\n\nend\tof it", 1_700_000_100)
    file.rename(repository / "b.txt")
    (repository / "b.txt").write_text("one\n" * 9 + f"key {token}\n" + "one\n" * 11 + f"tail {other}")
    third = commit(repository, "moved, and a line more", 1_700_000_200)
    (repository / "k.pem").write_text("x\n")
    fourth = commit(repository, "a path", 1_700_000_300)
    code, rows, errors = scans.run(repository)
    seen = sorted((r["RuleID"], r["Commit"], r["File"], r["StartLine"], r["StartColumn"]) for r in rows)
    check.expect("each hunk once, at its place", seen, sorted([
        ("made-up", second, "a.txt", 10, 5), ("made-up", third, "b.txt", 22, 6), ("by-path", fourth, "k.pem", 0, 0)]))
    check.expect("findings are exit code 1", code, 1)
    row = next(r for r in rows if r["Commit"] == second)
    check.expect("the commit's facts", (row["Author"], row["Email"], row["Date"], row["Message"], row["Fingerprint"]),
                 ("A U Thor", "author@example.com", "2023-11-14T22:15:00Z", "second\n\n body\n\nend     of it",
                  f"{second}:a.txt:made-up:10"))
    check.expect("a range", [r["Commit"] for r in scans.run(repository, f"--log-opts={second}..{third}")[1]], [third])
    check.expect("a count", [r["Commit"] for r in scans.run(repository, "--log-opts=-n 1")[1]], [fourth])
    ignore = repository / ".gitleaksignore"
    for entry, left in ((f"{second}:a.txt:made-up:10", 2), ("a.txt:made-up:10", 2), ("b.txt:made-up:10", 3),
                        (f"{third}:a.txt:made-up:10", 3)):
        ignore.write_text(entry + "\n")
        check.expect(f"ignored: {entry[-20:]}", len(scans.run(repository)[1]), left)
    ignore.unlink()
    check.expect("nothing is exit code 0", scans.run(repository, f"--log-opts={first}")[:2], (0, []))

    # Merges have no patch; what only a branch holds is found with the whole history.
    git(repository, "checkout", "-q", "-b", "side", first)
    (repository / "c.txt").write_text(f"{other}\n")
    side = commit(repository, "side", 1_700_000_400)
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "--no-edit", "side", date="1700000500 +0000")
    found = sorted(r["Commit"] for r in scans.run(repository)[1])
    check.expect("a branch's commit once, the merge not at all", found, sorted([second, third, fourth, side]))


def check_open_archives(check, scans, folder):
    """Of an archive that is not staged gitleaks asks git for the index's content."""
    git(folder, "init", "-q", "-b", "main", "open")
    repository = folder / "open"
    for name in ("first", "second", "third"):
        with zipfile.ZipFile(repository / "a.zip", "w") as archive:
            archive.writestr(f"{name}.txt", "mk_" + f"{name:a<8}\n")
        if name == "first":
            commit(repository, name, 1700000000)
        elif name == "second":
            git(repository, "add", "-A")
    for word, name in (("--staged", "second"), ("--pre-commit", "second")):
        code, rows, errors = scans.run(repository, word, "--max-archive-depth=1")
        check.expect(f"{word} of an archive{errors[:200]}", (code, [row["File"] for row in rows]), (1, [f"a.zip!{name}.txt"]))


def check_log_context(check, scans, folder):
    """What `git log` prints of a commit beside its object: mailmap, notes; a date that nobody reads."""
    repository = folder / "told"
    git(folder, "init", "-q", "-b", "main", "told")
    (repository / ".mailmap").write_text("New Name <new@example.com> <author@example.com>\n")
    (repository / "a.txt").write_text("mk_abcd1234\n")
    first = commit(repository, "first", 1_700_000_000)
    git(repository, "notes", "add", "-m", "seen by\n a person", first)
    (repository / "b.txt").write_text("mk_abcd1234\n")
    commit(repository, "late", "@253402300800")
    git(folder, "clone", "-q", "--mirror", "told", "told.git")
    for place in ("told", "told.git"):
        rows = {row["File"]: row for row in scans.run(folder / place)[1]}
        check.expect(f"mailmap and note, {place}", [rows["a.txt"][key] for key in ("Author", "Email", "Message")],
                     ["New Name", "new@example.com", "first\n\nNotes:\nseen by\n a person"])
        # gitleaks 8.30.1 does the same: the year has five digits, and its reader drops the header.
        check.expect(f"a commit that is not understood, {place}",
                     [rows["b.txt"][key] for key in ("Commit", "Author", "Date", "Fingerprint")],
                     ["", "", "", "b.txt:made-up:1"])


def check_variables(check, scans, folder):
    """What git is told by variables, gitleaks's git obeys: so do we, or say which one we do not."""
    repository = folder / "variables"
    git(folder, "init", "-q", "-b", "main", "variables")
    (repository / "a.txt").write_text("mk_abcd1234\n")
    (repository / "A.txt").write_text("mk_bbbb1234\n")
    first = commit(repository, "first", 1_700_000_000)
    (repository / "b*.txt").write_text("mk_cccc1234\n")
    (repository / "bc.txt").write_text("mk_dddd1234\n")
    second = commit(repository, "second", 1_700_000_100)
    git(repository, "notes", "--ref=review", "add", "-m", "seen", first)
    git(repository, "notes", "add", "-m", "default", first)
    (repository / "a.txt").write_text("nothing\n")
    empty = commit(repository, "third", 1_700_000_200)
    git(repository, "replace", first, git(repository, "commit-tree", "-m", "other", f"{empty}^{{tree}}",
                                          date="1700000300 +0000").strip())
    grafts, shallow = folder / "grafts-file", folder / "shallow-file"
    grafts.write_text(f"{empty}\n")
    shallow.write_text(f"{second}\n")
    every = ["A.txt", "a.txt", "b*.txt", "bc.txt"]

    def files(*words, **variables):
        code, rows, errors = scans.run(repository, *words, variables=variables)
        return sorted({row["File"] for row in rows}) if rows is not None else (code, [v for v in variables if v in errors])

    def message(**variables):
        rows = scans.run(repository, variables=dict(variables, GIT_NO_REPLACE_OBJECTS="1"))[1]
        return next(row["Message"] for row in rows if row["File"] == "a.txt")

    check.expect("a replaced commit", sorted(r["File"] for r in scans.run(repository)[1] if r["Commit"] == first),
                 ["A.txt", "b*.txt", "bc.txt"])
    check.expect("GIT_NO_REPLACE_OBJECTS", files(GIT_NO_REPLACE_OBJECTS="0"), every)
    check.expect("GIT_REPLACE_REF_BASE", files(GIT_REPLACE_REF_BASE="refs/elsewhere"), every)
    check.expect("GIT_NOTES_REF", [message(**({} if name is None else {"GIT_NOTES_REF": name}))
                                   for name in (None, "refs/notes/review", "", "refs/notes/none")],
                 ["first\n\nNotes:\ndefault", "first\n\nNotes (review):\nseen", "first", "first"])
    check.expect("GIT_NOTES_REF of a short name", files(GIT_NOTES_REF="review"), (2, ["GIT_NOTES_REF"]))
    check.expect("GIT_NOTES_DISPLAY_REF", files(GIT_NOTES_DISPLAY_REF="refs/notes/*"), (2, ["GIT_NOTES_DISPLAY_REF"]))
    check.expect("GIT_DIFF_OPTS", files(GIT_DIFF_OPTS="-u3"), (2, ["GIT_DIFF_OPTS"]))
    check.expect("GIT_DIFF_OPTS with --staged", files("--staged", GIT_DIFF_OPTS="-u3"), (2, ["GIT_DIFF_OPTS"]))
    plain = {"GIT_NO_REPLACE_OBJECTS": "1"}
    check.expect("GIT_GRAFT_FILE", files("--log-opts", "HEAD", **plain, GIT_GRAFT_FILE=str(grafts)), ["A.txt", "b*.txt", "bc.txt"])
    check.expect("GIT_SHALLOW_FILE", scans.run(repository, variables=dict(plain, GIT_SHALLOW_FILE=str(shallow)))[0], 2)
    check.expect("a relative one", files(GIT_GRAFT_FILE="grafts"), (2, ["GIT_GRAFT_FILE"]))
    words = ("--log-opts", "--all -- b*.txt")
    check.expect("paths", files(*words), ["b*.txt", "bc.txt"])
    for name in ("GIT_LITERAL_PATHSPECS", "GIT_NOGLOB_PATHSPECS"):
        check.expect(name, files(*words, **{name: "1"}), ["b*.txt"])
        check.expect(f"{name} is off", files(*words, **{name: "off"}), ["b*.txt", "bc.txt"])
    for name in ("GIT_GLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"):
        check.expect(name, files(*words, **{name: "true"}), (2, [name]))
        check.expect(f"{name} without paths", files(**plain, **{name: "true"}), every)
    check.expect("neither true nor false", files(*words, GIT_ICASE_PATHSPECS="perhaps"), (2, ["GIT_ICASE_PATHSPECS"]))


def check_gaps(check, scans, folder):
    sound = make_history(folder / "sound", 3, commits=20)
    reports = {hashlib.sha256(json.dumps(scans.run(sound, "--threads", threads)[1]).encode()).hexdigest()
               for threads in ("1", "2", "8", "3", "8")}
    check.expect("one report for any number of threads", len(reports), 1)
    blob = next(line.split()[0] for line in git(sound, "rev-list", "--objects", "--all").splitlines()
                if git(sound, "cat-file", "-t", line.split()[0]).strip() == "blob")
    before = {json.dumps(row) for row in scans.run(sound)[1]}
    (sound / ".git/objects" / blob[:2] / blob[2:]).unlink()
    code, rows, errors = scans.run(sound)
    check.expect("an absent blob: exit 2, named, the rest scanned", (code, blob in errors, bool(rows), {json.dumps(row) for row in rows} < before),
                 (2, True, True, True))
    git(folder, "clone", "-q", "--depth=2", f"file://{make_history(folder / 'origin', 4, commits=12)}", "shallow")
    code, rows, errors = scans.run(folder / "shallow")
    check.expect("a shallow clone: exit 2, told how to mend it", (code, "unshallow" in errors), (2, True))
    first = git(folder / "origin", "rev-list", "--max-parents=0", "HEAD").split()[0]
    code, rows, errors = scans.run(folder / "shallow", f"--log-opts={first}..HEAD")
    check.expect("a range that begins before a shallow clone: told how to mend it",
                 (code, rows, "shallow" in errors, "fetch-depth: 0" in errors), (2, None, True, True))
    for option in ("nowhere..HEAD", "--since=tea-time", "-S secret", "--cc", "HEAD --diff-filter=A", "HEAD -- :(icase)a",
                   "--author=[A-Z]", "--branches=\\\\v1"):
        code, rows, errors = scans.run(folder / "origin", f"--log-opts={option}")
        check.expect(f"--log-opts={option} is refused", (code, rows), (2, None))
    for word in ("--staged", "--pre-commit"):
        check.expect(f"{word} where nothing is changed", scans.run(folder / "origin", word)[:2], (0, []))
    (folder / "origin/.git/index").write_bytes(b"DIRC\0\0\0\x09" + bytes(60))
    code, rows, errors = scans.run(folder / "origin", "--staged")
    check.expect("an index that cannot be read: exit 2, named", (code, "version 9" in errors), (2, True))
    (folder / "plain").mkdir()
    code, rows, errors = scans.run(folder / "plain")
    check.expect("no repository: exit 2", (code, "no Git repository" in errors), (2, True))


def main():
    check = Check("", full=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        scans = Scans(sys.argv[1], folder)
        check_findings(check, scans, folder)
        check_log_context(check, scans, folder)
        check_open_archives(check, scans, folder)
        check_variables(check, scans, folder)
        check_gaps(check, scans, folder)
    print(f"history scans: {check.passed} passed, {check.failed} failed")
    return 1 if check.failed or not check.passed else 0


if __name__ == "__main__":
    sys.exit(main())
