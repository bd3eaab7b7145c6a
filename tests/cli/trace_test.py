#!/usr/bin/env python3
"""From commit to deployment, bills matched anew, the bundle for an auditor: trace_test.py MERLON [unittest arguments]"""

import base64
import json
import os
import sys
import unittest

import evidence_test
from evidence_test import EvidenceCase, result, sarif

COMMIT = "4f2a91c0" + "0" * 32
DIGEST = "1f0c3a55" + "a" * 56
SETTINGS = """gates: {deploy: {conditions: [severity, secrets, environment]}}
environments: {production: {}}
"""


def provenance(**more):
    return {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1", "subject": [
        {"name": "registry.example/acme/shop", "digest": {"sha256": DIGEST}}], "predicate": {
            "buildDefinition": {"buildType": "t", "externalParameters": {}, "resolvedDependencies": [
                {"uri": "git+https://github.com/acme/shop@refs/heads/main", "digest": {"gitCommit": COMMIT}}]},
            "runDetails": {"builder": {"id": "https://builder.example/v1"}, "metadata": {"finishedOn": "2026-01-02T03:04:05Z"}}},
        **more}


def bill(*packages, **component):
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": {
        "type": "container", "bom-ref": "root", "name": "registry.example/acme/shop",
        "hashes": [{"alg": "SHA-256", "content": DIGEST}], **component}},
        "components": [{"type": "library", "bom-ref": one, "name": one, "purl": one} for one in packages]}


class TraceCase(EvidenceCase):
    def fill(self):
        payload = base64.b64encode(json.dumps(provenance()).encode()).decode()
        self.write("p.json", {"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": [{"sig": "AA=="}]})
        self.write("b.json", bill("pkg:npm/left-pad@1.0.0", "pkg:npm/right-pad@2.0.0"))
        self.write("clean.sarif", sarif([]))
        self.write("settings.yaml", SETTINGS)
        self.run_merlon("import", "--store", "s.db", "p.json", "b.json")
        self.deploy()

    def deploy(self):
        return self.run_merlon("gate", "deploy", "--store", "s.db", "--config", "settings.yaml", "--digest", "sha256:" + DIGEST,
                               "--environment", "production", "--report", "clean.sarif")

    def trace(self, *words, code=0):
        done = self.run_merlon("trace", *words, "--store", "s.db", "--format", "json", code=code)
        return json.loads(done.stdout) if code == 0 else done.stderr

    def ends(self, *words):
        return [(edge["direction"][0], edge["from"]["kind"], edge["to"]["kind"]) for edge in self.trace(*words)["edges"]]


