#!/usr/bin/env python3
"""Policies and data that mean harm, or end badly by mistake: policy_limits_test.py MERLON [unittest arguments]

Each ends by itself, with an exit code that says so and a text that says why; what an answer may take is
MEMORY_BYTES and the time limit of a run, never that of the whole test.
"""

import io
import json
import pathlib
import resource
import subprocess
import sys
import tarfile
import tempfile
import unittest

MERLON = str(pathlib.Path(sys.argv[1]).resolve())
LEVELS = 10_000
MEMORY_BYTES = 3 << 30


def bounded():
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))


class Limits(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def run_merlon(self, *words, code=2, text=""):
        done = subprocess.run(
            [MERLON, *words], cwd=self.root, input=text, capture_output=True, text=True, timeout=120, check=False,
            preexec_fn=bounded,
        )
        self.assertEqual(done.returncode, code, (words, done.stdout[:500], done.stderr[:500]))
        return done

    def evaluate(self, query, *words, code=2, text=""):
        return self.run_merlon("policy", "eval", *words, "-f", "raw", query, code=code, text=text)

    def test_a_policy_that_goes_on_for_ever_ends_at_the_limit_of_instructions(self):
        (self.root / "p.rego").write_text(
            "package p\n\nx contains sum if {\n\tsome a in numbers.range(1, 100000)\n\tsome b in numbers.range(1, 100000)\n"
            "\tsum := a + b\n\tsum < 0\n}\n"
        )
        done = self.evaluate("data.p.x", "-d", "p.rego")
        self.assertRegex(done.stderr, r"p\.rego:\d+: eval_limit_error: instruction limit of \d+ reached")
        done = self.run_merlon("policy", "eval", "-d", "p.rego", "data.p.x")
        self.assertEqual(json.loads(done.stdout)["errors"][0]["code"], "eval_limit_error")

    def test_what_grows_without_end_ends_at_the_limit_of_memory(self):
        for query in (
            "count(numbers.range(1, 2000000000))",
            "[[a, b, c] | a := numbers.range(1, 900)[_]; b := numbers.range(1, 900)[_]; c := numbers.range(1, 900)[_]]",
            'net.cidr_expand("::/0")',
            'concat("", [x | numbers.range(1, 3000)[_]; x := concat("", ["a" | numbers.range(1, 200000)[_]])])',
        ):
            with self.subTest(query=query):
                self.assertRegex(self.evaluate(query).stderr, "eval_limit_error|width|limit")

    def test_templates_and_ranges_know_their_limits(self):
        loops = "".join("{{range $.a}}" for _ in range(5)) + "x" + "{{end}}" * 5
        query = f"strings.render_template({json.dumps(loops)}, {{\"a\": numbers.range(1, 1000)}})"
        self.assertIn("eval_cancel_error", self.evaluate(query, "--timeout", "100ms").stderr)
        self.assertIn("eval_limit_error", self.evaluate(query).stderr)
        # Rounds in which nothing is shown, and texts that are only looked at, take their time as well.
        empty = "{{range $.a}}" * 5 + "{{end}}" * 5
        for template, given in ((empty, "numbers.range(1, 1000)"), ("{{range $.a}}{{if $.b}}{{end}}{{end}}", "numbers.range(1, 100000)")):
            query = f"strings.render_template({json.dumps(template)}, {{\"a\": {given}, \"b\": concat(\"\", numbers_of_b)}})"
            self.assertIn("eval_limit_error", self.evaluate(
                f'numbers_of_b := ["0123456789" | numbers.range(1, 100000)[_]]; {query}').stderr)
        self.assertIn("eval_limit_error", self.evaluate("count(numbers.range(1, 10000000000000))").stderr)

    def test_many_long_ranges_count_as_steps(self):
        query = "count([y | some j in numbers.range(1, 100); y := numbers.range(1, 1000000 + j); count(y) < 0])"
        self.assertIn("eval_limit_error", self.evaluate(query).stderr)
        self.assertIn("eval_cancel_error", self.evaluate("count([y | some j in numbers.range(1, 60); y := numbers.range(1, 1000000 + j)])",
                                                         "--timeout", "1ms").stderr)
        # Numbers at the ends of what a machine counts with, and beyond.
        for first, last, step, count in ((-9223372036854775808, 9223372036854775807, 4611686018427387904, 4),
                                         (9223372036854775807, 9223372036854775809, 1, 3), (5, -5, 4, 3)):
            out = self.evaluate(f"numbers.range_step({first}, {last}, {step})", code=0).stdout
            made = [first + i * (step if first <= last else -step) for i in range(count)]
            self.assertEqual(json.loads(out), made)

    def test_comprehensions_that_are_gone_through_inside_of_each_other_take_no_memory(self):
        text = "1"
        for i in range(14):
            text = f"{{x{i} | x{i} := input.a; some y{i} in {text}}}"
        (self.root / "p.rego").write_text(f"package p\n\nx := {text}\n")
        self.run_merlon("policy", "check", "p.rego", code=0)

    def test_nesting_of_ten_thousand_levels_is_refused(self):
        deep = {
            "a.json": "[" * LEVELS + "]" * LEVELS, "b.json": '{"a":' * LEVELS + "1" + "}" * LEVELS,
            "c.yaml": "{a: " * LEVELS + "1" + "}" * LEVELS, "d.yaml": "- " * LEVELS + "1\n",
        }
        for name, text in deep.items():
            with self.subTest(name=name):
                (self.root / name).write_text(text)
                self.assertIn("nested deeper than", self.evaluate("input", "-i", name).stderr)
                self.assertIn("nested deeper than", self.evaluate("data", "-d", name).stderr)
        for value in (
            "[" * LEVELS + "]" * LEVELS, '{"a": ' * LEVELS + "1" + "}" * LEVELS,
            "[1 | " * LEVELS + "true" + "]" * LEVELS, "(" * LEVELS + "1" + ")" * LEVELS, "f(" * LEVELS + "1" + ")" * LEVELS, "{x | every y in " * LEVELS,
        ):
            with self.subTest(value=value[:20]):
                (self.root / "p.rego").write_text(f"package p\n\nx := {value}\n")
                self.assertRegex(self.evaluate("data.p", "-d", "p.rego").stderr, "p.rego:3: rego_parse_error: ")

    def test_policies_that_nest_deeply_are_read(self):
        for value in (
            "(" * 2_000 + "1" + ")" * 2_000, "[" * 1_900 + "]" * 1_900, "1+" * 3_000 + "1",
            "[1 | " * 600 + "true" + "]" * 600,
        ):
            with self.subTest(value=value[:20]):
                (self.root / "p.rego").write_text(f"package p\n\nx := {value}\n")
                self.evaluate("count([data.p.x])", "-d", "p.rego", code=0)

    def test_values_that_functions_read_are_bounded_as_well(self):
        for function, text in (
            ("json.unmarshal", "[" * LEVELS + "]" * LEVELS), ("yaml.unmarshal", "[" * LEVELS + "]" * LEVELS),
            ("graphql.parse_query", "{a" * LEVELS + "}" * LEVELS), ("units.parse", "9" * LEVELS * 100 + "x"),
        ):
            with self.subTest(function=function):
                done = self.evaluate(f"{function}(input)", "--strict-builtin-errors", "-I", text=json.dumps(text))
                self.assertIn(function, done.stderr)

    def test_expressions_that_explode_elsewhere_take_their_time_from_the_text(self):
        text = "a" * 20_000
        for pattern in ("(a*)*b", "(a|a)*b", "(a+a+)+b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)(.*)(.*)(.*)(.*)b"):
            with self.subTest(pattern=pattern):
                done = self.evaluate(f"regex.match(`{pattern}`, input)", "-I", text=json.dumps(text), code=0)
                self.assertEqual(done.stdout, "false\n")
        for pattern in ("(a{1000}){1000}", "((a{100}){100}){100}", "(" * LEVELS + ")" * LEVELS):
            with self.subTest(pattern=pattern[:20]):
                done = self.evaluate(
                    "regex.match(input, `a`)", "--strict-builtin-errors", "-I", text=json.dumps(pattern)
                )
                self.assertIn("error parsing regexp", done.stderr)
        for pattern in ("*a" * 300 + "b", "{a,{a,*}}*" * 60 + "b", "**a" * 300 + "b"):
            with self.subTest(pattern=pattern[:20]):
                self.evaluate(f'glob.match("{pattern}", ["/"], input)', "-I", text=json.dumps("a" * 5_000), code=0)

    def test_an_input_of_more_than_a_gigabyte_is_refused_and_one_that_is_large_is_read(self):
        with open(self.root / "large.json", "wb") as file:
            file.truncate((1 << 30) + 1)
        self.assertIn("large.json", self.evaluate("1", "-i", "large.json").stderr)
        self.assertIn("large.json", self.evaluate("1", "-d", "large.json").stderr)
        with open(self.root / "large.json", "w", encoding="utf-8") as file:
            file.write("[" + ",".join(["0"] * 5_000_000) + "]")
        self.assertEqual(self.evaluate("count(input)", "-i", "large.json", code=0).stdout, "5000000\n")

    def archive(self, members):
        with tarfile.open(self.root / "bundle.tar.gz", "w:gz") as tar:
            for member, text in members:
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text))

    def test_a_bundle_stays_inside_of_its_root(self):
        outside = self.root / "outside.json"
        outside.write_text('{"secret": 1}')

        def link(name, target, kind):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            return member

        for path in ("../data.json", "a/../../data.json", "a/b/../../../data.json"):
            self.archive([(tarfile.TarInfo(path), b"{}")])
            self.assertIn("leaves the bundle", self.evaluate("data", "-b", "bundle.tar.gz").stderr)
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            self.archive([(link("data.json", str(outside), kind), b"")])
            done = subprocess.run(
                [MERLON, "policy", "eval", "-b", "bundle.tar.gz", "-f", "raw", "data"], cwd=self.root,
                capture_output=True, text=True, timeout=60, check=False,
            )
            self.assertNotIn("secret", done.stdout)
        for manifest, files in (
            ('{"roots": ["a"]}', [("b/data.json", b'{"x": 1}')]),
            ('{"roots": ["a"]}', [("p.rego", b"package b\n\nx := 1\n")]),
            ('{"roots": ["a/b"]}', [("a/data.json", b'{"c": 1}')]),
        ):
            self.archive(
                [(tarfile.TarInfo(".manifest"), manifest.encode())]
                + [(tarfile.TarInfo(name), text) for name, text in files]
            )
            self.assertIn("manifest roots", self.evaluate("data", "-b", "bundle.tar.gz").stderr)

    def test_a_bundle_that_unpacks_to_much_more_is_refused(self):
        self.archive(
            [(tarfile.TarInfo(f"{number}/data.json"), b'{"x": "' + b" " * (64 << 20) + b'"}') for number in range(20)]
        )
        self.assertIn("bundle.tar.gz", self.evaluate("1", "-b", "bundle.tar.gz").stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
