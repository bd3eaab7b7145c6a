#!/usr/bin/env python3
"""`merlon hook` and `merlon scan secrets --staged` under a real git: hook_check.py MERLON

Commits, amended commits, rebases, worktrees, submodules, pushes to a bare repository, chained hooks,
core.hooksPath, bypasses, a file of 2 GB, a repository of 100,000 files. Prints "N passed, N failed".
"""

import base64
import hashlib
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from repository_check import ENVIRONMENT, Check, write_loose  # noqa: E402

# Put together here, so that no file of ours holds a whole key.
KEYS = ["AK" + "IA" + rest for rest in ("Q3EGVK7XWD5TZN2B", "Z7YUKH2MRT4XQPVC", "XWJ4NTB6QZ3FKDSA")]
MORE_KEYS = ["AK" + "IA" + rest for rest in ("T5GZ2QWHN7KXB3VD", "M6RJ4YTPC2LXQ7HN", "K3VXZ7NQT2WDB5GY")]
RULE = "aws-access-key-id"


class Hooks:
    def __init__(self, merlon, folder):
        self.merlon, self.folder = merlon, folder
        self.environment = dict(ENVIRONMENT, HOME=str(folder / "home"), XDG_CACHE_HOME=str(folder / "cache"))
        (folder / "home").mkdir()

    def run(self, *words, at=None, text=None, **more):
        done = subprocess.run([str(word) for word in words], cwd=at, input=text, capture_output=True, text=True,
                              errors="surrogateescape", env=self.environment | more)
        return done.returncode, done.stdout + done.stderr

    def git(self, at, *words, **more):
        return self.run("git", "-c", "protocol.file.allow=always", "-C", at, *words, **more)

    def commit_file(self, repository, name, text):
        """A commit that no hook sees."""
        (repository / name).write_text(text)
        self.must(repository, "add", "-A")
        self.must(repository, "commit", "-q", "--no-verify", "-m", name)

    def must(self, at, *words, **more):
        code, text = self.git(at, *words, **more)
        if code != 0:
            raise RuntimeError(f"git {' '.join(map(str, words))}: {text}")
        return text.strip()

    def hook(self, at, *words, **more):
        return self.run(self.merlon, "hook", *words, at=at, **more)

    def new(self, name, *words):
        self.must(self.folder, "init", "-q", "-b", "main", *words, name)
        return self.folder / name

    def committed(self, name):
        """A repository with one commit and the hooks."""
        repository = self.new(name)
        (repository / "a.txt").write_text("one\n")
        self.must(repository, "add", "-A")
        self.must(repository, "commit", "-q", "-m", "one")
        self.hook(repository, "install")
        return repository


def check_install(check, hooks):
    repository = hooks.new("install")
    folder = repository / ".git/hooks"
    old = b"#!/bin/sh\n# mine, with odd bytes \xff\x00\necho before >> ran\n"
    (folder / "pre-commit").write_bytes(old)
    (folder / "pre-commit").chmod(0o750)
    (folder / "pre-push").write_text("not executable: git does not run it\n")
    before = {path.name: (path.read_bytes(), path.stat().st_mode) for path in folder.iterdir()}
    code, text = hooks.hook(repository, "install")
    check.expect("install", (code, text.count("installed")), (0, 3))
    check.expect("installed hooks can be run", [bool((folder / name).stat().st_mode & stat.S_IXUSR)
                                               for name in ("pre-commit", "commit-msg", "pre-push")], [True] * 3)
    check.expect("install twice changes nothing", hooks.hook(repository, "install")[1].count("nothing to do"), 3)
    (repository / "a.txt").write_text("one\n")
    hooks.must(repository, "add", "-A")
    check.expect("a clean commit", hooks.git(repository, "commit", "-q", "-m", "one"), (0, ""))
    check.expect("the chained hook ran", (repository / "ran").read_text(), "before\n")
    (folder / "pre-commit.merlon-before").write_text("#!/bin/sh\necho no >&2\nexit 7\n")
    check.expect("a chained hook can refuse", hooks.git(repository, "commit", "-q", "--allow-empty", "-m", "x"), (1, "no\n"))
    (folder / "pre-commit.merlon-before").write_bytes(old)
    code, text = hooks.hook(repository, "uninstall")
    after = {path.name: (path.read_bytes(), path.stat().st_mode) for path in folder.iterdir()}
    check.expect("uninstall restores every byte and mode", (code, after == before), (0, True))
    hooks.hook(repository, "install", "pre-commit")
    (folder / "pre-commit").write_text("#!/bin/sh\n# somebody else's now\n")
    check.expect("uninstall does not touch a stranger's hook",
                 (hooks.hook(repository, "uninstall", "pre-commit")[0], (folder / "pre-commit").read_text()),
                 (2, "#!/bin/sh\n# somebody else's now\n"))
    check.expect("an unknown hook is refused", hooks.hook(repository, "install", "post-commit")[0], 2)


def check_hooks_path(check, hooks):
    repository = hooks.new("elsewhere")
    hooks.must(repository, "config", "core.hooksPath", "my hooks")
    hooks.hook(repository, "install", "pre-commit")
    check.expect("core.hooksPath is respected", (repository / "my hooks/pre-commit").exists(), True)
    (repository / "a.txt").write_text(f"key = {KEYS[0]}\n")
    hooks.must(repository, "add", "a.txt")
    check.expect("and its hook stops", hooks.git(repository, "commit", "-q", "-m", "x")[0], 1)
    for value, word in (("", "is empty"), ("%(prefix)/hooks", "%(prefix)"), ("~nobody/hooks", "~nobody")):
        hooks.must(repository, "config", "core.hooksPath", value)
        code, text = hooks.hook(repository, "install", "pre-commit")
        check.expect(f"core.hooksPath '{value}' is refused", (code, word in text, "installed" in text), (2, True, False))
    hooks.must(repository, "config", "core.hooksPath", "hk")
    code, text = hooks.hook(repository, "install")
    check.expect("a relative core.hooksPath without worktrees", (code, "each worktree" in text), (0, False))
    hooks.must(repository, "commit", "-q", "--no-verify", "-m", "x")
    hooks.must(repository, "worktree", "add", "-q", "--detach", repository.parent / "beside")
    code, text = hooks.hook(repository, "install")
    check.expect("and with them", (code, "each worktree has hooks of its own" in text), (0, True))
    hooks.must(repository, "worktree", "remove", "--force", repository.parent / "beside")
    hooks.must(repository, "config", "--unset", "core.hooksPath")
    hooks.must(repository, "config", "include.path", "other.config")
    check.expect("configuration that includes others is named", [word in hooks.hook(repository, "install")[1] for word in (
        "installed", "other files", ".git/config")], [True] * 3)
    shared = hooks.new("shared")
    (hooks.folder / "home/.gitconfig").write_text("[core]\n\thooksPath = ~/all\n")
    user = {"GIT_CONFIG_GLOBAL": str(hooks.folder / "home/.gitconfig")}
    code, text = hooks.hook(shared, "install", **user)
    check.expect("a folder of the user is not changed by accident", (code, "--shared" in text), (2, True))
    check.expect("but on demand", (hooks.hook(shared, "install", "--shared", **user)[0],
                                   (hooks.folder / "home/all/pre-commit").exists()), (0, True))


