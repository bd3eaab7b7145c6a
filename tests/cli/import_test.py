#!/usr/bin/env python3
"""Reports of other tools in the evidence store: import_test.py MERLON [unittest arguments]"""

import json
import os
import pathlib
import sys
import unittest

import evidence_test
from evidence_test import EvidenceCase

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
REPORTS = ROOT / "tests/foreign/reports"
EXAMPLES = ROOT / "examples/import"


class ImportCase(EvidenceCase):
    def bring(self, name, *words, code=0):
        done = self.run_merlon("import", "--store", "s.db", "--format", "json", *words, str(name), code=code)
        return json.loads(done.stdout)

    def listed(self, *words):
        done = self.run_merlon("findings", "list", "--store", "s.db", "--format", "json", *words)
        return json.loads(done.stdout)["findings"]


class RealReports(ImportCase):
    """What the tools themselves have written (tools/parity/foreign_reports.py)."""

    # By tool: what is found, by category, and whether the report closes.
    EXPECTED = {
        "gitleaks": {"": (2, False)},
        "semgrep": {"": (3, True)},
        "checkov": {"kubernetes": (2, True), "terraform": (4, True)},
        "kube-score": {"": (19, True)},
        "trivy": {"vulnerabilities": (0, False), "misconfigurations": (15, True)},
    }

    def test_each_is_known_by_its_content(self):
        for tool, expected in self.EXPECTED.items():
            with self.subTest(tool):
                answer = self.bring(REPORTS / f"{tool}.json")[0]
                self.assertEqual(answer["format"], tool)
                runs = {run["category"]: (run["counts"]["found"], run["complete"]) for run in answer["runs"]}
                self.assertEqual(runs, expected)
                again = self.bring(REPORTS / f"{tool}.json")[0]
                self.assertTrue(all(run["importedBefore"] for run in again["runs"]))


    def test_semgrep_says_the_same_in_both_of_its_formats(self):
        for first, second in (("json", "sarif"), ("sarif", "json")):
            with self.subTest(first):
                store = f"{first}.db"

                def bring(ending, *words, code=0):
                    done = self.run_merlon("import", "--store", store, "--format", "json", *words,
                                           str(REPORTS / f"semgrep.{ending}"), code=code)
                    run = json.loads(done.stdout)[0]["runs"][0]
                    self.assertEqual(run["tool"], "semgrep")
                    return run["counts"]

                def listed(*words):
                    done = self.run_merlon("findings", "list", "--store", store, "--format", "json", *words)
                    return sorted((one["id"], one["path"], one["line"]) for one in json.loads(done.stdout)["findings"])
                # SARIF has the one more that a comment suppresses.
                one_more = {"json": 0, "sarif": 1}
                self.assertEqual(bring(first)["new"], 3 + one_more[first])
                before = listed("is:open")
                self.run_merlon("findings", "decide", "--store", store, str(before[0][0]), "--verdict", "false_positive",
                                "--reason", "a test")
                counts = bring(second)
                self.assertEqual((counts["new"], counts["known"]), (one_more[second], 3))
                self.assertEqual(listed("is:open"), before[1:])
                self.run_merlon("store", "check", "--store", store)

    def test_checkov_and_gitleaks_say_the_same_in_both_of_their_formats(self):
        example = ROOT / "tests/foreign/example"
        for ending in ("json", "sarif"):
            done = self.run_merlon("compat", "gitleaks", "dir", str(example), "--config", str(example / "rules/gitleaks.toml"),
                                   "--report-path", f"gitleaks.{ending}", "--report-format", ending, code=1)
        for tool, folder, found in (("checkov", REPORTS, 6), ("gitleaks", self.folder, 2)):
            for first, second in (("json", "sarif"), ("sarif", "json")):
                with self.subTest(tool, first=first):
                    sums = []
                    for ending in (first, second):
                        done = self.run_merlon("import", "--store", f"{tool}.{first}.db", "--format", "json",
                                               os.path.join(folder, f"{tool}.{ending}"))
                        runs = [run["counts"] for run in json.loads(done.stdout)[0]["runs"]]
                        sums.append([sum(counts[name] for counts in runs) for name in ("found", "new", "closed")])
                    self.assertEqual(sums, [[found, found, 0], [found, 0, 0]])

    def test_a_store_that_has_them_apart_goes_on_so(self):
        # As a Merlon before this one called it.
        report = json.loads((REPORTS / "semgrep.sarif").read_text())
        report["runs"][0]["tool"]["driver"]["name"] = "Semgrep"
        self.write("s.sarif", report)
        self.assertEqual(self.bring("s.sarif")[0]["runs"][0]["tool"], "semgrep")
        self.assertEqual(self.bring(REPORTS / "semgrep.sarif")[0]["runs"][0]["counts"]["new"], 0)

    def test_findings_have_their_places(self):
        for tool in self.EXPECTED:
            self.bring(REPORTS / f"{tool}.json")
        for term, places in (
                ("tool:gitleaks", ["settings.ini:2", "settings.ini:3"]),
                ("tool:semgrep", ["src/app.py:5", "src/app.py:9", "src/broken.py:2"]),
                ("tool:checkov is:suppressed", ["deploy/main.tf:5"]),
                ("tool:trivy path:Dockerfile", None)):
            found = sorted(f"{one['path']}:{one.get('line')}" for one in self.listed("is:present", term))
            self.assertTrue(found, term)
            if places is not None:
                self.assertEqual(found, places)


