#!/usr/bin/env python3
"""Triage of other tools, and VEX, as decisions of the store: triage_test.py MERLON [unittest arguments]

The samples are written from the published schemas: DefectDojo's OpenAPI (/api/v2/oa3/schema), Dependency-Track's
Finding Packaging Format and OpenAPI, OpenVEX 0.2.0, CycloneDX 1.6."""

import json
import os
import sys
import unittest

import evidence_test
from evidence_test import EvidenceCase


def dojo_finding(number, **more):
    return {"id": number, "title": f"finding {number}", "severity": "High", "numerical_severity": "S1", "test": 7, "active": True,
            "verified": False, "false_p": False, "duplicate": False, "out_of_scope": False, "risk_accepted": False,
            "is_mitigated": False, "under_review": False, "notes": [], "vulnerability_ids": [], "accepted_risks": [],
            "component_name": None, "component_version": None, "file_path": None, "line": None, "cwe": 0, "tags": [], **more}


def package(number, cve, name, version, **more):
    return dojo_finding(number, vulnerability_ids=[{"vulnerability_id": cve}], component_name=name, component_version=version,
                        **more)


def page(*results, **more):
    return {"count": len(results), "next": None, "previous": None, "results": list(results), **more}


NAMES = {
    "users": [{"id": 3, "username": "ana", "first_name": "Ana"}, {"id": 4, "username": "ben"}],
    "tests": page({"id": 7, "engagement": 5, "test_type": 9, "title": "nightly"}),
    "engagements": page({"id": 5, "product": 2, "target_start": "2026-01-01"}),
    "products": page({"id": 2, "name": "shop", "prod_type": 1}),
    "test_types": page({"id": 9, "name": "Trivy Scan", "static_tool": True, "dynamic_tool": False}),
}
ACCEPTANCE = {"id": 12, "name": "old parser", "recommendation": "M", "recommendation_details": "not reachable", "decision": "A",
              "decision_details": "until the rewrite", "accepted_by": "Carla", "expiration_date": "2099-05-01T00:00:00Z",
              "owner": 3, "accepted_findings": [1, 99], "created": "2026-02-03T04:05:06.789Z", "notes": []}


class TriageCase(EvidenceCase):
    def imported(self, *words, code=0):
        done = self.run_merlon("import", "--store", "s.db", "--format", "json", *words, code=code)
        return json.loads(done.stdout)

    def listed(self, *words):
        done = self.run_merlon("findings", "list", "--store", "s.db", "--format", "json", *words)
        return json.loads(done.stdout)["findings"]

    def shown(self, rule):
        number = min(one["id"] for one in self.listed("rule:" + rule))
        return json.loads(self.run_merlon("findings", "show", "--store", "s.db", "--format", "json", str(number)).stdout)

    def open(self, *words):
        return sorted(one["rule"] for one in self.listed("is:open", *words))

    def trivy(self, *weaknesses):
        return {"SchemaVersion": 2, "ArtifactName": "shop", "ArtifactType": "repository", "Results": [
            {"Target": "package-lock.json", "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": [
                {"VulnerabilityID": cve, "PkgName": name, "InstalledVersion": version, "Severity": "HIGH",
                 "PkgIdentifier": {"PURL": f"pkg:npm/{name}@{version}"}} for cve, name, version in weaknesses]}]}


