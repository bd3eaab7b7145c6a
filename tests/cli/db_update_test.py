#!/usr/bin/env python3
"""`merlon db update` against a real server and a real proxy on loopback: db_update_test.py MERLON [unittest arguments]

The test makes its own certificate authority; nothing of it leaves the machine.
"""

import base64
import gzip
import http.server
import io
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zipfile

MERLON = None
CREDENTIALS = "me:p%40ss"


def record(number, prefix="GHSA", **more):
    return {"id": f"{prefix}-{number:04}", "modified": "2025-01-01T00:00:00Z", "affected": [
        {"package": {"ecosystem": "npm", "name": f"package-{number}"},
         "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": f"1.{number}.0"}]}]}], **more}


def packed(records):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in records:
            archive.writestr(zipfile.ZipInfo(f"{entry['id']}.json"), json.dumps(entry))
    return out.getvalue()


class Site:
    """Documents by path, how they are served, and what was asked."""

    def __init__(self):
        self.documents = {}   # path: bytes
        self.redirects = {}   # path: address
        self.cut_after = {}   # path: [bytes after which each of the next answers ends]
        self.busy = {}        # path: how many answers are 503
        self.hangs = set()    # paths that are never answered
        self.compressed = set()
        self.asked = []       # (path, header fields)

    def etag(self, path):
        return f'"{hash(self.documents[path]) & 0xffffffff:x}"'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site = None

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", fields=()):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cuts = self.site.cut_after.get(self.path)
        if cuts and body:
            self.wfile.write(body[:cuts.pop(0)])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.wfile.write(body)

    def do_GET(self):
        site, path = self.site, self.path
        site.asked.append((path, {name.lower(): value for name, value in self.headers.items()}))
        self.close_connection = True
        if path in site.hangs:
            time.sleep(30)
            return
        if site.busy.get(path, 0) > 0:
            site.busy[path] -= 1
            self.answer(503)
        elif path in site.redirects:
            self.answer(302, fields=[("Location", site.redirects[path])])
        elif path not in site.documents:
            self.answer(404, b"there is nothing here")
        else:
            self.serve(site.documents[path], site.etag(path))

    def serve(self, body, etag):
        fields = [("ETag", etag)]
        if self.headers.get("If-None-Match") == etag:
            self.answer(304, fields=fields)
            return
        if self.path in self.site.compressed and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            fields.append(("Content-Encoding", "gzip"))
        span = self.headers.get("Range")
        if span and self.headers.get("If-Range") == etag:
            first = int(span.removeprefix("bytes=").removesuffix("-"))
            if first >= len(body):
                self.answer(416, fields=[("Content-Range", f"bytes */{len(body)}")])
                return
            fields.append(("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}"))
            self.answer(206, body[first:], fields)
            return
        self.answer(200, body, fields)


