#!/usr/bin/env python3
"""Gates, approvals and exceptions as a user meets them: gate_test.py MERLON [unittest arguments]"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

MERLON = None
DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64

SETTINGS = """version: 1
gates:
  pr: {severity: low}
  deploy: {conditions: [severity, secrets, coverage, approvals, environment], exceptions-by: [security]}
groups:
  security: [ana, ben]
environments:
  production:
    branches: [main]
    approvals: [{group: security, count: 1}]
    break-glass-by: [security]
  locked: {exclusive: true}
  slow: {wait: 1h}
"""


def finding(rule="r", path="a.py", line=3, level="error", text="eval(request.body)"):
    return {"ruleId": rule, "level": level, "message": {"text": f"about {rule}"}, "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": path}, "region": {"startLine": line, "snippet": {"text": text}}}}]}


def sarif(*results, **run):
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Scanner"}}, "results": list(results), **run}]}


def wait_for_the_next_second():
    now = int(time.time())
    while int(time.time()) == now:
        time.sleep(0.02)


class GateCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "USER": "rob",
                            "GIT_CONFIG_NOSYSTEM": "1"}
        self.git("init", "-q", "-b", "main")
        self.write(".merlon.yaml", SETTINGS)
        self.commit("settings", "ada")
        self.git("switch", "-q", "-c", "topic")
        self.write("a.py", "eval(request.body)\n")
        self.commit("change", "ada")

    def git(self, *words):
        return subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *words], cwd=self.folder,
                              env=self.environment, check=True, capture_output=True, text=True).stdout

    def commit(self, message, author):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, f"--author={author} <{author}@example.com>")

    def write(self, name, document):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(document if isinstance(document, str) else json.dumps(document))
        return name

    def run_merlon(self, *words, code=0):
        done = subprocess.run([MERLON, *words], cwd=self.folder, env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def gate(self, name, *words, code=0):
        """The verdict: its id, and the status of each condition."""
        done = self.run_merlon("gate", name, "--target", "main", "--format", "json", *words, code=code)
        verdict = json.loads(done.stdout)
        conditions = verdict["statement"]["predicate"]["merlon_conditions"]
        return verdict["id"], {one["id"]: one["status"] for one in conditions}, verdict


class PullRequest(GateCase):
    def test_a_finding_that_is_new_fails_and_one_that_moved_does_not(self):
        self.write("head.sarif", sarif(finding(line=13), finding("other", line=20, text="exec(request.query)")))
        self.write("base.sarif", sarif(finding(line=3)))
        done = self.run_merlon("gate", "pr", "--target", "main", "--report", "head.sarif", "--base", "base.sarif", code=1)
        self.assertIn("gate pr: FAIL", done.stdout)
        self.assertIn("high other at a.py:20: about other", done.stdout)
        self.assertNotIn("r at a.py:13", done.stdout)
        self.assertIn("to pass: ", done.stdout)
        self.write("head.sarif", sarif(finding(line=13)))
        self.run_merlon("gate", "pr", "--target", "main", "--report", "head.sarif", "--base", "base.sarif")

    def test_a_deleted_file_that_is_called_alike_moves_nothing_from_another(self):
        line = "subprocess.call(request.args, shell=True)"
        self.git("switch", "-q", "main")
        for name in ("settings.py", "legacy/settings.py"):
            self.write(name, line + "\n")
        self.commit("settings", "ada")
        self.git("switch", "-q", "-c", "copy")
        self.git("rm", "-q", "legacy/settings.py")
        self.write("b.py", line + "\n")
        self.commit("copy", "ada")
        failed = {"invocations": [{"executionSuccessful": False}]}
        self.write("base.sarif", sarif(finding(path="settings.py", text=line)))
        for more in ({}, failed):
            self.write("head.sarif", sarif(finding(path="b.py", text=line), **more))
            _, conditions, _ = self.gate("pr", "--report", "head.sarif", "--base", "base.sarif", code=2 if more else 1)
            self.assertEqual(conditions["severity"], "fail")
        self.write("head.sarif", sarif(finding(path="b.py", text=line)))
        self.write("base.sarif", sarif(finding(path="legacy/settings.py", text=line)))
        self.gate("pr", "--report", "head.sarif", "--base", "base.sarif")

    def test_the_settings_of_the_target_branch_hold_and_not_the_changes_own(self):
        self.write("head.sarif", sarif(finding(level="note")))
        self.gate("pr", "--report", "head.sarif", code=1)
        self.write(".merlon.yaml", "gates: {pr: {severity: critical}}\n")
        self.commit("open the gate", "ada")
        self.gate("pr", "--report", "head.sarif", code=1)
        # Whoever runs the gate may name another file.
        self.gate("pr", "--report", "head.sarif", "--config", ".merlon.yaml")

    def test_what_is_not_known_is_exit_code_2(self):
        self.write("head.sarif", sarif(invocations=[{"executionSuccessful": False}]))
        done = self.run_merlon("gate", "pr", "--target", "main", "--report", "head.sarif", code=2)
        self.assertIn("UNKNOWN   coverage", done.stdout)
        self.write("head.sarif", sarif(finding(), invocations=[{"executionSuccessful": False}]))
        _, conditions, verdict = self.gate("pr", "--report", "head.sarif", code=2)
        self.assertEqual((conditions["severity"], conditions["coverage"]), ("fail", "unknown"))
        self.assertEqual(verdict["outcome"], "fail")
        self.write("head.sarif", "{}")
        self.run_merlon("gate", "pr", "--target", "main", "--report", "head.sarif", code=2)
        self.run_merlon("gate", "pr", "--report", "missing.sarif", "--target", "main", code=2)
        self.run_merlon("gate", "pr", "--report", "head.sarif", code=2)
        self.run_merlon("gate", "pr", "--report", "head.sarif", "--target", "no-such-branch", code=2)
        self.write("head.sarif", sarif())
        self.gate("pr", "--report", "head.sarif")
        done = self.run_merlon("gate", "pr", "--target", "main", "--report", "head.sarif", "--head", "no-such", code=2)
        self.assertIn("--head", done.stderr)
        # A document without a run says nothing of the change.
        self.write("empty.sarif", {"version": "2.1.0", "runs": []})
        done = self.run_merlon("gate", "pr", "--target", "main", "--report", "empty.sarif", code=2)
        self.assertIn("no run of a tool is in it", done.stderr)

    def test_a_misspelt_setting_is_an_error_with_its_line(self):
        self.write("settings.yaml", "gates:\n  pr:\n    severty: high\n")
        self.write("head.sarif", sarif())
        done = self.run_merlon("gate", "pr", "--report", "head.sarif", "--config", "settings.yaml", code=2)
        self.assertIn("settings.yaml:3:", done.stderr)

    def test_a_policy_of_ones_own_sees_the_change(self):
        self.write("policy/ours.rego", """package ours