class Documents(ImportCase):
    def test_what_is_not_applied_is_said(self):
        self.write("v.json", {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "d", "author": "a", "statements": [
            {"vulnerability": {"name": "CVE-1"}, "status": "fixed", "products": ["pkg:npm/a@1"]}]})
        line = "v.json: VEX, kept\nv.json: decisions: 0 applied to findings, {} wait for findings, {} were here{}\n"
        self.assertEqual(self.run_merlon("import", "--store", "s.db", "v.json").stdout,
                         line.format(1, 0, "; 1 had no end and end in a year"))
        self.assertEqual(self.run_merlon("import", "--store", "s.db", "v.json").stdout, line.format(0, 1, ""))
        info = json.loads(self.run_merlon("store", "info", "--store", "s.db", "--format", "json").stdout)
        self.assertEqual((info["documents"], info["analyses"], info["events"]), (1, 0, 2))

    def test_weaknesses_of_a_bill_of_materials_are_findings(self):
        self.write("b.json", {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [
            {"type": "library", "bom-ref": "a", "name": "lodash", "version": "4.17.20", "purl": "pkg:npm/lodash@4.17.20"}],
            "vulnerabilities": [{"id": "CVE-1", "ratings": [{"severity": "high"}], "affects": [{"ref": "a"}]}]})
        answer = self.bring("b.json")[0]
        self.assertEqual((answer["title"], answer["packages"], answer["runs"][0]["counts"]["new"]), ("CycloneDX 1.5", 1, 1))


class Checkout(ImportCase):
    """Semgrep without a login says neither lines nor fingerprints: the checkout has them."""

    def semgrep(self, path, *lines):
        return {"version": "1.185.0", "errors": [], "paths": {"scanned": [path]}, "results": [
            {"check_id": "r", "path": path, "start": {"line": line, "col": 1}, "end": {"line": line, "col": 9},
             "extra": {"message": "m", "severity": "ERROR", "metadata": {}, "lines": "requires login",
                       "fingerprint": "requires login"}} for line in lines]}

    def code(self, path, shift=0):
        os.makedirs(os.path.dirname(os.path.join(self.folder, path)), exist_ok=True)
        self.write(path, "# above\n" * shift + "".join(f"run(request.args[{i}], 'a line of its own')\n" for i in range(20)))

    def test_lines_that_are_withheld_tell_what_has_moved(self):
        self.code("tree/src/a.py")
        self.write("a.json", self.semgrep("src/a.py", 3, 9))
        self.bring("a.json", "--root", "tree")
        os.remove(os.path.join(self.folder, "tree/src/a.py"))
        self.code("tree/lib/a.py", 4)
        self.write("b.json", self.semgrep("lib/a.py", 7, 13))
        counts = self.bring("b.json", "--root", "tree")[0]["runs"][0]["counts"]
        self.assertEqual((counts["new"], counts["moved"], counts["closed"]), (0, 2, 0))

    def test_a_file_that_was_not_scanned_is_gone_only_where_the_checkout_says_so(self):
        self.code("tree/a.py")
        self.code("tree/b.py")
        self.write("a.json", self.semgrep("a.py", 3))
        self.bring("a.json", "--root", "tree")
        self.write("b.json", self.semgrep("b.py"))
        self.assertEqual(self.bring("b.json", "--root", "tree")[0]["runs"][0]["counts"]["unknown"], 1)
        os.remove(os.path.join(self.folder, "tree/a.py"))
        self.write("c.json", self.semgrep("b.py", 2))
        self.assertEqual(self.bring("c.json", "--root", "tree")[0]["runs"][0]["counts"]["closed"], 1)

    def test_what_leads_out_of_the_checkout_is_not_read(self):
        self.write("outside.txt", "nothing of a repository\n")
        os.makedirs(os.path.join(self.folder, "tree"))
        os.symlink("../outside.txt", os.path.join(self.folder, "tree/link.py"))
        for path in ("link.py", "../outside.txt"):
            self.write("a.json", self.semgrep(path, 1))
            self.bring("a.json", "--root", "tree")
        for number in (1, 2):
            shown = self.run_merlon("findings", "show", "--store", "s.db", "--format", "json", str(number)).stdout
            self.assertNotIn("nothing of a repository", shown)

    def test_a_path_of_windows_is_one(self):
        self.write("a.json", self.semgrep("src\\a.py", 3))
        self.bring("a.json")
        self.assertEqual([one["path"] for one in self.listed("path:src/**")], ["src/a.py"])


