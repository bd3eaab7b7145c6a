#!/usr/bin/env python3
"""Matching against scalibr's offline matcher on the same OSV records: osv_parity.py SCA_PROBE MERLON SCALIBR [--osv DIR…]

Both are asked about every package of the records at the versions where answers change: those of the events, those
that are listed, and between. The packages are written as requirements.txt and go.mod, one version of each a folder;
scalibr reads these, Merlon lines of names and versions. Each difference is put into a class by rules that are written here, with
the reason; what no rule explains is printed, and the exit code is 1.

With --locks FOLDER both read the lock files below it instead (lock_files.py makes such a folder of public
repositories): first the packages of each file are compared, then the records of each package.

SCALIBR is `go install github.com/google/osv-scalibr/binary/scalibr@v0.5.2`.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import urllib.parse
import zipfile

ECOSYSTEMS = ("Go", "PyPI")
PLAIN = {"Go": re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+incompatible)?$"),
         "PyPI": re.compile(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?$")}
NOT_MODULES = {"stdlib", "toolchain"}
SHOWN = int(os.environ.get("OSV_PARITY_SHOWN", "40"))  # differences without an explanation


def records_of(merlon, database):
    exported = subprocess.run([merlon, "db", "export", "--database", database], capture_output=True, check=True)
    return [json.loads(line) for line in exported.stdout.splitlines()]


def sections_of(merlon, database):
    info = subprocess.run([merlon, "db", "info", "--format", "json", "--database", database], capture_output=True,
                          check=True)
    return json.loads(info.stdout)["sections"]


def write_archives(records, scratch):
    """The records as scalibr looks for them: an archive for each ecosystem."""
    for ecosystem in ECOSYSTEMS:
        path = scratch / "db" / "osv-scalibr" / ecosystem / "all.zip"
        path.parent.mkdir(parents=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for record in records:
                if any(a.get("package", {}).get("ecosystem") == ecosystem for a in record.get("affected", [])):
                    archive.writestr(record["id"] + ".json", json.dumps(record))


def versions_near(version, ecosystem):
    """The version itself, and one a little below and above it."""
    yield version
    match = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    if match:
        major, minor, patch = (int(part or 0) for part in match.groups())
        yield f"{major}.{minor}.{patch + 1}"
        if patch:
            yield f"{major}.{minor}.{patch - 1}"
        elif minor:
            yield f"{major}.{minor - 1}.99"


def as_module_version(name, version):
    """The version as a go.mod can name it: its major one has to be the path's; None where it is not."""
    major = int(version.split(".")[0])
    match = re.search(r"(?:/v|^gopkg\.in/.*\.v)(\d+)$", name)
    if match:
        return version if major == int(match[1]) else None
    if major < 2 or "+" in version:
        return version
    return None if "-" in version else version + "+incompatible"


def questions(records, per_package, seed):
    asked = collections.defaultdict(set)
    for record in records:
        for affected in record.get("affected", []):
            package = affected.get("package", {})
            ecosystem, name = package.get("ecosystem"), package.get("name")
            if ecosystem not in ECOSYSTEMS or name in NOT_MODULES:
                continue
            known = list(affected.get("versions", []))
            for entry in affected.get("ranges", []):
                if entry["type"] != "GIT":
                    known += [value for event in entry["events"] for value in event.values() if value != "0"]
            for version in known:
                near = [text for text in versions_near(version, ecosystem) if PLAIN[ecosystem].match(text)]
                if ecosystem == "Go":
                    near = [text for text in (as_module_version(name, text) for text in near) if text]
                asked[ecosystem, name].update(near)
    source = random.Random(seed)
    for key, versions in sorted(asked.items()):
        versions = sorted(versions)
        yield key, versions if len(versions) <= per_package else sorted(source.sample(versions, per_package))


def normal(name, ecosystem):
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "PyPI" else name


