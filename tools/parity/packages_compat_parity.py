#!/usr/bin/env python3
"""`merlon compat trivy` beside the reports that Trivy's own tests expect: packages_compat_parity.py TRIVY [--merlon PROGRAM]

TRIVY is a clone of Trivy's repository (a bare one will do); nothing of it is kept. Its tests' database is YAML: the
advisories of languages are written as OSV records and made into a database of ours. Then each fixture that has an
expected report is scanned with the flags of Trivy's test, and compared: targets, classes and types, each vulnerability
with package, versions, status and severity, the packages, and which members the objects of the report have.
What a rule below explains is counted with its reason; what none explains is printed, and the exit code is 1.

Exit code 2: nothing was compared. Needs PyYAML.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = "integration/testdata/"
ECOSYSTEMS = {"pip": "PyPI", "maven": "Maven", "go": "Go", "cargo": "crates.io", "swift": "SwiftURL",
              "composer": "Packagist", "nuget": "NuGet", "pub": "Pub", "erlang": "Hex", "rubygems": "RubyGems",
              "npm": "npm", "conan": "ConanCenter"}
# Fixture, expected report, further flags; what is installed is looked at by rootfs alone.
CASES = [
    ("gomod", "gomod", []), ("gomod", "gomod-skip", ["--skip-dirs", "submod2"]),
    ("npm", "npm", []), ("npm", "npm-with-dev", ["--include-dev-deps"]), ("yarn", "yarn", []),
    ("pnpm", "pnpm", []), ("bun", "bun", []), ("pip", "pip", []), ("pipenv", "pipenv", []), ("poetry", "poetry", []),
    ("uv", "uv", []), ("pylock", "pylock", []), ("pom", "pom", []), ("gradle", "gradle", []), ("sbt", "sbt", []),
    ("nuget", "nuget", []), ("dotnet", "dotnet", []), ("packagesprops", "packagesprops", []),
    ("swift", "swift", []), ("pubspec", "pubspec.lock", []), ("mixlock", "mix.lock", []),
    ("composer", "composer.lock", []), ("cargo", "cargo.lock", []), ("composer-vendor", "composer.vendor", []),
    ("conan", "conan", []), ("cocoapods", "cocoapods", []),
]
INSTALLED = {"composer-vendor"}
# Why a fixture is not the same, by its name.
KNOWN = {
    "conan": "a record whose range ends before its fix, which OSV cannot say",
    "composer-vendor": "an installed.json outside of a folder vendor/composer is none here",
    "cocoapods": "OSV has no ecosystem of CocoaPods, so there are no records of it",
}
# Members of Trivy's objects that ours have not (docs/compat-trivy.md), or only where the record says them.
ABSENT = {"UID", "Fingerprint", "ReportID", "AnalyzedBy", "VendorSeverity", "V2Vector", "V2Score", "BOMRef", "Layer",
          "PkgPath", "FilePath", "Digest", "VendorIDs"}


def show(repository, path):
    done = subprocess.run(["git", "-C", repository, "show", "HEAD:" + path], capture_output=True)
    return done.stdout if done.returncode == 0 else None


def take_out(repository, below, target):
    """Writes the files below a folder of the repository; a shallow copy may lack some."""
    listed = subprocess.run(["git", "-C", repository, "ls-tree", "-r", "--name-only", "HEAD", below],
                            capture_output=True, text=True, check=True).stdout
    for path in listed.splitlines():
        content = show(repository, path)
        if content is None:
            continue
        place = target / path[len(below):]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def events_of(text, patched):
    """One range of Trivy's advisories as OSV's events; None where it is none that OSV can say."""
    text = str(text).strip()
    bracket = re.fullmatch(r"([\[(])([^,]*),([^,]*)([\])])", text)
    if bracket:
        low, high = bracket[2].strip() or "0", bracket[3].strip()
        return [{"introduced": low}] + ([{"fixed" if bracket[4] == ")" else "last_affected": high}] if high else [])
    low, end = "0", None
    for part in re.split(r"\s*,\s*|\s+(?=[<>=])", text):
        match = re.fullmatch(r"(<=|>=|<|>|=)?\s*v?(\S+)", part)
        if not match:
            return None
        if match[1] in ("<", "<="):
            end = ("fixed" if match[1] == "<" else "last_affected", match[2])
        elif match[1] in (">=", ">"):
            low = match[2]
        else:
            low, end = match[2], ("last_affected", match[2])
    # The fix stands beside the range; OSV has it in there.
    if end and end[0] == "last_affected" and len(patched) == 1:
        end = ("fixed", str(patched[0]).lstrip("^~>=< v"))
    return [{"introduced": low}] + ([{end[0]: end[1]}] if end else [])


def records_of(repository, target):
    """Trivy's test database as OSV records in files; returns how many."""
    documents = subprocess.run(["git", "-C", repository, "ls-tree", "--name-only", "HEAD",
                                DATA + "fixtures/db/"], capture_output=True, text=True, check=True).stdout
    details, advisories = {}, collections.defaultdict(list)
    for path in documents.splitlines():
        for bucket in yaml.load(show(repository, path) or b"", Loader=yaml.BaseLoader) or []:
            kind = bucket["bucket"].split("::")[0]
            if bucket["bucket"] == "vulnerability":
                details.update({pair["key"]: pair["value"] for pair in bucket["pairs"]})
            if kind not in ECOSYSTEMS:
                continue
            for package in bucket["pairs"]:
                for pair in package.get("pairs", []):
                    advisories[pair["key"]].append((ECOSYSTEMS[kind], package["bucket"], pair["value"]))
    for identifier, affected in advisories.items():
        known = details.get(identifier, {})
        record = {"schema_version": "1.7.4", "id": identifier, "modified": "2026-01-01T00:00:00Z",
                  "summary": known.get("Title", ""), "details": known.get("Description", ""), "affected": [],
                  "references": [{"type": "WEB", "url": url} for url in known.get("References", [])],
                  "database_specific": {"severity": known.get("Severity", ""),
                                        "cwe_ids": known.get("CweIDs", [])}}
        vector = known.get("CVSS", {}).get("nvd", {}).get("V3Vector")
        if vector:
            record["severity"] = [{"type": "CVSS_V3", "score": vector}]
        for key, field in (("PublishedDate", "published"), ("LastModifiedDate", "modified")):
            if key in known:
                record[field] = known[key]
        for ecosystem, name, value in affected:
            patched = value.get("PatchedVersions") or []
            ranges = value.get("VulnerableVersions") or []
            if not ranges and patched:
                ranges = ["< " + str(patched[-1]).lstrip("^~>=< ")]
            events = [event for event in (events_of(one, patched) for one in ranges) if event]
            record["affected"].append({"package": {"ecosystem": ecosystem, "name": name},
                                       "ranges": [{"type": "ECOSYSTEM", "events": one} for one in events]})
        (target / (identifier + ".json")).write_text(json.dumps(record))
    return len(advisories)