class Trace(TraceCase):
    def test_a_commit_leads_to_its_deployment_and_back(self):
        self.fill()
        self.assertEqual(self.ends("commit", COMMIT[:8], "--to", "deployment"),
                         [("f", "commit", "artifact"), ("f", "artifact", "deployment")])
        back = self.trace("deployment", "production")
        self.assertEqual([(edge["from"]["kind"], edge["from"]["name"]) for edge in back["edges"]],
                         [("artifact", "sha256:" + DIGEST), ("identity", "tester"), ("commit", COMMIT),
                          ("repository", "github.com/acme/shop")])
        self.assertEqual(back["edges"][1]["relation"], "asked for")
        self.assertEqual(back["packagesNotShown"], 2)
        self.assertEqual([edge["confidence"] for edge in back["edges"]],
                         ["recorded", "told", "signed, not verified", "signed, not verified"])
        built = back["edges"][2]
        self.assertEqual((built["collector"], built["validFrom"], built["documentName"], built["relation"]),
                         ("https://builder.example/v1", "2026-01-02T03:04:05Z", "p.json", "built"))
        text = self.run_merlon("trace", "deployment", "production", "--store", "s.db").stdout
        self.assertIn("<- artifact sha256:" + DIGEST, text)
        self.assertIn("signed, not verified by https://builder.example/v1, p.json, taken in", text)
        self.run_merlon("store", "check", "--store", "s.db")

    def test_a_package_leads_to_where_it_runs_and_to_the_commit(self):
        self.fill()
        self.assertEqual(self.ends("package", "pkg:npm/left-pad", "--to", "deployment"),
                         [("f", "package", "artifact"), ("f", "artifact", "deployment")])
        self.assertIn(("b", "commit", "artifact"), self.ends("package", "pkg:npm/left-pad@1.0.0"))
        artifact = self.trace("artifact", DIGEST[:10], "--to", "package")
        self.assertEqual(sorted(edge["from"]["name"] for edge in artifact["edges"] if edge["from"]["kind"] == "package"),
                         ["pkg:npm/left-pad@1.0.0", "pkg:npm/right-pad@2.0.0"])

    def test_what_is_told_is_less_sure_than_what_is_stated(self):
        self.write("b.json", bill("pkg:npm/a@1"))
        self.run_merlon("import", "--store", "s.db", "--repository", "acme/shop", "--commit", COMMIT, "b.json")
        edges = self.trace("commit", COMMIT)["edges"]
        self.assertEqual({(edge["from"]["kind"], edge["confidence"]) for edge in edges},
                         {("commit", "told"), ("artifact", "stated"), ("repository", "told")})
        again = json.loads(self.run_merlon("import", "--store", "s.db", "--repository", "acme/shop", "--commit", COMMIT, "b.json",
                                           "--format", "json").stdout)
        self.assertNotIn("edges", again[0])

    def test_a_step_is_shown_once_however_many_documents_tell_of_it(self):
        for tool in "ABCDE":
            self.write(f"{tool}.sarif", sarif([], tool=tool))
            self.run_merlon("import", "--store", "s.db", "--repository", "shop", "--commit", COMMIT, f"{tool}.sarif")
        shown = self.run_merlon("trace", "commit", COMMIT, "--store", "s.db").stdout
        self.assertEqual(shown.count("<- repository shop (has the commit)"), 1, shown)
        self.assertEqual(shown.count("told by tester"), 3, shown)
        self.assertIn("and 2 more: --format json has them", shown)
        self.assertEqual(len(self.trace("commit", COMMIT)["edges"]), 5)

    def test_what_is_not_there_or_not_one_is_refused(self):
        self.write("b.json", bill("pkg:npm/a@1", "pkg:npm/a@2", "pkg:npm/ab@1"))
        self.run_merlon("import", "--store", "s.db", "b.json")
        self.assertIn("the store knows no package", self.trace("package", "pkg:npm/x", code=2))
        self.assertIn("several of kind package fit", self.trace("package", "pkg:npm/a", code=2))
        self.assertIn("is no kind", self.trace("thing", "x", code=2))
        self.assertIn("trace what?", self.trace("package", code=2))
        self.write("p.json", {"payloadType": "application/vnd.in-toto+json", "payload": "!", "signatures": []})
        self.run_merlon("import", "--store", "s.db", "p.json", code=2)