def check_commits(check, hooks):
    repository = hooks.committed("commits")
    file = repository / "conf ig.py"
    file.write_text(f"# one\nkey = '{KEYS[0]}'\n")
    hooks.must(repository, "add", "-A")
    code, text = hooks.git(repository, "commit", "-m", "two")
    check.expect("a commit with a secret is stopped", code, 1)
    check.expect("with file, line, rule, fix and a way out",
                 [word in text for word in ("conf ig.py:2", RULE, "Fix:", "merlon:allow", "--no-verify")], [True] * 5)
    check.expect("and the secret is masked", KEYS[0] in text, False)
    code, text = hooks.run(hooks.merlon, "scan", "secrets", "--staged", "--format", "json", at=repository)
    report = json.loads(text[:text.rindex("}") + 1])
    check.expect("scan --staged says the same", (code, len(report["findings"])), (1, 1))
    file.write_text(f"# one\nkey = '{KEYS[0]}'  # in the working tree only\n")
    hooks.must(repository, "rm", "-qf", "--cached", "conf ig.py")
    check.expect("what is not staged does not count", hooks.git(repository, "commit", "-q", "--allow-empty", "-m", "x")[0], 0)
    hooks.must(repository, "add", "-A")
    check.expect("--no-verify passes", hooks.git(repository, "commit", "-q", "--no-verify", "-m", "known")[0], 0)
    file.write_text(f"# one\n# moved\nkey = '{KEYS[0]}'\n")
    hooks.must(repository, "add", "-A")
    check.expect("a secret that HEAD has is not the change's", hooks.git(repository, "commit", "-q", "-m", "moved")[0], 0)
    hooks.must(repository, "mv", "conf ig.py", "other.py")
    check.expect("nor is a renamed file's", hooks.git(repository, "commit", "-q", "-m", "renamed")[0], 0)
    (repository / "other.py").write_text(f"# one\n# moved\nkey = '{KEYS[0]}'\nkey2 = '{KEYS[1]}'\n")
    hooks.must(repository, "add", "-A")
    code, text = hooks.git(repository, "commit", "-q", "-m", "more")
    check.expect("a second one is", (code, "other.py:4" in text, "other.py:3" in text), (1, True, False))
    (repository / "other.py").write_text(f"key = '{KEYS[1]}'  # merlon:allow {RULE} only a test\n")
    hooks.must(repository, "add", "-A")
    check.expect("an allowed line passes", hooks.git(repository, "commit", "-q", "-m", "allowed")[0], 0)
    code, text = hooks.git(repository, "commit", "-q", "--allow-empty", "-m", f"uses {KEYS[2]}")
    check.expect("a secret in the message", (code, "(commit message):1" in text), (1, True))
    (repository / "amended.py").write_text(f"key = '{KEYS[2]}'\n")
    hooks.must(repository, "add", "-A")
    check.expect("an amended commit is looked at", hooks.git(repository, "commit", "-q", "--amend", "-m", "x")[0], 1)
    hooks.must(repository, "rm", "-qf", "amended.py")
    (repository / "a.txt").write_text("two\n")
    (repository / "b.txt").write_text(f"{KEYS[2]}\n")
    hooks.must(repository, "add", "b.txt")
    check.expect("git commit FILE sees only that file", hooks.git(repository, "commit", "-q", "-m", "part", "a.txt")[0], 0)
    check.expect("git commit -a sees all", hooks.git(repository, "commit", "-qam", "all")[0], 1)


def check_rebase(check, hooks):
    repository = hooks.committed("rebase")
    hooks.must(repository, "checkout", "-q", "-b", "side")
    for name in ("s1", "s2"):
        (repository / name).write_text("x\n")
        hooks.must(repository, "add", "-A")
        hooks.must(repository, "commit", "-q", "-m", name)
    hooks.must(repository, "checkout", "-q", "main")
    (repository / "m").write_text("y\n")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "-m", "m")
    hooks.must(repository, "checkout", "-q", "side")
    check.expect("a rebase goes through", hooks.git(repository, "rebase", "-q", "main")[0], 0)
    check.expect("with its commits", hooks.must(repository, "log", "--format=%s").split(), ["s2", "s1", "m", "one"])
    editor = f"printf 'key %s\\n' {KEYS[0]} > s2; git add s2; git commit --amend -m s2"
    code, _ = hooks.git(repository, "rebase", "-q", "--exec", editor, "HEAD~1")
    check.expect("a commit amended in a rebase is stopped", code != 0, True)
    hooks.git(repository, "rebase", "--abort")


def check_worktree_and_submodule(check, hooks):
    repository = hooks.committed("main tree")
    hooks.must(repository, "worktree", "add", "-q", "../second tree", "-b", "second")
    second = hooks.folder / "second tree"
    (second / "w.py").write_text(f"key = '{KEYS[0]}'\n")
    hooks.must(second, "add", "-A")
    code, text = hooks.git(second, "commit", "-q", "-m", "w")
    check.expect("a worktree's commit is stopped by the shared hook", (code, "w.py:1" in text), (1, True))
    (second / "w.py").write_text("clean\n")
    hooks.must(second, "add", "-A")
    check.expect("and a clean one passes", hooks.git(second, "commit", "-q", "-m", "w")[0], 0)
    outer = hooks.committed("outer")
    hooks.must(outer, "submodule", "--quiet", "add", str(repository), "inner")
    check.expect("a submodule is added under the hooks", hooks.git(outer, "commit", "-q", "-m", "sub")[0], 0)
    inner = outer / "inner"
    code, text = hooks.hook(inner, "install", "pre-commit")
    check.expect("installed in a submodule", (code, (outer / ".git/modules/inner/hooks/pre-commit").exists()), (0, True))
    (inner / "i.py").write_text(f"key = '{KEYS[0]}'\n")
    hooks.must(inner, "add", "-A")
    check.expect("a submodule's commit is stopped", hooks.git(inner, "commit", "-q", "-m", "i")[0], 1)


