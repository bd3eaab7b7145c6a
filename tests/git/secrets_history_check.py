#!/usr/bin/env python3
"""`merlon scan secrets --history` over repositories that are made here: secrets_history_check.py MERLON

Each case hides a made-up token where a scanner of patches does not look, and says what the report has
to tell of it. Prints "N passed, N failed".
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from repository_check import (ENVIRONMENT, Check, deep_tree, git, hostile_packs, make_history,  # noqa: E402
                              write_loose, write_pack)

RULES = """[[rules]]
id = "made-up"
description = "a made-up token"
regex = '''mk_[a-z0-9]{8}'''
keywords = ["mk_"]
[[rules]]
id = "paired"
description = "a value far below its keyword"
regex = '''(?s)vault.{0,400}?pin=([0-9]{9})'''
keywords = ["vault"]
[[rules]]
id = "by-path"
description = "a file that is a key by its name"
path = '''\\.pem$'''
"""
# Put together here, so that this file holds no token.
TOKEN = ["mk_" + text for text in ("abcd1234", "zyxw9876", "pqrs5555", "hjkl2468", "bnmv1357")]


class Scans:
    def __init__(self, merlon, folder):
        self.merlon, self.folder = os.path.abspath(merlon), folder
        self.rules = folder / "rules.toml"
        self.rules.write_text(RULES)
        self.environment = dict(ENVIRONMENT, HOME=str(folder / "home"), XDG_CACHE_HOME=str(folder / "cache"))

    def run(self, repository, *words, cache=False, variables=None, cwd=None, masked=False):
        command = [self.merlon, "scan", "secrets", "--history", str(repository), "--rules", str(self.rules),
                   "--format", "json", "--quiet", "--all-matches", *words]
        if not masked:
            command.append("--show-secrets")
        if not cache:
            command.append("--no-cache")
        done = subprocess.run(command, capture_output=True, text=True, cwd=cwd,
                              env=dict(self.environment, **(variables or {})))
        report = json.loads(done.stdout) if done.stdout.startswith("{") else None
        return done.returncode, report, done.stderr, done.stdout

    def found(self, repository, *words, **options):
        """{(secret or path of a by-path finding): finding}"""
        code, report, errors, _ = self.run(repository, *words, **options)
        if report is None:
            raise RuntimeError(f"no report: {errors}")
        return {f["secret"] or f["location"]["path"]: f for f in report["findings"]}, report, code


def repository_in(folder, name):
    git(folder, "init", "-q", "-b", "main", name)
    return folder / name


def commit(repository, message, when):
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", message, date=f"{when} +0000")
    return git(repository, "rev-parse", "HEAD").strip()


def places(finding):
    return [(p["kind"], p["location"]["path"], p.get("location").get("startLine"), p.get("commit", ""),
             p.get("removedCommit", ""), p.get("headLine", 0)) for p in finding["history"]["places"]]


def check_life(check, scans, folder):
    repository = repository_in(folder, "life")
    (repository / "a.txt").write_text("one\n" * 4 + f"key {TOKEN[0]}\n")
    (repository / "stays.txt").write_text(f"{TOKEN[1]}\n")
    first = commit(repository, "first", 1_700_000_000)
    (repository / "a.txt").rename(repository / "b.txt")
    (repository / "stays.txt").write_text(f"above\nabove\n{TOKEN[1]}\n")
    second = commit(repository, "moved", 1_700_000_100)
    (repository / "b.txt").write_text("one\n")
    third = commit(repository, "removed", 1_700_000_200)
    (repository / "vault.txt").write_text("vault\n" + "line\n" * 20)
    commit(repository, "the keyword", 1_700_000_300)
    (repository / "vault.txt").write_text("vault\n" + "line\n" * 20 + "pin=123456789\n")
    fifth = commit(repository, "the value, hunks away from its keyword", 1_700_000_400)
    (repository / "k.pem").write_text("x\n")
    sixth = commit(repository, "a path", 1_700_000_500)
    found, report, code = scans.found(repository)
    check.expect("exit code", code, 1)
    check.expect("a file that moved and was cleaned", places(found[TOKEN[0]]),
                 [("commit", "a.txt", 5, first, second, 0), ("commit", "b.txt", 5, second, third, 0)])
    check.expect("not in HEAD", found[TOKEN[0]]["history"]["inHead"], False)
    check.expect("still in HEAD, on another line", places(found[TOKEN[1]]),
                 [("commit", "stays.txt", 1, first, "", 3)])
    check.expect("who and when", [found[TOKEN[1]]["history"]["places"][0][k] for k in ("author", "email", "date")],
                 ["A U Thor", "author@example.com", "2023-11-14T22:13:20Z"])
    check.expect("references", (found[TOKEN[0]]["history"]["references"], found[TOKEN[0]]["history"]["reach"]),
                 (["refs/heads/main"], "references"))
    check.expect("a keyword outside the hunk", places(found["123456789"]),
                 [("commit", "vault.txt", 22, fifth, "", 22)])
    check.expect("a path alone", [(p[0], p[1], p[3]) for p in places(found["k.pem"])], [("commit", "k.pem", sixth)])
    objects = report["coverage"]["objects"]
    counts = {}
    for line in git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split():
        counts[line] = counts.get(line, 0) + 1
    check.expect("every object is counted", [objects[k] for k in ("commits", "trees", "blobs", "present")],
                 [counts["commit"], counts["tree"], counts["blob"], sum(counts.values())])
    check.expect("a range", sorted(scans.found(repository, "--range", f"{third}..{fifth}")[0]), ["123456789"])
    check.expect("since a commit", sorted(scans.found(repository, "--since-commit", fifth)[0]), ["k.pem"])
    check.expect("what a range only changes was there before",
                 sorted(scans.found(repository, "--range", f"{first}..{third}")[0]), [TOKEN[0]])
    git(repository, "tag", "-a", "-m", f"tag with {TOKEN[3]}", "told", fifth, date="1700000500 +0000")
    for words in (f"{third}..{fifth}", f"{fifth}..told", f"{third}..{sixth}"):
        check.expect(f"a range and the tags that come with it, {words}", TOKEN[3] in scans.found(
            repository, "--range", words)[0], True)
    check.expect("other tags do not", TOKEN[3] in scans.found(repository, "--range", f"{first}..{third}")[0], False)
    variables = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(repository.parent / "tag.json")}
    (repository.parent / "tag.json").write_text(json.dumps(
        {"before": "0" * 40, "after": git(repository, "rev-parse", "told").strip()}))
    check.expect("the push of a tag", TOKEN[3] in scans.found(repository, "--ci", variables=variables)[0], True)
    git(repository, "tag", "-d", "told")
    check.expect("a branch", len(scans.found(repository, "--branch", "main")[0]), 4)
    for words in (["--range", f"{first}..nowhere"], ["--since-commit", "nowhere"], ["--branch", "nowhere"]):
        code, report, errors, _ = scans.run(repository, *words)
        check.expect(f"{words}: an error that names it", (code, report, words[0] in errors, "nowhere" in errors),
                     (2, None, True, True))
        check.expect("by the flag that was given", "log-opts" in errors, False)
    return repository, first, fifth, sixth


def check_ci(check, scans, folder, repository, first, fifth, sixth):
    event = folder / "event.json"
    zeros = "0" * 40
    push = {"before": fifth, "after": sixth}
    actions = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event), "GITHUB_SHA": sixth}
    gitlab = {"GITLAB_CI": "true", "CI_COMMIT_SHA": sixth}
    cases = [
        ("GitHub push", push, actions, ["k.pem"]),
        ("Forgejo push", push, {**actions, "FORGEJO_ACTIONS": "true"}, ["k.pem"]),
        ("GitHub pull request", {"pull_request": {"base": {"sha": fifth}, "head": {"sha": sixth}}}, actions, ["k.pem"]),
        ("GitHub new branch", {"before": zeros, "after": first}, actions, sorted(TOKEN[:2])),
        ("GitLab push", {}, {**gitlab, "CI_COMMIT_BEFORE_SHA": fifth}, ["k.pem"]),
        ("GitLab merge request", {}, {**gitlab, "CI_COMMIT_BEFORE_SHA": zeros,
                                      "CI_MERGE_REQUEST_DIFF_BASE_SHA": fifth}, ["k.pem"]),
        ("Azure push", {}, {"TF_BUILD": "True", "BUILD_SOURCEVERSION": first}, sorted(TOKEN[:2])),
        ("Azure push, the pipeline says from where", {}, {"TF_BUILD": "True", "BUILD_SOURCEVERSION": sixth,
                                                          "MERLON_CI_BEFORE": fifth}, ["k.pem"]),
        ("Azure push of a new branch", {}, {"TF_BUILD": "True", "BUILD_SOURCEVERSION": first,
                                            "MERLON_CI_BEFORE": zeros}, sorted(TOKEN[:2])),
    ]
    for name, content, variables, expected in cases:
        event.write_text(json.dumps(content))
        check.expect(f"--ci, {name}", sorted(scans.found(repository, "--ci", variables=variables)[0]), expected)
    git(repository, "update-ref", "refs/remotes/origin/main", fifth)
    azure = {"TF_BUILD": "True", "BUILD_SOURCEVERSION": sixth, "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
             "SYSTEM_PULLREQUEST_SOURCECOMMITID": sixth}
    check.expect("--ci, Azure pull request", sorted(scans.found(repository, "--ci", variables=azure)[0]), ["k.pem"])
    git(repository, "update-ref", "-d", "refs/remotes/origin/main")
    code, report, errors, _ = scans.run(repository, "--ci")
    check.expect("--ci elsewhere is an error", (code, report, "GITLAB_CI" in errors), (2, None, True))
    check_ci_without_before(check, scans, repository, event, fifth, sixth)


def check_ci_without_before(check, scans, repository, event, fifth, sixth):
    """A forced push has taken the commit before away, or there was none."""
    gone = "1" * 40
    actions = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event), "GITHUB_SHA": sixth}
    gitlab = {"GITLAB_CI": "true", "CI_COMMIT_SHA": sixth, "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push"}
    push = {"after": sixth, "ref": "refs/heads/topic", "repository": {"default_branch": "main"}}
    whole = sorted(scans.found(repository, "--branch", sixth)[0])
    check.expect("the commits before hold more", len(whole) > 1, True)

    def run(name, content, variables, expected, words):
        event.write_text(json.dumps(content))
        found, report, code = scans.found(repository, "--ci", variables=variables)
        notices = " ".join(report["notices"])
        check.expect(f"--ci, {name}", (sorted(found), code, [word in notices for word in words]),
                     (expected, 1, [True] * len(words)))

    run("a forced push, no main branch here", dict(push, before=gone), actions, whole, [gone, "everything"])
    git(repository, "update-ref", "refs/remotes/origin/main", fifth)
    run("a forced push", dict(push, before=gone), actions, ["k.pem"], [gone, "refs/remotes/origin/main"])
    run("a forced push to the main branch", dict(push, before=gone, ref="refs/heads/main"), actions, whole, [gone])
    run("a new branch", dict(push, before="0" * 40), actions, ["k.pem"], ["no commit before"])
    run("the main branch is new", dict(push, before="0" * 40, ref="refs/heads/main"), actions, whole, [])
    run("a pull request whose base is gone", {"pull_request": {"base": {"sha": gone, "ref": "main"}, "head": {"sha": sixth}}},
        actions, ["k.pem"], [gone])
    run("a forced push, GitLab", {}, dict(gitlab, CI_COMMIT_BRANCH="topic", CI_COMMIT_BEFORE_SHA=gone), ["k.pem"], [gone])
    run("by the clock, GitLab", {}, dict(gitlab, CI_COMMIT_BRANCH="topic", CI_COMMIT_BEFORE_SHA="0" * 40,
                                         CI_PIPELINE_SOURCE="schedule"), whole, [])
    git(repository, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    run("a forced push, Azure", {}, {"TF_BUILD": "True", "BUILD_SOURCEVERSION": sixth, "MERLON_CI_BEFORE": gone,
                                     "BUILD_SOURCEBRANCH": "refs/heads/topic"}, ["k.pem"], [gone])
    git(repository, "symbolic-ref", "-d", "refs/remotes/origin/HEAD")
    git(repository, "update-ref", "-d", "refs/remotes/origin/main")
    event.write_text(json.dumps(dict(push, before="main; rm")))
    code, report, errors, _ = scans.run(repository, "--ci", variables=actions)
    check.expect("--ci with what is no commit's id", (code, report, "no id of a commit" in errors), (2, None, True))


def check_hidden(check, scans, folder):
    """Where a scanner of `git log -p` does not look."""
    repository = repository_in(folder, "hidden")
    (repository / "f.txt").write_text("base\n")
    commit(repository, "base", 1_700_000_000)
    git(repository, "checkout", "-q", "-b", "side")
    (repository / "f.txt").write_text("side\n")
    commit(repository, "side", 1_700_000_100)
    git(repository, "checkout", "-q", "main")
    (repository / "f.txt").write_text("main\n")
    commit(repository, "main", 1_700_000_200)
    git(repository, "merge", "-q", "side", check=False)
    (repository / "f.txt").write_text(f"both {TOKEN[0]}\n")
    merge = commit(repository, "merged", 1_700_000_300)
    found, _, _ = scans.found(repository)
    check.expect("merge-only content", places(found[TOKEN[0]]), [("merge", "f.txt", 1, merge, "", 1)])

    (repository / "f.txt").write_text("clean\n")
    commit(repository, f"says {TOKEN[1]} in its message", 1_700_000_400)
    git(repository, "tag", "-a", "-m", f"tag with {TOKEN[2]}", "v1", date="1700000500 +0000")
    git(repository, "notes", "add", "-m", f"note with {TOKEN[3]}", "HEAD", date="1700000600 +0000")
    found, _, _ = scans.found(repository)
    check.expect("a commit message", [p[0] for p in places(found[TOKEN[1]])], ["commit-message"])
    check.expect("a tag message", ([p[0] for p in places(found[TOKEN[2]])], found[TOKEN[2]]["history"]["places"][0]["date"]),
                 (["tag-message"], "2023-11-14T22:21:40Z"))
    check.expect("the tag of a message", (found[TOKEN[2]]["history"]["references"], found[TOKEN[2]]["history"]["reach"]),
                 (["refs/tags/v1"], "references"))
    check.expect("a note", ([p[0] for p in places(found[TOKEN[3]])], found[TOKEN[3]]["history"]["reach"]),
                 (["note"], "notes"))

    (repository / "stashed.txt").write_text(f"{TOKEN[4]}\n")
    git(repository, "add", "stashed.txt")
    git(repository, "stash", "-q", date="1700000700 +0000")
    found, _, _ = scans.found(repository)
    check.expect("a stash", (found[TOKEN[4]]["history"]["reach"], found[TOKEN[4]]["history"]["references"]),
                 ("stash", ["refs/stash"]))
    git(repository, "stash", "drop", "-q")
    found, _, _ = scans.found(repository)
    check.expect("a dropped stash", found[TOKEN[4]]["history"]["reach"], "unreachable")

    amended = repository_in(folder, "amended")
    (amended / "a.txt").write_text("a\n")
    first = commit(amended, "a", 1_700_000_000)
    git(amended, "branch", "side")
    (amended / "a.txt").write_text(f"{TOKEN[0]}\n")
    commit(amended, "to be amended", 1_700_000_100)
    git(amended, "commit", "-q", "--amend", "-m", "amended", date="1700000200 +0000")
    kept = git(amended, "rev-parse", "HEAD").strip()
    found, _, _ = scans.found(amended)
    check.expect("the commit that an amended one stands for",
                 (found[TOKEN[0]]["history"]["reach"], found[TOKEN[0]]["history"]["references"], places(found[TOKEN[0]])),
                 ("references", ["refs/heads/main"], [("commit", "a.txt", 1, kept, "", 1)]))
    git(amended, "checkout", "-q", "side")
    (amended / "a.txt").write_text(f"b\n{TOKEN[0]}\n")
    commit(amended, "the same on a branch", 1_700_000_300)
    git(amended, "checkout", "-q", "main")
    found, _, _ = scans.found(amended)
    check.expect("every branch that brought it", (found[TOKEN[0]]["history"]["references"],
                                                  found[TOKEN[0]]["history"]["places"][0]["introductions"]),
                 (["refs/heads/main", "refs/heads/side"], 3))

    reset = repository_in(folder, "reset")
    (reset / "a.txt").write_text("a\n")
    commit(reset, "a", 1_700_000_000)
    (reset / "a.txt").write_text(f"{TOKEN[0]}\n")
    lost = commit(reset, "lost", 1_700_000_100)
    git(reset, "reset", "-q", "--hard", "HEAD^")
    git(reset, "update-ref", "-d", "ORIG_HEAD")
    found, _, _ = scans.found(reset)
    check.expect("only the reflog has it", (found[TOKEN[0]]["history"]["reach"], places(found[TOKEN[0]])[0][3]),
                 ("reflog", lost))
    git(reset, "reflog", "expire", "--expire=now", "--all")
    git(reset, "hash-object", "-w", "--stdin", text=f"loose {TOKEN[1]}\n")
    git(reset, "update-ref", "refs/heads/other", "HEAD")
    (reset / "staged.txt").write_text(f"{TOKEN[2]}\n")
    git(reset, "add", "staged.txt")
    tree_blob = git(reset, "hash-object", "-w", "--stdin", text=f"{TOKEN[3]}\n").strip()
    inner = git(reset, "mktree", text=f"100644 blob {tree_blob}\tdeep.txt\n").strip()
    git(reset, "mktree", text=f"040000 tree {inner}\tdir\n")
    found, _, _ = scans.found(reset)
    check.expect("an unreachable commit", (found[TOKEN[0]]["history"]["reach"], places(found[TOKEN[0]])[0][3]),
                 ("unreachable", lost))
    check.expect("a loose blob", places(found[TOKEN[1]])[0][:2], ("unreachable", "(no path)"))
    check.expect("the index", places(found[TOKEN[2]])[0][:2], ("index", "staged.txt"))
    check.expect("a tree that no commit has", places(found[TOKEN[3]])[0][:2], ("unreachable", "dir/deep.txt"))


def check_formats(check, scans, folder):
    repository = repository_in(folder, "formats")
    (repository / "wide.txt").write_bytes(f"wide {TOKEN[0]}\r\n".encode("utf-16"))
    with zipfile.ZipFile(repository / "a.zip", "w") as archive:
        archive.writestr("inner/b.txt", f"zipped {TOKEN[1]}\n")
    notebook = {"cells": [{"cell_type": "code", "source": [f"key = '{TOKEN[2]}'\n"], "outputs": [], "metadata": {},
                           "execution_count": None}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (repository / "n.ipynb").write_text(json.dumps(notebook))
    (repository / "n.json").write_text(json.dumps(notebook))  # the same blob, read as another thing
    commit(repository, "formats", 1_700_000_000)
    found, report, _ = scans.found(repository)
    check.expect("UTF-16", places(found[TOKEN[0]])[0][1:3], ("wide.txt", 1))
    location = found[TOKEN[1]]["history"]["places"][0]["location"]
    check.expect("a zip", (location["path"], location["members"]), ("a.zip", ["inner/b.txt"]))
    check.expect("one blob as notebook and as JSON", [p[1] for p in places(found[TOKEN[2]])], ["n.ipynb", "n.json"])
    check.expect("members", report["coverage"]["membersRead"], 1)


def check_gaps(check, scans, folder):
    origin = repository_in(folder, "origin")
    for number in range(4):
        (origin / "a.txt").write_text(f"{number}\n" * 3)
        (origin / "big.bin").write_text(f"{number} " * 5000)
        commit(origin, f"number {number}", 1_700_000_000 + number)
    parents = git(origin, "rev-list", "HEAD").split()
    git(folder, "clone", "-q", "--depth=2", f"file://{origin}", str(folder / "shallow"))
    code, report, _, _ = scans.run(folder / "shallow")
    gap = report["coverage"]["gaps"][0]
    check.expect("a shallow clone", (code, gap["cause"], parents[2] in gap["detail"], "fetch-depth: 0" in gap["detail"]),
                 (2, "shallow-history", True, True))
    code, report, _, _ = scans.run(folder / "shallow", "--range", f"{parents[1]}..{parents[0]}")
    check.expect("deep enough for a range", (code, report["coverage"]["gaps"]), (0, []))
    event = folder / "push.json"
    event.write_text(json.dumps({"before": parents[2], "after": parents[0]}))
    for variables, advice in (({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event)}, "fetch-depth: 0"),
                              ({"GITLAB_CI": "true", "CI_COMMIT_SHA": parents[0], "CI_COMMIT_BEFORE_SHA": parents[2]},
                               "GIT_DEPTH: 0")):
        code, _, errors, _ = scans.run(folder / "shallow", "--ci", variables=variables)
        check.expect("and not for this one: what is missing, and what helps",
                     (code, [word in errors for word in ("--ci", parents[2], "shallow", advice, "log-opts")]),
                     (2, [True, True, True, True, False]))
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(folder, "clone", "-q", "--no-checkout", "--filter=blob:limit=1k", f"file://{origin}", str(folder / "partial"))
    code, report, _, _ = scans.run(folder / "partial")
    gaps = report["coverage"]["gaps"]
    check.expect("a partial clone", (code, len(gaps), {g["cause"] for g in gaps}, {g["path"] for g in gaps}),
                 (2, 4, {"missing-object"}, {"big.bin"}))

    broken = folder / "broken"
    shutil.copytree(origin, broken)
    blob = git(broken, "rev-parse", "HEAD~1:a.txt").strip()
    path = broken / ".git/objects" / blob[:2] / blob[2:]
    os.chmod(path, 0o644)
    path.write_bytes(b"not an object")
    code, report, _, _ = scans.run(broken)
    gaps = report["coverage"]["gaps"]
    check.expect("a corrupt object", (code, [g["cause"] for g in gaps], [g["path"] for g in gaps], blob in gaps[0]["detail"]),
                 (2, ["corrupt-object"], ["a.txt"], True))
    path.unlink()
    code, report, _, _ = scans.run(broken)
    gaps = report["coverage"]["gaps"]
    check.expect("a missing object", (code, [g["cause"] for g in gaps], [g["path"] for g in gaps], blob in gaps[0]["detail"]),
                 (2, ["missing-object"], ["a.txt"], True))
    code, report, errors, _ = scans.run(folder / "nowhere")
    check.expect("no repository", (code, report), (2, None))


def check_moving(check, scans, folder):
    """Another process commits, packs and prunes all the time, and nothing is missed."""
    repository = make_history(folder / "moving", 31, commits=30)
    (repository / "m.txt").write_text(f"key {TOKEN[0]}\n")
    commit(repository, "with a token", 1_700_000_900)
    stop = threading.Event()

    def churn():
        turns = [("repack", "-adq"), ("repack", "-dq"), ("gc", "-q", "--prune=now"), ("pack-refs", "--all"),
                 ("repack", "-Adq"), ("multi-pack-index", "write")]
        for turn in range(10_000):
            if stop.is_set():
                return
            (repository / f"n{turn % 7}.txt").write_text(f"{turn}\n" * 20)
            git(repository, "add", "-A", check=False)
            git(repository, "commit", "-q", "-m", f"turn {turn}", check=False)
            git(repository, "branch", f"b{turn}", check=False)
            git(repository, *turns[turn % len(turns)], check=False)

    thread = threading.Thread(target=churn)
    thread.start()
    compat = [scans.merlon, "compat", "gitleaks", "git", str(repository), "-c", str(scans.rules), "--no-banner"]
    seen = set()
    for _ in range(12):
        found, report, code = scans.found(repository)
        seen.add((code, TOKEN[0] in found, len(report["coverage"]["gaps"])))
        seen.add((subprocess.run(compat, capture_output=True, env=scans.environment).returncode, True, 0))
    stop.set()
    thread.join()
    check.expect("while another process packs", seen, {(1, True, 0)})
    git(repository, "gc", "-q", "--prune=now")
    pack = next((repository / ".git/objects/pack").glob("*.pack"))
    index = pack.with_suffix(".idx")
    index.rename(folder / "kept.idx")
    thread = threading.Thread(target=lambda: (time.sleep(0.03), (folder / "kept.idx").rename(index)))
    thread.start()
    found, report, code = scans.found(repository)
    thread.join()
    check.expect("a pack whose index comes a moment later", (code, report["coverage"]["gaps"]), (1, []))
    index.unlink()
    code, report, _, _ = scans.run(repository)
    check.expect("a pack whose index does not come", (code, any(str(pack) == gap["path"] for gap in report["coverage"]["gaps"])),
                 (2, True))


def check_masked(check, scans, folder):
    """What a run has found is shown nowhere: not in paths, references, authors, tags, gaps, or lines of other findings."""
    repository = repository_in(folder, "masked")
    one, two = TOKEN[0], TOKEN[1]
    inner = repository / f"dir-{one}"
    inner.mkdir()
    (inner / f"{two}.txt").write_text(f"a {one}\n")
    (repository / "two.txt").write_text(f"x{one}x and {two}\n")
    (inner / "broken.txt").write_text("nothing\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", f"holds {two}", f"--author={one} <{two}@example.com>")
    git(repository, "tag", "-a", "-m", f"holds {one}", f"v-{two}")
    git(repository, "checkout", "-q", "-b", f"topic-{one}")
    base = [scans.merlon, "scan", "secrets", "--rules", str(scans.rules), "--all-matches", "--no-color"]

    def run(*words, at=folder):
        done = subprocess.run([*base, *words], capture_output=True, text=True, cwd=at, env=scans.environment)
        return done.returncode, done.stdout + done.stderr

    shown = run("--history", str(repository), "--no-cache", "--show-secrets", "--format", "json")[1]
    check.expect("both are in many places", (shown.count(one) > 6, shown.count(two) > 4), (True, True))
    first = run("--history", str(repository), "--format", "json")
    check.expect("a second run masks the same", run("--history", str(repository), "--format", "json"), first)
    check.expect("and one without a cache", run("--history", str(repository), "--no-cache", "--format", "json"), first)
    blob = git(repository, "rev-parse", f"HEAD:dir-{one}/broken.txt").strip()
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    for format_name in ("json", "sarif", "table", "html", "markdown", "junit", "csv"):
        for words in (("--history", "masked", "--no-cache"), ("masked",), ("--staged", "."),
                      ("--history", "masked", "--no-cache", "--branch", f"topic-{one}")):
            at = repository if words[0] == "--staged" else folder
            code, text = run(*words, "--format", format_name, at=at)
            check.expect(f"masked: {' '.join(words[:1])} as {format_name}",
                         (code in ((0,) if words[0] == "--staged" else (1, 2)), one in text, two in text),
                         (True, False, False))
    code, text = run("--history", "masked", "--no-cache", "--quiet")
    check.expect("the gap's path is masked too", (code, "broken.txt" in text, one in text), (2, True, False))


def check_hostile(check, scans, folder):
    """What is malformed or made to hurt: a gap with its cause, exit code 2, and the rest is scanned."""
    def expect(what, repository, cause, named, rest=True):
        code, report, errors, _ = scans.run(repository)
        gaps = report["coverage"]["gaps"] if report else []
        told = {name for name in named if any(name in g["detail"] + g["path"] and g["cause"] == cause for g in gaps)}
        secrets = [f["secret"] for f in report["findings"]] if report else errors
        check.expect(f"hostile: {what}", (code, told, secrets), (2, set(named), [TOKEN[0]] if rest else []))
        compat = subprocess.run([scans.merlon, "compat", "gitleaks", "git", str(repository), "-c", str(scans.rules), "-l",
                                 "error"], capture_output=True, text=True, env=scans.environment)
        return compat.returncode

    def committed(name, tree):
        """A history of two commits: a token, and a tree made by hand."""
        repository = repository_in(folder, name)
        (repository / "sound.txt").write_text(f"{TOKEN[0]}\n")
        commit(repository, "sound", 1_700_000_000)
        made = git(repository, "commit-tree", "-p", "HEAD", "-m", "hostile", tree(repository), date="1700000100 +0000")
        git(repository, "update-ref", "refs/heads/main", made.strip())
        return repository

    for number, (name, (entries, blob)) in enumerate(hostile_packs(f"{TOKEN[0]}\n".encode()).items()):
        repository = repository_in(folder, f"hostile{number}")
        sound = hashlib.sha1(b"blob %d\0" % len(blob) + blob).hexdigest()
        write_pack(repository / ".git/objects/pack", [*entries, (sound, 3, len(blob), b"", blob)])
        names = {f"f{at}.txt": entry[0] for at, entry in enumerate(entries)} | {"sound.txt": sound}
        # Git itself asks for a terabyte where it looks at some of these.
        tree = write_loose(repository, "tree", b"".join(b"100644 " + name.encode() + b"\0" + bytes.fromhex(blob)
                                                        for name, blob in names.items()))
        made = git(repository, "commit-tree", "-m", "made", tree, date="1700000000 +0000").strip()
        git(repository, "update-ref", "refs/heads/main", made)
        cause = "too-large" if name == "a delta bomb" else "corrupt-object"
        code = expect(name, repository, cause, [entry[0] for entry in entries])
        check.expect(f"hostile: {name}, in gitleaks's place", code, 2)

    def strange_names(names):
        def make(repository):
            blob = git(repository, "rev-parse", "HEAD:sound.txt").strip()
            return write_loose(repository, "tree", b"".join(
                b"100644 " + name + b"\0" + bytes.fromhex(blob) for name in names))
        return make

    for number, name in enumerate((b"..", b".git", b".GIT", b"../../etc/passwd", b".")):
        repository = committed(f"strange{number}", strange_names([name]))
        check.expect(f"hostile: {name}, in gitleaks's place",
                     expect(f"an entry {name}", repository, "corrupt-object", [name.decode()]), 2)
    for names in ((b"a", b"a"), (b"b", b"a")):
        repository = committed(f"order-{names[0].decode()}", strange_names(names))
        tree = git(repository, "rev-parse", "HEAD^{tree}").strip()
        said = "duplicateEntries" if names[0] == names[1] else "treeNotSorted"
        check.expect(f"hostile: {said}, in gitleaks's place",
                     expect(f"a tree with {said}", repository, "corrupt-object", [tree, said]), 2)
    repository = committed("cut-tree", strange_names([b"whole", b""]))
    tree = git(repository, "rev-parse", "HEAD^{tree}").strip()
    check.expect("hostile: a malformed tree, in gitleaks's place",
                 expect("a malformed tree", repository, "corrupt-object", [tree]), 2)
    repository = committed("deep", lambda repository: deep_tree(repository, 2100))
    check.expect("hostile: folders in folders, in gitleaks's place",
                 expect("folders in folders", repository, "corrupt-object", ["nested more than 2048 deep"]), 2)

    def packed(name):
        repository = repository_in(folder, name)
        (repository / "sound.txt").write_text(f"{TOKEN[0]}\n")
        (repository / "other.txt").write_text("other\n" * 50)
        commit(repository, "packed", 1_700_000_000)
        blob = git(repository, "rev-parse", "HEAD:other.txt").strip()
        git(repository, "gc", "-q")
        pack = next((repository / ".git/objects/pack").glob("*.pack"))
        index = pack.with_suffix(".idx")
        for path in (pack, index):
            path.chmod(0o644)
        return repository, blob, pack, index

    repository, blob, pack, index = packed("crc")
    table = bytearray(index.read_bytes())
    count = int.from_bytes(table[8 + 255 * 4:8 + 256 * 4], "big")
    position = next(at for at in range(count) if table[1032 + 20 * at:1052 + 20 * at].hex() == blob)
    table[1032 + 20 * count + 4 * position] ^= 1
    index.write_bytes(table)
    expect("a wrong CRC", repository, "corrupt-object", [blob])
    repository, blob, pack, index = packed("cut-pack")
    pack.write_bytes(pack.read_bytes()[:-30])
    check.expect("hostile: a cut pack, in gitleaks's place",
                 expect("a cut pack", repository, "corrupt-object", [pack.name], rest=False), 2)
    repository, blob, pack, index = packed("no-index")
    index.unlink()
    check.expect("hostile: no index, in gitleaks's place",
                 expect("a pack without an index", repository, "corrupt-object", [pack.name], rest=False), 2)


def check_same(check, scans, folder):
    """Threads, packing and the cache change no byte."""
    repository = make_history(folder / "same", 7, commits=60)
    for number in range(5):
        (repository / f"s{number}.txt").write_text(f"x\n{TOKEN[number]}\n")
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", f"token {number}", date=f"{1_600_000_000 + number} +0000")
    texts = {scans.run(repository, "--threads", threads)[3] for threads in ("1", "2", "8")}
    check.expect("one report for 1, 2 and 8 threads", len(texts), 1)
    cold = texts.pop()
    check.expect("a cold run fills the cache", scans.run(repository, cache=True)[3] == cold, True)
    check.expect("a cached report is the cold one", scans.run(repository, cache=True)[3] == cold, True)
    entries = list((scans.folder / "cache").rglob("*.entry"))
    for entry in entries:
        content = bytearray(entry.read_bytes())
        content[len(content) // 2] ^= 0xFF
        entry.write_bytes(bytes(content))
    check.expect("a damaged cache is no cache", scans.run(repository, cache=True)[3] == cold, True)
    check.expect("no secret stands in the cache",
                 any(TOKEN[0].encode() in e.read_bytes() for e in (scans.folder / "cache").rglob("*.entry")), False)
    git(repository, "gc", "-q", "--prune=now")
    git(repository, "commit", "-q", "--allow-empty", "-m", "one more", date="1600001000 +0000")
    cached = scans.run(repository, cache=True)[3]
    check.expect("with a new commit, packed: as cold", cached == scans.run(repository)[3], True)
    many = [subprocess.Popen([scans.merlon, "scan", "secrets", "--history", str(repository), "--rules", str(scans.rules),
                              "--format", "json", "--quiet", "--all-matches", "--show-secrets"],
                             stdout=subprocess.PIPE, text=True, env=scans.environment) for _ in range(4)]
    check.expect("runs at the same time", {one.communicate()[0] == cached for one in many}, {True})


def check_remembered(check, scans, folder, object_format):
    """A run that remembers the one before gives the report of one that does not, whatever happened between.

    The history has octopus merges, and clocks that stand still, jump and go back."""
    repository = make_history(folder / f"remembered-{object_format}", 11, commits=40, object_format=object_format)
    shutil.rmtree(scans.folder / "cache", ignore_errors=True)

    def same(what):
        what = f"{object_format}, {what}"
        cold = scans.run(repository, masked=True)[3]
        check.expect(f"remembered, {what}: filled", scans.run(repository, masked=True, cache=True)[3] == cold, True)
        check.expect(f"remembered, {what}: again", scans.run(repository, masked=True, cache=True)[3] == cold, True)

    def add(name, text, message, when):
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)
        return commit(repository, message, when)

    git(repository, "checkout", "-q", "main")
    for number, token in enumerate(TOKEN[:3]):
        add(f"s{number}.txt", f"x\n{token}\n", f"token {number}", 1_600_000_000 + number)
    add("pair.txt", "vault\n\npin=123456789\n", f"by the way {TOKEN[4]}", 1_600_000_010)
    same("at first")
    add("s3.txt", f"{TOKEN[3]}\n{TOKEN[0]}\n", "older than its parents", 1_400_000_000)
    same("a new commit with an old date")
    git(repository, "mv", "s0.txt", "s0.pem")
    commit(repository, "a name that is a finding", 1_600_000_020)
    same("a renamed file")
    (repository / "copy").mkdir()
    shutil.copy(repository / "s1.txt", repository / "copy/s1.txt")
    git(repository, "add", "-A")
    same("a known blob at a new path in the index")
    git(repository, "reset", "-q", "--hard")
    same("and no longer there")
    git(repository, "checkout", "-q", "-b", "side", "HEAD~2")
    add("side.txt", TOKEN[2] + "\n", "side", 1_600_000_030)
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "--no-ff", "--no-commit", "side")
    add("merged.txt", TOKEN[1] + "\n", "merge", 1_600_000_040)
    git(repository, "tag", "-a", "-m", f"tag {TOKEN[3]}", "told", date="1600000050 +0000")
    same("a merge and a tag")
    git(repository, "branch", "-q", "-D", "side")
    git(repository, "reset", "-q", "--hard", "HEAD~1")
    same("a branch that is gone")
    git(repository, "gc", "-q", "--prune=now")
    same("packed")
    git(repository, "reflog", "expire", "--expire=now", "--all")
    git(repository, "gc", "-q", "--prune=now")
    same("pruned")
    add("last.txt", f"vault {TOKEN[4]}\npin=987654321\n", "last", 1_600_000_060)
    same("after that")
    check.expect("none of the secrets stands in the cache",
                 [t for t in (*TOKEN, "123456789", "987654321")
                  if any(t.encode() in e.read_bytes() for e in (scans.folder / "cache").rglob("*.entry"))], [])
    blob = git(repository, "rev-parse", "HEAD:last.txt").strip()
    lost = repository / ".git/objects" / blob[:2] / blob[2:]
    lost.unlink()
    code, report, _, text = scans.run(repository, masked=True, cache=True)
    check.expect("remembered, a blob that is gone is a gap",
                 (code, [g["cause"] for g in report["coverage"]["gaps"]], text == scans.run(repository, masked=True)[3]),
                 (2, ["missing-object"], True))


def check_borrowed(check, scans, folder):
    """Objects of alternates are seen; those that only the lender's references lead to, too."""
    lender = make_history(folder / "lender", 13, commits=20)
    git(lender, "checkout", "-q", "main")
    (lender / "lent.txt").write_text(TOKEN[0] + "\n")
    commit(lender, "lent", 1_600_000_000)
    git(folder, "clone", "-q", "--shared", str(lender), "borrower")
    borrower = folder / "borrower"
    (borrower / "own.txt").write_text(f"{TOKEN[1]}\n{TOKEN[0]}\n")
    commit(borrower, "own", 1_600_000_001)
    found, report, code = scans.found(borrower)
    check.expect("alternates: both are found", (sorted(found), code), (sorted(TOKEN[:2]), 1))
    check.expect("alternates: with their places",
                 [place[:3] for place in places(found[TOKEN[0]])],
                 [("commit", "lent.txt", 1), ("commit", "own.txt", 2)])
    cold = scans.run(borrower, masked=True)[3]
    check.expect("alternates: the cached report is the cold one",
                 {scans.run(borrower, masked=True, cache=True)[3] for _ in range(2)}, {cold})
    file = borrower / ".git/objects/info/alternates"
    file.write_text('"' + file.read_text().strip().replace("lender", "l\\145nder") + '"\n')
    check.expect("alternates: a quoted name", scans.run(borrower, masked=True)[3], cold)
    git(borrower, "repack", "-q", "-a", "-d")
    check.expect("alternates: copied objects are the same ones",
                 scans.run(borrower, masked=True, cache=True)[3] == scans.run(borrower, masked=True)[3], True)


