#!/usr/bin/env python3
"""What is wrong with a policy or its input is said with code and place: policy_bad_input_test.py MERLON [unittest arguments]

Each kind of bad input once, over the commands that meet it; what is too large, too deep or goes on for ever is
in policy_limits_test.py.
"""

import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

MERLON = str(pathlib.Path(sys.argv[1]).resolve())
# The policy, what OPA calls the error, where it stands, and what is said of it.
WRONG = {
    "syntax": ("package a\n\nallow if {\n\tinput.x == }\n}\n", "rego_parse_error", (4, 13), "unexpected } token"),
    "type": ('package a\n\nallow if {\n\tinput.x\n\tstartswith(1, "a")\n}\n', "rego_type_error", (5, 2),
             "startswith: invalid argument(s)"),
    "unsafe": ("package a\n\nallow if {\n\tinput.x\n\tz > 1\n}\n", "rego_unsafe_var_error", (5, 2), "var z is unsafe"),
    "undefined": ("package a\n\nallow if nope(1)\n", "rego_type_error", (3, 10), "undefined function nope"),
    "recursion": ("package a\n\np if q\n\nq if p\n", "rego_recursion_error", (3, 1),
                  "rule data.a.p is recursive: data.a.p -> data.a.q -> data.a.p"),
}


