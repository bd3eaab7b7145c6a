#!/usr/bin/env python3
"""Packages as a user meets them: packages_test.py MERLON [unittest arguments]

SBOMs in every format, a scan against a small database that is built here, and the review of a change.
"""

import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

MERLON = None
SOURCE = pathlib.Path(__file__).resolve().parents[2]
CORPORA = pathlib.Path(os.environ.get("MERLON_CORPORA", SOURCE.parent / "shared" / "corpora"))

REGISTRY = "https://registry.example.com"


def lock(packages, name="shop"):
    """A package-lock.json of version 3; packages: name to version, or to a whole entry."""
    entries = {"": {"name": name, "version": "1.0.0",
                    "dependencies": {package: "*" for package in packages}}}
    for package, what in packages.items():
        entry = what if isinstance(what, dict) else {"version": what}
        entries[f"node_modules/{package}"] = {
            "resolved": f"{REGISTRY}/{package}/-/{package}-{entry['version']}.tgz",
            "integrity": "sha512-" + "A" * 86 + "==", "license": "MIT", **entry}
    return json.dumps({"name": name, "version": "1.0.0", "lockfileVersion": 3, "requires": True,
                       "packages": entries}, indent=1)


def record(identifier, package, fixed, ecosystem="npm", **more):
    return {"schema_version": "1.7.4", "id": identifier, "modified": "2026-01-01T00:00:00Z",
            "summary": f"A weakness of {package}",
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
            "affected": [{"package": {"ecosystem": ecosystem, "name": package},
                          "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"},
                                                                   {"fixed": fixed}]}]}], **more}