def check_push(check, hooks):
    repository = hooks.committed("pushed")
    bare = hooks.new("remote.git", "--bare")
    hooks.must(repository, "remote", "add", "origin", bare)
    hooks.must(repository, "push", "-q", "origin", "main")
    (repository / "p.py").write_text(f"key = '{KEYS[0]}'\n")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "--no-verify", "-m", "p")
    commit = hooks.must(repository, "rev-parse", "HEAD")
    code, text = hooks.git(repository, "push", "origin", "main")
    check.expect("pre-push stops", (code, f"p.py:1" in text, commit[:12] in text, "--no-verify" in text), (1, True, True, True))
    hooks.must(repository, "rm", "-qf", "p.py")
    hooks.must(repository, "commit", "-q", "-m", "gone")
    check.expect("a secret taken out in the next commit is still pushed",
                 hooks.git(repository, "push", "origin", "main")[0], 1)
    hooks.must(repository, "reset", "-q", "--hard", "HEAD~2")
    check.expect("nothing wrong, nothing said", hooks.git(repository, "push", "-q", "origin", "main"), (0, ""))
    hooks.hook(repository, "uninstall")
    return repository, bare


def check_lost(check, hooks):
    """A server that no longer has what refs/remotes says: emptied, or taken back to before a secret."""
    repository, bare = hooks.committed("lost"), hooks.new("lost.git", "--bare")

    def push(*words):
        code, text = hooks.git(repository, "push", "-q", *words)
        return code, "git fetch --prune" in text

    hooks.must(repository, "remote", "add", "origin", bare)
    hooks.must(repository, "push", "-q", "origin", "main")
    hooks.commit_file(repository, "k.py", f"key = '{KEYS[0]}'\n")
    hooks.must(repository, "branch", "side")
    hooks.must(repository, "push", "-q", "--no-verify", "origin", "main", "side")
    hooks.hook(repository, "install")
    hooks.commit_file(repository, "more.py", "x = 1\n")
    check.expect("what the remote has is not looked at", push("origin", "main"), (0, False))
    hooks.must(bare, "update-ref", "refs/heads/main", "refs/heads/main~2")
    hooks.must(bare, "update-ref", "-d", "refs/heads/side")
    hooks.must(bare, "gc", "-q", "--prune=now")
    check.expect("a secret that was taken out there does not come back", push("origin", "main"), (1, True))
    shutil.rmtree(bare)
    hooks.new("lost.git", "--bare")
    check.expect("nor into a new repository in its place", push("origin", "main"), (1, True))
    hooks.must(repository, "push", "-q", "origin", "main~2:refs/heads/main")
    check.expect("nor under a name that it never had", push("origin", "main:other"), (1, True))
    check.expect("once a clean part was pushed, no more does another name", push("origin", "side"), (1, True))
    hooks.must(repository, "push", "-q", "--no-verify", "origin", "side")
    check.expect("what came past the hook is not known before a fetch", push("origin", "side:copy"), (1, True))
    hooks.must(repository, "fetch", "-q", "--prune", "origin")
    check.expect("after it the remote is known again", (push("origin", "side:copy"), push("origin", "main:more")), ((0, False), (0, False)))
    other = hooks.new("lost-clone")
    hooks.must(other, "pull", "-q", bare, "side")
    (other / "ahead.py").write_text("x = 2\n")
    hooks.must(other, "add", "-A")
    hooks.must(other, "commit", "-q", "-m", "ahead")
    hooks.must(other, "push", "-q", bare, "HEAD:side")
    hooks.must(repository, "fetch", "-q", other, "HEAD")
    hooks.must(repository, "branch", "-q", "ahead", "FETCH_HEAD")
    check.expect("a remote that is ahead is not doubted", push("origin", "ahead:side", "side:last"), (0, False))
    other.joinpath("new.py").write_text("x = 3\n")
    hooks.must(other, "add", "-A")
    hooks.must(other, "commit", "-q", "--amend", "-m", "another")
    hooks.must(other, "push", "-q", "-f", bare, "HEAD:side")
    check.expect("one that is elsewhere is", push("-f", "origin", "ahead:side", "main:never"), (1, True))


def check_other_address(check, hooks):
    """refs/remotes tells what the remote has only while pushes go where it was fetched from."""
    repository = hooks.committed("moved")
    bares = [hooks.new(f"moved{number}.git", "--bare") for number in range(4)]
    record = repository / ".git/merlon/remotes.json"

    def push(*words):
        code, text = hooks.git(repository, "push", "-q", *words)
        return code, "learned from another address" in text

    def set_url(number, *words):
        hooks.must(repository, "remote", "set-url", *words, "origin", bares[number])

    hooks.must(repository, "remote", "add", "origin", bares[0])
    hooks.commit_file(repository, "k.py", f"key = '{KEYS[0]}'\n")
    hooks.must(repository, "branch", "other")
    hooks.must(repository, "push", "-q", "--no-verify", "origin", "main", "other")
    hooks.must(repository, "branch", "also")
    check.expect("without a record the configured address is trusted", (push("origin", "also"), record.exists()),
                 ((0, False), True))
    record.unlink()
    hooks.hook(repository, "install")
    check.expect("install remembers the remotes", (str(bares[0]) in record.read_text(), push("origin", "also:b")),
                 (True, (0, False)))
    set_url(1)
    hooks.hook(repository, "install")
    check.expect("after set-url nothing of the old remote counts", push("origin", "main"), (1, True))
    set_url(0)
    check.expect("set back it counts", push("origin", "also:c"), (0, False))
    set_url(1, "--push")
    check.expect("nor does it for pushurl", push("origin", "main"), (1, True))
    hooks.must(repository, "config", "--unset", "remote.origin.pushurl")
    hooks.must(repository, "config", f"url.{bares[1]}.insteadOf", str(bares[0]))
    check.expect("nor for insteadOf", push("origin", "main"), (1, True))
    hooks.must(repository, "config", "--remove-section", f"url.{bares[1]}")
    hooks.must(repository, "checkout", "-q", "--orphan", "clean")
    hooks.must(repository, "rm", "-qrf", ".")
    hooks.commit_file(repository, "clean.py", "x = 1\n")
    set_url(2)
    check.expect("a push without secrets passes, with a notice", push("origin", "clean"), (0, True))
    hooks.commit_file(repository, "clean.py", "x = 2\n")
    check.expect("then the address is remembered", push("origin", "clean"), (0, False))
    check.expect("but not for what the other remote had alone", push("origin", "other"), (1, False))
    hooks.must(repository, "push", "-q", "--no-verify", "origin", "main:m")
    hooks.must(repository, "fetch", "-q", "origin")
    record.write_text('{"version": 1, "remotes": [{"name": 3')
    code, text = hooks.git(repository, "push", "origin", "main:n")
    check.expect("a damaged record trusts nothing and is named", (code, "remotes.json" in text), (1, True))
    record.unlink()
    set_url(3)
    hooks.must(repository, "config", f"url.{bares[2]}.insteadOf", str(bares[3]))
    check.expect("without a record insteadOf is followed", push("origin", "main:o"), (0, False))
    hooks.must(repository, "config", "--remove-section", f"url.{bares[2]}")
    hooks.must(repository, "remote", "set-url", "origin", "https://user:hidden@127.0.0.1:1/x.git")
    record.unlink()
    hooks.hook(repository, "install")
    check.expect("no password is kept", ("hidden" in record.read_text(), "https://127.0.0.1:1/x.git" in record.read_text()),
                 (False, True))