class BadInput(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def run_merlon(self, *words, code, text=""):
        done = subprocess.run([MERLON, *words], cwd=self.root, input=text, capture_output=True, text=True, timeout=120,
                              check=False)
        self.assertEqual(done.returncode, code, (words, done.stdout[:500], done.stderr[:500]))
        return done

    def test_what_is_wrong_with_a_policy_has_its_code_and_its_place(self):
        for name, (policy, code, (row, column), words) in WRONG.items():
            with self.subTest(name=name):
                (self.root / "policy").mkdir(exist_ok=True)
                (self.root / "policy/p.rego").write_text(policy)
                found = json.loads(self.run_merlon("policy", "eval", "-d", "policy/p.rego", "data.a", code=2).stdout)["errors"][0]
                self.assertEqual(found["code"], code)
                self.assertEqual((found["location"]["file"], found["location"]["row"], found["location"]["col"]),
                                 ("policy/p.rego", row, column))
                self.assertIn(words, found["message"])
                said = f"policy/p.rego:{row}: {code}: {words}"
                for command in ("check", "test", "build"):
                    done = self.run_merlon("policy", command, "policy/p.rego", code=1)
                    self.assertIn(said, done.stdout if command == "build" else done.stderr)
                for words_of_command in (["explain", "-d", "policy/p.rego", "data.a.p"], ["bench", "-d", "policy/p.rego", "data.a.p"]):
                    self.assertIn(said, self.run_merlon("policy", *words_of_command, code=1 if "bench" in words_of_command else 2).stderr)
                (self.root / "input.json").write_text("{}")
                self.assertIn(said, self.run_merlon("compat", "conftest", "test", "input.json", code=1).stderr)

    def test_a_conflict_is_told_with_its_rules(self):
        for policy, place in (("package a\n\np := 1 if input.x\n\np := 2 if input.y\n", (5, 1)),
                              ("package a\n\np[k] := v if some v, k in input.keys\n", (3, 1)),
                              ("package a\n\nf(x) := 1 if x\n\nf(x) := 2 if x\n\np := f(input.x)\n", (5, 1))):
            (self.root / "p.rego").write_text(policy)
            done = self.run_merlon("policy", "eval", "-d", "p.rego", "-I", "data.a.p", code=2,
                                   text='{"x": true, "y": true, "keys": ["k", "k"]}')
            found = json.loads(done.stdout)["errors"][0]
            self.assertEqual(found["code"], "eval_conflict_error")
            self.assertEqual((found["location"]["row"], found["location"]["col"]), place)

    def test_what_is_wrong_with_a_document_has_its_line(self):
        for name, text, words in (("a.json", '{"x": 1,\n "y": ]\n', r"a\.json: .*line 2, column 7"), ("b.yaml", "x: 1\ny: [1\n", "b.yaml"),
                                  ("c.json", "", "c.json"), ("d.json", '{"x": "\\ud800', "d.json")):
            with self.subTest(name=name):
                (self.root / name).write_text(text)
                if name != "c.json":  # an input of nothing is null
                    self.assertRegex(self.run_merlon("policy", "eval", "-f", "raw", "-i", name, "1", code=2).stderr, words)
                self.assertRegex(self.run_merlon("policy", "eval", "-f", "raw", "-d", name, "1", code=2).stderr, words)

    def test_a_bundle_with_a_bad_signature_is_refused(self):
        (self.root / "b").mkdir()
        (self.root / "b/p.rego").write_text("package a\n\np := 1\n")
        key = "k" * 32
        words = ["--signing-alg", "HS256", "--verification-key", key]
        self.run_merlon("policy", "build", "-b", "b", "--signing-alg", "HS256", "--signing-key", key, "-o", "b.tar.gz", code=0)
        query = ["policy", "eval", "-f", "raw", "-b", "b.tar.gz", "data.a.p"]
        self.assertEqual(self.run_merlon(*query, *words, code=0).stdout, "1\n")
        self.assertIn("b.tar.gz", self.run_merlon(*query, *words[:3], "another" * 5, code=2).stderr)
        self.run_merlon("policy", "sign", "-b", "b", "--signing-alg", "HS256", "--signing-key", key, "-o", "b", code=0)
        (self.root / "b/p.rego").write_text("package a\n\np := 2\n")
        self.assertIn("p.rego", self.run_merlon("policy", "eval", "-f", "raw", "-b", "b", *words, "data.a.p", code=2).stderr)
        (self.root / "b/.signatures.json").write_text("{}")
        self.run_merlon("policy", "eval", "-f", "raw", "-b", "b", *words, "data.a.p", code=2)
        (self.root / "b.tar.gz").write_bytes((self.root / "b.tar.gz").read_bytes()[:60])
        self.assertIn("b.tar.gz", self.run_merlon(*query, code=2).stderr)

    def test_a_host_that_never_answers_ends_by_itself(self):
        with socket.create_server(("127.0.0.1", 0)) as server:  # takes connections and says nothing
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            (self.root / "p.rego").write_text(
                f'package a\n\np := http.send({{"method": "get", "url": "{url}", "timeout": "300ms"}})\n\n'
                f'q := http.send({{"method": "get", "url": "{url}"}})\n')
            words = ["policy", "eval", "-d", "p.rego", "--strict-builtin-errors", "--allow-net", "127.0.0.1"]
            found = json.loads(self.run_merlon(*words, "data.a.p", code=2).stdout)["errors"][0]
            self.assertEqual((found["code"], found["location"]["row"]), ("eval_builtin_error", 3))
            self.assertIn("timed out", found["message"])
            # Without a time of its own it is OPA's: five seconds.
            found = json.loads(self.run_merlon(*words, "data.a.q", code=2).stdout)["errors"][0]
            self.assertEqual((found["code"], found["location"]["row"]), ("eval_builtin_error", 5))

    def test_conftest_says_what_is_too_deep_or_too_large(self):
        (self.root / "policy").mkdir()
        (self.root / "policy/p.rego").write_text('package main\n\ndeny contains "x" if input.a\n')
        for name, text in (("deep.json", "[" * 10_000 + "]" * 10_000), ("deep.yaml", "{a: " * 10_000 + "1" + "}" * 10_000),
                           ("deep.toml", "a = " + "[" * 10_000 + "]" * 10_000), ("deep.xml", "<a>" * 10_000 + "</a>" * 10_000),
                           ("deep.tf", "a = " + "[" * 10_000 + "]" * 10_000), ("deep.edn", "[" * 10_000 + "]" * 10_000),
                           ("deep.hocon", "{a: " * 10_000 + "1" + "}" * 10_000)):
            with self.subTest(name=name):
                (self.root / name).write_text(text)
                self.assertIn(f"path: {name}", self.run_merlon("compat", "conftest", "test", name, code=1).stderr)
        with open(self.root / "large.json", "wb") as file:
            file.truncate((1 << 30) + 1)
        self.assertIn("large.json", self.run_merlon("compat", "conftest", "test", "large.json", code=1).stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