def write_folders(asked, root):
    folders = collections.defaultdict(lambda: {"Go": [], "PyPI": []})
    for (ecosystem, name), versions in asked:
        for number, version in enumerate(versions):
            folders[number][ecosystem].append((name, version))
    for number, lists in folders.items():
        folder = root / f"{number:03}"
        folder.mkdir(parents=True)
        (folder / "requirements.txt").write_text("".join(f"{n}=={v}\n" for n, v in lists["PyPI"]))
        (folder / "go.mod").write_text("module example.test/m\n\ngo 1.21\n\nrequire (\n" + "".join(
            f"\t{n} v{v}\n" for n, v in lists["Go"]) + ")\n")
    return len(folders)


PLUGINS = "python/requirements,go/gomod"
LOCK_PLUGINS = PLUGINS + ",python/poetrylock,python/uvlock,python/pipfilelock,python/pdmlock"


def run_scalibr(scalibr, root, database, scratch, plugins=PLUGINS):
    """What it found as (ecosystem, name, version) and with the record behind; and each package's file and comparator."""
    result = scratch / "scalibr.textproto"  # its fields are read line by line: no protocol buffers are needed
    config = f'osvlocal:{{local_path:"{database}" download:false}}'
    ran = subprocess.run([scalibr, "--root", root, "--offline", f"--plugins={plugins},vulnmatch/osvlocal",
                          "--plugin-config=" + config, "--result", result], capture_output=True, text=True, check=False)
    if ran.returncode != 0 or not result.exists():
        sys.exit(ran.stderr[-2000:])
    packages, pairs, block, holder, places = {}, [], {}, None, {}
    for line in result.read_text().splitlines():
        if line in ("  packages: {", "  package_vulns: {"):
            holder, block = line.strip(" :{"), {}
        elif line == "  }" and holder:
            if holder == "packages":
                packages[block.get("id")] = (block.get("ecosystem"), block.get("name"), block.get("version", ""))
                places[block.get("id")] = (block.get("path", ""), block.get("version_comparator", ""))
            else:
                pairs.append((block.get("package_id"), block.get("vuln.id")))
            holder = None
        elif holder:
            match = re.match(r'    (id|name|version|ecosystem|package_id): "(.*)"$', line)
            if match:
                block[match[1]] = match[2]
            match = re.match(r'\s+(path|locations|version_comparator): "(.*)"$', line)
            if match and holder == "packages":
                block.setdefault("path" if match[1] == "locations" else match[1], match[2])
            match = re.match(r'      id: "(.*)"$', line)
            if match and holder == "package_vulns" and "vuln.id" not in block:
                block["vuln.id"] = match[1]
    seen = {(e, normal(n, e), v.removeprefix("v")) for e, n, v in packages.values() if e in ECOSYSTEMS}
    found = set()
    for package, record in pairs:
        ecosystem, name, version = packages[package]
        found.add((ecosystem, normal(name, ecosystem), version.removeprefix("v"), record))
    rows = {(e, normal(n, e), v.removeprefix("v"), *places[i]) for i, (e, n, v) in packages.items() if e in ECOSYSTEMS}
    return seen, found, rows


def merlon_rows(merlon, folder):
    """(ecosystem, name, version, file) of each package that stands in a lock file."""
    # 2: what was not understood of a file is told, and the other packages are there.
    made = subprocess.run([os.path.abspath(merlon), "sbom", "."], capture_output=True, text=True, check=False, cwd=folder)
    rows = set()
    for component in json.loads(made.stdout)["components"]:
        match = re.match(r"pkg:(pypi|golang)/([^@?]+)(?:@([^?]*))?", component.get("purl", ""))
        if not match:
            continue
        ecosystem = {"pypi": "PyPI", "golang": "Go"}[match[1]]
        name, version = urllib.parse.unquote(match[2]), urllib.parse.unquote(match[3] or "")
        for place in component.get("evidence", {}).get("occurrences", []):
            rows.add((ecosystem, normal(name, ecosystem), version.removeprefix("v"), place["location"]))
    return rows


def line_of(ecosystem, name, version):
    return f"{ecosystem}\t{name}\t{'v' if ecosystem == 'Go' else ''}{version}"