def check_false_files(check, scans, folder):
    """Files that git believes: a loose object with another one's content, an index of a lost blob."""
    repository = repository_in(folder, "false")
    (repository / "a.txt").write_text("a\n")
    first = commit(repository, "a", 1_700_000_000)
    (repository / "a.txt").write_text(f"{TOKEN[0]}\n")
    second = commit(repository, "b", 1_700_000_100)
    objects = repository / ".git/objects"

    def loose(id):
        return objects / id[:2] / id[2:]

    kept = loose(second).read_bytes()
    loose(second).chmod(0o644)
    loose(second).write_bytes(loose(first).read_bytes())
    code, report, _, _ = scans.run(repository)
    details = [gap["detail"] for gap in report["coverage"]["gaps"]]
    check.expect("a commit that is another one", (code, ["holds another object" in text for text in details]), (2, [True]))
    loose(second).write_bytes(kept)
    (repository / "new.txt").write_text("new\n")
    git(repository, "add", "new.txt")
    blob = git(repository, "rev-parse", ":new.txt").strip()
    loose(blob).unlink()
    code, report, _, _ = scans.run(repository)
    gaps = [(gap["path"], gap["cause"]) for gap in report["coverage"]["gaps"]]
    check.expect("a staged blob that is lost", (code, gaps), (2, [("new.txt", "missing-object")]))