def check_receive(check, hooks, repository, bare):
    marker = bare / "hooks/pre-receive"
    marker.write_text("#!/bin/sh\ncat >> received\n")
    marker.chmod(0o755)
    code, text = hooks.hook(bare, "install")
    check.expect("a bare repository gets pre-receive", (code, "pre-receive" in text, "advertisePushOptions" in text),
                 (0, True, True))
    (repository / "r.py").write_text(f"one\n{KEYS[0]}\n")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "-m", "r")
    commit = hooks.must(repository, "rev-parse", "HEAD")
    code, text = hooks.git(repository, "push", "origin", "main")
    check.expect("a push with a secret is refused", (code, "pre-receive hook declined" in text), (1, True))
    check.expect("with file, line, rule, fix and how to ask for a bypass",
                 [word in text for word in ("r.py:2", RULE, commit[:12], "Fix:", "merlon.bypass=")], [True] * 5)
    check.expect("and the chained hook has heard nothing", (bare / "received").exists(), False)
    check.expect("nothing of it stays", hooks.git(bare, "cat-file", "-e", commit)[0] != 0, True)

    code, text = hooks.git(repository, "push", "-q", "origin", f"main:refs/heads/topic-{KEYS[0]}")
    heard = "".join(line for line in text.splitlines(True) if line.startswith("remote:"))
    check.expect("nor does what Merlon says of the reference hold the secret", (code, "refs/heads/topic-" in heard, KEYS[0] in heard),
                 (1, True, False))
    hooks.must(bare, "config", "receive.advertisePushOptions", "true")
    code, text = hooks.git(repository, "push", "-o", "merlon.bypass=  ", "origin", "main")
    check.expect("a bypass without a reason is none", (code, "has no reason" in text), (1, True))
    code, text = hooks.git(repository, "push", "-q", "-o", "merlon.bypass=test key, see #12", "origin", "main", USER="ann")
    check.expect("a bypass with a reason", code, 0)
    lines = (bare / "merlon/bypass.log").read_text().splitlines()
    entry = json.loads(lines[0])
    check.expect("is logged", (len(lines), entry["who"], entry["reason"], entry["reference"], entry["after"],
                               [(f["rule"], f["place"].rsplit(":", 1)[0], f["commit"]) for f in entry["findings"]]),
                 (1, "ann", "test key, see #12", "refs/heads/main", commit, [(RULE, "r.py:2", commit)]))
    check.expect("without the secret", KEYS[0] in lines[0], False)
    check.expect("and the chained hook heard of the push", (bare / "received").read_text().split()[1:], [commit, "refs/heads/main"])

    hooks.must(repository, "checkout", "-q", "-b", "feature")
    (repository / ".merlon.yaml").write_text("scan:\n  fail-on: none\n")
    (repository / "f.py").write_text(f"{KEYS[1]}\n")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "-m", "accepts itself")
    check.expect("a push cannot accept its own secrets", hooks.git(repository, "push", "-q", "origin", "feature")[0], 1)
    hooks.must(repository, "reset", "-q", "--hard", "main")
    check.expect("a new branch of known commits is nothing new", hooks.git(repository, "push", "-q", "origin", "feature")[0], 0)
    check.expect("nor is a deleted one", hooks.git(repository, "push", "-q", "origin", ":feature")[0], 0)
    hooks.must(repository, "tag", "-a", "v1", "-m", f"with {KEYS[2]}")
    code, text = hooks.git(repository, "push", "origin", "v1")
    check.expect("a tag's message", (code, "(tag message):1" in text), (1, True))
    hooks.hook(bare, "install", "--settings-branch", "main")
    (repository / ".merlon.yaml").write_text("secrets:\n  rules: own/rules.toml\n")
    (repository / "own").mkdir()
    (repository / "own/rules.toml").write_text("[[rules]]\nid = 'own'\nregex = '''own_[a-z]{8}'''\n")
    hooks.must(repository, "checkout", "-q", "main")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "-m", "own rules")
    check.expect("settings are pushed", hooks.git(repository, "push", "-q", "origin", "main")[0], 0)
    (repository / "o.txt").write_text("own_" + "abcdefgh\n" + KEYS[1] + "\n")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "-m", "own")
    code, text = hooks.git(repository, "push", "origin", "main")
    check.expect("and hold from then on", (code, "own (high)" in text, RULE in text), (1, True, False))
    hooks.must(repository, "reset", "-q", "--hard", "HEAD~1")
    check_merge(check, hooks, repository)

    check_server_settings(check, hooks, repository, bare)
    hooks.must(repository, "repack", "-adq")
    hooks.hook(bare, "uninstall")
    check.expect("the server's hook is back", marker.read_text(), "#!/bin/sh\ncat >> received\n")
    hooks.hook(bare, "install", "--bypass", "deny", "--settings-branch", "main")
    (repository / "d.py").write_text("own_" + "hgfedcba\n")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "-m", "d")
    code, text = hooks.git(repository, "push", "-o", "merlon.bypass=please", "origin", "main")
    check.expect("an owner can deny bypasses", (code, "not allowed here" in text), (1, True))