conditions contains {"id": "workflow", "title": "t", "status": "fail", "evidence": input.change.workflow} if {
    count(input.change.workflow) > 0
}
conditions contains {"id": "workflow", "title": "t", "status": "pass"} if count(input.change.workflow) == 0
""")
        self.write("settings.yaml", "gates: {pr: {conditions: [policy/ours.rego]}}\n")
        self.write("head.sarif", sarif())
        self.gate("pr", "--report", "head.sarif", "--config", "settings.yaml")
        self.write(".github/workflows/ci.yml", "on: push\n")
        self.commit("pipeline", "ada")
        _, conditions, verdict = self.gate("pr", "--report", "head.sarif", "--config", "settings.yaml", code=1)
        self.assertEqual(conditions, {"workflow": "fail"})
        self.assertIn(".github/workflows/ci.yml", json.dumps(verdict))
        self.run_merlon("gate", "pr", "--target", "main", "--report", "head.sarif", "--write-input", "input.json")
        with open(os.path.join(self.folder, "input.json")) as file:
            change = json.load(file)["change"]
        # Who put the commit together counts as well.
        self.assertEqual(change["authors"], [{"name": "ada", "email": "ada@example.com"}, {"name": "x", "email": "x@example.com"}])
        self.assertEqual({one["path"] for one in change["files"]},
                         {"a.py", ".github/workflows/ci.yml", "head.sarif", "policy/ours.rego", "settings.yaml"})

    def test_what_the_change_suppresses_is_told_and_a_second_person_may_be_asked(self):
        silent = finding()
        silent["suppressions"] = [{"kind": "inSource"}]
        self.write("base.sarif", sarif(finding()))
        self.write("head.sarif", sarif(silent))
        words = ("--report", "head.sarif", "--base", "base.sarif")
        done = self.run_merlon("gate", "pr", "--target", "main", *words)
        self.assertIn("suppressed in this change: 1\n", done.stdout)
        self.assertIn("suppressed in this change (inline): high r at a.py:3: about r", done.stdout)
        # What was suppressed before is no matter of the change.
        done = self.run_merlon("gate", "pr", "--target", "main", "--report", "head.sarif", "--base", "head.sarif")
        self.assertNotIn("suppressed in this change", done.stdout)
        self.write("settings.yaml", "gates: {pr: {conditions: [severity, suppressions], exceptions-by: [security]}}\n"
                                    "groups: {security: [ana, ben]}\n")
        _, conditions, verdict = self.gate("pr", *words, "--config", "settings.yaml", code=1)
        self.assertEqual(conditions, {"severity": "pass", "suppressions": "fail"})
        self.assertIn("merlon except", json.dumps(verdict))
        self.run_merlon("gate", "pr", "--target", "main", *words, "--write-input", "input.json")
        with open(os.path.join(self.folder, "input.json")) as file:
            self.assertTrue(json.load(file)["findings"][0]["suppressed_in_change"])

    def test_lines_that_semgrep_withholds_are_read_in_both_checkouts(self):
        def report(line):
            return {"version": "1.185.0", "errors": [], "paths": {"scanned": ["app.py"]}, "results": [
                {"check_id": "r", "path": "app.py", "start": {"line": at, "col": 1}, "end": {"line": at, "col": 9},
                 "extra": {"message": "m", "severity": "ERROR", "metadata": {}, "lines": "requires login",
                           "fingerprint": "requires login"}} for at in (line, line + 1)]}
        code = "run(request.args['one'], 'a line of its own')\nrun(request.args['two'], 'another line of its own')\n"
        self.write("base/app.py", code)
        self.write("head/app.py", "# above\n" * 40 + code)
        self.write("base.json", report(1))
        self.write("head.json", report(41))
        words = ("gate", "pr", "--target", "main", "--report", "head.json", "--base", "base.json")
        self.run_merlon(*words, code=1)
        self.run_merlon(*words, "--root", "head", "--base-root", "base")
        for more, message in ((("--root", "head"), "--base-root is not"), (("--base-root", "base"), "--root is not"),
                              (("--root", "nowhere", "--base-root", "base"), "no such folder")):
            self.assertIn(message, self.run_merlon(*words, *more, code=2).stderr)
        done = self.run_merlon("gate", "pr", "--target", "main", "--report", "head.json", "--base-root", "base", code=2)
        self.assertIn("none is named", done.stderr)

    def base(self):
        return self.git("merge-base", "main", "topic").strip()

    def import_at(self, ref, *results, commit=None, **run):
        name = self.write(ref + ".sarif", sarif(*results, **run))
        self.run_merlon("import", "--store", "s.db", "--repository", "acme/shop", "--ref", ref, "--commit",
                        commit or self.git("rev-parse", ref).strip(), name)

    STORE = ("--store", "s.db", "--repository", "acme/shop")

    def test_new_is_what_the_merge_base_had_not_whatever_the_target_has_now(self):
        other = finding("other", text="exec(request.query)")
        self.import_at("main", finding(line=3))
        self.import_at("topic", finding(line=9))
        _, _, verdict = self.gate("pr", *self.STORE)
        # The target mends it, and gets another one: both are no matter of this change.
        self.git("switch", "-q", "main")
        self.git("commit", "-q", "--allow-empty", "-m", "mended")
        self.git("switch", "-q", "topic")
        wait_for_the_next_second()
        self.import_at("main", other)
        self.gate("pr", *self.STORE)
        self.import_at("topic", finding(line=9), other)
        done = self.run_merlon("gate", "pr", "--target", "main", *self.STORE, code=1)
        self.assertIn("high other at a.py:3", done.stdout)
        self.assertNotIn("high r at", done.stdout)
        # Once the target is merged into it, the merge base is another commit.
        self.git("merge", "-q", "--no-edit", "main")
        self.import_at("topic", finding(line=9), other)
        done = self.run_merlon("gate", "pr", "--target", "main", *self.STORE, code=1)
        self.assertIn("high r at a.py:9", done.stdout)
        self.assertNotIn("high other", done.stdout)
        self.run_merlon("store", "check", "--store", "s.db")

    def test_what_was_decided_on_a_branch_is_not_said_of_a_copy_on_another(self):
        line = "subprocess.call(request.args, shell=True)"
        self.import_at("main")
        self.git("switch", "-q", "-c", "tools", "main")
        self.write("tools/dev.py", line + "\n")
        self.git("add", "tools")
        self.git("commit", "-q", "-m", "tool")
        self.import_at("tools", finding(path="tools/dev.py", line=1, text=line))
        self.run_merlon("findings", "decide", "--store", "s.db", "1", "--verdict", "false_positive", "--reason", "a tool")
        self.git("switch", "-q", "-c", "api", "main")
        self.write("prod/api.py", line + "\n")
        self.git("add", "prod")
        self.git("commit", "-q", "-m", "api")
        self.import_at("api", finding(path="prod/api.py", line=1, text=line))
        _, conditions, _ = self.gate("pr", *self.STORE, "--ref", "api", code=1)
        self.assertEqual(conditions["severity"], "fail")
        # What is renamed on a branch of that branch keeps it.
        self.git("switch", "-q", "-c", "rename", "tools")
        self.git("mv", "tools/dev.py", "tools/run.py")
        self.git("commit", "-q", "-m", "rename")
        self.import_at("rename", finding(path="tools/run.py", line=1, text=line))
        listed = json.loads(self.run_merlon("findings", "list", "--store", "s.db", "--format", "json").stdout)["findings"]
        self.assertEqual([one["path"] for one in listed], ["prod/api.py"])
        self.run_merlon("store", "check", "--store", "s.db")

    def test_a_severity_that_the_change_raises_over_the_threshold_fails(self):
        settings = self.write("high.yaml", "gates: {pr: {severity: high}}\n")
        for words in (("--report", "topic.sarif", "--base", "main.sarif"), self.STORE):
            self.import_at("main", finding(level="note"), finding("s", path="s.py", text="exec(y)", level="note"))
            self.import_at("topic", finding(level="error"), finding("s", path="s.py", text="exec(y)", level="warning"))
            done = self.run_merlon("gate", "pr", "--target", "main", "--config", settings, *words, code=1)
            self.assertIn("high r at a.py:3: about r (raised from low)", done.stdout)
            self.assertNotIn(" s at s.py", done.stdout)
            self.import_at("main", finding(level="error"))
            self.run_merlon("gate", "pr", "--target", "main", "--config", settings, "--report", "topic.sarif",
                            "--base", "main.sarif")
        self.run_merlon("store", "check", "--store", "s.db")

    def test_what_the_merge_base_was_silent_about_is_new_with_and_without_a_store(self):
        silent = {**finding(), "suppressions": [{"kind": "inSource"}]}
        self.import_at("main", silent)
        self.import_at("topic", finding())
        for words in (("--report", "topic.sarif", "--base", "main.sarif"), self.STORE):
            done = self.run_merlon("gate", "pr", "--target", "main", *words, code=1)
            self.assertIn("high r at a.py:3", done.stdout)
        self.import_at("topic", silent)
        for words in (("--report", "topic.sarif", "--base", "main.sarif"), self.STORE):
            self.run_merlon("gate", "pr", "--target", "main", *words)

    def test_coverage_that_nobody_tells_is_told(self):
        note = "coverage of Scanner: told by no one (SARIF without invocations), taken as complete"
        self.import_at("main")
        self.import_at("topic")
        strict = self.write("strict.yaml", "gates: {pr: {strict-coverage: true}}\n")
        for words, note in ((("--report", "topic.sarif"), note), (self.STORE, note.replace("Scanner", "scanner"))):
            done = self.run_merlon("gate", "pr", "--target", "main", *words)
            self.assertEqual(done.stdout.count(note), 1, done.stdout)
            done = self.run_merlon("gate", "pr", "--target", "main", "--config", strict, *words, code=2)
            self.assertIn(note, done.stdout)
            self.assertIn("--coverage complete", done.stdout)
        self.run_merlon("import", *self.STORE, "--ref", "topic", "--commit", self.git("rev-parse", "topic").strip(),
                        "--coverage", "complete", "topic.sarif")
        done = self.run_merlon("gate", "pr", "--target", "main", "--config", strict, *self.STORE)
        self.assertNotIn("told by no one", done.stdout)
        self.write("said.sarif", sarif(invocations=[{"executionSuccessful": True}]))
        self.run_merlon("gate", "pr", "--target", "main", "--config", strict, "--report", "said.sarif")

    def test_a_store_that_is_not_there_is_told_and_not_made(self):
        self.write("head.sarif", sarif())
        for words in (("gate", "pr", "--target", "main"), ("gate", "pr", "--target", "main", "--report", "head.sarif"),
                      ("gate", "explain", "12345678"), ("findings", "list"), ("trace", "commit", "12345678"), ("audit", "log"),
                      ("approve", "12345678", "--as", "ana"), ("webhooks", "add", "a", "https://example.org/", "--secret", "env:A"),
                      ("webhooks", "remove", "a"), ("findings", "decide", "1"), ("store", "info"), ("store", "check"),
                      ("worker", "--once"), ("jobs", "list"), ("audit", "checkpoint")):
            with self.subTest(words):
                done = self.run_merlon(*words, "--store", "typo.db", code=2)
                self.assertEqual(os.path.exists(os.path.join(self.folder, "typo.db")), False)
                if words[:2] != ("findings", "decide"):
                    self.assertIn("there is no store at typo.db", done.stderr)

    def test_a_merge_base_that_nobody_has_looked_at_whole_is_unknown(self):
        self.import_at("topic", finding())
        done = self.run_merlon("gate", "pr", "--target", "main", *self.STORE, code=2)
        self.assertIn("UNKNOWN   severity", done.stdout)
        self.assertIn(f"--ref main --commit {self.base()[:12]}", done.stdout)
        self.import_at("main", invocations=[{"executionSuccessful": False}])
        done = self.run_merlon("gate", "pr", "--target", "main", *self.STORE, code=2)
        self.assertIn("was not complete", done.stdout)
        self.import_at("main")
        done = self.run_merlon("gate", "pr", "--target", "main", *self.STORE, code=1)
        self.assertIn("high r at a.py:3", done.stdout)
        # Of another tool nothing is known, which does not make the first one's findings old.
        self.write("second.sarif", sarif(finding("s"), tool={"driver": {"name": "Second"}}))
        self.run_merlon("import", *self.STORE, "--ref", "topic", "--commit", self.git("rev-parse", "topic").strip(), "second.sarif")
        _, conditions, verdict = self.gate("pr", *self.STORE, code=1)
        self.assertEqual(conditions["severity"], "fail")
        self.assertIn("second has no analysis of the merge base", json.dumps(verdict) +
                      self.run_merlon("gate", "explain", "--store", "s.db", "--format", "json", verdict["id"]).stdout)
        self.import_at("topic")
        _, conditions, _ = self.gate("pr", *self.STORE, code=2)
        self.assertEqual(conditions["severity"], "unknown")

    def test_the_command_that_mends_an_import_without_commit_does(self):
        for words in ((), ("--category", "each night")):
            with self.subTest(words):
                store = ("--store", f"{len(words)}.db", "--repository", "acme/shop")
                self.write("main.sarif", sarif(finding()))
                self.run_merlon("import", *store, "--ref", "main", *words, "main.sarif")
                self.write("topic.sarif", sarif(finding(line=9), automationDetails={"id": "linux/"}))
                self.write("main.sarif", sarif(finding(), automationDetails={"id": "linux/"}))
                self.run_merlon("import", *store, "--ref", "main", *words, "main.sarif")
                self.run_merlon("import", *store, "--ref", "topic", "--commit", self.git("rev-parse", "topic").strip(), *words,
                                "topic.sarif")
                done = self.run_merlon("gate", "pr", "--target", "main", *store, code=2)
                self.assertIn("1 of its imports for main had no --commit", done.stdout)
                command = re.search("merlon (import .* REPORT)", done.stdout)[1]
                self.assertEqual("--category 'each night'" in command, bool(words))
                told = shlex.split(command.replace("REPORT", "main.sarif"))
                self.run_merlon(*told, *store[:2])
                self.run_merlon("gate", "pr", "--target", "main", *store)

    def test_a_pull_request_is_a_node_with_its_authors_and_its_target(self):
        self.import_at("main", finding())
        self.import_at("topic", finding())
        self.gate("pr", *self.STORE, "--pull-request", "12")
        edges = json.loads(self.run_merlon("trace", "pull-request", "acme/shop#12", "--store", "s.db", "--format", "json").stdout)
        self.assertLessEqual({("identity", "wrote", "ada@example.com"), ("commit", "proposed in", self.git("rev-parse", "topic").strip()),
                              ("pull request", "goes to", "acme/shop#12")},
                             {(edge["from"]["kind"], edge["relation"], edge["from"]["name"]) for edge in edges["edges"]})
        self.run_merlon("store", "check", "--store", "s.db")

    def test_where_git_is_not_at_hand_the_merge_base_is_told(self):
        base = self.base()
        self.import_at("main", finding())
        self.import_at("topic", finding())
        shutil.rmtree(os.path.join(self.folder, ".git"))
        words = ("gate", "pr", "--target", "main", "--ref", "topic", "--config", ".merlon.yaml", *self.STORE)
        done = self.run_merlon(*words, code=2)
        self.assertIn("--merge-base", done.stdout)
        self.run_merlon(*words, "--merge-base", base)
        self.run_merlon(*words, "--merge-base", base[:10])
        self.run_merlon(*words, "--merge-base", "0" * 40, code=2)
        done = self.run_merlon(*words, "--merge-base", "main", code=2)
        self.assertIn("is no commit", done.stderr)
        self.environment["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = base
        self.run_merlon(*words)

    def test_what_the_store_knows_is_judged_kept_explained_replayed_and_simulated(self):
        self.write("main.sarif", sarif(finding(line=3)))
        self.write("topic.sarif", sarif(finding(line=9), finding("other", text="exec(request.query)")))
        store = ("--store", "s.db", "--repository", "acme/shop")
        self.run_merlon("import", *store, "--ref", "main", "--commit", self.base(), "main.sarif")
        self.run_merlon("import", *store, "--ref", "topic", "topic.sarif")
        # What nobody knows the commit of may be of any.
        done = self.run_merlon("gate", "pr", "--target", "main", *store, code=2)
        self.assertIn("does not say which commit it looked at: import it with --commit", done.stdout)
        self.run_merlon("import", *store, "--ref", "topic", "--commit", self.git("rev-parse", "topic").strip(), "topic.sarif")
        verdict, conditions, _ = self.gate("pr", *store, code=1)
        self.assertEqual(conditions, {"severity": "fail", "secrets": "pass", "coverage": "pass"})
        explained = self.run_merlon("gate", "explain", "--store", "s.db", verdict[7:17]).stdout
        self.assertIn("about other", explained)
        self.assertNotIn("at a.py:9", explained)
        self.assertIn("2 findings of 1 analyses", explained)
        self.assertIn("the same to the byte", self.run_merlon("gate", "replay", "--store", "s.db", verdict).stdout)
        self.run_merlon("gate", "replay", "--store", "s.db", "sha256:00000000", code=2)
        simulated = json.loads(self.run_merlon("gate", "simulate", "--store", "s.db", "--policy", "secrets",
                                               "--format", "json").stdout)
        self.assertEqual((simulated["verdicts"], simulated["changed"][0]["after"]), (2, "pass"))
        self.run_merlon("store", "check", "--store", "s.db")
        # What is new beside itself nobody can say.
        done = self.run_merlon("gate", "pr", *store, "--ref", "topic", "--target", "topic", code=2)
        self.assertIn("the branch is its own target", done.stdout)
        self.run_merlon("import", "--store", "plain.db", "topic.sarif")
        self.run_merlon("gate", "pr", "--store", "plain.db", "--config", ".merlon.yaml", code=2)
        # Of a branch that nobody has looked at nothing is known.
        self.gate("pr", *store, "--ref", "unknown", code=2)


class Deployment(GateCase):
    def setUp(self):
        super().setUp()
        self.git("switch", "-q", "main")
        for name in ("ana", "ben", "rob", "ada"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name], cwd=self.folder,
                           check=True, stdin=subprocess.DEVNULL)
            self.run_merlon("people", "add", name, "--ssh-key", name + ".pub", "--email", name + "@example.com")
        self.git("add", ".merlon/people")
        self.git("commit", "-q", "-m", "people", "--author=ada <ada@example.com>")
        self.write("clean.sarif", sarif())
        self.write("bad.sarif", sarif(finding("critical", level="error"), properties={}))
        self.run_merlon("import", "--store", "s.db", "clean.sarif")

    def deploy(self, *words, digest=DIGEST, environment="production", report="clean.sarif", code=0):
        return self.gate("deploy", "--store", "s.db", "--digest", digest, "--environment", environment,
                         "--report", report, *words, code=code)

    def say(self, verb, target, person, *words, code=0):
        done = self.run_merlon(verb, target, "--store", "s.db", "--as", person, "--identity", person, *words, code=code)
        return done.stdout.split()[-1] if verb != "except" else done.stdout.split("\n")[0].split()[-1]

    def test_what_an_environment_asks_for_is_looked_at_also_beside_a_policy_of_ones_own(self):
        own = "package ours\nconditions contains {{\"id\": \"ours\", \"status\": \"pass\"}} if {}\n"
        def judged(settings, body, code):
            self.write("ours.rego", own.format(body))
            self.write("own.yaml", "gates: {deploy: {conditions: [severity, ours.rego]}}\n"
                                   "environments: {production: {" + settings + "}}\n")
            return self.run_merlon("gate", "deploy", "--store", "s.db", "--digest", DIGEST, "--environment", "production",
                                   "--report", "clean.sarif", "--config", "own.yaml", code=code)
        done = judged("exclusive: true", "count(input.change.workflow) == 0", 2)
        self.assertIn("own.yaml: environment 'production' has 'exclusive', and none of the gate's conditions looks at it "
                      "(no policy of your own reads input.environment.settings", done.stderr)
        judged("registered-requester: true", "true", 2)
        judged("exclusive: true", "input.environment.settings.exclusive", 0)
        judged("exclusive: true, unlooked: allowed", "true", 0)
        self.assertIn("own.yaml:2:", judged("exclusive: true, unlooked: some", "true", 2).stderr)

    def test_a_tag_is_no_branch(self):
        for variables, ref, status in (({"GITHUB_REF": "refs/tags/main", "GITHUB_REF_NAME": "main"}, (), "fail"),
                                       ({"GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main"}, (), "pass"),
                                       ({"GITHUB_REF": "refs/tags/main"}, ("--ref", "main"), "fail"),
                                       ({"CI_COMMIT_TAG": "main", "CI_COMMIT_REF_NAME": "main"}, (), "fail"),
                                       ({"BUILD_SOURCEBRANCH": "refs/tags/main"}, (), "fail"),
                                       ({}, ("--ref", "refs/tags/main"), "fail"), ({}, ("--ref", "main"), "pass")):
            self.environment.update(variables)
            _, conditions, _ = self.deploy(*ref, code=1)
            self.assertEqual(conditions["environment/branch"], status, (variables, ref))
            for name in variables:
                del self.environment[name]
        self.git("switch", "-q", "topic")
        done = self.run_merlon("gate", "deploy", "--target", "main", "--store", "s.db", "--digest", DIGEST, "--environment",
                               "production", "--report", "clean.sarif", "--ref", "main", code=1)
        self.assertIn("--ref says main, and Git's HEAD is on topic", done.stderr)

    def test_an_approval_opens_the_gate_for_this_artefact_alone(self):
        verdict, conditions, _ = self.deploy(code=1)
        self.assertEqual(conditions["approvals/security"], "fail")
        self.say("approve", verdict, "ana")
        _, conditions, document = self.deploy()
        self.assertEqual(conditions["approvals/security"], "pass")
        self.assertEqual(document["statement"]["subject"][0]["digest"], {"sha256": "a" * 64})
        self.assertEqual(document["statement"]["predicate"]["verificationResult"], "PASSED")
        self.deploy(digest=OTHER, code=1)
        self.say("reject", verdict, "ben", "--reason", "not on a Friday")
        _, conditions, _ = self.deploy(code=1)
        self.assertEqual(conditions["approvals/rejected"], "fail")
        self.run_merlon("store", "check", "--store", "s.db")

    def test_who_asked_and_who_wrote_it_do_not_count(self):
        self.write(".merlon.yaml", SETTINGS.replace("[ana, ben]", "[ana, ben, rob, ada]"))
        self.commit("groups", "ada")
        verdict, _, _ = self.deploy(code=1)
        self.say("approve", verdict, "rob")
        done = self.run_merlon("approve", verdict, "--store", "s.db", "--as", "ada", "--identity", "ada")
        self.assertIn("the change is ada's own", done.stderr)
        done = self.run_merlon("gate", "deploy", "--target", "main", "--store", "s.db", "--digest", DIGEST,
                               "--environment", "production", "--report", "clean.sarif",
                               "--requested-by", "rob@example.com", code=1)
        self.assertIn("rob approved, but asked for it", done.stdout)
        self.assertIn("ada approved, but is an author of the change", done.stdout)

    def test_committers_and_co_authors_do_not_count_either(self):
        self.write("b.py", "x = 1\n")
        self.git("add", "b.py")
        self.git("-c", "user.name=ben", "-c", "user.email=ben@example.com", "commit", "-q", "--author=eve <eve@example.com>",
                 "-m", "with ana\n\nCO-AUTHORED-BY: Ana A. <Ana@example.com>")
        verdict, _, _ = self.deploy(code=1)
        self.say("approve", verdict, "ana")
        self.say("approve", verdict, "ben")
        done = self.run_merlon("gate", "deploy", "--target", "main", "--store", "s.db", "--digest", DIGEST,
                               "--environment", "production", "--report", "clean.sarif", code=1)
        for name in ("ana", "ben"):
            self.assertIn(f"{name} approved, but is an author of the change", done.stdout)

    def test_a_metric_that_is_there_twice_is_refused(self):
        done = self.run_merlon("gate", "deploy", "--target", "main", "--store", "s.db", "--digest", DIGEST, "--environment",
                               "production", "--report", "clean.sarif", "--metric", "errors=9", "--metric", "errors=0", code=2)
        self.assertIn("--metric errors is there twice", done.stderr)

    def test_what_is_in_no_list_of_allowed_licences_is_denied(self):
        self.write("sbom.json", {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
            {"type": "library", "name": "a", "version": "1", "licenses": [{"license": {"id": "GPL-3.0-only"}}]}]})
        words = ("gate", "release", "--target", "main", "--digest", DIGEST, "--report", "clean.sarif", "--sbom", "sbom.json",
                 "--config", "settings.yaml", "--format", "json")
        gates = "gates: {release: {conditions: [licenses]}}\n"
        for licenses, code in (("{allow: [MIT]}", 1), ("{allow: [MIT, GPL-*]}", 0), ("{allow: [MIT], unlisted: review}", 0)):
            self.write("settings.yaml", gates + f"licenses: {licenses}\n")
            self.run_merlon(*words, code=code)
        # One that nobody knows is in no list, either.
        self.write("sbom.json", {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
            {"type": "library", "name": "a", "version": "1"}]})
        for licenses, code in (("{allow: [MIT]}", 1), ("{deny: [MIT], unlisted: deny}", 1), ("{deny: [MIT]}", 0),
                               ("{allow: [MIT], unknown: review}", 0)):
            self.write("settings.yaml", gates + f"licenses: {licenses}\n")
            self.run_merlon(*words, code=code)

    def test_people_are_those_that_the_gates_configuration_has_beside_it(self):
        self.write("elsewhere/settings.yaml", SETTINGS)
        with open(os.path.join(self.folder, ".merlon/people")) as people:
            lines = [line for line in people if line.startswith("ana")]
        self.write("elsewhere/.merlon/people", "".join(lines))
        config = ("--config", "elsewhere/settings.yaml")
        verdict, _, _ = self.deploy(*config, code=1)
        words = ("approve", verdict, "--store", "s.db", *config)
        done = self.run_merlon(*words, "--as", "ben", "-i", "ben", code=2)
        self.assertIn("elsewhere/.merlon/people has no ben", done.stderr)
        self.run_merlon(*words, "--as", "ana", "-i", "ana")
        self.deploy(*config)

    def test_a_key_of_somebody_else_is_refused_and_does_not_count(self):
        verdict, _, _ = self.deploy(code=1)
        words = ("approve", verdict, "--store", "s.db")
        done = self.run_merlon(*words, "--as", "ana", "--identity", "rob", code=2)
        self.assertRegex(done.stderr, "line 3 of .merlon/people says that the key SHA256:.* is rob's; a gate would not count it, by main:")
        self.assertIn("main:.merlon/people has no eve", self.run_merlon(*words, "--as", "eve", "-i", "ana", code=2).stderr)
        # Where nobody says whose key it is, that is said, and the gate decides.
        elsewhere = os.path.join(tempfile.mkdtemp(), "s.db")
        self.addCleanup(shutil.rmtree, os.path.dirname(elsewhere))
        shutil.copy(os.path.join(self.folder, "s.db"), elsewhere)
        done = subprocess.run([MERLON, "approve", verdict, "--store", elsewhere, "--as", "ana", "-i",
                               os.path.join(self.folder, "rob"), "-o", os.path.join(self.folder, "decision.json")],
                              cwd=os.path.dirname(elsewhere), env=self.environment, text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("nobody says here which keys are ana's", done.stderr)
        done = self.run_merlon("gate", "deploy", "--target", "main", "--store", "s.db", "--digest", DIGEST, "--decision",
                               "decision.json", "--environment", "production", "--report", "clean.sarif", code=1)
        self.assertRegex(done.stdout, "a decision of ana does not count: line 3 of .merlon/people says that the key SHA256:.* is rob's")

    def report(self, *words, cwd=None, store="s.db"):
        done = subprocess.run([MERLON, "report", "audit", "--store", store, "--from", "2026-01-01", "--out", "bundle", *words],
                              cwd=cwd or self.folder, env=self.environment, text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(cwd or self.folder, "bundle")) as bundle:
            return json.loads(bundle.read().split("\n")[1]), done

    def test_a_report_shows_what_signatures_show(self):
        verdict, _, _ = self.deploy("--requested-by", "rob", code=1)
        self.say("approve", verdict, "ana")
        self.say("approve", verdict, "rob")
        report, done = self.report("--target", "main")
        self.assertNotIn("warning", done.stderr)
        self.assertEqual(report["people"], {"known": True, "from": "main:.merlon/people"})
        self.assertEqual([one["signature"]["status"] for one in report["approvals"]], ["verified"] * 2)
        facts = {one["shownBy"]: one["facts"] for one in report["controls"]}
        self.assertEqual((facts["approvals"], facts["approvalsByOthers"]), (2, 1))  # rob has asked for it
        self.assertEqual((report["releases"][0]["requestedBy"], report["releases"][0]["requesterIsRegistered"]), ("rob", True))
        # By the keys of others it shows nothing.
        with open(os.path.join(self.folder, ".merlon/people")) as people:
            self.write("others", "".join(line for line in people if line.startswith("ben")))
        report, done = self.report("--people", "others")
        self.assertIn("2 of the signed decisions are by no key", done.stderr)
        self.assertEqual(report["approvers"], [{"person": "ana", "unverified": 1}, {"person": "rob", "unverified": 1}])
        for control in report["controls"]:
            if control["shownBy"].startswith("approvals"):
                self.assertEqual((control["facts"], control["status"]), (0, "nothing that is verified in this period"))
        # And neither where nobody says whose keys they are.
        elsewhere = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, elsewhere)
        report, done = self.report(cwd=elsewhere, store=os.path.join(self.folder, "s.db"))
        self.assertEqual(report["people"]["known"], False)
        self.assertEqual(report["approvals"][0]["signature"]["because"], "nobody says whose key it is")
        self.run_merlon("audit", "verify", os.path.join(elsewhere, "bundle"))

    def test_who_asks_by_a_name_that_nobody_has_is_told(self):
        verdict, _, _ = self.deploy(code=1)
        self.say("approve", verdict, "ana")
        done = self.run_merlon("gate", "deploy", "--target", "main", "--store", "s.db", "--digest", DIGEST, "--environment",
                               "production", "--report", "clean.sarif", "--requested-by", "somebody")
        self.assertIn("nobody in .merlon/people is called somebody, who asks", done.stderr)

    def test_an_environment_may_want_that_who_asks_is_registered(self):
        self.write(".merlon.yaml", SETTINGS.replace("branches: [main]", "branches: [main]\n    registered-requester: true"))
        self.commit("who asks", "ada")
        verdict, _, _ = self.deploy("--requested-by", "rob", code=1)
        self.say("approve", verdict, "ana")
        _, conditions, _ = self.deploy("--requested-by", "Rob")
        self.assertEqual(conditions["approvals/requester"], "pass")
        done = self.run_merlon("gate", "deploy", "--target", "main", "--store", "s.db", "--digest", DIGEST, "--environment",
                               "production", "--report", "clean.sarif", "--requested-by", "somebody", code=1)
        self.assertIn("FAIL      approvals/requester", done.stdout)
        self.assertIn("to pass: ask by a name that is there", done.stdout)

    def test_a_statement_can_be_signed_elsewhere_and_brought_back(self):
        verdict, _, _ = self.deploy(code=1)
        words = ("approve", verdict, "--store", "s.db", "--as", "ana")
        self.run_merlon(*words, "--write-statement", "st.json")
        subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "merlon-decision-v1", "-f", "ana", "st.json"],
                       cwd=self.folder, check=True, capture_output=True)
        self.run_merlon("reject", *words[1:], "--statement", "st.json", "--signature", "st.json.sig", code=2)
        self.run_merlon(*words, "--statement", "st.json", "--signature", "st.json.sig", "--output", "decision.json")
        self.deploy()
        # The decision alone will do where there is no store.
        done = self.run_merlon("gate", "deploy", "--target", "main", "--digest", DIGEST, "--environment", "production",
                               "--report", "clean.sarif", "--decision", "decision.json")
        self.assertIn("(not in a store)", done.stdout)
        with open(os.path.join(self.folder, "st.json")) as statement:
            signers = subprocess.run(["ssh-keygen", "-Y", "verify", "-f", ".merlon/people", "-I", "ana", "-n",
                                      "merlon-decision-v1", "-s", "st.json.sig"], cwd=self.folder,
                                     capture_output=True, text=True, stdin=statement)
        self.assertEqual(signers.returncode, 0, signers.stderr)

    def test_an_exception_holds_with_a_second_person_until_its_day(self):
        self.write(".merlon.yaml", SETTINGS.replace("exceptions-by: [security]",
                                                    "exceptions-by: [security], severity: high"))
        self.commit("threshold", "ada")
        verdict, conditions, _ = self.deploy(report="bad.sarif", code=1)
        self.assertEqual(conditions["severity"], "fail")
        exception = self.say("except", verdict, "ana", "--condition", "severity", "--until", "7d", "--reason", "ticket 812")
        self.say("approve", verdict, "ben")
        self.deploy(report="bad.sarif", code=1)
        done = self.run_merlon("approve", exception, "--store", "s.db", "--as", "ana", "--identity", "ana")
        self.assertIn("the exception is ana's own", done.stderr)
        self.deploy(report="bad.sarif", code=1)
        done = self.run_merlon("approve", exception, "--store", "s.db", "--as", "ben", "--identity", "ben")
        self.assertNotIn("own", done.stderr)
        _, conditions, document = self.deploy(report="bad.sarif")
        self.assertEqual(conditions["severity"], "excepted")
        self.assertIn("confirmed by ben", json.dumps(document))
        self.run_merlon("except", verdict, "--store", "s.db", "--as", "ana", "--identity", "ana", "--condition", "severity",
                        "--until", "7d", code=2)
        self.run_merlon("except", verdict, "--store", "s.db", "--as", "ana", "--identity", "ana", "--condition", "severity",
                        "--reason", "r", code=2)

    def test_an_exception_is_for_what_the_verdict_listed_and_not_for_what_is_found_later(self):
        self.write(".merlon.yaml", SETTINGS.replace("exceptions-by: [security]", "exceptions-by: [security], severity: high"))
        self.commit("threshold", "ada")
        verdict, _, _ = self.deploy(report="bad.sarif", code=1)
        done = self.run_merlon("except", verdict, "--store", "s.db", "--as", "ana", "--identity", "ana", "--condition",
                               "severity", "--until", "7d", "--reason", "ticket 812")
        self.assertIn("it is for the 1 that the verdict lists", done.stdout)
        self.say("approve", done.stdout.split("\n")[0].split()[-1], "ben")
        self.say("approve", verdict, "ben")
        _, conditions, _ = self.deploy(report="bad.sarif")
        self.assertEqual(conditions["severity"], "excepted")
        self.write("later.sarif", sarif(finding("critical", level="error"), finding("later", path="b.py")))
        _, conditions, _ = self.deploy(report="later.sarif", code=1)
        self.assertEqual(conditions["severity"], "fail")
        done = self.run_merlon("gate", "deploy", "--target", "main", "--store", "s.db", "--digest", DIGEST, "--environment",
                               "production", "--report", "later.sarif", code=1)
        self.assertIn("1 of 2 are not under the exception of ana", done.stdout)
        self.assertIn("- high later at b.py:3: about later\n", done.stdout)
        self.assertIn("- high critical at a.py:3: about critical (under the exception)", done.stdout)
        self.run_merlon("gate", "replay", "--store", "s.db", verdict)

    def test_an_exception_everywhere_holds_for_other_artefacts(self):
        verdict, _, _ = self.deploy(code=1)
        exception = self.say("except", verdict, "ana", "--condition", "approvals/security", "--until", "7d",
                             "--reason", "ticket 812", "--everywhere")
        self.deploy(digest=OTHER, code=1)
        self.say("approve", exception, "ben")
        _, conditions, _ = self.deploy(digest=OTHER)
        self.assertEqual(conditions["approvals/security"], "excepted")

    def test_break_glass_is_by_two_people_for_hours(self):
        verdict, _, _ = self.deploy(report="bad.sarif", code=1)
        glass = self.say("except", verdict, "ana", "--break-glass", "--until", "2h", "--reason", "outage")
        self.deploy(report="bad.sarif", code=1)
        self.say("approve", glass, "ben")
        _, conditions, _ = self.deploy(report="bad.sarif")
        self.assertEqual(conditions["approvals/security"], "excepted")
        words = ("except", verdict, "--store", "s.db", "--as", "ana", "-i", "ana", "--reason", "outage")
        done = self.run_merlon(*words, "--break-glass", "--until", "9h", code=2)
        self.assertIn("holds for at most 14400 s", done.stderr)
        for more, said in ((("--condition", "sevrity", "--until", "7d"), "did you mean 'severity'"),
                           (("--condition", "severity", "--until", "9999d"), "ends within a year"),
                           (("--condition", "severity", "--until", "2020-01-01"), "is over")):
            self.assertIn(said, self.run_merlon(*words, *more, code=2).stderr)

    def test_one_deployment_at_a_time(self):
        first, _, _ = self.deploy(environment="locked")
        _, conditions, _ = self.deploy(environment="locked", digest=OTHER, code=1)
        self.assertEqual(conditions["environment/lock"], "fail")
        # Another repository's environment of the same name is another one.
        self.deploy("--repository", "acme/other", environment="locked", digest=OTHER)
        done = self.run_merlon("gate", "done", "--store", "s.db", first)
        self.assertIn("is over; locked is free", done.stdout)
        self.assertIn("was over already", self.run_merlon("gate", "done", "--store", "s.db", first).stdout)
        self.deploy(environment="locked", digest=OTHER)
        # What was let through by nobody cannot end.
        failed, _, _ = self.deploy(code=1)
        done = self.run_merlon("gate", "done", "--store", "s.db", failed, code=2)
        self.assertIn("is not PASS: it let nothing through", done.stderr)

    def test_a_wait_begins_when_it_was_first_asked_for(self):
        _, conditions, _ = self.deploy(environment="slow", code=1)
        self.assertEqual(conditions["environment/wait"], "fail")
        self.run_merlon("gate", "deploy", "--target", "main", "--digest", DIGEST, "--environment", "slow",
                        "--report", "clean.sarif", code=2)  # without a store nobody knows
        self.run_merlon("gate", "deploy", "--target", "main", "--digest", DIGEST, "--environment", "productoin",
                        "--report", "clean.sarif", code=2)

    def test_people_are_listed_and_a_line_that_is_not_understood_is_told(self):
        self.assertIn("ana,ana@example.com  ssh-ed25519  SHA256:", self.run_merlon("people", "list").stdout)
        self.run_merlon("people", "add", "eve", "--ssh-key", "ana.pub", code=2)
        self.write("people", "*@example.com ssh-ed25519 AAAA\n")
        self.assertIn("people:1:", self.run_merlon("people", "list", "--file", "people", code=2).stderr)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "new"], cwd=self.folder, check=True,
                       stdin=subprocess.DEVNULL)
        for words, said in ((("a,b",), "is no name of a person"), (("a b",), "is no name"), (("zoe", "--email", "nowhere"), "NAME@DOMAIN")):
            self.assertIn(said, self.run_merlon("people", "add", *words, "--ssh-key", "new.pub", code=2).stderr)

    def test_a_group_that_nobody_has_defined_is_refused_with_its_line(self):
        for old, new, line in (("exceptions-by: [security]", "exceptions-by: [secuirty]", 4),
                               ("{group: security, count: 1}", "{group: secrity, count: 1}", 10),
                               ("break-glass-by: [security]", "break-glass-by: [securty]", 11)):
            self.write("settings.yaml", SETTINGS.replace(old, new))
            done = self.run_merlon("gate", "deploy", "--config", "settings.yaml", "--digest", DIGEST, "--environment",
                                   "production", "--report", "clean.sarif", code=2)
            self.assertIn(f"settings.yaml:{line}:", done.stderr)
            self.assertIn("did you mean 'security'?", done.stderr)

    def test_a_report_may_be_standard_input_and_what_is_empty_is_told(self):
        words = ["gate", "release", "--target", "main", "--digest", DIGEST, "--report", "-"]
        with open(os.path.join(self.folder, "clean.sarif")) as report:
            done = subprocess.run([MERLON, *words], cwd=self.folder, env=self.environment, stdin=report, text=True,
                                  capture_output=True)
        self.assertIn("pass      severity", done.stdout, done.stderr)
        self.assertIn("--subject is empty", self.run_merlon(*words[:-1], "clean.sarif", "--subject", "", code=2).stderr)

    def test_a_simulation_that_is_stopped_or_not_answered_is_not_clean(self):
        self.deploy(code=1)
        self.write("broken.rego", 'package b\nconditions contains {"id": "x", "status": "pass"} if 1 / count(input.metrics) == 1\n')
        done = self.run_merlon("gate", "simulate", "--store", "s.db", "--policy", "broken.rego", code=2)
        self.assertIn("the policy did not answer for 1 of 1 verdicts", done.stderr)


if __name__ == "__main__":
    MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
