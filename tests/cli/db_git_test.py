#!/usr/bin/env python3
"""`merlon db update` from a Git repository behind git's own HTTP server: db_git_test.py MERLON [unittest arguments]"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import urllib.parse

import db_update_test
from db_update_test import Update, record


def packets(content):
    """gitprotocol-common, "pkt-line Format"."""
    while content:
        length = max(int(content[:4], 16), 4)
        yield content[:length]
        content = content[length:]


class GitHandler(db_update_test.Handler):
    """git http-backend (git-http-backend(1)) as a CGI program over one folder."""

    root = None
    asked_git = None
    breaks_packs = False
    pack = None  # in place of what git sends
    fails = False  # fetches alone
    old = False  # as Git 2.18 to 2.27: neither agent nor object-format are advertised
    wants_credentials = False

    def do_GET(self):
        self.serve_git(b"")

    def do_POST(self):
        self.serve_git(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def serve_git(self, body):
        self.close_connection = True
        url = urllib.parse.urlsplit(self.path)
        self.asked_git.append((self.command, self.path, body))
        if self.wants_credentials and not self.headers.get("Authorization", "").startswith("Basic "):
            self.answer(401)
            return
        if self.fails and b"command=fetch" in body:
            self.answer(500)
            return
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
        if self.old and self.command == "GET":
            content = b"".join(line for line in packets(content) if line[4:10] not in (b"agent=", b"object"))
        if self.pack is not None and b"PACK" in content:
            content = b"000dpackfile\n" + b"%04x\1" % (len(self.pack) + 5) + self.pack + b"0000"
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

    @property
    def mirror(self):
        return next((self.folder / "advisories.db.feeds" / "files").glob("*-a.git"))

    def packs(self):
        return sorted((self.mirror / "objects" / "pack").glob("*.pack"))

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
        # All blobs, a tree and a commit; then three blobs, a tree and a commit, with what they are built on.
        counts = sorted(int.from_bytes(pack.read_bytes()[8:12], "big") for pack in self.packs())
        self.assertEqual(counts[1], 32)
        self.assertIn(counts[0], range(5, 12))
        self.sound()
        self.assertEqual(self.git("rev-list", "--count", "HEAD", cwd=self.mirror), "1")

    def sound(self):
        """Git finds the mirror whole, and makes the same indexes of its packs."""
        self.git("fsck", "--strict", cwd=self.mirror)
        for pack in self.packs():
            expected = self.folder / "expected.idx"
            self.git("index-pack", "-o", expected, pack, cwd=self.mirror)
            self.assertEqual(pack.with_suffix(".idx").read_bytes(), expected.read_bytes())
            self.assertEqual(pack.stem, "pack-" + pack.read_bytes()[-20:].hex())
            expected.unlink()
        names = {path.name for path in self.mirror.iterdir()}
        self.assertEqual(names - {"next"}, {"HEAD", "config", "objects", "refs", "shallow"})
        self.assertEqual([path for path in (self.mirror / "next").rglob("*") if path.is_file()], [])

    def test_a_merge_brings_no_history(self):
        self.pull()
        self.git("checkout", "--quiet", "-b", "side", "HEAD")
        for number in range(50):
            (self.work / "notes.txt").write_text(os.urandom(2000).hex())
            self.git("add", "-A")
            self.git("commit", "--quiet", "--message", f"side {number}")
        (self.work / "notes.txt").unlink()
        self.git("commit", "--quiet", "--all", "--message", "the last one of the side")
        self.git("checkout", "--quiet", "main")
        self.commit(range(31))
        self.git("merge", "--quiet", "--no-ff", "--message", "m", "side")
        self.git("push", "--quiet", self.repositories / "a.git", "main")
        done = self.pull()
        self.assertEqual(self.records(), 31)
        received = int(re.search(r"osv-1 +\w+ (\d+) bytes", done.stdout).group(1))
        self.assertLess(received, 10_000)
        self.assertEqual(len(self.packs()), 2)
        self.sound()

    def test_a_branch_that_goes_back_and_forth_loses_nothing(self):
        first = self.git("rev-parse", "HEAD")
        self.pull()
        self.commit(range(33))
        self.pull()
        # What the older commit has is here in part; whatever the server sends, HEAD is whole after it.
        for commit, count in ((first, 30), ("main", 33), (first, 30), ("main", 33)):
            self.git("push", "--quiet", "--force", self.repositories / "a.git", f"{commit}:refs/heads/main")
            self.pull("--force")
            self.assertEqual(self.records(), count)
            self.sound()

    def test_a_pack_that_lacks_objects_takes_no_place(self):
        self.pull()
        self.commit(range(40))
        head = self.git("rev-parse", "HEAD")
        # A pack without objects, as whole as it can be.
        empty = b"PACK" + (2).to_bytes(4, "big") + bytes(4)
        self.handler.pack = empty + hashlib.sha1(empty).digest()
        done = self.pull(code=2)
        self.assertIn(f"reading commit {head}", done.stderr)
        self.assertIn(f"{self.address}/a.git", done.stderr)
        self.assertEqual(self.records(), 30)
        self.sound_but_broken()
        self.handler.pack = None
        self.pull()
        self.assertEqual(self.records(), 40)
        self.sound()

    def sound_but_broken(self):
        (self.mirror / "broken").unlink()
        self.sound()

    def test_a_copy_that_has_lost_or_changed_files_is_fetched_anew(self):
        self.pull()
        def cut(pack):
            pack.write_bytes(pack.read_bytes()[:-30])
        for spoil in (lambda pack: pack.unlink(), lambda pack: pack.with_suffix(".idx").unlink(), cut):
            pack, = self.packs()
            pack.chmod(0o644)
            spoil(pack)
            self.pull()
            self.assertEqual(self.records(), 30)
            self.sound()

    def test_a_head_that_cannot_be_read_is_not_unchanged(self):
        self.pull()
        pack, = self.packs()
        commit = self.git("rev-parse", "HEAD")
        at = int(next(line for line in self.git("verify-pack", "-v", pack).splitlines()
                      if line.startswith(commit)).split()[4])
        content = bytearray(pack.read_bytes())
        content[at + 12] ^= 0xff
        pack.chmod(0o644)
        pack.write_bytes(content)
        done = self.pull(code=2)
        self.assertIn(f"the copy of commit {commit} cannot be read", done.stderr)
        self.assertEqual(self.records(), 30)  # of a mirror that cannot be read, what there is stays
        self.pull()
        self.assertEqual(self.records(), 30)
        self.sound()

    def test_a_mirror_that_cannot_be_read_does_not_end_the_update_of_others(self):
        self.site.documents["/other.zip"] = db_update_test.packed(record(n, prefix="GO") for n in range(40))
        other = db_update_test.start(type("Other", (db_update_test.Handler,), {"site": self.site}))
        try:
            both = ["--source", f"osv=http://localhost:{other.server_address[1]}/other.zip"]
            self.pull(*both)
            self.assertEqual(self.records(), 70)
            (self.mirror / "HEAD").unlink()
            self.site.documents["/other.zip"] = db_update_test.packed(record(n, prefix="GO") for n in range(45))
            done = self.pull(*both, "--offline", code=2)
            self.assertIn("a.git", done.stderr)
            self.pull(*both, "--only", "osv-2", code=2)
            self.assertEqual(self.records(), 75)
        finally:
            other.shutdown()
            other.server_close()

    def test_what_was_fetched_stays_until_something_newer_is_here(self):
        self.pull()
        self.commit(range(35))
        # Fetched, and ended before anybody looked into it.
        head = self.git("rev-parse", "HEAD")
        self.git("pack-objects", "--all", "--quiet", self.folder / "all", cwd=self.repositories / "a.git")
        pack = next(self.folder.glob("all-*.pack"))
        shutil.copy(pack, self.mirror / f"incoming-{head}")
        (self.mirror / "fetched").write_text(f"{head}\nwhole\nincoming-{head}\n")
        (self.mirror / "incoming-leftover").write_text("x")
        (self.mirror / "objects" / "pack" / "pack-1.pack.x8jd2k").write_text("x")
        self.commit(range(36))
        self.handler.fails = True
        done = self.pull(code=2)
        self.assertIn("500", done.stderr)
        self.assertEqual(self.records(), 35)
        self.handler.fails = False
        self.pull()
        self.assertEqual(self.records(), 36)
        self.sound()

    def test_servers_are_told_only_what_they_say_they_take(self):
        self.handler.old = True
        self.pull()
        self.commit(range(31))
        self.pull()
        self.assertEqual(self.records(), 31)
        self.assertEqual([body for _, _, body in self.asked if b"agent=" in body or b"object-format" in body], [])

    def test_credentials_stay_where_a_redirect_does_not_leave_the_host(self):
        self.handler.wants_credentials = True
        source = self.address.replace("https://", f"https://{db_update_test.CREDENTIALS}@")
        self.update("--source", f"osv={source}/moved/a.git", source=None)
        self.assertEqual(self.records(), 30)
        self.assertIn("401", self.pull(code=2, source="osv=@/a.git").stderr)

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