class Triage(TriageCase):
    def test_defectdojos_findings_come_with_what_was_decided(self):
        findings = page(
            package(1, "CVE-2026-1", "left-pad", "1.0.0", risk_accepted=True, active=False),
            package(2, "CVE-2026-2", "right-pad", "2.0.0", false_p=True, active=False, last_reviewed_by=4,
                    last_reviewed="2026-03-04T00:00:00Z",
                    notes=[{"id": 1, "author": {"id": 4, "username": "ben"}, "entry": "a test file", "date": "2026-03-04T00:00:00Z",
                            "private": False},
                           {"id": 2, "author": {"id": 4, "username": "ben"}, "entry": "mine", "date": "2026-03-05T00:00:00Z",
                            "private": True}]),
            package(3, "CVE-2026-3", "mid-pad", "1.0.0"),
            dojo_finding(4, title="SQL injection", vuln_id_from_tool="sql", file_path="src/db.py", line=8, out_of_scope=True,
                         active=False),
            package(5, "CVE-2026-4", "x", "1", duplicate=True), package(6, "CVE-2026-5", "x", "1", is_mitigated=True))
        files = [self.write("findings.json", findings), self.write("accepted.json", page(ACCEPTANCE)),
                 self.write("names.json", NAMES)]
        first, accepted, _ = self.imported("--from", "defectdojo", *files)
        self.assertEqual((first["runs"][0]["repository"], first["runs"][0]["tool"]), ("shop", "trivy"))
        decided = first["decisions"]
        self.assertEqual((decided["applied"], decided["waiting"], decided["endsSet"]), (3, 0, 2))
        self.assertEqual(decided["notCarried"], {
            "a finding is a duplicate of another one": 1, "a finding is mitigated: it is gone": 1,
            "a note is private: it stays in the kept document": 1,
            "a risk acceptance is of a finding that is in none of the documents": 1,
            "no report of its tool in the store tells of it there: import that first, and this once more": 1})
        self.assertEqual(accepted["title"], "DefectDojo's API, 1 risk acceptances")
        self.assertEqual(self.open(), ["CVE-2026-3"])
        made = self.shown("CVE-2026-1")["decisions"][0]
        self.assertEqual((made["verdict"], made["author"], made["approvedBy"], made["made"], made["expires"]),
                         ("accepted", "Carla", "ana", "2026-02-03T04:05:06Z", "2099-05-01T00:00:00Z"))
        self.assertEqual(made["reason"], "old parser: not reachable; until the rewrite")
        self.assertEqual(made["importedFrom"], "DefectDojo, risk acceptance 12")
        made = self.shown("CVE-2026-2")["decisions"][0]
        self.assertEqual((made["verdict"], made["author"], made["reason"]), ("false_positive", "ben", "false positive: a test file"))
        # The same once more is nothing new.
        again = self.imported("--from", "defectdojo", *files)[0]["decisions"]
        self.assertEqual((again["applied"], again["waiting"], again["known"]), (0, 0, 3))
        # What Trivy itself finds next has its decision already, in that version of the package.
        self.write("trivy.json", self.trivy(("CVE-2026-1", "left-pad", "1.0.0"), ("CVE-2026-3", "mid-pad", "1.0.0")))
        self.imported("--repository", "shop", "trivy.json")
        self.assertEqual(set(self.open()), {"CVE-2026-3"})
        self.write("trivy.json", self.trivy(("CVE-2026-1", "left-pad", "1.0.1"), ("CVE-2026-3", "mid-pad", "1.0.0")))
        self.imported("--repository", "shop", "trivy.json")
        self.assertIn("CVE-2026-1", self.open())
        self.run_merlon("store", "check", "--store", "s.db")

    def test_what_is_none_of_defectdojos_is_refused(self):
        self.write("f.json", page({"id": 1, "what": 2}))
        done = self.run_merlon("import", "--store", "s.db", "--from", "defectdojo", "f.json", code=2)
        self.assertIn("f.json:1:", done.stderr)
        self.assertIn("expected a record of findings, risk_acceptance, users", done.stderr)
        self.write("f.json", page(dojo_finding(1, false_p="yes")))
        self.assertIn("false_p", self.run_merlon("import", "--store", "s.db", "f.json", code=2).stderr)
        self.write("good.json", page(dojo_finding(1)))
        self.write("bad.json", "{")
        done = self.run_merlon("import", "--store", "s.db", "--from", "defectdojo", "good.json", "bad.json", code=2)
        self.assertIn("another document of the command", done.stderr)

    def test_dependency_tracks_analyses_come_with_their_trail(self):
        def finding(cve, name, version, state, suppressed=False):
            return {"component": {"uuid": "c-" + name, "name": name, "version": version, "purl": f"pkg:npm/{name}@{version}",
                                  "project": "p"},
                    "vulnerability": {"uuid": "v-" + cve, "source": "NVD", "vulnId": cve, "severity": "HIGH",
                                      "cwes": [{"cweId": 79, "name": "x"}], "aliases": [{"cveId": cve, "ghsaId": "GHSA-" + name}]},
                    "analysis": {"state": state, "isSuppressed": suppressed}, "attribution": {"analyzerIdentity": "OSSINDEX"},
                    "matrix": f"p:c-{name}:v-{cve}"}
        self.write("export.json", {"version": "1.2", "meta": {"application": "Dependency-Track", "version": "4.12.0"},
                                   "project": {"uuid": "p", "name": "shop", "version": "main"}, "findings": [
            finding("CVE-2026-1", "left-pad", "1.0.0", "NOT_AFFECTED", True), finding("CVE-2026-2", "right-pad", "2.0.0", "EXPLOITABLE"),
            finding("CVE-2026-3", "mid-pad", "1.0.0", "NOT_SET")]})
        self.write("analyses.json", [{"project": "p", "component": "c-left-pad", "vulnerability": "v-CVE-2026-1", "analysis": {
            "analysisState": "NOT_AFFECTED", "analysisJustification": "CODE_NOT_REACHABLE", "analysisResponse": "NOT_SET",
            "analysisDetails": "only at build time", "isSuppressed": True, "analysisComments": [
                {"timestamp": 1770000000000, "comment": "Analysis: NOT_SET → NOT_AFFECTED", "commenter": "ana"},
                {"timestamp": 1770000100000, "comment": "asked the team", "commenter": "ben"}]}}])
        first, second = self.imported("--from", "dependency-track", "export.json", "analyses.json")
        self.assertEqual(first["decisions"]["applied"], 2)
        self.assertEqual(first["decisions"]["notCarried"],
                         {"the trail that says who and when is not there: export /analysis too": 1})
        self.assertEqual(second["title"], "Dependency-Track's API, 1 analyses")
        self.assertEqual(self.open(), ["CVE-2026-2", "CVE-2026-3"])
        made = self.shown("CVE-2026-1")["decisions"][0]
        self.assertEqual((made["verdict"], made["justification"], made["author"], made["made"]), (
            "not_affected", "vulnerable_code_not_in_execute_path", "ana", "2026-02-02T02:40:00Z"))
        self.assertEqual(made["reason"], "not_affected: code_not_reachable: only at build time; asked the team")
        self.assertEqual([one["rule"] for one in self.listed("decision:affected")], ["CVE-2026-2"])
        # An advisory under another of its names, in the same version.
        self.write("trivy.json", self.trivy(("GHSA-left-pad", "left-pad", "1.0.0")))
        self.imported("--repository", "shop", "trivy.json")
        self.assertEqual(self.open(), ["CVE-2026-2", "CVE-2026-3"])