def check_octopus(check, scans, folder):
    """What an octopus merge brings in itself, and what its parents brought."""
    repository = repository_in(folder, "octopus")
    (repository / "base.txt").write_text("x\n")
    commit(repository, "base", 1_600_000_000)
    for number in range(3):
        git(repository, "checkout", "-q", "-b", f"arm{number}", "main")
        (repository / f"arm{number}.txt").write_text(TOKEN[number] + "\n")
        # Younger parents than the merge.
        commit(repository, f"arm {number}", 1_700_000_000 + number)
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "--no-commit", "arm0", "arm1", "arm2", check=False)
    (repository / "made.txt").write_text(TOKEN[3] + "\n")
    commit(repository, "octopus", 1_500_000_000)
    parents = git(repository, "rev-list", "--parents", "-n1", "HEAD").split()[1:]
    found = scans.found(repository)[0]
    kinds = {secret: [place[0] for place in places(finding)] for secret, finding in found.items()}
    check.expect("octopus: parents", len(parents), 3)
    check.expect("octopus: kinds of places", kinds, {**{t: ["commit"] for t in TOKEN[:3]}, TOKEN[3]: ["merge"]})


def check_other_index(check, scans, folder):
    """What is staged in another worktree, seen from each side."""
    repository = repository_in(folder, "staged-elsewhere")
    (repository / "a.txt").write_text("x\n")
    commit(repository, "one", 1_600_000_000)
    other = folder / "other-worktree"
    git(repository, "worktree", "add", "-q", "--detach", str(other))
    (repository / "here.txt").write_text(TOKEN[0] + "\n")
    git(repository, "add", "-A")
    (other / "there.txt").write_text(TOKEN[1] + "\n")
    git(other, "add", "-A")
    for name, place in (("main", repository), ("linked", other)):
        found = scans.found(place)[0]
        check.expect(f"staged in another worktree, seen from the {name} one",
                     {secret: [one[:3] for one in places(finding)] for secret, finding in found.items()},
                     {TOKEN[0]: [("index", "here.txt", 1)], TOKEN[1]: [("index", "there.txt", 1)]})
        check.expect("and its reach", {finding["history"]["reach"] for finding in found.values()}, {"index"})
    (repository / ".git/worktrees/other-worktree/index").write_bytes(b"DIRC no index at all, but long enough to be read")
    code, report, _, _ = scans.run(repository)
    check.expect("a damaged index of another worktree is a gap",
                 (code, [gap["path"] for gap in report["coverage"]["gaps"]]), (2, ["worktrees/other-worktree/index"]))


