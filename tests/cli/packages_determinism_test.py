#!/usr/bin/env python3
"""Packages give equal bytes: packages_determinism_test.py MERLON [RUNS]

A tree of many formats is written again and again in another order, and its SBOMs, its scan against a small database
and its diff with another tree are made by 1 to 8 threads. Every run has to give the bytes of the first one.
"""

import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

TIME = "1700000000"
NAMES = [f"p{number}" for number in range(60)]


def advisory(number, ecosystem, name, parts=None):
    affected = {"package": {"ecosystem": ecosystem, "name": name},
                "ranges": [{"type": "ECOSYSTEM" if ecosystem == "PyPI" else "SEMVER",
                            "events": [{"introduced": "0"}, {"fixed": "9.0.0"}]}]}
    if parts:
        affected["ecosystem_specific"] = {"imports": parts}
    return {"schema_version": "1.7.4", "id": f"TEST-{number}", "modified": "2026-01-01T00:00:00Z",
            "aliases": [f"CVE-2026-{1000 + number // 2}"], "affected": [affected]}


def files(rng):
    """Path to text; the same for each seed of `rng`."""
    tree = {}
    for folder in range(25):
        names = sorted(rng.sample(NAMES, 20))
        packages = {"": {"name": f"app{folder}", "version": "1.0.0", "dependencies": {n: "*" for n in names}}}
        packages |= {f"node_modules/{n}": {"version": f"1.{rng.randrange(9)}.0", "license": "MIT"} for n in names}
        tree[f"js{folder}/package-lock.json"] = json.dumps({"name": f"app{folder}", "lockfileVersion": 3,
                                                            "packages": packages})
        tree[f"js{folder}/index.js"] = "".join(f"require('{n}')\n" for n in names[:5])
        tree[f"py{folder}/requirements.txt"] = "".join(f"{n}==1.{rng.randrange(9)}\n" for n in names)
        tree[f"py{folder}/main.py"] = "".join(f"import {n}\n" for n in names[:5])
        tree[f"go{folder}/go.mod"] = f"module a.org/m{folder}\n\ngo 1.21\n" + "".join(
            f"require b.org/{n} v1.{rng.randrange(9)}.0\n" for n in names)
        tree[f"go{folder}/main.go"] = "package main\n\nimport (\n" + "".join(
            f'\t"b.org/{n}/x"\n' for n in names[:8]) + ")\n\nfunc main() {\n" + "".join(
            "\tx.F()\n" for _ in names[:8]) + "}\n"
        tree[f"rs{folder}/Cargo.lock"] = "version = 3\n" + "".join(
            f'\n[[package]]\nname = "{n}"\nversion = "1.{rng.randrange(9)}.0"\n'
            f'source = "registry+https://github.com/rust-lang/crates.io-index"\n' for n in names)
    return tree


def write(folder, tree, rng):
    shutil.rmtree(folder, ignore_errors=True)
    paths = list(tree)
    rng.shuffle(paths)
    for path in paths:
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(tree[path])


def main():
    merlon, runs = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 24
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="merlon-determinism-"))
    environment = {"PATH": os.environ["PATH"], "HOME": str(scratch), "SOURCE_DATE_EPOCH": TIME,
                   **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}
    try:
        feed = scratch / "feed"
        feed.mkdir()
        records = [advisory(i, *which) for i, which in enumerate(
            [("npm", n) for n in NAMES] + [("PyPI", n) for n in NAMES] +
            [("Go", f"b.org/{n}", [{"path": f"b.org/{n}/x", "symbols": ["F"]}]) for n in NAMES])]
        for record in records:
            (feed / f"{record['id']}.json").write_text(json.dumps(record))
        before, after = files(random.Random(1)), files(random.Random(2))
        database, base, head = scratch / "db", scratch / "base", scratch / "head"
        commands = {
            "db build": ["db", "build", "--osv", feed, "--database", database, "--force", "--quiet"],
            "cyclonedx": ["sbom", ".", "--output", "cyclonedx-json=out"],
            "spdx": ["sbom", ".", "--output", "spdx-json=out"],
            "scan": ["scan", "packages", ".", "--database", database, "--max-database-age", "0", "--format", "json",
                     "--output", "out"],
            "diff": ["diff", "packages", base, head, "--database", database, "--max-database-age", "0", "--format",
                     "json", "--output", "out"],
        }
        seen, wrong = {}, 0
        for run in range(runs):
            rng = random.Random(run)
            write(base, before, rng)
            write(head, after, rng)
            write(feed, {f"{r['id']}.json": json.dumps(r) for r in records}, rng)
            for path in feed.iterdir():
                os.utime(path, (int(TIME), int(TIME)))
            for name, words in commands.items():
                threads = [] if name == "db build" else ["--threads", str(1 + run % 8)]
                done = subprocess.run([merlon, *map(str, words), *threads], cwd=head, env=environment,
                                      capture_output=True, check=False)
                out = database if name == "db build" else head / "out"
                if not out.exists():
                    sys.exit(f"packages_determinism: {name}: {done.stderr.decode()[:500]}")
                digest = hashlib.sha256(out.read_bytes()).hexdigest()
                (head / "out").unlink(missing_ok=True)
                if seen.setdefault(name, (digest, done.returncode)) != (digest, done.returncode):
                    wrong += 1
                    print(f"run {run}: {name} gives other bytes")
        print(f"{runs * len(commands)} runs, {wrong} differ")
        return 1 if wrong else 0
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