class Refusals(ImportCase):
    def test_a_report_of_no_run_says_nothing_and_leaves_no_store(self):
        self.write("none.sarif", {"version": "2.1.0", "runs": []})
        self.assertIn("no run of a tool is in it", self.run_merlon("import", "--store", "s.db", "none.sarif", code=2).stderr)
        self.run_merlon("import", "--store", "s.db", "--queue", "missing", code=2)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("s.db")], [])

    def test_what_sarif_does_not_know_is_told(self):
        self.write("r.sarif", {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": [
            {"ruleId": "r", "level": "fatal", "message": {"text": "m"}}]}]})
        done = self.run_merlon("import", "--store", "s.db", "r.sarif")
        self.assertIn("outside of the standard, 1 time: level 'fatal', taken for high", done.stdout)

    def test_a_typing_error_is_no_value(self):
        self.write("r.sarif", {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": [
            {"ruleId": "r", "message": {"text": "m"}}]}]})
        self.run_merlon("import", "--store", "s.db", "r.sarif")
        for words, said in ((("import", "--commit", "nothex", "r.sarif"), "--commit nothex"),
                            (("import", "--repository", "", "r.sarif"), "--repository is empty"),
                            (("findings", "list", "--limit", "0"), "--limit 0"),
                            (("findings", "list", "id:99999999999999999999"), "is no number of a finding"),
                            (("findings", "decide", "--package", "notapurl", "--verdict", "none", "--reason", "r"), "--package notapurl"),
                            (("findings", "decide", "1", "--verdict", "accepted", "--reason", "r", "--until", "9999d"), "--until 9999d"),
                            (("worker", "--lanes", "usr"), "there is no lane 'usr'"),
                            (("webhooks", "add", "w", "https://example.org/", "--secret", "env:K", "--event", "imports"),
                             "did you mean 'import'"),
                            (("jobs", "list", "--limit", "0"), "--limit 0"), (("audit", "log", "--limit", "0"), "--limit 0"),
                            (("gate", "simulate", "--policy", "severity", "--days", "0"), "--days 0")):
            with self.subTest(words=words):
                self.assertIn(said, self.run_merlon(*words, "--store", "s.db", code=2).stderr)
        self.assertIn("1 finding", self.run_merlon("findings", "list", "--store", "s.db", "SEV:>=LOW", "Is:Open", "tool:T").stdout)

    def test_a_store_that_cannot_be_written_is_told_with_what_to_do(self):
        if os.geteuid() == 0:
            self.skipTest("nothing is read-only for root")
        self.write("r.sarif", {"version": "2.1.0", "runs": []})
        os.chmod(self.folder, 0o500)
        self.addCleanup(os.chmod, self.folder, 0o700)
        self.assertNotIn("readonly database", self.run_merlon("store", "info", "--store", "s.db", code=2).stderr)


class Secrets(ImportCase):
    SECRET = "example-key-" + "482913"

    def report(self, line, secret=SECRET):
        return [{"RuleID": "r", "Description": "A key", "StartLine": line, "EndLine": line, "StartColumn": 1, "EndColumn": 9,
                 "Match": "k = " + secret, "Secret": secret, "File": "a.ini", "Commit": "", "Tags": [],
                 "Fingerprint": f"a.ini:r:{line}"}]

    def test_none_is_kept(self):
        self.write("g.json", self.report(3))
        self.bring("g.json")
        self.run_merlon("store", "check", "--store", "s.db")
        for path in pathlib.Path(self.folder).glob("s.db*"):
            self.assertNotIn(self.SECRET.encode(), path.read_bytes())
        shown = self.run_merlon("findings", "show", "--store", "s.db", "1").stdout
        self.assertNotIn(self.SECRET, shown)

    def test_none_is_kept_wherever_else_it_stands(self):
        report = self.report(3)
        report[0].update({"Message": f"rotate {self.SECRET}", "Line": f"k = {self.SECRET} # x", "File": f"{self.SECRET}.ini",
                          "Link": f"https://example.org/?q={self.SECRET}", "Description": f"key {self.SECRET}"})
        self.write("g.json", report)
        self.bring("g.json")
        self.run_merlon("store", "check", "--store", "s.db")
        self.run_merlon("store", "export", "--store", "s.db", "out")
        kept = [path for path in pathlib.Path(self.folder, "out").rglob("*") if path.is_file()]
        self.assertGreater(len(kept), 10)
        for path in kept:
            self.assertNotIn(self.SECRET.encode(), path.read_bytes(), path.name)

    def test_it_is_known_again_by_its_hash(self):
        self.write("g.json", self.report(3))
        self.bring("g.json")
        self.write("g.json", self.report(30))
        self.assertEqual(self.bring("g.json")[0]["runs"][0]["counts"]["moved"], 1)
        self.write("g.json", self.report(30, "example-key-" + "730155"))
        counts = self.bring("g.json")[0]["runs"][0]["counts"]
        self.assertEqual((counts["new"], counts["closed"], counts["unknown"]), (1, 0, 1))
        self.assertEqual(counts["byPlaceOnly"], 0)

    def test_one_that_is_hidden_is_known_by_its_place_only(self):
        self.write("g.json", self.report(3, "REDACTED"))
        self.assertEqual(self.bring("g.json")[0]["runs"][0]["counts"]["byPlaceOnly"], 1)
        self.write("g.json", self.report(30, "REDACTED"))
        done = self.run_merlon("import", "--store", "s.db", "--coverage", "complete", "g.json")
        self.assertIn("1 found, 1 new, 0 known, 1 closed", done.stdout)
        self.assertIn("1 secret is told apart by its place only", done.stdout)
        self.assertIn("MERLON_KEY in the scan mends it", done.stdout)


