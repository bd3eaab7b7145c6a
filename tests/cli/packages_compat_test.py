#!/usr/bin/env python3
"""The fronts of Trivy, Grype and OSV-Scanner as a pipeline meets them:
packages_compat_test.py MERLON [unittest arguments]"""

import json
import os
import pathlib
import subprocess
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import packages_test  # noqa: E402
from packages_test import lock, record  # noqa: E402

SECRET = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1z" + "Q7"  # put together, so that none stands here


class Compat(packages_test.Packages):
    def setUp(self):
        super().setUp()
        self.write("package-lock.json", lock({"lodash": "4.17.15", "left-pad": "1.3.0"}))
        self.write("web/package-lock.json", lock({"minimist": {"version": "1.2.0", "dev": True}}))
        self.db = self.database(
            record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21", aliases=["CVE-2026-1000"]),
            {**record("GHSA-dddd-eeee-ffff", "minimist", "1.2.6"), "severity": [],
             "database_specific": {"severity": "LOW"}})

    def peer(self, *words, code, env=None):
        return self.run_merlon("compat", *words, code=code, env={"MERLON_DATABASE": str(self.db), **(env or {})})

    def document(self, *words, code, env=None):
        return json.loads(self.peer(*words, code=code, env=env).stdout)

    # ---- what all three share

    def test_what_is_not_served_is_refused_and_never_passed_over(self):
        for words in (["trivy", "image", "alpine"], ["trivy", "fs", "--scanners", "vuln,misconfig", "."],
                      ["trivy", "fs", "--format", "template", "--template", "@x", "."],
                      ["trivy", "fs", "--ignore-policy", "x.rego", "."], ["trivy", "fs", "--bogus", "."],
                      ["grype", "alpine:3"], ["grype", "db", "update"], ["grype", ".", "-o", "template"],
                      ["grype", ".", "-o", "spdx"], ["grype", ".", "--fail-on", "bad"],
                      ["osv-scanner", "scan", "image", "x"], ["osv-scanner", "--licenses", "MIT", "."],
                      ["osv-scanner", "--call-analysis", "all", "."]):
            with self.subTest(words=words):
                done = self.peer(*words, code=2)
                self.assertEqual(done.stdout, "")
                self.assertIn(words[0] + ": ", done.stderr)

    def test_without_a_database_nothing_passes(self):
        for words, code in ((["trivy", "fs", "."], 2), (["grype", "."], 2), (["osv-scanner", "."], 127)):
            done = self.run_merlon("compat", *words, code=code)
            self.assertIn("merlon db build", done.stderr)

    def test_what_could_not_be_looked_at_is_told(self):
        self.write("requirements.txt", "flask==1.0\n")  # of PyPI there are no advisories
        for words, peers in ((["trivy", "fs", "."], 0), (["grype", "."], 0), (["osv-scanner", "."], 1)):
            done = self.peer(*words, code=2)
            self.assertIn("no-advisories", done.stderr)
            self.assertNotEqual(done.stdout, "")
            self.peer(*words, "--exact-exit", code=peers)

    def test_the_name_of_the_program_is_the_front(self):
        for name, words, code in (("trivy", ["fs", "--exit-code", "7", "."], 7), ("grype", [".", "-f", "low"], 2),
                                  ("osv-scanner", ["."], 1)):
            link = self.folder / name
            link.symlink_to(os.path.abspath(packages_test.MERLON))
            done = subprocess.run([link, *words], cwd=self.tree, capture_output=True, text=True,
                                  env={**os.environ, "MERLON_DATABASE": str(self.db)}, timeout=60)
            self.assertEqual(done.returncode, code, done.stderr)

    def test_an_sbom_gives_what_its_tree_gives(self):
        self.run_merlon("sbom", ".", "--output", "cyclonedx-json=../bom.json", code=0)
        trivy = self.document("trivy", "sbom", "../bom.json", "-f", "json", code=0)
        self.assertEqual([(r["Target"], r["Type"]) for r in trivy["Results"]], [("Node.js", "node-pkg")])
        self.assertEqual(len(trivy["Results"][0]["Vulnerabilities"]), 2)
        grype = self.document("grype", "sbom:../bom.json", "-o", "json", code=0)
        self.assertEqual(len(grype["matches"]), 2)
        osv = self.document("osv-scanner", "--sbom", "../bom.json", "-f", "json", code=1)
        self.assertEqual(osv["results"][0]["source"]["type"], "sbom")

    def test_sarif_is_sarif(self):
        for words, code in ((["trivy", "fs", ".", "-f", "sarif"], 0), (["grype", ".", "-o", "sarif"], 0),
                            (["osv-scanner", "-r", ".", "-f", "sarif"], 1)):
            log = self.document(*words, code=code)
            self.assertEqual(log["version"], "2.1.0")
            self.assertTrue(log["runs"][0]["results"])

    # ---- templates of reports

    def test_a_template_of_trivys_reads_the_fields_of_its_structs(self):
        text = ("{{ range . }}{{ $target := .Target }}{{ range .Vulnerabilities }}{{ $target }} {{ .VulnerabilityID }} "
                "{{ .Vulnerability.Severity }} {{ escapeXML .Title }}|{{ len .CweIDs }}|{{ .Layer.DiffID }};{{ end }}"
                "{{ len .Misconfigurations }}{{ if .MisconfSummary }}!{{ end }}{{ end }} {{ env \"WHO\" }}")
        done = self.peer("trivy", "fs", ".", "--scanners", "vuln", "--format", "template", "--template", text,
                         code=0, env={"WHO": "me"})
        self.assertIn("package-lock.json CVE-2026-1000 CRITICAL ", done.stdout)
        self.assertTrue(done.stdout.endswith(" me"), done.stdout)
        words = ("{{ range . }}{{ range .Vulnerabilities }}{{ range $source, $severity := .VendorSeverity }}"
                 "{{ $source }}={{ $severity }};{{ end }}{{ end }}{{ end }}")
        done = self.peer("trivy", "fs", ".", "--format", "template", "--template", words, code=0)
        self.assertIn("ghsa=CRITICAL;", done.stdout)
        self.write("own.tpl", "{{ range . }}{{ .Nothing }}{{ end }}")
        self.assertIn("no field Nothing", self.peer("trivy", "fs", ".", "-f", "template", "-t", "@own.tpl", code=2).stderr)

    def test_the_templates_of_trivys_repository_are_there_without_it(self):
        def shown(name):
            done = self.peer("trivy", "fs", ".", "-f", "template", "-t", "@contrib/" + name, code=0)
            self.assertIn("Merlon's own template", done.stderr)
            return done.stdout
        suites = xml.etree.ElementTree.fromstring(shown("junit.tpl"))
        self.assertEqual([case.get("classname") for case in suites.iter("testcase")],
                         ["lodash-4.17.15"])
        gitlab = json.loads(shown("gitlab.tpl"))
        self.assertEqual(gitlab["vulnerabilities"][0]["id"], "CVE-2026-1000")
        self.assertEqual(gitlab["vulnerabilities"][0]["severity"], "Critical")
        quality = json.loads(shown("gitlab-codequality.tpl"))
        self.assertEqual([issue["severity"] for issue in quality], ["critical"])
        self.assertIn("<td>lodash</td>", shown("html.tpl"))
        self.write("contrib/junit.tpl", "mine")
        done = self.peer("trivy", "fs", ".", "-f", "template", "-t", "@contrib/junit.tpl", code=0)
        self.assertEqual(done.stdout, "mine")

    def test_a_template_of_grypes(self):
        self.write("own.tmpl", "{{ .Source.Type }} {{ range byMatchName .Matches }}{{ .Artifact.Name }} "
                               "{{ .Vulnerability.ID }} {{ .Vulnerability.Fix.Versions | join \"+\" }} "
                               "{{ len .Artifact.CPEs }};{{ end }}{{ getLastIndex .Matches }}")
        done = self.peer("grype", ".", "-o", "template", "-t", "own.tmpl", code=0)
        self.assertEqual(done.stdout, "directory lodash GHSA-aaaa-bbbb-cccc 4.17.21 0;"
                                      "minimist GHSA-dddd-eeee-ffff 1.2.6 0;1")

    # ---- Trivy

    def weaknesses(self, *words, code=0, env=None):
        found = self.document("trivy", "fs", *words, "-f", "json", ".", code=code, env=env)
        return {v["VulnerabilityID"]: v for r in found["Results"] for v in r.get("Vulnerabilities", [])}

    def test_trivy_json(self):
        report = self.document("trivy", "fs", ".", "-f", "json", code=0)
        self.assertEqual(report["SchemaVersion"], 2)
        self.assertEqual((report["ArtifactName"], report["ArtifactType"]), (".", "filesystem"))
        result = report["Results"][0]
        self.assertEqual((result["Target"], result["Class"], result["Type"]),
                         ("package-lock.json", "lang-pkgs", "npm"))
        found = result["Vulnerabilities"][0]
        for key, value in {"VulnerabilityID": "CVE-2026-1000", "PkgName": "lodash", "InstalledVersion": "4.17.15",
                           "FixedVersion": "4.17.21", "Severity": "CRITICAL", "Status": "fixed",
                           "PkgID": "lodash@4.17.15", "VendorIDs": ["GHSA-aaaa-bbbb-cccc"]}.items():
            self.assertEqual(found[key], value, key)
        self.assertEqual(found["CVSS"]["ghsa"]["V3Score"], 9.8)
        self.assertIn("lodash", [p["Name"] for p in result["Packages"]])
        report = self.document("trivy", "fs", ".", "-f", "json", "--list-all-pkgs=false", code=0)
        self.assertNotIn("Packages", report["Results"][0])

    def test_trivy_exit_code_and_filters(self):
        for words, code, found in (([], 0, {"CVE-2026-1000"}), (["--exit-code", "5"], 5, {"CVE-2026-1000"}),
                                   (["--exit-code", "5", "--include-dev-deps"], 5,
                                    {"CVE-2026-1000", "GHSA-dddd-eeee-ffff"}),
                                   (["--exit-code", "5", "--severity", "LOW,MEDIUM"], 0, set()),
                                   (["--exit-code", "5", "--severity", "low", "--include-dev-deps"], 5,
                                    {"GHSA-dddd-eeee-ffff"}),
                                   (["--exit-code", "5", "--skip-files", "package-lock.json"], 0, set()),
                                   (["--include-dev-deps", "--skip-dirs", "web"], 0, {"CVE-2026-1000"}),
                                   (["--ignore-unfixed", "--exit-code", "5"], 5, {"CVE-2026-1000"}),
                                   (["--ignore-status", "fixed", "--exit-code", "5"], 0, set()),
                                   (["--pkg-types", "os", "--exit-code", "5"], 0, set())):
            with self.subTest(words=words):
                self.assertEqual(set(self.weaknesses(*words, code=code)), found)
        self.assertEqual(set(self.weaknesses(code=6, env={"TRIVY_EXIT_CODE": "6"})), {"CVE-2026-1000"})
        self.peer("trivy", "fs", "--severity", "WORST", ".", code=2)

    def test_trivy_ignores(self):
        self.write(".trivyignore", "CVE-2026-1000\n")
        self.assertEqual(self.weaknesses("--exit-code", "5"), {})
        self.write("mine", "GHSA-zzzz\n")
        self.assertIn("CVE-2026-1000", self.weaknesses("--ignorefile", "mine"))
        report = self.document("trivy", "fs", ".", "-f", "json", "--show-suppressed", code=0)
        hidden = report["Results"][0]["ExperimentalModifiedFindings"][0]
        self.assertEqual((hidden["Status"], hidden["Finding"]["VulnerabilityID"]), ("ignored", "CVE-2026-1000"))
        (self.tree / ".trivyignore").unlink()
        self.write("vex.json", json.dumps({"@id": "v", "statements": [{
            "vulnerability": {"name": "CVE-2026-1000"}, "status": "not_affected",
            "impact_statement": "not called", "products": [{"@id": "pkg:npm/lodash@4.17.15"}]}]}))
        self.assertEqual(self.weaknesses("--vex", "vex.json"), {})
        self.peer("trivy", "fs", "--vex", "repo", ".", code=2)

    def test_trivy_yaml(self):
        self.write("trivy.yaml", "exit-code: 4\nseverity: [CRITICAL]\nreport: all\nexit-on-eol: 0\n"
                                 "vulnerability:\n  severity-source: [auto]\n")
        self.weaknesses(code=4)
        self.weaknesses("--exit-code", "3", code=3)
        self.write("trivy.yaml", "ignore-policy: x.rego\n")
        self.peer("trivy", "fs", ".", code=2)
        self.write("other.yaml", "scan: {odd: 1}\n")
        self.assertIn("scan.odd", self.peer("trivy", "fs", "--config", "other.yaml", ".", code=0).stderr)

    def test_trivy_finds_secrets(self):
        self.write("app.env", f"TOKEN={SECRET}\n")
        report = self.document("trivy", "fs", ".", "-f", "json", "--exit-code", "5", "--scanners", "secret", code=5)
        self.assertEqual([(r["Target"], r["Class"]) for r in report["Results"]], [("app.env", "secret")])
        self.assertNotIn(SECRET, json.dumps(report))
        report = self.document("trivy", "fs", ".", "-f", "json", "--scanners", "vuln", code=0)
        self.assertNotIn("secret", [r["Class"] for r in report["Results"]])

    def test_trivy_table_and_boms(self):
        table = self.peer("trivy", "fs", ".", code=0).stdout
        self.assertIn("package-lock.json (npm)", table)
        self.assertIn("Total: 1 (UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 1)", table)
        self.assertEqual(self.document("trivy", "fs", ".", "-f", "cyclonedx", code=0)["bomFormat"], "CycloneDX")
        self.assertIn("SPDX-2.3", self.peer("trivy", "fs", ".", "-f", "spdx", code=0).stdout)
        self.run_merlon("compat", "trivy", "fs", ".", "-f", "cyclonedx", code=0)  # no database
        self.peer("trivy", "fs", ".", "-f", "spdx-json", "-o", "out.json", code=0)
        self.assertEqual(json.loads((self.tree / "out.json").read_text())["spdxVersion"], "SPDX-2.3")

    def test_trivy_looks_for_licences(self):
        entries = {"": {"name": "shop", "version": "1.0.0"}}
        for name, licence in (("free", "MIT OR AGPL-3.0-only"), ("both", "MIT AND GPL-3.0-only"),
                              ("own", "Our own terms"), ("mild", "0BSD"),
                              ("odd", "MIT OR GPL-2.0-only WITH Classpath-exception-2.0"),
                              ("old", "GPL-2.0-with-classpath-exception")):
            entries["node_modules/" + name] = {"version": "1.0.0", "license": licence}
        self.write("package-lock.json", json.dumps({"name": "shop", "lockfileVersion": 3, "packages": entries}))
        words = ["trivy", "fs", ".", "--scanners", "license", "-f", "json"]
        report = self.document(*words, "--exit-code", "4", code=4)
        (found,) = [one for one in report["Results"] if one["Class"] == "license"]
        self.assertEqual(found["Target"], "package-lock.json")
        self.assertEqual({one["PkgName"]: (one["Category"], one["Severity"]) for one in found["Licenses"]},
                         {"free": ("notice", "LOW"), "both": ("restricted", "HIGH"),
                          "own": ("unknown", "UNKNOWN"), "mild": ("unencumbered", "LOW"),
                          "odd": ("unknown", "UNKNOWN"), "old": ("restricted", "HIGH")})
        self.write(".trivyignore.yaml", "licenses:\n  - id: GPL-2.0-with-classpath-exception\n    paths: ['package-*']\n")
        self.assertFalse([one for one in report["Results"] if "Vulnerabilities" in one])
        report = self.document(*words, "--severity", "HIGH", "--ignored-licenses", "MIT AND GPL-3.0-only",
                               "--exit-code", "4", code=0)
        self.assertFalse([one for one in report["Results"] if one["Class"] == "license"])
        self.write(".trivyignore.yaml", "licenses: []\n")
        table = self.peer("trivy", "fs", ".", "--scanners", "license", code=0).stdout
        self.assertIn("package-lock.json (license)", table)
        self.assertIn("restricted", table)
        self.peer("trivy", "fs", ".", "--scanners", "license", "-f", "sarif", code=2)

    def test_boms_name_the_weaknesses_that_the_other_formats_show(self):
        self.write(".trivyignore", "CVE-2026-1000\n")
        bom = self.document("trivy", "fs", ".", "-f", "cyclonedx", "--scanners", "vuln", code=0)
        self.assertNotIn("vulnerabilities", bom)
        (self.tree / ".trivyignore").unlink()
        for words, version, name in (
                (["trivy", "fs", ".", "-f", "cyclonedx", "--scanners", "vuln"], "1.7", "CVE-2026-1000"),
                (["grype", ".", "-o", "cyclonedx-json"], "1.6", None),
                (["osv-scanner", ".", "--format", "cyclonedx-1-4"], "1.4", None),
                (["osv-scanner", ".", "--format", "cyclonedx-1-5"], "1.5", None)):
            with self.subTest(words=words):
                bom = self.document(*words, code=1 if words[0] == "osv-scanner" else 0)
                self.assertEqual(bom["specVersion"], version)
                refs = {component["bom-ref"] for component in bom["components"]}
                found = [one for one in bom["vulnerabilities"]
                         if "CVE-2026-1000" in [one["id"]] + [other["id"] for other in one.get("references", [])]]
                self.assertEqual(len(found), 1)
                if name:
                    self.assertEqual(found[0]["id"], name)
                self.assertEqual(found[0]["affects"], [{"ref": "pkg:npm/lodash@4.17.15", "versions": [
                    {"version": "4.17.15", "status": "affected"}]}])
                self.assertIn(found[0]["affects"][0]["ref"], refs)
                self.assertEqual(found[0]["recommendation"], "Update to 4.17.21 or later.")
        self.assertIn("<vulnerability ", self.peer("grype", ".", "-o", "cyclonedx", code=0).stdout)
        self.assertIn("SPDX-2.3", self.peer("osv-scanner", ".", "--format", "spdx-2-3", code=1).stdout)

    def test_trivy_skips_below_the_argument_inside_of_a_repository(self):
        subprocess.run(["git", "init", "-q"], cwd=self.tree, check=True)
        self.write("a[b]/c/package-lock.json", lock({"lodash": "4.17.14"}))
        self.write("a[b]/package-lock.json", lock({"lodash": "4.17.13"}))
        self.write("a[b]/c/app.env", f"TOKEN={SECRET}\n")
        report = self.document("trivy", "fs", "a[b]", "-f", "json", "--skip-dirs", "c", code=0)
        self.assertEqual([r["Target"] for r in report["Results"]], ["package-lock.json"])

    # ---- Grype

    def test_grype_json(self):
        report = self.document("grype", "dir:.", "-o", "json", code=0)
        self.assertEqual(report["source"], {"type": "directory", "target": "."})
        match = report["matches"][0]
        self.assertEqual(match["vulnerability"]["id"], "GHSA-aaaa-bbbb-cccc")
        self.assertEqual(match["vulnerability"]["fix"], {"versions": ["4.17.21"], "state": "fixed"})
        self.assertEqual(match["vulnerability"]["severity"], "Critical")
        self.assertEqual([v["id"] for v in match["relatedVulnerabilities"]], ["CVE-2026-1000"])
        self.assertEqual((match["artifact"]["type"], match["artifact"]["purl"]), ("npm", "pkg:npm/lodash@4.17.15"))
        self.assertEqual(match["artifact"]["locations"][0]["path"], "/package-lock.json")
        report = self.document("grype", ".", "--by-cve", "-o", "json", code=0)
        self.assertEqual(report["matches"][0]["vulnerability"]["id"], "CVE-2026-1000")

    def test_grype_exit_code_and_filters(self):
        for words, code, count in ((["--fail-on", "critical"], 2, 2), (["-f", "low", "--only-notfixed"], 0, 0),
                                   (["-f", "low", "--only-fixed"], 2, 2), (["--ignore-states", "fixed"], 0, 0),
                                   (["-f", "medium", "--exclude", "./package-lock.json"], 0, 1),
                                   (["--exclude", "**/web/**"], 0, 1)):
            with self.subTest(words=words):
                report = self.document("grype", ".", "-o", "json", *words, code=code)
                self.assertEqual(len(report["matches"]), count)
        self.peer("grype", ".", code=2, env={"GRYPE_FAIL_ON_SEVERITY": "high"})
        self.write(".grype.yaml", "fail-on-severity: high\nodd: 1\nignore:\n- vulnerability: GHSA-dddd-eeee-ffff\n")
        done = self.peer("grype", ".", "-o", "json=out.json", "-o", "table", code=2)
        self.assertIn("odd", done.stderr)
        report = json.loads((self.tree / "out.json").read_text())
        self.assertEqual([len(report["matches"]), len(report["ignoredMatches"])], [1, 1])
        self.assertIn("NAME", done.stdout)

    # ---- OSV-Scanner

    def test_osv_scanner_json(self):
        report = self.document("osv-scanner", "scan", "source", "-r", ".", "--format", "json", code=1)
        source = report["results"][0]["source"]
        self.assertEqual((pathlib.Path(source["path"]).resolve(), source["type"]),
                         ((self.tree / "package-lock.json").resolve(), "lockfile"))
        package = report["results"][0]["packages"][0]
        self.assertEqual(package["package"], {"name": "lodash", "version": "4.17.15", "ecosystem": "npm"})
        self.assertEqual(package["groups"], [{"ids": ["GHSA-aaaa-bbbb-cccc"], "max_severity": "9.8",
                                              "aliases": ["CVE-2026-1000", "GHSA-aaaa-bbbb-cccc"]}])
        self.assertEqual(package["vulnerabilities"][0]["affected"][0]["package"]["name"], "lodash")
        self.assertEqual(report["results"][1]["packages"][0]["dependency_groups"], ["dev"])
        every = self.document("osv-scanner", ".", "--all-packages", "-f", "json", code=1)
        self.assertEqual([p["package"]["name"] for p in every["results"][0]["packages"]], ["lodash", "left-pad"])

    def test_osv_scanner_return_codes(self):
        (self.tree / "none").mkdir()
        self.write("clean/package-lock.json", lock({"left-pad": "1.3.0"}))
        for words, code in ((["."], 1), (["clean"], 0), (["none"], 128), (["none", "--allow-no-lockfiles"], 0),
                            (["-L", "clean/package-lock.json"], 0), (["-L", "package-lock.json:package-lock.json"], 1),
                            (["-L", "absent.lock"], 127), (["absent"], 127), (["--bogus"], 127),
                            (["-r", ".", "--experimental-exclude", "web", "-f", "markdown"], 1)):
            with self.subTest(words=words):
                done = self.peer("osv-scanner", *words, code=code)
                self.assertNotIn("minimist", done.stdout)

    def test_osv_scanner_ignores_by_its_own_file(self):
        self.write("osv-scanner.toml", '[[IgnoredVulns]]\nid = "CVE-2026-1000"\nreason = "not used"\n')
        done = self.peer("osv-scanner", ".", code=0)
        self.assertIn("No issues found", done.stdout)
        self.peer("osv-scanner", ".", "--config", "absent.toml", code=127)

    def test_osv_scanner_annotates_pull_requests(self):
        done = self.peer("osv-scanner", ".", "-f", "gh-annotations", code=1)
        self.assertTrue(done.stdout.startswith("::error file=package-lock.json::"))
        self.assertEqual(done.stdout.count("\n"), 1)


# The parent's tests are another program's.
for name in vars(packages_test.Packages):
    if name.startswith("test_") and name not in vars(Compat):
        setattr(Compat, name, None)

if __name__ == "__main__":
    packages_test.MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], defaultTest=["Compat"])
