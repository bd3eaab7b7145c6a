#!/usr/bin/env python3
"""Policies as a user meets them: policy_test.py MERLON [unittest arguments]"""

import json
import pathlib
import subprocess
import sys
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

    def test_what_is_wrong_is_told_with_its_place(self):
        (self.root / "bad.rego").write_text("package a\n\np if not q(x)\n\nq(1)\n")
        done = self.run_merlon("policy", "check", "bad.rego", code=1)
        self.assertEqual(done.stderr,
                         "1 error occurred: bad.rego:3: rego_unsafe_var_error: var x is unsafe\n")

    def test_policies_are_formatted(self):
        (self.root / "shop.rego").write_text("package   shop\nallow=1 if   input.x\n")
        self.run_merlon("policy", "fmt", "--fail", "shop.rego", code=2)
        self.run_merlon("policy", "fmt", "-w", "shop.rego")
        self.assertEqual((self.root / "shop.rego").read_text(), "package shop\n\nallow := 1 if input.x\n")

    def test_what_is_not_served_is_refused(self):
        self.run_merlon("policy", "eval", "--profile", "true", code=2)
        self.run_merlon("policy", "bench", "true", code=2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
