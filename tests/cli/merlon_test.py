#!/usr/bin/env python3
"""The command line of the built program, as a user meets it: merlon_test.py MERLON [unittest arguments]

Every secret is put together at run time and has never been valid.
"""

import base64
import csv
import datetime
import gzip
import io
import json
import lzma
import os
import pathlib
import random
import re
import resource
import shlex
import shutil
import signal
import socket
import string
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import unittest
import xml.etree.ElementTree
import zipfile
import zlib

MERLON = None
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def github_token(seed=1):
    """A token of GitHub's published shape: prefix, 30 random characters, their CRC-32 in base 62."""
    source = random.Random(seed)
    entropy = "".join(source.choice(BASE62) for _ in range(30))
    checksum, value = "", zlib.crc32(entropy.encode())
    for _ in range(6):
        checksum, value = BASE62[value % 62] + checksum, value // 62
    return "gh" + "p_" + entropy + checksum


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="merlon-cli-"))
        self.home = self.folder / "home"
        self.tree = self.folder / "tree"
        self.home.mkdir()
        self.tree.mkdir()

    def tearDown(self):
        for path in self.folder.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(self.folder)

    def environment(self, extra=None):
        sanitizers = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "TERM": "xterm", **sanitizers,
                **(extra or {})}

    def run_merlon(self, *words, cwd=None, env=None, user=None, **options):
        options.setdefault("timeout", 60)
        options.setdefault("stdin", subprocess.DEVNULL)
        if "input" in options:
            del options["stdin"]
        return subprocess.run([MERLON, *map(str, words)], cwd=cwd or self.tree, text=True, user=user,
                              stdout=options.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE,
                              env=self.environment(env), **options)

    def scan(self, *words, **options):
        return self.run_merlon("scan", "secrets", *words, **options)

    def report(self, *words, code, **options):
        done = self.scan(*words, "--format", "json", **options)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout[:600])
        return json.loads(done.stdout)

    def write(self, name, text):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def plant(self, name="app.env", seed=1):
        return self.write(name, f"GITHUB_TOKEN={github_token(seed)}\n")

    @staticmethod
    def open_findings(report):
        return [f for f in report["findings"] if not f.get("suppression")]

    def causes(self, report):
        return sorted(gap["cause"] for gap in report["coverage"]["gaps"])


class ExitCodes(CommandLine):
    def test_a_clean_tree_is_0(self):
        self.write("readme.txt", "nothing here\n")
        self.assertEqual(self.scan().returncode, 0)
        self.assertEqual(self.run_merlon("scan", ".").returncode, 0)

    def test_a_finding_is_1_and_its_secret_is_masked(self):
        self.plant()
        done = self.scan()
        self.assertEqual(done.returncode, 1)
        self.assertIn("github-personal-access-token", done.stdout)
        self.assertNotIn(github_token(), done.stdout + done.stderr)
        self.assertIn(github_token(), self.scan("--show-secrets").stdout)

    def test_the_gate_decides_what_is_1(self):
        self.plant()
        self.assertEqual(self.scan("--fail-on", "critical").returncode, 1)
        self.assertEqual(self.scan("--fail-on", "none").returncode, 0)
        self.assertEqual(self.scan(env={"MERLON_FAIL_ON": "none"}).returncode, 0)
        self.assertEqual(self.scan("--fail-on", "low", env={"MERLON_FAIL_ON": "none"}).returncode, 1)

    def test_an_incomplete_run_is_2_and_still_prints_its_findings(self):
        self.plant()
        report = self.report(".", "no-such-place", code=2)
        self.assertEqual(len(report["findings"]), 1)
        self.assertFalse(report["analysis"]["complete"])

    def test_no_secret_is_in_any_format(self):
        self.plant()
        for name in ("table", "json", "sarif", "junit", "markdown", "html", "csv"):
            done = self.scan("--format", name)
            self.assertEqual(done.returncode, 1, name)
            self.assertNotIn(github_token(), done.stdout, name)
            self.assertIn("github-personal-access-token", done.stdout, name)
        json.loads(self.scan("--format", "sarif").stdout)
        xml.etree.ElementTree.fromstring(self.scan("--format", "junit").stdout)
        self.assertEqual(len(list(csv.reader(io.StringIO(self.scan("--format", "csv").stdout)))), 2)


class Leaks(CommandLine):
    """Where a secret might slip out although reports mask it."""

    def plant_everywhere(self):
        tokens = [github_token(seed) for seed in range(10, 22)]
        self.write("key.json", json.dumps({"a": {tokens[0]: {"password": "w7#Kq" + "9!Lm2"}}, "t": tokens[1]}))
        self.write("two.txt", f"first {tokens[2]} second {tokens[3]}\n# token = {tokens[2]}\n")
        self.write("encoded.txt", base64.b64encode(f"token: {tokens[4]}".encode()).decode() + "\n")
        self.write("manifest.yaml", "kind: Secret\nmetadata:\n  name: x\nstringData:\n"
                   f"  note: {tokens[5]}\ndata:\n  password: {base64.b64encode(tokens[6].encode()).decode()}\n")
        self.write("n.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": [f"t = \"{tokens[7]}\"\n"],
                                                     "metadata": {tokens[8]: tokens[9]}}], "nbformat": 4}))
        self.write("broken.yaml", f"a: [\n{tokens[10]}: {tokens[11]}\n")
        # Once more behind the finding, and in what could be taken for a reason.
        twice = "Zq81xpT" + "vB5nW3kLr0Yd"
        self.write("twice.txt", f"url=postgres://admin:{twice}@db/x?password={twice}\n")
        self.write("allowed.js", "/* merlon:allow github-personal-access-token fixture */ "
                   f"const t = \"{tokens[0]}\";\n")
        return tokens + ["w7#Kq" + "9!Lm2", twice]

    def assert_hidden(self, tokens, text, where):
        for token in tokens:
            self.assertNotIn(token, text, where)
            self.assertNotIn(token[8:30] if len(token) > 30 else token, text, where)
            self.assertNotIn(base64.b64encode(token.encode()).decode()[:40], text, where)

    def test_no_secret_is_in_any_output_file_or_cache(self):
        tokens = self.plant_everywhere()
        for name in ("table", "json", "sarif", "junit", "markdown", "html", "csv"):
            for flags in ((), ("--all-matches",)):
                done = self.scan("--format", name, *flags)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assert_hidden(tokens, done.stdout + done.stderr, name)
        self.scan("--write-baseline", self.folder / "baseline.json")
        for folder in (self.home, self.folder):
            for path in folder.rglob("*"):
                if path.is_file() and self.tree not in path.parents:
                    self.assert_hidden(tokens, path.read_bytes().decode("utf-8", "replace"), path)

    def test_the_front_for_gitleaks_masks_when_asked(self):
        tokens = self.plant_everywhere()
        rules = self.write("../rules.toml", "[[rules]]\nid = 'tok'\nregex = 'gh[p]_[0-9A-Za-z]{36}'\n")
        for kind in ("json", "csv", "sarif", "junit"):
            done = self.run_merlon("compat", "gitleaks", "dir", ".", "-c", rules, "--redact", "-v", "-r", "-", "-f", kind)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assert_hidden(tokens[:4], done.stdout + done.stderr, kind)