class KeyChange(ImportCase):
    """Secrets of our own reports when their key is taken up or changed."""

    # Of the shape that the rule for generic keys wants, and of no service.
    VALUES = ("q8Zr2LtVb6" + "Nw4KxGh7Pd", "Jm3Yc9TfWs" + "5Hv8BnRk2D")

    def setUp(self):
        super().setUp()
        os.mkdir(os.path.join(self.folder, "tree"))
        self.plant(*self.VALUES)

    def plant(self, first, second):
        self.write("tree/a.py", f'api_key = "{first}"\n')
        self.write("tree/b.py", f'# more\nother_secret_key = "{second}"\n')

    def scan(self):
        self.run_merlon("scan", "secrets", "tree", "--format", "json", "--output", "r.json", code=1)

    def runs(self):
        return self.bring("r.json")[0]["runs"][0]["counts"]

    def test_decisions_outlast_it(self):
        self.scan()
        self.assertEqual(self.runs()["new"], 2)
        self.run_merlon("findings", "decide", "--store", "s.db", "1", "--verdict", "false_positive", "--reason", "a test")
        for key in ("0f" * 32, "1e" * 32, None):
            self.environment.pop("MERLON_KEY", None)
            if key:
                self.environment["MERLON_KEY"] = key
            self.scan()
            counts = self.runs()
            self.assertEqual((counts["new"], counts["known"], counts["closed"], counts["rekeyed"]), (0, 2, 0, 2))
            self.assertEqual([one["id"] for one in self.listed("is:open")], [2])
        self.environment["MERLON_KEY"] = "2d" * 32
        self.scan()
        done = self.run_merlon("import", "--store", "s.db", "r.json")
        self.assertIn("2 secrets are under another key than before, and known again by what is shown of them", done.stdout)
        self.run_merlon("store", "check", "--store", "s.db")

    def test_another_value_is_another_finding(self):
        self.environment["MERLON_KEY"] = "0f" * 32
        self.scan()
        self.runs()
        self.environment["MERLON_KEY"] = "1e" * 32
        self.plant(*reversed(self.VALUES))
        self.scan()
        done = self.run_merlon("import", "--store", "s.db", "r.json")
        self.assertIn("2 new, 0 known", done.stdout)
        self.assertIn("2 secrets are under another key than before, and new", done.stdout)


class Names(ImportCase):
    def setUp(self):
        super().setUp()
        self.write("r.sarif", {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": [
            {"ruleId": "r", "message": {"text": "m"}}]}]})

    def test_a_repository_is_one_however_it_is_addressed(self):
        for address in ("https://github.com/acme/shop.git", "git@github.com:acme/shop.git", "GitHub.com/Acme/Shop"):
            self.assertEqual(self.bring("r.sarif", "--repository", address)[0]["runs"][0]["repository"],
                             "github.com/acme/shop")
        self.assertEqual(len(self.listed("repo:https://github.com/acme/shop")), 1)
        done = self.run_merlon("findings", "list", "--store", "s.db", "repo:shop", code=2)
        self.assertIn("the store has no repository of that name; did you mean 'github.com/acme/shop'?", done.stderr)

    def test_what_is_none_is_refused(self):
        for words in (("--repository", "https://"), ("--repository", " x"), ("--repository", "a\nb"), ("--ref", " "),
                      ("--ref", "a\nb"), ("--ref", "a..b"), ("--commit", "a" * 41)):
            done = self.run_merlon("import", "--store", "s.db", *words, "r.sarif", code=2)
            self.assertIn(words[0], done.stderr)
        self.assertFalse(pathlib.Path(self.folder, "s.db").exists())

    def test_a_decision_names_a_rule_and_a_person(self):
        self.bring("r.sarif")
        decide = ("findings", "decide", "--store", "s.db", "--verdict", "false_positive")
        for words in (("--rule", "*", "--reason", "r"), ("--rule", "r", "--reason", " "),
                      ("1", "--reason", "r", "--as", "a\nb"), ("1", "--reason", "r", "--as", "ana ")):
            self.run_merlon(*decide, *words, code=2)
        self.assertIn("it waits for what comes", self.run_merlon(*decide, "--rule", "typo", "--reason", "r").stdout)