class Proxy(http.server.BaseHTTPRequestHandler):
    """CONNECT to anywhere for who has the credentials; the names it was asked for are kept."""

    asked = None

    def log_message(self, *_):
        pass

    def do_CONNECT(self):
        expected = "Basic " + base64.b64encode(b"me:p@ss").decode()
        self.asked.append(self.path)
        if self.headers.get("Proxy-Authorization") != expected:
            self.send_response(407)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        port = int(self.path.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as target:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            while True:
                ready, _, _ = select.select([self.connection, target], [], [], 20)
                if not ready:
                    return
                for source in ready:
                    data = source.recv(65536)
                    if not data:
                        return
                    (target if source is self.connection else self.connection).sendall(data)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # that a client does not believe the certificate is what some tests are about


def start(handler, context=None):
    server = Server(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server


def make_certificates(folder):
    """An authority, and a certificate of it for localhost; and another authority that signed nothing."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN=test {name}")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "server.key",
            "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost,DNS:feeds.example\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
            "2", "-out", "server.pem", "-extfile", "names")


class Update(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = pathlib.Path(tempfile.mkdtemp(prefix="merlon-ca-"))
        make_certificates(cls.certificates)
        cls.ca = cls.certificates / "ca.pem"

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.certificates)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="merlon-update-"))
        self.database = self.folder / "advisories.db"
        self.site = Site()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates / "server.pem", self.certificates / "server.key")
        self.server = start(type("SiteHandler", (Handler,), {"site": self.site}), context)
        self.port = self.server.server_address[1]
        self.address = f"https://localhost:{self.port}"
        self.site.documents["/all.zip"] = packed(record(n) for n in range(40))

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.folder)

    def environment(self, **more):
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), **more}

    def words(self, *words, source="osv=@/all.zip", ca="--ca-file"):
        trust = [ca, str(self.ca)] if ca else []
        sources = ["--source", source.replace("@", self.address)] if source else []
        return [MERLON, "db", "update", "--database", str(self.database), *trust, *sources, *map(str, words)]

    def update(self, *words, code=0, source="osv=@/all.zip", ca="--ca-file", **environment):
        done = subprocess.run(self.words(*words, source=source, ca=ca), capture_output=True, text=True, check=False,
                              timeout=120, env=self.environment(**environment))
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def records(self):
        done = subprocess.run([MERLON, "db", "info", "--database", str(self.database), "--format", "json"],
                              capture_output=True, text=True, check=True, env=self.environment())
        return json.loads(done.stdout)["records"]

    def test_what_is_fetched_is_built_and_an_unchanged_feed_costs_one_request(self):
        self.update()
        self.assertEqual(self.records(), 40)
        done = self.update()
        self.assertIn("unchanged", done.stdout)
        self.assertIn("nothing has changed", done.stdout)
        self.assertEqual(len(self.site.asked), 2)
        self.assertEqual(self.site.asked[1][1]["if-none-match"], self.site.etag("/all.zip"))
        verified = subprocess.run([MERLON, "db", "verify", "--database", str(self.database)], capture_output=True,
                                  check=False, env=self.environment())
        self.assertEqual(verified.returncode, 0)
        self.site.documents["/all.zip"] = packed(record(n) for n in range(41))
        self.update()
        self.assertEqual(self.records(), 41)

    def stored(self, name):
        return next((self.folder / "advisories.db.feeds" / "files").glob(f"*-{name}"))

    def test_two_addresses_never_share_a_file(self):
        self.site.documents["/b/all.zip"] = packed(record(n, prefix="GO") for n in range(40))
        feeds = self.folder / "feeds.toml"
        first, second = f"{self.address}/all.zip", f"{self.address}/b/all.zip"
        for addresses, count in (([first], 40), ([second, first], 80), ([second], 40)):
            feeds.write_text(f'[[feed]]\nname = "own"\nkind = "osv"\naddress = {json.dumps(addresses)}\n')
            self.update("--feeds", feeds, "--force", source=None)
            self.assertEqual(self.records(), count)
        self.assertIn("GO-0001", self.merlon("db", "export", "--database", self.database))

    def test_a_stored_file_that_is_gone_is_fetched_again_and_its_records_stay_till_then(self):
        self.update()
        self.stored("all.zip").unlink()
        done = self.update("--offline", code=2)
        self.assertIn("all.zip", done.stderr)
        self.assertEqual(self.records(), 40)
        self.update()
        self.assertEqual(self.records(), 40)
        self.assertNotIn("if-none-match", self.site.asked[-1][1])
        self.assertIn("unchanged", self.update().stdout)

    def test_a_damaged_database_is_built_anew(self):
        self.site.documents["/all.zip"] = packed(record(n, details=f"{n} " * 200) for n in range(400))
        self.update()
        damaged = bytearray(self.database.read_bytes())
        damaged[len(damaged) * 2 // 3] ^= 1
        for changed in (False, True):
            status = self.database.stat()
            self.database.write_bytes(damaged)
            os.utime(self.database, ns=(status.st_atime_ns, status.st_mtime_ns))
            self.merlon("db", "verify", "--database", self.database, code=2)
            if changed:
                self.site.documents["/all.zip"] = packed(record(n, details=f"{n} " * 200) for n in range(399))
            self.update()
            self.merlon("db", "verify", "--database", self.database)
            self.assertEqual(self.records(), 399 if changed else 400)

    def age(self, offset, value):
        """Writes a number into the header of the database, as another version of Merlon would have it."""
        aged = bytearray(self.database.read_bytes())
        aged[offset:offset + 4] = value.to_bytes(4, "little")
        self.database.write_bytes(aged)

    def test_a_database_of_another_version_is_built_anew_and_its_feeds_may_not_shrink(self):
        self.update()
        for offset in (8, 16):  # the format's version; that of version keys
            self.age(offset, 2)
            self.merlon("db", "info", "--database", self.database, code=2)
            done = self.update()
            self.assertIn("another version of Merlon wrote it; it is built anew\n", done.stdout)
            self.assertEqual(self.records(), 40)
        self.age(8, 2)
        self.site.documents["/all.zip"] = packed(record(n) for n in range(19))
        self.assertIn("19 records, before 40", self.update(code=2).stderr)
        self.update("--force")
        self.assertEqual(self.records(), 19)

    def test_a_database_of_another_version_that_nothing_is_known_of_is_built_anew_and_that_is_told(self):
        self.update()
        self.age(8, 2)
        shutil.rmtree(self.folder / "advisories.db.feeds" / "blocks")
        self.assertIn("whether a feed has shrunk since cannot be told", self.update().stdout)
        self.assertEqual(self.records(), 40)

    def test_another_programs_file_is_not_replaced(self):
        self.database.write_bytes(b"something else" * 1000)
        self.assertIn("--force replaces it", self.update(code=2).stderr)
        self.assertTrue(self.database.read_bytes().startswith(b"something else"))

    def test_files_that_no_feed_owns_any_more_are_removed_and_no_others(self):
        self.update()
        feeds = self.folder / "advisories.db.feeds"
        state = json.loads((feeds / "state.json").read_text())
        self.stored("all.zip").rename(feeds / "moved")
        (feeds / "osv").mkdir()
        (feeds / "moved").rename(feeds / "osv" / "all.zip")
        (feeds / "osv" / "mine.txt").write_text("not merlon's")
        state["files"][0]["file"] = "osv/all.zip"
        state["files"].append({"address": "https://localhost/x", "file": "../../kept.zip", "digest": "sha256:0"})
        (feeds / "state.json").write_text(json.dumps(state))
        for name in ("0123456789abcdef-old.zip", "0123456789abcdef-old.zip.part", "mine.zip"):
            (feeds / "files" / name).write_text("x")
        done = self.update()
        self.assertIn("removed osv/all.zip: no feed is stored there any more", done.stdout)
        self.assertIn("removed files/0123456789abcdef-old.zip", done.stdout)
        self.assertEqual(sorted(str(path.relative_to(feeds)) for path in feeds.glob("*/*") if "blocks" not in path.parts),
                         sorted(["files/mine.zip", "osv/mine.txt", f"files/{self.stored('all.zip').name}"]))
        self.assertNotIn("removed", self.update().stdout)

    def merlon(self, *words, code=0):
        done = subprocess.run([MERLON, *map(str, words)], capture_output=True, text=True, check=False, timeout=120,
                              env=self.environment())
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def test_what_has_changed_of_one_source_is_a_segment_and_says_what_a_build_says(self):
        self.site.documents["/other.zip"] = packed(record(n, prefix="GO") for n in range(40))
        both = ["--source", f"osv={self.address}/other.zip"]
        self.update(*both)
        base = self.database.read_bytes()
        self.site.documents["/other.zip"] = packed(
            [record(n, prefix="GO", aliases=[f"GHSA-{n:04}"] if n == 3 else []) for n in range(1, 42)])
        done = self.update(*both)
        self.assertIn("1 of 2 sources read, 4 records changed: a segment", done.stdout)
        self.assertTrue(self.database.read_bytes().startswith(base))
        self.assertIn("segment 1:", self.merlon("db", "info", "--database", self.database))
        info = json.loads(self.merlon("db", "info", "--database", self.database, "--format", "json"))
        # The alias brings a record of the other source into the segment.
        self.assertEqual([(s["records"], s["hidden"]) for s in info["segments"]], [(80, 0), (4, 3)])
        self.merlon("db", "verify", "--database", self.database)
        segmented = self.merlon("db", "export", "--database", self.database)
        appended = self.folder / "appended.db"
        appended.write_bytes(self.database.read_bytes())
        self.assertIn("2 of 2 sources read", self.update(*both, "--compact").stdout)
        self.assertEqual(self.merlon("db", "export", "--database", self.database), segmented)
        self.assertEqual(self.merlon("db", "diff", appended, self.database), "")
        self.assertEqual(len(json.loads(self.merlon("db", "info", "--database", self.database, "--format",
                                                    "json"))["segments"]), 1)
        # A flipped bit in the segment alone.
        damaged = bytearray(appended.read_bytes())
        damaged[len(base) + 5000] ^= 1
        appended.write_bytes(damaged)
        self.merlon("db", "verify", "--database", appended, code=2)

    def test_the_same_records_give_the_database_of_db_build(self):
        self.update(SOURCE_DATE_EPOCH="1767225600")
        fetched = self.database.read_bytes()
        (self.folder / "all.zip").write_bytes(self.site.documents["/all.zip"])
        subprocess.run([MERLON, "db", "build", "--database", str(self.database), "--osv",
                        str(self.folder / "all.zip")], check=True, capture_output=True,
                       env=self.environment(SOURCE_DATE_EPOCH="1767225600"))
        self.assertEqual(self.database.read_bytes(), fetched)

    def test_a_signed_database_stays_signed_when_nothing_changes(self):
        key = self.folder / "key"
        key.write_text("02" * 32)
        for _ in range(2):
            self.update("--sign-key", key)
            done = subprocess.run([MERLON, "db", "verify", "--database", str(self.database)], capture_output=True,
                                  text=True, check=False, env=self.environment())
            self.assertIn("the signature is right", done.stdout)
        self.assertIn("not signed", self.update().stdout)

    def test_only_who_is_believed_is_asked(self):
        for words, more in ((["--ca-file", self.certificates / "other.pem"], {}),
                            ([], {"SSL_CERT_FILE": str(self.certificates / "other.pem")})):
            done = self.update(*words, code=2, ca=None, **more)
            self.assertIn("the certificate is not believed to be that of localhost", done.stderr)
            self.assertIn("--ca-file", done.stderr)
        self.assertFalse(self.database.exists())
        wrong_name = f"osv=https://127.0.0.1:{self.port}/all.zip"
        self.assertIn("IP address mismatch", self.update(code=2, source=wrong_name).stderr)
        self.assertEqual(self.site.asked, [])
        self.update(ca=None, SSL_CERT_FILE=str(self.ca))
        self.assertEqual(self.records(), 40)

    def test_a_cut_download_is_gone_on_with(self):
        size = len(self.site.documents["/all.zip"])
        self.site.cut_after["/all.zip"] = [size // 2, size // 4]
        self.update()
        self.assertEqual(self.records(), 40)
        self.assertEqual([fields.get("range") for _, fields in self.site.asked],
                         [None, f"bytes={size // 2}-", f"bytes={size // 2 + size // 4}-"])

    def test_a_download_that_was_ended_is_gone_on_with_by_the_next_run(self):
        size = len(self.site.documents["/all.zip"])
        self.site.cut_after["/all.zip"] = [100] * 5
        done = self.update(code=2)
        self.assertRegex(done.stderr, "cut off|too early")
        self.assertFalse(self.database.exists())
        done = self.update()
        self.assertIn("gone on from 500", done.stdout)
        self.assertEqual(self.site.asked[-1][1]["range"], "bytes=500-")
        self.assertEqual(self.records(), 40)
        self.assertLess(500, size)

    def test_a_document_that_changed_meanwhile_is_fetched_anew(self):
        self.site.cut_after["/all.zip"] = [100] * 5
        self.update(code=2)
        self.site.documents["/all.zip"] = packed(record(n) for n in range(30))
        self.update()
        self.assertEqual(self.records(), 30)

    def test_a_compressed_answer_is_unpacked_also_when_it_was_cut(self):
        tracker = {"curl": {f"CVE-2025-{n}": {"releases": {"bookworm": {"status": "open", "urgency": "low"}}}
                            for n in range(200)}}
        self.site.documents["/tracker.json"] = json.dumps(tracker).encode()
        self.site.compressed.add("/tracker.json")
        self.site.cut_after["/tracker.json"] = [200]
        self.update(source="debian-tracker=@/tracker.json")
        self.assertEqual(self.records(), 200)
        self.assertEqual(self.site.asked[1][1]["range"], "bytes=200-")

    def test_a_missing_document_is_named_and_the_others_are_built(self):
        done = self.update("--source", f"kev={self.address}/none.json", code=2)
        self.assertIn("404", done.stderr)
        self.assertIn("/none.json", done.stderr)
        self.assertEqual(self.records(), 40)
        del self.site.documents["/all.zip"]
        done = self.update(code=2)
        self.assertIn("what was fetched before stays in use", done.stderr)
        self.assertEqual(self.records(), 40)

    def test_redirects_are_followed_but_never_in_circles_nor_to_plain_http(self):
        self.site.redirects["/moved"] = "/all.zip"
        self.update(source="osv=@/moved")
        self.assertEqual(self.records(), 40)
        self.site.redirects["/circle"] = "/circle"
        self.assertIn("more than 10 redirects", self.update(code=2, source="osv=@/circle").stderr)
        self.site.redirects["/plain"] = "http://localhost:9/all.zip"
        self.assertIn("not encrypted", self.update(code=2, source="osv=@/plain").stderr)

    def test_a_zip_that_the_server_itself_cut_takes_no_place(self):
        self.update()
        whole = packed(record(n) for n in range(60))
        self.site.documents["/all.zip"] = whole[:len(whole) // 2]
        done = self.update(code=2)
        self.assertIn("cut short", done.stderr)
        self.assertIn("what was fetched before stays in use", done.stderr)
        self.assertEqual(self.records(), 40)
        self.update(code=2)  # asked for anew, and not taken for what is known
        self.site.documents["/all.zip"] = whole
        self.update()
        self.assertEqual(self.records(), 60)

    def test_a_busy_server_is_asked_again(self):
        self.site.busy["/all.zip"] = 2
        self.update()
        self.assertEqual(len(self.site.asked), 3)

    def test_a_feed_that_shrank_is_refused_unless_forced(self):
        self.update()
        before = self.database.read_bytes()
        self.site.documents["/all.zip"] = packed(record(n) for n in range(10))
        for _ in range(2):
            done = self.update(code=2)
            self.assertIn("10 records, before 40", done.stderr)
            self.assertEqual(self.database.read_bytes(), before)
        self.update("--force")
        self.assertEqual(self.records(), 10)

    def test_a_proxy_is_asked_with_its_credentials_and_left_out_where_no_proxy_says_so(self):
        asked = []
        proxy = start(type("ProxyHandler", (Proxy,), {"asked": asked}))
        try:
            place = f"127.0.0.1:{proxy.server_address[1]}"
            source = f"osv=https://feeds.example:{self.port}/all.zip"
            done = self.update(code=2, source=source, HTTPS_PROXY=f"http://{place}")
            self.assertIn(f"opens no way to feeds.example:{self.port}: 407", done.stderr)
            self.update(source=source, HTTPS_PROXY=f"http://{CREDENTIALS}@{place}")
            self.assertEqual(self.records(), 40)
            self.assertEqual(asked, [f"feeds.example:{self.port}"] * 2)
            self.update(HTTPS_PROXY=f"http://{CREDENTIALS}@{place}", NO_PROXY="example.org,localhost")
            self.assertEqual(len(asked), 2)
            done = self.update(code=2, source=source, HTTPS_PROXY="http://me:hidden@127.0.0.1:9")
            self.assertNotIn("hidden", done.stderr)
        finally:
            proxy.shutdown()
            proxy.server_close()

    def test_offline_builds_from_what_is_stored(self):
        self.assertIn("has not been fetched yet", self.update("--offline", code=2).stderr)
        self.update()
        self.database.unlink()
        asked = len(self.site.asked)
        self.update("--offline")
        self.assertEqual(self.records(), 40)
        self.assertEqual(len(self.site.asked), asked)

    def test_a_list_of_feeds_and_one_feed_of_it(self):
        self.site.documents["/kev.json"] = json.dumps({"vulnerabilities": [
            {"cveID": "CVE-2025-1", "dueDate": "2025-02-01", "knownRansomwareCampaignUse": "Known"}]}).encode()
        self.site.documents["/latest.txt"] = b"all-2.zip\n"
        self.site.documents["/all-2.zip"] = packed(record(n, prefix="GO") for n in range(5))
        feeds = self.folder / "feeds.toml"
        feeds.write_text(f'[[feed]]\nname = "own"\nkind = "osv"\naddress = ["{self.address}/all.zip"]\n'
                         f'[[feed]]\nname = "newest"\nkind = "osv"\nlatest = "{self.address}/latest.txt"\n'
                         f'[[feed]]\nname = "kev"\nkind = "kev"\naddress = ["{self.address}/kev.json"]\n'
                         'licence = "CC0-1.0"\n')
        self.update("--feeds", feeds, source=None)
        self.assertEqual(self.records(), 45)
        self.site.asked.clear()
        self.update("--feeds", feeds, "--only", "kev", source=None)
        self.assertEqual([path for path, _ in self.site.asked], ["/kev.json"])
        self.assertEqual(self.records(), 45)
        listed = self.update("--feeds", feeds, "--list", source=None)
        self.assertIn("kev (kev), licence: CC0-1.0", listed.stdout)
        self.assertIn("no feed is called", self.update("--feeds", feeds, "--only", "x", source=None, code=2).stderr)
        feeds.write_text('[[feed]]\nname = "own"\nkind = "none"\naddress = ["x"]\n')
        self.assertIn("feeds.toml:1:", self.update("--feeds", feeds, source=None, code=2).stderr)

    def test_merlons_own_list_is_whole(self):
        listed = self.update("--list", source=None)
        for name in ("osv (osv)", "debian (debian-tracker)", "kev (kev)", "epss (epss)", "documented at https://"):
            self.assertIn(name, listed.stdout)

    def test_a_mirror_stands_in_for_every_host(self):
        self.site.documents["/mirror/feeds.example/a/all.zip"] = self.site.documents["/all.zip"]
        self.update("--mirror", self.address + "/mirror", source="osv=https://feeds.example/a/all.zip")
        self.assertEqual(self.records(), 40)

    def test_files_and_folders_are_sources_too(self):
        (self.folder / "feed").mkdir()
        (self.folder / "feed" / "one.json").write_text(json.dumps(record(1)))
        (self.folder / "two.zip").write_bytes(packed([record(2)]))
        self.update("--source", f"osv={self.folder}/two.zip", source=f"osv={self.folder}/feed")
        self.assertEqual(self.records(), 2)

    def bom(self, name, *numbers):
        path = self.folder / "sboms" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [
            {"type": "library", "name": f"package-{n}", "version": "1.0.0",
             "purl": f"pkg:npm/package-{n}@1.0.0"} for n in numbers]}))

    def rescan(self, code):
        done = self.update("--rescan", self.folder / "sboms", "--format", "json", code=code)
        answer = json.loads(done.stdout)
        return answer, [(change["news"], change["ids"][0], change["boms"]) for change in answer["changes"]]

    def test_bills_of_the_evidence_store_are_matched_behind_an_update(self):
        self.bom("a.cdx.json", 1, 50)
        self.merlon("import", "--repository", "shop", self.folder / "sboms" / "a.cdx.json")  # the default store
        self.assertIn("1 new", self.update().stdout)
        listed = self.merlon("findings", "list", "is:open", "--format", "json")
        self.assertEqual([one["rule"] for one in json.loads(listed)["findings"]], ["GHSA-0001"])
        self.site.documents["/all.zip"] = packed([record(n) for n in range(40) if n != 1] + [record(50)])
        out = self.update().stdout
        self.assertIn("1 new, 0 known, 1 closed", out)
        self.assertRegex(self.update().stdout, "nothing is new|0 new, 1 known, 0 closed")
        # Another store is named, and a name that is mistyped costs no download.
        self.merlon("import", "--store", self.folder / "t.db", "--repository", "shop", self.folder / "sboms" / "a.cdx.json")
        self.assertIn("t.db:", self.update("--store", self.folder / "t.db").stdout)
        asked = len(self.site.asked)
        done = self.update("--store", self.folder / "no-such.db", code=2)
        self.assertIn("there is no store", done.stderr)
        self.assertEqual(len(self.site.asked), asked)
        self.merlon("store", "check")

    def test_stored_bills_are_matched_again_and_only_news_is_told(self):
        self.bom("a.cdx.json", 1, 2, 100)
        self.bom("b.cdx.json", 2, 50)
        answer, changes = self.rescan(1)
        self.assertEqual((answer["boms"], answer["bomsRead"], answer["packages"]), (2, 2, 4))
        self.assertEqual(changes, [("found", "GHSA-0001", ["a.cdx.json"]),
                                   ("found", "GHSA-0002", ["a.cdx.json", "b.cdx.json"])])
        answer, changes = self.rescan(0)
        self.assertEqual((answer["bomsRead"], changes), (0, []))
        # A record more, a record less.
        self.site.documents["/all.zip"] = packed([record(n) for n in range(40) if n != 1] + [record(50), record(60)])
        _, changes = self.rescan(1)
        self.assertEqual(changes, [("found", "GHSA-0050", ["b.cdx.json"]), ("gone", "GHSA-0001", ["a.cdx.json"])])
        # What is known of one bill is news of another one; what changed between is not lost.
        self.bom("c.cdx.json", 2, 60)
        self.update()
        answer, changes = self.rescan(1)
        self.assertEqual(answer["bomsRead"], 1)
        self.assertEqual(changes, [("found", "GHSA-0002", ["c.cdx.json"]), ("found", "GHSA-0060", ["c.cdx.json"])])
        # A new alias makes no other weakness of it.
        self.site.documents["/all.zip"] = packed([record(n, aliases=[f"CVE-2025-{n}"]) for n in range(70) if n != 1])
        self.assertEqual(self.rescan(0)[1], [])

    def test_programs_of_stored_bills_are_matched_by_their_cpe_names(self):
        def cve(number, before):
            return {"cve": {"id": f"CVE-2025-{number}", "lastModified": "2025-01-01T00:00:00.000", "configurations": [
                {"nodes": [{"operator": "OR", "cpeMatch": [
                    {"vulnerable": True, "criteria": "cpe:2.3:a:apache:http_server:*:*:*:*:*:*:*:*",
                     "versionEndExcluding": before}]}]}]}}
        self.site.documents["/nvd.json"] = json.dumps({"vulnerabilities": [cve(1, "2.4.49"), cve(2, "2.4.50")]}).encode()
        (self.folder / "sboms").mkdir()
        (self.folder / "sboms" / "a.cdx.json").write_text(json.dumps({
            "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [
                {"type": "application", "name": "httpd", "version": "2.4.49",
                 "cpe": "cpe:2.3:a:apache:http_server:2.4.49:*:*:*:*:*:*:*"},
                {"type": "application", "name": "httpd", "version": "2.4.48", "purl": "pkg:generic/httpd@2.4.48",
                 "cpe": "cpe:2.3:a:apache:http_server:2.4.48:*:*:*:*:*:*:*"}]}))
        rescan = ["--source", f"nvd={self.address}/nvd.json", "--rescan", self.folder / "sboms", "--format", "json"]
        changes = json.loads(self.update(*rescan, code=1).stdout)["changes"]
        self.assertEqual([(change["purl"], change["ids"]) for change in changes], [
            ("pkg:generic/httpd@2.4.48", ["CVE-2025-1"]), ("pkg:generic/httpd@2.4.48", ["CVE-2025-2"]),
            ("pkg:generic/httpd@2.4.49", ["CVE-2025-2"])])
        self.assertEqual(json.loads(self.update(*rescan).stdout)["changes"], [])

    def test_a_feed_that_was_not_whole_can_be_accepted_by_name(self):
        self.bom("a.cdx.json", 100)
        entries = [record(n) for n in range(40)]
        out = io.BytesIO(packed(entries))
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr("broken.json", "{")
        self.site.documents["/all.zip"] = out.getvalue()
        done = self.update("--rescan", self.folder / "sboms", code=2)
        self.assertIn("could not be read when the database was built", done.stderr)
        accepted = self.folder / "accepted.yaml"
        accepted.write_text('version: 1\ncoverage:\n  accept:\n    - path: "GitHub advisory database"\n'
                            '      cause: invalid-input\n      reason: known to be so\n      expires: 2099-01-01\n')
        # Nothing was fetched that could be read again: only the re-scan speaks of it.
        done = self.update("--rescan", self.folder / "sboms", "--config", accepted, code=2)
        self.assertIn("(accepted: known to be so)", done.stdout)
        self.assertNotIn("when the database was built", done.stderr)

    def test_a_bill_that_cannot_be_read_is_named_and_tried_again(self):
        self.bom("a.cdx.json", 1)
        (self.folder / "sboms" / "broken.json").write_text("{")
        for _ in range(2):
            done = self.update("--rescan", self.folder / "sboms", code=2)
            self.assertIn("broken.json", done.stderr)
        index = next((self.folder / "advisories.db.feeds").glob("rescan-*"))
        index.write_bytes(index.read_bytes()[:-1])
        (self.folder / "sboms" / "broken.json").unlink()
        self.assertIn("every weakness counts as new", self.update("--rescan", self.folder / "sboms", code=2).stderr)
        self.assertEqual(self.rescan(0)[1], [])

    def test_a_cancelled_update_ends_at_once_and_keeps_what_there_is(self):
        self.site.hangs.add("/slow.zip")
        process = subprocess.Popen(self.words("--source", f"osv={self.address}/slow.zip"), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environment())
        while len(self.site.asked) < 2 and process.poll() is None:
            time.sleep(0.01)
        self.assertIn("held by another run", self.update(code=2).stderr)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 2)
        self.assertIn("cancelled", errors)
        self.update("--offline")
        self.assertEqual(self.records(), 40)

    def test_a_server_that_says_nothing_is_given_up(self):
        self.site.hangs.add("/slow.zip")
        done = self.update("--idle-timeout", 1, code=2, source="osv=@/slow.zip")
        self.assertIn("nothing came in time", done.stderr)

    def test_nothing_else_asks_for_the_network(self):
        done = subprocess.run([MERLON, "scan", "packages", str(self.folder)], capture_output=True, text=True,
                              check=False, env=self.environment())
        self.assertEqual(done.returncode, 2)
        self.assertIn("merlon db update", done.stderr)


if __name__ == "__main__":
    MERLON = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