class Places(CommandLine):
    """Texts that are not their file's bytes, and places that a person can go to."""

    def places(self):
        return {(f["location"]["path"], *f["location"].get("members", [])):
                (f["location"]["startLine"], f["location"]["startColumn"], f.get("properties", {}).get("place", ""))
                for f in self.report(".", code=1)["findings"]}

    def test_notebooks_name_the_cell(self):
        token = github_token()
        cells = [{"cell_type": "markdown", "source": "# one"},
                 {"cell_type": "code", "source": ["import os\n", f"token = \"{token}\"\n"], "outputs": []}]
        self.write("n.ipynb", json.dumps({"cells": cells, "nbformat": 4}, indent=1))
        (line, column, place), = self.places().values()
        self.assertEqual(place, "cell 2, line 2")
        text = (self.tree / "n.ipynb").read_text().splitlines()[line - 1]
        self.assertEqual(text[column - 1:column - 1 + len(token)], token, "the place in the file is true too")

    def test_json_and_yaml_name_the_object(self):
        self.write("a.json", json.dumps({"x": [1, {"y/z": github_token(2)}]}))
        self.write("b.yaml", f"one: 1\n---\nx:\n  - token: {github_token(3)}\n")
        self.assertEqual({path: place for path, (_, _, place) in self.places().items()},
                         {("a.json",): "/x/1/y~1z", ("b.yaml",): "document 2: /x/0/token"})

    def test_neither_a_mark_nor_an_archive_hides_what_stands_first(self):
        password = "".join(random.Random(5).choices(string.ascii_letters + string.digits, k=24))
        redis = f"requirepass {password}\n".encode()
        (self.tree / "redis.conf").write_bytes(b"\xef\xbb\xbf" + redis)
        with zipfile.ZipFile(self.tree / "top.zip", "w") as archive:
            archive.writestr(".pgpass", f"db.example.net:5432:app:appuser:{password}\n")
        # RFC 8878: a skippable frame, as pzstd writes it, and a frame of one block that is stored.
        (self.tree / "redis.conf.zst").write_bytes(
            b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + b"\x28\xb5\x2f\xfd\x20" + bytes([len(redis)]) +
            (len(redis) << 3 | 1).to_bytes(3, "little") + redis)
        places = {path: (line, column) for path, (line, column, _) in self.places().items()}
        self.assertEqual(places.pop(("redis.conf",)), (1, 13), "the mark is no column")
        self.assertEqual({path[0] for path in places}, {"top.zip", "redis.conf.zst"})
        self.assertIn(("top.zip", ".pgpass"), places)

    def test_formats_that_are_not_opened_are_gaps(self):
        for name, first in (("a.lzo", b"\x89LZO\0\r\n\x1a\n"), ("a.lzh", b"\x20\x9b-lh5-"), ("a.lrz", b"LRZI"),
                            ("a.ace", b"\x12\x34\x31\0\0\0\x90**ACE**")):
            with self.subTest(name):
                path = self.tree / name
                path.write_bytes(first + bytes(range(256)))
                self.assertEqual(self.causes(self.report(path, code=2)), ["unsupported-format"])
        with zipfile.ZipFile(self.tree / "s.zip", "w") as archive:
            of_a_socket = zipfile.ZipInfo("socket.env")
            of_a_socket.external_attr = 0o140644 << 16
            archive.writestr(of_a_socket, f"GITHUB_TOKEN={github_token(4)}\n")
        self.assertEqual(self.causes(self.report(self.tree / "s.zip", code=2)), ["unsupported-format"])

    def test_office_files_are_read_as_people_read_them(self):
        token = github_token()

        def pack(name, members):
            with zipfile.ZipFile(self.tree / name, "w", zipfile.ZIP_DEFLATED) as packed:
                for member, text in members.items():
                    packed.writestr(member, text)
        run = "<w:r><w:t>{}</w:t></w:r>"
        pack("d.docx", {"word/document.xml": "<w:p><w:t>intro</w:t></w:p><w:p>" + run.format("key: " + token[:9]) +
                                             run.format(token[9:]) + "</w:p>"})
        pack("s.xlsx", {"xl/worksheets/sheet1.xml": '<row><c r="C7" t="s"><v>0</v></c></row>',
                        "xl/sharedStrings.xml": f"<sst><si><r><t>{token[:5]}</t></r><r><t>{token[5:]}</t></r></si></sst>"})
        pack("p.pptx", {"ppt/slides/slide2.xml": f"<a:p><a:r><a:t>{token[:7]}</a:t></a:r><a:r><a:t>{token[7:]}</a:t></a:r></a:p>"})
        pack("t.odt", {"content.xml": f"<text:p>x <text:span>{token[:4]}</text:span>{token[4:]}</text:p>"})
        self.assertEqual({path: place for path, (_, _, place) in self.places().items()},
                         {("d.docx", "word/document.xml"): "paragraph 2",
                          ("s.xlsx", "xl/worksheets/sheet1.xml"): "cell C7",
                          ("p.pptx", "ppt/slides/slide2.xml"): "paragraph 1", ("t.odt", "content.xml"): "paragraph 1"})

    def test_latin_1_and_utf_16_have_their_letters_and_columns(self):
        for name, encoding in (("latin.txt", "latin-1"), ("wide.txt", "utf-16")):
            (self.tree / name).write_bytes(f"eins\nSchlüssel für: {github_token()}\n".encode(encoding))
        report = self.report(".", code=1)
        self.assertEqual(len(report["findings"]), 2)
        for finding in report["findings"]:
            self.assertEqual((finding["location"]["startLine"], finding["location"]["startColumn"]), (2, 16))
            self.assertIn("Schlüssel für", finding["excerpt"]["lines"][0])

    def test_columns_count_no_mark_and_offsets_are_those_of_the_file(self):
        token = github_token()
        files = {}
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "latin-1"):
            for mark in ("", "\ufeff")[:1 if encoding == "latin-1" else 2]:
                wide = "" if encoding == "latin-1" else "\U0001f600\u20ac"
                text = f'\t\t\u00fc{wide} = "{token}"; k = "{token}"\n'
                name = f"{'marked' if mark else 'plain'}-{encoding}.txt"
                files[name] = ((mark + text).encode(encoding), encoding, text)
                (self.tree / name).write_bytes(files[name][0])
        report = self.report(code=1)
        self.assertEqual(len(report["findings"]), 2 * len(files))
        for finding in report["findings"]:
            place = finding["location"]
            content, encoding, text = files[place["path"]]
            self.assertEqual(content[place["startOffset"]:place["endOffset"]].decode(encoding), token, place)
            self.assertIn(place["startColumn"], (text.index(token) + 1, text.rindex(token) + 1), place)
        # The place in a tree is told whatever the mark.
        for encoding in ("utf-8", "utf-16", "utf-32"):
            text = "\ufeff" * (encoding == "utf-8") + f'{{"a": "{token}"}}'
            (self.tree / f"{encoding}.json").write_bytes(text.encode(encoding))
        found = [f for f in self.report(code=1)["findings"] if f["location"]["path"].endswith(".json")]
        self.assertEqual([(f["properties"]["place"], f["location"]["startColumn"]) for f in found], [("/a", 8)] * 3)

    def test_utf_16_of_chinese_needs_no_mark(self):
        token = github_token()
        words = "\u8fd9\u662f\u4e00\u4e2a\u6d4b\u8bd5\u6587\u4ef6\uff0c\u91cc\u9762\u3002"
        for times in (10, 60, 1000):
            for encoding in ("utf-16-le", "utf-16-be"):
                text = words * times + f'\n\u4ee4\u724c = "{token}"\n'
                (self.tree / f"{times}.{encoding}").write_bytes(text.encode(encoding))
        report = self.report(code=1)
        self.assertEqual([(f["location"]["startLine"], f["location"]["startColumn"]) for f in report["findings"]],
                         [(2, 7)] * 6)

    def test_a_secret_right_behind_an_escape_in_a_string_is_found(self):
        token = github_token()
        texts = {"a.json": f'{{"k":"line one\\n{token}\\n"}}', "b.json": f'{{"k":"a\\r\\n{token}"}}',
                 "c.json": f'{{"k":"line one\\t{token}"}}', "d.yaml": f'a: "x\\n{token}"\n',
                 "e.py": f'x = "first\\n{token}"\n', "f.json": json.dumps({"k": json.dumps({"k": f"a\n{token}"})})}
        for name, text in texts.items():
            self.write(name, text)
        report = self.report("--show-secrets", code=1)
        self.assertEqual({f["location"]["path"]: (f["rule"], f["secret"], f["location"]["startColumn"])
                          for f in report["findings"]},
                         {name: ("github-personal-access-token", token, text.index(token) + 1) for name, text in texts.items()})
        self.assertEqual(len(report["findings"]), len(texts))
        # As gitleaks has it.
        done = self.run_merlon("compat", "gitleaks", "dir", ".", "--no-banner")
        self.assertEqual(done.returncode, 0, done.stderr)


class Mistakes(CommandLine):
    def assert_refused(self, words, *parts, **options):
        done = self.run_merlon(*words, **options)
        self.assertEqual(done.returncode, 2, done.stdout)
        for part in parts:
            self.assertIn(part, done.stderr)

    def test_an_unknown_flag_names_the_nearest(self):
        self.assert_refused(["scan", "secrets", "--fial-on", "high"], "--fial-on", "--fail-on")
        self.assert_refused(["scan", "--formt=json"], "did you mean '--format'?")

    def test_an_unknown_command_names_the_nearest(self):
        self.assert_refused(["docter"], "did you mean 'doctor'?")

    def test_a_wrong_value_names_the_right_ones(self):
        self.assert_refused(["scan", "--format", "sariff"], "sarif", "table")
        self.assert_refused(["scan", "--max-file-size", "12Q"], "12Q")
        self.assert_refused(["scan"], "MERLON_THREADS", env={"MERLON_THREADS": "many"})

    def test_wrong_rules_and_baselines_are_refused(self):
        self.write("rules.toml", "[[rules]]\nid = \n")
        self.assert_refused(["scan", "secrets", "--rules", "rules.toml"], "rules.toml")
        self.assert_refused(["scan", "secrets", "--baseline", "none.json"], "none.json")
        self.write("bad.json", "{}")
        self.assert_refused(["scan", "secrets", "--baseline", "bad.json"], "bad.json")

    def test_one_broken_rule_leaves_the_others_and_makes_the_run_incomplete(self):
        self.write("rules.toml", "[[rules]]\nid = 'good'\nregex = 'g(oo)d'\n"
                                 "[[rules]]\nid = 'bad'\nregex = 'b(ad'\n")
        self.write("text.txt", "good\n")
        report = self.report("--rules", "rules.toml", "text.txt", code=2)
        self.assertEqual([f["rule"] for f in report["findings"]], ["good"])
        self.assertEqual(self.causes(report), ["invalid-rule"])