def check_many_names(check, scans, folder):
    """Branches and tags that lead to the same secret: all are counted, the first are named."""
    repository = repository_in(folder, "many-names")
    (repository / "a.txt").write_text(TOKEN[0] + "\n")
    commit(repository, f"says {TOKEN[1]}", 1_600_000_000)
    git(repository, "tag", "-a", "-m", f"tag {TOKEN[1]}", "b05-told", date="1600000050 +0000")
    git(repository, "update-ref", "refs/tags/again", git(repository, "rev-parse", "b05-told").strip())
    names = ["refs/heads/main", "refs/tags/again", "refs/tags/b05-told"]
    for number in range(30):
        git(repository, "update-ref", f"refs/heads/b{number:02}", "HEAD")
        names.append(f"refs/heads/b{number:02}")
    names.sort()
    found = scans.found(repository)[0]
    for token in TOKEN[:2]:
        history = found[token]["history"]
        check.expect("references: counted, and the first twenty named",
                     (history["referenceCount"], history["references"]), (len(names), names[:20]))


def check_two_lines(check, scans, folder):
    """One secret on two lines of a file: both places, and whether both are excused."""
    repository = repository_in(folder, "two-lines")
    (repository / "a.txt").write_text(f"{TOKEN[0]}\nx\n{TOKEN[0]}\n")
    (repository / "b.txt").write_text(f"{TOKEN[1]} # merlon:allow * old\ny\n")
    first = commit(repository, "one", 1_600_000_000)
    (repository / "a.txt").write_text(f"x\n{TOKEN[0]}\nx\n{TOKEN[0]}\n")
    (repository / "b.txt").write_text(f"{TOKEN[1]} # merlon:allow * old\ny\n{TOKEN[1]}\n")
    commit(repository, "two", 1_600_000_001)
    found = scans.found(repository)[0]
    check.expect("two lines: both places", places(found[TOKEN[0]]),
                 [("commit", "a.txt", 1, first, "", 2), ("commit", "a.txt", 3, first, "", 4)])
    check.expect("a line that came later is named, without a commit",
                 [(place[2], place[3], place[5]) for place in places(found[TOKEN[1]])], [(1, first, 1), (3, "", 3)])
    check.expect("one excused line does not excuse the other", bool(found[TOKEN[1]].get("suppressed")), False)


