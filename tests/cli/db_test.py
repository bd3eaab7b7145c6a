#!/usr/bin/env python3
"""`merlon db build|info|verify|export|diff` of the built program: db_test.py MERLON [unittest arguments]"""

import gzip
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

MERLON = None
EPOCH = "1767225600"  # 2026-01-01


def record(number, **more):
    affected = {"package": {"ecosystem": "npm", "name": f"package-{number}"}, "ranges": [
        {"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": f"1.{number}.0"}]}]}
    return {"id": f"GHSA-{number:04}", "modified": "2025-01-01T00:00:00Z", "aliases": [f"CVE-2025-{number}"],
            "affected": [affected], **more}


class Database(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="merlon-db-"))
        self.database = self.folder / "advisories.db"
        self.feed = self.folder / "feed"
        self.feed.mkdir()

    def tearDown(self):
        shutil.rmtree(self.folder)

    def merlon(self, *words, **environment):
        return subprocess.run([MERLON, *map(str, words)], capture_output=True, text=True, check=False, timeout=120,
                              env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **environment})

    def write_records(self, *records, folder=None):
        for entry in records:
            ((folder or self.feed) / f"{entry['id']}.json").write_text(json.dumps(entry))

    def build(self, *words, code=0, **environment):
        done = self.merlon("db", "build", "--database", self.database, *words,
                           SOURCE_DATE_EPOCH=EPOCH, **environment)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def info(self):
        done = self.merlon("db", "info", "--database", self.database, "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_directory_a_zip_and_a_tar_give_the_same_database(self):
        self.write_records(*(record(n) for n in range(50)))
        self.build("--osv", self.feed)
        expected = self.database.read_bytes()
        names = sorted(self.feed.iterdir())
        random.Random(7).shuffle(names)
        with zipfile.ZipFile(self.folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.write(name, name.name)
        shutil.make_archive(str(self.folder / "all"), "gztar", self.feed)
        for source in ("all.zip", "all.tar.gz"):
            for threads in (1, 5):
                self.build("--osv", self.folder / source, "--threads", threads)
                self.assertEqual(self.database.read_bytes(), expected, source)

    def test_a_bare_repository_gives_the_database_of_its_head(self):
        self.write_records(*(record(n) for n in range(5)))
        self.build("--osv", self.feed)
        expected = self.database.read_bytes()

        def git(*words):
            subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *map(str, words)],
                           cwd=self.feed, check=True, capture_output=True,
                           env={"PATH": os.environ["PATH"], "HOME": str(self.folder)})
        git("init", "--quiet")
        git("add", ".")
        git("commit", "--quiet", "-m", "records")
        git("clone", "--quiet", "--mirror", self.feed, self.folder / "mirror.git")
        self.build("--osv", self.folder / "mirror.git")
        self.assertEqual(self.database.read_bytes(), expected)
        (self.folder / "mirror.git" / "HEAD").write_text("ref: refs/heads/none\n")
        done = self.merlon("db", "build", "--database", self.database, "--osv", self.folder / "mirror.git")
        self.assertEqual(done.returncode, 2)

    def test_info_names_feeds_ages_and_licences(self):
        self.write_records(record(1), record(2, withdrawn="2025-02-01T00:00:00Z"), record(3, id="GO-2025-1"))
        self.build("--osv", self.feed)
        info = self.info()
        self.assertEqual(info["records"], 3)
        self.assertEqual(info["ecosystems"], ["npm"])
        self.assertEqual([(feed["name"], feed["records"], feed["withdrawn"], feed["licence"], feed["taken"])
                          for feed in info["feeds"]],
                         [("GitHub advisory database", 2, 1, "CC-BY-4.0", "2026-01-01T00:00:00Z"),
                          ("Go vulnerability database", 1, 0, "CC-BY-4.0", "2026-01-01T00:00:00Z")])
        table = self.merlon("db", "info", "--database", self.database)
        self.assertIn("CC-BY-4.0", table.stdout)

    def test_what_cannot_be_read_is_named_counted_and_2(self):
        self.write_records(record(1))
        (self.feed / "broken.json").write_text('{"id": "GHSA-2",\n"aliases": 3}')
        done = self.build("--osv", self.feed, code=2)
        self.assertIn("broken.json: line 2: expected a list as aliases", done.stderr)
        self.assertEqual(self.info()["feeds"][0]["unreadable"], 1)

    def test_a_feed_without_a_record_is_2(self):
        done = self.build("--osv", self.feed, code=2)
        self.assertIn("no osv record is in it", done.stderr)
        self.assertEqual(self.merlon("db", "build", "--osv", self.folder / "absent").returncode, 2)
        self.assertEqual(self.merlon("db", "build").returncode, 2)

    def test_a_feed_that_lost_half_of_its_records_is_refused_unless_forced(self):
        self.write_records(*(record(n) for n in range(10)))
        self.build("--osv", self.feed)
        before = self.database.read_bytes()
        for number in range(6):
            (self.feed / f"GHSA-{number:04}.json").unlink()
        done = self.build("--osv", self.feed, code=2)
        self.assertIn("GitHub advisory database: 4 records, before 10", done.stderr)
        self.assertEqual(self.database.read_bytes(), before)
        self.build("--osv", self.feed, "--force")
        self.assertEqual(self.info()["records"], 4)

    def test_no_other_file_is_replaced(self):
        self.write_records(record(1))
        self.database.write_text("mine")
        self.build("--osv", self.feed, code=2)
        self.assertEqual(self.database.read_text(), "mine")

    def test_a_flipped_bit_is_found(self):
        self.write_records(*(record(n) for n in range(50)))
        self.build("--osv", self.feed)
        self.assertEqual(self.merlon("db", "verify", "--database", self.database).returncode, 0)
        content = bytearray(self.database.read_bytes())
        for place in (9, 100, 5000, len(content) // 2, len(content) - 3):
            damaged = bytearray(content)
            damaged[place] ^= 4
            self.database.write_bytes(damaged)
            self.assertEqual(self.merlon("db", "verify", "--database", self.database).returncode, 2, place)
        self.database.write_bytes(content[:-1])
        self.assertEqual(self.merlon("db", "info", "--database", self.database).returncode, 2)
        self.database.unlink()
        done = self.merlon("db", "info", "--database", self.database)
        self.assertEqual(done.returncode, 2)
        self.assertIn("merlon db build", done.stderr)

    def test_a_signature_names_its_key(self):
        self.write_records(record(1))
        key = self.folder / "key"
        key.write_text("01" * 32 + "\n")
        self.build("--osv", self.feed, "--sign-key", key)
        signer = self.info()["signer"]
        self.assertEqual(self.merlon("db", "verify", "--database", self.database, "--public-key", signer).returncode, 0)
        other = self.merlon("db", "verify", "--database", self.database, "--public-key", "00" * 32)
        self.assertEqual(other.returncode, 2)
        key.write_text("short")
        self.build("--osv", self.feed, "--sign-key", key, code=2)

    def test_an_export_builds_the_same_records_again(self):
        records = [record(n, summary=f"text {n}", details="line\nline") for n in range(40)]
        self.write_records(*records)
        self.build("--osv", self.feed)
        lines = self.merlon("db", "export", "--database", self.database).stdout.splitlines()
        self.assertEqual(len(lines), 40)
        again = self.folder / "again"
        again.mkdir()
        self.write_records(*map(json.loads, lines), folder=again)
        before = self.folder / "before.db"
        self.database.rename(before)
        self.build("--osv", again)
        self.assertEqual(self.database.read_bytes(), before.read_bytes())
        for name in ("all.jsonl", "all.json"):
            (self.folder / name).write_text("".join(line + "\n" for line in lines))
            self.database.unlink()
            self.build("--osv", self.folder / name)
            self.assertEqual(self.database.read_bytes(), before.read_bytes(), name)
        (self.folder / "all.jsonl").write_text(lines[0] + "\n{broken\n" + lines[1] + "\n")
        self.assertIn("all.jsonl:2", self.build("--osv", self.folder / "all.jsonl", "--force", code=2).stderr)

    def test_a_difference_is_listed_and_1(self):
        self.write_records(record(1), record(2), record(3))
        self.build("--osv", self.feed)
        before = self.folder / "before.db"
        self.database.rename(before)
        self.assertEqual(self.merlon("db", "diff", before, before).returncode, 0)
        (self.feed / "GHSA-0001.json").unlink()
        self.write_records(record(2, summary="other"), record(4))
        self.build("--osv", self.feed)
        done = self.merlon("db", "diff", before, self.database, "--format", "json")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout), {"added": ["GHSA-0004"], "removed": ["GHSA-0001"],
                                                   "changed": ["GHSA-0002"]})

    def test_nvd_gives_a_severity_to_what_states_none(self):
        (self.folder / "tracker.json").write_text(json.dumps({"curl": {"CVE-2025-7": {"releases": {
            "bookworm": {"status": "open", "urgency": "low"}}}}}))
        with gzip.open(self.folder / "nvdcve-2.0-2025.json.gz", "wt") as year:
            json.dump({"vulnerabilities": [{"cve": {
                "id": "CVE-2025-7", "lastModified": "2025-01-01T00:00:00.000", "metrics": {"cvssMetricV31": [
                    {"type": "Primary", "cvssData": {
                        "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]}}}]}, year)
        (self.folder / "sbom.cdx.json").write_text(json.dumps({
            "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [
                {"type": "library", "name": "curl", "version": "1-1",
                 "purl": "pkg:deb/debian/curl@1-1?arch=amd64&distro=debian-12"}]}))
        severities = []
        for nvd in ([], ["--nvd", self.folder / "nvdcve-2.0-2025.json.gz"]):
            self.build("--debian-tracker", self.folder / "tracker.json", *nvd)
            done = self.merlon("scan", "packages", f"sbom:{self.folder}/sbom.cdx.json", "--database", self.database,
                               "--max-database-age", "0", "--format", "json")
            severities += [finding["severity"] for finding in json.loads(done.stdout)["findings"]]
        self.assertEqual(severities, ["high", "critical"])

    def test_nvd_finds_programs_by_the_cpe_names_that_they_state(self):
        def criterion(product, **bounds):
            return {"vulnerable": True, "criteria": f"cpe:2.3:a:{product}:*:*:*:*:*:*:*:*", **bounds}
        (self.folder / "nvd.json").write_text(json.dumps({"vulnerabilities": [
            {"cve": {"id": "CVE-2021-41773", "lastModified": "2025-01-01T00:00:00.000", "configurations": [
                {"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [
                    criterion("apache:http_server", versionStartIncluding="2.4.49", versionEndExcluding="2.4.50")]}]}]}},
            {"cve": {"id": "CVE-2021-1", "lastModified": "2025-01-01T00:00:00.000", "configurations": [
                {"nodes": [{"operator": "OR", "cpeMatch": [criterion("lodash:lodash")]}]}]}}]}))
        components = [
            {"type": "application", "name": "httpd", "version": version,
             "cpe": f"cpe:2.3:a:apache:http_server:{version}:*:*:*:*:*:*:*"} for version in ("2.4.49", "2.4.50")]
        # A name that somebody guessed for a package of npm, which has advisories of its own.
        components.append({"type": "library", "name": "lodash", "version": "4.17.21", "purl": "pkg:npm/lodash@4.17.21",
                           "cpe": "cpe:2.3:a:lodash:lodash:4.17.21:*:*:*:*:*:*:*"})
        (self.folder / "sbom.cdx.json").write_text(json.dumps({
            "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}))
        self.write_records(record(1))
        self.build("--nvd", self.folder / "nvd.json", "--osv", self.feed)
        done = self.merlon("scan", "packages", f"sbom:{self.folder}/sbom.cdx.json", "--database", self.database,
                           "--max-database-age", "0", "--format", "json")
        finding, = json.loads(done.stdout)["findings"]
        self.assertIn("CVE-2021-41773", json.dumps(finding))
        self.assertIn("cpe:2.3:a:apache:http_server:*:*:*:*:*:*:*:* from 2.4.49 before 2.4.50 "
                      "(2.4.49 = 2.4.49, 2.4.49 < 2.4.50)", json.dumps(finding))

    def test_every_kind_of_feed_is_read(self):
        self.write_records(record(1))
        files = {
            "secdb/main.json": json.dumps({"distroversion": "v3.19", "urlprefix": "https://a", "packages": [
                {"pkg": {"name": "curl", "secfixes": {"8-r0": ["CVE-2025-7"]}}}]}),
            "tracker.json": json.dumps({"curl": {"CVE-2025-7": {"releases": {
                "bookworm": {"status": "open", "urgency": "low"}}}}}),
            "rustsec/RUSTSEC-2025-0001.md": '```toml\n[advisory]\nid = "RUSTSEC-2025-0001"\npackage = "x"\n'
                                            '[versions]\npatched = [">= 1.2"]\n```\n# Title\n',
            "rustsec/README.md": "# For people\n",
            "rubysec/CVE-2025-9.yml": "gem: x\ncve: 2025-9\ntitle: t\npatched_versions: ['>= 1.2']\n",
            "kev.json": json.dumps({"vulnerabilities": [{"cveID": "CVE-2025-1", "dueDate": "2025-02-01",
                                                         "knownRansomwareCampaignUse": "Known"}]}),
        }
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        with gzip.open(self.folder / "epss.csv.gz", "wt") as table:
            table.write("#model\ncve,epss,percentile\nCVE-2025-7,0.5,0.9\nCVE-1999-1,0.1,0.1\n")
        self.build("--osv", self.feed, "--secdb", self.folder / "secdb", "--debian-tracker",
                   self.folder / "tracker.json", "--rustsec", self.folder / "rustsec", "--rubysec",
                   self.folder / "rubysec", "--kev", self.folder / "kev.json", "--epss",
                   self.folder / "epss.csv.gz")
        info = self.info()
        self.assertEqual(info["ecosystems"], ["Alpine", "Debian", "RubyGems", "crates.io", "npm"])
        self.assertEqual(info["threats"], 2)
        self.assertEqual(info["records"], 5)


if __name__ == "__main__":
    MERLON = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