class Nodes(TraceCase):
    """Who, in which run, in which pull request, where it runs, and what became of it."""

    GITHUB = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/shop", "GITHUB_RUN_ID": "77",
              "GITHUB_RUN_ATTEMPT": "2", "GITHUB_ACTOR": "ada", "GITHUB_REF": "refs/pull/12/merge",
              "GITHUB_WORKFLOW_REF": "acme/shop/.github/workflows/ci.yml@refs/heads/main"}
    RUN = "https://github.com/acme/shop/actions/runs/77/attempts/2"

    def edges(self, *words):
        return {(edge["from"]["kind"], edge["relation"], edge["to"]["kind"]) for edge in self.trace(*words)["edges"]}

    def test_provenance_names_run_pipeline_and_builder(self):
        statement = provenance()
        statement["predicate"]["runDetails"]["metadata"]["invocationId"] = self.RUN
        statement["predicate"]["buildDefinition"]["externalParameters"] = {"workflow": {
            "ref": "refs/heads/main", "repository": "https://github.com/acme/shop", "path": ".github/workflows/ci.yml"}}
        self.write("p.json", statement)
        self.run_merlon("import", "--store", "s.db", "p.json")
        self.assertEqual(self.edges("run", self.RUN), {
            ("run", "built", "artifact"), ("artifact", "named", "image"), ("pipeline", "ran as", "run"),
            ("identity", "ran", "run"), ("commit", "built in", "run"), ("repository", "has", "commit")})
        self.assertEqual(self.trace("pipeline", "https://github.com/acme/shop/.github/workflows/ci.yml")["edges"][0]["to"]["name"],
                         self.RUN)
        # SLSA 0.2
        self.write("p.json", {"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2",
                              "subject": [{"name": "x", "digest": {"sha256": "ab" * 32}}], "predicate": {
                                  "builder": {"id": "https://builder.example/v0"}, "buildType": "t",
                                  "invocation": {"configSource": {"uri": "git+https://github.com/acme/old", "entryPoint": "ci.yml",
                                                                  "digest": {"sha1": "9" * 40}}},
                                  "metadata": {"buildInvocationId": "run-5"}}})
        self.run_merlon("import", "--store", "s.db", "p.json")
        self.assertIn(("pipeline", "ran as", "run"), self.edges("run", "run-5"))
        self.run_merlon("store", "check", "--store", "s.db")

    def test_an_import_in_a_pipeline_names_its_run_and_pull_request(self):
        self.environment.update(self.GITHUB)
        self.write("r.sarif", sarif([result("r", "a.py", 3, "eval(x)")]))
        words = ("import", "--store", "s.db", "--repository", "github.com/acme/shop", "--ref", "topic", "--commit", COMMIT, "r.sarif")
        self.run_merlon(*words)
        self.assertEqual(self.edges("commit", COMMIT[:9]), {
            ("commit", "analysed in", "run"), ("commit", "proposed in", "pull request"), ("repository", "has", "commit"),
            ("repository", "has", "ref"), ("ref", "was at", "commit")})
        self.assertEqual(self.edges("pull-request", "https://github.com/acme/shop/pull/12", "--to", "repository"),
                         {("commit", "proposed in", "pull request"), ("repository", "has", "commit"), ("ref", "was at", "commit"),
                          ("repository", "has", "ref")})
        self.assertIn(("identity", "started", "run"), self.edges("run", self.RUN))
        self.assertIn("nothing is new", self.run_merlon(*words).stdout)

    def test_gitlab_and_azure_name_theirs(self):
        gitlab = {"CI_PIPELINE_URL": "https://gitlab.example/a/b/-/pipelines/5", "CI_PROJECT_URL": "https://gitlab.example/a/b",
                  "CI_SERVER_URL": "https://gitlab.example", "GITLAB_USER_LOGIN": "ben", "CI_MERGE_REQUEST_IID": "3",
                  "CI_MERGE_REQUEST_PROJECT_URL": "https://gitlab.example/a/b"}
        azure = {"SYSTEM_COLLECTIONURI": "https://dev.azure.example/o/", "SYSTEM_TEAMPROJECT": "p", "BUILD_BUILDID": "9",
                 "SYSTEM_DEFINITIONID": "4", "BUILD_REQUESTEDFOREMAIL": "ana@example.com",
                 "BUILD_REPOSITORY_URI": "https://dev.azure.example/o/p/_git/r", "SYSTEM_PULLREQUEST_PULLREQUESTID": "8"}
        for number, (variables, request) in enumerate((
                (gitlab, "https://gitlab.example/a/b/-/merge_requests/3"),
                (azure, "https://dev.azure.example/o/p/_git/r/pullrequest/8"))):
            environment, self.environment = self.environment, {**self.environment, **variables}
            self.write("r.sarif", sarif([], tool=f"Tool{number}"))
            self.run_merlon("import", "--store", "s.db", "--commit", str(number) * 40, "r.sarif")
            self.environment = environment
            self.assertEqual(self.edges("pull-request", request), {("commit", "proposed in", "pull request")})

    def test_a_finding_leads_to_commit_package_deployment_and_decision(self):
        self.fill()
        self.write("trivy.json", {"SchemaVersion": 2, "ArtifactName": "shop", "ArtifactType": "filesystem", "Results": [
            {"Target": "package-lock.json", "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": [
                {"VulnerabilityID": "CVE-2026-1", "PkgName": "left-pad", "InstalledVersion": "1.0.0", "Severity": "HIGH",
                 "PkgIdentifier": {"PURL": "pkg:npm/left-pad@1.0.0"}}]}]})
        self.run_merlon("import", "--store", "s.db", "--repository", "github.com/acme/shop", "--commit", COMMIT, "trivy.json")
        self.run_merlon("findings", "decide", "--store", "s.db", "1", "--verdict", "will_fix", "--until", "9d", "--reason", "soon",
                        "--as", "ana")
        found = self.edges("finding", "1")
        self.assertLessEqual({("finding", "is in", "package"), ("package", "part of", "artifact"),
                              ("artifact", "deployed to", "deployment"), ("finding", "was decided by", "decision"),
                              ("commit", "first showed", "finding"), ("repository", "has", "commit")}, found)
        self.assertEqual(self.edges("identity", "ana"), {("identity", "made", "decision")})
        decision = next(edge["to"]["name"] for edge in self.trace("finding", "1")["edges"] if edge["to"]["kind"] == "decision")
        back = self.trace("decision", decision)
        self.assertLessEqual({("identity", "made", "decision"), ("finding", "was decided by", "decision")},
                             {(e["from"]["kind"], e["relation"], e["to"]["kind"]) for e in back["edges"]})
        self.assertIn("audit log", back["edges"][0]["documentName"])
        self.assertIn(("commit", "first showed", "finding"), self.edges("commit", COMMIT, "--to", "finding"))
        self.assertIn(("finding", "is in", "package"), self.edges("deployment", "production", "--to", "finding"))
        self.run_merlon("store", "check", "--store", "s.db")

    def test_one_secret_in_two_places_is_one_node(self):
        secret = "ghp_" + "Zx9" * 12
        entry = {"Description": "d", "StartLine": 3, "EndLine": 3, "StartColumn": 1, "EndColumn": 9, "Match": secret,
                 "Secret": secret, "SymlinkFile": "", "Commit": "", "Entropy": 4.1, "Author": "", "Email": "", "Date": "",
                 "Message": "", "Tags": [], "RuleID": "github-pat", "Fingerprint": "f"}
        self.write("a.json", json.dumps([{**entry, "File": "a.env"}]))
        self.write("b.json", json.dumps([{**entry, "File": "b.env"}]))
        for name in ("a", "b"):
            self.run_merlon("import", "--store", "s.db", "--repository", name, name + ".json")
        edges = self.trace("finding", "1")["edges"]
        node = next(edge["from"]["name"] for edge in edges if edge["from"]["kind"] == "secret")
        self.assertNotIn(secret, json.dumps(edges))
        self.assertEqual({edge["to"]["name"] for edge in self.trace("secret", node[:9])["edges"] if edge["depth"] == 1}, {"1", "2"})
        self.assertIn("is no secret's print", self.trace("secret", "xyz", code=2))

    def test_alerts_and_clusters_name_workloads(self):
        self.fill()
        self.write("falco.json", json.dumps({
            "hostname": "n1", "output": "shell", "priority": "Critical", "rule": "Terminal shell in container",
            "time": "2026-01-02T03:04:05Z", "source": "syscall", "output_fields": {
                "container.image.digest": "sha256:" + DIGEST, "container.image.repository": "registry.example/acme/shop",
                "k8s.ns.name": "prod", "k8s.pod.name": "shop-1"}}) + "\n")
        self.run_merlon("import", "--store", "s.db", "falco.json")
        edges = self.edges("incident", "Terminal shell in container in prod/pod/shop-1")
        self.assertLessEqual({("workload", "raised", "incident"), ("artifact", "runs as", "workload"),
                              ("commit", "built", "artifact"), ("repository", "has", "commit")}, edges)
        self.write("k8s.json", {"ClusterName": "c", "Resources": [{"Namespace": "prod", "Kind": "Deployment", "Name": "shop",
                   "Metadata": [{"RepoDigests": ["registry.example/acme/shop@sha256:" + DIGEST]}], "Results": [
                       {"Target": "t", "Class": "os-pkgs", "Type": "debian"}]}]})
        self.run_merlon("import", "--store", "s.db", "k8s.json")
        self.assertIn(("artifact", "runs as", "workload"), self.edges("workload", "prod/Deployment/shop"))

    def test_objects_that_run_pods_are_workloads_of_the_commit_that_has_them(self):
        def thing(kind, name, namespace="prod"):
            return {"object_name": name, "type_meta": {"kind": kind}, "object_meta": {"name": name, "namespace": namespace},
                    "file_name": "deploy.yaml", "file_row": 1, "checks": [
                        {"check": {"id": "probe", "name": "Probe"}, "grade": 1, "skipped": False, "comments": None}]}

        self.fill()
        self.write("score.json", [thing("Deployment", "shop"), thing("Service", "shop"), thing("CronJob", "tidy", "")])
        self.run_merlon("import", "--store", "s.db", "--from", "kube-score", "score.json")
        self.assertIn("knows no workload", self.trace("workload", "prod/Deployment/shop", code=2))  # whose it is nobody has told
        self.run_merlon("import", "--store", "s.db", "--repository", "github.com/acme/shop", "score.json")
        self.assertIn(("repository", "describes", "workload"), self.edges("workload", "prod/Deployment/shop"))
        self.run_merlon("import", "--store", "s.db", "--repository", "github.com/acme/shop", "--commit", COMMIT, "score.json")
        self.assertLessEqual({("commit", "describes", "workload"), ("repository", "has", "commit")},
                             self.edges("workload", "prod/Deployment/shop"))
        for name in ("prod/Service/shop", "CronJob/tidy", "/CronJob/tidy"):
            self.trace("workload", name, code=2)
        self.run_merlon("store", "check", "--store", "s.db")

    def test_a_deployment_names_its_workloads(self):
        self.write("clean.sarif", sarif([]))
        self.write("settings.yaml", SETTINGS)
        self.run_merlon("import", "--store", "s.db", "clean.sarif")
        self.run_merlon("gate", "deploy", "--store", "s.db", "--config", "settings.yaml", "--digest", "sha256:" + DIGEST,
                        "--environment", "production", "--report", "clean.sarif", "--workload", "prod/Deployment/shop",
                        "--requested-by", "rob")
        self.assertEqual(self.edges("workload", "prod/Deployment/shop"), {
            ("deployment", "runs as", "workload"), ("artifact", "deployed to", "deployment"),
            ("identity", "asked for", "deployment")})


