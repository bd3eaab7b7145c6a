#!/usr/bin/env python3
"""The commands of `merlon policy` beside eval, check and fmt: policy_commands_test.py MERLON [unittest arguments]"""

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
\tnot closed
}

closed if input.day in data.holidays

deny contains msg if {
\tsome item in input.items
\titem.price > 100
\tmsg := sprintf("%s is too dear", [item.name])
}
"""
TESTS = """package shop_test

import data.shop

test_open if not shop.closed with input as {"day": 1} with data.holidays as [2]

test_dear if {
\tx := 1
\tx == count(shop.deny)
}
"""


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        (self.root / "shop.rego").write_text(POLICY)
        (self.root / "data.json").write_text('{"roles": {"ann": ["reader"]}, "holidays": [7]}')
        (self.root / "ann.json").write_text('{"method": "GET", "user": "ann", "day": 7}')
        (self.root / "empty.json").write_text("{}")

    def tearDown(self):
        self.folder.cleanup()

    def run_policy(self, *words, code=0, text="", front=("policy",), **variables):
        done = subprocess.run([MERLON, *front, *words], cwd=self.root, input=text, capture_output=True,
                              text=True, timeout=60, env={**os.environ, **variables})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def shop(self, command, *words, **others):
        return self.run_policy(command, "-d", "shop.rego", "-d", "data.json", *words, **others)

    def test_explain_names_the_expression_and_its_values(self):
        out = self.shop("explain", "-i", "ann.json", "data.shop.allow").stdout
        self.assertIn("data.shop.allow is false.\nNo rule holds, so it has its default.\n", out)
        self.assertIn("shop.rego:5: data.shop.allow does not hold. What failed:\n  line 9: not closed\n", out)
        self.assertIn("data.shop.closed holds and gives true", out)
        self.assertIn("input.day is 7", out)

    def test_explain_says_what_the_input_lacks(self):
        out = self.shop("explain", "-i", "empty.json", "data.shop.allow").stdout
        self.assertIn('input.method is undefined: input has no "method"; it is empty', out)

    def test_explain_knows_names_that_are_nearly_right(self):
        out = self.shop("explain", "data.shop.alow").stdout
        self.assertIn("There is no rule and no data at data.shop.alow.\nDid you mean data.shop.allow?\n", out)

    def test_explain_tells_which_rules_gave_a_set(self):
        (self.root / "dear.json").write_text('{"items": [{"name": "a", "price": 1}, {"name": "b", "price": 200}]}')
        told = json.loads(self.shop("explain", "-f", "json", "-i", "dear.json", "data.shop.deny").stdout)
        self.assertEqual(told["rules"][0]["gives"], ['"b is too dear"'])
        self.assertIn("item.price is 200", told["rules"][0]["expressions"][1]["facts"])

    def test_a_trace_shows_each_step(self):
        out = self.shop("eval", "-i", "ann.json", "-f", "pretty", "--explain", "fails", "data.shop.allow").stdout
        self.assertEqual(out, """query:1         Enter data.shop.allow = _