class PackagesCase(unittest.TestCase):
    """A tree, a home, and a database that is built on the spot."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="merlon-packages-"))
        self.home = self.folder / "home"
        self.tree = self.folder / "tree"
        self.home.mkdir()
        self.tree.mkdir()

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_merlon(self, *words, code=None, env=None, cwd=None):
        sanitizers = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), **sanitizers, **(env or {})}
        done = subprocess.run([MERLON, *map(str, words)], cwd=cwd or self.tree, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, env=environment)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stderr + done.stdout[:800])
        return done

    def write(self, name, text, tree=None):
        path = (tree or self.tree) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def database(self, *records):
        feed = self.folder / "feed"
        shutil.rmtree(feed, ignore_errors=True)
        feed.mkdir()
        for one in records:
            (feed / f"{one['id']}.json").write_text(json.dumps(one))
        path = self.folder / "advisories.db"
        self.run_merlon("db", "build", "--osv", feed, "--database", path, "--force", code=0)
        return path

    def findings(self, done):
        return {finding["rule"]: finding for finding in json.loads(done.stdout)["findings"]}

    def scan(self, *words, code, database):
        return self.findings(self.run_merlon("scan", "packages", *words, "--database", database,
                                             "--format", "json", code=code))


class Packages(PackagesCase):
    # ---- SBOMs

    def test_an_sbom_names_each_package_once_with_every_place(self):
        self.write("a/package-lock.json", lock({"lodash": "4.17.15"}))
        self.write("b/package-lock.json", lock({"lodash": "4.17.15"}))
        bom = json.loads(self.run_merlon("sbom", ".", code=0).stdout)
        found = [c for c in bom["components"] if c["name"] == "lodash"]
        self.assertEqual(len(found), 1)
        self.assertEqual(found[0]["purl"], "pkg:npm/lodash@4.17.15")
        self.assertEqual([o["location"] for o in found[0]["evidence"]["occurrences"]],
                         ["a/package-lock.json", "b/package-lock.json"])

    def test_documents_are_merged_compared_and_converted(self):
        for name, packages in (("api", {"lodash": "4.17.15"}), ("web", {"lodash": "4.17.15", "left-pad": "1.3.0"})):
            self.write(f"{name}/package-lock.json", lock(packages, name=name))
            self.run_merlon("sbom", name, "--output", f"{name}.cdx.json", "--output", f"spdx-json={name}.spdx.json",
                            code=0)
        done = self.run_merlon("sbom", "merge", "api.cdx.json", "web.spdx.json", "--name", "shop", code=0)
        bom = json.loads(done.stdout)
        self.assertEqual(bom["metadata"]["component"]["name"], "shop")
        self.assertEqual([c["name"] for c in bom["components"] if c["type"] == "library"], ["left-pad", "lodash"])
        self.assertEqual(self.run_merlon("sbom", "diff", "api.cdx.json", "api.spdx.json", code=0).stdout, "")
        done = self.run_merlon("sbom", "diff", "api.cdx.json", "web.cdx.json", code=1)
        self.assertEqual(done.stdout, "added    left-pad 1.3.0\nadded    web 1.0.0\nremoved  api 1.0.0\n")
        done = self.run_merlon("sbom", "diff", "api.cdx.json", "web.cdx.json", "--format", "json", code=1)
        self.assertEqual(json.loads(done.stdout)["added"][0], {"name": "left-pad", "detail": "1.3.0"})
        before = json.loads((self.tree / "api.cdx.json").read_text())
        before["components"][0]["description"] = "told by hand"
        self.write("told.cdx.json", json.dumps(before))
        done = self.run_merlon("sbom", "convert", "told.cdx.json", "--format", "spdx-json", code=0)
        self.assertIn("told by hand", done.stdout)
        self.run_merlon("sbom", "convert", "api/package-lock.json", code=2)
        self.run_merlon("sbom", "merge", "api.cdx.json", code=2)

    def test_a_github_snapshot_is_of_a_commit_and_can_be_read_again(self):
        self.write("web/package-lock.json", lock({"lodash": "4.17.15", "left-pad": {"version": "1.3.0", "dev": True}}))
        self.run_merlon("sbom", ".", "--format", "github-snapshot", code=2)
        run = {"GITHUB_SHA": "0" * 40, "GITHUB_REF": "refs/heads/main", "GITHUB_RUN_ID": "7",
               "GITHUB_WORKFLOW": "ci", "GITHUB_JOB": "sbom"}
        self.run_merlon("sbom", ".", "--output", "github-snapshot=snapshot.json", code=0, env=run)
        snapshot = json.loads((self.tree / "snapshot.json").read_text())
        self.assertEqual(snapshot["job"], {"id": "7", "correlator": "ci_sbom"})
        manifest = snapshot["manifests"]["web/package-lock.json"]
        self.assertEqual({name: (entry["relationship"], entry["scope"]) for name, entry in manifest["resolved"].items()},
                         {"pkg:npm/lodash@4.17.15": ("direct", "runtime"),
                          "pkg:npm/left-pad@1.3.0": ("direct", "development")})
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        self.assertIn("GHSA-aaaa-bbbb-cccc", self.scan("sbom:snapshot.json", code=1, database=database))

    def test_a_document_of_a_single_package_is_matched(self):
        self.write("one.spdx.json", json.dumps({
            "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "one", "documentDescribes": ["SPDXRef-a"],
            "packages": [{"SPDXID": "SPDXRef-a", "name": "lodash", "versionInfo": "4.17.15", "externalRefs": [
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                 "referenceLocator": "pkg:npm/lodash@4.17.15"}]}]}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        self.assertIn("GHSA-aaaa-bbbb-cccc", self.scan("sbom:one.spdx.json", code=1, database=database))

    def test_equal_trees_give_equal_bytes(self):
        for i in range(20):
            self.write(f"p{i}/package-lock.json", lock({f"dep{i}": "1.0.0", "shared": "2.0.0"}))
        epoch = {"SOURCE_DATE_EPOCH": "1700000000"}
        texts = {self.run_merlon("sbom", ".", "--threads", threads, "--format", "spdx-json", code=0,
                                 env=epoch).stdout for threads in (1, 2, 8, 3)}
        self.assertEqual(len(texts), 1)
        self.assertIn("2023-11-14T22:13:20Z", texts.pop())

    def test_a_file_that_is_not_read_makes_the_sbom_incomplete(self):
        self.write("package-lock.json", "{ this is no lock file")
        self.write("b/package-lock.json", lock({"lodash": "4.17.15"}))
        done = self.run_merlon("sbom", ".", code=2)
        self.assertIn("package-lock.json", done.stderr)
        bom = json.loads(done.stdout)
        self.assertEqual(bom["compositions"][-1]["aggregate"], "incomplete")
        self.assertEqual([c["name"] for c in bom["components"] if c["type"] == "library"], ["lodash"])

    @unittest.skipUnless(shutil.which("xmllint") and CORPORA.exists(), "xmllint or the schemas are absent")
    def test_xml_fits_the_schemas(self):
        self.write("package-lock.json", lock({"lodash": "4.17.15", "left-pad": "1.3.0"}))
        schemas = CORPORA / "cyclonedx" / "schema"
        for version in ("1.4", "1.5", "1.6", "1.7"):
            out = self.folder / "bom.xml"
            self.run_merlon("sbom", ".", "--cyclonedx-version", version, "--output",
                            f"cyclonedx-xml={out}", code=0)
            done = subprocess.run(
                ["xmllint", "--nonet", "--noout", "--schema", schemas / f"bom-{version}.xsd", out],
                env={**os.environ, "XML_CATALOG_FILES": str(schemas / "xmlcatalog.xml")},
                capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_format_scans_as_the_tree_does(self):
        self.write("package-lock.json", lock({"lodash": "4.17.15", "left-pad": "1.3.0"}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        expected = self.scan(".", code=1, database=database)["GHSA-aaaa-bbbb-cccc"]["properties"]
        for form in ("cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-yaml", "spdx-tag-value",
                     "spdx3-json"):
            out = self.folder / "bom"
            self.run_merlon("sbom", ".", "--output", f"{form}={out}", code=0)
            found = self.scan(f"sbom:{out}", code=1, database=database)
            self.assertEqual(found["GHSA-aaaa-bbbb-cccc"]["properties"]["purl"], expected["purl"], form)

    # ---- a scan

    def test_without_a_database_nothing_passes(self):
        self.write("package-lock.json", lock({"lodash": "4.17.15"}))
        done = self.run_merlon("scan", "packages", ".", code=2)
        self.assertIn("merlon db build", done.stderr)

    def test_a_finding_says_what_and_how_to_mend_it(self):
        self.write("package-lock.json", lock({"lodash": "4.17.15", "left-pad": "1.3.0"}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21",
                                        aliases=["CVE-2026-1000"]))
        found = self.scan(".", code=1, database=database)
        self.assertEqual(len(found), 1)
        finding = next(iter(found.values()))
        self.assertIn("fixed in 4.17.21", finding["message"])
        self.assertEqual(finding["severity"], "critical")
        self.assertEqual(finding["properties"]["package"], "lodash")
        self.assertIn("4.17.15", finding["properties"]["because"])
        self.assertEqual(finding["location"]["path"], "package-lock.json")

    def test_what_is_not_there_at_run_time_is_shown_and_does_not_fail(self):
        self.write("package-lock.json", lock({"lodash": {"version": "4.17.15", "dev": True}}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        found = self.scan(".", code=0, database=database)
        self.assertIn("run time", found["GHSA-aaaa-bbbb-cccc"]["properties"]["gate"])
        self.scan(".", "--fail-on", "high", code=1, database=database)

    def test_the_go_line_is_a_lower_bound_and_does_not_fail(self):
        self.write("go.mod", "module example.com/a\n\ngo 1.21\n")
        database = self.database(record("GO-2026-0001", "stdlib", "1.22.3", ecosystem="Go"))
        found = self.scan(".", code=0, database=database)
        self.assertIn("later one", found["GO-2026-0001"]["properties"]["gate"])

    def test_what_is_not_built_is_shown_and_does_not_fail(self):
        weakness = record("GO-2026-0002", "a.org/m", "1.5.0", ecosystem="Go")
        weakness["affected"][0]["ecosystem_specific"] = {
            "imports": [{"path": "a.org/m/p", "symbols": ["F", "T.Do"]}]}
        database = self.database(weakness)
        self.write("go.mod", "module b.org/a\n\nrequire a.org/m v1.4.0\n")
        found = self.scan(".", code=1, database=database)["GO-2026-0002"]
        self.assertEqual(found["properties"]["reachability"], "unknown")

        self.write("vendor/modules.txt", "# a.org/m v1.4.0\n## explicit\na.org/m/q\n")
        found = self.scan(".", code=0, database=database)["GO-2026-0002"]
        self.assertEqual(found["properties"]["reachability"], "unreachable")
        self.assertIn("vendor/modules.txt", found["properties"]["gate"])

        self.write("main.go", 'package main\n\nimport "a.org/m/p"\n\nfunc main() { p.F() }\n')
        found = self.scan(".", code=1, database=database)["GO-2026-0002"]
        self.assertEqual(found["properties"]["reached-by"], "a.org/m/p.F is used at main.go:5")
        for shape in ("table", "sarif", "markdown", "html", "csv", "junit"):
            done = self.run_merlon("scan", "packages", ".", "--database", database, "--format", shape, code=1)
            self.assertIn("main.go:5", done.stdout, shape)

    def test_a_range_without_a_lock_file_is_a_gap(self):
        self.write("package.json", json.dumps({"name": "a", "dependencies": {"lodash": "^4.17.0"}}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        done = self.run_merlon("scan", "packages", ".", "--database", database, code=2)
        self.assertIn("unresolved-version", done.stdout + done.stderr)
        self.write(".merlon.yaml", "coverage:\n  accept:\n    - path: package.json\n"
                                   "      cause: unresolved-version\n      reason: a library\n"
                                   "      expires: 2099-01-01\n")
        self.run_merlon("scan", "packages", ".", "--database", database, code=0)

    def gaps(self, done):
        return {(gap["cause"], gap["path"]): gap["detail"] for gap in json.loads(done.stdout)["coverage"]["gaps"]}

    def test_a_requirement_file_that_is_not_there_is_a_gap(self):
        self.write("requirements.txt", "-r gone.txt\n-c limits/gone.txt\n-r more/base.txt\n")
        self.write("more/base.txt", "a==1.0\n")
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "b", "1.0", "PyPI"))
        done = self.run_merlon("scan", "packages", ".", "--database", database, "--format", "json", code=2)
        self.assertEqual(set(self.gaps(done)), {("read-error", "requirements.txt")})
        details = [gap["detail"] for gap in json.loads(done.stdout)["coverage"]["gaps"]]
        self.assertEqual([detail.split()[3] for detail in details], ["gone.txt,", "limits/gone.txt,"])
        self.run_merlon("sbom", ".", code=2)

    def test_what_one_file_takes_as_limits_may_be_another_ones_list(self):
        self.write("dev-requirements.txt", "-c base.txt\npytest\n")
        self.write("requirements.txt", "-r middle.txt\n")
        self.write("middle.txt", "-r base.txt\n")
        self.write("base.txt", "a==1.0\npytest==2.0\n")
        done = self.run_merlon("sbom", ".", code=0)
        names = {one["name"] + " " + one.get("version", "") for one in json.loads(done.stdout)["components"]}
        self.assertEqual(names, {"a 1.0", "pytest 2.0"})

    def test_what_is_no_version_is_not_guessed(self):
        self.write("requirements.txt", "django==${V}\n")
        one = record("PYSEC-1", "django", "3.0", "PyPI")
        one["affected"][0]["ranges"][0]["type"] = "ECOSYSTEM"
        database = self.database(one)
        done = self.run_merlon("scan", "packages", ".", "--database", database, "--format", "json", code=2)
        self.assertEqual(json.loads(done.stdout)["findings"], [])
        self.assertIn("django '==${V}'", self.gaps(done)["unresolved-version", "requirements.txt"])
        self.write("bom.cdx.json", json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
            {"type": "library", "name": "django", "version": "latest", "purl": "pkg:pypi/django@latest"}]}))
        done = self.run_merlon("scan", "packages", "sbom:bom.cdx.json", "--database", database, "--format", "json",
                               code=2)
        self.assertIn("django 'latest'", self.gaps(done)["unresolved-version", "bom.cdx.json"])

    def test_an_archive_that_somebody_brought_in_is_matched(self):
        self.write("package.json", json.dumps({"name": "shop", "dependencies": {"lodash": "file:lodash-4.17.15.tgz"}}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        self.assertIn("GHSA-aaaa-bbbb-cccc", self.scan(".", code=1, database=database))

    def test_a_lock_file_that_lags_is_a_gap_that_can_be_accepted(self):
        self.write("package-lock.json", lock({"lodash": "4.17.21"}))
        self.write("package.json", json.dumps({"name": "shop", "dependencies": {"lodash": "^5.0.0"}}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "left-pad", "1.0.0"))
        done = self.run_merlon("scan", "packages", ".", "--database", database, "--format", "json", code=2)
        self.assertIn("lodash '^5.0.0'", self.gaps(done)["outdated-lock", "package-lock.json"])
        self.write(".merlon.yaml", "coverage:\n  accept:\n  - path: package-lock.json\n    cause: outdated-lock\n"
                                   "    reason: known\n    expires: '2099-01-01'\n")
        self.scan(".", code=0, database=database)

    def test_a_database_that_was_built_of_half_a_feed_says_so(self):
        self.write("package-lock.json", lock({"lodash": "4.17.21"}))
        feed = self.folder / "half"
        feed.mkdir()
        (feed / "GHSA-1.json").write_text(json.dumps(record("GHSA-1", "left-pad", "1.0.0")))
        (feed / "GHSA-2.json").write_text("{")
        database = self.folder / "half.db"
        self.run_merlon("db", "build", "--osv", feed, "--database", database, code=2)
        done = self.run_merlon("scan", "packages", ".", "--database", database, "--format", "json", code=2)
        self.assertIn("1 file of this feed", self.gaps(done)["invalid-input", "GitHub advisory database"])
        self.write(".merlon.yaml", "coverage:\n  accept:\n  - path: 'GitHub advisory database'\n"
                                   "    cause: invalid-input\n    reason: known\n    expires: '2099-01-01'\n")
        self.scan(".", code=0, database=database)

    def test_an_ecosystem_without_advisories_is_a_gap(self):
        self.write("requirements.txt", "flask==1.0\n")
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        done = self.run_merlon("scan", "packages", ".", "--database", database, code=2)
        self.assertIn("no-advisories", done.stdout + done.stderr)

    def test_a_damaged_database_is_no_clean_result(self):
        self.write("package-lock.json", lock({"left-pad": "1.3.0", "lodash": "4.17.15"}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        content = bytearray(database.read_bytes())
        for at in range(4096, len(content), 64):
            content[at] ^= 0xFF
        database.write_bytes(content)
        self.run_merlon("scan", "packages", ".", "--database", database, code=2)

    def test_a_baseline_accepts_what_is_known(self):
        self.write("package-lock.json", lock({"lodash": "4.17.15"}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        self.scan(".", "--write-baseline", self.tree / "base.json", code=0, database=database)
        self.scan(".", "--baseline", self.tree / "base.json", code=0, database=database)

    def test_what_other_scanners_ignore_is_ignored(self):
        self.write("package-lock.json", lock({"lodash": "4.17.15"}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21",
                                        aliases=["CVE-2026-1000"]))
        cases = [
            (".trivyignore", "# known\nCVE-2026-1000 exp:2099-01-01\n", 0),
            (".trivyignore", "CVE-2026-1000 exp:2020-01-01\n", 1),
            (".trivyignore", "CVE-2026-100\n", 1),
            (".trivyignore", "CVE-2026-1000 exp:soon\n", 2),
            (".trivyignore.yaml", "vulnerabilities:\n- id: GHSA-aaaa-bbbb-cccc\n  statement: not used\n", 0),
            (".trivyignore.yaml", "vulnerabilities:\n- id: CVE-2026-1000\n  paths: ['web/**']\n", 1),
            ("osv-scanner.toml", '[[IgnoredVulns]]\nid = "CVE-2026-1000"\nreason = "not used"\n', 0),
            ("osv-scanner.toml", '[[IgnoredVulns]]\nid = "CVE-2026-1000"\nignoreUntil = 2020-01-01\n', 1),
            ("osv-scanner.toml", '[[PackageOverrides]]\nname = "lodash"\nignore = true\n', 0),
            ("osv-scanner.toml", "[[IgnoredVulns\n", 2),
            ("osv-scanner.toml", '[[PackageOverrides]]\nname = "lodash"\necosystem = "Go"\nignore = true\n', 1),
            (".grype.yaml", "ignore:\n- vulnerability: CVE-2026-1000\n  package: {name: lodash}\n", 0),
            (".grype.yaml", "ignore:\n- package: {name: 'lod.*'}\n", 0),
            (".grype.yaml", "ignore:\n- package: {name: 'lo.a'}\n", 1),
            (".grype.yaml", "ignore:\n- package: {name: 'lo('}\n", 2),
            (".grype.yaml", "ignore:\n- vulnerability: CVE-2026-1000\n  fix-state: unknown\n", 1),
            (".grype.yaml", "ignore:\n- true: CVE-2026-1000\n", 1),
            (".grype.yaml", "ignore: [3]\n", 2),
        ]
        for name, text, code in cases:
            with self.subTest(name=name, text=text):
                self.write(name, text)
                done = self.run_merlon("scan", "packages", ".", "--database", database, code=code)
                if code == 2:
                    self.assertIn(name, done.stderr)
                (self.tree / name).unlink()

    def test_an_entry_for_one_place_leaves_the_others(self):
        for folder in ("aa/test", "bb"):
            self.write(f"{folder}/package-lock.json", lock({"lodash": "4.17.15"}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        entry = "vulnerabilities:\n- id: GHSA-aaaa-bbbb-cccc\n  paths: ["
        for paths, code in (("'aa/**'", 1), ("'bb/**'", 1), ("'aa/**', 'bb/**'", 0)):
            self.write(".trivyignore.yaml", entry + paths + "]\n")
            self.scan(".", code=code, database=database)

    def test_an_osv_scanner_file_is_for_its_own_folder(self):
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        text = '[[IgnoredVulns]]\nid = "GHSA-aaaa-bbbb-cccc"\n'
        for folder in ("aa", "bb"):
            self.write(f"{folder}/package-lock.json", lock({"lodash": "4.17.15"}))
        for place, code in (("osv-scanner.toml", 1), ("aa/osv-scanner.toml", 1), ("bb/osv-scanner.toml", 0)):
            self.write(place, text)
            self.scan(".", code=code, database=database)
        (self.tree / "aa/osv-scanner.toml").unlink()
        for argument, code in (("aa/package-lock.json", 1), ("bb/package-lock.json", 0)):
            self.scan(argument, code=code, database=database)

    def test_jars_in_jars_are_read(self):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as jar:
            jar.writestr("META-INF/maven/org.example/logger/pom.properties",
                         "groupId=org.example\nartifactId=logger\nversion=1.0.0\n")
        with zipfile.ZipFile(self.tree / "app-2.0.war", "w") as war:
            war.writestr("WEB-INF/lib/logger-1.0.0.jar", inner.getvalue())
        one = record("GHSA-aaaa-bbbb-cccc", "org.example:logger", "1.1.0", "Maven")
        one["affected"][0]["ranges"][0]["type"] = "ECOSYSTEM"
        self.assertEqual(list(self.scan(".", code=1, database=self.database(one))), ["GHSA-aaaa-bbbb-cccc"])

    def test_trivy_yaml_is_honoured(self):
        self.write("package-lock.json", lock({"lodash": "4.17.15"}))
        self.write("old/package-lock.json", lock({"lodash": "4.17.14"}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        cases = [
            ("severity: [HIGH]\n", [], 0),  # the weakness is critical
            ("severity: CRITICAL\nscan:\n  skip-dirs: [old]\n", ["4.17.15"], 1),
            ("scan:\n  skip-files: [package-lock.json]\n", ["4.17.14"], 1),
            ("scan:\n  skip-dirs: ['**/old']\n", ["4.17.15"], 1),
            ("vulnerability:\n  ignore-status: [fixed]\n", [], 0),
            ("vulnerability:\n  ignore-unfixed: true\n", ["4.17.14", "4.17.15"], 1),
            ("format: json\ncache:\n  dir: /x\n", ["4.17.14", "4.17.15"], 1),
        ]
        for text, versions, code in cases:
            with self.subTest(text=text):
                self.write("trivy.yaml", text)
                done = self.run_merlon("scan", "packages", ".", "--database", database, "--format", "json",
                                       code=code)
                found = json.loads(done.stdout)["findings"]
                self.assertEqual(sorted(f["properties"]["version"] for f in found if "suppressed" not in f),
                                 versions)
        for text, said in [("pkg:\n  types: [os]\n", "pkg-types"), ("scan:\n  odd: 1\n", "scan.odd")]:
            self.write("trivy.yaml", text)
            done = self.run_merlon("scan", "packages", ".", "--database", database, code=1)
            self.assertIn(said, done.stdout + done.stderr)
        self.write("trivy.yaml", "severity: HIGHH\n")
        self.run_merlon("scan", "packages", ".", "--database", database, code=2)
        self.write("trivy.yaml", "severity: {\n")
        self.run_merlon("scan", "packages", ".", "--database", database, code=2)

    def test_what_a_supplier_says_is_shown_with_its_reason(self):
        self.write("package-lock.json", lock({"lodash": "4.17.15"}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21",
                                        aliases=["CVE-2026-1000"]))
        openvex = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:a", "author": "a",
                   "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [{
                       "vulnerability": {"name": "CVE-2026-1000"}, "status": "not_affected",
                       "justification": "vulnerable_code_not_present",
                       "products": [{"@id": "pkg:npm/lodash@4.17.15"}]}]}
        cyclonedx = {"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [{
            "id": "CVE-2026-1000", "affects": [{"ref": "urn:cdx:a/1#pkg:npm/lodash@4.17.15"}],
            "analysis": {"state": "exploitable", "detail": "in use"}}]}
        csaf = {"document": {"category": "csaf_vex", "tracking": {"id": "C-1"}},
                "product_tree": {"branches": [{"product": {
                    "product_id": "p", "product_identification_helper": {"purl": "pkg:npm/lodash@4.17.15"}}}]},
                "vulnerabilities": [{"cve": "CVE-2026-1000", "product_status": {"fixed": ["p"]}}]}
        other = {"statements": [{"vulnerability": {"name": "CVE-2026-1000"}, "status": "not_affected",
                                 "impact_statement": "not called", "products": [{"@id": "pkg:npm/lodash@4.17.14"}]}]}
        unsaid = {"statements": [{key: value for key, value in other["statements"][0].items()
                                  if key != "impact_statement"}]}
        self.write("vex.json", json.dumps(unsaid))
        done = self.run_merlon("scan", "packages", ".", "--database", database, "--vex", "vex.json", code=2)
        self.assertIn("not_affected without a justification", done.stderr)
        cases = [(openvex, 0, "vulnerable_code_not_present"), (cyclonedx, 1, "in use"), (csaf, 0, "fixed"),
                 (other, 1, None)]
        for document, code, said in cases:
            self.write("vex.json", json.dumps(document))
            done = self.run_merlon("scan", "packages", ".", "--database", database, "--vex", "vex.json",
                                   "--format", "json", code=code)
            finding = json.loads(done.stdout)["findings"][0]
            if said is None:
                self.assertNotIn("vex", finding["properties"])
            else:
                self.assertIn(said, finding["properties"]["vex"])
            if code == 0:
                self.assertEqual(finding["suppressed"]["by"], "vex")
        draft = {**csaf, "document": {"category": "csaf_vex", "tracking": {"id": "C-1", "status": "draft"}}}
        self.write("draft.json", json.dumps(draft))
        done = self.run_merlon("scan", "packages", ".", "--database", database, "--vex", "draft.json", code=1)
        self.assertIn("the VEX document C-1 is a draft", done.stdout + done.stderr)
        # Of several, the last said counts; a file that is none is no empty one.
        self.write("old.json", json.dumps({**openvex, "timestamp": "2020-01-01T00:00:00Z"}))
        self.write("new.json", json.dumps({"timestamp": "2026-02-01T00:00:00Z", "statements": [{
            "vulnerability": "CVE-2026-1000", "status": "affected", "products": ["pkg:npm/lodash"]}]}))
        self.run_merlon("scan", "packages", ".", "--database", database, "--vex", "old.json", "--vex",
                        "new.json", code=1)
        self.write("no.json", "{}")
        done = self.run_merlon("scan", "packages", ".", "--database", database, "--vex", "no.json", code=2)
        self.assertIn("no.json", done.stderr)

    def test_every_report_format_is_written(self):
        self.write("package-lock.json", lock({"lodash": "4.17.15"}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        for form in ("table", "json", "sarif", "junit", "markdown", "html", "csv"):
            done = self.run_merlon("scan", "packages", ".", "--database", database, "--format", form,
                                   code=1)
            self.assertIn("GHSA-aaaa-bbbb-cccc", done.stdout, form)

    def test_cyclonedx_has_the_weaknesses_and_what_suppliers_say_of_them(self):
        self.write("package-lock.json", lock({"lodash": "4.17.15"}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21",
                                        aliases=["CVE-2026-1000"]))
        self.write("vex.json", json.dumps({
            "@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:a", "author": "a",
            "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [{
                "vulnerability": {"name": "CVE-2026-1000"}, "status": "not_affected",
                "justification": "vulnerable_code_not_in_execute_path",
                "products": [{"@id": "pkg:npm/lodash@4.17.15"}]}]}))
        words = ("scan", "packages", ".", "--database", database, "--vex", "vex.json", "--format")
        bom = json.loads(self.run_merlon(*words, "cyclonedx", code=0).stdout)
        (weakness,) = bom["vulnerabilities"]
        self.assertEqual(weakness["analysis"]["state"], "not_affected")
        self.assertEqual(weakness["analysis"]["justification"], "code_not_reachable")
        self.assertEqual(weakness["affects"][0]["ref"], "pkg:npm/lodash@4.17.15")
        self.assertIn({"name": "merlon:ignored-by", "value": "vex"}, weakness["properties"])
        # What was written is VEX for the next run, in both forms.
        for form in ("cyclonedx", "cyclonedx-xml"):
            self.write("own.vex", self.run_merlon(*words, form, code=0).stdout)
            done = self.run_merlon("scan", "packages", ".", "--database", database, "--vex", "own.vex",
                                   "--format", "json", code=0)
            self.assertEqual(json.loads(done.stdout)["findings"][0]["suppressed"]["by"], "vex")
            # Nothing of it is lost on the way into another version.
            done = self.run_merlon("sbom", "convert", "own.vex", "--cyclonedx-version", "1.4", code=0)
            self.assertEqual(json.loads(done.stdout)["vulnerabilities"][0]["id"], weakness["id"])

    def test_spdx_3_has_the_weaknesses_in_its_security_profile(self):
        self.write("package-lock.json", lock({"lodash": "4.17.15"}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21", aliases=["CVE-2026-1000"]))
        done = self.run_merlon("scan", "packages", ".", "--database", database, "--format", "spdx3-json", code=1)
        graph = json.loads(done.stdout)["@graph"]
        (weakness,) = [one for one in graph if one["type"] == "security_Vulnerability"]
        self.assertIn("CVE-2026-1000", [one["identifier"] for one in weakness["externalIdentifier"]])
        (relation,) = [one for one in graph if one.get("relationshipType") == "hasAssociatedVulnerability"]
        self.assertEqual(relation["to"], [weakness["spdxId"]])
        self.write("own.spdx.json", done.stdout)
        done = self.run_merlon("sbom", "convert", "own.spdx.json", code=0)
        self.assertEqual(json.loads(done.stdout)["vulnerabilities"][0]["id"], weakness["name"])

    # ---- the review of a change

    # ---- what mends it

    def test_the_smallest_version_without_findings_and_who_brings_it_in(self):
        entries = {"": {"name": "shop", "version": "1.0.0", "dependencies": {"web": "^1.0.0"}},
                   "node_modules/web": {"version": "1.0.0", "dependencies": {"lodash": "*"}},
                   "node_modules/lodash": {"version": "4.17.15"}}
        self.write("package-lock.json", json.dumps({"name": "shop", "lockfileVersion": 3, "packages": entries}))
        later = record("GHSA-dddd-eeee-ffff", "lodash", "4.17.25")
        later["affected"][0]["ranges"][0]["events"][0]["introduced"] = "4.17.20"
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"), later)
        found = self.scan(".", code=1, database=database)
        self.assertEqual(list(found), ["GHSA-aaaa-bbbb-cccc"])
        properties = found["GHSA-aaaa-bbbb-cccc"]["properties"]
        self.assertEqual((properties["fixed"], properties["safe-version"], properties["brought-in-by"]),
                         ("4.17.21", "4.17.25", "web"))
        done = self.run_merlon("scan", "packages", ".", "--database", database, "--fix", "fix.patch", code=1)
        self.assertIn("brought in by web", done.stdout + done.stderr)
        self.assertEqual((self.tree / "fix.patch").read_text(), "")

    def test_git_applies_the_patch_and_nothing_is_left(self):
        files = {
            "web/package.json": '{\n  "dependencies": {\n    "lodash": "^4.17.15"\n  }\n}\n',
            "requirements.txt": "# ours\nrequests==2.19.0  # pinned\nflask==3.0.0",
            "api/go.mod": "module example.com/api\n\ngo 1.22\n\nrequire (\n\texample.com/x v1.0.0\n)\n",
            "lib/pom.xml": "<project>\n  <modelVersion>4.0.0</modelVersion>\n  <groupId>o</groupId>\n  <artifactId>l</artifactId>\n"
                           "  <version>1</version>\n  <properties>\n    <log.version>2.14.0</log.version>\n  </properties>\n"
                           "  <dependencies>\n    <dependency>\n      <groupId>g</groupId>\n      <artifactId>log</artifactId>\n"
                           "      <version>${log.version}</version>\n    </dependency>\n  </dependencies>\n</project>\n",
            "core/Cargo.toml": '[package]\nname = "core"\nversion = "0.1.0"\n\n[dependencies]\ntime = { version = "0.2" }\n',
            "core/Cargo.lock": 'version = 3\n\n[[package]]\nname = "core"\nversion = "0.1.0"\ndependencies = ["time"]\n\n'
                               '[[package]]\nname = "time"\nversion = "0.2.0"\n'
                               'source = "registry+https://github.com/rust-lang/crates.io-index"\n',
        }
        for name, text in files.items():
            self.write(name, text)
        self.write("web/package-lock.json", lock({"lodash": "4.17.15"}))

        def git(*words):
            return subprocess.run(["git", "-c", "user.name=A U Thor", "-c", "user.email=author@example.com", *words],
                                  cwd=self.tree, check=True, capture_output=True, text=True)
        git("init", "-q")
        pip = record("PYSEC-1", "requests", "2.20.0", "PyPI")
        pip["affected"][0]["ranges"][0]["type"] = "ECOSYSTEM"
        maven = record("GHSA-mmmm-mmmm-mmmm", "g:log", "2.15.0", "Maven")
        maven["affected"][0]["ranges"][0]["type"] = "ECOSYSTEM"
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"), pip, maven,
                                 record("GO-2026-0001", "example.com/x", "1.2.0", "Go"),
                                 record("RUSTSEC-2026-0001", "time", "0.2.23", "crates.io"))
        words = ["scan", "packages", ".", "--database", database, "--format", "json"]
        patch = self.folder / "fix.patch"
        done = self.run_merlon(*words, "--fix", patch, code=1)
        self.assertEqual(len(self.findings(done)), 5)
        self.assertIn("npm install --package-lock-only", done.stdout + done.stderr)
        before = {name: (self.tree / name).read_text() for name in files}
        self.assertEqual(before, files)  # the tree stays as it is
        git("apply", "--check", str(patch))
        git("apply", str(patch))
        after = {name: (self.tree / name).read_text() for name in files}
        self.assertIn('"lodash": "^4.17.21"', after["web/package.json"])
        self.assertEqual(after["requirements.txt"], "# ours\nrequests==2.20.0  # pinned\nflask==3.0.0")
        self.assertIn("\texample.com/x v1.2.0\n", after["api/go.mod"])
        self.assertIn("<log.version>2.15.0</log.version>", after["lib/pom.xml"])
        self.assertIn('time = { version = "0.2.23" }', after["core/Cargo.toml"])
        # What the package managers would do with the lock files.
        self.write("web/package-lock.json", lock({"lodash": "4.17.21"}))
        self.write("core/Cargo.lock", files["core/Cargo.lock"].replace('"0.2.0"', '"0.2.23"'))
        self.assertEqual(self.findings(self.run_merlon(*words, code=0)), {})

    def test_a_patch_reaches_the_members_of_a_workspace_and_the_parents_of_a_module(self):
        npm = {"": {"name": "all", "version": "1.0.0", "workspaces": ["packages/*"]},
               "node_modules/shop": {"resolved": "packages/shop", "link": True},
               "packages/shop": {"name": "shop", "version": "1.0.0", "dependencies": {"lodash": "^4.17.15"}},
               "node_modules/lodash": {"version": "4.17.15"}}
        pom = ("<project>\n  <modelVersion>4.0.0</modelVersion>\n  <groupId>o</groupId>\n  <artifactId>{}</artifactId>\n"
               "  <version>1</version>\n{}</project>\n")
        log = "<dependency>\n      <groupId>g</groupId>\n      <artifactId>log</artifactId>\n{}    </dependency>\n"
        files = {
            "web/package.json": '{\n  "name": "all", "version": "1.0.0",\n  "workspaces": ["packages/*"]\n}\n',
            "web/packages/shop/package.json": '{\n  "name": "shop", "version": "1.0.0",\n'
                                              '  "dependencies": {\n    "lodash": "^4.17.15"\n  }\n}\n',
            "web/package-lock.json": json.dumps({"name": "all", "lockfileVersion": 3, "packages": npm}),
            "lib/pom.xml": pom.format("all", "  <packaging>pom</packaging>\n  <modules><module>core</module></modules>\n"
                                      "  <dependencyManagement><dependencies>\n    " +
                                      log.format("      <version>2.14.0</version>\n") +
                                      "  </dependencies></dependencyManagement>\n"),
            "lib/core/pom.xml": pom.format("core", "  <parent><groupId>o</groupId><artifactId>all</artifactId>"
                                           "<version>1</version></parent>\n  <dependencies>\n    " + log.format("") +
                                           "  </dependencies>\n"),
        }
        for name, text in files.items():
            self.write(name, text)
        maven = record("GHSA-mmmm-mmmm-mmmm", "g:log", "2.15.0", "Maven")
        maven["affected"][0]["ranges"][0]["type"] = "ECOSYSTEM"
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"), maven)
        patch = self.folder / "fix.patch"
        words = ["scan", "packages", ".", "--database", database, "--format", "json"]
        done = self.run_merlon(*words, "--fix", patch, code=1)
        self.assertEqual(len(self.findings(done)), 2)
        subprocess.run(["git", "init", "-q"], cwd=self.tree, check=True)
        subprocess.run(["git", "apply", str(patch)], cwd=self.tree, check=True)
        self.assertIn('"lodash": "^4.17.21"', (self.tree / "web/packages/shop/package.json").read_text())
        self.assertIn("<version>2.15.0</version>", (self.tree / "lib/pom.xml").read_text())
        self.assertEqual((self.tree / "lib/core/pom.xml").read_text(), files["lib/core/pom.xml"])
        npm["node_modules/lodash"]["version"] = "4.17.21"
        self.write("web/package-lock.json", json.dumps({"name": "all", "lockfileVersion": 3, "packages": npm}))
        self.assertEqual(self.findings(self.run_merlon(*words, code=0)), {})

    # ---- the review of a change, as a user asks for it

    def change(self, before, after, *words, code):
        self.write("package-lock.json", lock(before), self.folder / "before")
        self.write("package-lock.json", lock(after), self.folder / "after")
        return self.findings(self.run_merlon("diff", "packages", self.folder / "before",
                                             self.folder / "after", "--format", "json", *words, code=code))

    def test_what_came_went_and_changed(self):
        found = self.change({"a": "1.0.0", "b": "1.0.0"}, {"a": "1.1.0", "c": "1.0.0"}, code=0)
        self.assertEqual(set(found), {"package-added", "package-removed", "package-changed"})
        self.assertIn("1.0.0 becomes 1.1.0", found["package-changed"]["message"])

    def test_folders_of_one_repository_are_compared_by_what_is_below_them(self):
        subprocess.run(["git", "init", "-q"], cwd=self.tree, check=True)
        self.write("old/web/package-lock.json", lock({"a": "1.0.0"}))
        self.write("new/web/package-lock.json", lock({"a": "1.0.0", "b": "1.0.0"}))
        done = self.run_merlon("diff", "packages", "old", "new", "--format", "json", code=0)
        self.assertEqual(list(self.findings(done)), ["package-added"])
        for name in ("old", "new"):
            self.run_merlon("sbom", name, "--output", f"{name}.cdx.json", code=0)
        done = self.run_merlon("diff", "packages", "sbom:old.cdx.json", "sbom:new.cdx.json",
                               "--format", "json", code=0)
        self.assertEqual(list(self.findings(done)), ["package-added"])

    def test_only_new_vulnerabilities_fail(self):
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"),
                                 record("GHSA-dddd-eeee-ffff", "minimist", "1.2.6"))
        before = {"lodash": "4.17.15"}
        after = {"lodash": "4.17.16", "minimist": "1.2.0"}
        found = self.change(before, after, "--database", database, code=1)
        self.assertIn("GHSA-dddd-eeee-ffff", found)
        self.assertNotIn("GHSA-aaaa-bbbb-cccc", found)

    def test_a_lock_file_that_was_tampered_with(self):
        names = {name: "1.0.0" for name in "abcdefghijkl"}
        self.assertEqual(self.change(names, names, code=0), {})
        cases = {
            "lock-content-changed": {"version": "1.0.0", "integrity": "sha512-" + "B" * 85 + "A=="},
            "lock-other-host": {"version": "1.0.0", "resolved": "https://evil.example.net/a.tgz"},
            "lock-no-integrity": {"version": "1.0.0", "integrity": ""},
        }
        for rule, entry in cases.items():
            found = self.change(names, {**names, "a": entry}, code=1)
            self.assertEqual(list(found), [rule])

    def test_install_scripts_and_licences(self):
        found = self.change({"a": "1.0.0"}, {"a": {"version": "2.0.0", "hasInstallScript": True,
                                                   "license": "GPL-3.0-only"}}, code=0)
        self.assertIn("install-script", found)
        self.assertIn("MIT becomes GPL-3.0-only", found["licence-changed"]["message"])

    def test_a_new_name_that_looks_like_a_well_known_one(self):
        found = self.change({"lodash": "4.17.21"}, {"lodash": "4.17.21", "loadsh": "1.0.0"}, code=0)
        self.assertIn("loadsh is called almost as lodash", found["look-alike-name"]["message"])
        self.write("popular.txt", "npm acme-core\n")
        found = self.change({}, {"loadsh": "1.0.0", "acmecore": "1.0.0"}, "--popular", "popular.txt", code=0)
        self.assertIn("acmecore is called almost as acme-core", found["look-alike-name"]["message"])
        self.write("popular.txt", "lodash\n")
        self.assertIn("popular.txt:1", self.run_merlon("diff", "packages", "old", "new", "--popular", "popular.txt",
                                                       code=2).stderr)

    def test_own_names_from_public_registries(self):
        own = {"version": "9.9.9", "resolved": "https://registry.npmjs.org/@acme/core/-/core-9.9.9.tgz"}
        self.write("after/.npmrc", "@acme:registry=https://npm.acme.example/\n//npm.acme.example/:_authToken=${T}\n", tree=self.folder)
        found = self.change({}, {"@acme/core": own}, code=1)
        self.assertIn("comes from registry.npmjs.org", found["registry-scope-elsewhere"]["message"])
        os.remove(self.folder / "after/.npmrc")
        self.assertNotIn("registry-scope-elsewhere", self.change({}, {"@acme/core": own}, code=0))
        found = self.change({}, {"@acme/core": own}, "--internal", "@acme/*", code=1)
        self.assertIn("registry-internal-public", found)
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "lodash", "4.17.21"))
        self.assertEqual(list(self.scan(self.folder / "after", "--internal", "@acme/*", code=1, database=database)),
                         ["registry-internal-public"])

    def test_settings_under_which_two_places_are_asked_for_the_same_names(self):
        files = {
            "requirements.txt": "--extra-index-url https://pypi.acme.example/simple\nrequests==2.32.0\n",
            "pip.conf": "[global]\nindex-url = https://a.example/s\nextra-index-url =\n    https://b.example/s\n",
            "nuget.config": '<configuration><packageSources><add key="n" value="https://api.nuget.org/v3/index.json" />'
                            '<add key="a" value="https://nuget.acme.example/v3" /></packageSources></configuration>',
            "Gemfile": 'source "https://rubygems.org"\nsource "https://gems.acme.example"\n',
            "composer.json": '{"repositories": [{"type": "composer", "url": "https://c.example", "canonical": false}]}',
        }
        for name, text in files.items():
            shutil.rmtree(self.tree)
            (self.tree / "old").mkdir(parents=True)
            self.write(f"new/{name}", text)
            done = self.run_merlon("diff", "packages", "old", "new", "--format", "json", code=1)
            self.assertIn("registry-mixed", self.findings(done), name)
        fine = {
            "requirements.txt": "--extra-index-url https://pypi.acme.example/simple\nrequests==2.32.0 --hash=sha256:"
                                + "0" * 64 + "\n",
            "nuget.config": '<configuration><packageSources><add key="n" value="https://api.nuget.org/v3/index.json" />'
                            '<add key="a" value="https://nuget.acme.example/v3" /></packageSources>'
                            '<packageSourceMapping><packageSource key="a"><package pattern="Acme.*" /></packageSource>'
                            '</packageSourceMapping></configuration>',
            "Gemfile": 'source "https://rubygems.org"\nsource "https://gems.acme.example" do\n  gem "acme"\nend\n',
            ".npmrc": "@acme:registry=https://npm.acme.example/\n",
        }
        for name, text in fine.items():
            shutil.rmtree(self.tree)
            (self.tree / "old").mkdir(parents=True)
            self.write(f"new/{name}", text)
            done = self.run_merlon("diff", "packages", "old", "new", "--format", "json", code=0)
            self.assertNotIn("registry-mixed", self.findings(done), name)

    def test_a_host_that_the_settings_name_is_meant(self):
        names = {name: "1.0.0" for name in "abcdefghijkl"}
        moved = {**names, "a": {"version": "1.0.0", "resolved": "https://npm.acme.example/a.tgz"}}
        self.write("after/.npmrc", "registry=https://npm.acme.example/\n", tree=self.folder)
        self.assertEqual(list(self.change(names, moved, code=1)), ["registry-changed"])
        self.write("before/.npmrc", "registry=https://npm.acme.example\n", tree=self.folder)
        self.assertEqual(self.change(names, moved, code=0), {})
        self.write("after/.npmrc", "registry=http://npm.acme.example/\n", tree=self.folder)
        self.assertEqual(set(self.change(names, moved, code=1)), {"registry-changed", "registry-plain-http"})

    def test_a_registry_that_was_not_asked_before(self):
        files = {"requirements.txt": "-i https://evil.example/simple\nrequests==2.32.0\n",
                 "pip.conf": "[global]\nindex-url = https://evil.example/simple\n",
                 ".npmrc": "registry=https://evil.example/\n"}
        for name, text in files.items():
            shutil.rmtree(self.tree)
            (self.tree / "old").mkdir(parents=True)
            self.write(f"new/{name}", text)
            done = self.run_merlon("diff", "packages", "old", "new", "--format", "json", code=1)
            self.assertIn("asks evil.example", self.findings(done)["registry-changed"]["message"])

    def test_where_an_entry_comes_from_and_how_it_is_checked(self):
        commit = "0123456789012345678901234567890123456789"
        sha1 = "sha1-hX/Kv8M5fSYluCKCYuhqp6ARsF0="
        sha512 = "sha512-" + "B" * 85 + "A=="
        registry = "https://registry.npmjs.org/a/-/a-1.0.0.tgz"
        whole = {"version": "1.0.0", "resolved": registry, "integrity": sha512}
        cases = {
            "lock-source-changed": {"version": "1.0.0", "integrity": "",
                                    "resolved": f"git+https://github.com/evil/a.git#{commit}"},
            "lock-integrity-weakened": {**whole, "integrity": sha1},
            "lock-no-integrity": {**whole, "integrity": ""},
            "lock-plain-http": {**whole, "resolved": registry.replace("https", "http")},
            "lock-other-host": {**whole, "resolved": "https://evil.example/a/-/a-1.0.0.tgz"},
            "lock-content-changed": {**whole, "integrity": "sha512-" + "C" * 85 + "A=="},
        }
        for rule, entry in cases.items():
            self.assertEqual(list(self.change({"a": whole}, {"a": entry}, code=1)), [rule], rule)
            self.assertEqual(list(self.change({"a": entry}, {"a": entry}, code=0)), [], rule)
        # The same of many entries is one finding.
        many = {name: {**whole, "resolved": registry.replace("a", name)} for name in "bcdefghij"}
        found = self.change(many, {name: {**entry, "integrity": ""} for name, entry in many.items()}, code=1)
        self.assertIn("9 entries", found["lock-no-integrity"]["message"])
        self.assertEqual(len(found["lock-no-integrity"]["alsoAt"]), 8)

    def test_an_entry_with_the_address_of_another_package(self):
        def at(path):
            return {"version": "1.0.0", "resolved": "https://registry.npmjs.org/" + path}
        for path in ("evil/-/evil-1.0.0.tgz", "a/-/a-6.6.6.tgz", "@evil/a/-/a-1.0.0.tgz"):
            for before in ({}, {"a": {**at("a/-/a-0.9.0.tgz"), "version": "0.9.0"}}):
                found = self.change(before, {"a": at(path)}, code=1)
                self.assertIn("lock-other-package", found, path)
            self.assertNotIn("lock-other-package", self.change({"a": at(path)}, {"a": at(path)}, code=0))
        for name, path in (("a", "a/-/a-1.0.0.tgz"), ("@s/a", "@s%2fa/-/a-1.0.0.tgz"), ("@s/a", "@s/a/-/@s/a-1.0.0.tgz"),
                           ("a", "mirror/api/npm/a/-/a-1.0.0.tgz?x=1"), ("a", "download/anything.tgz")):
            self.assertNotIn("lock-other-package", self.change({}, {name: at(path)}, code=0), path)

    def test_a_tag_that_was_moved(self):
        def composer(reference):
            return json.dumps({"packages": [{"name": "v/c", "version": "v1.0.0", "source": {
                "type": "git", "url": "https://github.com/v/c.git", "reference": reference}}], "packages-dev": []})
        self.write("old/composer.lock", composer("a" * 40))
        self.write("new/composer.lock", composer("b" * 40))
        done = self.run_merlon("diff", "packages", "old", "new", "--format", "json", code=1)
        self.assertEqual(list(self.findings(done)), ["lock-content-changed"])

    def test_from_development_to_run_time(self):
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "a", "2.0.0"))
        found = self.change({"a": {"version": "1.0.0", "dev": True}}, {"a": "1.0.0"}, "--database", database, code=1)
        self.assertEqual(set(found), {"package-at-run-time", "GHSA-aaaa-bbbb-cccc"})

    def test_revisions_of_a_repository(self):
        def git(*words):
            subprocess.run(["git", "-c", "user.name=A U Thor", "-c", "user.email=author@example.com",
                            *words], cwd=self.tree, check=True, capture_output=True)
        git("init", "-q", "-b", "main")
        self.write("web/package-lock.json", lock({"a": "1.0.0"}))
        git("add", "-A")
        git("commit", "-qm", "one")
        self.write("web/package-lock.json", lock({"a": "1.0.0", "b": "2.0.0"}))
        git("commit", "-qam", "two")
        self.write("web/package-lock.json", "not looked at")
        done = self.run_merlon("diff", "packages", "HEAD~1..HEAD", "--format", "json", code=0)
        self.assertEqual(list(self.findings(done)), ["package-added"])
        self.run_merlon("diff", "packages", "HEAD~1..nosuch", code=2)
        # What main got meanwhile is not what the branch changes.
        git("checkout", "-qfb", "topic", "HEAD~1")
        self.write("web/package-lock.json", lock({"a": "1.0.0", "c": "3.0.0"}))
        git("commit", "-qam", "three")
        done = self.run_merlon("diff", "packages", "main...topic", "--format", "json", code=0)
        self.assertEqual(list(self.findings(done)), ["package-added"])
        done = self.run_merlon("diff", "packages", "main..topic", "--format", "json", code=0)
        self.assertEqual(set(self.findings(done)), {"package-added", "package-removed"})
        self.run_merlon("diff", "packages", "HEAD", code=2)


if __name__ == "__main__":
    MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