def check_allowed(check, scans, folder):
    """A comment that allows holds for the version in which it stands."""
    plain, allowed = f"{TOKEN[0]}\n", f"{TOKEN[0]} # merlon:allow * test\n"
    cases = {"later": ([plain, allowed], False), "taken out": ([allowed, plain], False),
             "allow, not, allow": ([allowed, plain, allowed], False), "allow, not, gone": ([allowed, plain, None], False),
             "always": ([allowed, "x\n" + allowed, allowed], True), "always, gone": ([allowed, None], True)}
    for name, (versions, accepted) in cases.items():
        repository = repository_in(folder, f"allowed {name}")
        (repository / "other.txt").write_text("other\n")
        for number, text in enumerate(versions):
            if text is None:
                (repository / "a.txt").unlink()
            else:
                (repository / "a.txt").write_text(text)
            commit(repository, str(number), 1_600_000_000 + number)
        for cache in (False, True, True):
            found, _, code = scans.found(repository, cache=cache, masked=cache)
            finding = next(iter(found.values()))
            check.expect(f"a comment, {name}{' with a cache' * cache}", (bool(finding.get("suppressed")), code),
                         (accepted, 0 if accepted else 1))
    repository = repository_in(folder, "allowed on main")
    (repository / "a.txt").write_text(allowed)
    commit(repository, "main", 1_600_000_000)
    git(repository, "checkout", "-q", "-b", "release")
    (repository / "a.txt").write_text(plain)
    commit(repository, "release", 1_600_000_001)
    git(repository, "checkout", "-q", "main")
    check.expect("a comment on one branch", scans.run(repository)[0], 1)
    git(repository, "branch", "-q", "-D", "release")
    git(repository, "reflog", "expire", "--expire=now", "--all")
    git(repository, "gc", "-q", "--prune=now")
    check.expect("the only one", scans.run(repository)[0], 0)
    (repository / "a.txt").write_text(plain)
    git(repository, "add", "-A")
    check.expect("but not in the index", scans.run(repository)[0], 1)