def check_protection(check, hooks):
    """What a push could bring along to pass, at once or in several steps."""
    def fresh(name, *words):
        repository, bare = hooks.committed(name), hooks.new(f"{name}.git", "--bare")
        hooks.hook(repository, "uninstall")
        hooks.hook(bare, "install", "--bypass", "deny", *words)
        hooks.must(repository, "remote", "add", "origin", bare)
        hooks.must(repository, "push", "-q", "origin", "main")
        return repository, bare

    def commit(repository, name, text):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(text)
        hooks.must(repository, "add", "-A")
        hooks.must(repository, "commit", "-q", "-m", name)
        return hooks.must(repository, "rev-parse", "HEAD")

    def push(repository, *words):
        return hooks.git(repository, "push", "-q", "origin", *words)[0]

    repository, bare = fresh("replaced")
    first = hooks.must(repository, "rev-parse", "HEAD")
    clean = hooks.must(repository, "rev-parse", "HEAD:a.txt")
    secret = hooks.must(repository, "hash-object", "--stdin", text=f"{KEYS[0]}\n")
    check.expect("a replace reference can be pushed", push(repository, f"{clean}:refs/replace/{secret}"), 0)
    bad = commit(repository, "k.py", f"{KEYS[0]}\n")
    check.expect("and hides no blob", push(repository, "main"), 1)
    check.expect("nor does one of a commit", [push(repository, f"{first}:refs/replace/{bad}"), push(repository, "main")], [0, 1])

    for name, text in (("gate", "scan:\n  fail-on: none\n"), ("rules", "secrets:\n  rules: own.toml\n"),
                       ("paths", "scan:\n  exclude: ['*.py']\n")):
        repository, bare = fresh(f"weaker {name}")
        (repository / "own.toml").write_text("[[rules]]\nid = 'own'\nregex = 'own_[a-z]{8}'\n")
        for branch in ("feature", "main"):
            hooks.must(repository, "checkout", "-q", "-B", branch, "main")
            commit(repository, ".merlon.yaml", text + f"# {branch}\n")
            check.expect(f"settings of a branch, {name}", push(repository, f"HEAD:{branch}"), 0)
            commit(repository, f"{branch}.py", f"{KEYS[0]}\n")
            check.expect("hold for no later push", [push(repository, f"HEAD:{to}") for to in (branch, "other", "main")], [1] * 3)
            hooks.must(repository, "reset", "-q", "--hard", "HEAD~1")

    for name, entries in (("twice", ("a.txt clean", "a.txt secret")), ("twice, turned", ("a.txt secret", "a.txt clean")),
                          ("unsorted", ("k.txt secret", "a.txt clean")), ("unsorted below", ("k.txt clean", "a.txt secret"))):
        repository, bare = fresh(f"tree {name}")
        blobs = {"secret": hooks.must(repository, "hash-object", "-w", "--stdin", text=f"{KEYS[0]}\n"),
                 "clean": hooks.must(repository, "hash-object", "-w", "--stdin", text="clean\n")}
        for only_clean in (False, True):
            made = b"".join(b"100644 " + path.encode() + b"\0" + bytes.fromhex(blobs["clean" if only_clean else kind])
                            for path, kind in (entry.split() for entry in entries))
            tree = write_loose(repository, "tree", made)
            if "below" in name:
                tree = write_loose(repository, "tree", b"40000 d\0" + bytes.fromhex(tree))
            bad = hooks.must(repository, "commit-tree", "-p", "HEAD", "-m", "bad", tree)
            code, said = hooks.git(repository, "push", "-q", "origin", f"{bad}:refs/heads/main")
            check.expect(f"a tree that git would not write, {name}: refused, its blobs read",
                         (code, RULE in said, "duplicateEntries" in said or "treeNotSorted" in said),
                         (1, not only_clean, True))
        hooks.hook(repository, "install", "pre-push")
        code, said = hooks.git(repository, "push", "-q", "origin", f"{bad}:refs/heads/main")
        check.expect(f"and by pre-push, {name}", (code, "not read" in said), (1, True))

    repository, bare = fresh("comments")
    for text in (f"{KEYS[0]}  # merlon:allow {RULE} made-up reason\n", f"{KEYS[0]}  # gitleaks:allow\n"):
        commit(repository, "allowed.py", text)
        code, said = hooks.git(repository, "push", "origin", "main")
        check.expect("a comment in a pushed line allows nothing", (code, "do not" in said), (1, True))
        hooks.must(repository, "reset", "-q", "--hard", "HEAD~1")

    commit(repository, "server.py", f"{KEYS[1]}\n")
    (bare / "merlon").mkdir(exist_ok=True)
    (bare / "merlon/.merlon.yaml").write_text("scan:\n  fail-on: none\n")
    check.expect("the server's own settings hold", push(repository, "main"), 0)
    (bare / "merlon/.merlon.yaml").write_text("scan:\n  fail-on: nonsense\n")
    commit(repository, "clean.py", "clean\n")
    check.expect("and broken ones refuse", push(repository, "main"), 1)

    repository, bare = fresh("strict branch", "--settings-branch", "strict")
    commit(repository, ".merlon.yaml", "scan:\n  fail-on: none\n")
    commit(repository, "k.py", f"{KEYS[2]}\n")
    check.expect("a branch that is not there has no settings", push(repository, "main"), 1)
    check.expect("nor has another one", [push(repository, "HEAD~1:refs/heads/other"), push(repository, "HEAD:other")], [0, 1])
    check.expect("the named one has", [push(repository, "HEAD~1:refs/heads/strict"), push(repository, "main")], [0, 0])


def check_headers_and_excludes(check, hooks):
    """Headers of pushed commits; patterns that leave paths out of staged and pushed changes; reasons that hold secrets."""
    repository, bare = hooks.committed("headers"), hooks.new("headers.git", "--bare")
    hooks.hook(repository, "uninstall")
    hooks.hook(bare, "install")
    hooks.must(bare, "config", "receive.advertisePushOptions", "true")
    hooks.must(repository, "remote", "add", "origin", bare)
    hooks.must(repository, "push", "-q", "origin", "main")
    tree, parent = hooks.must(repository, "rev-parse", "HEAD^{tree}"), hooks.must(repository, "rev-parse", "HEAD")
    for header in (f"x-key {KEYS[0]}", f"mergetag object 1\n type commit\n \n words {KEYS[0]}", f"gpgsig a\n {KEYS[0]}"):
        made = write_loose(repository, "commit", f"tree {tree}\nparent {parent}\nauthor A <a@e> 1700000100 +0000\ncommitter "
                           f"C <c@e> 1700000100 +0000\n{header}\n\nm\n".encode())
        code, text = hooks.git(repository, "push", "-q", "origin", f"{made}:refs/heads/header")
        check.expect(f"a header of a pushed commit, {header[:8]}", (code, RULE in text), (1, True))

    (repository / "td").mkdir()
    for path in ("td/k.py", "k.bak"):
        (repository / path).write_text(f"{KEYS[0]}\n")
    hooks.must(repository, "add", "-A")

    def staged(*words):
        return hooks.run(hooks.merlon, "scan", "secrets", "--staged", *words, at=repository)[0]

    check.expect("--staged --exclude", [staged(), staged("--exclude", "td/"), staged("--exclude", "td/", "--exclude", "*.bak")],
                 [1, 1, 0])
    (repository / ".merlon.yaml").write_text("scan:\n  exclude: ['td/', '*.bak']\n")
    check.expect("scan.exclude of what is staged", staged(), 0)
    check.expect("and in the hook", hooks.hook(repository, "run", "pre-commit")[0], 0)
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "-m", "left out")
    check.expect("the server's hook asks its own settings", hooks.git(repository, "push", "-q", "origin", "main")[0], 1)
    (bare / "merlon").mkdir(exist_ok=True)
    (bare / "merlon/.merlon.yaml").write_text("scan:\n  exclude: ['td/']\n")
    check.expect("of which one pattern is not enough", hooks.git(repository, "push", "-q", "origin", "main")[0], 1)
    (bare / "merlon/.merlon.yaml").write_text("scan:\n  exclude: ['td/', '*.bak']\n")
    check.expect("and both are", hooks.git(repository, "push", "-q", "origin", "main")[0], 0)

    (repository / "k.py").write_text(f"{KEYS[1]}\n")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "-m", "k")
    reason = f"because {KEYS[1]} is a test key, as {KEYS[2]} is"
    check.expect("a reason that holds secrets", hooks.git(repository, "push", "-q", "-o", f"merlon.bypass={reason}", "origin", "main")[0], 0)
    log = (bare / "merlon/bypass.log").read_text()
    check.expect("is masked in the log", [log.count("because "), log.count(" is a test key, as ")] + [key in log for key in KEYS],
                 [1, 1, False, False, False])

    (repository / "k.py").write_text(f"{MORE_KEYS[0]}\n")
    hooks.must(repository, "commit", "-qam", "k")
    form = base64.b64encode(f"it is {MORE_KEYS[1]} and no other".encode()).decode()
    push = ("push", "-q", "-o", f"merlon.bypass=because {form} is a test key", "origin", "main")
    check.expect("a reason that holds one in another form", hooks.git(repository, *push, GL_USERNAME=MORE_KEYS[0])[0], 0)
    log = (bare / "merlon/bypass.log").read_text()
    check.expect("is masked as well, as is who pushes",
                 [form[4:] in log, "because ******** is a test key" in log, MORE_KEYS[0] in log], [False, True, False])
    (repository / "k.py").write_text(f"{MORE_KEYS[2]}\n")
    hooks.must(repository, "commit", "-qam", "k")
    (bare / "merlon/bypass.log").unlink()
    os.mkfifo(bare / "merlon/bypass.log")
    code, text = hooks.git(repository, *push)
    check.expect("a pipe is no log", (code, "bypass.log" in text, "not accepted" in text), (1, True, True))
    (bare / "merlon/bypass.log").unlink()


