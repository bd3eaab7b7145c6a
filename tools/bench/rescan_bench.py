#!/usr/bin/env python3
"""`db update --rescan` of many stored bills of materials: rescan_bench.py MERLON [--boms 10000] [--delta 1000]

Makes bills of 100 packages each out of 20,000 (seeded), a database of 100,000 made-up records, and one with --delta
records more. The second one is built first; what is measured is the whole process that then matches all bills again:
nothing of the feed has changed, so that it is the re-scan alone. What it finds is compared with what has to be found.
"""

import argparse
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

PACKAGES = 20_000
RECORDS = 100_000
BOM_PACKAGES = 100


def record(number, name):
    return json.dumps({"id": f"GHSA-{number:07}", "modified": "2026-01-01T00:00:00Z", "affected": [
        {"package": {"ecosystem": "npm", "name": name},
         "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}]}]})


def write_feed(path, names):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number, name in enumerate(names):
            archive.writestr(zipfile.ZipInfo(f"{number}.json"), record(number, name))


def write_boms(folder, count):
    chosen = random.Random(7)
    folder.mkdir()
    bills = {}
    for number in range(count):
        bills[f"{number:05}.cdx.json"] = held = chosen.sample(range(PACKAGES), BOM_PACKAGES)
        (folder / f"{number:05}.cdx.json").write_text(json.dumps({
            "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [
                {"type": "library", "name": f"p-{n}", "version": "1.0.0", "purl": f"pkg:npm/p-{n}@1.0.0"}
                for n in held]}))
    return bills


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("merlon")
    parser.add_argument("--boms", type=int, default=10_000)
    parser.add_argument("--delta", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        database, boms = folder / "advisories.db", folder / "sboms"
        bills = write_boms(boms, options.boms)
        # Records of packages that no bill holds, and of one in a hundred that some do.
        before = [f"other-{n}" if n % 100 else f"p-{n // 100}" for n in range(RECORDS)]
        added = [f"p-{10_000 + n}" for n in range(options.delta)]
        write_feed(folder / "before.zip", before)
        write_feed(folder / "after.zip", before + added)

        def update(feed, *words):
            begin = time.monotonic()
            ran = subprocess.run([options.merlon, "db", "update", "--offline", "--database", database, "--source",
                                  f"osv={folder / feed}", *words], capture_output=True, text=True, check=False)
            if ran.returncode > 1:
                sys.exit(f"rescan_bench: {ran.stderr}")
            return time.monotonic() - begin, ran.stdout

        first, _ = update("before.zip", "--rescan", boms)
        update("after.zip")
        index = next((folder / "advisories.db.feeds").glob("rescan-*"))
        remembered = index.read_bytes()
        times = []
        for _ in range(options.rounds):
            index.write_bytes(remembered)
            seconds, out = update("after.zip", "--rescan", boms, "--format", "json")
            times.append(seconds)
        found = {(change["purl"], bom) for change in json.loads(out)["changes"] for bom in change["boms"]}
        expected = {(f"pkg:npm/p-{n}@1.0.0", bom) for bom, held in bills.items() for n in held
                    if 10_000 <= n < 10_000 + options.delta}
        if found != expected:
            sys.exit(f"rescan_bench: {len(found)} pairs, expected {len(expected)}")
        print("| what | figure |\n|---|---|")
        print(f"| {options.boms} bills of {BOM_PACKAGES} packages against {options.delta} new records: "
              f"{len(found)} pairs of package and bill | {statistics.median(times):.2f} s, index "
              f"{len(remembered) / 1e6:.1f} MB |")
        print(f"| the first time, with reading all bills and building the database of {RECORDS} records | "
              f"{first:.1f} s |")


if __name__ == "__main__":
    main()