def check_headers(check, scans, folder):
    """What stands above a commit's or a tag's message."""
    def shown(name, header, message="m\n"):
        repository = repository_in(folder, f"header {name}")
        (repository / "a.txt").write_text("a\n")
        parent = commit(repository, "a", 1_700_000_000)
        tree = git(repository, "rev-parse", "HEAD^{tree}").strip()
        made = write_loose(repository, "commit", f"tree {tree}\nparent {parent}\nauthor A <a@e> 1700000100 +0000\ncommitter "
                           f"C <c@e> 1700000100 +0000\n{header}\n{message}".encode())
        git(repository, "update-ref", "refs/heads/main", made)
        found, _, code = scans.found(repository)
        return [(p["kind"], p["location"].get("startLine"), p["commit"] == made) for f in found.values()
                for p in f["history"]["places"]], code

    merged = f"mergetag object 1\n type commit\n tag x\n tagger C <c@e> 1 +0000\n \n words {TOKEN[2]}\n"
    for name, header, line in (("gpgsig", f"gpgsig -----BEGIN\n {TOKEN[1]}\n -----END\n", 3), ("mergetag", merged, 7),
                               ("unknown", f"x-token {TOKEN[3]}\n", 2), ("author twice", f"author {TOKEN[0]}\n", 2)):
        check.expect(f"a header, {name}", shown(name, header), ([("commit-message", line, True)], 1))
    check.expect("a header that holds nothing", shown("clean", "mergetag object 1\n \n words\n"), ([], 0))


