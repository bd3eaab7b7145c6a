#!/usr/bin/env python3
"""Which files a scan reads, and what it may not do with them: files_test.py MERLON [unittest arguments]

Every secret is put together at run time and has never been valid.
"""

import csv
import io
import os
import resource
import signal
import subprocess
import sys
import time
import unittest

import merlon_test
from merlon_test import CommandLine, github_token

GIT = ("git", "-c", "user.name=t", "-c", "user.email=t@example.invalid")


class Tracked(CommandLine):
    """A .gitignore does not leave out what the repository tracks (gitignore, "Notes")."""

    def git(self, *words):
        subprocess.run([*GIT, "-C", self.tree, *words], check=True, capture_output=True, env=self.environment())

    def paths(self, *words, code=1, **options):
        return sorted(f["location"]["path"] for f in self.report(*words, code=code, **options)["findings"])

    def setUp(self):
        super().setUp()
        for seed, name in enumerate((".env", "build/deep/key.txt", "build/other.txt", "loose.env")):
            self.write(name, github_token(seed) + "\n")
        self.write(".gitignore", "*.env\n/build/\n")
        self.git("init", "-q")
        self.git("add", "-f", ".env", "build/deep/key.txt", ".gitignore")

    def test_what_was_added_by_force_is_scanned_and_its_neighbours_are_not(self):
        self.assertEqual(self.paths("."), [".env", "build/deep/key.txt"])
        self.assertEqual(self.paths("build"), ["build/deep/key.txt", "build/other.txt"])

    def test_a_merlonignore_leaves_it_out(self):
        self.write(".merlonignore", ".env\nkey.txt\n")
        self.assertEqual(self.paths(".", code=0), [])

    def test_a_repository_below_the_argument_has_its_own(self):
        self.assertEqual(self.paths("tree", cwd=self.folder), [".env", "build/deep/key.txt"])

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a file away")
    def test_a_checkout_of_another_user_is_scanned_as_ones_own(self):
        for folder, _, names in os.walk(self.tree):
            for path in (folder, *(os.path.join(folder, name) for name in names)):
                os.chown(path, 12345, 12345)
        self.assertEqual(self.paths("."), [".env", "build/deep/key.txt"])

    def test_an_index_that_cannot_be_read_is_a_gap(self):
        (self.tree / ".git" / "index").write_bytes(b"DIRC\0\0\0\2\0\0\0\7broken")
        report = self.report(".", code=2)
        self.assertIn("cannot tell which", " ".join(gap["detail"] for gap in report["coverage"]["gaps"]))

    def test_a_folder_that_only_looks_like_a_repository_tracks_nothing(self):
        (self.tree / ".git" / "index").unlink()
        self.assertEqual(self.paths(".", code=0), [])


class KeyStores(CommandLine):
    """A finding by path alone is bound to what the file holds."""

    def test_a_baseline_hides_the_same_store_under_another_name_and_no_other(self):
        (self.tree / "a.pfx").write_bytes(bytes(range(256)) * 12)
        self.scan(".", "--write-baseline", ".merlon/baseline.json")
        self.assertEqual(self.scan(".", "--baseline", ".merlon/baseline.json").returncode, 0)
        (self.tree / "a.pfx").rename(self.tree / "b.pfx")
        self.assertEqual(self.scan(".", "--baseline", ".merlon/baseline.json").returncode, 0)
        (self.tree / "b.pfx").write_bytes(bytes(range(255, -1, -1)) * 13)
        self.assertEqual(self.scan(".", "--baseline", ".merlon/baseline.json").returncode, 1)