class Vex(TriageCase):
    def openvex(self, *statements, **more):
        return {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://acme.example/vex-1", "author": "Acme PSIRT",
                "timestamp": "2026-01-02T03:04:05Z", "version": 1, "statements": list(statements), **more}

    @staticmethod
    def statement(cve, status, product, *components, **more):
        if status == "not_affected":
            more = {"justification": "vulnerable_code_not_present", **more}
        return {"vulnerability": {"name": cve}, "status": status, **more, "products": [
            {"@id": product, **({"subcomponents": [{"@id": one} for one in components]} if components else {})}]}

    def test_a_statement_about_a_package_holds_for_that_version_and_for_what_comes(self):
        self.write("v.json", self.openvex(self.statement("CVE-2026-1", "not_affected", "pkg:npm/left-pad@1.0.0"),
                                          self.statement("CVE-2026-2", "fixed", "pkg:npm/left-pad@1.0.0"),
                                          self.statement("CVE-2026-3", "under_investigation", "pkg:npm/left-pad@1.0.0")))
        decided = self.imported("v.json")[0]["decisions"]
        self.assertEqual((decided["applied"], decided["waiting"]), (0, 3))
        self.write("t.json", self.trivy(*[(f"CVE-2026-{i}", "left-pad", "1.0.0") for i in (1, 2, 3, 4)]))
        self.imported("t.json")
        self.assertEqual(self.open(), ["CVE-2026-3", "CVE-2026-4"])
        made = self.shown("CVE-2026-1")["decisions"][0]
        self.assertEqual((made["verdict"], made["author"], made["made"], made["justification"]),
                         ("not_affected", "Acme PSIRT", "2026-01-02T03:04:05Z", "vulnerable_code_not_present"))
        self.assertEqual(made["target"], {"rule": "CVE-2026-1", "package": "pkg:npm/left-pad", "version": "1.0.0"})
        # The version goes up, the finding stays one, and nobody has said anything about it.
        self.write("t.json", self.trivy(*[(f"CVE-2026-{i}", "left-pad", "1.1.0") for i in (1, 2, 3, 4)]))
        self.imported("t.json")
        self.assertEqual(len(self.open()), 4)
        self.run_merlon("store", "check", "--store", "s.db")

    def test_a_later_statement_wins_whatever_the_order_of_files(self):
        self.write("t.json", self.trivy(("CVE-2026-1", "left-pad", "1.0.0")))
        self.imported("t.json")
        product = "pkg:npm/left-pad@1.0.0"
        self.write("late.json", self.openvex(self.statement("CVE-2026-1", "affected", product, timestamp="2026-03-01T00:00:00Z")))
        self.write("early.json", self.openvex(self.statement("CVE-2026-1", "not_affected", product)))
        self.imported("late.json")
        decided = self.imported("early.json")[0]["decisions"]
        self.assertEqual(decided["notCarried"], {"something was decided about the same later": 1})
        self.assertEqual(self.open(), ["CVE-2026-1"])

    def test_a_part_of_a_product_is_decided_about_in_that_product_only(self):
        self.write("t.json", self.trivy(("CVE-2026-1", "left-pad", "1.0.0")))
        for repository in ("github.com/acme/shop", "github.com/acme/other"):
            self.imported("--repository", repository, "t.json")
        self.write("v.json", self.openvex(
            self.statement("CVE-2026-1", "not_affected", "pkg:github/acme/shop@v1", "pkg:npm/left-pad@1.0.0"),
            self.statement("CVE-2026-1", "not_affected", "pkg:oci/unknown@sha256%3Aaa", "pkg:npm/left-pad@1.0.0")))
        decided = self.imported("v.json")[0]["decisions"]
        self.assertEqual(decided["applied"], 1)
        self.assertEqual(len(decided["notCarried"]), 1)
        self.assertEqual(self.open("repo:github.com/acme/shop"), [])
        self.assertEqual(self.open("repo:github.com/acme/other"), ["CVE-2026-1"])
        # Whoever says what the document is about cannot make another product of the unknown one …
        decided = self.imported("--repository", "github.com/acme/other", "v.json")[0]["decisions"]
        self.assertEqual((decided["applied"], decided["known"], len(decided["notCarried"])), (0, 1, 1))
        self.assertEqual(self.open(), ["CVE-2026-1"])
        # … but may say where that of its name is.
        self.write("o.json", self.openvex(
            self.statement("CVE-2026-1", "not_affected", "pkg:oci/other@sha256%3Aaa", "pkg:npm/left-pad@1.0.0")))
        decided = self.imported("--repository", "github.com/acme/other", "o.json")[0]["decisions"]
        self.assertEqual(decided["applied"], 1)
        self.assertEqual(self.open(), [])

    def test_what_is_said_of_another_product_closes_nothing_here(self):
        self.write("t.json", self.trivy(("CVE-2026-1", "left-pad", "1.0.0")))
        self.imported("--repository", "acme/shop", "t.json")
        for product, *components in (["pkg:oci/other-image"], ["https://acme.example/thing"], ["Appliance 9"],
                                     ["pkg:github/acme/other", "pkg:npm/left-pad"]):
            self.write("v.json", self.openvex(self.statement("CVE-2026-1", "not_affected", product, *components)))
            decided = self.imported("--repository", "acme/shop", "v.json")[0]["decisions"]
            self.assertEqual((decided["applied"], sum(decided["notCarried"].values())), (0, 1), product)
        self.assertEqual(self.open(), ["CVE-2026-1"])

    def refused(self, document):
        self.write("bad.json", document)
        return self.run_merlon("import", "--store", "s.db", "bad.json", code=2).stderr

    def test_a_moment_that_is_none_or_is_to_come_refuses_the_document(self):
        for moment in ("2999-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-02T03:04:05", "2026-01-02", "yesterday"):
            said = self.refused(self.openvex(self.statement("CVE-2026-1", "fixed", "pkg:npm/a", timestamp=moment)))
            self.assertRegex(said, r"bad\.json:\d+:\d+: timestamp '" + moment)
            self.assertIn("current_release_date '" + moment, self.refused(self.csaf(current_release_date=moment)))

    @staticmethod
    def csaf(product="P1", reasons=True, category="csaf_vex", **tracking):
        return {"document": {"category": category, "csaf_version": "2.0", "publisher": {"name": "Acme"}, "tracking": {
                    "id": "A-1", "status": "final", "current_release_date": "2026-01-02T00:00:00Z", **tracking}},
                "product_tree": {
                    "full_product_names": [{"product_id": "P1", "name": "p", "product_identification_helper": {
                        "purl": "pkg:NPM/left-pad@1.0.0"}}],
                    "product_groups": [{"group_id": "G", "product_ids": ["P1"]}]},
                "vulnerabilities": [{"cve": "CVE-2026-1", "product_status": {"known_not_affected": [product]},
                                     **({"flags": [{"label": "component_not_present", "group_ids": ["G"]}]} if reasons else {})}]}

    def test_csaf_decides_about_products_that_it_has_and_says_why(self):
        self.write("t.json", self.trivy(("CVE-2026-1", "left-pad", "1.0.0")))
        self.imported("--repository", "acme/shop", "t.json")
        self.assertIn("product_status names 'NOPE'", self.refused(self.csaf("NOPE")))
        self.assertIn("known_not_affected names 'P1' without a flag", self.refused(self.csaf(reasons=False)))
        self.assertIn("found 'finished'", self.refused(self.csaf(status="finished")))
        lost = self.csaf()
        lost["product_tree"]["relationships"] = [{"full_product_name": {"product_id": "R", "name": "r"},
                                                  "product_reference": "NOPE", "relates_to_product_reference": "P1"}]
        self.assertIn("a relationship names the product 'NOPE'", self.refused(lost))
        for document, reason in ((self.csaf(status="draft"), "the document is a draft"),
                                 (self.csaf(reasons=False, category="csaf_security_advisory"),
                                  "it says not_affected, and not why")):
            self.write("v.json", document)
            self.assertEqual(self.imported("v.json")[0]["decisions"]["notCarried"], {reason: 1})
        self.assertEqual(self.open(), ["CVE-2026-1"])
        # The type of a package URL has no case.
        self.write("v.json", self.csaf())
        self.assertEqual(self.imported("v.json")[0]["decisions"]["applied"], 1)
        self.assertEqual(self.open(), [])

    def test_qualifiers_are_compared_as_far_as_both_have_them(self):
        purl = "pkg:deb/debian/openssl@3.0.1"
        self.write("g.json", {"matches": [{"vulnerability": {"id": "CVE-2026-1", "severity": "High"}, "artifact": {
            "name": "openssl", "version": "3.0.1", "type": "deb", "purl": purl + "?arch=amd64&distro=debian-11"}}],
            "descriptor": {"name": "grype", "version": "0.1"}})
        self.imported("g.json")
        for qualifiers, is_open in (("?arch=amd64&distro=debian-12", True), ("?distro=debian-11&epoch=1", False)):
            self.write("v.json", self.openvex(self.statement("CVE-2026-1", "not_affected", purl + qualifiers)))
            decided = self.imported("v.json")[0]["decisions"]
            self.assertEqual(decided["notCarried"], {
                "its package URL has other qualifiers than the packages that were found": 1} if is_open else {})
            self.assertEqual(self.open(), ["CVE-2026-1"] if is_open else [])
        self.run_merlon("store", "check", "--store", "s.db")

    def test_an_analysis_of_cyclonedx_is_a_statement_about_its_product(self):
        self.write("t.json", self.trivy(("CVE-2026-1", "left-pad", "1.0.0")))
        self.imported("--repository", "shop", "t.json")
        self.write("v.cdx.json", {
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {
                "timestamp": "2026-01-01T00:00:00Z", "authors": [{"name": "Ana"}],
                "component": {"type": "application", "bom-ref": "root", "name": "shop", "version": "1"}},
            "vulnerabilities": [{"id": "CVE-2026-1", "analysis": {"state": "not_affected", "justification": "code_not_reachable",
                                                                  "detail": "never called"},
                                 "affects": [{"ref": "pkg:npm/left-pad@1.0.0"}]}]})
        decided = self.imported("v.cdx.json")[0]["decisions"]
        self.assertEqual(decided["applied"], 1)
        made = self.shown("CVE-2026-1")["decisions"][0]
        self.assertEqual((made["author"], made["reason"]), ("Ana", "not_affected: code_not_reachable: never called"))
        self.assertEqual(self.open(), [])


if __name__ == "__main__":
    evidence_test.MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