class HostileFiles(CommandLine):
    def test_an_unreadable_file_is_a_gap(self):
        if os.geteuid() == 0 and not self.can_become_nobody():
            self.skipTest("needs another user to be denied something")
        self.plant("open.env")
        hidden = self.plant("closed.env", seed=2)
        hidden.chmod(0)
        (self.tree / "shut").mkdir(mode=0)
        user = 65534 if os.geteuid() == 0 else None
        self.folder.chmod(0o755)
        report = self.report(code=2, user=user)
        self.assertEqual(self.causes(report), ["permission-denied", "permission-denied"])
        self.assertEqual(len(report["findings"]), 1)

    @staticmethod
    def can_become_nobody():
        # The program has to stand where that user may reach it.
        return subprocess.run([MERLON, "version"], user=65534, capture_output=True).returncode == 0

    def test_special_files_never_hang(self):
        os.mkfifo(self.tree / "pipe")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.tree / "socket"))
        self.plant()
        report = self.report(code=self.scan("--format", "json", timeout=20).returncode)
        self.assertEqual(len(report["findings"]), 1)
        listener.close()
        named = self.report("pipe", code=2, timeout=20)
        self.assertEqual(self.causes(named), ["not-regular-file"])

    def test_a_link_loop_ends(self):
        (self.tree / "loop").symlink_to("loop")
        (self.tree / "up").symlink_to(".")
        self.plant()
        done = self.scan("--follow-symlinks", "--format", "json", timeout=20)
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(set(self.causes(report)), {"symlink-loop"})
        self.assertEqual(len(report["findings"]), 1)
        self.assertEqual(len(self.report(code=1)["findings"]), 1)

    def test_binary_and_broken_text_is_read(self):
        (self.tree / "nul.bin").write_bytes(bytes(100_000))
        (self.tree / "broken.txt").write_bytes(b"\xff\xfe\x00\xc3" + os.urandom(1000))
        (self.tree / "empty").touch()
        (self.tree / "wide.txt").write_bytes(f"token={github_token()}\n".encode("utf-16"))
        report = self.report(code=1)
        self.assertEqual([f["location"]["path"] for f in report["findings"]], ["wide.txt"])

    def test_a_sparse_giant_is_read_or_named(self):
        with (self.tree / "giant").open("wb") as giant:
            giant.truncate(10 << 30)
        report = self.report("--max-file-size", "1M", code=2)
        self.assertEqual(self.causes(report), ["too-large"])

    def test_damaged_rules_in_the_cache_find_the_same(self):
        rules = self.write("rules.toml", "[[rules]]\nid='a'\nregex='.{0,200}key=(\\d+)'\n"
                                         "[[rules]]\nid='b'\nregex='[a-z]{3,9}pin:([0-9a-f]{8,})\\b'\n")
        self.write("a.txt", "abc key=12345\nsome pin:0011aabbcc\nxyzpin:99887766 key=1\n")
        words = ("a.txt", "--rules", rules, "--all-matches", "--show-secrets")
        first = self.report(*words, code=1)
        self.assertEqual(len(first["findings"]), 3)
        entries = [path for path in (self.home / ".cache").rglob("*.entry") if path.stat().st_size > 50_000]
        self.assertEqual(len(entries), 1)
        whole = entries[0].read_bytes()
        for place in range(64, len(whole), len(whole) // 40):
            entries[0].write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1:])
            self.assertEqual(self.report(*words, code=1)["findings"], first["findings"], f"byte {place}")

    def test_places_behind_a_hole_are_counted_from_the_begin(self):
        line = f"GITHUB_TOKEN={github_token()}"
        with (self.tree / "holes").open("wb") as file:
            file.write(b"first\n" * 3 + line.encode() + b"\nhole:")
            end = file.tell()
            file.seek(1 << 30)
            file.write(f"{line}\n{line}\n".encode())
        starts = [(f["location"]["startLine"], f["location"]["startColumn"])
                  for f in self.report("--all-matches", code=1)["findings"]]
        column = len("GITHUB_TOKEN=") + 1
        self.assertEqual(starts, [(4, column), (5, (1 << 30) - end + len("hole:") + column), (6, column)])

    def test_archives_are_read_and_bombs_are_gaps(self):
        with zipfile.ZipFile(self.tree / "good.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner/app.env", f"GITHUB_TOKEN={github_token()}\n")
        report = self.report(code=1)
        self.assertEqual(report["findings"][0]["location"]["members"], ["inner/app.env"])
        self.assertEqual(self.report("--max-archive-depth", "0", code=0)["findings"], [])
        with zipfile.ZipFile(self.tree / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("zeros", bytes(64 << 20))
        (self.tree / "torn.zip").write_bytes((self.tree / "good.zip").read_bytes()[:-40])
        report = self.report(code=2)
        self.assertIn("archive-limit", self.causes(report))

    def test_what_stands_around_an_archive_is_searched(self):
        with zipfile.ZipFile(self.tree / "noted.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.txt", "nothing\n")
            archive.comment = f"GITHUB_TOKEN={github_token()}\n".encode()
        report = self.report(code=1)
        self.assertEqual(report["findings"][0]["location"]["members"], ["(rest)"])

    def test_a_cut_stream_is_read_to_the_cut_and_is_a_gap(self):
        text = f"GITHUB_TOKEN={github_token()}\n" + os.urandom(40_000).hex()
        (self.tree / "app.log.gz").write_bytes(gzip.compress(text.encode())[:20_000])
        report = self.report(code=2)
        self.assertEqual(self.causes(report), ["corrupt-archive"])
        self.assertEqual(len(report["findings"]), 1)

    def test_a_compressed_image_that_begins_with_zeros_is_searched(self):
        image = bytes(4096) + f"GITHUB_TOKEN={github_token()}\n".encode()
        (self.tree / "disk.img.gz").write_bytes(gzip.compress(image))
        self.assertEqual(len(self.report(code=1)["findings"]), 1)

    def test_a_file_that_git_crypt_locked_is_a_gap(self):
        (self.tree / "key.env").write_bytes(b"\0GITCRYPT\0" + os.urandom(100))
        self.assertEqual(self.causes(self.report(code=2)), ["encrypted"])

    def test_a_hundred_thousand_findings_in_one_file_are_a_limit_and_no_hang(self):
        self.write("many.txt", "".join(f"t{i} = {github_token(i)}\n" for i in range(100_001)))
        report = self.report(code=2, timeout=60)
        self.assertEqual(self.causes(report), ["limit-reached"])
        self.assertEqual(len(report["findings"]), 100_000)

    def test_proc_does_not_hang(self):
        done = self.scan("/proc/self", "--format", "json", "--threads", "2", timeout=60)
        self.assertIn(done.returncode, (0, 1, 2))


class Outputs(CommandLine):
    def test_one_run_writes_several_reports(self):
        self.plant()
        done = self.scan("--output", "sarif=out.sarif", "-o", "json=out.json", "-o", "table=-")
        self.assertEqual(done.returncode, 1)
        self.assertIn("github-personal-access-token", done.stdout)
        self.assertEqual(json.loads((self.tree / "out.sarif").read_text())["version"], "2.1.0")
        self.assertEqual(len(json.loads((self.tree / "out.json").read_text())["findings"]), 1)

    def test_the_ending_of_a_file_says_its_format_where_nothing_else_does(self):
        self.plant()
        starts = {"r.json": "{", "r.html": "<!doctype html>", "r.xml": "<?xml", "r.csv": "rule,", "r.sarif.json": "{",
                  "r.md": "#", "r.txt": "app.env"}
        for name, start in starts.items():
            with self.subTest(name):
                self.assertEqual(self.scan("-o", name).returncode, 1)
                self.assertTrue((self.tree / name).read_text().lower().startswith(start))
        self.assertEqual(json.loads((self.tree / "r.sarif.json").read_text())["version"], "2.1.0")
        self.scan("-f", "csv", "-o", "asked.json")
        self.assertFalse((self.tree / "asked.json").read_text().startswith("{"))

    def test_a_path_that_is_no_text_stands_in_json_as_its_bytes_too(self):
        with open(os.fsencode(self.tree) + b"/caf\xe9.env", "w") as file:
            file.write(f"GITHUB_TOKEN={github_token()}\n")
        finding, = self.report(code=1)["findings"]
        self.assertEqual(finding["location"]["path"], "caf\ufffd.env")
        self.assertEqual(base64.b64decode(finding["location"]["pathBase64"]), b"caf\xe9.env")

    def test_a_report_that_cannot_be_written_is_2(self):
        self.plant()
        if pathlib.Path("/dev/full").exists():
            done = self.scan("--output", "/dev/full")
            self.assertEqual(done.returncode, 2)
            self.assertIn("No space left", done.stderr)
            with open("/dev/full", "w") as full:
                self.assertEqual(self.scan(stdout=full).returncode, 2)
        done = self.scan("--output", "no/such/place.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no/such", done.stderr)

    def test_a_closed_pipe_is_2_and_no_crash(self):
        for number in range(200):
            self.plant(f"f{number}.env", seed=number)
        process = subprocess.Popen([MERLON, "scan", "secrets"], cwd=self.tree, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.environment())
        process.stdout.close()
        process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(60), 2)

    def test_every_number_of_threads_gives_the_same_bytes(self):
        for number in range(60):
            self.plant(f"d{number % 7}/f{number}.env", seed=number)
        with zipfile.ZipFile(self.tree / "a.zip", "w") as archive:
            archive.writestr("x.env", f"GITHUB_TOKEN={github_token(99)}\n")
        for name in ("json", "sarif", "table", "html", "csv", "junit", "markdown"):
            outputs = {self.scan("--format", name, "--threads", n).stdout for n in (1, 2, 3, 8)}
            self.assertEqual(len(outputs), 1, name)

    def test_standard_input_is_a_document(self):
        done = self.scan("-", "--format", "json", input=f"token: {github_token()}\n")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(json.loads(done.stdout)["findings"]), 1)


