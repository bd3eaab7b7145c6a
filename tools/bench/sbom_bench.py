#!/usr/bin/env python3
"""SBOM of a large tree beside Syft, and the review of a monorepo: sbom_bench.py [--merlon P] [--syft P] [--rounds 3]

The tree has 100,000 files: sources in folders, and one in five hundred is a lock file (npm, pip, Go, Cargo) of twenty
packages. Both write a CycloneDX SBOM of it; what Merlon finds must hold all that Syft finds, by package URL. Wall
seconds and the largest resident MiB, medians of --rounds runs, interleaved. The monorepo has 5,000 packages in a
hundred lock files, two revisions of which one has another version in one of them; `diff packages BASE..HEAD` is
measured alone, as Syft has no such command. Prints a markdown table.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILES = 100_000
NAMES = [f"package-{number}" for number in range(4_000)]


def npm_lock(names):
    packages = {"": {"name": "app", "version": "1.0.0", "dependencies": {name: "*" for name, _ in names}}}
    packages |= {f"node_modules/{name}": {"version": version} for name, version in names}
    return json.dumps({"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": packages}, indent=1)


LOCKS = {
    "package-lock.json": npm_lock,
    "requirements.txt": lambda names: "".join(f"{name}=={version}\n" for name, version in names),
    "go.mod": lambda names: "module example.com/app\n\ngo 1.21\n\n" + "".join(
        f"require example.com/{name} v{version}\n" for name, version in names),
    "Cargo.lock": lambda names: "version = 3\n" + "".join(
        f'\n[[package]]\nname = "{name}"\nversion = "{version}"\n'
        'source = "registry+https://github.com/rust-lang/crates.io-index"\n' for name, version in names),
}


def some(rng, count):
    return [(name, f"{rng.randrange(9)}.{rng.randrange(9)}.{rng.randrange(9)}") for name in rng.sample(NAMES, count)]


def write_tree(folder):
    rng = random.Random(1)
    kinds = list(LOCKS)
    for number in range(FILES // 500):
        place = folder / f"team{number % 20}" / f"app{number}"
        (place / "src").mkdir(parents=True)
        kind = kinds[number % len(kinds)]
        (place / kind).write_text(LOCKS[kind](some(rng, 20)))
        for source in range(499):
            ending = (".c", ".py", ".js", ".go", ".txt")[source % 5]
            (place / "src" / f"file{source}{ending}").write_text(f"// {source}\n" * 20)


def write_monorepo(folder):
    rng = random.Random(2)
    def git(*words):
        subprocess.run(["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.com", *words], check=True,
                       stdout=subprocess.DEVNULL)
    folder.mkdir()
    git("init", "-q")
    for number in range(100):
        place = folder / f"app{number}"
        place.mkdir()
        (place / "package-lock.json").write_text(npm_lock(some(rng, 50)))
    git("add", "-A")
    git("commit", "-qm", "one")
    (folder / "app7" / "package-lock.json").write_text(npm_lock(some(rng, 50)))
    git("commit", "-qam", "two")


def measured(words, folder):
    figures = folder.parent / "figures"
    ran = subprocess.run(["/usr/bin/time", "-f", "%e %M", "-o", figures, *map(str, words)], cwd=folder,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if ran.returncode not in (0, 1):
        sys.exit(f"sbom_bench: {words[0]} ended with {ran.returncode}: {ran.stderr.decode()[:500]}")
    seconds, kib = figures.read_text().splitlines()[-1].split()
    return float(seconds), int(kib) / 1024


def purls_of(path):
    return {c["purl"].split("?")[0] for c in json.loads(path.read_text())["components"] if "purl" in c}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--merlon", default=str(ROOT / "build" / "release" / "merlon"))
    parser.add_argument("--syft", default=str(ROOT / "build" / "peers" / "bin" / "syft"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for program in (options.merlon, options.syft):
        if not os.access(program, os.X_OK):
            sys.exit(f"sbom_bench: {program} is missing (tools/build.sh release merlon; tools/peers.sh syft)")
    os.environ["SYFT_CHECK_FOR_APP_UPDATE"] = "false"
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        write_tree(scratch / "tree")
        write_monorepo(scratch / "monorepo")
        commands = {
            "Merlon": [options.merlon, "sbom", ".", "--quiet", "--output", f"cyclonedx-json={scratch}/merlon.json"],
            "Syft": [options.syft, "scan", "dir:.", "--quiet", "--output", f"cyclonedx-json={scratch}/syft.json"],
        }
        runs = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, words in commands.items():
                runs[name].append(measured(words, scratch / "tree"))
        missing = purls_of(scratch / "syft.json") - purls_of(scratch / "merlon.json")
        print(f"{len(purls_of(scratch / 'merlon.json'))} packages by Merlon, "
              f"{len(purls_of(scratch / 'syft.json'))} by Syft, {len(missing)} of these not by Merlon")
        print("| | seconds | MiB |\n|---|---|---|")
        for name, figures in runs.items():
            seconds, mebibytes = (statistics.median(column) for column in zip(*figures))
            print(f"| SBOM of {FILES:,} files, {name} | {seconds:.2f} | {mebibytes:.0f} |")
        review = [measured([options.merlon, "diff", "packages", "HEAD~1..HEAD", "--quiet", "--fail-on", "critical"],
                           scratch / "monorepo") for _ in range(options.rounds)]
        seconds, mebibytes = (statistics.median(column) for column in zip(*review))
        print(f"| diff of a monorepo of 5,000 packages, Merlon | {seconds:.2f} | {mebibytes:.0f} |")
        return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