class Coverage(ImportCase):
    def test_who_ran_the_tool_may_say_that_it_saw_everything(self):
        self.write("n.jsonl", json.dumps({"template-id": "t", "info": {"severity": "low"}, "matched-at": "https://h/"}))
        done = self.run_merlon("import", "--store", "s.db", "n.jsonl")
        self.assertIn("not complete (unstated-coverage), so nothing is closed by it; if it was, say so with "
                      "--coverage complete", done.stdout)
        self.write("empty.jsonl", "")
        counts = self.bring("empty.jsonl", "--from", "nuclei")[0]["runs"][0]["counts"]
        self.assertEqual((counts["closed"], counts["unknown"]), (0, 1))
        self.write("empty.jsonl", "\n")
        counts = self.bring("empty.jsonl", "--from", "nuclei", "--coverage", "complete")[0]["runs"][0]["counts"]
        self.assertEqual(counts["closed"], 1)

    def test_a_report_that_was_made_before_the_last_one_closes_nothing(self):
        def run(results, end):
            return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": results, "invocations": [
                {"executionSuccessful": True, "endTimeUtc": end}]}]}
        self.write("new.sarif", run([{"ruleId": "r", "message": {"text": "m"}}], "2026-01-20T00:00:00Z"))
        self.bring("new.sarif")
        self.write("old.sarif", run([], "2026-01-10T00:00:00Z"))
        done = self.run_merlon("import", "--store", "s.db", "--coverage", "complete", "old.sarif")
        self.assertIn("0 closed, 1 unknown; it was made before the last report of its kind", done.stdout)
        self.assertEqual(self.bring("old.sarif")[0]["runs"][0]["incompleteBecause"], "older-report")
        self.run_merlon("store", "check", "--store", "s.db")
        self.write("newer.sarif", run([], "2026-01-21T00:00:00Z"))
        self.assertEqual(self.bring("newer.sarif")[0]["runs"][0]["counts"]["closed"], 1)

    def test_the_same_document_taken_for_complete_later_closes(self):
        line = json.dumps({"template-id": "t", "info": {"severity": "low"}, "matched-at": "https://h/"})
        self.write("n.jsonl", line)
        self.bring("n.jsonl")
        self.write("empty.jsonl", "")
        self.assertEqual(self.bring("empty.jsonl", "--from", "nuclei")[0]["runs"][0]["counts"]["unknown"], 1)
        counts = self.bring("empty.jsonl", "--from", "nuclei", "--coverage", "complete")[0]["runs"][0]["counts"]
        self.assertEqual(counts["closed"], 1)

    def test_what_another_configuration_left_unknown_is_closed_by_its_next_run_or_by_a_word(self):
        def run(off, commit, *words):
            results = [] if off else [{"ruleId": "R1", "message": {"text": "m"}}]
            overrides = [{"descriptor": {"id": "R2"}, "configuration": {"enabled": False}}] if off else []
            self.write("r.sarif", {"version": "2.1.0", "runs": [{
                "tool": {"driver": {"name": "t", "rules": [{"id": "R1"}, {"id": "R2"}]}}, "results": results, "invocations": [
                    {"executionSuccessful": True, "ruleConfigurationOverrides": overrides}]}]})
            counts = self.bring("r.sarif", "--commit", commit * 40, *words)[0]["runs"][0]["counts"]
            return counts["closed"], counts["unknown"]
        run(False, "a")
        self.assertEqual(run(True, "b"), (0, 1))
        self.assertEqual(run(True, "c"), (1, 0))
        run(False, "d")
        self.assertEqual(run(True, "e"), (0, 1))
        self.assertEqual(run(True, "e", "--coverage", "complete"), (1, 0))
        run(False, "f")
        self.assertEqual(run(True, "0"), (0, 1))
        self.run_merlon("findings", "retire", "--store", "s.db", "1", "--reason", "no more")
        self.assertEqual(self.listed(), [])
        self.run_merlon("store", "check", "--store", "s.db")

    def test_a_suite_that_lists_less_than_it_says_closes_nothing(self):
        suite = '<testsuite name="s" tests="1" failures="1">{}</testsuite>'
        self.write("j.xml", suite.format('<testcase name="t"><failure message="m"/></testcase>'))
        self.bring("j.xml", "--from", "junit")
        for cut in (suite.format(""), "<testsuites/>"):
            self.write("cut.xml", cut)
            counts = self.bring("cut.xml", "--from", "junit")[0]["runs"][0]["counts"]
            self.assertEqual(counts["closed"], 0)

    def test_a_store_whose_name_looks_like_an_address_is_a_file(self):
        self.write("n.jsonl", json.dumps({"template-id": "t", "info": {"severity": "low"}, "matched-at": "https://h/"}))
        self.run_merlon("import", "--store", "file:x?mode=memory", "n.jsonl")
        done = self.run_merlon("findings", "list", "--store", "file:x?mode=memory", "--format", "json")
        self.assertEqual(len(json.loads(done.stdout)["findings"]), 1)

    def test_a_mistyped_store_is_made_by_no_command_that_reads(self):
        for words in (("store", "export", "out"), ("audit", "export", "--to", "out"), ("audit", "checkpoint"),
                      ("worker", "--idle-exit"), ("report", "audit", "--from", "2026-01-01", "--to", "2026-01-02", "--out", "out")):
            done = self.run_merlon(*words, "--store", "mistyped.db", code=2)
            self.assertIn("there is no store at mistyped.db", done.stderr)

    def test_a_category_keeps_runs_apart(self):
        def semgrep(*paths):
            return {"version": "1", "errors": [], "paths": {}, "results": [
                {"check_id": "r", "path": path, "start": {"line": 1, "col": 1}, "end": {"line": 1, "col": 2},
                 "extra": {"message": "m", "severity": "ERROR", "lines": f"eval({path})"}} for path in paths]}
        self.write("all.json", semgrep("a.py", "b.py"))
        self.bring("all.json")
        self.write("change.json", semgrep("a.py"))
        self.assertEqual(self.bring("change.json", "--category", "change")[0]["runs"][0]["counts"]["closed"], 0)
        self.assertEqual(self.bring("change.json")[0]["runs"][0]["counts"]["closed"], 1)


class OtherSecrets(ImportCase):
    """What a tool says of the commit is no identity: another secret of the same author is another one."""

    def test_another_secret_by_the_same_author_is_new(self):
        def gitleaks(secret, path, line):
            one = evidence_test.result("generic-api-key", path, line, secret)
            one["locations"][0]["physicalLocation"]["region"].update(startColumn=5, endColumn=40)
            one["partialFingerprints"] = {"commitSha": "", "email": "dev@example.com", "author": "Developer",
                                          "date": "2026-01-01T00:00:00Z", "commitMessage": "message1"}
            return evidence_test.sarif([one], tool="gitleaks")
        self.write("a.sarif", gitleaks("first" + "7" * 20, "test/a.py", 1))
        self.bring("a.sarif")
        self.run_merlon("findings", "decide", "1", "--store", "s.db", "--verdict", "false_positive", "--reason", "a test")
        self.write("b.sarif", gitleaks("other" + "8" * 20, "prod/b.py", 4))
        counts = self.bring("b.sarif")[0]["runs"][0]["counts"]
        self.assertEqual((counts["new"], counts["moved"]), (1, 0))
        self.assertEqual([one["path"] for one in self.listed("is:open")], ["prod/b.py"])
        # The same one elsewhere is known by its value.
        self.write("c.sarif", gitleaks("other" + "8" * 20, "prod/c.py", 9))
        self.assertEqual(self.bring("c.sarif")[0]["runs"][0]["counts"]["moved"], 1)