shop.rego:5     | Enter data.shop.allow
shop.rego:9     | | Fail not data.shop.closed
false
""")

    def test_a_trace_is_json_as_well(self):
        words = ("eval", "-i", "ann.json", "--explain", "fails", "data.shop.allow")
        told = json.loads(self.shop(*words).stdout)
        self.assertIs(told["result"][0]["expressions"][0]["value"], False)
        query, rule, last = told["explanation"]
        self.assertEqual([query["Op"], rule["Op"], last["Op"]], ["Enter", "Enter", "Fail"])
        self.assertEqual(query["Node"][0]["terms"][2], {"type": "var", "value": "$term1"})
        self.assertEqual(rule["Node"]["head"]["name"], "allow")
        self.assertEqual(last["Location"], {"file": "shop.rego", "row": 9, "col": 2})
        self.assertEqual((last["QueryID"], last["ParentID"], last["Message"], last["Ref"]), (1, 0, "", None))
        self.assertIs(last["Node"]["negated"], True)
        role = next(name for name, one in last["LocalMetadata"].items() if one["name"] == "role")
        self.assertEqual(last["LocalMetadata"][role]["location"], {"file": "shop.rego", "row": 7, "col": 7})
        self.assertIn({"name": role, "type": "string", "value": "reader"}, last["Locals"])
        told = json.loads(self.shop(*words, "-f", "discard").stdout)
        self.assertEqual((len(told["explanation"]), told["result"]), (3, "discarded"))

    def test_an_index_names_its_rules_in_a_trace_of_json(self):
        told = json.loads(self.shop("eval", "-i", "ann.json", "--explain", "full", "data.shop.closed").stdout)
        index = next(one for one in told["explanation"] if one["Op"] == "Index")
        self.assertEqual([part["value"] for part in index["Ref"]], ["data", "shop", "closed"])
        self.assertEqual(index["Message"], "(matched 1 rule, early exit)")

    def test_annotations_are_comments_to_what_a_query_depends_on(self):
        (self.root / "a.rego").write_text("package a\n\n# METADATA\n# scope: package\nx := data.b.c\n")
        self.assertIn("data.b.c", self.run_policy("deps", "-d", "a.rego", "data.a.x").stdout)
        done = self.run_policy("deps", "-d", "none.rego", "x[", code=1)
        self.assertIn("rego_parse_error", done.stderr)

    def test_an_entry_point_is_looked_at_before_the_policies_are(self):
        (self.root / "wrong.rego").write_text("package wrong\n\nx := y\n")
        words = ("build", "-O", "1", "wrong.rego", "-o", "b.tar.gz", "-e")
        done = self.run_policy(*words, "wrong", code=1)
        self.assertIn("error: invalid entrypoint data.wrong: ", done.stdout + done.stderr)
        done = self.run_policy(*words, "wrong/x", code=1)
        self.assertIn("wrong.rego:3: rego_unsafe_var_error: var y is unsafe", done.stdout + done.stderr)

    def test_times_stand_beside_what_could_not_be_loaded(self):
        done = self.run_policy("eval", "--metrics", "-d", "nowhere", "1", code=2)
        told = json.loads(done.stdout)
        self.assertEqual(list(told["metrics"]), ["timer_rego_load_files_ns"])
        done = self.run_policy("eval", "--metrics", "-f", "pretty", "-d", "nowhere", "1", code=2)
        self.assertIn("timer_rego_load_files_ns", done.stdout)

    def test_keywords_in_paths_are_a_capability(self):
        text = "package k\n\nx := data.a.not.b\n"
        self.assertEqual(self.run_policy("fmt", text=text).stdout, text)
        self.assertEqual(self.run_policy("fmt", "--capabilities", "v1.22.2", text=text).stdout, text)
        self.assertEqual(self.run_policy("fmt", "--capabilities", "v0.60.0", text=text).stdout, text.replace(".not", '["not"]'))
        self.assertIn("no such file or capabilities", self.run_policy("fmt", "--capabilities", "v9", text=text, code=1).stderr)

    def test_coverage_tells_ranges_and_why_they_are_not_covered(self):
        told = json.loads(self.shop("eval", "-i", "ann.json", "--coverage", "data.shop.allow").stdout)["coverage"]
        file = told["files"]["shop.rego"]
        self.assertIn({"start": {"row": 9, "col": 2}, "end": {"row": 9, "col": 12}}, file["covered"])
        self.assertIn({"start": {"row": 14, "col": 1}, "end": {"row": 14, "col": 18}}, file["not_covered"])
        self.assertGreater(told["coverage"], 0)

    def test_coverage_has_no_range_of_a_call_in_a_template_string(self):
        (self.root / "t.rego").write_text('package t\n\na := $"{x + 1}" if x := 2\n')
        told = json.loads(self.run_policy("eval", "-d", "t.rego", "--coverage", "data.t.a").stdout)["coverage"]
        ranges = [(one["start"]["col"], one["end"]["col"]) for one in told["files"]["t.rego"]["covered"]]
        self.assertEqual(ranges, [(1, 16), (6, 16), (20, 26)])

    def test_numbers_of_annotations_are_those_of_go(self):
        (self.root / "m.rego").write_text(
            "package m\n\n# METADATA\n# custom:\n#   a: [1.0, 1e3, 12345678901234567890]\nr := rego.metadata.rule()\n")
        told = self.run_policy("eval", "-d", "m.rego", "-f", "raw", "data.m.r.custom.a").stdout
        self.assertEqual(told.strip(), "[1,1000,-6101065172474983726]")

    def test_bytes_of_json_that_are_no_utf8_are_replaced(self):
        query = '[[json.is_valid(x), json.unmarshal(x).a] | x := base64.decode("eyJhIjoi//4ifQ==")][0]'
        told = json.loads(self.run_policy("eval", query).stdout)["result"][0]["expressions"][0]["value"]
        self.assertEqual(told, [True, "\ufffd\ufffd"])

    def test_an_argument_is_looked_for_no_beginning(self):
        (self.root / "s.rego").write_text(
            'package s\n\nslash(p) := p if {\n\tstartswith(p, "/")\n} else := concat("", ["/", p])\n\nx := slash("b")\n')
        told = json.loads(self.run_policy("eval", "-d", "s.rego", "--coverage", "data.s.x").stdout)["coverage"]
        self.assertEqual(told["coverage"], 75)

    def test_what_is_wrong_in_a_bundle_is_told_one_by_one(self):
        with tarfile.open(self.root / "wrong.tar.gz", "w:gz") as archive:
            text = b"package x.y\np := "
            entry = tarfile.TarInfo("/x/p.rego")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
        told = json.loads(self.run_policy("eval", "-d", "wrong.tar.gz", "1", code=2).stdout)["errors"]
        self.assertEqual([one["code"] for one in told], ["rego_parse_error"] * 2)
        self.assertEqual(told[0]["location"], {"file": "/x/p.rego", "row": 2, "col": 5})
        told = json.loads(self.run_policy("eval", "-b", "wrong.tar.gz", "1", code=2).stdout)["errors"]
        self.assertTrue(told[0]["message"].startswith("loading error: bundle wrong.tar.gz: 2 errors occurred:\n/x/p.rego:2:"))

    def test_what_was_asked_for_stands_beside_an_error(self):
        (self.root / "two.rego").write_text("package two\n\na := 1 if input.n\n\na := 2 if input.m\n")
        words = ("eval", "-d", "two.rego", "-I", "data.two.a")
        told = json.loads(self.run_policy(*words, "--coverage", "--metrics", code=2, text='{"n": 1, "m": 1}').stdout)
        self.assertEqual(told["errors"][0]["code"], "eval_conflict_error")
        self.assertEqual(told["coverage"]["covered_lines"], 2)
        self.assertIn("timer_rego_query_eval_ns", told["metrics"])
        done = self.run_policy(*words, "--explain", "full", "-f", "pretty", code=2, text='{"n": 1, "m": 1}')
        self.assertIn("Enter data.two.a", done.stdout)
        self.assertIn("eval_conflict_error", done.stderr)

    def test_coverage_of_tests_has_a_threshold(self):
        (self.root / "shop_test.rego").write_text(TESTS.split("\ntest_dear")[0])
        told = json.loads(self.run_policy("test", ".", "--coverage").stdout)
        self.assertEqual(told["files"]["shop_test.rego"]["coverage"], 100)
        done = self.run_policy("test", ".", "--threshold", "90", code=2)
        self.assertIn("Code coverage threshold not met: got ", done.stderr)
        self.run_policy("test", ".", "--threshold", "101", code=1)

    def test_a_failed_test_shows_its_values(self):
        (self.root / "shop_test.rego").write_text(TESTS)
        out = self.run_policy("test", ".", "--var-values", code=2).stdout
        self.assertIn("  shop_test.rego:9:\n    \tx == count(shop.deny)\n", out)
        self.assertIn("    \t|    0\n    \t1\n", out)

    def test_a_profile_counts_lines(self):
        told = json.loads(self.shop("eval", "-i", "ann.json", "--profile", "data.shop.allow").stdout)
        rows = {(one["location"]["file"], one["location"]["row"]): one["num_eval"] for one in told["profile"]}
        self.assertEqual(rows[("shop.rego", 6)], 1)
        self.assertIn("timer_rego_query_eval_ns", told["metrics"])

    def test_the_package_and_imports_of_a_query(self):
        self.assertEqual(self.shop("eval", "-f", "raw", "--package", "shop", "allow").stdout, "false\n")
        self.assertEqual(self.shop("eval", "-f", "raw", "--import", "data.shop as s", "s.allow").stdout, "false\n")

    def test_an_evaluation_that_takes_too_long_ends(self):
        (self.root / "long.rego").write_text(
            "package long\n\nn := count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a == -b])\n")
        self.run_policy("eval", "-d", "long.rego", "--timeout", "50ms", "data.long.n", code=2)

    def test_what_a_query_depends_on(self):
        out = self.shop("deps", "data.shop.allow").stdout
        for name in ("data.roles", "data.holidays", "input.method", "input.day", "data.shop.allow", "data.shop.closed"):
            self.assertIn(f" {name} ", out)

    def test_annotations_are_read_for_dependencies_where_a_policy_asks_for_them(self):
        (self.root / "misplaced.rego").write_text("package m\n\nx := 1\n\n# METADATA\n# title: t\n")
        self.run_policy("deps", "-d", "misplaced.rego", "data.m.x")
        (self.root / "asks.rego").write_text(
            "package n\n\n# METADATA\n# title: t\ny := rego.metadata.rule().title\n")
        self.run_policy("deps", "-d", "asks.rego", "data.n.y")
        self.run_policy("deps", "-d", "asks.rego", "-d", "misplaced.rego", "data.n.y", code=1)

    def test_what_the_path_cannot_reach_is_no_dependency(self):
        (self.root / "fruits.rego").write_text(
            "package p\n\nfruits[c].v := 1 if some c in input.cols\n\nfruits.s.v := 2 if input.y\n")
        out = self.run_policy("deps", "-d", "fruits.rego", "data.p.fruits.x").stdout
        self.assertIn(" input.cols ", out)
        self.assertNotIn("input.y", out)
        self.assertIn("input.y", self.run_policy("deps", "-d", "fruits.rego", "data.p.fruits").stdout)
        self.run_policy("deps", "--v0-compatible", "-d", "fruits.rego", "data.p.fruits", code=1)

    def test_strict_errors_of_builtins_are_told_at_the_end(self):
        (self.root / "strict.rego").write_text(
            'package p\n\na := to_number("x") if print("a")\n\ndeny contains "x" if {\n\tprint("deny x")\n\tto_number("y") > 1\n}\n\n'
            'deny contains "y" if print("deny y")\n')
        done = self.run_policy("eval", "-d", "strict.rego", "-f", "pretty", "--strict-builtin-errors", "data.p", code=2)
        for line in ("a", "deny x", "deny y"):
            self.assertIn(line + "\n", done.stderr)
        self.assertIn('strict.rego:3: eval_builtin_error: to_number: strconv.ParseFloat: parsing "x"', done.stderr)
        done = self.run_policy("eval", "-d", "strict.rego", "--strict-builtin-errors", "--coverage", "data.p", code=2)
        told = json.loads(done.stdout)
        self.assertNotIn("result", told)
        self.assertEqual(told["coverage"]["not_covered_lines"], 3)

    def test_a_conflict_is_met_before_what_would_come_later(self):
        (self.root / "c.rego").write_text('package p\n\nr := true\n\nr := true if false else := indexof(v, "a") if some v in ["b", {}]\n')
        for words in ([], ["--strict-builtin-errors"]):
            told = json.loads(self.run_policy("eval", "-d", "c.rego", *words, "data.p", code=2).stdout)
            self.assertEqual([one["code"] for one in told["errors"]], ["eval_conflict_error"])

    def test_errors_of_an_optimisation_stand_where_the_policy_has_them(self):
        (self.root / "two.rego").write_text("package two\n\n\n\na := x if some x in [1, 2]\n")
        done = self.run_policy("build", "-O", "1", "-e", "two/a", "two.rego", "-o", "b.tar.gz", code=1)
        self.assertIn("error: two.rego:5: eval_conflict_error: ", done.stdout + done.stderr)

    def test_what_a_policy_has_in_it(self):
        self.assertIn("data.shop", self.run_policy("inspect", "shop.rego").stdout)
        (self.root / ".manifest").write_text('{"revision": "r1", "roots": ["shop", "roles", "holidays"]}')
        out = self.run_policy("inspect", ".").stdout
        self.assertIn("Revision", out)

    def test_what_a_policy_requires(self):
        for text, wanted in (("p := [h | h := data.r[_]; h == 1]", ["eq", "equal"]), ("p if { [h | h := 1] != input.x }", ["assign", "eq", "neq"]),
                             ("import future.keywords.not\np if { count(input.y) > 0; not { x := input.x; endswith(x, \"a\") } }",
                              ["assign", "count", "eq", "gt"]),
                             ("import future.keywords.or\np if { input.x or [upper(y) | some y in input.z] == 1 }", ["eq", "equal", "upper"]),
                             ('import future.keywords.not\np if { not $"{count(input.x)}" == "a" }', ["count", "eq", "equal", "internal.template_string"]),
                             ("p if { every x in input.xs { y := [upper(z) | z := x]; y } }", ["assign", "eq", "upper"])):
            (self.root / "required.rego").write_text(f"package required\n{text}\n")
            found = json.loads(self.run_policy("inspect", "-f", "json", "required.rego").stdout)["capabilities"]
            self.assertEqual([one["name"] for one in found["builtins"]], wanted, text)

    def test_of_several_conflicts_the_one_that_comes_first_is_told(self):
        (self.root / "conflicts.rego").write_text("package conflicts\n\nm(_) := 1\n\nm(_) := 2\n\nf(x) := 100 if x == 1\n\nf(x) := y if {\n\tx == 1\n"
                                                  "\ty := m(1)\n}\n")
        done = self.run_policy("eval", "-f", "pretty", "-d", "conflicts.rego", "data.conflicts.f(1)", code=2)
        self.assertIn("conflicts.rego:9: eval_conflict_error: function data.conflicts.f produced conflicting values for the same inputs:\n"
                      "  100 at conflicts.rego:7\n  1 at conflicts.rego:9\n\nTraceback:", done.stdout + done.stderr)

    def test_a_bundle_is_built_and_read(self):
        self.run_policy("build", "shop.rego", "data.json", "-o", "b.tar.gz", "-r", "r9")
        self.assertIn("r9", self.run_policy("inspect", "b.tar.gz").stdout)
        out = self.run_policy("eval", "-b", "b.tar.gz", "-f", "raw", "count(data.roles.ann)").stdout
        self.assertEqual(out, "1\n")
        first = (self.root / "b.tar.gz").read_bytes()
        self.run_policy("build", "shop.rego", "data.json", "-o", "b.tar.gz", "-r", "r9")
        self.assertEqual(first, (self.root / "b.tar.gz").read_bytes())

    def test_a_syntax_tree(self):
        self.assertTrue(self.run_policy("parse", "shop.rego").stdout.startswith("module\n package\n  ref\n   data\n"))
        told = json.loads(self.run_policy("parse", "-f", "json", "--json-include", "locations", "shop.rego").stdout)
        self.assertEqual(told["package"]["location"]["row"], 1)

    def test_a_benchmark_is_measured(self):
        told = json.loads(self.shop("bench", "-i", "ann.json", "-f", "json", "data.shop.allow").stdout)
        self.assertGreater(told["N"], 0)
        self.run_policy("bench", "data.nothing", code=1)
        (self.root / "bench_test.rego").write_text("package p\n\ntest_a_b if 1 == 1\n\ntest_f if false\n")
        told = self.run_policy("test", "--bench", "bench_test.rego", code=2).stdout
        self.assertRegex(told, r"data\.p\.test_a_b\t +\d+\t +[\d.]+ ns/op\t")
        self.assertIn("data.p.test_f: FAIL", told)
        told = self.run_policy("test", "--bench", "--format", "gobench", "bench_test.rego", code=2).stdout
        self.assertIn("BenchmarkDataPTestAB\t", told)
        self.run_policy("test", "--format", "gobench", "bench_test.rego", code=1)

    def test_lines_of_a_conversation_are_answered(self):
        said = "x := 41\nx + 1\np if {\n  x == 41\n}\n\np\nshow\nunset p\nunset x\ndata.shop.allow\njson\n[1]\nexit\n1\n"
        out = self.shop("repl", text=said).stdout
        self.assertIn("Rule 'x' defined in package repl. Type 'show' to see rules.\n42\n", out)
        self.assertIn("true\npackage repl\n\nx := 41\n\np if {\n\tx == 41\n}\n", out)
        self.assertTrue(out.endswith("  ]\n}\n"), out)

    def test_what_would_change_is_shown(self):
        (self.root / "ugly.rego").write_text("package  ugly\n\np := 1\n")
        self.assertIn("-package  ugly\n+package ugly\n", self.run_policy("fmt", "--diff", "ugly.rego").stdout)

    def test_errors_of_builtins_are_gathered(self):
        (self.root / "e.rego").write_text('package e\n\np contains to_number(x) if some x in ["1", "a", "b"]\n\nq if to_number("c") == 1\n')
        words = ["-d", "e.rego", "--show-builtin-errors", "data.e"]
        told = json.loads(self.run_policy("eval", *words).stdout)
        self.assertEqual(told["result"][0]["expressions"][0]["value"], {"p": [1]})
        self.assertEqual([(one["code"], one["location"]["row"]) for one in told["errors"]],
                         [("eval_builtin_error", 3), ("eval_builtin_error", 3), ("eval_builtin_error", 5)])
        self.assertIn("3 errors occurred:", self.run_policy("eval", "-f", "pretty", *words).stderr)
        self.run_policy("eval", "--strict-builtin-errors", *words, code=2)
        done = self.run_policy("eval", "--capabilities", "v9", "1", code=1)
        self.assertIn("no such file or capabilities version found: v9", done.stderr)

    def test_a_bundle_is_evaluated_partially(self):
        words = ["build", "shop.rego", "data.json", "-O", "1", "-o", "b.tar.gz"]
        self.assertIn("at least one entrypoint", self.run_policy(*words, code=1).stdout)
        self.assertIn("undefined entrypoint data.shop.nope", self.run_policy(*words, "-e", "shop/nope", code=1).stdout)
        self.assertIn("invalid entrypoint data.shop", self.run_policy(*words, "-e", "shop", code=1).stdout)
        for level in ("1", "2"):
            self.run_policy("build", "shop.rego", "data.json", "-O", level, "-e", "shop/allow", "-o", "b.tar.gz")
            with tarfile.open(self.root / "b.tar.gz") as tar:
                files = {one.name.lstrip("/"): tar.extractfile(one).read().decode() for one in tar}
            self.assertIn('input.method = "GET"', files["optimized/shop.rego"])
            # What was not optimised is as it was.
            self.assertIn("deny contains msg if {", files["shop.rego"])
            self.assertNotIn("allow", files["shop.rego"])
            for user, answer in (("ann", "true"), ("bob", "false")):
                for policies in (["-b", "b.tar.gz"], ["-d", "shop.rego", "-d", "data.json"]):
                    out = self.run_policy("eval", *policies, "-f", "raw", "-I", "data.shop.allow",
                                          text=json.dumps({"method": "GET", "user": user, "day": 1})).stdout
                    self.assertEqual(out, answer + "\n")
        self.assertEqual(self.shop("eval", "-O", "1", "-e", "shop/allow", "-f", "raw", "data.shop.allow").stdout, "false\n")
        self.shop("eval", "-O", "1", "data.shop.allow", code=2)

    def test_an_optimised_bundle_means_the_same(self):
        (self.root / "o.rego").write_text(
            'package o\n\n# METADATA\n# title: named\nmeta := rego.metadata.rule().title\n\n'
            'deny contains msg if {\n\tsome x in ["a", "b"]\n\tprint("checking", x)\n\tmsg := concat(" ", [x, "bad"])\n}\n\n'
            'asks contains "x" if {\n\tinput.bad\n\tprint("user", input.user.name)\n}\n\n'
            'every_role if every r in input.roles { r != "x" }\n\n'
            'odd := "\\u0000\\u007f"\n\n'
            'keys[1] := 2\n\nkeys[{"a": 1}] := 3\n')
        (self.root / "o.json").write_text('{"bad": true, "roles": ["a"]}')
        for name in ("meta", "deny", "asks", "every_role", "odd", "keys"):
            for level in ("0", "1", "2"):
                self.run_policy("build", "o.rego", "-O", level, "-e", "o/" + name, "-o", "o.tar.gz")
                told = [self.run_policy("eval", *words, "-i", "o.json", "-f", "json", "data.o." + name).stdout
                        for words in (["-d", "o.rego"], ["-b", "o.tar.gz"])]
                self.assertEqual(json.loads(told[0]), json.loads(told[1]), f"{name} -O {level}")
                self.assertIn('"value"', told[0])
        self.assertEqual(self.run_policy("eval", "-O", "1", "-f", "raw", "1 + 1").stdout, "2\n")

    def test_a_signed_bundle_is_read_as_it_was_built(self):
        (self.root / "b").mkdir()
        (self.root / "b" / "p.rego").write_text("package p\n\na := 1\n")
        key = ["--signing-key", "a secret", "--signing-alg", "HS256"]
        self.run_policy("build", "-b", "b", *key, "-o", "signed.tar.gz")
        with tarfile.open(self.root / "signed.tar.gz") as tar:
            names = [one.name.lstrip("/") for one in tar]
            signatures = json.load(tar.extractfile(next(one for one in tar if one.name.endswith(".signatures.json"))))
        self.assertEqual(names[-2:], [".signatures.json", ".manifest"])
        self.assertEqual(signatures["plugin"], "_default")
        key = ["--verification-key", "a secret", "--signing-alg", "HS256"]
        self.run_policy("build", "-b", "signed.tar.gz", *key, "-o", "again.tar.gz")
        key[1] = "another"
        self.run_policy("build", "-b", "signed.tar.gz", *key, "-o", "again.tar.gz", code=1)

    def test_a_test_that_is_a_function_is_an_error_of_its_own(self):
        (self.root / "f_test.rego").write_text("package f\n\ntest_ok if true\n\ntest_fn(x) := true\n\ntest_bad if false\n")
        told = self.run_policy("test", "f_test.rego", code=2).stdout
        for words in ("data.f.test_fn: ERROR", "function data.f.test_fn used as reference, not called", "PASS: 1/3", "ERROR: 1/3"):
            self.assertIn(words, told)
        told = json.loads(self.run_policy("test", "-f", "json", "f_test.rego", code=2).stdout)
        self.assertEqual([one.get("error", [{}])[0].get("code") for one in told], [None, "rego_type_error", None])
        for words in (["-c"], ["-c", "-v"], ["-c", "-f", "json"], ["--threshold", "10"]):
            told = self.run_policy("test", *words, "f_test.rego", code=1).stderr
            self.assertIn("function data.f.test_fn used as reference, not called", told)

    def test_a_decision_is_a_path_of_names_and_numbers(self):
        (self.root / "d.rego").write_text('package system\n\nmain := {"list": ["a", "b"]}\n')
        def decide(*words):
            told = self.run_policy("exec", "-b", ".", *words, "empty.json").stdout
            return json.loads(told)["result"][0].get("result")
        self.assertEqual(decide("--decision", "system/main/list/1"), "b")
        self.assertEqual(decide("--decision", ""), {"list": ["a", "b"]})

    def test_tests_run_again_when_a_file_changes(self):
        (self.root / "w_test.rego").write_text("package w\n\ntest_a if true\n")
        with subprocess.Popen([MERLON, "policy", "test", "--watch", "w_test.rego"], cwd=self.root, stdout=subprocess.PIPE,
                              text=True) as run:
            def until(words):
                seen = ""
                for line in run.stdout:
                    seen += line
                    if words in line:
                        return seen
                self.fail(seen)
            until("Watching for changes ...")
            (self.root / "w_test.rego").write_text("package w\n\ntest_a if true\n\ntest_b if false\n")
            self.assertIn("FAIL: 1/2", until("Watching for changes ..."))
            run.terminate()
            run.wait(timeout=30)

    def test_a_flag_is_a_variable_of_its_command(self):
        self.assertEqual(self.run_policy("eval", "1", MERLON_POLICY_EVAL_FORMAT="raw").stdout, "1\n")
        opa = ("compat", "opa")
        self.assertEqual(self.run_policy("eval", "1", front=opa, OPA_EVAL_FORMAT="raw").stdout, "1\n")
        wrong = self.run_policy("eval", "1", front=opa, code=1, OPA_EVAL_FORMAT="xml").stderr
        self.assertTrue(wrong.startswith("Error: error mapping environment variables to command flags: "), wrong)
        self.assertIn("OPA_EVAL_FORMAT", self.run_policy(front=opa).stdout)
        self.assertIn("MERLON_POLICY_EVAL_FORMAT", self.run_policy("--help").stdout)

    def test_an_error_says_where_the_evaluation_stood(self):
        (self.root / "stack.rego").write_text("package ex\n\np if f(0)\n\nf(x) if {\n\ty := 1 / x\n\ty > 0\n}\n\ntest_p if p\n")
        done = self.run_policy("eval", "-d", "stack.rego", "-f", "pretty", "--strict-builtin-errors", "data.ex.p", code=2)
        self.assertEqual(done.stderr, "1 error occurred: stack.rego:6: eval_builtin_error: div: divide by zero\n\nTraceback:\n"
                         "  stack.rego:6: 1 / 0\n  stack.rego:3: f(0)\n  1:1: data.ex.p\n")
        done = self.run_policy("eval", "-d", "stack.rego", "--show-builtin-errors", "data.ex.p")
        stack = json.loads(done.stdout)["errors"][0]["stack_trace"]
        self.assertEqual([frame["location"]["row"] for frame in stack], [6, 3, 1])

    def test_instruments_count_what_the_watched_evaluation_does(self):
        (self.root / "twice.rego").write_text("package t\n\np if { q == 2; q == 2 }\n\nq := count([1, 2])\n")
        done = self.run_policy("eval", "-d", "twice.rego", "--instrument", "data.t.p")
        metrics = json.loads(done.stdout)["metrics"]
        self.assertEqual(metrics["counter_eval_op_virtual_cache_hit"], 1)
        self.assertEqual(metrics["counter_eval_op_virtual_cache_miss"], 2)
        self.assertEqual(metrics["histogram_eval_op_builtin_call"]["count"], 1)
        self.assertEqual(list(metrics), sorted(metrics))
        table = self.run_policy("eval", "-d", "twice.rego", "--instrument", "-f", "pretty", "data.t.p").stdout
        self.assertIn("histogram_eval_op_rule_index_99.9%", table)

    def test_flags_that_are_not_served_are_refused_by_name(self):
        for words in (["eval", "--target", "wasm", "1"],
                      ["eval", "--partial", "--explain", "full", "-f", "pretty", "input.x"],
                      ["bench", "--e2e", "1"], ["build", "--target", "wasm", "shop.rego"], ["version", "--check"]):
            done = self.run_policy(*words, code=2)
            self.assertIn(" is not served: ", done.stderr, words)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
