#!/usr/bin/env python3
"""`merlon compat conftest` as a user meets it: conftest_test.py MERLON [unittest arguments]"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

MERLON = str(pathlib.Path(sys.argv[1]).resolve())
POLICY = """package main

deny contains msg if {
\tinput.kind == "Deployment"
\tnot input.spec.safe
\tmsg := sprintf("%s is not safe", [input.name])
}

warn contains {"msg": "old", "age": 1000000} if input.old

deny_named contains "named" if input.named

exception contains ["named"] if input.excepted
"""
TESTS = """package main

test_denies if count(deny) == 1 with input as {"kind": "Deployment", "name": "a"}

test_fails if false

todo_test_later if true
"""


class Conftest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="merlon-conftest-"))
        self.write("policy/main.rego", POLICY)
        self.write("good.yaml", "kind: Deployment\nspec: {safe: yes}\n")
        self.write("bad.yaml", "kind: Deployment\nname: shop\nold: true\n---\nkind: Deployment\nname: till\n")

    def tearDown(self):
        shutil.rmtree(self.root)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_merlon(self, *words, code=0, text="", **variables):
        done = subprocess.run([MERLON, "compat", "conftest", *words], cwd=self.root, input=text, capture_output=True,
                              text=True, timeout=60, env={"PATH": "/usr/bin:/bin", **variables})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_a_query_that_is_wrong_is_told_with_what_was_done(self):
        self.write("f/main.rego", "package main\n\ndeny contains \"a\"\n\nwarn_f(x) := x\n")
        said = self.run_merlon("test", "-p", "f", "good.yaml", code=1).stderr
        self.assertTrue(said.startswith("Error: running test: query rule: check: query rule: evaluating policy: "
                                        "1 error occurred: 1:1: rego_type_error: function data.main.warn_f used"), said)
        self.write("f/main.rego", "package main\n\ndeny contains \"a\"\n\nexception(x) := x\n")
        said = self.run_merlon("test", "-p", "f", "good.yaml", code=1).stderr
        self.assertTrue(said.startswith("Error: running test: query rule: check: query exception: evaluating policy: "
                                        "1 error occurred: 1:1: rego_type_error: function data.main.exception"), said)

    def test_rules_are_asked_of_each_document(self):
        done = self.run_merlon("test", "--no-color", "bad.yaml", "good.yaml", code=1)
        self.assertEqual(done.stdout, "WARN - bad.yaml - main - old\nFAIL - bad.yaml - main - shop is not safe\n"
                                      "FAIL - bad.yaml - main - till is not safe\n\n"
                                      "9 tests, 6 passed, 1 warning, 2 failures, 0 exceptions\n")

    def test_exit_codes(self):
        self.write("warn.json", '{"old": true}')
        for words, code in ((["good.yaml"], 0), (["warn.json"], 0), (["--fail-on-warn", "warn.json"], 1),
                            (["--fail-on-warn", "bad.yaml"], 2), (["--no-fail", "bad.yaml"], 0), (["missing.yaml"], 1),
                            (["--nope", "good.yaml"], 1), ([], 1), (["--parser", "cue", "good.yaml"], 2),
                            (["--trace", "good.yaml"], 0), (["--update", "x", "good.yaml"], 2), (["--parser", "none", "good.yaml"], 1)):
            self.run_merlon("test", *words, code=code)
        for command in ("pull", "push", "plugin"):
            self.assertIn("is not served", self.run_merlon(command, "x", code=2).stderr)

    def test_policies_are_compiled_as_strictly_as_is_asked_for(self):
        self.write("policy/unused.rego", "package main\n\nhelps if { left := 1 }\n")
        self.run_merlon("test", "good.yaml")
        done = self.run_merlon("test", "--strict", "good.yaml", code=1)
        self.assertIn("rego_compile_error: assigned var left unused", done.stderr)

    def test_json_has_what_the_rule_says(self):
        done = self.run_merlon("test", "-o", "json", "bad.yaml", code=1)
        self.assertEqual(json.loads(done.stdout)[0]["warnings"],
                         [{"msg": "old", "metadata": {"age": 1000000, "query": "data.main.warn"}}])

    def test_exceptions_are_told_by_name(self):
        self.write("e.json", '{"named": true, "excepted": true}')
        done = self.run_merlon("test", "--no-color", "e.json")
        self.assertIn('EXCP - e.json - main - data.main.exception[_][_] == "named"', done.stdout)
        self.assertNotIn("EXCP", self.run_merlon("test", "--suppress-exceptions", "e.json").stdout)

    def test_outputs(self):
        for output, line in (("tap", "not ok 1 - bad.yaml - main - shop is not safe"),
                             ("table", "│ warning │ bad.yaml │ main      │ old              │"),
                             ("junit", '<testsuite tests="6" failures="3" time="0.000" name="conftest.main">'),
                             ("github", "::error file=bad.yaml,line=1::shop is not safe"),
                             ("azuredevops", "##vso[task.logissue type=warning] file=bad.yaml --> old")):
            lines = self.run_merlon("test", "-o", output, "bad.yaml", code=1).stdout.split("\n")
            self.assertIn(line, [one.strip("\t") for one in lines], output)
        run = json.loads(self.run_merlon("test", "-o", "sarif", "bad.yaml", code=1).stdout)["runs"][0]
        self.assertEqual([one["ruleId"] for one in run["results"]], ["main/deny", "main/deny", "main/warn"])

    def test_tables_show_the_lines_of_messages(self):
        self.write("lines.json", json.dumps({"kind": "Deployment", "name": " a\n \n\n  b\tc\n"}))
        done = self.run_merlon("test", "-o", "table", "lines.json", code=1)
        self.assertEqual([line.split("│")[4] for line in done.stdout.split("\n") if "│" in line][-3:],
                         [" a            ", "   b        c ", "  is not safe "])

    def test_floats_of_arrays_of_tables_read_as_those_of_json(self):
        self.write("show/s.rego", 'package main\n\nwarn contains sprintf("%v", [input])\n')
        self.write("t.toml", "a = [{x = 1e-7}]\n[[b]]\nx = 1e-7\n[[b.c]]\nx = [1e6]\n[d]\nx = 1e6\n")
        done = self.run_merlon("test", "--no-color", "-p", "show", "t.toml")
        self.assertIn('{"a": [{"x": 1e-07}], "b": [{"c": [{"x": [1000000]}], "x": 1e-7}], "d": {"x": 1e+06}}', done.stdout)

    def test_files_may_be_one_input(self):
        self.write("combined/c.rego", 'package main\n\ndeny contains msg if {\n\tmsg := concat(" ", [f.path | some f in input])\n}\n')
        done = self.run_merlon("test", "--no-color", "--combine", "-p", "combined", "bad.yaml", "good.yaml", code=1)
        self.assertIn("FAIL - Combined - main - bad.yaml bad.yaml good.yaml", done.stdout)

    def test_namespaces_are_chosen(self):
        self.write("policy/other.rego", 'package team.other\n\ndeny contains "other" if true\n')
        self.run_merlon("test", "good.yaml")
        for words in (["-n", "team.other"], ["-n", "team.*"], ["--all-namespaces"]):
            self.assertIn("team.other - other", self.run_merlon("test", "--no-color", *words, "good.yaml", code=1).stdout)

    def test_flags_stand_in_the_configuration_and_the_environment(self):
        self.write("conftest.toml", 'no-color = true\npolicy = ["policy"]\noutput = "tap"\n')
        self.assertTrue(self.run_merlon("test", "good.yaml").stdout.startswith("1.."))
        self.assertTrue(self.run_merlon("test", "good.yaml", CONFTEST_OUTPUT="json").stdout.startswith("["))
        self.assertIn("tests", self.run_merlon("test", "-o", "stdout", "good.yaml", CONFTEST_OUTPUT="json").stdout)
        self.run_merlon("test", "bad.yaml", CONFTEST_NO_FAIL="true")
        self.run_merlon("test", "--no-fail=false", "bad.yaml", code=1, CONFTEST_NO_FAIL="true")
        self.write("conftest.toml", "no-fail = true\n")
        self.run_merlon("test", "--no-fail=false", "bad.yaml", code=1)

    def test_a_switch_of_the_configuration_is_what_it_says(self):
        for name, text, code in (("toml", "no-fail = false", 1), ("yaml", "No-Fail: true", 0), ("json", '{"no-fail": false}', 1),
                                 ("yaml", "no-fail: 0", 1), ("yaml", 'no-fail: "f"', 1), ("yaml", "no-fail: 1", 0),
                                 ("yaml", "no-fail: ~", 1), ("toml", 'junit-hide-message = "z"', 1)):
            path = self.root / f"conftest.{name}"
            path.write_text(text + "\n")
            self.run_merlon("test", "bad.yaml", code=code)
            path.unlink()
        self.write("conftest.yaml", 'no-fail: "no"\ntrace: [true]\n')
        self.assertEqual(self.run_merlon("test", "good.yaml", code=1).stderr,
                         "Error: unmarshal parameters: decoding failed due to the following error(s):\n\n"
                         "'Trace' expected type 'bool', got unconvertible type '[]interface {}'\n"
                         "'no-fail' cannot parse value as 'bool': strconv.ParseBool: invalid syntax\n")

    def test_a_word_of_the_configuration_is_one(self):
        begin = "Error: unmarshal parameters: decoding failed due to the following error(s):\n\n"
        table, listed = "unconvertible type 'map[string]interface {}'\n", "unconvertible type '[]interface {}'\n"
        for text, wrong in (('output = ["a"]\npolicy = {a = 1}', f"'Policy[0]' expected type 'string', got {table}'Output' expected type 'string', got {listed}"),
                            ('namespace = [["a"], {b = 1}, "c"]', f"'Namespace[0]' expected type 'string', got {listed}'Namespace[1]' expected type 'string', got {table}"),
                            ('rego-version = [2]\nquiet = "x"', f"'rego-version' expected type 'string', got {listed}"
                             "'Quiet' cannot parse value as 'bool': strconv.ParseBool: invalid syntax\n")):
            self.write("conftest.toml", text + "\n")
            for words in (("test", "good.yaml"), ("verify",)):
                self.assertEqual(self.run_merlon(*words, code=1).stderr, begin + wrong)
        self.write("conftest.toml", "proto-file-dirs = {a = 1}\noutput = 5\n")  # what conftest does not decode, and a word
        self.run_merlon("test", "good.yaml")

    def test_an_infinity_is_no_json(self):
        for text, name in (("a: [-.INF]", "-Inf"), ("a: .inf", "+Inf"), ("a: .NaN", "NaN")):
            self.write("inf.yaml", text + "\n")
            self.assertIn(f"parser unmarshal: unmarshal yaml: error converting YAML to JSON: json: unsupported value: {name}, path",
                          self.run_merlon("parse", "inf.yaml", code=1).stderr)
        self.write("inf.yaml", "'.inf': '.inf'\n.nan: x.inf\n")
        self.assertEqual(json.loads(self.run_merlon("parse", "inf.yaml").stdout), {".inf": ".inf", ".nan": "x.inf"})

    def test_data_that_is_no_document_is_passed_over(self):
        self.write("notes.txt", "x")
        self.run_merlon("test", "--data", "notes.txt", "good.yaml")
        self.run_merlon("test", "--data", "missing.txt", "good.yaml", code=1)

    def test_a_report_of_tests_tells_their_cases(self):
        self.write("cases/t.rego", 'package main\n\ntest_case[n] if {\n\tsome n, v in {"one": 1, "two": 2}\n\tprint("case", n)\n\tv == 1\n}\n')
        for report in ("full", "notes", "fails"):
            told = self.run_merlon("verify", "-p", "cases", "--report", report, code=1).stdout
            for line in ("  one: PASS", "  two: FAIL", "  case one", "  case two", "      cases/t.rego:6:", "PASS: 1/2", "FAIL: 1/2"):
                self.assertIn(line + "\n", told, report)

    def test_junit_has_only_characters_of_xml(self):
        self.write("show/s.rego", 'package main\n\ndeny contains "a\\u001bb" if true\n')
        self.assertIn("a\ufffdb", self.run_merlon("test", "-p", "show", "-o", "junit", "good.yaml", code=1).stdout)

    def test_a_textproto_is_read_with_its_definitions(self):
        self.write("protos/a.proto", 'syntax = "proto3";\npackage a;\nmessage M { string name = 1; int64 size = 2; M in = 3; }\n')
        self.write("protos/b.proto", 'syntax = "proto3";\nimport "protos/a.proto";\nmessage B { a.M m = 1; }\n')
        self.write("x.textproto", '# proto-message: B\nm { name: "n" size: 5 in <> }\n')
        told = json.loads(self.run_merlon("parse", "--proto-file-dirs", "protos", "x.textproto").stdout)
        self.assertEqual(told, {"m": {"in": {}, "name": "n", "size": "5"}})
        self.assertIn('look up message type "B": proto: not found', self.run_merlon("test", "x.textproto", code=1).stderr)
        self.write("x.textproto", "# proto-message: B\nm { nope: 1 }\n")
        done = self.run_merlon("test", "--proto-file-dirs", "protos", "x.textproto", code=1)
        self.assertIn("x.textproto:2:9: unknown field: nope, path: x.textproto", done.stderr)
        self.write("protos/a.proto", "message M { string name 1; }\n")
        done = self.run_merlon("test", "--proto-file-dirs", "protos", "x.textproto", code=1)
        self.assertIn("load proto file protos/a.proto: protos/a.proto:1: expected '=', found '1'", done.stderr)
        self.assertIn("walk dir", self.run_merlon("test", "--proto-file-dirs", "none", "x.textproto", code=1).stderr)

    def test_errors_of_json_are_those_of_go(self):
        for text, words in (('{"a": 1,}', "invalid character '}' looking for beginning of object key string"),
                            ("[1e999]", "json: cannot unmarshal number 1e999 into Go value of type float64"),
                            ("", "unexpected end of JSON input")):
            self.write("x.json", text)
            self.assertIn(f"parser unmarshal: unmarshal json: {words}, path: x.json",
                          self.run_merlon("test", "x.json", code=1).stderr)

    def test_verify_runs_tests(self):
        self.write("policy/main_test.rego", TESTS)
        done = self.run_merlon("verify", "--no-color", code=1)
        self.assertEqual(done.stdout, "FAIL - policy/main_test.rego -  - data.main.test_fails\n\n"
                                      "3 tests, 1 passed, 0 warnings, 1 failure, 0 exceptions, 1 skipped\n")

    def test_traces_are_told_beside_the_results(self):
        self.write("policy/main_test.rego", TESTS)
        done = self.run_merlon("test", "--no-color", "--trace", "-o", "json", "bad.yaml", code=1)
        self.assertEqual(json.loads(done.stdout)[0]["filename"], "bad.yaml")
        self.assertIn("file: bad.yaml | query: data.main.deny\nTRAC   Enter data.main.deny", done.stderr)
        done = self.run_merlon("test", "--no-color", "--trace", "bad.yaml", code=1)
        self.assertEqual(done.stdout, done.stderr)
        done = self.run_merlon("verify", "--no-color", "--trace", "-o", "tap", code=1)
        self.assertIn("| query: test_fails\nTRAC   Enter data.main.test_fails", done.stderr)

    def test_verify_reports_why_tests_fail(self):
        self.write("policy/main_test.rego", "package main\n\ntest_two if {\n\tx := 1\n\tx == 2\n}\n")
        for words, found in ((["--report", "fails"], "Fail x = 2"), (["--report", "full"], "Eval x = 1"),
                             (["--var-values"], "{x: 1}")):
            done = self.run_merlon("verify", *words, code=1)
            self.assertIn("FAILURES", done.stdout)
            self.assertIn(found, done.stdout)
            self.assertIn("  policy/main_test.rego:5:\n", done.stdout)
        self.assertIn("stdout only", self.run_merlon("verify", "--report", "full", "-o", "json", code=1).stderr)

    def test_verify_has_conftests_words_of_conflicts(self):
        self.write("policy/main_test.rego", "package main\n\nf(x) := 1 if x > 0\n\nf(x) := 2 if x > 1\n\ntest_f if f(3) == 1\n")
        self.assertIn("run test: policy/main_test.rego:5: eval_conflict_error: functions must not produce multiple outputs for same inputs",
                      self.run_merlon("verify", code=1).stderr)
        self.write("policy/main_test.rego", "package main\n\ntest_f(x) := true\n")
        self.assertIn("running verification: run test: 1 error occurred: ", self.run_merlon("verify", code=1).stderr)

    def test_capabilities_say_what_policies_may_call(self):
        self.write("caps.json", '{"features": ["rego_v1"], "builtins": []}')
        self.assertIn("undefined function sprintf", self.run_merlon("test", "--capabilities", "caps.json", "good.yaml", code=1).stderr)
        self.assertIn("load capabilities", self.run_merlon("test", "--capabilities", "none.json", "good.yaml", code=1).stderr)

    def test_what_is_not_served_is_said(self):
        self.write("x.jsonnet", "{a: 1}\n")
        for words in (["pull", "oci://a/b"], ["test", "--update", "oci://a/b", "good.yaml"], ["parse", "x.jsonnet"]):
            self.assertIn("not served", self.run_merlon(*words, code=2).stderr)

    def test_policies_parse_other_files(self):
        self.write("policy/p_test.rego", 'package main\n\ntest_it if parse_config_file("../x.tf").a == "${b.c}"\n\n'
                                         'test_text if parse_config("ini", "[a]\\nb = 1").a.b == 1\n')
        self.write("x.tf", "a = b.c\n")
        self.assertIn("2 tests, 2 passed", self.run_merlon("verify").stdout)
        self.write("policy/p_test.rego", 'package main\n\ntest_it if parse_config("cue", "a: 1")\n')
        self.run_merlon("verify", code=2)

    def test_parse_shows_what_policies_see(self):
        self.write("main.tf", 'resource "a" "b" {\n  c = "${d}-e"\n}\n')
        self.assertEqual(json.loads(self.run_merlon("parse", "main.tf").stdout), {"resource": {"a": {"b": [{"c": "${d}-e"}]}}})
        done = self.run_merlon("parse", "main.tf", "good.yaml")
        self.assertEqual(sorted(json.loads(done.stdout)), ["good.yaml", "main.tf"])
        self.assertEqual(self.run_merlon("parse", "-", text="a: 1\n").stdout, '{\n  "a": 1\n}\n')
        self.write("a.spdx", "SPDXVersion: SPDX-2.3\nPackageName: p\n")
        self.assertIn("a.spdx", self.run_merlon("parse", "a.spdx", code=1).stderr)
        self.write("a.cyclonedx", "<bom>\n  <components><component><modified>x</modified></component></components>\n</bom>")
        self.assertIn("a.cyclonedx:2:26: <modified>", self.run_merlon("parse", "a.cyclonedx", code=1).stderr)
        self.write("broken.tf", "a = [\n")
        self.assertIn("broken.tf", self.run_merlon("parse", "broken.tf", code=1).stderr)

    def test_fmt_formats(self):
        self.write("policy/ugly.rego", "package a\np if  true\n")
        self.assertIn("files not formatted", self.run_merlon("fmt", "--check", "policy", code=1).stderr)
        self.run_merlon("fmt", "policy")
        self.run_merlon("fmt", "--check", "policy")
        self.assertEqual((self.root / "policy/ugly.rego").read_text(), "package a\n\np := true\n")

    def test_policies_that_are_wrong_end_the_run(self):
        self.write("policy/bad.rego", "package main\n\ndeny contains x if y\n")
        self.assertIn("policy/bad.rego:3: rego_unsafe_var_error", self.run_merlon("test", "good.yaml", code=1).stderr)
        self.run_merlon("test", "-p", "nowhere", "good.yaml", code=1)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=1)
