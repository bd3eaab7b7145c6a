#!/usr/bin/env python3
"""Licences as a user meets them: licenses_test.py MERLON [unittest arguments]"""

import json
import os
import sys
import unittest
import zipfile

import packages_test
from packages_test import PackagesCase, lock, record

GPL = "/usr/share/common-licenses/GPL-2"
POLICY = """licenses:
  allow: [MIT, Apache-2.0]
  deny: [AGPL-*, GPL-*]
  development:
    unlisted: allow
"""


class Licenses(PackagesCase):
    def run_licenses(self, *words, code):
        done = self.run_merlon("licenses", *words, "--format", "json", code=code)
        return [(finding["rule"], finding["message"]) for finding in json.loads(done.stdout)["findings"]
                if not finding.get("suppressed")]

    def install(self, name, version, license_text=None, stated=None):
        package = {"name": name, "version": version, **({"license": stated} if stated else {})}
        self.write(f"node_modules/{name}/package.json", json.dumps(package))
        if license_text is not None:
            self.write(f"node_modules/{name}/LICENSE", license_text)

    def test_without_a_policy_licences_are_listed(self):
        self.write("package-lock.json", lock({"a": "1.0.0", "b": "2.0.0"}))
        self.assertEqual(self.run_licenses(".", code=0),
                         [("licence-used", "MIT: 2 packages: a 1.0.0, b 2.0.0")])

    def test_what_is_denied_fails_and_what_is_unknown_is_shown(self):
        self.write(".merlon.yaml", POLICY)
        self.write("package-lock.json", lock({
            "a": "1.0.0", "b": {"version": "1.0.0", "license": "GPL-3.0-only OR MIT"},
            "c": {"version": "1.0.0", "license": "ISC"}, "d": {"version": "1.0.0", "license": "Ours"},
            "e": {"version": "1.0.0", "license": "AGPL-3.0-only"},
            "f": {"version": "1.0.0", "license": "GPL-2.0", "dev": True}}))
        found = self.run_licenses(".", code=1)
        self.assertEqual([one for one in found if one[0] != "licence-used"],
                         [("licence-review", "c 1.0.0: ISC"), ("licence-unknown", "d 1.0.0: Ours"),
                          ("licence-denied", "e 1.0.0: AGPL-3.0-only")])

    def test_what_nobody_knows_is_denied_where_what_is_in_no_list_is(self):
        self.write("package-lock.json", lock({"a": {"version": "1.0.0", "license": "Ours"}}))
        self.write(".merlon.yaml", "licenses:\n  allow: [MIT]\n  unlisted: deny\n")
        found = self.run_licenses(".", code=1)
        self.assertIn(("licence-unknown", "a 1.0.0: Ours"), found)

    def test_names_that_people_write_are_licences_and_vague_ones_stay_unknown(self):
        self.write(".merlon.yaml", POLICY)
        self.write("package-lock.json", lock({"a": {"version": "1.0.0", "license": "GPLv3"},
                                              "b": {"version": "1.0.0", "license": "The MIT License"},
                                              "c": {"version": "1.0.0", "license": "BSD"}}))
        with zipfile.ZipFile(self.tree / "d-1.0.jar", "w") as jar:
            jar.writestr("META-INF/MANIFEST.MF", "Bundle-License: Apache License, Version 2.0;link=x\n")
        found = self.run_licenses(".", code=1)
        self.assertEqual([one for one in found if one[0] != "licence-used"],
                         [("licence-denied", "a 1.0.0: GPL-3.0-only"), ("licence-unknown", "c 1.0.0: BSD")])
        self.assertIn(("licence-used", "Apache-2.0: 1 package: d 1.0"), found)

    @unittest.skipUnless(os.path.exists(GPL), "no texts of licences here")
    def test_texts_beside_packages_count_and_go_into_notices(self):
        text = open(GPL).read()
        self.write(".merlon.yaml", POLICY)
        self.write("package-lock.json", lock({"a": {"version": "1.0.0", "license": ""},
                                              "b": {"version": "1.0.0", "license": "MIT"}}))
        self.install("a", "1.0.0", text)
        self.install("b", "1.0.0", text, "MIT")
        self.write("third_party/x/COPYING", text)
        found = [one for one in self.run_licenses(".", "--notices", "NOTICES.txt", code=1)
                 if one[0] == "licence-denied"]
        self.assertEqual([message for _, message in found],
                         ["a 1.0.0: GPL-2.0-only", "b 1.0.0: MIT AND GPL-2.0-only",
                          "third_party/x/COPYING holds GPL-2.0-only"])
        notices = (self.tree / "NOTICES.txt").read_text()
        self.assertIn("a 1.0.0: GPL-2.0-only\n", notices)
        self.assertEqual(notices.count("TERMS AND CONDITIONS FOR COPYING"), 1)
        self.assertIn("\na 1.0.0, b 1.0.0\n", notices)

    @unittest.skipUnless(os.path.exists(GPL), "no texts of licences here")
    def test_an_sbom_keeps_what_was_found_apart_from_what_is_stated(self):
        self.install("a", "1.0.0", open(GPL).read(), "MIT")
        for name in ("bom.cdx.json", "bom.xml", "a.spdx.json"):
            form = {"bom.cdx.json": "cyclonedx-json", "bom.xml": "cyclonedx-xml", "a.spdx.json": "spdx-json"}[name]
            self.run_merlon("sbom", "node_modules", "--output", f"{form}={self.folder / name}", code=0)
            done = self.run_merlon("sbom", f"sbom:{self.folder / name}", code=0)
            component = [c for c in json.loads(done.stdout)["components"] if c["name"] == "a"][0]
            self.assertIn("MIT", json.dumps(component["licenses"]))
            self.assertIn("GPL-2.0-only", json.dumps(component["evidence"]["licenses"]))

    def test_exceptions_have_a_reason_and_expire(self):
        self.write("package-lock.json", lock({"a": {"version": "1.0.0", "license": "GPL-2.0-only"}}))
        for expires, code in (("2999-01-01", 0), ("2020-01-01", 1)):
            self.write(".merlon.yaml", POLICY + "  exceptions:\n    - package: pkg:npm/a\n"
                       f"      reason: known\n      expires: {expires}\n")
            self.run_licenses(".", code=code)
        self.write(".merlon.yaml", POLICY + "  exceptions:\n    - package: a\n")
        self.assertIn("no 'reason'", self.run_merlon("licenses", code=2).stderr)
        self.write(".merlon.yaml", "licenses:\n  allow: [MTI]\n")
        self.assertIn("'MTI' is no licence", self.run_merlon("licenses", code=2).stderr)
        for entry in ('"*GPL*"', "MIT OR ISC"):
            self.write(".merlon.yaml", f"licenses:\n  deny: [{entry}]\n")
            self.assertIn("is no licence", self.run_merlon("licenses", code=2).stderr)

    def test_a_deprecated_name_in_a_policy_means_what_it_means_elsewhere(self):
        for entry, license in (("GPL-3.0", "GPL-3.0-only"), ("GPL-3.0+", "GPL-3.0-or-later"),
                               ("AGPL-3.0", "AGPL-3.0-only"),
                               ("GPL-2.0-only", "GPL-2.0-with-classpath-exception")):
            with self.subTest(entry):
                self.write(".merlon.yaml", f"licenses:\n  unlisted: allow\n  deny: [{entry}]\n")
                self.write("package-lock.json", lock({"a": {"version": "1.0.0", "license": license}}))
                self.run_licenses(".", code=1)

    def test_scan_and_diff_hold_the_same_policy(self):
        self.write(".merlon.yaml", POLICY)
        gpl = {"version": "1.0.0", "license": "GPL-2.0-only"}
        self.write("old/package-lock.json", lock({"a": gpl}))
        self.write("new/package-lock.json", lock({"a": {**gpl, "version": "1.0.1"}, "b": gpl}))
        database = self.database(record("GHSA-aaaa-bbbb-cccc", "zzz", "1.0.0"))
        self.assertIn("licence-denied", self.scan("new", "--config", ".merlon.yaml", code=1, database=database))
        done = self.run_merlon("diff", "packages", "old", "new", "--config", ".merlon.yaml", "--format", "json",
                               code=1)
        denied = [f["message"] for f in json.loads(done.stdout)["findings"] if f["rule"] == "licence-denied"]
        self.assertEqual(denied, ["b 1.0.0: GPL-2.0-only"])


if __name__ == "__main__":
    packages_test.MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