def check_excludes(check, scans, folder):
    """--exclude and scan.exclude, as in a scan of files; a blob that stands elsewhere too is read there."""
    repository = repository_in(folder, "excludes")
    (repository / "td/deep").mkdir(parents=True)
    (repository / "td/deep/k.txt").write_text(f"{TOKEN[0]}\n")
    (repository / "k.bak").write_text(f"{TOKEN[1]}\n")
    (repository / "k.txt").write_text(f"{TOKEN[2]}\n")
    commit(repository, "one", 1_600_000_000)

    def secrets(*words, **options):
        return sorted(scans.found(repository, *words, **options)[0])

    check.expect("no --exclude", secrets(), sorted(TOKEN[:3]))
    check.expect("--exclude", secrets("--exclude", "td/", "--exclude", "*.bak"), [TOKEN[2]])
    objects = scans.found(repository, "--exclude", "td/")[1]["coverage"]["objects"]
    check.expect("what is left out is counted", objects["leftOutByPath"], 1)
    (repository / ".merlon.yaml").write_text("scan:\n  exclude: ['*.bak']\n")
    check.expect("scan.exclude", secrets(), sorted([TOKEN[0], TOKEN[2]]))
    def counted(*words):
        return len(scans.found(repository, *words, cache=True, masked=True)[1]["findings"])

    first = counted()
    both = ("--exclude", "td/", "--exclude", "*.bak")
    check.expect("a checkpoint of other patterns is none", (first, counted(*both)), (2, 1))
    git(repository, "mv", "td/deep/k.txt", "moved.txt")
    commit(repository, "two", 1_600_000_001)
    check.expect("elsewhere too", secrets(*both), sorted([TOKEN[0], TOKEN[2]]))