class Known(CommandLine):
    def setUp(self):
        super().setUp()
        (self.tree / ".git").mkdir()

    def test_a_baseline_holds_back_what_was_there_and_nothing_else(self):
        self.plant("old.env", seed=1)
        done = self.scan("--write-baseline", ".merlon/baseline.json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(github_token(1), (self.tree / ".merlon/baseline.json").read_text())
        self.assertEqual(self.scan("--baseline", ".merlon/baseline.json").returncode, 0)
        (self.tree / "old.env").rename(self.tree / "moved.env")
        self.write("moved.env", "\n\n  " + (self.tree / "moved.env").read_text())
        self.assertEqual(self.scan("--baseline", ".merlon/baseline.json").returncode, 0)
        self.plant("new.env", seed=2)
        report = self.report("--baseline", ".merlon/baseline.json", code=1)
        self.assertEqual([f["location"]["path"] for f in report["findings"]
                          if "suppressed" not in f], ["new.env"])
        (self.tree / ".merlon/key").unlink()
        done = self.scan("--baseline", ".merlon/baseline.json")
        self.assertEqual(done.returncode, 2, "a baseline without its key decides nothing")
        self.assertIn("key", done.stderr)

    def test_an_ignore_entry_for_a_rule_that_is_not_there_says_so(self):
        self.plant("a.env")
        self.scan("--write-baseline", ".merlon/baseline.json")
        entry = json.loads((self.tree / ".merlon/baseline.json").read_text())["entries"][0]
        for rule, code, said in ((entry["rule"], 0, ""), ("*", 0, ""),
                                 (entry["rule"] + "s", 1, f"; did you mean '{entry['rule']}'?")):
            self.write(".merlon/ignore", f"# one\n{entry['id']} {rule} - a fixture\n")
            done = self.scan()
            self.assertEqual(done.returncode, code, done.stderr)
            notice = f".merlon/ignore:2 counts for nothing: no rule '{rule}' is there"
            self.assertEqual(notice + said in done.stdout, bool(said), done.stdout)

    def test_an_inline_comment_accepts_its_rule_only(self):
        token = github_token()
        self.write("a.py", f'T = "{token}"  # merlon:allow github-personal-access-token a fixture\n')
        self.assertEqual(self.scan().returncode, 0)
        self.write("a.py", f'T = "{token}"  # merlon:allow stripe-secret-key a fixture\n')
        self.assertEqual(self.scan().returncode, 1)
        self.write("a.py", f'T = "{token}"  # gitleaks:allow\n')
        self.assertEqual(self.scan().returncode, 0)
        self.write("a.py", f'T = "{token}"  # merlon:allow * a fixture\n')
        self.assertEqual(self.scan().returncode, 0)
        self.write("a.py", f'T = "{token}"  # merlon:allow x a y; merlon:allow github-personal-access-token a z\n')
        self.assertEqual(self.scan().returncode, 0)

    def test_an_inline_comment_without_a_reason_holds_and_is_told(self):
        self.write("a.py", f'\nT = "{github_token()}"  # merlon:allow github-personal-access-token\n')
        self.assertIn("a.py:2", " ".join(self.report(code=0)["notices"]))
        self.assertIn("gives no reason; write one behind the rule", self.scan().stdout)
        self.write("a.py", f'T = "{github_token()}"  # merlon:allow github-personal-access-token a fixture\n')
        self.assertNotIn("gives no reason", self.scan().stdout)

    def test_an_inline_comment_without_a_rule_allows_nothing_and_says_what_to_write(self):
        advice = "write `merlon:allow github-personal-access-token REASON`"
        for comment in ("# merlon:allow", "<!-- merlon:allow -->", "/* merlon:allow */",
                        "# merlon:allow this is only a test"):
            self.write("a.py", f'T = "{github_token()}"  {comment}\n')
            finding = self.report(code=1)["findings"][0]
            self.assertNotIn("suppressed", finding, comment)
            self.assertIn(advice, finding["message"], comment)
        self.write("a.py", f'T = "{github_token()}"  # merlon:allowed\n')
        self.assertNotIn("merlon:allow", self.report(code=1)["findings"][0]["message"])

    def secret_id(self):
        self.plant()
        key = {"MERLON_KEY": "0f" * 32}
        return self.report(code=1, env=key)["findings"][0]["secretId"], key

    def test_an_ignore_entry_holds_until_it_expires(self):
        identity, key = self.secret_id()
        tomorrow = datetime.date.today() + datetime.timedelta(days=2)
        ignore = self.write(".merlon/ignore", f"# known\n{identity} * {tomorrow} a test key\n")
        self.assertEqual(self.scan(env=key).returncode, 0)
        ignore.write_text(f"{identity} * 2020-01-01 a test key\n")
        done = self.scan(env=key)
        self.assertEqual(done.returncode, 1)
        self.assertIn("expired on 2020-01-01", done.stdout + done.stderr)
        ignore.write_text(f"{identity} * never because\n")
        done = self.scan(env=key)
        self.assertEqual(done.returncode, 2)
        self.assertIn("ignore:1", done.stderr)
        ignore.write_text(f"{identity[:63]} * - because\n")
        done = self.scan(env=key)
        self.assertEqual(done.returncode, 2)
        self.assertIn("ignore:1", done.stderr)

    def test_an_ignore_entry_of_the_configuration_holds_too(self):
        identity, key = self.secret_id()
        self.write(".merlon.yaml", f"ignore:\n  - id: {json.dumps(identity)}\n    reason: known\n")
        self.assertEqual(self.scan(env=key).returncode, 0)

    def test_a_secret_across_two_windows_of_a_binary_file_is_one_finding(self):
        token = f'token = "{github_token()}"'.encode()
        (self.tree / "a.bin").write_bytes(bytes((8 << 20) - 20) + token + bytes(1 << 20))
        report = self.report(code=1)
        self.assertEqual(len(report["findings"]), 1)
        self.assertEqual(report["findings"][0]["location"]["startColumn"], (8 << 20) - 20 + len('token = "') + 1)
        self.assertEqual(report["coverage"]["windowedFiles"], 1)

    def test_a_secret_anywhere_in_a_huge_utf16_file_is_found_at_its_place(self):
        filler = ("\u6587\u5b57\u0a0a\u7530\u4e2d\u4e00 caf\u00e9\n" * 100_000).encode("utf-16-le")
        line = f'token = "{github_token()}"\n'.encode("utf-16-le")
        places = [1]
        with open(self.tree / "a.txt", "wb") as f:
            f.write(b"\xff\xfe" + line)
            while f.tell() < 145 << 20:
                f.write(filler + line)
                places.append(places[-1] + 100_001)
        report = self.report(code=1)
        found = [finding["location"] for finding in report["findings"]]
        self.assertEqual([place["startLine"] for place in found], places)
        self.assertEqual({place["startColumn"] for place in found}, {10})
        with open(self.tree / "a.txt", "rb") as f:
            for place in found:
                f.seek(place["startOffset"])
                self.assertEqual(f.read(80).decode("utf-16-le"), github_token(), place)
                self.assertEqual(place["endOffset"], f.tell())
        self.assertEqual(report["coverage"]["windowedFiles"], 1)
        self.assertEqual(report["coverage"]["bytesRead"], (self.tree / "a.txt").stat().st_size)

    def test_latin_1_windows_own_what_they_share_once(self):
        words = ("caf\u00e9 words\n" * 1000).encode("latin-1")
        line = f'token = "{github_token()}"\n'.encode("latin-1")
        with open(self.tree / "a.txt", "wb") as f:
            f.write(words * 6000)
            while f.tell() < 70 << 20:
                f.write(words[:len(words) // 4] + line)
        count = self.report(code=1)["findings"]
        places = [finding["location"]["startLine"] for finding in count]
        self.assertEqual(len(places), len(set(places)))

    def test_an_archive_behind_a_script_is_opened_and_what_nothing_opens_is_a_gap(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("__main__.py", f'token = "{github_token()}"\n')
        (self.tree / "app.pyz").write_bytes(b"#!/usr/bin/env python3\n" + archive.getvalue())
        self.assertEqual(len(self.report(code=1)["findings"]), 1)
        (self.tree / "a.cab").write_bytes(b"MSCF" + bytes(60))
        self.assertEqual(self.causes(self.report(code=2)), ["unsupported-format"])

    def test_a_stream_with_a_wrong_checksum_is_read_and_is_a_gap(self):
        packed = bytearray(gzip.compress(f"token = {github_token()}\n".encode(), mtime=0))
        packed[-8] ^= 1
        (self.tree / "a.gz").write_bytes(packed)
        report = self.report(code=2)
        self.assertEqual(len(report["findings"]), 1)
        self.assertEqual(self.causes(report), ["corrupt-archive"])

    def accept(self, cause, expires):
        self.write(".merlon.yaml", "coverage:\n  accept:\n    - path: \"torn.zip*\"\n"
                   f"      cause: {cause}\n      reason: a fixture\n      expires: {expires}\n")

    def test_an_accepted_gap_is_counted_and_a_new_one_is_2(self):
        with zipfile.ZipFile(self.tree / "torn.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a", os.urandom(5000))
        whole = (self.tree / "torn.zip").read_bytes()
        (self.tree / "torn.zip").write_bytes(whole[:2000])
        done = self.scan("--format", "json")
        self.assertEqual(done.returncode, 2)
        gap = json.loads(done.stdout)["coverage"]["gaps"][0]
        self.assertIn("coverage:\n  accept:\n    - path: \"torn.zip\"", done.stderr)
        self.assertIn(f"cause: {gap['cause']}", done.stderr)
        self.accept(gap["cause"], "2999-01-01")
        report = self.report(code=0)
        self.assertGreaterEqual(len(report["coverage"]["accepted"]), 1)
        self.assertEqual(report["coverage"]["gaps"], [])
        self.accept(gap["cause"], "2020-01-01")
        done = self.scan()
        self.assertEqual(done.returncode, 2)
        self.accept("encrypted" if gap["cause"] != "encrypted" else "too-large", "2999-01-01")
        self.assertEqual(self.scan().returncode, 2, "another cause is another gap")

    def test_a_gap_inside_an_archive_is_accepted_by_the_path_of_the_archive(self):
        with zipfile.ZipFile(self.tree / "outer.zip", "w") as archive:
            archive.writestr("deep/key.env", b"\0GITCRYPT\0locked")
        for path, code in (("outer.zip", 0), ("*.zip", 0), ("outer.zip!deep/key.env", 0),
                           ("deep/key.env", 2), ("oute", 2)):
            self.write(".merlon.yaml", "coverage:\n  accept:\n"
                       f"    - path: \"{path}\"\n      cause: encrypted\n"
                       "      reason: a fixture\n      expires: 2999-01-01\n")
            self.assertEqual(self.scan().returncode, code, path)


class ConfigurationFile(CommandLine):
    def refused(self, text, *parts):
        self.write(".merlon.yaml", text)
        done = self.scan()
        self.assertEqual(done.returncode, 2, done.stdout)
        for part in parts:
            self.assertIn(part, done.stderr)

    def test_wrong_keys_and_values_are_errors_with_their_line(self):
        self.refused("version: 1\nscan:\n  fial-on: high\n", ".merlon.yaml:3:3", "'fail-on'")
        self.refused("skan:\n  fail-on: high\n", ".merlon.yaml:1:1", "'scan'")
        self.refused("scan:\n  fail-on: hihg\n", ".merlon.yaml:2:", "'high'")
        self.refused("scan:\n  no-ignore: 3\n", ".merlon.yaml:2:", "true or false")
        self.refused("version: 2\n", "version 1")
        self.refused("coverage:\n  accept:\n    - path: a\n      cause: encrypted\n      reason: b\n",
                     ".merlon.yaml:3:", "'expires'")
        self.refused("coverage:\n  accept:\n    - path: a\n      cause: encrypt\n      reason: b\n"
                     "      expires: 2027-01-01\n", ".merlon.yaml:4:", "'encrypted'")
        self.refused("scan: [\n", ".merlon.yaml:")
        self.refused("ignore:\n  - id: ab12\n    reason: known\n", ".merlon.yaml:2:", "64", "'ab12'")
        self.refused("coverage:\n  accept:\n    - path: \"a[\"\n      cause: encrypted\n"
                     "      reason: b\n      expires: 2027-01-01\n", ".merlon.yaml:3:", "']'")

    def test_what_a_setting_names_is_an_error_at_the_setting(self):
        self.refused("scan:\n  exclude:\n    - a/\n    - \"b[\"\n", ".merlon.yaml:4:7: ", "'b['", "']'")
        self.refused("scan:\n  exclude: \"\"\n", ".merlon.yaml:2:12: ", "is empty")
        self.refused("report:\n  output: [a.json, nope=x]\n", ".merlon.yaml:2:20: ", "'nope' is no format", "sarif")
        self.refused("report:\n  output: gone/x.json\n", ".merlon.yaml:2:11: ", "'gone' does not exist")
        self.refused("scan:\n  baseline: none.json\n", ".merlon.yaml:2:13: none.json: ", "--write-baseline")
        self.refused("secrets:\n  rules: none.toml\n", ".merlon.yaml:2:10: none.toml: ", "No such file")
        self.write("own.toml", "[[rules]]\nid = \n")
        self.refused("secrets:\n  rules: own.toml\n", "own.toml:2:")
        self.write(".merlon.yaml", "packages:\n  database: none.db\n")
        self.assertIn(".merlon.yaml:2:13: none.db: ", self.run_merlon("scan", "packages", ".").stderr)

    def test_an_empty_path_is_no_path(self):
        done = self.run_merlon("scan", "secrets", "")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("an empty path was given", done.stderr)

    def test_flag_over_environment_over_configuration_over_default(self):
        self.plant()
        self.write(".merlon.yaml", "scan:\n  fail-on: none\n")
        self.assertEqual(self.scan().returncode, 0)
        self.assertEqual(self.scan(env={"MERLON_FAIL_ON": "low"}).returncode, 1)
        self.assertEqual(
            self.scan("--fail-on", "none", env={"MERLON_FAIL_ON": "low"}).returncode, 0)

    def test_a_misspelt_variable_is_told(self):
        done = self.scan(env={"MERLON_FAIL_ONN": "none", "MERLON_VERSION": "1", "MERLONS": "2"})
        self.assertEqual(done.stderr.count("warning"), 1, done.stderr)
        self.assertIn("MERLON_FAIL_ONN is no variable of merlon; did you mean MERLON_FAIL_ON?",
                      done.stderr)

    def test_what_init_writes_is_a_valid_configuration(self):
        self.assertEqual(self.run_merlon("init").returncode, 0)
        self.assertEqual(self.scan().returncode, 0)
        done = self.run_merlon("init")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--force", done.stderr)
        # Every setting that the comments show is one that is read.
        lines = (self.tree / ".merlon.yaml").read_text().splitlines()
        shown = [line.replace("# ", "", 1) for line in lines
                 if line.lstrip().startswith("# ") and (
                     line.rstrip().endswith(":") or ": " in line or line.lstrip().startswith("#   - ")
                     or line.lstrip().startswith("# - "))]
        self.assertTrue(any("fail-on" in line for line in shown))

    def test_exclude_and_ignore_files_leave_out(self):
        self.plant("skip/a.env")
        self.plant("kept.env", seed=2)
        self.write(".merlon.yaml", "scan:\n  exclude:\n    - skip/\n")
        self.assertEqual(len(self.report(code=1)["findings"]), 1)
        self.assertEqual(len(self.report("--exclude", "*.env", code=0)["findings"]), 0)
        done = self.scan("--exclude", "[")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--exclude '['", done.stderr)

    def test_quiet_prints_the_findings_alone(self):
        self.assertEqual(self.scan("--quiet").stdout, "")
        self.plant()
        done = self.scan("--quiet")
        self.assertNotIn("files", done.stdout)
        self.assertIn("Fix:", done.stdout)

    def test_verbs_without_findings_have_no_other_formats(self):
        for verb in ("doctor", "rules list"):
            done = self.run_merlon(*verb.split(), "--format", "sarif")
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"'merlon {verb}' prints table or json, not sarif", done.stderr)


def wait_for(process, file, is_ready):
    """Polls /proc/PID/`file` of a running process until its text satisfies `is_ready`; returns the text."""
    path = pathlib.Path(f"/proc/{process.pid}/{file}")
    for _ in range(6000):
        text = path.read_text()
        if is_ready(text) or process.poll() is not None:
            return text
        time.sleep(0.005)
    raise AssertionError(f"{file} never got there:\n{text}")


class Signals(CommandLine):
    # How fast the stop is, is measured elsewhere (docs/benchmarks.md): a busy machine must not fail a test.
    def test_ctrl_c_stops_the_run_and_keeps_what_was_found(self):
        self.plant("a.env")
        filler = "".join(f"value_{i} = {random.Random(i).random()} ghp_ AKIA secret key token\n"
                         for i in range(20000))
        for number in range(300):
            self.write(f"z{number}.txt", filler)
        process = subprocess.Popen(
            [MERLON, "scan", "secrets", "--format", "json", "--threads", "1"], cwd=self.tree,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(), text=True)
        read = re.compile(r"^rchar: (\d+)$", re.MULTILINE)
        wait_for(process, "io", lambda text: int(read.search(text)[1]) > 3 * len(filler))
        self.assertIsNone(process.poll(), "the run was over before it could be stopped")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 2)
        report = json.loads(out)
        self.assertIn("cancelled", self.causes(report))
        self.assertLess(report["coverage"]["filesRead"], 301)
        self.assertEqual(len(report["findings"]), 1)

    def test_ctrl_c_ends_a_file_of_a_hundred_thousand_matches(self):
        letters = string.ascii_letters + string.digits
        lines = [f'password_{i} = "{"".join(random.Random(i).choices(letters, k=24))}"\n' for i in range(100_000)]
        self.write("many.txt", "".join(lines))
        process = subprocess.Popen([MERLON, "scan", "secrets", "--format", "json", "--no-cache"], cwd=self.tree,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(), text=True)
        read = re.compile(r"^rchar: (\d+)$", re.MULTILINE)
        wait_for(process, "io", lambda text: int(read.search(text)[1]) > sum(map(len, lines)))
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        # 200 ms on a machine of its own, which a test machine is not.
        self.assertLess(time.monotonic() - begin, 3)
        self.assertEqual(process.returncode, 2)
        self.assertIn("cancelled", self.causes(json.loads(out)))

    def test_ctrl_c_ends_inside_one_line_of_one_letter(self):
        size = 60_000_000
        self.write("one.txt", "a" * size)
        report = self.folder / "report.json"
        process = subprocess.Popen([MERLON, "scan", "secrets", "--output", f"json={report}", "--threads", "1"],
                                   cwd=self.tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=self.environment())
        read = re.compile(r"^rchar: (\d+)$", re.MULTILINE)
        wait_for(process, "io", lambda text: int(read.search(text)[1]) > size)

        def processor_seconds():
            fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        before = processor_seconds()
        process.send_signal(signal.SIGINT)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        # 200 ms of a machine of its own; some three seconds where nothing listens.
        self.assertLess(processor_seconds() - before, 1)
        self.assertEqual(process.wait(60), 2)
        self.assertIn("cancelled", self.causes(json.loads(report.read_text())))

    def test_ctrl_c_ends_inside_one_large_workbook(self):
        row = '<row><c r="A1" t="inlineStr"><is><t>some words of a cell</t></is></c></row>'
        sheet = "<worksheet>" + row * 800_000 + "</worksheet>"
        with zipfile.ZipFile(self.tree / "a.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", sheet)
        self.plant("0.env")
        process = subprocess.Popen([MERLON, "scan", "secrets", "--format", "json", "--threads", "1"], cwd=self.tree,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(), text=True)
        read = re.compile(r"^rchar: (\d+)$", re.MULTILINE)
        size = (self.tree / "a.xlsx").stat().st_size
        wait_for(process, "io", lambda text: int(read.search(text)[1]) > size)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 2)
        report = json.loads(out)
        self.assertEqual(self.causes(report), ["cancelled"])
        self.assertEqual(len(report["findings"]), 1)

    def test_each_instance_in_a_terraform_state_is_told_and_so_is_a_store_of_keys(self):
        words = ["".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=20)) for seed in range(4)]
        self.write("terraform.tfstate", json.dumps({"version": 4, "resources": [
            {"mode": "managed", "type": "random_password", "name": "db", "instances": [
                {"attributes": {"id": "none", "length": 20, "result": word}} for word in words[:2]]},
            {"mode": "managed", "type": "random_string", "instances": [{"attributes": {"result": words[2]}}]},
            {"mode": "managed", "type": "kubernetes_secret", "instances": [{"attributes": {"data": {"a": words[3]}}}]}]},
            indent=2))
        (self.tree / "store.p12").write_bytes(bytes(range(0x80, 0xff)))
        report = self.report("--show-secrets", code=1)
        found = [(finding["rule"], finding.get("secret")) for finding in report["findings"]]
        for word in (words[0], words[1], words[3]):
            self.assertIn(("terraform-state-resource-secret", word), found)
        self.assertNotIn(words[2], [secret for _, secret in found])
        self.assertIn("pkcs12-file", [rule for rule, _ in found])

    def test_a_value_in_escaped_quotes_is_told_where_it_stands(self):
        word = "".join(random.Random(5).choices(string.ascii_letters + string.digits, k=20))
        inner = json.dumps({"user": "app", "db_password": word})
        self.write("secret.json", json.dumps({"SecretString": inner}) + "\n")
        compact = json.dumps({"user": "app", "db_password": word}, separators=(",", ":"))
        self.write("deep.json", json.dumps({"body": json.dumps({"SecretString": compact})}) + "\n")
        findings = self.report("--show-secrets", code=1)["findings"]
        self.assertEqual({finding["location"]["path"] for finding in findings}, {"secret.json", "deep.json"})
        for finding in findings:
            self.assertEqual(finding["secret"], word)
            text = (self.tree / finding["location"]["path"]).read_text()
            column = finding["location"]["startColumn"] - 1
            self.assertIn(word, text[column:finding["location"]["endColumn"]])

    def test_ctrl_c_and_a_closed_terminal_are_heard_while_standard_input_is_silent(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = subprocess.Popen([MERLON, "scan", "secrets", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=self.environment())
            # The signal's bit is in the mask of caught signals once the program listens.
            caught = re.compile(r"^SigCgt:\s*([0-9a-f]+)$", re.MULTILINE)
            wait_for(process, "status", lambda text, bit=1 << number - 1: int(caught.search(text)[1], 16) & bit)
            process.send_signal(number)
            process.wait(60)
            self.assertEqual(process.returncode, 2, number)
            self.assertIn(b"cancelled", process.stdout.read())
            for stream in (process.stdin, process.stdout, process.stderr):
                stream.close()


class ReportFiles(CommandLine):
    def test_a_private_report_stays_private(self):
        self.plant()
        target = self.folder / "report.json"
        target.touch(0o600)
        self.assertEqual(self.scan("--output", f"json={target}").returncode, 1)
        self.assertEqual(target.stat().st_mode & 0o777, 0o600)
        self.assertEqual(len(json.loads(target.read_text())["findings"]), 1)

    def test_a_report_goes_through_a_link_to_what_it_names(self):
        self.plant()
        (self.folder / "far").mkdir()
        (self.tree / "link.json").symlink_to("../far/report.json")
        (self.tree / "baseline").symlink_to("../far/baseline.json")
        for _ in range(2):  # made, then replaced
            done = self.scan("--output", "json=link.json", "--write-baseline", "baseline")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue((self.tree / "link.json").is_symlink() and (self.tree / "baseline").is_symlink())
            self.assertEqual(len(json.loads((self.folder / "far/report.json").read_text())["findings"]), 1)
            self.assertEqual(json.loads((self.folder / "far/baseline.json").read_text())["version"], 1)
        done = self.scan("--output", "json=link.json", "--output", "sarif=../far/./report.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("twice", done.stderr)

    def test_a_folder_that_is_missing_is_named_before_the_scan(self):
        self.write("file", "")
        (self.tree / "link.json").symlink_to("no/such/report.json")
        for words, named in ((("--output", "json=link.json"), "'no/such' does not exist"),
                             (("--write-baseline", "file/b/c.json"), "'file/b' cannot be made"),
                             (("--write-baseline", "."), "is a directory")):
            done = self.scan(*words)
            self.assertEqual(done.returncode, 2)
            self.assertIn(named, done.stderr)
            self.assertEqual(done.stdout, "", "nothing was scanned")

    def test_a_report_that_is_mounted_by_itself_is_written_in_place(self):
        if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode != 0:
            self.skipTest("no mounts here")
        self.plant()
        source, target = self.folder / "source.json", self.folder / "report.json"
        for path in (source, target):
            path.touch()
        script = 'mount --bind "$1" "$2" && "$3" scan secrets . --quiet --output "json=$2"'
        done = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", source, target, MERLON],
                              cwd=self.tree, env=self.environment(), capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(json.loads(source.read_text())["findings"]), 1)
        self.assertEqual(sorted(path.name for path in self.folder.glob("report*")), ["report.json"])


class Documents(CommandLine):
    def test_a_name_that_is_not_there_is_answered_with_what_may_be_meant(self):
        for words, said in ((("rules", "show", "github-acces-token"), "did you mean 'github-"),
                            (("rules", "show", "nosuch"), "'merlon rules list' names them"),
                            (("help", "scan", "secretz"), "did you mean 'scan secrets'?"),
                            (("help", "nosuch"), "'merlon help' names them")):
            done = self.run_merlon(*words)
            self.assertEqual(done.returncode, 2)
            self.assertIn(said, done.stderr)

    def test_every_command_has_help(self):
        overview = self.run_merlon("--help")
        self.assertEqual(overview.returncode, 0)
        for verb in ("scan secrets", "rules list", "init", "doctor", "completion", "man", "version"):
            self.assertIn(verb, overview.stdout)
            page = self.run_merlon(*verb.split(), "--help")
            self.assertEqual(page.returncode, 0)
            self.assertIn(f"merlon {verb}", page.stdout)
        self.assertIn("--fail-on", self.run_merlon("help", "scan", "secrets").stdout)

    def test_completions_are_valid_for_their_shells(self):
        for shell in ("bash", "zsh", "fish"):
            done = self.run_merlon("completion", shell)
            self.assertEqual(done.returncode, 0)
            if shutil.which(shell):
                checked = subprocess.run([shell, "-n"], input=done.stdout, text=True,
                                         capture_output=True)
                self.assertEqual(checked.returncode, 0, checked.stderr)

    def complete_in_bash(self, *words):
        quoted = " ".join(shlex.quote(word) for word in words)
        asked = self.run_merlon("completion", "bash").stdout + (
            f"PATH={shlex.quote(str(self.folder))}:$PATH; COMP_WORDS=({quoted}); "
            f"COMP_CWORD={len(words) - 1}; _merlon; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        link = pathlib.Path(self.folder) / "merlon"
        if not link.exists():
            link.symlink_to(MERLON)
        shown = subprocess.run(["bash", "-s"], input=asked, capture_output=True, text=True,
                               cwd=self.tree, env=dict(os.environ, HOME=str(self.home)))
        self.assertEqual(shown.stderr, "", words)
        return shown.stdout.split()

    def test_bash_completes_commands_flags_and_their_values(self):
        formats = ["table", "json", "sarif", "junit", "markdown", "html", "csv"]
        files = ["key.txt", "notes.txt"]
        for name in files:
            (self.tree / name).touch()
        for words, expected in (
                (["sc"], ["scan"]), (["scan", "secrets", "--format", "sa"], ["sarif"]),
                (["scan", "secrets", "-f", ""], formats), (["-f", ""], formats),
                (["scan", "secrets", "--format", "=", "j"], ["json", "junit"]),
                (["scan", "secrets", "--format", "="], formats),
                (["scan", "secrets", "-c", ""], files), (["scan", "secrets", "-o", ""], files),
                (["scan", "secrets", ""], files), (["scan", "secrets", "-j", ""], []),
                (["completion", ""], ["bash", "zsh", "fish"]),
                (["help", "sc"], ["scan"]), (["help", "scan", ""], ["packages", "secrets"]),
                (["sbom", "--format", "spdx3"], ["spdx3-json"]), (["scan", "packages", "--fail-on", "g"], ["gate"]),
                (["hook", "run", "pre-"], ["pre-commit", "pre-push", "pre-receive"]),
                (["hook", "install", "c"], ["commit-msg"]),
                (["rules", "show", "github-personal"], ["github-personal-access-token"]),
                (["version", "--fo"], []), (["version", "x"], []),
                (["compat", "gitleaks", "d"], ["dir", "directory", "detect"]),
                (["compat", "gitleaks", "--fo"], []),
                (["compat", "gitleaks", "dir", "--report-f"], ["--report-format"]),
                (["compat", "gitleaks", "dir", "-f", "s"], ["sarif"]),
                (["compat", "gitleaks", "git", "--sta"], ["--staged"]),
                (["compat", "gitleaks", "dir", "--sta"], [])):
            with self.subTest(words=words):
                self.assertEqual(sorted(self.complete_in_bash("merlon", *words)), sorted(expected))
        listed = self.run_merlon("rules", "list", "--quiet").stdout.split("\n")
        self.assertEqual(len(self.complete_in_bash("merlon", "rules", "show", "")),
                         len(listed) - 1)

    def test_a_flag_that_does_nothing_is_refused(self):
        for words in (["completion", "--output", "x", "bash"], ["version", "--format", "json"],
                      ["init", "--format", "json"], ["--format", "json", "compat", "gitleaks", "dir"],
                      ["rules", "list", "-o", "x"], ["doctor", "-c", "x"], ["man", "-j", "2"]):
            done = self.run_merlon(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("merlon " + " ".join(word for word in words if word in (
                "completion", "version", "init", "compat", "gitleaks", "rules", "list", "doctor",
                "man")), done.stderr)
        self.assertIn("'--version'", self.run_merlon("--verson").stderr)

    def test_the_manual_page_is_well_formed(self):
        page = self.run_merlon("man")
        self.assertEqual(page.returncode, 0)
        self.assertTrue(page.stdout.startswith(".TH MERLON 1"))
        if shutil.which("groff"):
            warned = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8", "-K", "utf8"],
                                    input=page.stdout, text=True, capture_output=True)
            self.assertEqual(warned.stderr, "")

    def test_every_command_has_its_page_and_the_flag_reference_is_fresh(self):
        docs = pathlib.Path(__file__).parents[2] / "docs"
        reference = self.run_merlon("man", "--format", "markdown").stdout
        self.assertEqual(reference, (docs / "flags.md").read_text(), "make docs renews it")
        headings = " ".join(page.read_text().split("\n", 1)[0] for page in docs.glob("*.md")
                            if page.name != "flags.md").replace(",", "").replace(":", "").split()
        for command in re.findall("^## merlon ([a-z]+)", reference, re.M):
            self.assertIn(command, headings)

    def test_doctor_says_which_rules_are_slow_and_why(self):
        rules = pathlib.Path(self.folder) / "slow.toml"
        rules.write_text("[[rules]]\nid = 'slow'\nregex = '[a-z]+@[a-z]+'\n"
                         "[[rules]]\nid = 'fast'\nregex = 'key=[a-z]+'\n")
        done = self.run_merlon("doctor", "rules", str(rules))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("slow: no string", done.stdout)
        self.assertIn("a class of 26 characters", done.stdout)
        self.assertIn("2 rules, 1 slow", done.stdout)
        found = json.loads(self.run_merlon("doctor", "rules", str(rules), "--format", "json").stdout)
        self.assertEqual([rule["id"] for rule in found["slow"]], ["slow"])
        rules.write_text("[[rules]]\nid = 'bad'\nregex = '('\n")
        self.assertEqual(self.run_merlon("doctor", "rules", str(rules)).returncode, 2)
        rules.write_text("title = 'nothing'\n")
        for words in (["doctor", "rules", str(rules)], ["rules", "list", "--rules", str(rules)],
                      ["scan", "secrets", "--rules", str(rules), str(self.tree)]):
            done = self.run_merlon(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("no rules", done.stdout + done.stderr)

    def test_a_huge_text_without_a_mark_is_read_in_its_encoding(self):
        line = "\u6c34\u706b\u571f\u91d1\u6728" * 200 + "\n"  # Han, and now and then a line feed
        text = "\u6c34" * 9_000 + line * 34_000
        text += f"token = {github_token()}\n" + "\u6c34" * 9_000
        for encoding in ("utf-16-le", "utf-16-be"):
            (self.tree / "huge.txt").write_bytes(text.encode(encoding))
            self.assertGreater((self.tree / "huge.txt").stat().st_size, 64 << 20)
            report = self.report(code=1)
            self.assertEqual([f["location"]["startLine"] for f in report["findings"]], [34_001])

    def test_an_archive_larger_than_a_window_is_unpacked_while_it_is_read(self):
        filler = b"nothing to be seen here\n" * 40_000
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as made:
            made.writestr("first.txt", f"token = '{github_token(1)}'\n")
            with made.open("large.txt", "w") as member:
                for _ in range(72):
                    member.write(filler)
                member.write(f"token = '{github_token(2)}'\n".encode())
            made.writestr("last.txt", f"token = '{github_token(3)}'\n")
        self.assertGreater(len(inner.getvalue()), 64 << 20)
        (self.tree / "large.zip").write_bytes(inner.getvalue())
        with zipfile.ZipFile(self.tree / "outer.zip", "w") as made:
            made.writestr("inner.zip", inner.getvalue())
        (self.tree / "old.txt.lzma").write_bytes(
            lzma.compress(f"token = '{github_token(4)}'\n".encode(), format=lzma.FORMAT_ALONE))
        done = self.run_merlon("scan", "secrets", str(self.tree), "--format", "json",
                               "--show-secrets")
        report = json.loads(done.stdout)
        self.assertEqual(report["coverage"]["gaps"], [])
        found = {"!".join([finding["location"]["path"].split("/")[-1],
                           *finding["location"]["members"]]):
                 (finding["secret"], finding["location"]["startLine"])
                 for finding in report["findings"]}
        large = (github_token(2), 72 * 40_000 + 1)
        expected = {"old.txt.lzma!old.txt": (github_token(4), 1)}
        for archive in ("large.zip", "outer.zip!inner.zip"):
            expected |= {archive + "!first.txt": (github_token(1), 1), archive + "!large.txt": large,
                         archive + "!last.txt": (github_token(3), 1)}
        self.assertEqual(found, expected)
        peak_kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        if not any(key.endswith("SAN_OPTIONS") for key in os.environ):
            self.assertLess(peak_kilobytes, 600_000)

    def test_a_wrong_checksum_of_an_archive_larger_than_a_window_is_a_gap(self):
        text = f"token = '{github_token(1)}'\n".encode()
        filler = random.Random(4).randbytes(1 << 20) * 68  # farther apart than deflate looks back
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as made:
            for name, data in (("first.txt", text), ("filler", filler)):
                member = tarfile.TarInfo(name)
                member.size = len(data)
                made.addfile(member, io.BytesIO(data))
        packed = {"a.txt.gz": gzip.compress(text + filler, 1), "b.tar.gz": gzip.compress(tar.getvalue(), 1),
                  "c.txt.zz": zlib.compress(text + filler, 1)}
        self.assertGreater(min(map(len, packed.values())), 64 << 20)
        for name, data in packed.items():
            (self.tree / name).write_bytes(data)
        done = self.run_merlon("scan", "secrets", str(self.tree), "--format", "json")
        report = json.loads(done.stdout)
        self.assertEqual(report["coverage"]["gaps"], [])
        self.assertEqual(len(report["findings"]), 3)
        for name, data in packed.items():
            at = len(data) - (1 if name.endswith("zz") else 6)
            (self.tree / name).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        done = self.run_merlon("scan", "secrets", str(self.tree), "--format", "json")
        self.assertEqual(done.returncode, 2)
        report = json.loads(done.stdout)
        self.assertEqual(sorted((gap["path"].split("/")[-1], gap["cause"]) for gap in report["coverage"]["gaps"]),
                         [(name, "corrupt-archive") for name in sorted(packed)])
        self.assertEqual(len(report["findings"]), 3)

    def test_each_value_of_a_kubernetes_secret_is_a_finding_of_its_own(self):
        source = random.Random(3)
        plain = ["".join(source.choice(BASE62) for _ in range(20)) for _ in range(4)]
        coded = [base64.b64encode(text.encode()).decode() for text in plain]
        (self.tree / "secret.yaml").write_text(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n"
            f"  first: {coded[0]}\n  second: \"{coded[1]}\"\n"
            f"stringData:\n  third: {plain[2]}\n  fourth: '{plain[3]}'\n")
        (self.tree / "list.json").write_text(
            '{"kind":"List","items":[{"kind":"Secret","data":{"a":"%s","b":"%s"}}]}' % tuple(coded[:2]))
        done = self.run_merlon("scan", "secrets", str(self.tree), "--format", "json",
                               "--show-secrets")
        found = {}
        for finding in json.loads(done.stdout)["findings"]:
            place = finding["location"]
            found.setdefault(place["path"].split("/")[-1], []).append(
                (place["startLine"], place["startColumn"], finding["secret"]))
        self.assertEqual(found["secret.yaml"], [(6, 10, coded[0]), (7, 12, coded[1]),
                                                (9, 10, plain[2]), (10, 12, plain[3])])
        self.assertEqual([(line, secret) for line, _, secret in found["list.json"]],
                         [(1, coded[0]), (1, coded[1])])

    def test_help_explains_what_only_begins_commands(self):
        for words in (["help", "compat"], ["compat", "--help"]):
            done = self.run_merlon(*words)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("behave as other tools", done.stdout)
            self.assertIn("compat gitleaks", done.stdout)
        self.assertIn("rules show", self.run_merlon("help", "rules").stdout)
        self.assertEqual(self.run_merlon("help", "rule").returncode, 2)

    def test_doctor_says_what_works(self):
        done = self.run_merlon("doctor", "--format", "json")
        self.assertEqual(done.returncode, 0, done.stdout)
        names = [check["name"] for check in json.loads(done.stdout)["checks"]]
        for name in ("landlock", "seccomp", "cache", "processors", "rules", "libraries"):
            self.assertIn(name, names)

    def test_version(self):
        self.assertEqual(self.run_merlon("version").stdout, self.run_merlon("--version").stdout)


class Rules(CommandLine):
    def test_every_rule_keeps_its_own_examples(self):
        done = self.run_merlon("rules", "test")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^\d+ passed, 0 failed$")
        listed = json.loads(self.run_merlon("rules", "test", "--format", "json").stdout)
        self.assertEqual(f"{listed['passed']} passed, {listed['failed']} failed\n", done.stdout)
        self.assertEqual(len(listed["examples"]), listed["passed"])
        self.assertTrue(all(e["text"] and e["rule"] and not e["problem"] for e in listed["examples"]))
        self.assertEqual(self.run_merlon("rules", "test", "--format", "sarif").returncode, 2)

    def test_every_rule_of_the_pack_is_whole(self):
        folder = pathlib.Path(__file__).parents[2] / "rules" / "secrets"
        for path in sorted(folder.glob("*.toml")):
            for rule in tomllib.loads(path.read_text())["rules"]:
                own = rule["merlon"]
                with self.subTest(rule["id"]):
                    for text in (rule["description"], own["fix"], own["severity"]):
                        self.assertTrue(text)
                    self.assertTrue(rule.get("keywords") or rule.get("path"))
                    for key in ("url", "source"):
                        self.assertRegex(own.get(key, "https://x"), r"^https://\S+$")
                    self.assertTrue(own["url"] and own["true"])
                    # A rule of paths alone holds for whatever the file has in it.
                    self.assertEqual(bool(own["false"]), "regex" in rule)

    def test_a_check_moves_the_confidence_and_hides_nothing(self):
        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        session = ".".join((part({"alg": "HS256"}), part({"exp": 1500000000}), "c2lnbmF0dXJl" * 3))
        good = github_token(7)
        wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
        self.write("app.txt", f"good = {good}\nwrong = {wrong}\nsession = {session}\n")
        found = {}
        for finding in self.report("app.txt", code=1)["findings"]:
            line = finding["location"]["startLine"]
            found[line] = (finding["properties"]["check"], finding["confidence"])
            self.assertTrue(finding["properties"]["checkRemark"])
        self.assertEqual(found, {1: ("valid", "high"), 2: ("invalid", "low"), 3: ("expired", "low")})

    def test_the_page_on_rules_has_the_table_of_checks(self):
        table = self.run_merlon("rules", "checks", "--format", "markdown").stdout
        page = pathlib.Path(__file__).parents[2] / "docs" / "rules-secrets.md"
        self.assertIn("-->\n" + table + "<!-- end of checks -->", page.read_text(),
                      "run tools/docs.sh")
        listed = json.loads(self.run_merlon("rules", "checks", "--format", "json").stdout)
        self.assertIn("github-crc32", [check["name"] for check in listed["checks"]])

    def test_an_example_has_to_keep_its_check(self):
        rule = ("[[rules]]\nid='token'\nregex='(ghp_[0-9A-Za-z]{36})'\n"
                "[rules.merlon]\ncheck='github-crc32'\n")
        self.write("good.toml", rule + "true=['{crc32-base62:ghp_:30}']\nfalse=['ghp_{alnum:36}']\n")
        done = self.run_merlon("rules", "test", "--rules", "good.toml")
        self.assertEqual((done.returncode, done.stdout), (0, "2 passed, 0 failed\n"), done.stderr)
        self.write("bad.toml", rule + "true=['ghp_{alnum:36}']\nfalse=['{crc32-base62:ghp_:30}']\n")
        done = self.run_merlon("rules", "test", "--rules", "bad.toml")
        self.assertEqual((done.returncode, done.stdout), (1, "0 passed, 2 failed\n"))
        self.assertIn("did not pass its check", done.stderr)

    def test_a_rule_with_an_unknown_check_is_left_out(self):
        self.write("rules.toml", "[[rules]]\nid='x'\nregex='x'\n[rules.merlon]\ncheck='jtw'\n")
        done = self.run_merlon("rules", "list", "--rules", "rules.toml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean 'jwt'?", done.stderr)

    def test_rules_are_listed_and_shown(self):
        listed = json.loads(self.run_merlon("rules", "list", "--format", "json").stdout)
        self.assertGreaterEqual(len(listed["rules"]), 180)
        self.assertTrue(all(rule["description"] and rule["fix"] for rule in listed["rules"]))
        shown = self.run_merlon("rules", "show", "github-personal-access-token")
        self.assertIn("critical", shown.stdout)
        done = self.run_merlon("rules", "show", "github-personal-acess-token")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean 'github-personal-access-token'?", done.stderr)

    def compat(self, *arguments):
        """(exit code, {(file, secret)}, standard error) of the gitleaks front over the folder "t"."""
        rules = self.write("rules.toml", "[[rules]]\nid = 'r'\nregex = 'tok_[a-z0-9]{12}'\n")
        done = self.run_merlon("compat", "gitleaks", "dir", "t", "-c", rules, "-f", "json", "-r", "-", *arguments)
        return done.returncode, {(row["File"], row["Secret"]) for row in json.loads(done.stdout)}, done.stderr

    def test_the_compat_front_goes_by_the_name_of_an_archive(self):
        text = b"tok_aaaabbbbcccc\n"
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as archive:
            info = tarfile.TarInfo("x.txt")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
        (self.tree / "t").mkdir()
        (self.tree / "t" / "a.gz").write_bytes(gzip.compress(tar.getvalue()))
        self.assertEqual(self.compat("--max-archive-depth=3")[:2], (0, set()), "one text, passed over by its magic")
        (self.tree / "t" / "a.gz").rename(self.tree / "t" / "a.TAR.gz.old")
        self.assertEqual(self.compat("--max-archive-depth=3")[:2], (1, {("t/a.TAR.gz.old!x.txt", "tok_aaaabbbbcccc")}))
        self.assertEqual(self.compat()[:2], (0, set()))

    def test_the_compat_front_reads_a_baseline_as_go_does(self):
        self.write("t/a.txt", "tok_aaaabbbbcccc\n")
        rules = self.write("c.toml", "[[rules]]\nid = 'r'\nregex = 'tok_[a-z0-9]{12}'\n")
        words = ("compat", "gitleaks", "dir", "t", "-c", rules)
        rows = json.loads(self.run_merlon(*words, "-f", "json", "-r", "-").stdout)
        for other in (b"\xff\xfe", b"\\ud800", b"caf\xe9"):
            text = json.dumps([*rows, dict(rows[0], Secret="OTHER")]).encode().replace(b"OTHER", other)
            (self.tree / "b.json").write_bytes(text)
            self.assertEqual(self.run_merlon(*words, "-b", "b.json").returncode, 0, other)
        (self.tree / "b.json").write_bytes(b"[\xff]")
        self.assertEqual(self.run_merlon(*words, "-b", "b.json").returncode, 1)

    def test_the_compat_front_stops_loudly_where_a_rule_matches_everything(self):
        rules = self.write("c.toml", "[[rules]]\nid = 'all'\nregex = 'a'\n")
        self.write("t/a.txt", "a" * 260_000)
        for words in ((), ("--exact-exit",)):
            done = self.run_merlon("compat", "gitleaks", "dir", "t", "-c", rules, "-f", "csv", "-r", "-", *words)
            self.assertEqual(done.returncode, 2)
            self.assertIn("stopped at 250000 findings", done.stderr)
            self.assertEqual(len(done.stdout.splitlines()), 250_001)
        self.write("t/a.txt", "a" * 250_000)
        done = self.run_merlon("compat", "gitleaks", "dir", "t", "-c", rules)
        self.assertEqual(done.returncode, 1, done.stderr)

    def test_the_compat_front_is_loud_about_text_named_as_an_archive(self):
        (self.tree / "t").mkdir()
        (self.tree / "t" / "a.tar.gz.log").write_bytes(b"tok_aaaabbbbcccc\n")
        for depth in (0, 2):
            code, found, errors = self.compat(f"--max-archive-depth={depth}")
            self.assertEqual((code, found), (2, set()))
            self.assertIn("t/a.tar.gz.log: not scanned: is plain text", errors)
            self.assertEqual(self.compat(f"--max-archive-depth={depth}", "--exact-exit")[:2], (0, set()))

    def test_the_compat_front_reports_what_comes_before_a_damage(self):
        packed = bytearray(gzip.compress(b"tok_aaaabbbbcccc\n"))
        packed[-8] ^= 0x55  # of the checksum
        (self.tree / "t").mkdir()
        (self.tree / "t" / "a.gz").write_bytes(packed)
        self.assertEqual(self.compat("--max-archive-depth=1")[:2], (2, {("t/a.gz", "tok_aaaabbbbcccc")}))
        self.assertEqual(self.compat("--max-archive-depth=1", "--exact-exit")[:2], (0, set()), "as gitleaks")

    def test_the_compat_front_ends_an_archive_at_a_broken_member_where_gitleaks_does(self):
        def zip_of(*members):
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w") as archive:
                for name, text in members:
                    archive.writestr(name, text)
            return data.getvalue()

        before, behind = ("a.txt", "tok_aaaaaaaaaaaa\n"), ("z.txt", "tok_zzzzzzzzzzzz\n")
        (self.tree / "t").mkdir()
        for number, (name, content, ends) in enumerate([
                ("m.zip", b"", True), ("m.zip", b"garbage\n", True), ("m.tar", b"garbage\n", True),
                ("m.tar.gz", b"", True), ("m.7z", b"", True), ("m.rar", b"\1\2", True),
                ("m.zip", zip_of(("n.zip", b"")), True), ("m.zip.gz", gzip.compress(zip_of()), True),
                ("m.tar", b"", False), ("m.gz", b"garbage\n", False), ("m.zip", zip_of(), False)]):
            (self.tree / "t" / f"{number}.zip").write_bytes(zip_of(before, (name, content), behind))
            name = f"t/{number}.zip"
            both = {(f"{name}!a.txt", "tok_aaaaaaaaaaaa"), (f"{name}!z.txt", "tok_zzzzzzzzzzzz")}
            with self.subTest(name=name, content=content):
                found = self.compat("--max-archive-depth=4")[1]
                self.assertLessEqual(both, found, "Merlon goes on")
                found = {row for row in self.compat("--max-archive-depth=4", "--exact-exit")[1]
                         if row[0].startswith(f"{name}!")}
                self.assertEqual(found, {min(both)} if ends else both)

    def test_the_compat_report_goes_through_a_link_and_counts_the_bytes_of_its_rules(self):
        (self.tree / "t").mkdir()
        (self.tree / "t" / "a.txt").write_text("tok_aaaabbbbcccc\n")
        rules = "[[rules]]\nid = 'r'\nregex = 'tok_[a-z0-9]{12}'\n"
        (self.tree / "t" / "rules.toml").write_text(rules)
        (self.tree / "link").symlink_to("report.json")
        for path in ("t/rules.toml", self.tree / "t" / "rules.toml"):
            done = self.run_merlon("compat", "gitleaks", "dir", "t", "-c", path, "-r", "link", "-f", "json")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertTrue((self.tree / "link").is_symlink())
            self.assertEqual(len(json.loads((self.tree / "report.json").read_text())), 1)
            self.assertIn(f"scanned ~{17 + len(rules)} bytes", done.stderr)

    def test_registered_rules_are_those_of_the_compat_front(self):
        self.write("theirs.toml", "title = 't'\n[[rules]]\nid = 'only'\nregex = 'on(ly)'\n")
        self.write("text.txt", "only\n")
        done = self.run_merlon("rules", "add", "gitleaks", "theirs.toml")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_merlon("compat", "gitleaks", "dir", "text.txt", "-f", "json", "-r", "-")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual([f["RuleID"] for f in json.loads(done.stdout)], ["only"])
        self.write("broken.toml", "[[rules]]\nid = 'x'\nregex = '('\n")
        self.assertEqual(self.run_merlon("rules", "add", "gitleaks", "broken.toml").returncode, 2)

    def test_called_by_the_name_gitleaks_it_is_its_front(self):
        link = self.folder / "gitleaks"
        link.symlink_to(MERLON)
        self.plant()
        done = subprocess.run([link, "dir", ".", "-f", "json", "-r", "-"], cwd=self.tree, text=True,
                              capture_output=True, env=self.environment())
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("RuleID", done.stdout)


class LeastPrivilege(CommandLine):
    def test_a_scan_runs_without_rights_and_writes_its_outputs(self):
        self.plant()
        checks = {c["name"]: c["state"] for c in
                  json.loads(self.run_merlon("doctor", "--format", "json").stdout)["checks"]}
        if checks["landlock"] != "works" or checks["seccomp"] != "works":
            self.skipTest("this kernel has no Landlock or seccomp")
        process = subprocess.Popen([MERLON, "scan", "secrets", "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment())
        status = wait_for(process, "status", lambda text: "Seccomp:\t2" in text)
        process.communicate(b"")
        self.assertIn("NoNewPrivs:\t1", status)
        self.assertIn("Seccomp:\t2", status)


class Start(CommandLine):
    def test_the_program_loads_few_shared_objects(self):
        if shutil.which("ldd") is None:
            self.skipTest("no ldd")
        shown = subprocess.run(["ldd", MERLON], capture_output=True, text=True).stdout
        self.assertLessEqual(sum(".so" in line for line in shown.splitlines()), 8)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__)
        sys.exit(2)
    MERLON = str(pathlib.Path(sys.argv[1]).resolve())
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=1)