def check_true_objects(check, hooks):
    """What this machine shows in place of the objects that are committed and pushed."""
    repository, bare = hooks.committed("local"), hooks.new("local.git", "--bare")
    hooks.must(repository, "remote", "add", "origin", bare)
    hooks.must(repository, "push", "-q", "origin", "main")
    secret, clean = (hooks.must(repository, "hash-object", "-w", "--stdin", text=text)
                     for text in (f"{KEYS[0]}\n", "clean\n"))
    hooks.must(repository, "replace", secret, clean)
    hooks.must(repository, "update-index", "--add", "--cacheinfo", f"100644,{secret},k.py")
    check.expect("a replaced blob is staged as it is", hooks.git(repository, "commit", "-q", "-m", "k")[0], 1)
    hooks.must(repository, "commit", "-q", "--no-verify", "-m", "k")
    check.expect("and pushed as it is", hooks.git(repository, "push", "-q", "origin", "main")[0], 1)
    scan = [hooks.merlon, "scan", "secrets", "--history", "--range", "HEAD~1..HEAD"]
    code, text = hooks.run(*scan, at=repository)
    check.expect("the history has it, and says why", (code, "refs/replace" in text), (1, True))
    hooks.must(repository, "replace", "-d", secret)
    hooks.must(repository, "rm", "-qf", "--cached", "k.py")
    hooks.must(repository, "commit", "-q", "-m", "gone")
    head, base = (hooks.must(repository, "rev-parse", name) for name in ("HEAD", "HEAD~2"))
    (repository / ".git/info").mkdir(exist_ok=True)
    (repository / ".git/info/grafts").write_text(f"{head} {base}\n")
    check.expect("a graft hides no commit", hooks.git(repository, "push", "-q", "origin", "main")[0], 1)


def check_shallow(check, hooks):
    """Pushes from a shallow clone: to a server that has what the clone lacks, and to one that has not."""
    source = hooks.new("deep")
    for number in range(5):
        (source / f"f{number}").write_text(f"{number}\n")
        # The first commit has a key, which a shallow clone does not see.
        (source / "f0").write_text(f"0\n{KEYS[0]}\n" if number == 0 else "0\n")
        hooks.must(source, "add", "-A")
        hooks.must(source, "commit", "-q", "-m", f"number {number}")
    for allowed in ("false", "true"):
        for server, known in (("whole", True), ("empty", False)):
            name = f"{server}-{allowed}"
            bare = hooks.new(name + ".git", "--bare")
            hooks.must(bare, "config", "receive.shallowUpdate", allowed)
            if known:
                hooks.must(source, "push", "-q", bare, "main")
            hooks.hook(bare, "install")
            clone = hooks.folder / name
            hooks.must(hooks.folder, "clone", "-q", "--depth=2", f"file://{source}", clone)
            (clone / "new.txt").write_text("nothing\n")
            hooks.must(clone, "add", "-A")
            hooks.must(clone, "commit", "-q", "-m", "clean")
            code, text = hooks.git(clone, "push", f"file://{bare}", "HEAD:refs/heads/topic")
            # git itself refuses what would make the server shallow, unless that is allowed.
            check.expect(f"a clean push from a shallow clone, {name}", (code, "1 secret" in text, "--unshallow" in text),
                         (0 if known or allowed == "true" else 1, False, not known and allowed == "false"))
            (clone / "s.py").write_text(f"{KEYS[1]}\n")
            hooks.must(clone, "add", "-A")
            hooks.must(clone, "commit", "-q", "-m", "not clean")
            code, text = hooks.git(clone, "push", f"file://{bare}", "HEAD:refs/heads/topic")
            check.expect(f"and one with a secret, {name}", (code, "s.py:1" in text, "f0:" in text), (1, True, False))
            hooks.must(clone, "reset", "-q", "--hard", "HEAD~1")
            if known or allowed == "false":
                continue
            (clone / "more.txt").write_text("nothing\n")
            hooks.must(clone, "add", "-A")
            hooks.must(clone, "commit", "-q", "-m", "more")
            check.expect("on top of what is shallow there", hooks.git(clone, "push", "-q", f"file://{bare}",
                                                                      "HEAD:refs/heads/topic"), (0, ""))
            # The parent that the boundary lacks is pushed later: it is new then.
            deeper = hooks.folder / "deeper"
            hooks.must(hooks.folder, "clone", "-q", f"file://{source}", deeper)
            code, text = hooks.git(deeper, "push", f"file://{bare}", "HEAD~3:refs/heads/old")
            check.expect("what stands before the boundary is new where it comes", (code, "f0:2" in text), (1, True))


