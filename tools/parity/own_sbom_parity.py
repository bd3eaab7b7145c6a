#!/usr/bin/env python3
"""Holds what `merlon scan packages` says of a tree against what it says of the tree's own SBOM, in all six formats.

  own_sbom_parity.py TREE... [--show N] [--merlon PROGRAM]

Of each tree an SBOM is made, and a database in which every package that the SBOM names, of an ecosystem with
advisories, is weak in all versions, at a severity and with a fix that follow from its name. Judged alike means: the
same findings (advisory, package URL, severity, verdict of the gate). The exit code of an SBOM may be better than its
tree's where the tree has files that cannot be read; never worse.

Exit code: 0 all alike, 1 otherwise, 2 without the program.
"""

import argparse
import collections
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from inventory_parity import split_purl

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FORMATS = {"cyclonedx-json": "b.cdx.json", "cyclonedx-xml": "b.cdx.xml", "spdx-json": "b.spdx.json",
           "spdx-yaml": "b.spdx.yaml", "spdx-tag-value": "b.spdx", "spdx3-json": "b.spdx3.json"}
# OSV's names of ecosystems, by the types of package URLs.
ECOSYSTEMS = {"npm": "npm", "pypi": "PyPI", "maven": "Maven", "golang": "Go", "cargo": "crates.io", "nuget": "NuGet",
              "gem": "RubyGems", "composer": "Packagist", "hex": "Hex", "pub": "Pub", "hackage": "Hackage",
              "cran": "CRAN", "conan": "ConanCenter", "swift": "SwiftURL", "github": "GitHub Actions"}
SCORES = ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N")


def run(*words, codes=(0, 1, 2), **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **options)
    if done.returncode not in codes:
        raise SystemExit(f"own_sbom_parity: {' '.join(map(str, words))}: {done.returncode}: {done.stderr.strip()}")
    return done


def write_records(bom, feed):
    """An advisory for each package of the SBOM; how many."""
    names = set()
    for component in json.loads(bom.read_text())["components"]:
        if "purl" in component:
            kind, name, _ = split_purl(component["purl"])
            if kind in ECOSYSTEMS:
                names.add((ECOSYSTEMS[kind], name))
    for ecosystem, name in names:
        digest = hashlib.sha256(f"{ecosystem} {name}".encode()).digest()
        events = [{"introduced": "0"}] + ([{"fixed": "99999"}] if digest[0] % 2 else [])
        identifier = "OWN-2026-" + digest.hex()[:12]
        (feed / f"{identifier}.json").write_text(json.dumps({
            "schema_version": "1.7.4", "id": identifier, "modified": "2026-01-01T00:00:00Z",
            "severity": [{"type": "CVSS_V3", "score": SCORES[digest[1] % 2]}],
            "affected": [{"package": {"ecosystem": ecosystem, "name": name},
                          "ranges": [{"type": "ECOSYSTEM", "events": events}]}]}))
    return len(names)


def judged(merlon, target, database, **options):
    done = run(merlon, "scan", "packages", target, "--database", database, "--format", "json", "--quiet", **options)
    report = json.loads(done.stdout)
    return done.returncode, {
        (finding["rule"], finding["properties"]["purl"], finding["severity"], finding["properties"].get("gate", ""))
        for finding in report["findings"] if "purl" in finding["properties"]}


def compare(merlon, tree, show):
    """How many of the six formats are judged otherwise than the tree."""
    counts, problems = collections.Counter(), []
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "feed").mkdir()
        for name, file in FORMATS.items():
            run(merlon, "sbom", ".", "--quiet", "--output", f"{name}={scratch / file}", cwd=tree)
        counts["advisories"] = write_records(scratch / FORMATS["cyclonedx-json"], scratch / "feed")
        database = scratch / "a.db"
        run(merlon, "db", "build", "--osv", scratch / "feed", "--database", database, codes=(0,))
        code, expected = judged(merlon, ".", database, cwd=tree)
        counts["findings of the tree"] = len(expected)
        for name, file in FORMATS.items():
            own_code, found = judged(merlon, f"sbom:{scratch / file}", database, cwd=scratch)
            if found == expected and own_code <= code:
                counts["formats alike"] += 1
                continue
            problems.append(f"{name}: exit code {own_code} and not {code}, {len(expected - found)} findings fewer, "
                            f"{len(found - expected)} more")
            for side, some in (("only of the tree", expected - found), ("only of the SBOM", found - expected)):
                problems += [f"  {side}: {' '.join(entry)}" for entry in sorted(some)[:show]]
    print(f"== {tree}: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    for problem in problems:
        print("  DIFFERS " + problem)
    return not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("--merlon", default=str(ROOT / "build" / "release" / "merlon"))
    arguments = parser.parse_args()
    merlon = os.path.abspath(arguments.merlon)
    if not os.access(merlon, os.X_OK):
        print(f"own_sbom_parity: {merlon} is missing (tools/build.sh release merlon)", file=sys.stderr)
        return 2
    good = [compare(merlon, tree.resolve(), arguments.show) for tree in arguments.trees]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
