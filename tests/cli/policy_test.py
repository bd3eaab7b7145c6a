#!/usr/bin/env python3
"""Policies as a user meets them: policy_test.py MERLON [unittest arguments]"""

import base64
import hashlib
import hmac
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

MERLON = str(pathlib.Path(sys.argv[1]).resolve())
POLICY = """package shop

default allow := false

allow if {
\tinput.method == "GET"
\tsome role in data.roles[input.user]
\trole == "reader"
}
"""


class Policy(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        (self.root / "shop.rego").write_text(POLICY)
        (self.root / "data.json").write_text('{"roles": {"ann": ["reader"]}}')
        (self.root / "input.json").write_text('{"method": "GET", "user": "ann"}')

    def tearDown(self):
        self.folder.cleanup()

    def run_merlon(self, *words, code=0, text=""):
        done = subprocess.run([MERLON, *words], cwd=self.root, input=text, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_a_query_is_answered(self):
        done = self.run_merlon("policy", "eval", "-d", "shop.rego", "-d", "data.json", "-i", "input.json",
                               "data.shop.allow")
        expression = json.loads(done.stdout)["result"][0]["expressions"][0]
        self.assertEqual((expression["value"], expression["text"]), (True, "data.shop.allow"))

    def test_the_two_names_are_one_front(self):
        for words in (["policy"], ["compat", "opa"]):
            done = self.run_merlon(*words, "eval", "-I", "-f", "raw", "input.x + 1", text='{"x": 41}')
            self.assertEqual(done.stdout, "42\n")

    def test_types_are_checked_also_with_schemas(self):
        (self.root / "schemas").mkdir()
        (self.root / "schemas" / "request.json").write_text(
            '{"type": "object", "properties": {"port": {"type": "integer"}}}')
        (self.root / "typed.rego").write_text(
            "# METADATA\n# scope: package\n# schemas:\n#   - input: schema.request\npackage typed\n\n"
            "p if startswith(input.port, \"8\")\n\nq := count(1)\n")
        wrong = ("typed.rego:9: rego_type_error: count: invalid argument(s)\n\thave: (number, ???)\n"
                 "\twant: (collection: any<...>, n: number)\n")
        done = self.run_merlon("policy", "check", "typed.rego", code=1)
        self.assertEqual(done.stderr, "1 error occurred: " + wrong)
        done = self.run_merlon("policy", "check", "--schema", "schemas", "typed.rego", code=1)
        self.assertEqual(done.stderr,
                         "2 errors occurred:\ntyped.rego:7: rego_type_error: startswith: invalid argument(s)\n"
                         "\thave: (number, string)\n\twant: (search: string, base: string, result: boolean)\n" + wrong)

    def test_strict_mode_and_capabilities(self):
        (self.root / "loose.rego").write_text("package loose\n\nimport data.roles\n\np if {\n\tx := 1\n}\n")
        self.assertEqual(self.run_merlon("compat", "opa", "check", "loose.rego").stdout, "")
        done = self.run_merlon("compat", "opa", "check", "--strict", "loose.rego", code=1)
        self.assertEqual(done.stderr,
                         "2 errors occurred:\nloose.rego:3: rego_compile_error: import data.roles unused\n"
                         "loose.rego:6: rego_compile_error: assigned var x unused\n")
        (self.root / "few.json").write_text(json.dumps({"features": ["rego_v1"], "builtins": [
            {"name": "eq", "decl": {"type": "function"}}, {"name": "assign", "decl": {"type": "function"}},
            {"name": "own.size", "decl": {"args": [{"name": "x", "type": "string"}], "result": {"type": "number"}}}]}))
        (self.root / "few.rego").write_text("package few\n\np := own.size(1)\n\nq := count([])\n")
        done = self.run_merlon("compat", "opa", "check", "--capabilities", "few.json", "few.rego", code=1)
        self.assertEqual(done.stderr, "1 error occurred: few.rego:5: rego_type_error: undefined function count\n")
        done = self.run_merlon("compat", "opa", "check", "--capabilities", "v0.60.0", "few.rego", code=1)
        self.assertEqual(done.stderr, "1 error occurred during loading: rego_parse_error: illegal capabilities: "
                                      "rego_v1 feature required for parsing v1 Rego\n")
        (self.root / "new.rego").write_text('package new\n\np := strings.count("aa", "a")\n')
        done = self.run_merlon("compat", "opa", "check", "--v0-compatible", "--capabilities", "v0.60.0", "new.rego", code=1)
        self.assertEqual(done.stderr, "1 error occurred: new.rego:3: rego_type_error: undefined function strings.count\n")

    def test_check_tells_what_reaches_the_world(self):
        (self.root / "reach.rego").write_text(
            "package reach\n\np if http.send({\"url\": \"https://x\"}).status_code == 200\n\nq := time.now_ns()\n")
        done = self.run_merlon("policy", "check", "reach.rego")
        self.assertEqual(done.stdout, "reach.rego:3: http.send reaches the network\n"
                                      "reach.rego:5: time.now_ns reaches the clock\n")
        self.assertEqual(self.run_merlon("compat", "opa", "check", "reach.rego").stdout, "")
        done = self.run_merlon("policy", "check", "--format", "json", "reach.rego")
        self.assertEqual([one["reaches"] for one in json.loads(done.stdout)["reaching"]], ["network", "clock"])

    def test_what_is_wrong_is_told_with_its_place(self):
        (self.root / "bad.rego").write_text("package a\n\np if not q(x)\n\nq(1)\n")
        done = self.run_merlon("policy", "check", "bad.rego", code=1)
        self.assertEqual(done.stderr,
                         "1 error occurred: bad.rego:3: rego_unsafe_var_error: var x is unsafe\n")

    def test_a_query_has_one_error(self):
        done = self.run_merlon("policy", "eval", "-f", "raw", "x :=", code=2)
        self.assertEqual(done.stderr, "1 error occurred: 1:4: rego_parse_error: unexpected eof token\n\tx :=\n\t   ^\n")

    def test_tests_are_run(self):
        (self.root / "shop_test.rego").write_text(
            "package shop_test\n\ntest_reader if data.shop.allow with input as "
            '{"method": "GET", "user": "ann"}\n\ntest_other if {\n\tprint("no")\n\tdata.shop.allow\n}\n')
        done = self.run_merlon("policy", "test", ".", code=2)
        self.assertIn("data.shop_test.test_other: FAIL", done.stdout)
        self.assertIn("\n\n  no\n\n", done.stdout)
        self.assertTrue(done.stdout.endswith("PASS: 1/2\nFAIL: 1/2\n"))
        done = self.run_merlon("policy", "test", ".", "-r", "reader", "--format", "json")
        self.assertEqual([one["name"] for one in json.loads(done.stdout)], ["test_reader"])

    def test_what_is_printed_goes_to_standard_error(self):
        done = self.run_merlon("policy", "eval", "-f", "raw", 'print("a", [1], input.x)')
        self.assertEqual(done.stderr, "a [1] <undefined>\n")

    def archive(self, name, files):
        with tarfile.open(self.root / name, "w:gz") as tar:
            for path, text in files.items():
                member = tarfile.TarInfo(path)
                member.size = len(text.encode())
                tar.addfile(member, io.BytesIO(text.encode()))

    def test_bundles_are_archives_or_folders(self):
        files = {".manifest": '{"roots": ["shop", "roles"]}', "shop.rego": POLICY,
                 "roles/data.json": '{"ann": ["reader"]}'}
        self.archive("shop.tar.gz", files)
        for path, text in files.items():
            (self.root / "folder" / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / "folder" / path).write_text(text)
        for words in (["-b", "shop.tar.gz"], ["-b", "folder"], ["-d", "shop.tar.gz"]):
            done = self.run_merlon("policy", "eval", *words, "-i", "input.json", "-f", "raw", "data.shop.allow")
            self.assertEqual(done.stdout, "true\n")
        self.run_merlon("policy", "check", "-b", "shop.tar.gz")
        done = self.run_merlon("policy", "eval", "-b", "shop.tar.gz", "-b", "folder", "-f", "raw", "data", code=2)
        self.assertIn("overlapping roots", done.stderr)

    def test_a_bundle_that_is_not_right_is_refused(self):
        for files, problem in (
            ({"../data.json": "{}"}, "leaves the bundle"),
            ({".manifest": '{"roots": ["a"]}', "data.json": '{"b": 1}'}, "do not permit data at path '/b'"),
            ({"p.rego": "package"}, "rego_parse_error"),
        ):
            self.archive("bad.tar.gz", files)
            done = self.run_merlon("policy", "eval", "-b", "bad.tar.gz", "-f", "raw", "data", code=2)
            self.assertIn(problem, done.stderr)
        (self.root / "link").mkdir()
        (self.root / "link" / "data.json").symlink_to(self.root / "data.json")
        os.mkfifo(self.root / "link" / "queue")
        (self.root / "link" / ".#p.rego").symlink_to("nobody@nowhere:1")
        done = self.run_merlon("policy", "eval", "-b", "link", "-f", "raw", "data")
        self.assertEqual(done.stdout, "{}\n")

    def test_a_signature_is_verified_where_a_key_is_named(self):
        def encode(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=")
        digest = hashlib.sha256(b'{"x":1}').hexdigest()
        payload = {"files": [{"name": "data.json", "hash": digest, "algorithm": "SHA-256"}]}
        message = encode(b'{"alg":"HS256"}') + b"." + encode(json.dumps(payload).encode())
        token = message + b"." + encode(hmac.new(b"word", message, hashlib.sha256).digest())
        signatures = json.dumps({"signatures": [token.decode()]})
        words = ["policy", "eval", "-b", "b.tar.gz", "-f", "raw", "data.x", "--signing-alg", "HS256"]
        self.archive("b.tar.gz", {"data.json": '{ "x": 1 }', ".signatures.json": signatures})
        self.assertEqual(self.run_merlon(*words, "--verification-key", "word").stdout, "1\n")
        self.assertIn("not verified", self.run_merlon(*words).stderr)
        self.assertIn("failed to verify", self.run_merlon(*words, "--verification-key", "other", code=2).stderr)
        self.archive("b.tar.gz", {"data.json": '{"x": 2}', ".signatures.json": signatures})
        self.assertIn("digest mismatch", self.run_merlon(*words, "--verification-key", "word", code=2).stderr)

    def test_policies_are_formatted(self):
        (self.root / "shop.rego").write_text("package   shop\nallow=1 if   input.x\n")
        self.run_merlon("policy", "fmt", "--fail", "shop.rego", code=2)
        self.run_merlon("policy", "fmt", "-w", "shop.rego")
        self.assertEqual((self.root / "shop.rego").read_text(), "package shop\n\nallow := 1 if input.x\n")

    def test_no_rule_stands_where_a_base_document_is(self):
        conflict = self.root / "conflict"
        (conflict / "below").mkdir(parents=True)
        (conflict / "k.rego").write_text("package k\n\nv := 1\n")
        (conflict / "data.json").write_text('{"k": {"v": 2, "w": 3}}')
        text = "conflicting rule for data path k/v found"
        for words, code in ((["eval", "-d", "conflict", "data"], 2), (["eval", "-b", "conflict", "-p", "data.k"], 2),
                            (["test", "conflict"], 1), (["check", "-b", "conflict"], 1),
                            (["exec", "--decision", "k/v", "-b", "conflict", "input.json"], 1)):
            done = self.run_merlon("compat", "opa", *words, code=code)
            self.assertIn(text, done.stdout + done.stderr, words)
        # Without the data of a bundle nothing is in the way; and a document beside a rule is none.
        self.run_merlon("compat", "opa", "check", "conflict")
        (conflict / "data.json").write_text('{"k": {"w": 3}}')
        done = self.run_merlon("compat", "opa", "eval", "-d", "conflict", "-f", "raw", "data.k")
        self.assertEqual(json.loads(done.stdout), {"v": 1, "w": 3})
        # Below what is no object nothing can stand.
        (conflict / "data.json").write_text('{"k": 7}')
        self.run_merlon("compat", "opa", "eval", "-d", "conflict", "data", code=2)

    def test_a_bundle_folder_of_a_config_map_is_read(self):
        bundle = self.root / "mounted"
        (bundle / "..2026").mkdir(parents=True)
        (bundle / "..2026" / "p.rego").write_text("package cm\n\ndefault p := 1\n")
        (bundle / "..data").symlink_to("..2026")
        (bundle / "p.rego").symlink_to("..data/p.rego")
        done = self.run_merlon("policy", "eval", "-b", "mounted", "-f", "raw", "data")
        self.assertEqual(json.loads(done.stdout), {"cm": {"p": 1}})

    def test_files_are_known_by_address_and_by_what_they_hold(self):
        data = f"file://{self.root}/data.json"
        done = self.run_merlon("policy", "eval", "-d", data, "-f", "raw", "data.roles.ann[0]")
        self.assertEqual(done.stdout, "reader\n")
        (self.root / "loose.json").write_text('{"a": 1,}')
        done = self.run_merlon("policy", "eval", "-i", f"file://{self.root}/loose.json", "-f", "raw", "input.a")
        self.assertEqual(done.stdout, "1\n")
        (self.root / "policy").write_text("package nameless\n\nx := 2\n")
        done = self.run_merlon("policy", "eval", "-d", "policy", "-f", "raw", "data.nameless.x")
        self.assertEqual(done.stdout, "2\n")
        self.run_merlon("policy", "check", "input.json", "policy")
        (self.root / "ugly.rego").write_text("package   a\n")
        done = self.run_merlon("policy", "fmt", "--list", "--fail", "data.json", "ugly.rego", code=2)
        self.assertEqual(done.stdout, "ugly.rego\n")

    def test_strict_mode_is_for_modules_and_not_for_queries(self):
        done = self.run_merlon("policy", "eval", "-S", "-f", "values", "x := 1")
        self.assertEqual(json.loads(done.stdout), [True])

    def test_what_is_not_served_is_refused(self):
        self.run_merlon("policy", "eval", "--target", "wasm", "true", code=2)
        self.run_merlon("policy", "run", "true", code=2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