def check_server_settings(check, hooks, repository, bare):
    settings = repository / ".merlon.yaml"
    old = settings.read_text()

    def push(text, message, *words):
        settings.write_text(text)
        hooks.must(repository, "add", "-A")
        hooks.must(repository, "commit", "-q", "-m", message)
        return hooks.git(repository, "push", *words, "origin", "main")

    check.expect("settings that name an output", push(old + "report:\n  output: [json=stolen.json]\n", "o")[0], 0)
    check.expect("write nothing on the server", (push(old + "scan: {fail-on: nonsense}\n", "b")[0],
                                                 list(bare.glob("**/stolen.json"))), (0, []))
    code, text = push(old, "mended")
    check.expect("broken settings refuse what follows, and say so", (code, "nonsense" in text, "merlon.bypass" in text),
                 (1, True, True))
    check.expect("but not the push that mends them, with a reason", hooks.git(
        repository, "push", "-q", "-o", "merlon.bypass=mends the settings", "origin", "main")[0], 0)


def check_merge(check, hooks, repository):
    hooks.must(repository, "checkout", "-q", "-b", "left")
    (repository / "m.txt").write_text("left\n")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "-m", "left")
    hooks.must(repository, "checkout", "-q", "main")
    (repository / "m.txt").write_text("right\n")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "-m", "right")
    check.expect("both sides are clean", hooks.git(repository, "push", "-q", "origin", "main", "left")[0], 0)
    hooks.git(repository, "merge", "-q", "left")
    (repository / "m.txt").write_text("left\nright\nown_" + "mergedin\n")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "-m", "merged")
    code, text = hooks.git(repository, "push", "origin", "main")
    check.expect("a secret that only the merge brings in", (code, "m.txt:3" in text), (1, True))
    hooks.must(repository, "reset", "-q", "--hard", "HEAD~1")


def loose_blob(repository, size, at, text):
    """Writes a blob of `size` zeros with `text` in it, without deflating each of them."""
    piece = bytes(1 << 20)
    deflate = zlib.compressobj(1, zlib.DEFLATED, -15)
    deflated_zeros = deflate.compress(piece) + deflate.flush(zlib.Z_FULL_FLUSH)
    piece_with_text = text + piece[len(text):]
    head = b"blob %d\0" % size
    digest, check, parts = hashlib.sha1(head), zlib.adler32(head), [b"\x78\x01"]

    def add(data):
        fresh = zlib.compressobj(1, zlib.DEFLATED, -15)
        parts.append(fresh.compress(data) + fresh.flush(zlib.Z_FULL_FLUSH))

    add(head)
    for number in range(size >> 20):
        data = piece_with_text if number == at else piece
        digest.update(data)
        check = zlib.adler32(data, check)
        if number == at:
            add(data)
        else:
            parts.append(deflated_zeros)
    parts += [b"\x03\0", check.to_bytes(4, "big")]  # an empty last block
    name = digest.hexdigest()
    path = repository / ".git/objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(parts))
    return name


def largest_memory(command, at, environment):
    """(exit code, MiB of the largest process, what was said). A small one starts the command: between fork
    and exec it is as large as its parent."""
    helper = ("import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=sys.stderr); "
              "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)")
    done = subprocess.run([sys.executable, "-c", helper, *command], cwd=at, env=environment, capture_output=True,
                          text=True, check=True)
    return *map(int, done.stdout.split()), done.stderr


def check_large(check, hooks):
    repository = hooks.committed("large")
    begin = time.monotonic()
    blob = loose_blob(repository, 2 << 30, 1024, b"\n# " + KEYS[0].encode() + b"\n")
    hooks.must(repository, "update-index", "--add", "--cacheinfo", f"100644,{blob},big.bin")
    middle = time.monotonic()
    code, megabytes, text = largest_memory(["git", "commit", "-q", "-m", "big"], repository, hooks.environment)
    print(f"2 GB: made in {middle - begin:.1f} s, commit with the hook {time.monotonic() - middle:.1f} s, "
          f"at most {megabytes} MiB")
    check.expect("a file of 2 GB is read whole", (code, "big.bin:2" in text), (1, True))
    check.expect("in bounded memory", megabytes <= 600, True)
    check.expect("and git thinks that it is sound", hooks.must(repository, "cat-file", "-s", blob), str(2 << 30))


def check_streamed(check, hooks):
    """Blobs larger than a window: loose, packed, an archive, damaged, and one that only its deltas give."""
    repository = hooks.new("streamed")
    scan = [hooks.merlon, "scan", "secrets", "--staged", "--format", "json", "--quiet"]

    def staged(what):
        code, text = hooks.run(*scan, at=repository)
        report = json.loads(text[text.index("{"):])
        return (code, [(f["location"]["path"], f["location"].get("startLine")) for f in report["findings"]],
                [g["cause"] for g in report["coverage"]["gaps"]], report["coverage"].get("windowedFiles", 0))

    size = 80 << 20
    blob = loose_blob(repository, size, 70, b"\n\n# " + KEYS[0].encode() + b"\n")
    hooks.must(repository, "update-index", "--add", "--cacheinfo", f"100644,{blob},big.bin")
    expected = (1, [("big.bin", 3)], [], 1)
    check.expect("a loose blob in windows", staged("loose"), expected)
    path = repository / ".git/objects" / blob[:2] / blob[2:]
    sound = path.read_bytes()
    path.write_bytes(sound[:-100])
    cut = staged("cut")
    check.expect("a cut one: what came before, and a gap", (cut[0], cut[1], cut[2]), (2, [("big.bin", 3)], ["corrupt-object"]))
    path.write_bytes(sound)
    hooks.must(repository, "repack", "-qd")
    check.expect("a packed one", (staged("packed"), path.exists()), (expected, False))
    # Two versions of text, the second as a delta of the first: read whole.
    lines = "".join(f"{number * 2654435761 % 4294967296:x}\n" for number in range(9_000_000))[:70 << 20]
    for name, tail in (("one", ""), ("two", f"\nkey = '{KEYS[1]}'\n")):
        (repository / f"{name}.txt").write_text(lines + tail)
        hooks.must(repository, "add", f"{name}.txt")
    one, two = (hooks.must(repository, "rev-parse", f":{name}.txt") for name in ("one", "two"))
    hooks.must(repository, "pack-objects", "-q", "--window=2", ".git/objects/pack/pack", text=f"{one}\n{two}\n")
    hooks.must(repository, "prune-packed", "-q")
    check.expect("one of them a delta", [path for path, _ in staged("delta")[1]], ["big.bin", "two.txt"])
    for name in ("big.bin", "one.txt", "two.txt"):
        hooks.must(repository, "update-index", "--force-remove", name)
    with zipfile.ZipFile(repository / "a.zip", "w") as archive:
        archive.writestr("zeros.bin", bytes(66 << 20))
        archive.writestr("inner/k.py", f"key = '{KEYS[0]}'\n")
    for name, before in (("a.zip", b""), ("program.bin", b"MZ" + bytes(5000))):
        (repository / name).write_bytes(before + (repository / "a.zip").read_bytes())
        hooks.must(repository, "add", name)
    check.expect("zips, one behind a program", [path for path, _ in staged("zip")[1]],
                 ["a.zip", "program.bin"])