def vulnerabilities(report):
    for result in report.get("Results", []):
        for found in result.get("Vulnerabilities", []):
            yield (result["Target"], result["Class"], result.get("Type", ""), found["VulnerabilityID"], found["PkgName"],
                   found["InstalledVersion"], found.get("FixedVersion", "").removeprefix("v"), found["Status"], found["Severity"])


def packages(report):
    for result in report.get("Results", []):
        for package in result.get("Packages", []):
            if package.get("Relationship") != "root":
                yield result["Target"], package["Name"], package.get("Version", "")


def members(node, path=""):
    """The members of a report's objects by their places: "Results[].Target"."""
    if isinstance(node, dict):
        for key, value in node.items():
            place = "CVSS.*" if path.endswith("CVSS") else f"{path}.{key}".lstrip(".")
            yield place
            yield from members(value, place)
    elif isinstance(node, list):
        for item in node:
            yield from members(item, path + "[]")


def is_absent(place):
    return any(part.removesuffix("[]") in ABSENT for part in place.split("."))


def one_of_several(theirs, ours):
    """Trivy lists the fix of each branch, and each feed's; Merlon names the one that mends the version."""
    return {entry for entry in theirs if any(
        entry[:6] == other[:6] and entry[7:] == other[7:] and other[6] in re.split(r",\s*", entry[6])
        for other in ours)}


# Reports of the other peers' own tests, and what ours has not: images, licences, details of package databases.
SHAPES = {
    "grype": (["grype", "{tree}", "-o", "json"], "grype/presenter/json/testdata/snapshot/TestJsonDirsPresenter.golden",
              {"channels", "metadata", "metadataType", "constraint", "cpe", "distro", "source", "date"}),
    "osv-scanner": (["osv-scanner", "-r", "{tree}", "-f", "json", "--all-packages"],
                    "cmd/osv-scanner/scan/source/__snapshots__/command_test.snap",
                    {"license_summary", "license_violations", "licenses", "commit", "deprecated",
                     "vulnerabilities"}),
}