class NotLookedAt(ImportCase):
    """What a report itself shows as not looked at stays open."""

    def closed(self, first, then, *words):
        self.write("one.json", first)
        self.write("two.json", then)
        for name in ("one.json", "two.json"):
            counts = self.bring(name, *words)[0]["runs"][0]["counts"]
        return counts["closed"], counts["unknown"]

    def test_tests_that_did_not_run(self):
        def junit(*cases):
            return "<testsuite name='s'>" + "".join(
                f"<testcase classname='t' name='{name}'>{'<failure/>' if fails else ''}</testcase>"
                for name, fails in cases) + "</testsuite>"
        pathlib.Path(self.folder, "a.xml").write_text(junit(("a", True), ("b", True)))
        pathlib.Path(self.folder, "b.xml").write_text(junit(("b", False)))
        self.bring("a.xml")
        counts = self.bring("b.xml")[0]["runs"][0]["counts"]
        self.assertEqual((counts["closed"], counts["unknown"]), (1, 1))

    def test_rules_that_semgrep_does_not_name(self):
        def semgrep(*rules, **more):
            return {"version": "1", "errors": [], "paths": {"scanned": ["a.py"]}, "results": [
                {"check_id": rule, "path": "a.py", "start": {"line": 1, "col": 1}, "end": {"line": 1, "col": 2},
                 "extra": {"message": rule, "severity": "ERROR", "lines": f"{rule}(x)"}} for rule in rules], **more}
        self.assertEqual(self.closed(semgrep("one"), semgrep("two")), (0, 1))
        self.write("three.json", semgrep("two", time={"rules": ["one", "two"]}))
        self.assertEqual(self.bring("three.json")[0]["runs"][0]["counts"]["closed"], 1)

    def test_folders_that_osv_scanner_does_not_name(self):
        def osv(folder, weakness):
            return {"results": [{"source": {"path": f"/w/{folder}/package-lock.json", "type": "lockfile"}, "packages": [
                {"package": {"name": "lp", "version": "1.0.0", "ecosystem": "npm"},
                 "vulnerabilities": [{"id": weakness, "summary": "s"}]}]}], "experimental_config": {}}
        self.assertEqual(self.closed(osv("a", "GHSA-1"), osv("b", "GHSA-2")), (0, 1))
        self.write("none.json", {"results": [], "experimental_config": {}})
        self.assertEqual(self.bring("none.json")[0]["runs"][0]["counts"]["closed"], 2)

    def test_a_folder_below_the_one_that_osv_scanner_names(self):
        def osv(*paths):
            return {"results": [{"source": {"path": path, "type": "lockfile"}, "packages": [
                {"package": {"name": "lp", "version": "1.0.0", "ecosystem": "npm"},
                 "vulnerabilities": [{"id": "GHSA-1", "summary": "s"}]}]} for path in paths], "experimental_config": {}}
        self.assertEqual(self.closed(osv("package-lock.json", "go.mod", "svc/package-lock.json"), osv("package-lock.json")), (1, 1))

    def test_a_check_of_checkov_that_ran_alone_and_failed(self):
        def checkov(*checks):
            return {"check_type": "terraform", "results": {"passed_checks": [], "skipped_checks": [], "parsing_errors": [],
                    "failed_checks": [{"check_id": check, "check_name": check, "file_path": path, "file_line_range": [1, 2],
                                       "resource": f"{path}.{check}"} for check, path in checks]},
                    "summary": {"passed": 0, "failed": len(checks), "skipped": 0, "parsing_errors": 0}}
        self.assertEqual(self.closed(checkov(("CKV_1", "/main.tf"), ("CKV_2", "/net/vpc.tf")), checkov(("CKV_1", "/main.tf"))), (0, 1))

    def test_a_tree_in_which_trivy_finds_nothing_to_look_at(self):
        head = {"SchemaVersion": 2, "ArtifactName": ".", "ArtifactType": "repository"}
        weak = {**head, "Results": [{"Target": "p.lock", "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": [
            {"VulnerabilityID": "CVE-2026-1", "PkgName": "z", "InstalledVersion": "1", "Severity": "HIGH"}]}]}
        self.assertEqual(self.closed(weak, head), (0, 1))
        runs = self.bring("two.json", "--coverage", "complete")[0]["runs"]
        self.assertEqual([run["counts"]["closed"] for run in runs], [1, 0])
        self.write("main.json", head)
        self.run_merlon("gate", "pr", "--report", "one.json", "--base", "main.json", "--config", os.devnull, code=1)

    def test_objects_of_a_cluster_that_could_not_be_scanned(self):
        def cluster(**of):
            return {"ClusterName": "c", "Resources": [{"Namespace": "shop", "Kind": "Deployment", "Name": "web", **of}]}
        results = [{"Target": "web", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [
            {"VulnerabilityID": "CVE-2026-1", "PkgName": "zlib", "InstalledVersion": "1", "Severity": "CRITICAL"}]}]
        self.assertEqual(self.closed(cluster(Results=results), cluster(Error="UNAUTHORIZED")), (0, 1))


