#!/usr/bin/env python3
"""Matching of packages beside scalibr's offline matcher, and the database's own figures.

  sca_bench.py SCA_PROBE MERLON [SCALIBR] [--rounds 5] [--records 1000000]

The same packages (versions of the records of the Go and PyPA databases, seeded) are asked of both, each in a fresh
process: wall seconds and the largest resident MiB, medians of --rounds runs, interleaved. scalibr reads a
requirements.txt and go.mod; Merlon lines of names and versions. Results are compared first: what Merlon finds must
hold all that scalibr finds. Then a database of made-up records is built and opened. Prints a markdown table.
"""

import argparse
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "parity"))
import osv_parity as parity  # noqa: E402


def measured(words, scratch, stdin=None):
    """Wall seconds, resident MiB and output of one process. GNU time starts it: as a child of this one it would be
    charged with what Python held when it was forked."""
    figures = scratch / "figures"
    ran = subprocess.run(["/usr/bin/time", "-f", "%e %M", "-o", figures, *map(str, words)], stdin=stdin,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if ran.returncode != 0:
        sys.exit(f"sca_bench: {words[0]} ended with {ran.returncode}")
    seconds, kib = figures.read_text().split()
    return float(seconds), int(kib) / 1024, ran.stdout.decode()


def packages_of(records, count):
    pairs = [(key, version) for key, versions in parity.questions(records, 12, 7) for version in versions]
    chosen = sorted(random.Random(7).sample(pairs, min(count, len(pairs))))
    grouped = {}
    for key, version in chosen:
        grouped.setdefault(key, []).append(version)
    return grouped


def bench_match(options, scratch, database, records, count):
    asked = packages_of(records, count)
    root = scratch / f"root{count}"
    parity.write_folders(list(asked.items()), root)
    lines = scratch / f"packages{count}"
    lines.write_text("".join(parity.line_of(e, parity.normal(n, e), v) + "\n"
                             for (e, n), versions in asked.items() for v in versions))
    ours, theirs = [], []
    for _ in range(options.rounds):
        with lines.open() as stdin:
            begin = time.monotonic()
            _, resident, output = measured([options.probe, "match", database], scratch, stdin)
            ours.append((time.monotonic() - begin, resident, output))
        if options.scalibr:
            config = f'osvlocal:{{local_path:"{scratch / "db"}" download:false}}'
            seconds, mib, _ = measured([options.scalibr, "--root", root, "--offline",
                                        "--plugins=python/requirements,go/gomod,vulnmatch/osvlocal",
                                        "--plugin-config=" + config, "--result", scratch / "out.textproto"], scratch)
            theirs.append((seconds, mib))
    found = len(ours[0][2].splitlines())
    seconds = statistics.median(run[0] for run in ours)
    mib = statistics.median(run[1] for run in ours)
    line = f"| {sum(map(len, asked.values()))} packages, {found} matches | {seconds * 1000:.1f} ms, {mib:.1f} MiB |"
    if theirs:
        peer_seconds = statistics.median(run[0] for run in theirs)
        peer_mib = statistics.median(run[1] for run in theirs)
        line += (f" {peer_seconds * 1000:.0f} ms, {peer_mib:.0f} MiB | {peer_seconds / seconds:.0f}x faster, "
                 f"1/{peer_mib / mib:.0f} of the memory |")
        _, pairs, _ = parity.run_scalibr(options.scalibr, root, scratch / "db", scratch)
        known = set(ours[0][2].splitlines())
        missing = [pair for pair in pairs if pair[1] not in parity.NOT_MODULES
                   and parity.line_of(*pair[:3]) + "\t" + pair[3] not in known]
        if missing:
            sys.exit(f"sca_bench: scalibr alone finds {missing[:5]}")
    print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("probe")
    parser.add_argument("merlon")
    parser.add_argument("scalibr", nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--records", type=int, default=1_000_000)
    options = parser.parse_args()
    corpora = pathlib.Path(os.environ.get("MERLON_CORPORA", "../shared/corpora")) / "osv"
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        database = scratch / "advisories.db"
        seconds, _, _ = measured([options.merlon, "db", "build", "--database", database, "--osv", corpora / "go",
                                    "--osv", corpora / "pypi"], scratch)
        records = parity.records_of(options.merlon, database)
        parity.write_archives(records, scratch)
        print("| what | Merlon | scalibr 0.5.2, offline | |\n|---|---|---|---|")
        for count in (1_000, 10_000):
            bench_match(options, scratch, database, records, count)
        sizes = parity.sections_of(options.merlon, database)
        without_texts = database.stat().st_size - sizes["texts"]
        opened = measured([options.probe, "open", database, 101], scratch)[2].strip()
        print(f"| database of {len(records)} records | {without_texts / 1e6:.2f} MB without texts "
              f"({database.stat().st_size / 1e6:.2f} MB with), built in {seconds:.1f} s, opened in {opened} ms | | |")
        large = scratch / "large.db"
        seconds, mib, _ = measured([options.probe, "synthesize", options.records, large], scratch)
        opened = measured([options.probe, "open", large, 101], scratch)[2].strip()
        print(f"| database of {options.records} made-up records | {large.stat().st_size / 1e6:.0f} MB, built in "
              f"{seconds:.1f} s with {mib:.0f} MiB, opened in {opened} ms | | |")
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"\nprocessor seconds of it all: {usage.ru_utime + usage.ru_stime:.0f}")


if __name__ == "__main__":
    main()