class AuditReport(TraceCase):
    def verify(self, *words, code=0):
        return self.run_merlon("audit", "verify", *words, code=code).stdout

    def test_a_bundle_has_the_period_and_is_checked_without_the_store(self):
        self.fill()
        self.write("r.sarif", sarif([], invocations=[{"executionSuccessful": False}]))
        self.run_merlon("import", "--store", "s.db", "r.sarif")
        self.run_merlon("findings", "decide", "--store", "s.db", "--rule", "r", "--verdict", "accepted", "--until", "9d",
                        "--reason", "why", "--as", "ana")
        done = self.run_merlon("report", "audit", "--store", "s.db", "--from", "2020-01-01", "--out", "q.bundle")
        self.assertIn("q.bundle: 1 verdicts, 1 decisions, 1 analyses with gaps", done.stdout)
        key = done.stderr.removeprefix("signed with ").strip()
        self.assertIn("are as they were written", self.verify("q.bundle", "--key", key))
        with open(os.path.join(self.folder, "q.bundle")) as file:
            lines = file.read().splitlines(keepends=True)
        report = json.loads(lines[1])
        self.assertEqual(report["releases"][0]["environment"], "production")
        self.assertEqual(report["decisions"][0]["said"]["statement"]["author"], "ana")
        self.assertEqual(report["coverageGaps"][0]["tool"], "scanner")
        self.assertEqual({one["status"] for one in report["controls"]}, {"shown", "nothing in this period"})
        self.write("changed", "".join([lines[0], lines[1].replace("ana", "eve", 1)] + lines[2:]))
        self.assertIn("the report is not one that the log tells of", self.verify("changed", "--key", key, code=1))
        self.write("log", "".join(lines[:2] + [line.replace("scanner", "other") for line in lines[2:]]))
        self.assertIn("not as it was written", self.verify("log", "--key", key, code=1))
        self.write("cut", "".join(lines[:2]))
        self.verify("cut", code=2)
        self.run_merlon("store", "check", "--store", "s.db")

    def test_a_period_that_is_none_is_refused(self):
        self.fill()
        for words, message in ((("--out", "q"), "from which day"), (("--from", "2026-01-01"), "where to?"),
                               (("--from", "2026-01-32", "--out", "q"), "is not a date"),
                               (("--from", "2026-02-01", "--to", "2026-01-01", "--out", "q"), "--to is before"),
                               (("--from", "2999-01-01", "--out", "q"), "in the future")):
            self.assertIn(message, self.run_merlon("report", "audit", "--store", "s.db", *words, code=2).stderr)
        self.run_merlon("report", "audit", "--store", "s.db", "--from", "2020-01-01", "--to", "2020-01-31", "--out", "q.bundle")
        with open(os.path.join(self.folder, "q.bundle")) as file:
            self.assertEqual(json.loads(file.read().splitlines()[1])["releases"], [])