def check_many_files(check, hooks):
    repository = hooks.new("many")
    stream = ["commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 3\nmany\n"]
    blob = "x = 1\n" * 10
    stream += [f"M 100644 inline d{i // 1000:03}/s{i // 50 % 20:02}/file{i:06}.c\ndata {len(blob) + 7}\n{i:06}\n{blob}\n"
               for i in range(100_000)]
    hooks.must(repository, "fast-import", "--quiet", text="".join(stream).replace("data 3\nmany", "data 5\nmany\n"))
    hooks.must(repository, "read-tree", "main")
    path = repository / "d042/s07"
    path.mkdir(parents=True)
    file = path / "file042350.c"
    file.write_text("".join(f"changed {i}\n" for i in range(9)) + f"key = '{KEYS[0]}'\n")
    hooks.must(repository, "add", file)
    begin = time.monotonic()
    code, text = hooks.run(hooks.merlon, "scan", "secrets", "--staged", at=repository)
    took = time.monotonic() - begin
    print(f"100,000 files: scan --staged of 10 lines {took * 1000:.0f} ms")
    check.expect("ten lines in 100,000 files", (code, "file042350.c" in text, "1 file read" in text), (1, True, True))
    for version in ("4", "2"):
        hooks.must(repository, "update-index", "--index-version", version)
        check.expect(f"and in an index of version {version}", hooks.run(
            hooks.merlon, "scan", "secrets", "--staged", at=repository)[0], 1)


def check_frameworks(check, hooks):
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    text = (root / ".pre-commit-hooks.yaml").read_text()
    check.expect("the framework's hooks call ours", [f"hook run {hook}" in text for hook in
                                                      ("pre-commit", "commit-msg", "pre-push")], [True] * 3)
    repository = hooks.committed("framework")
    hooks.must(repository, "remote", "add", "origin", "x")
    first = hooks.must(repository, "rev-parse", "HEAD")
    (repository / "k.py").write_text(f"{KEYS[0]}\n")
    hooks.must(repository, "add", "-A")
    hooks.must(repository, "commit", "-q", "--no-verify", "-m", "k")
    last = hooks.must(repository, "rev-parse", "HEAD")

    def push(**variables):
        return hooks.hook(repository, "run", "pre-push", text="", PRE_COMMIT="1", PRE_COMMIT_REMOTE_NAME="origin",
                          PRE_COMMIT_REMOTE_URL="x", **variables)[0]

    check.expect("a push as the pre-commit framework tells it", push(PRE_COMMIT_FROM_REF=first, PRE_COMMIT_TO_REF=last), 1)
    check.expect("of which the remote has all but the clean end", push(
        PRE_COMMIT_FROM_REF=last, PRE_COMMIT_TO_REF=last), 0)
    check.expect("the first push, which names no commits", push(
        PRE_COMMIT_LOCAL_BRANCH="refs/heads/main", PRE_COMMIT_REMOTE_BRANCH="refs/heads/main"), 1)
    check.expect("and one of what is not there", push(PRE_COMMIT_LOCAL_BRANCH="refs/heads/nowhere"), 2)
    check.expect("run by hand: what HEAD has", push(), 1)
    hooks.must(repository, "update-ref", "refs/remotes/origin/main", last)
    check.expect("and the remote has not", push(), 0)


def check_trust(check, hooks):
    if os.getuid() != 0:
        return
    repository = hooks.committed("strange")
    for folder in (repository, repository / ".git"):
        os.chown(folder, 12345, 12345)
    (repository / "k.py").write_text(f"{KEYS[0]}\n")
    hooks.run("git", "-c", f"safe.directory={repository}", "-C", repository, "add", "-A")
    scan = [hooks.merlon, "scan", "secrets", "--staged"]
    code, text = hooks.run(*scan, at=repository)
    check.expect("another user's repository is not read", (code, "--trust-repository" in text), (2, True))
    history = [hooks.merlon, "scan", "secrets", "--history", "--no-cache"]
    safe = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "Safe.Directory"}
    check.expect("nor its history", hooks.run(*history, at=repository)[0], 2)
    for name, more, variables in (
            ("with the flag", ["--trust-repository"], {}), ("for sudo's caller", [], {"SUDO_UID": "12345"}),
            ("by safe.directory", [], dict(safe, GIT_CONFIG_VALUE_0=str(repository))),
            ("below it", [], dict(safe, GIT_CONFIG_VALUE_0=f"{repository.parent}/*")),
            ("everywhere", [], dict(safe, GIT_CONFIG_VALUE_0="*"))):
        check.expect(f"trusted {name}", [hooks.run(*command, *more, at=repository, **variables)[0]
                                         for command in (history, scan)], [1, 1])
    (hooks.folder / "safe").write_text(f"[safe]\n\tdirectory = {repository}\n")
    file = {"GIT_CONFIG_GLOBAL": str(hooks.folder / "safe")}
    check.expect("by the user's file", hooks.run(*history, at=repository, **file)[0], 1)
    check.expect("but not of another folder", hooks.run(*history, at=repository, **safe, GIT_CONFIG_VALUE_0="/x")[0], 2)
    check.expect("nor where it is taken back", hooks.run(*history, at=repository, **file, **safe, GIT_CONFIG_VALUE_0="")[0], 2)
    check.expect("unless it is trusted", hooks.run(*scan, "--trust-repository", at=repository)[0] != 2, True)
    compat = [hooks.merlon, "compat", "gitleaks", "git", "--staged", "--exit-code", "0"]
    check.expect("the same in gitleaks's place", [hooks.run(*compat, *more, at=repository)[0]
                                                 for more in ([], ["--trust-repository"])], [2, 0])


def main():
    check = Check(None, full=False)
    with tempfile.TemporaryDirectory() as name:
        hooks = Hooks(os.path.abspath(sys.argv[1]), pathlib.Path(name))
        check_install(check, hooks)
        check_hooks_path(check, hooks)
        check_commits(check, hooks)
        check_rebase(check, hooks)
        check_worktree_and_submodule(check, hooks)
        check_receive(check, hooks, *check_push(check, hooks))
        check_other_address(check, hooks)
        check_lost(check, hooks)
        check_protection(check, hooks)
        check_true_objects(check, hooks)
        check_shallow(check, hooks)
        check_headers_and_excludes(check, hooks)
        check_frameworks(check, hooks)
        check_trust(check, hooks)
        check_many_files(check, hooks)
        check_streamed(check, hooks)
        check_large(check, hooks)
    print(f"{check.passed} passed, {check.failed} failed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