class OtherTriage(ImportCase):
    def test_one_component_in_two_places_is_decided_for_each(self):
        def finding(number, path, **more):
            return {"id": number, "title": "t", "severity": "High", "numerical_severity": "S1", "active": True,
                    "false_p": False, "component_name": "lp", "component_version": "1.0.0", "file_path": path,
                    "vulnerability_ids": [{"vulnerability_id": "CVE-2026-1"}], **more}
        for order in (1, -1):
            with self.subTest(order=order):
                pathlib.Path(self.folder, "s.db").unlink(missing_ok=True)
                found = [finding(10, "lab/lock", false_p=True, active=False), finding(11, "pay/lock")][::order]
                self.write("f.json", {"count": 2, "results": found})
                self.bring("f.json")
                self.assertEqual([one["path"] for one in self.listed("is:open")], ["pay/lock"])

    def test_two_projects_of_dependency_track_are_two_repositories(self):
        def finding(project, state):
            return {"component": {"uuid": "c" + project, "name": "lp", "version": "1.0.0", "projectName": project,
                                  "purl": "pkg:npm/lp@1.0.0"},
                    "vulnerability": {"uuid": "v", "vulnId": "CVE-2026-1", "severity": "HIGH"},
                    "analysis": {"state": state, "isSuppressed": False}, "matrix": "m"}
        for order in (1, -1):
            with self.subTest(order=order):
                pathlib.Path(self.folder, "s.db").unlink(missing_ok=True)
                self.write("f.json", [finding("acme/lab", "FALSE_POSITIVE"), finding("acme/bank", "NOT_SET")][::order])
                self.bring("f.json", "--from", "dependency-track")
                self.assertEqual([one["repository"] for one in self.listed("is:open")], ["acme/bank"])


class Mappings(ImportCase):
    COMMENT = {"file": "deploy.sh", "line": 3, "endLine": 3, "column": 8, "level": "warning", "code": 2086,
               "message": "Double quote."}

    def test_the_example_maps_what_shellcheck_writes(self):
        self.write("r.json", [self.COMMENT])
        mapping = str(EXAMPLES / "shellcheck.rego")
        run = self.bring("r.json", "--mapping", mapping)[0]["runs"][0]
        self.run_merlon("import", "--store", "w.db", "--queue", "--mapping", mapping, "r.json")
        self.run_merlon("worker", "--store", "w.db", "--once", "--lanes", "user")
        queued = json.loads(self.run_merlon("findings", "list", "--store", "w.db", "--format", "json").stdout)
        self.assertEqual(queued["count"], run["counts"]["found"])
        self.assertEqual((run["tool"], run["complete"], run["counts"]["new"]), ("shellcheck", True, 1))
        found = self.listed()[0]
        self.assertEqual((found["rule"], found["path"], found["line"], found["severity"]),
                         ("SC2086", "deploy.sh", 3, "medium"))
        self.write("r.json", [])
        self.assertEqual(self.bring("r.json", "--mapping", mapping)[0]["runs"][0]["counts"]["closed"], 1)

    def test_the_examples_tests_pass(self):
        done = self.run_merlon("policy", "test", str(EXAMPLES))
        self.assertIn("PASS: 3/3", done.stdout)
        self.write("other.json", {"comments": [self.COMMENT]})
        done = self.run_merlon("import", "--store", "s.db", "--mapping", str(EXAMPLES / "shellcheck.rego"), "other.json", code=2)
        self.assertIn("expected -1 findings", done.stderr)

    def test_one_record_of_lines_is_a_list_too(self):
        mapping = ('package merlon.import\ntool := "t"\ncomplete := true\n'
                   'findings contains {"rule": row.rule, "message": "m", "path": row.path} if some row in input\n')
        self.write("m.rego", mapping)
        records = [json.dumps({"rule": "r1", "path": "a.c"}), json.dumps({"rule": "r2", "path": "b.c"})]
        self.write("r.jsonl", "\n".join(records) + "\n")
        self.assertEqual(self.bring("r.jsonl", "--mapping", "m.rego")[0]["runs"][0]["counts"]["new"], 2)
        # Under another name it may be anything, and closes nothing.
        self.write("r.txt", records[0] + "\n")
        counts = self.bring("r.txt", "--mapping", "m.rego")[0]["runs"][0]["counts"]
        self.assertEqual((counts["closed"], counts["unknown"]), (0, 2))
        self.write("r.jsonl", records[0] + "\n")
        counts = self.bring("r.jsonl", "--mapping", "m.rego")[0]["runs"][0]["counts"]
        self.assertEqual((counts["known"], counts["closed"]), (1, 1))
        self.write("r.jsonl", "\n")
        self.assertEqual(self.bring("r.jsonl", "--mapping", "m.rego")[0]["runs"][0]["counts"]["closed"], 1)
        # As Excel writes it.
        self.write("r.csv", "\ufeffrule,path\nr3,c.c\n")
        self.assertEqual(self.bring("r.csv", "--mapping", "m.rego")[0]["runs"][0]["counts"]["new"], 1)

    def test_what_a_mapping_calls_a_secret_is_not_kept(self):
        value = "hunter" + "2secret99"
        self.write("m.rego", 'package merlon.import\ntool := "t"\nfindings contains {"rule": "r", "path": "a.ini", "line": 1, '
                             '"message": sprintf("%s found", [one.v]), "lines": sprintf("pw = \\"%s\\"", [one.v]), '
                             '"properties": {"kind": "secret"}} if some one in input\n')
        self.write("r.json", [{"v": value}])
        self.bring("r.json", "--mapping", "m.rego")
        self.run_merlon("store", "export", "--store", "s.db", "out")
        kept = "".join(path.read_text(errors="replace") for path in pathlib.Path(self.folder, "out").rglob("*") if path.is_file())
        self.assertIn("masked ", kept)
        self.assertNotIn(value, kept)

    def test_csv_and_xml_are_mapped(self):
        self.write("m.rego", 'package merlon.import\ntool := "t"\ncomplete := true\n'
                             'findings contains {"rule": row.rule, "message": row.text, "path": row.path} '
                             'if some row in input\n')
        self.write("r.csv", "rule,path,text\nr1,a.c,\"one, two\"\n")
        self.assertEqual(self.bring("r.csv", "--mapping", "m.rego")[0]["runs"][0]["counts"]["new"], 1)
        self.write("x.rego", 'package merlon.import\ntool := "x"\n'
                             'findings contains {"rule": e.attributes.source, "message": e.attributes.message, '
                             '"path": f.attributes.name, "line": to_number(e.attributes.line)} if {\n'
                             '  some f in input.children\n  some e in f.children\n}\n')
        self.write("c.xml", '<checkstyle><file name="A.java"><error line="7" source="s" message="m"/></file></checkstyle>')
        run = self.bring("c.xml", "--mapping", "x.rego")[0]["runs"][0]
        self.assertEqual((run["counts"]["new"], run["complete"]), (1, False))
        self.assertEqual([one["path"] for one in self.listed("tool:x")], ["A.java"])

    def test_a_slip_of_the_mapping_is_an_error(self):
        self.write("r.json", [self.COMMENT])
        for text, error in (('package merlon.import\ntool := "t"\nfindings := [{"rule": "r"}]\n', "findings[0]: no message"),
                            ('package other\n', "has no package merlon.import"),
                            ('package merlon.import\ntool := \n', "rego_parse_error"),
                            ('package merlon.import\ntool := x\n', "x is unsafe")):
            self.write("m.rego", text)
            done = self.run_merlon("import", "--store", "s.db", "--mapping", "m.rego", "r.json", code=2)
            self.assertIn(error, done.stderr)