def run_merlon(probe, database, seen):
    ran = subprocess.run([probe, "match", database], input="".join(line_of(*package) + "\n" for package in sorted(seen)),
                         capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        sys.exit(ran.stderr[-2000:])
    return {(ecosystem, name, version.removeprefix("v"), record)
            for ecosystem, name, version, record in (line.split("\t") for line in ran.stdout.splitlines())}


def reason(difference, side, records):
    """Why the two differ, where a rule of the schema says so."""
    ecosystem, name, version, record_id = difference
    record = records[record_id]
    entries = [a for a in record.get("affected", [])
               if normal(a.get("package", {}).get("name", ""), ecosystem) == name]
    if side == "scalibr":
        if record.get("withdrawn"):
            return "withdrawn records count for scalibr"
        return None
    if all(a["package"]["name"] != name for a in entries):
        return "the record's name is not in PEP 503's form, and scalibr compares it as it stands"
    for affected in entries:
        kinds = [entry["type"] for entry in affected.get("ranges", [])]
        if "GIT" in kinds and set(kinds) - {"GIT"} and kinds.index("GIT") < len(kinds) - 1:
            return "scalibr stops at a GIT range in front of the one that counts"
    for affected in entries:
        if any(same(version, listed) and version != listed for listed in affected.get("versions", [])):
            return "the listed version is equal, and written in another way"
    return None


def same(left, right):
    """Whether two versions of PyPI differ in trailing zeros alone."""
    return re.sub(r"(\.0)+$", "", left) == re.sub(r"(\.0)+$", "", right)


def windows(lines, length):
    return (lines[i:i + length] for i in range(len(lines)))


def row_reason(row, side, versions_there, text, has_other):
    """Why a package of a file is seen by one alone: `versions_there` are those that the other one has of it in the same
    file, `text` gives the file's lines, and `has_other(path)` says whether the other one has anything of a file."""
    ecosystem, name, version, path = row
    if side == "scalibr" and ecosystem == "Go" and name.startswith((".", "/")) and version == "":
        return "scalibr names the folder that replaces a module as a package"
    if side == "merlon" and path.endswith("/go.sum"):
        return "the sums of a go.mod before Go 1.17: scalibr places them at the go.mod"
    if side == "scalibr" and path.endswith("/go.mod") and any(f"{name} v{version} " in line
                                                              for line in text(path[:-3] + "sum")):
        return "the sums of a go.mod before Go 1.17: Merlon places them at the go.sum"
    if side == "merlon" and not has_other(path):
        return "scalibr's reader refuses the whole file"
    if side == "merlon" and path.endswith("uv.lock") and any(
            re.match(r'source = \{ (editable|virtual) = ', later)
            for first, *rest in windows(text(path), 4) if first == f'name = "{name}"' for later in rest):
        return "the project itself"
    if versions_there and any(line.startswith("-c") for line in text(path)):
        return "pinned by a file of constraints, which scalibr does not read"
    lines = [line for line in text(path) if name in normal(line, ecosystem)]
    if ecosystem == "Go" and side == "merlon" and any(line.split("//")[0].rstrip().endswith(("=> ../", "=> ./")) or
                                                      re.search(r"=>\s+\.{1,2}(/|$)", line.split("//")[0]) for line in lines):
        return "replaced by a folder: Merlon names it as the project's own, scalibr leaves it out"
    if side == "scalibr":
        if versions_there == {""}:
            return "scalibr takes the lowest version of a range; Merlon shows the range, and that no version is known"
        if any("-r" == line.strip()[:2] for line in text(path)):
            return "scalibr counts what an included file has for the including one, too"
        if name == "stdlib":
            return "the standard library: scalibr names it by the toolchain as it stands"
        return None
    if version == "" and not versions_there:
        return "a package without a version, which scalibr leaves out"
    if version == "":
        return "a range: scalibr has its lowest version"
    if any("://" in line or ".whl" in line or ".tar.gz" in line for line in lines):
        return "named by an address or an archive, which scalibr's reader does not take"
    return None


def compare_rows(ours, theirs, folder):
    cache = {}
    versions = {"merlon": collections.defaultdict(set), "scalibr": collections.defaultdict(set)}
    files = {side: {row[3] for row in rows} for side, rows in (("merlon", ours), ("scalibr", theirs))}
    for side, rows in (("merlon", ours), ("scalibr", theirs)):
        for ecosystem, name, version, path in rows:
            versions[side][ecosystem, name, path].add(version)

    def text(path):
        if path not in cache:
            file = folder / path
            cache[path] = file.read_text("utf-8", "replace").splitlines() if file.exists() else []
        return cache[path]
    classes, unexplained = collections.Counter(), []
    for side, rows in (("merlon", ours - theirs), ("scalibr", theirs - ours)):
        for row in sorted(rows):
            other = versions["scalibr" if side == "merlon" else "merlon"]
            other_side = "scalibr" if side == "merlon" else "merlon"
            why = row_reason(row, side, other.get((row[0], row[1], row[3]), set()), text,
                             lambda path, known=files[other_side]: path in known)
            if why:
                classes[side, why] += 1
            else:
                unexplained.append((side, row))
    return classes, unexplained


def tell(classes, unexplained, what):
    for (side, why), count in classes.most_common():
        print(f"{count:6} {what} only {side}: {why}")
    for side, difference in unexplained[:SHOWN]:
        print(f"       only {side}: {' '.join(difference)}")
    print(f"{len(unexplained)} {what} without an explanation")


def compare_locks(options, records, database, scratch):
    write_archives(records, scratch)
    folder = options.locks.resolve()
    _, found, rows = run_scalibr(options.scalibr, folder, scratch / "db", scratch, LOCK_PLUGINS)
    theirs = {row[:4] for row in rows}
    ours = merlon_rows(options.merlon, folder)
    files = {path for *_, path in ours | theirs}
    print(f"{sum(1 for _ in folder.rglob('*') if _.is_file() and _.name != 'go.sum')} files, {len(files)} with packages: "
          f"Merlon {len(ours)} packages at their place, scalibr {len(theirs)}, {len(ours & theirs)} in common")
    classes, open_rows = compare_rows(ours, theirs, folder)
    tell(classes, open_rows, "packages")
    # The records of what both have with a version.
    seen = {row[:3] for row in ours & theirs if row[2]}
    matched = run_merlon(options.probe, database, seen)
    found = {match for match in found if match[:3] in seen}
    print(f"{len(seen)} package versions that both have: Merlon {len(matched)} matches, scalibr {len(found)}, "
          f"{len(matched & found)} in common")
    return len(open_rows), matched, found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("probe")
    parser.add_argument("merlon")
    parser.add_argument("scalibr")
    corpora = pathlib.Path(os.environ.get("MERLON_CORPORA", "../shared/corpora"))
    parser.add_argument("--osv", action="append", default=None)
    parser.add_argument("--locks", type=pathlib.Path, help="compare the lock files below this folder")
    parser.add_argument("--per-package", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    feeds = options.osv or [str(corpora / "osv" / "go"), str(corpora / "osv" / "pypi")]
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        database = str(scratch / "advisories.db")
        subprocess.run([options.merlon, "db", "build", "--database", database]
                       + [word for feed in feeds for word in ("--osv", feed)], check=True, capture_output=True)
        records = records_of(options.merlon, database)
        if options.locks:
            open_rows, ours, theirs = compare_locks(options, records, database, scratch)
            seen = ours
        else:
            open_rows = 0
            write_archives(records, scratch)
            asked = list(questions(records, options.per_package, options.seed))
            folders = write_folders(asked, scratch / "root")
            seen, theirs, _ = run_scalibr(options.scalibr, scratch / "root", scratch / "db", scratch)
            ours = run_merlon(options.probe, database, seen)
            counts = collections.Counter(ecosystem for ecosystem, _, _ in seen)
            print(f"{counts['Go']} Go and {counts['PyPI']} PyPI package versions in {2 * folders} files: Merlon "
                  f"{len(ours)} matches, scalibr {len(theirs)}, {len(ours & theirs)} in common")
    by_id = {record["id"]: record for record in records}
    classes, unexplained = collections.Counter(), []
    for side, difference in ([("merlon", d) for d in sorted(ours - theirs)]
                             + [("scalibr", d) for d in sorted(theirs - ours)]):
        why = reason(difference, side, by_id)
        if why:
            classes[side, why] += 1
        else:
            unexplained.append((side, difference))
    tell(classes, unexplained, "matches")
    return 1 if unexplained or open_rows or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
