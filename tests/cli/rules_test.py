#!/usr/bin/env python3
"""The secrets pack and `merlon rules test`: rules_test.py MERLON [unittest arguments]

Every secret is put together at run time and has never been valid.
"""

import json
import os
import pathlib
import random
import string
import sys
import tomllib
import unittest
import uuid

import merlon_test
from merlon_test import CommandLine

PACK = pathlib.Path(__file__).parents[2] / "rules" / "secrets"
# What stands between the name of a provider and its value, whatever the name goes on with.
ANY_NAME = r"[\w .-]{0,25}"
# These take it for a secret that a name like access_key_id is beside it.
NAMED_BY_THEMSELVES = {"aws-secret-access-key", "aws-session-token"}


def made_of(alphabet, length, seed):
    source = random.Random(seed)
    return "".join(source.choice(alphabet) for _ in range(length))


class Lists(CommandLine):
    """What stands in a list is found whole, whatever stands between its members."""

    def found(self, name, text):
        self.write(name, text)
        report = self.report(name, "--show-secrets", code=1)
        return sorted(finding["secret"] for finding in report["findings"])

    def test_secrets_on_adjacent_lines_are_all_found(self):
        secrets = sorted(made_of(string.ascii_letters + string.digits, 24, seed) for seed in range(6))
        for name in ("x.md", "x.txt", "x.log", "x.sh", "x.yml", "x.ini", "x.conf", ".env"):
            for key in ("apiKey: {}", "key={}", "token1 = {}"):
                with self.subTest(name, key=key):
                    self.assertEqual(self.found(name, "".join(key.format(one) + "\n" for one in secrets)), secrets)

    def rules_test(self, regex, example="{lower:12}"):
        rules = self.write("rules.toml", f"[[rules]]\nid = 'r'\nregex = '''{regex}'''\n"
                                         f"[rules.merlon]\ntrue = ['tok_{example}']\nfalse = ['tok_a']\n")
        done = self.run_merlon("rules", "test", "--rules", rules)
        return done.returncode, done.stdout, done.stderr

    def test_a_rule_that_takes_both_neighbours_of_a_token_fails(self):
        code, out, said = self.rules_test("(?:^|[^a-z0-9])(tok_[a-z]{12})(?:[^a-z]|$)")
        self.assertEqual((code, out), (1, "1 passed, 1 failed\n"))
        self.assertIn("one of two was not found with a line feed, a blank, a comma between them", said)

    def test_edges_without_width_pass(self):
        for regex in (r"\b(tok_[a-z]{12})\b", r"\b(tok_[a-z]{12})(?:[^a-z]|$)", r"(?:^|[^a-z])(tok_[a-z]{12})\b"):
            self.assertEqual(self.rules_test(regex), (0, "2 passed, 0 failed\n", ""))

    def test_what_is_no_edge_to_a_rule_is_not_asked_of_it(self):
        for regex in (r"(?m)^(tok_[a-z]{12})$", r"^(tok_[a-z]{12})\n$", r"(tok_\S{12,100})"):
            self.assertEqual(self.rules_test(regex), (0, "2 passed, 0 failed\n", ""))