class Limits(CommandLine):
    def limited(self, limit, size, *words):
        return self.scan(*words, preexec_fn=lambda: resource.setrlimit(limit, (size, size)))

    def test_a_report_above_the_limit_of_sizes_is_an_error_and_no_signal(self):
        self.write("a.txt", github_token() + "\n")
        done = self.limited(resource.RLIMIT_FSIZE, 100, ".", "-o", "json=r.json")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("r.json", done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "a user's limit of processes does not hold for root alone")
    def test_threads_that_cannot_be_made_are_done_without(self):
        self.write("a.txt", github_token() + "\n")
        self.folder.chmod(0o755)
        shell = f"ulimit -u 1; exec {merlon_test.MERLON} scan secrets . -j 4 --no-cache"
        done = subprocess.run(["setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups", "bash", "-c", shell],
                              cwd=self.tree, capture_output=True, text=True, check=False, env=self.environment())
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)

    def test_a_pipe_that_is_stopped_is_scanned_as_far_as_it_came(self):
        running = subprocess.Popen([merlon_test.MERLON, "scan", "secrets", "-"], cwd=self.tree, text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment())
        running.stdin.write(github_token() + "\n")
        running.stdin.flush()
        time.sleep(1)
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=30)
        self.assertEqual(running.returncode, 2)
        self.assertIn("github", out)

    def test_a_long_pipe_is_read_in_windows(self):
        text = "x" * 79 + "\n"
        text = text * ((70 << 20) // len(text)) + github_token() + "\n"
        report = self.report("-", code=1, input=text)
        self.assertEqual(len(report["findings"]), 1)
        self.assertEqual(report["findings"][0]["location"]["startLine"], text.count("\n"))


class Overlap(CommandLine):
    def test_a_file_that_two_arguments_hold_is_one(self):
        self.write("a/x.txt", github_token() + "\n")
        self.assertEqual(len(self.report("a", self.tree / "a", "a/x.txt", code=1)["findings"]), 1)

    def test_a_slash_at_the_end_makes_no_other_file_of_it(self):
        for seed, name in enumerate(("a/x.txt", "ax.txt")):
            self.write(name, github_token(seed) + "\n")
        for folder in ("a", "a/", "a//", "./a/."):
            self.assertEqual(len(self.report(folder, "ax.txt", code=1)["findings"]), 2, folder)
        self.assertEqual(len(self.report("a/", "a", code=1)["findings"]), 1)

    def test_a_current_folder_that_was_removed_is_a_gap(self):
        gone = self.tree / "gone"
        gone.mkdir()
        shell = f"cd {gone}; rmdir {gone}; exec {merlon_test.MERLON} scan secrets ."
        done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False, env=self.environment())
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)


class Reports(CommandLine):
    def test_csv_has_a_row_for_what_could_not_be_read(self):
        (self.tree / "broken.zip").write_bytes(b"PK\3\4" + bytes(200))
        done = self.scan(".", "-f", "csv")
        self.assertEqual(done.returncode, 2)
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertTrue(rows and rows[0]["rule"].startswith("gap/") and rows[0]["path"] == "broken.zip", done.stdout)

    def test_a_configuration_that_was_found_writes_below_its_folder_alone(self):
        (self.tree / "link").symlink_to(self.folder / "elsewhere")
        for path in ("../out.csv", str(self.folder / "out.csv"), "link", ".git/config"):
            self.write(".merlon.yaml", f"report: {{output: ['csv={path}']}}\n")
            done = self.scan(".")
            self.assertEqual(done.returncode, 2, path)
            self.assertIn(".merlon.yaml:1:", done.stderr)
            self.assertIn("--config", done.stderr)
        self.assertFalse((self.folder / "out.csv").exists() or (self.folder / "elsewhere").exists())
        self.write(".merlon.yaml", "report: {output: [csv=out.csv]}\n")
        self.assertEqual(self.scan(".").returncode, 0)
        self.write(".merlon.yaml", "report: {output: [csv=../out.csv]}\n")
        self.assertEqual(self.scan(".", "--config", ".merlon.yaml").returncode, 0)

    def test_a_rule_has_its_full_name_too(self):
        self.write("a.txt", f"{github_token()} # merlon:allow secrets/merlon-secrets/github-personal-access-token old\n")
        self.assertEqual(self.scan(".").returncode, 0)
        done = self.run_merlon("rules", "show", "secrets/merlon-secrets/github-personal-access-token")
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    merlon_test.MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
