#!/usr/bin/env python3
"""Runs gitleaks 8.30.1 and `merlon compat gitleaks git` over the same histories and compares the reports.

  history_parity.py --peer build/peers/bin/gitleaks [--config FILE] [--seed 1] [--repositories 10]
                    [--work-trees 20] [REPOSITORY …]

Named repositories are scanned as they are; they have to be complete (git rev-list --objects --all
--missing=print names nothing), because gitleaks passes over the rest of a history in silence where an
object is absent. The others are made from seeds: the histories of tests/git/history_fuzz.py (renames,
copies, modes, merges, odd names, every kind of text) with lines that look like secrets among them, and
each is also asked with several --log-opts and with --platform for remotes of every kind. Working trees with
staged and unstaged changes (work_trees.py) are asked with --staged, --pre-commit and `protect`. Compared are the rows as multisets over all JSON keys. The
last line is `N equal, N missing, N extra`; exit code 1 on any difference, and the seed is named. Where
gitleaks says on standard error that it gave up (any line that git writes there ends its scan, though its
exit code is 0), what we find beyond it is counted apart.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools/parity"))
sys.path.insert(0, str(ROOT / "tests/git"))
import compare  # noqa: E402
import history_fuzz  # noqa: E402
import work_trees  # noqa: E402

LOG_OPTIONS = ("HEAD", "--all --no-merges", "-n 5 HEAD", "--branches", "HEAD~3..HEAD", "--all --first-parent",
               "--all --reverse", "--all -- src", "--all --full-history -- src/deep docs/*", "-n 9 --all -- *.txt",
               "--all --author=A", "--all --author=nobody --author=a@ex.mple", "--no-merges HEAD -- a")
REMOTES = ("git@github.com:group/na.me.git", "https://user:word@gitlab.com/group/sub/name.git",
           "ssh://git@codeberg.org:22/group/name", "https://dev.azure.com/org/project/_git/name",
           "git@bitbucket.org:7999/group/name.git", "https://code.example.org/a b/name.git", "../else/where",
           "https://GitHub.com/Group/Name/", "git@github.com:~odd/name.git", None)
PLATFORMS = ("", "github", "gitlab", "azuredevops", "gitea", "BitBucket", "none", "unknown")


class SecretTexts(history_fuzz.Texts):
    """Texts with lines among them that rules look at. No line is a whole token of any provider."""

    def words(self):
        words = super().words()
        letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        for _ in range(self.random.choice([0, 1, 3])):
            token = "".join(self.random.choice(letters) for _ in range(self.random.choice([16, 24, 40])))
            name = self.random.choice(["api_key", "secret", "password", "auth-token", "client.key"])
            before = self.random.choice(["", "  ", "\t", "x: "])
            line = f'{before}{name} {self.random.choice("=:")} "{token}"'
            if self.random.random() < 0.1:
                line += "  # gitleaks:allow"
            words.append(line.encode())
        return words


def run(command, report):
    begin = time.monotonic()
    environment = dict(os.environ, **history_fuzz.QUIET, TZ="UTC")
    result = subprocess.run([*command, "-f", "json", "-r", report, "--exit-code", "0", "-l", "error"],
                            capture_output=True, env=environment)
    return result, time.monotonic() - begin


class Parity:
    def __init__(self, options):
        self.options = options
        self.equal = self.missing = self.extra = self.beyond = self.runs = 0

    def compare(self, name, repository, *words, command="git"):
        """Counts, prints what differs, and returns the peer's rows."""
        at = ["-s", str(repository)] if command in ("protect", "detect") else [str(repository)]
        rows, seconds, gave_up = [], [], False
        with tempfile.TemporaryDirectory() as folder:
            for program, front in ((self.options.peer, [command]),
                                   (self.options.merlon, ["compat", "gitleaks", command])):
                report = os.path.join(folder, "report.json")
                line = [program, *front, *at, *words]
                if program == self.options.peer:
                    line.append("--no-banner")
                if self.options.config:
                    line += ["-c", self.options.config]
                result, took = run(line, report)
                seconds.append(took)
                if program == self.options.peer:
                    gave_up = b"stderr is not empty" in result.stderr
                data = pathlib.Path(report).read_bytes() if os.path.exists(report) else None
                if data is None or (program == self.options.merlon and result.returncode != 0):
                    print(f"FAILED {name} {words}: exit {result.returncode}: {result.stderr.decode()[-300:]}")
                    self.extra += 1
                    return {}
                os.remove(report)
                rows.append(compare.rows_of("json", data))
        equal, missing, extra = compare.difference(*rows)
        self.runs += 1
        self.equal += equal
        self.missing += sum(missing.values())
        if gave_up:
            self.beyond += sum(extra.values())
            extra.clear()
        self.extra += sum(extra.values())
        for label, different in (("missing", missing), ("extra", extra)):
            for row in list(different)[: self.options.show]:
                print(f"{name} {' '.join(words)}: {label}: {row[:600]}")
        if self.options.repository or self.options.verbose:
            print(f"{name} {' '.join(words)}: {equal} equal, {sum(missing.values())} missing, {sum(extra.values())} extra; "
                  f"gitleaks {seconds[0]:.2f} s, merlon {seconds[1]:.2f} s", flush=True)
        return rows[0]

    def compare_ignored(self, name, repository, rows):
        """The same with some of the findings ignored: in their commit, or in all."""
        prints = sorted({json.loads(row)["Fingerprint"] for row in rows})
        whole, part = prints[::3], [entry.split(":", 1)[1] for entry in prints[1::3] if entry.count(":") == 3]
        (repository / ".gitleaksignore").write_text("\n".join(["# some", *whole, *part]) + "\n")
        self.compare(f"{name}, some ignored", repository)
        (repository / ".gitleaksignore").unlink()

    def compare_seed(self, seed):
        with tempfile.TemporaryDirectory() as folder:
            repository = pathlib.Path(folder) / "repository"
            history_fuzz.build(seed, repository)
            remote = REMOTES[seed % len(REMOTES)]
            if remote:
                history_fuzz.git(repository, "remote", "add", "origin", remote)
            rows = self.compare(f"seed {seed}", repository)
            self.compare_ignored(f"seed {seed}", repository, rows)
            self.compare(f"seed {seed}", repository, f"--platform={PLATFORMS[seed % len(PLATFORMS)]}",
                         "--log-opts=--all -n 4 --no-merges")
            for option in (LOG_OPTIONS[seed % len(LOG_OPTIONS)], LOG_OPTIONS[(seed + 7) % len(LOG_OPTIONS)]):
                # Some of these repositories have no commit at HEAD, or none so far back.
                if "HEAD" in option and subprocess.run(
                        ["git", "-C", str(repository), "rev-parse", "-q", "--verify", "HEAD~3"],
                        capture_output=True, env=dict(os.environ, **history_fuzz.QUIET)).returncode != 0:
                    option = "--all -n 7"
                self.compare(f"seed {seed}", repository, f"--log-opts={option}")

    def compare_work_tree(self, seed):
        with tempfile.TemporaryDirectory() as folder:
            repository = pathlib.Path(folder) / "repository"
            work_trees.build(seed, repository)
            name = f"work tree {seed}"
            self.options.config = os.path.join(folder, "rules.toml")
            pathlib.Path(self.options.config).write_text(work_trees.RULES)
            self.compare(name, repository, "--staged")
            self.compare(name, repository, "--pre-commit")
            self.compare(name, repository, *(["--staged"] if seed % 2 else []), command="protect")
            if (repository / "src").is_dir():
                self.compare(f"{name}/src", repository / "src", "--staged" if seed % 2 else "--pre-commit")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", default=str(ROOT / "build/peers/bin/gitleaks"))
    parser.add_argument("--merlon", default=str(ROOT / "build/release/merlon"))
    parser.add_argument("--config")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repositories", type=int, default=10)
    parser.add_argument("--work-trees", type=int, default=20)
    parser.add_argument("--verbose", action="store_true", help="a line for each run")
    parser.add_argument("--show", type=int, default=2, help="differences to print for each run")
    parser.add_argument("repository", nargs="*")
    parity = Parity(parser.parse_args())
    for repository in parity.options.repository:
        path = pathlib.Path(repository)
        parity.compare(path.parent.name if path.name == "repo" else path.name, path)
    if not parity.options.repository:
        history_fuzz.Texts = SecretTexts
        for seed in range(parity.options.seed, parity.options.seed + parity.options.repositories):
            parity.compare_seed(seed)
        for seed in range(parity.options.seed, parity.options.seed + parity.options.work_trees):
            parity.compare_work_tree(seed)
    print(f"{parity.runs} runs: {parity.equal} equal, {parity.missing} missing, {parity.extra} extra; "
          f"{parity.beyond} beyond where gitleaks gave up")
    return 1 if parity.missing or parity.extra or not parity.runs else 0


if __name__ == "__main__":
    sys.exit(main())