def shape_problems(peer, repository, merlon, scratch):
    """The members of a peer's expected reports that a report of ours about one weakness has not."""
    words, path, absent = SHAPES[peer]
    tree, feed, database = scratch / peer / "tree", scratch / peer / "feed", scratch / peer / "a.db"
    tree.mkdir(parents=True)
    feed.mkdir()
    (tree / "requirements.txt").write_text("weak==1.0\n")
    (feed / "a.json").write_text(json.dumps({
        "schema_version": "1.7.4", "id": "GHSA-aaaa-bbbb-cccc", "aliases": ["CVE-2026-1000"],
        "modified": "2026-01-01T00:00:00Z", "summary": "S", "references": [{"type": "WEB", "url": "https://example.com"}],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [{"package": {"ecosystem": "PyPI", "name": "weak"},
                      "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]}]}))
    kev, epss = scratch / peer / "kev.csv", scratch / peer / "epss.csv"
    kev.write_text("cveID,dueDate,knownRansomwareCampaignUse\nCVE-2026-1000,2026-02-01,Known\n")
    epss.write_text("cve,epss,percentile\nCVE-2026-1000,0.5,0.9\n")
    subprocess.run([merlon, "db", "build", "--osv", feed, "--kev", kev, "--epss", epss, "--database", database],
                   check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run([merlon, "compat", *(word.format(tree=tree) for word in words), "--database", database],
                          capture_output=True, text=True)
    blocks = re.findall(r"(?m)^\{\n.*?^\}$", (show(repository, path) or b"").decode(), re.S)
    theirs = set()
    for block in blocks:
        try:
            theirs.update(members(json.loads(block)))
        except json.JSONDecodeError:
            continue  # a snapshot with places cut out of it
    if not theirs:
        return [f"{peer}: no expected report was found"]
    ours = set(members(json.loads(done.stdout)))
    return [f"{peer}: no report of ours has {place}" for place in sorted(theirs - ours)
            if not absent & {part.removesuffix("[]") for part in place.split(".")} and "$schema" not in place
            and place.split(".")[0].removesuffix("[]") in {one.split(".")[0].removesuffix("[]") for one in ours}]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trivy")
    for peer in SHAPES:
        parser.add_argument("--" + peer, metavar="REPOSITORY", help="compare the members of its expected reports too")
    parser.add_argument("--merlon", default=str(ROOT / "build" / "release" / "merlon"))
    arguments = parser.parse_args()
    counts, explained, problems = collections.Counter(), collections.Counter(), []
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "feed").mkdir()
        counts["records"] = records_of(arguments.trivy, scratch / "feed")
        database = scratch / "a.db"
        subprocess.run([arguments.merlon, "db", "build", "--osv", scratch / "feed", "--database", database],
                       check=True, stdout=subprocess.DEVNULL)
        shapes = [set(), set()]
        for fixture, golden, flags in CASES:
            expected = show(arguments.trivy, f"{DATA}{golden}.json.golden")
            if expected is None:
                counts["expected reports that are absent"] += 1
                continue
            tree = scratch / "trees" / fixture
            take_out(arguments.trivy, f"{DATA}fixtures/repo/{fixture}/", tree)
            done = subprocess.run(
                [arguments.merlon, "compat", "trivy", "rootfs" if fixture in INSTALLED else "repo", "--scanners", "vuln", "--format", "json", "--exact-exit",
                 "--database", database, *flags, tree], capture_output=True, text=True, env=os.environ)
            if done.returncode != 0:
                problems.append(f"{golden}: exit code {done.returncode}: {done.stderr.strip()}")
                continue
            expected, actual = json.loads(expected), json.loads(done.stdout)
            counts["reports"] += 1
            theirs, ours = set(vulnerabilities(expected)), set(vulnerabilities(actual))
            counts["vulnerabilities"] += len(theirs)
            counts["vulnerabilities, equal"] += len(theirs & ours)
            several = one_of_several(theirs - ours, ours)
            explained["the fix of this version in place of those of all branches"] += len(several)
            short = {entry[:6] for entry in several}
            for side, left in (("only Trivy", theirs - ours - several),
                               ("only Merlon", {entry for entry in ours - theirs if entry[:6] not in short})):
                for entry in sorted(left):
                    if fixture in KNOWN:
                        explained[KNOWN[fixture]] += 1
                    else:
                        problems.append(f"{golden}: {side}: {entry}")
            listed, found = set(packages(expected)), set(packages(actual))
            if listed:
                counts["packages"] += len(listed)
                counts["packages, equal"] += len(listed & found)
                for entry in sorted(listed - found):
                    if fixture in KNOWN:
                        explained[KNOWN[fixture]] += 1
                    else:
                        problems.append(f"{golden}: only Trivy: package {entry}")
            shapes[0].update(members(expected))
            shapes[1].update(members(actual))
        lacking = {place for place in shapes[0] - shapes[1] if not is_absent(place)}
        problems += [f"no report of ours has {place}" for place in sorted(lacking)]
        for peer in SHAPES:
            repository = getattr(arguments, peer.replace("-", "_"))
            if repository:
                counts["shapes of " + peer] += 1
                problems += shape_problems(peer, repository, arguments.merlon, scratch)
        counts["members of Trivy's objects"] = len(shapes[0])
        counts["members, ours too"] = len(shapes[0] & shapes[1])
    for name, count in [*counts.items(), *(("explained: " + reason, count) for reason, count in explained.items())]:
        print(f"{count:6}  {name}")
    for problem in problems:
        print("DIFFERS " + problem)
    if counts["reports"] == 0:
        return 2
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