class Owners(ImportCase):
    def test_owners_come_from_codeowners_then_the_catalog_then_the_mapping(self):
        tree = pathlib.Path(self.folder, "tree")
        for name, text in (("CODEOWNERS", "/src/ @acme/payments @ana\n"),
                           ("lib/catalog-info.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
                                                     "spec:\n  owner: group:default/platform\n"),
                           (".merlon/owners", "*.tf infra@example.com\n")):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text)
        paths = ["src/a.py", "lib/deep/b.py", "main.tf", "other.py", str(tree.resolve() / "src/c.py")]
        self.write("r.sarif", evidence_test.sarif(
            [evidence_test.result("r", path, 1, f"eval({i})") for i, path in enumerate(paths)]))
        # A worker that has not the folder finds the same.
        self.run_merlon("import", "--store", "w.db", "--queue", "--root", "tree", "r.sarif")
        tree.rename(pathlib.Path(self.folder, "elsewhere"))
        self.run_merlon("worker", "--store", "w.db", "--once", "--lanes", "user")
        pathlib.Path(self.folder, "elsewhere").rename(tree)
        self.bring("r.sarif", "--root", "tree")
        queued = json.loads(self.run_merlon("findings", "list", "--store", "w.db", "--format", "json").stdout)["findings"]
        self.assertEqual({one["path"]: one.get("owner") for one in queued},
                         {one["path"]: one.get("owner") for one in self.listed()})
        owners = {one["path"]: one.get("owner") for one in self.listed()}
        self.assertEqual(owners, {"src/a.py": "acme/payments ana", "lib/deep/b.py": "platform", "main.tf": "infra@example.com",
                                  "other.py": None, "src/c.py": "acme/payments ana"})
        for term, count in (("owner:payments", 2), ("owner:acme/payments", 2), ("owner:@ana", 2), ("owner:Acme/PAYMENTS", 2), ("owner:pay", 0),
                            ("is:unowned", 1), ("owner:none", 1), ("-is:unowned", 4)):
            self.assertEqual(len(self.listed("--", term)), count, term)
        info = json.loads(self.run_merlon("store", "info", "--store", "s.db", "--format", "json").stdout)
        self.assertEqual(info["unowned"], 1)

    def test_a_file_of_owners_that_means_nothing_is_told(self):
        pathlib.Path(self.folder, "CODEOWNERS").write_text("src/ payments\n")
        self.write("r.sarif", evidence_test.sarif([]))
        done = self.run_merlon("import", "--store", "s.db", "--root", ".", "r.sarif", code=2)
        self.assertIn("CODEOWNERS:1: an owner without @ is nobody", done.stderr)


if __name__ == "__main__":
    evidence_test.MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