class Folders(CommandLine):
    """The files of a folder are one configuration, and each is a file of its own."""

    RULE = "[[rules]]\nid = '{0}'\nregex = '{0}-([a-z]{{8}})'\n"

    def fill(self, **texts):
        for name, text in texts.items():
            self.write(f"rules/{name}.toml", text)
        self.write("app.txt", "one-abcdefgh\ntwo-abcdefgh\none-vendored\n")

    def found(self):
        report = self.report("app.txt", "--rules", "rules", "--show-secrets", code=1)
        return sorted(finding["match"] for finding in report["findings"])

    def test_two_files_may_each_have_an_allowlist_and_a_title(self):
        self.fill(a="title = 'a'\n" + self.RULE.format("one") + "[allowlist]\nstopwords = ['vendored']\n",
                  b="title = 'b'\n" + self.RULE.format("two") + "[allowlist]\npaths = ['none']\n")
        self.assertEqual(self.found(), ["one-abcdefgh", "two-abcdefgh"])

    def test_what_two_files_extend_is_taken_once(self):
        self.write("base.toml", self.RULE.format("one") + self.RULE.format("two"))
        extend = f"[extend]\npath = '{self.tree}/base.toml'\n"
        self.fill(a=extend, b=extend + "disabledRules = ['two']\n")
        self.assertEqual(self.found(), ["one-abcdefgh", "one-vendored"])

    def test_an_allowlist_and_a_required_rule_may_be_of_another_file(self):
        self.fill(a=self.RULE.format("one") + "[[rules.required]]\nid = 'two'\n",
                  b=self.RULE.format("two")
                  + "[[allowlists]]\ntargetRules = ['one']\nstopwords = ['vendored']\n")
        self.assertEqual(self.found(), ["one-abcdefgh", "two-abcdefgh"])

    def test_the_later_of_two_rules_with_one_id_is_used_and_told(self):
        self.fill(a=self.RULE.format("one"), b="[[rules]]\nid = 'one'\nregex = 'two-[a-z]{8}'\n")
        done = self.scan("app.txt", "--rules", "rules")
        self.assertIn("rules/b.toml:1", done.stdout + done.stderr)
        self.assertIn("takes the place of the rule 'one' of another file", done.stdout + done.stderr)
        self.assertEqual(self.found(), ["two-abcdefgh"])

    def test_an_error_names_its_own_file_and_line(self):
        self.fill(a=self.RULE.format("one"), b="\n[[rules]]\nid = 'bad'\nregex = '('\n")
        done = self.scan("app.txt", "--rules", "rules")
        self.assertEqual(done.returncode, 2)
        self.assertIn("rules/b.toml:", done.stdout + done.stderr)


class PublicNames(CommandLine):
    """Identifiers and digests of a provider are not its keys."""

    def test_every_rule_that_takes_any_name_leaves_out_the_same_names(self):
        expressions = set()
        for path in sorted(PACK.glob("*.toml")):
            pack = tomllib.loads(path.read_text())
            wanted = {rule["id"] for rule in pack["rules"] if ANY_NAME in rule.get("regex", "")}
            lists = [one for one in pack.get("allowlists", []) if one["regexTarget"] == "match"]
            with self.subTest(path.name):
                self.assertEqual({rule for one in lists for rule in one["targetRules"]},
                                 wanted - NAMED_BY_THEMSELVES)
            expressions |= {expression for one in lists for expression in one["regexes"]}
        self.assertEqual(len(expressions), 1)

    def test_names_of_identifiers_and_digests_are_left_out(self):
        ids = ("SCW_DEFAULT_PROJECT_ID", "SCW_DEFAULT_ORGANIZATION_ID", "HEROKU_APP_ID", "SNYK_ORG_ID", "snykOrg",
               "OPSGENIE_TEAM_ID", "codecov.ref", "hecHealthCheckId", "exec_hec", "checksum")
        digests = (("linode_sha256", 64), ("hetzner_checksum", 64), ("auth0-sha256", 64), ("cloudflare_ref", 40),
                   ("cohere_sha", 40), ("wandbCommit", 40), ("mistral_md5", 32), ("PUSHER_APP_KEY", 20))
        lines = [f"{name}={uuid.UUID(int=random.Random(name).getrandbits(128), version=4)}" for name in ids]
        lines += [f'{name}: "{made_of("0123456789abcdef", length, name)}"' for name, length in digests]
        self.write("public.txt", "\n".join(lines) + "\n")
        done = self.scan("public.txt", "--format", "json")
        named = [(f["rule"], f["location"]["startLine"]) for f in json.loads(done.stdout)["findings"]
                 if f["confidence"] != "low"]
        self.assertEqual(named, [])

    def test_the_keys_beside_them_are_found(self):
        key = str(uuid.UUID(int=random.Random(1).getrandbits(128), version=4))
        for name in ("SCW_SECRET_KEY", "HEROKU_API_KEY", "SNYK_TOKEN", "opsgenieKey", "HEC_TOKEN", "splunkHecToken"):
            with self.subTest(name):
                self.write("app.env", f"{name}={key}\n")
                found = self.report("app.env", code=1)["findings"]
                self.assertEqual([f["confidence"] for f in found], ["medium"])


if __name__ == "__main__":
    merlon_test.MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