class Rematch(EvidenceCase):
    def advisories(self, *numbers):
        os.makedirs(os.path.join(self.folder, "feed"), exist_ok=True)
        for name in os.listdir(os.path.join(self.folder, "feed")):
            os.remove(os.path.join(self.folder, "feed", name))
        for number in numbers:
            self.write(f"feed/GHSA-{number}.json", {
                "id": f"GHSA-{number}", "modified": "2025-01-01T00:00:00Z", "aliases": [f"CVE-2025-{number}"], "affected": [
                    {"package": {"ecosystem": "npm", "name": f"package-{number}"},
                     "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "9.0.0"}]}]}]})
        self.run_merlon("db", "build", "--database", "a.db", "--osv", "feed", "--force")

    def rematch(self, code=0):
        return self.run_merlon("store", "rematch", "--store", "s.db", "--database", "a.db", code=code)

    def open(self, *words):
        done = self.run_merlon("findings", "list", "--store", "s.db", "--format", "json", "is:open", *words)
        return sorted(one["rule"] for one in json.loads(done.stdout)["findings"])

    def events(self):
        return json.loads(self.run_merlon("store", "info", "--store", "s.db", "--format", "json").stdout)["events"]

    def test_stored_bills_are_held_against_new_advisories(self):
        self.write("b.json", bill("pkg:npm/package-1@1.0.0", "pkg:npm/package-2@1.0.0"))
        self.run_merlon("import", "--store", "s.db", "--repository", "acme/shop", "--ref", "main", "--commit", COMMIT, "b.json")
        self.advisories(1)
        self.assertIn("1 bill of materials matched", self.rematch().stdout)
        self.assertEqual(self.open("repo:acme/shop", "ref:main"), ["CVE-2025-1"])
        events = self.events()
        self.rematch()
        self.assertEqual(self.events(), events)  # nothing is new
        self.advisories(1, 2)
        self.assertIn("1 new, 1 known", self.rematch().stdout)
        self.assertEqual(self.open(), ["CVE-2025-1", "CVE-2025-2"])
        # A decision holds for what the next advisory brings, and one that was withdrawn is gone.
        self.run_merlon("findings", "decide", "--store", "s.db", "--package", "pkg:npm/package-2", "--verdict", "not_affected",
                        "--reason", "build time")
        self.advisories(2)
        self.assertIn("1 closed", self.rematch().stdout)
        self.assertEqual(self.open(), [])
        self.assertEqual(self.events(), events + 3)
        # A later bill of the same artifact takes the place of the first one.
        self.write("b.json", bill("pkg:npm/package-2@9.0.0"))
        self.run_merlon("import", "--store", "s.db", "--repository", "acme/shop", "--ref", "main", "b.json")
        self.assertIn("1 closed", self.rematch().stdout)
        self.run_merlon("store", "check", "--store", "s.db")

    def test_a_bill_inside_of_a_statement_is_one_and_a_worker_matches_it(self):
        statement = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://cyclonedx.org/bom",
                     "subject": [{"name": "shop", "digest": {"sha256": DIGEST}}], "predicate": bill("pkg:npm/package-1@1.0.0")}
        payload = base64.b64encode(json.dumps(statement).encode()).decode()
        self.write("b.json", {"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": [{"sig": "AA=="}]})
        self.run_merlon("import", "--store", "s.db", "--repository", "acme/shop", "b.json")
        self.advisories(1)
        self.assertIn("job", self.run_merlon("store", "rematch", "--store", "s.db", "--queue").stdout)
        done = self.run_merlon("worker", "--store", "s.db", "--database", "a.db", "--once", "--lanes", "user")
        self.assertIn("1 jobs done", done.stdout)
        self.assertEqual(self.open("repo:acme/shop"), ["CVE-2025-1"])
        self.assertIn("1 findings new", self.run_merlon("jobs", "list", "--store", "s.db", "--format", "json").stdout)
        # A statement alone as well, by what the import of a worker says of it.
        self.write("c.json", {**statement, "subject": [{"name": "other", "digest": {"sha256": "ab" * 32}}],
                              "predicate": {**statement["predicate"], "metadata": {}}})
        self.run_merlon("import", "--store", "s.db", "--queue", "c.json")
        self.run_merlon("worker", "--store", "s.db", "--database", "a.db", "--once", "--lanes", "user")
        self.assertIn("2 bills of materials matched", self.rematch().stdout)
        self.assertEqual(self.open("repo:other"), ["CVE-2025-1"])

    def test_without_advisories_nothing_is_said(self):
        self.write("b.json", bill("pkg:npm/package-1@1.0.0"))
        self.run_merlon("import", "--store", "s.db", "b.json")
        self.assertIn("a.db", self.rematch(code=2).stderr)
        self.assertEqual(self.events(), 1)


if __name__ == "__main__":
    evidence_test.MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
