#!/usr/bin/env python3
"""`merlon db update` from a Git repository behind git's own HTTP server: db_git_test.py MERLON [unittest arguments]"""

import json
import os
import pathlib
import subprocess
import sys
import unittest
import urllib.parse

import db_update_test
from db_update_test import Update, record


class GitHandler(db_update_test.Handler):
    """git http-backend (git-http-backend(1)) as a CGI program over one folder."""

    root = None
    asked_git = None
    breaks_packs = False

    def do_GET(self):
        self.serve_git(b"")

    def do_POST(self):
        self.serve_git(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def serve_git(self, body):
        self.close_connection = True
        url = urllib.parse.urlsplit(self.path)
        self.asked_git.append((self.command, self.path, body))
        if url.path.startswith("/moved/"):
            self.answer(302, fields=[("Location", self.path.replace("/moved/", "/"))])
            return
        environment = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(self.root), "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": url.path, "QUERY_STRING": url.query, "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, check=False, env=environment)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        status = 200
        fields = []
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            else:
                fields.append((name, value))
        if self.breaks_packs and b"PACK" in content:
            at = content.index(b"PACK") + 40
            content = content[:at] + bytes([content[at] ^ 1]) + content[at + 1:]
        self.answer(status, content, fields)


class Git(Update):
    def setUp(self):
        super().setUp()
        self.repositories = self.folder / "repositories"
        self.work = self.folder / "work"
        self.work.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit(range(30))
        self.git("clone", "--quiet", "--bare", ".", self.repositories / "a.git")
        self.asked = []
        self.server.shutdown()
        self.server.server_close()
        context = db_update_test.ssl.SSLContext(db_update_test.ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates / "server.pem", self.certificates / "server.key")
        self.handler = type("Handler", (GitHandler,), {
            "site": self.site, "root": self.repositories, "asked_git": self.asked})
        self.server = db_update_test.start(self.handler, context)
        self.address = f"https://localhost:{self.server.server_address[1]}"
        self.mirror = self.folder / "advisories.db.feeds" / "osv-1" / "a.git"

    def git(self, *words, cwd=None):
        done = subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *map(str, words)],
                              cwd=cwd or self.work, check=True, capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"], "HOME": str(self.folder)})
        return done.stdout.strip()

    def commit(self, numbers, branch="main"):
        for path in self.work.glob("*.json"):
            path.unlink()
        for number in numbers:
            # Texts that are much alike, so that the pack has deltas.
            text = json.dumps(record(number, details="the same words " * 40 + str(number)))
            (self.work / f"{number}.json").write_text(text)
        self.git("add", "-A")
        self.git("commit", "--quiet", "--message", "c")
        if (self.folder / "repositories").exists():
            self.git("push", "--quiet", "--force", self.repositories / "a.git", f"HEAD:refs/heads/{branch}")

    def fetched(self):
        """How many packs were asked for."""
        return sum(b"command=fetch" in body for _, _, body in self.asked)

    def pull(self, *words, code=0, source="osv=@/a.git"):
        return self.update(*words, code=code, source=source)

    def test_one_commit_is_fetched_and_the_next_one_only_where_it_differs(self):
        self.pull()
        self.assertEqual(self.records(), 30)
        done = self.pull()
        self.assertIn("unchanged", done.stdout)
        self.assertIn("nothing has changed", done.stdout)
        self.assertEqual(self.fetched(), 1)
        self.commit(range(33))
        done = self.pull()
        self.assertEqual(self.records(), 33)
        self.assertIn("3 records changed: a segment", done.stdout)
        self.assertEqual(self.fetched(), 2)
        packs = list((self.mirror / "objects" / "pack").glob("*.pack"))
        # All blobs, a tree and a commit; then three blobs, a tree and a commit. And git finds the mirror whole.
        self.assertEqual(sorted(int.from_bytes(pack.read_bytes()[8:12], "big") for pack in packs), [5, 32])
        self.git("fsck", "--strict", cwd=self.mirror)
        self.assertEqual(self.git("rev-list", "--count", "HEAD", cwd=self.mirror), "2")
        for pack in packs:
            expected = self.folder / "expected.idx"
            self.git("index-pack", "-o", expected, pack, cwd=self.mirror)
            self.assertEqual(pack.with_suffix(".idx").read_bytes(), expected.read_bytes())
            expected.unlink()

    def test_a_branch_or_a_tag_is_named_behind_the_address(self):
        self.commit(range(7), branch="other")
        self.git("tag", "v1")
        self.git("push", "--quiet", self.repositories / "a.git", "v1")
        self.pull(source="osv=@/a.git#other")
        self.assertEqual(self.records(), 7)
        self.pull("--force", source="osv=@/a.git#v1")
        self.assertEqual(self.records(), 7)
        done = self.pull(code=2, source="osv=git+@/a.git#none")
        self.assertIn("has no 'none'", done.stderr)

    def test_a_history_that_was_rewritten_is_fetched_all_the_same(self):
        self.pull()
        self.git("checkout", "--quiet", "--orphan", "anew")
        self.commit(range(5, 35))
        self.git("gc", "--quiet", "--prune=now", cwd=self.repositories / "a.git")
        self.pull()
        self.assertEqual(self.records(), 30)
        self.git("fsck", cwd=self.mirror)

    def test_a_redirect_is_gone_on_from(self):
        self.pull(source="osv=@/moved/a.git")
        self.assertEqual(self.records(), 30)
        self.assertEqual([path for command, path, _ in self.asked if command == "POST"], ["/a.git/git-upload-pack"] * 2)

    def test_a_damaged_pack_is_named_and_what_was_there_stays_in_use(self):
        self.handler.breaks_packs = True
        done = self.pull(code=2)
        self.assertIn("checksum is wrong", done.stderr)
        self.assertFalse(self.database.exists())
        self.handler.breaks_packs = False
        self.pull()
        self.handler.breaks_packs = True
        self.commit(range(40))
        done = self.pull(code=2)
        self.assertIn("what was fetched before stays in use", done.stderr)
        self.assertEqual(self.records(), 30)
        self.handler.breaks_packs = False
        self.pull()
        self.assertEqual(self.records(), 40)

    def test_what_is_no_repository_is_said(self):
        done = self.pull(code=2, source="osv=@/none.git")
        self.assertIn("404", done.stderr)
        self.pull()
        self.git("clone", "--quiet", "--bare", self.repositories / "a.git", self.folder / "local.git")
        done = self.pull("--offline")
        self.assertEqual(self.records(), 30)

    def test_a_bare_repository_on_the_disk_is_read_again_where_its_head_has_moved(self):
        source = f"osv={self.repositories / 'a.git'}"
        self.pull(source=source)
        self.assertIn("nothing has changed", self.pull(source=source).stdout)
        self.commit(range(31))
        self.assertIn("1 records changed: a segment", self.pull(source=source).stdout)
        self.assertEqual(self.records(), 31)


def load_tests(loader, _tests, _pattern):
    return loader.loadTestsFromNames([f"Git.{name}" for name in vars(Git) if name.startswith("test_")],
                                     sys.modules[__name__])


if __name__ == "__main__":
    db_update_test.MERLON = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