def check_first_cache(check, scans, folder):
    """With the rules that come along nothing is written before the process gives up its rights."""
    repository = repository_in(folder, "first-cache")
    (repository / "a.txt").write_text("nothing\n")
    commit(repository, "one", 1_600_000_000)
    cache = folder / "no" / "such" / "cache"
    subprocess.run([scans.merlon, "scan", "secrets", "--history", str(repository), "--quiet"], capture_output=True,
                   env=dict(scans.environment, XDG_CACHE_HOME=str(cache)))
    check.expect("a cache folder is made where there was none", bool(list(cache.rglob("*.entry"))), True)


def check_revoked(check, scans, folder):
    repository = repository_in(folder, "revoked")
    (repository / "a.txt").write_text(f"{TOKEN[0]}\n")
    commit(repository, "a", 1_700_000_000)
    _, report, _, _ = scans.run(repository)
    check.expect("without a key there are no ids, which is said",
                 ("secretId" in report["findings"][0], any("revoked -" in notice for notice in report["notices"])),
                 (False, True))
    run = subprocess.run([scans.merlon, "secrets", "revoked", "a" * 64, "--reason", "x"], capture_output=True,
                         text=True, cwd=repository, env=scans.environment)
    check.expect("and no id can be revoked", (run.returncode, "no key" in run.stderr, (repository / ".merlon").exists()),
                 (2, True, False))
    run = subprocess.run([scans.merlon, "secrets", "revoked", "-", "--reason", "rotated"], input=TOKEN[0] + "\n",
                         capture_output=True, text=True, cwd=repository, env=scans.environment)
    check.expect(f"revoked{run.stderr}", run.returncode, 0)
    found, report, code = scans.found(repository)
    check.expect("it stays visible and fails nothing", (code, found[TOKEN[0]]["suppressed"]["by"],
                                                        "rotated" in found[TOKEN[0]]["suppressed"]["reason"]),
                 (0, "revoked", True))
    (repository / "b.txt").write_text(f"{TOKEN[0]} {TOKEN[1]}\n")
    commit(repository, "b", 1_700_000_100)
    found, report, code = scans.found(repository)
    check.expect("another secret beside it counts", (code, "suppressed" in found[TOKEN[1]]), (1, False))
    identity = found[TOKEN[1]]["secretId"]
    run = subprocess.run([scans.merlon, "secrets", "revoked", identity, "--reason", "rotated too"],
                         capture_output=True, text=True, cwd=repository, env=scans.environment)
    check.expect("by its id", (run.returncode, scans.found(repository)[2]), (0, 0))
    commit(repository, "revoked", 1_700_000_200)
    git(folder, "clone", "-q", "--bare", str(repository), "revoked.git")
    check.expect("in a bare repository HEAD's count", scans.found(folder / "revoked.git")[2], 0)
    for form in ("markdown", "junit", "table"):
        text = scans.run(repository, "--format", form)[3]
        check.expect(f"visible in {form}", ("rotated too" in text, "a.txt" in text), (True, True))
    key = (repository / ".merlon/key").read_text()
    (repository / ".merlon/key").unlink()
    _, report, _, _ = scans.run(repository)
    check.expect("a missing key is said", (report["findings"][0].get("suppressed"),
                                           any("key is missing" in notice for notice in report["notices"])), (None, True))
    (repository / ".merlon/key").write_text(key)
    for words in ([identity], ["12", "--reason", "x"], ["--reason", "x"], ["-", "--reason", "x"]):
        run = subprocess.run([scans.merlon, "secrets", "revoked", *words], input="", capture_output=True, text=True,
                             cwd=repository, env=scans.environment)
        check.expect(f"refused: {words}", run.returncode, 2)


def main():
    check = Check(None, False)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        scans = Scans(sys.argv[1], folder)
        repository, first, fifth, sixth = check_life(check, scans, folder)
        check_ci(check, scans, folder, repository, first, fifth, sixth)
        check_hidden(check, scans, folder)
        check_formats(check, scans, folder)
        check_gaps(check, scans, folder)
        check_moving(check, scans, folder)
        check_masked(check, scans, folder)
        check_hostile(check, scans, folder)
        check_same(check, scans, folder)
        check_revoked(check, scans, folder)
        check_remembered(check, scans, folder, "sha1")
        check_remembered(check, scans, folder, "sha256")
        check_borrowed(check, scans, folder)
        check_false_files(check, scans, folder)
        check_octopus(check, scans, folder)
        check_two_lines(check, scans, folder)
        check_allowed(check, scans, folder)
        check_headers(check, scans, folder)
        check_excludes(check, scans, folder)
        check_other_index(check, scans, folder)
        check_many_names(check, scans, folder)
        check_first_cache(check, scans, folder)
    print(f"{check.passed} passed, {check.failed} failed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
