#!/usr/bin/env python3
"""`merlon db compare` as a user meets it: db_compare_test.py MERLON"""

import subprocess
import sys
import unittest

MERLON = sys.argv.pop(1)


def compare(*words, text=None):
    return subprocess.run([MERLON, "db", "compare", *words], input=text, capture_output=True, text=True, timeout=60)


class DbCompare(unittest.TestCase):
    def test_prints_one_sign_and_exits_with_0(self):
        for scheme, left, sign, right in (("semver", "1.10.0", ">", "1.9.0"), ("dpkg", "1.0~rc1", "<", "1.0"),
                                          ("deb", "1:0", ">", "9"), ("pypi", "1.0", "=", "1.0.0")):
            done = compare(scheme, left, right)
            self.assertEqual((done.returncode, done.stdout), (0, sign + "\n"), done.stderr)

    def test_reads_pairs_with_spaces_or_tabulators_and_answers_each_line(self):
        done = compare("maven", "-", text="1 2\n1.0\t1\r\n1-alpha 1\n")
        self.assertEqual((done.returncode, done.stdout), (0, "<\n=\n<\n"), done.stderr)

    def test_a_line_that_is_no_pair_is_counted_and_the_run_incomplete(self):
        done = compare("npm", "-", text="1 2\nlonely\n\n2 1\n")
        self.assertEqual((done.returncode, done.stdout), (2, "<\n?\n?\n>\n"))
        self.assertIn("2 of the lines are no pair", done.stderr)
        self.assertIn("line 2", done.stderr)

    def test_explains_what_decided_and_what_the_tool_refuses(self):
        done = compare("npm", "1.2.3", "1.10", "--explain")
        self.assertIn("1.2.3 < 1.10: the second number, 2 < 10", done.stdout)
        self.assertIn("npm does not take 1.10", done.stdout)

    def test_an_unknown_scheme_names_the_nearest(self):
        done = compare("debian-version", "1", "2")
        self.assertEqual(done.returncode, 2)
        self.assertIn("there are semver, npm", done.stderr)
        self.assertIn("maven", compare("mavn", "1", "2").stderr)

    def test_one_version_is_not_enough(self):
        self.assertEqual(compare("npm", "1").returncode, 2)
        self.assertEqual(compare().returncode, 2)

    def test_hundreds_of_thousands_of_pairs_are_no_matter(self):
        text = "".join(f"1.{n}.0 1.{n + n % 3 - 1}.0\n" for n in range(300000))
        done = compare("semver", "-", text=text)
        self.assertEqual(done.stdout, ">\n=\n<\n" * 100000)


if __name__ == "__main__":
    unittest.main()
