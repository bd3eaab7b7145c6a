#!/usr/bin/env python3
"""Compares the packages that merlon finds in a tree with those of a peer, package for package.

  inventory_parity.py [TREE]... [--peer scalibr|syft|trivy] [--program PEER] [--show N] [--merlon PROGRAM]

Without TREE it takes scalibr's own fixtures from Go's module cache, where tools/peers.sh scalibr left
them, each under the name that its extractor takes, below build/parity/inventory; nothing of them is
kept in the repository. A package is (path, type, name, version). What only one side has is sorted by
the predicates below; what none of them explains is printed and counts.

Exit code: 0 all equal or explained and recall of at least 99 % of what the peer is right about,
1 otherwise, 2 without the programs.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "build" / "parity" / "inventory"
VERSION = "v0.5.2"
PLUGINS = ("python,javascript,java,go,dart,erlang,elixir,haskell,r,ruby,dotnet,php,rust,swift,cpp,julia,os,"
           "misc")

# Where a fixture of an extractor has to lie; None: its own name will do.
FIXTURES = {
    "language/cpp/conanlock": "conan.lock",
    "language/dart/pubspec": "pubspec.lock",
    "language/dotnet/csproj": "x.csproj",
    "language/dotnet/depsjson": "app.deps.json",
    "language/dotnet/nugetcpm": "Directory.Packages.props",
    "language/dotnet/packagesconfig": "packages.config",
    "language/dotnet/packageslockjson": "packages.lock.json",
    "language/dotnet/paketdependencies": "paket.dependencies",
    "language/dotnet/paketlock": "paket.lock",
    "language/dotnet/projectassetsjson": "project.assets.json",
    "language/elixir/mixlock": "mix.lock",
    "language/erlang/mixlock": "mix.lock",
    "language/golang/gobinary": None,
    "language/golang/gomod": "go.mod",
    "language/golang/vendormodules": "vendor/modules.txt",
    "language/haskell/cabal": "cabal.project.freeze",
    "language/haskell/stacklock": "stack.yaml.lock",
    "language/java/archive": None,
    "language/java/gradlelockfile": "gradle.lockfile",
    "language/java/gradleverificationmetadataxml": "gradle/verification-metadata.xml",
    "language/java/gradleversioncatalog": "gradle/libs.versions.toml",
    "language/java/pomxml": "pom.xml",
    "language/javascript/bunlock": "bun.lock",
    "language/javascript/packagejson": "package.json",
    "language/javascript/packagelockjson": "package-lock.json",
    "language/javascript/pnpmlock": "pnpm-lock.yaml",
    "language/javascript/yarnlock": "yarn.lock",
    "language/julia/manifesttoml": "Manifest.toml",
    "language/php/composerlock": "composer.lock",
    "language/python/condameta": "envs/x/conda-meta/a.json",
    "language/python/pdmlock": "pdm.lock",
    "language/python/pipfilelock": "Pipfile.lock",
    "language/python/poetrylock": "poetry.lock",
    "language/python/pylock": "pylock.toml",
    "language/python/pyprojecttoml": "pyproject.toml",
    "language/python/requirements": "requirements.txt",
    "language/python/uvlock": "uv.lock",
    "language/python/wheelegg": "a.dist-info/METADATA",
    "language/r/renvlock": "renv.lock",
    "language/ruby/gemfilelock": "Gemfile.lock",
    "language/ruby/gemspec": None,
    "language/rust/cargoauditable": None,
    "language/rust/cargolock": "Cargo.lock",
    "language/rust/cargotoml": "Cargo.toml",
    "language/swift/packageresolved": "Package.resolved",
    "language/swift/podfilelock": "Podfile.lock",
    "misc/githubactions": ".github/workflows/a.yml",
    "os/apk": "lib/apk/db/installed",
    "os/dpkg": "var/lib/dpkg/status",
    "os/pacman": "var/lib/pacman/local/a-1/desc",
}

Seen = collections.namedtuple("Seen", "path type name version plugin")


def plant():
    """The fixtures as a tree, or None where they are not."""
    cache = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True).stdout.strip()
    source = pathlib.Path(cache) / f"github.com/google/osv-scalibr@{VERSION}" / "extractor" / "filesystem"
    if not source.is_dir():
        return None
    shutil.rmtree(WORK, ignore_errors=True)
    for extractor, name in FIXTURES.items():
        data = source / extractor / "testdata"
        for path in sorted(data.rglob("*")):
            if not path.is_file():
                continue
            relative = path.relative_to(data)
            place = WORK / extractor / (relative if name is None else "_".join(relative.parts))
            place = place if name is None else place / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            place.chmod(0o755 if name is None else 0o644)
    return WORK


def normal(kind, name):
    if kind == "pypi":
        return re.sub(r"[-_.]+", "-", name).lower()
    return name.lower() if kind in ("nuget", "luarocks") else name


# The peer's own words for types.
TYPES = {"haskell": "hackage", "otp": "hex"}


def bare(kind, version):
    return version[1:] if kind == "golang" and re.match(r"v\d", version) else version


def split_purl(text):
    """(type, name with its namespace, version) of a package URL."""
    text = text.removeprefix("pkg:").split("?")[0].split("#")[0]
    kind, _, rest = text.partition("/")
    path, _, version = rest.rpartition("@") if "@" in rest.split("/")[-1] else (rest, "", "")
    parts = [urllib.parse.unquote(part) for part in path.split("/")]
    name = (":" if kind == "maven" else "/").join(parts)
    if kind in ("deb", "apk", "rpm", "alpm") and len(parts) > 1:
        name = parts[-1]
    return kind, name, urllib.parse.unquote(version)


TYPES_OF_READERS = {"go-mod": "golang", "executable": "golang", "apk-installed": "apk", "dpkg-status": "deb",
                    "pacman-local": "alpm", "rpm-sqlite": "rpm", "rpm-ndb": "rpm", "rpm-berkeley": "rpm"}


def ours(program, tree):
    run = subprocess.run([program, "sbom", ".", "--quiet"], cwd=tree, capture_output=True, text=True)
    # Paths are those of the repository, where the tree is a part of one.
    prefix = subprocess.run(["git", "rev-parse", "--show-prefix"], cwd=tree, capture_output=True, text=True).stdout
    found = set()
    for component in json.loads(run.stdout)["components"]:
        # What has no package URL (Go's standard library, a distribution that is not known) has a reader.
        readers = {p["value"] for p in component.get("properties", []) if p["name"] == "merlon:source"}
        kind = next((TYPES_OF_READERS[reader] for reader in readers if reader in TYPES_OF_READERS), "")
        if "purl" not in component and not kind:
            continue
        kind, name, version = (split_purl(component["purl"]) if "purl" in component else
                               (kind, component["name"], component.get("version", "")))
        for place in component.get("evidence", {}).get("occurrences", []):
            path = place["location"].split("!")[0].removeprefix(prefix.strip())
            found.add(Seen(path, kind, normal(kind, name), bare(kind, version), ""))
    return found


def scalibr(program, tree):
    result = WORK.parent / "inventory.textproto"
    result.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([program, "--offline", f"--plugins={PLUGINS}", f"--root={tree}", f"--result={result}"],
                   capture_output=True, check=False)
    found = set()
    for block in re.findall(r"^  packages: \{\n(.*?)^  \}\n", result.read_text(), re.S | re.M):
        def field(name, inside=block):
            match = re.search(rf'^\s+{name}: "(.*)"$', inside, re.M)
            return match.group(1) if match else ""
        kind, name, version = TYPES.get(field("type"), field("type")), field("name"), field("version")
        found.add(Seen(field("locations"), kind, normal(kind, name), bare(kind, version), field("plugins")))
    return found


# Syft's words for packages without a package URL.
SYFT_TYPES = {"go-module": "golang", "java-archive": "maven", "python": "pypi", "binary": "generic",
              "rust-crate": "cargo"}


def syft(program, tree):
    result = WORK.parent / "inventory.syft.json"
    result.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([program, "scan", "dir:.", "--quiet", "--output", f"syft-json={result}"], cwd=tree, check=True,
                   capture_output=True, env={**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"})
    found = set()
    for package in json.loads(result.read_text())["artifacts"]:
        kind, name, version = SYFT_TYPES.get(package["type"], package["type"]), package["name"], package["version"]
        if package["purl"]:
            kind, name, version = split_purl(package["purl"])
            kind, version = TYPES.get(kind, kind), version or package["version"]
        for place in package["locations"]:
            if place.get("annotations", {}).get("evidence") != "supporting":
                found.add(Seen(place["path"].lstrip("/"), kind, normal(kind, name), bare(kind, version),
                               package["foundBy"]))
    return found


# Trivy tells a project's lock files (fs) from what is installed (rootfs). Without vulnerabilities it wants no database;
# archives of Java have no name for it without its Java database, and are left out.
TRIVY_RUNS = (("fs", "--include-dev-deps"), ("rootfs", "--skip-files=**/*.jar"))


def trivy(program, tree):
    found = set()
    for words in TRIVY_RUNS:
        result = WORK.parent / "inventory.trivy.json"
        result.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([program, *words, "--scanners", "license", "--format", "json", "--list-all-pkgs", "--offline-scan",
                        "--skip-version-check", "--quiet", "--cache-dir", WORK.parent / "trivy-cache", "--output", result,
                        "."], cwd=tree, check=True, capture_output=True)
        for target in json.loads(result.read_text()).get("Results", []):
            for package in target.get("Packages", []):
                purl = package.get("Identifier", {}).get("PURL", "")
                if not purl:
                    continue
                kind, name, version = split_purl(purl)
                found.add(Seen(package.get("FilePath") or target["Target"], TYPES.get(kind, kind), normal(kind, name),
                               bare(kind, version), "trivy/" + target.get("Type", target["Class"])))
    return found


PEERS = {"scalibr": scalibr, "syft": syft, "trivy": trivy}

# What the peer reports and merlon does not: (word, why, test of the peer's package and of merlon's
# versions of that name at that path).
MISSES = [
    ("range", "the peer takes a range's bound for a version; merlon shows the range",
     lambda seen, versions: "" in versions and re.search(
         "requirements|pyproject|cargotoml|paketdependencies|pomxml|csproj|nugetcpm|conda-environment", seen.plugin)),
    ("devel", "a main module without a version", lambda seen, _: seen.version == "(devel)"),
    ("commit", "the peer gives no version, merlon the commit", lambda seen, versions: not seen.version and versions),
    ("go", "the standard library of a binary is 'stdlib', as in the advisories", lambda seen, _:
     seen.plugin.startswith("go/binary") and seen.name == "go"),
    ("computed", "a gem's version that a program computes", lambda seen, versions:
     "gemspec" in seen.plugin and "" in versions),
    ("group", "the peer guesses a group from the file's name", lambda seen, _:
     re.match("java.archive", seen.plugin) and seen.name.split(":")[-1] in pathlib.Path(seen.path).name),
    ("depth", "archives that nest deeper than the limit, which is a gap", lambda seen, _:
     re.search(r"nested_at_\d+\.jar$", seen.path)),
    ("local", "a folder, or a member of the workspace, has no version", lambda seen, versions:
     seen.name.startswith("./") or seen.version == "0.0.0-use.local"),
    ("files", "single files of repositories in Paket's lists", lambda seen, _:
     seen.plugin.startswith("dotnet/paket") and "/" in seen.name),
    ("conda", "an installed conda package is no package of PyPI", lambda seen, _: "condameta" in seen.plugin),
    ("nameless", "a name that the file does not give", lambda seen, _:
     "unknown" in (seen.name, seen.version) or seen.name.startswith(":") or seen.name.endswith(":")),
    ("refused", "a line that pip refuses", lambda seen, versions:
     " " in seen.version or ("requirements" in seen.path and any("#" in v or not v for v in versions))),
    ("no version", "the peer writes UNKNOWN where merlon leaves the version open", lambda seen, versions:
     seen.version == "UNKNOWN" and versions),
    ("mention", "a name in a dependency list of dpkg, which is not installed", lambda seen, versions:
     seen.plugin.startswith("dpkg-db") and seen.version == "UNKNOWN"),
    ("dpkg-script", "dpkg's scripts, and its own folder outside of var", lambda seen, _:
     seen.plugin.startswith("dpkg-db") and re.search(r"\.preinst$|usr/lib/dpkg/status$", seen.path)),
    ("subspec", "parts of one pod, which has one version", lambda seen, _:
     seen.type == "cocoapods" and "/" in seen.name),
    ("peers", "pnpm's suffix for peers is no part of a version", lambda seen, versions:
     any(seen.version.startswith(version + "_") for version in versions if version)),
    ("at commit", "a repository at a commit, which is here the version", lambda seen, versions:
     any(seen.version.endswith("#" + version) for version in versions if version)),
    ("jsr", "packages of JSR and modules by their address are none of npm", lambda seen, _:
     seen.path.endswith("deno.lock") and seen.type == "npm"),
    ("conan user", "Conan's user is no part of the name", lambda seen, _:
     seen.type == "conan" and "/" in seen.name),
    ("joined", "a manifest is joined into the lock file beside it", lambda seen, _:
     re.search(r"(conanfile\.txt|stack\.yaml|setup\.py)$", seen.path)),
    ("folder", "not named as pip names an installed package's folder", lambda seen, _:
     re.search(r"/(dist-info|DIST-INFO|egg-info)/(METADATA|PKG-INFO)$", seen.path)),
    ("sdk", "Dart's own library has the version of the tool, which is no package's", lambda seen, _:
     seen.type == "pub" and re.match("flutter|sky_engine", seen.name)),
    ("artefact as group", "a group that the peer makes of the artefact's name, where the POM gives none", lambda seen, _:
     seen.type == "maven" and len(set(seen.name.split(":"))) == 1),
    ("cut", "a lock file that was cut: it lists what is asked for, and not the package", lambda seen, versions:
     seen.path.endswith(("pnpm-lock.yaml", "no-libraries.deps.json")) and not versions),
    ("address", "the peer takes parts of pnpm's addresses for names and versions", lambda seen, _:
     seen.path.endswith("pnpm-lock.yaml") and (re.search("[/:]", seen.version) or not re.match(r"\d", seen.version))),
    ("platform", "a gem's platform is no part of its version", lambda seen, versions:
     seen.type == "gem" and seen.version.split("-")[0] in versions),
    ("not installed", "packages that dpkg has not, or only half, installed", lambda seen, _:
     seen.plugin.startswith("dpkg-db") and "statusfield" in seen.path),
    ("file", "a package in a folder has no version", lambda seen, versions:
     seen.version.startswith("file:") and "" in versions),
    ("unnamed", "an entry without a name or version of its own", lambda seen, versions:
     seen.version == "UNKNOWN" and re.match("github|nuget", seen.type)),
    ("main", "the version of a program by the linker's flags, a guess, or a name of Go's for no module",
     lambda seen, versions: re.match("go-module-binary|trivy/gobinary", seen.plugin) and (
         seen.name == "command-line-arguments" or "" in versions)),
    ("replace", "a replacement of another version than the required one does not count in Go",
     lambda seen, versions: seen.path.endswith("go.mod") and (versions or "not-required" in seen.path)),
    ("right to run", "an executable that nobody may run, and whose name does not say that it is one", lambda seen, _:
     seen.path.endswith(".macho")),
    ("mix path", "a folder of the project in mix.lock", lambda seen, _:
     seen.path.endswith("mix.lock") and seen.version == "UNKNOWN"),
    ("requirement", "a range of a POM, which is no version", lambda seen, versions:
     seen.type == "maven" and re.match(r"[\[(]", seen.version) and "" in versions),
    ("bom property", "the parent imports a BOM by a property that this POM overrides, as Maven reads it",
     lambda seen, _: seen.path.endswith("inherit-props/base/pom.xml")),
    ("action", "of a program that is told by its bytes the type is generic: one of GitHub is an action", lambda seen, _:
     seen.plugin.startswith("binary-classifier") and seen.type == "github"),
    ("sum", "a module that go.sum names, and of which nothing is built, so that go.mod leaves it out (Go 1.17)",
     lambda seen, versions: seen.path.endswith("go.mod") and not versions),
    ("module", "the peer lists modules, and what they ask for, under the POM that names them; merlon under their own",
     lambda seen, versions: seen.plugin == "trivy/pom" and not versions),
    ("workspace", "a member of yarn's workspace, which is listed under its own package.json", lambda seen, versions:
     seen.plugin == "trivy/yarn" and not any(versions)),
    ("julia", "Julia's own library has the version of the tool, which is no package's", lambda seen, versions:
     seen.plugin == "trivy/julia" and not versions),
    ("target", "the peer names a kind of packages, and not the bill of materials that lists them", lambda seen, _:
     seen.plugin.startswith("trivy/") and (seen.path.startswith(". (") or seen.path == "Java")),
    ("vendor", "not where Composer puts it, which is vendor/composer", lambda seen, _:
     seen.plugin == "trivy/composer-vendor" and "/composer/installed.json" not in seen.path),
    ("parent", "a parent's version that the child writes otherwise than the parent itself", lambda seen, versions:
     seen.plugin == "trivy/pom" and "parent-dependencies/child" in seen.path),
    ("runtime pack", "the runtime that a program brings along has its package's name behind that word",
     lambda seen, _: seen.type == "nuget" and seen.name.startswith("runtimepack.")),
    ("resource", "an application of Erlang's is one of Hex, by its own resource file", lambda seen, _:
     seen.plugin.startswith("binary-classifier") and seen.path.endswith("ebin/elixir.app")),
    ("applet", "another program under this name, as the peer's own fixture says", lambda seen, _:
     seen.path.endswith("negative/gzip")),
    ("own", "the project itself, or a member of its workspace", lambda seen, versions:
     re.search(r"Cargo\.lock$|vcpkg\.json$|pubspec\.yaml$", seen.path) and not versions),
    ("v", "Composer's v is no part of a version", lambda seen, versions: seen.version.lstrip("v") in versions),
    ("alias", "the peer takes name and version from yarn's address, merlon from its entry, as yarn does",
     lambda seen, _: seen.path.endswith("yarn.lock") and seen.plugin.startswith("javascript")),
]

# Sources of the peers that merlon does not read (yet): programs that are told by their bytes, and files that no
# advisory names.
UNREAD = re.compile(
    r"pe-binary|wordpress|^snap|homebrew|apple-app|java-jvm|^nix|swipl|safetensors|portage|pear")


def explain(seen, versions):
    return next((word for word, _, test in MISSES if test(seen, versions)), None)


def compare(mine, peer, show):
    by_name = collections.defaultdict(set)
    for seen in mine:
        by_name[seen.path, seen.type, seen.name].add(seen.version)
    equal, explained, unread, open_cases = 0, collections.Counter(), collections.Counter(), []
    for seen in sorted(peer):
        versions = by_name[seen.path, seen.type, seen.name]
        if seen.version in versions:
            equal += 1
            continue
        word = explain(seen, versions)
        if word:
            explained[word] += 1
        elif UNREAD.search(seen.plugin):
            unread[seen.plugin] += 1
        else:
            open_cases.append(seen)
    total = equal + len(open_cases)
    extras = {(seen.path, seen.type, seen.name) for seen in mine} - {
        (seen.path, seen.type, seen.name) for seen in peer}
    known = {seen.path for seen in peer}
    kinds = collections.Counter("in a file that the peer does not read" if path not in known else
                                f"{pathlib.Path(path).name}: more of the same file" for path, _, _ in extras)
    print(f"{len(peer)} packages of the peer: {equal} equal, {sum(explained.values())} explained, "
          f"{len(open_cases)} open; recall {equal / max(total, 1):.2%}; {sum(unread.values())} in sources that are "
          f"not read; {len(extras)} only here")
    for plugin, count in unread.most_common():
        print(f"  {count:4} not read: {plugin}")
    for word, why, _ in MISSES:
        if explained[word]:
            print(f"  {explained[word]:4} {word}: {why}")
    for why, count in kinds.most_common():
        print(f"  {count:4} only here, {why}")
    for seen in open_cases[:show]:
        print("  open:", *seen, "| here:", *sorted(by_name[seen.path, seen.type, seen.name]))
    return not open_cases or equal / total >= 0.99


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="*", type=pathlib.Path)
    parser.add_argument("--show", type=int, default=40)
    parser.add_argument("--merlon", default=str(ROOT / "build" / "release" / "merlon"))
    parser.add_argument("--peer", choices=PEERS, default="scalibr")
    parser.add_argument("--program", help="the peer's, by default what tools/peers.sh installs")
    arguments = parser.parse_args()
    peer = os.path.abspath(arguments.program or ROOT / "build" / "peers" / "bin" / arguments.peer)
    arguments.merlon = os.path.abspath(arguments.merlon)
    for program in (arguments.merlon, peer):
        if not os.access(program, os.X_OK):
            print(f"inventory_parity: {program} is missing (tools/build.sh release merlon; tools/peers.sh "
                  f"{arguments.peer})", file=sys.stderr)
            return 2
    trees = arguments.trees or [plant()]
    if trees == [None]:
        print("inventory_parity: no fixtures in Go's module cache; run tools/peers.sh scalibr", file=sys.stderr)
        return 2
    good = True
    for tree in trees:
        print(f"== {tree}")
        good &= compare(ours(arguments.merlon, tree.resolve()), PEERS[arguments.peer](peer, tree.resolve()),
                        arguments.show)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
