"""One small file for each reader of src/inventory, for tools/fuzz_seeds.py."""

import contextlib
import io
import json
import pathlib
import re
import sqlite3
import struct
import tempfile
import tarfile
import zipfile
import zlib

READERS = pathlib.Path(__file__).resolve().parent.parent / "src" / "inventory" / "readers.cpp"


def tables(key, *rows):
    """TOML tables of that key, each from a dict's TOML lines."""
    return "".join(f"[[{key}]]\n{row}\n" for row in rows)


def graph(nodes):
    return json.dumps({"graph_lock": {"nodes": nodes}, "version": "0.4"})


def jar():
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Bundle-SymbolicName: a.b\nImplementation-Version: 1\n")
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lib/b-1.0.jar", inner.getvalue())
        archive.writestr("META-INF/maven/a/b/pom.properties", "groupId=a\nartifactId=b\nversion=1\n")
    return outer.getvalue()


def elf():
    """A 64-bit ELF with Go's build information, a cargo-auditable list and a package note."""
    def counted(text):
        return bytes([len(text) & 0x7F | 0x80, len(text) >> 7]) + text
    mark = b"x" * 16
    go = (b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\x06go1.22"
          + counted(mark + b"mod\ta\t(devel)\ndep\tb\tv1.0.0\th1:x=\n=>\tc\tv2.0.0\n" + mark))
    crates = zlib.compress(b'{"packages":[{"name":"a","version":"1","dependencies":[1],"root":true},'
                           b'{"name":"b","version":"2","kind":"build"}]}')
    text = b'{"type":"deb","name":"a","version":"1"}\0'
    note = b"".join(n.to_bytes(4, "little") for n in (4, len(text), 0xCAFE1A7E)) + b"FDO\0" + text
    names, content, table = b"\0", b"", bytes(64)
    sections = [(b".go.buildinfo", go), (b".dep-v0", crates), (b".note.package", note)]
    for name, data in sections:
        content += bytes(-len(content) % 16)
        table += (len(names).to_bytes(4, "little") + (1).to_bytes(4, "little") + bytes(8)
                  + (0x1000).to_bytes(8, "little") + (64 + len(content)).to_bytes(8, "little")
                  + len(data).to_bytes(8, "little") + bytes(24))
        names += name + b"\0"
        content += data
    table += (bytes(4) + (3).to_bytes(4, "little") + bytes(16) + (64 + len(content)).to_bytes(8, "little")
              + len(names).to_bytes(8, "little") + bytes(24))
    content += names
    header = b"\x7fELF\2\1\1" + bytes(9) + b"".join(
        n.to_bytes(size, "little") for n, size in
        ((2, 2), (62, 2), (1, 4), (0, 8), (0, 8), (64 + len(content), 8), (0, 4), (64, 2), (56, 2), (0, 2),
         (64, 2), (len(sections) + 2, 2), (len(sections) + 1, 2)))
    return header + content + table


def pe():
    section = b".dep-v0\0" + b"".join(n.to_bytes(4, "little") for n in (8, 4096, 8, 256)) + bytes(16)
    header = (b"PE\0\0" + b"\x64\x86" + (1).to_bytes(2, "little") + bytes(12) + (32).to_bytes(2, "little")
              + bytes(2) + b"\x0b\x02" + bytes(30))
    return b"MZ" + bytes(58) + (64).to_bytes(4, "little") + header + section + bytes(200)


def mach_o():
    section = b".dep-v0".ljust(16, b"\0") + bytes(16) + (4096).to_bytes(8, "little") + (
        8).to_bytes(8, "little") + (200).to_bytes(4, "little") + bytes(28)
    command = (0x19).to_bytes(4, "little") + (152).to_bytes(4, "little") + bytes(56) + (
        1).to_bytes(4, "little") + bytes(4) + section
    thin = b"\xcf\xfa\xed\xfe" + bytes(12) + (1).to_bytes(4, "little") + bytes(12) + command + bytes(40)
    fat = b"\xca\xfe\xba\xbe" + (1).to_bytes(4, "big") + bytes(8) + (64).to_bytes(4, "big") + len(
        thin).to_bytes(4, "big") + bytes(4)
    return thin, fat.ljust(64, b"\0") + thin


def rpm_header():
    """Two counts, an index of (tag, type, offset, count), the data (big endian)."""
    texts = ((1000, b"a"), (1001, b"1"), (1002, b"2"), (1044, b"a-1-2.src.rpm"))
    index, data = b"", b""
    for tag, text in texts:
        index += b"".join(n.to_bytes(4, "big") for n in (tag, 6, len(data), 1))
        data += text + b"\0"
    for tag, names in ((1047, (b"a", b"p")), (1049, (b"p", b"q"))):
        index += b"".join(n.to_bytes(4, "big") for n in (tag, 8, len(data), len(names)))
        data += b"".join(name + b"\0" for name in names)
    return (len(texts) + 2).to_bytes(4, "big") + len(data).to_bytes(4, "big") + index + data


def sqlite_seeds():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rpmdb.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA page_size = 512")
            database.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
            database.execute("INSERT INTO Packages VALUES (1, ?)", (rpm_header(),))
            database.commit()
        return [path.read_bytes()]


def ndb():
    blob = rpm_header()
    slots = b"RpmP" + bytes(8) + (1).to_bytes(4, "little") + bytes(16)
    slots += b"Slot" + b"".join(n.to_bytes(4, "little") for n in (1, 256, 20))
    slots = (slots + (b"Slot" + bytes(12)) * 256)[:4096]
    return slots + b"BlbS" + b"".join(n.to_bytes(4, "little") for n in (1, 0, len(blob))) + blob


def berkeley():
    blob = rpm_header()
    meta = bytearray(512)
    meta[12:16], meta[20:24], meta[25] = (0x061561).to_bytes(4, "little"), (512).to_bytes(4, "little"), 8
    page = bytearray(512)
    page[20:22], page[25] = (2).to_bytes(2, "little"), 13
    page[26:30] = (500).to_bytes(2, "little") + (480).to_bytes(2, "little")
    page[480:492] = b"\3\0\0\0" + (2).to_bytes(4, "little") + len(blob).to_bytes(4, "little")
    chain = bytearray(512)
    chain[22:24], chain[25] = len(blob).to_bytes(2, "little"), 7
    chain[26:26 + len(blob)] = blob
    return bytes(meta + page + chain)


def wheel():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/__init__.py", "")
        archive.writestr("a-1.dist-info/METADATA", "Name: a\nVersion: 1\nLicense: MIT\n\nbody")
    return packed.getvalue()


def npm_archive():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in (("package/x", b"1"), ("package/package.json", b'{"name": "a", "version": "1"}')):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    return packed.getvalue()


CONTROL = ("Package: a\nStatus: install ok installed\nSource: s (1)\nVersion: 1\nProvides: p\nDepends: b (>= 1)"
           " | c\nDescription: d\n e\n\nPackage: b\nVersion: 2\nDepends: p\n")
MSBUILD = ('<Project><PropertyGroup><V>1</V></PropertyGroup><ItemGroup><PackageReference Include="A" Version="$(V)"/>'
           '<PackageVersion Include="B" Version="[1.0]"/></ItemGroup></Project>')
POM = ("<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent><artifactId>a"
       "</artifactId><properties><v>${w}</v><w>${v}</w></properties><dependencyManagement><dependencies><dependency>"
       "<groupId>g</groupId><artifactId>a</artifactId><version>1</version><type>pom</type><scope>import</scope>"
       "</dependency></dependencies></dependencyManagement><dependencies><dependency><groupId>x</groupId><artifactId>y"
       "</artifactId><version>${v}</version></dependency></dependencies></project>")
NUGET_GRAPH = json.dumps({
    "targets": {"net": {"A/1": {"dependencies": {"B": "1"}}, "B/1": {}}},
    "libraries": {"A/1": {"type": "project"}, "B/1": {"sha512": "sha512-AAEC"}},
    "project": {"frameworks": {"net": {"dependencies": {"B": {"version": "1"}}}}}})
WORKFLOW = "jobs:\n  a:\n    uses: o/r/w.yml@main\n    steps:\n    - uses: a/b@" + "0" * 40 + " # v1\n"

SEEDS = {
    "npm-package-lock": [
        '{"packages": {"": {"name": "x", "dependencies": {"a": "1", "m": "*"}}, "node_modules/a": {"version": "1", '
        '"integrity": "sha512-AAEC", "dependencies": {"b": "1"}}, "node_modules/m": {"link": true, "resolved": "m"}, '
        '"m": {"version": "1"}, "node_modules/a/node_modules/b": {"version": "2"}}}',
        '{"dependencies": {"a": {"version": "npm:c@1", "requires": {"b": "1"}, "dependencies": {"b": {"version": "1"}}}}}'],
    "yarn-lock": ['"@a/b@^1", "@a/b@^2":\n  version "1"\n  resolved "https://r/b.tgz#' + "0" * 40
                  + '"\n  dependencies:\n    c "1"\nc@1:\n  version "1"\n',
                  '__metadata:\n  version: 8\n"a@npm:1, a@npm:2":\n  version: 1\n  resolution: "a@npm:1"\n'
                  '  dependencies:\n    a: "npm:1"\n'],
    "pnpm-lock": ["dependencies:\n  a: 1.0.0\npackages:\n  /a/1.0.0_p@1:\n    resolution: {integrity: sha512-AAEC}\n",
                  "importers:\n  .:\n    dependencies:\n      a: {specifier: ^1, version: 1.0.0(b@1.0.0)}\npackages:\n"
                  "  a@1.0.0: {}\n  b@1.0.0: {}\nsnapshots:\n  a@1.0.0(b@1.0.0):\n    dependencies: {b: 1.0.0}\n"],
    "bun-lockb": ["#!/usr/bin/env bun\nbun-lockfile-format-v0\n"],
    "bun-lock": ['{"workspaces": {"": {"name": "x", "dependencies": {"@s/a": "1"}}}, "packages": {"@s/a": ["@s/a@1", '
                 '"", {"dependencies": {"b": "1"}}, "sha512-AAEC"], "@s/a/b": ["b@1", "", {}, ""],}}'],
    "deno-lock": ['{"specifiers": {"npm:a@1": "1.0"}, "npm": {"a@1.0": {"dependencies": ["b"]}, "b@1": {}}, '
                  '"workspace": {"dependencies": ["npm:a@1"]}}',
                  '{"packages": {"specifiers": {"jsr:a@1": "jsr:a@1.0"}, "jsr": {"a@1.0": {"dependencies": ["jsr:a@1"]}}}}'],
    "npm-installed": ['{"name": "a", "version": "1", "licenses": [{"type": "MIT"}], "scripts": {"install": "x"}}'],
    "npm-package-json": ['{"name": "a", "workspaces": ["p/*"], "dependencies": {"b": "npm:c@1", "d": "file:../d"}}'],
    "python-requirements": ["a[x]==1 ; python_version > '3' \\\n --hash=sha256:00\n-r b.txt\nc @ git+https://h/c@1\n"],
    "python-constraints": ["-c more.txt\na==1\nb>=2\n"],
    "python-setup-cfg": ["[options]\ninstall_requires =\n  a==1\n[options.extras_require]\nt = b\n"],
    "gradle-build": ['dependencies { api "g:a:1" }\ntestImplementation(group: "g", name: "b", version: "2")\n'],
    "pipfile-lock": ['{"default": {"a": {"version": "==1", "hashes": ["sha256:00"]}}, "develop": {"b": {"git": "u"}}}'],
    "pipfile": ['[packages]\na = "*"\nb = {version = "==1"}\n'],
    "poetry-lock": [tables("package", 'name = "a"\nversion = "1"\n[package.dependencies]\nb = "*"', 'name = "b"')],
    "uv-lock": ["version = 1\n" + tables("package", 'name = "a"\nsource = {editable = "."}\ndependencies = [{name = "b"}]',
                                         'name = "b"\nversion = "1"\nsource = {git = "u?r=1#0"}')],
    "pdm-lock": [tables("package", 'name = "a"\nversion = "1"\ngroups = ["default"]\ndependencies = ["b>=1"]', 'name = "b"')],
    "pylock": ['lock-version = "1.0"\n' + tables("packages", 'name = "a"\ndependencies = [{name = "a"}]\n'
                                                 'wheels = [{url = "u", hashes = {sha256 = "00"}}]')],
    "pyproject": ['[project]\nname = "a"\ndependencies = ["b>=1"]\n[tool.poetry.dependencies]\nc = [{version = "1"}]\n'],
    "python-setup": "B = ['a==1', \"b>=2; x\"]\nsetup(install_requires=B, extras_require={'c': ['d']}, tests_require=f())\n",
    "python-installed": ["Name: a\nVersion: 1\nClassifier: License :: OSI Approved :: MIT License\n\nbody"],
    "conda-environment": ["dependencies:\n- c::a==1=b\n- a>1\n- pip:\n  - b==1\n  - -r c.txt\n"],
    "conda-installed": ['{"name": "a", "version": "1", "md5": "00", "requested_spec": "a"}'],
    "conda-lock": ["package:\n- {name: a, version: 1.0, manager: pip, platform: p, dependencies: {a: '*'}, hash: {md5: '0'}}\n"],
    "conda-explicit": ["@EXPLICIT\nhttps://h/c/linux-64/a-b-1-0.conda#" + "0" * 32 + "\n"],
    "pixi-lock": ["packages:\n- conda: https://h/c/noarch/a-1-0.conda\n- kind: pypi\n  name: b\n  version: 1\n"],
    "go-mod": ["module a\ngo 1.16\nrequire (\n\tb v1 // indirect\n\tc v1\n)\nreplace c v1 => ./c\nreplace b => d v2\n"],
    "go-work": ["go 1.22\nuse (\n\t./a\n\tb\n)\nreplace x => y v1\nreplace x v1 => ./x\n"],
    "go-sum": ["a v1 h1:x=\na v1/go.mod h1:y=\nb\n"],
    "go-vendor": ["# a v1 => b v2\n## explicit\na\n# c => d v1\nd\n# e v1 => ./e\n"],
    "cargo-lock": [tables("package", 'name = "a"\nversion = "1"\ndependencies = ["b 1"]',
                          'name = "b"\nversion = "1"\nsource = "git+u?b#0"') + '[metadata]\n"checksum b 1 (x)" = "' + "0" * 64 + '"\n'],
    "cargo-toml": ['[package]\nname = "a"\n[dependencies]\nb = {package = "c", path = "d"}\n[workspace]\nmembers = ["x/*"]\n'
                   '[target.y.dev-dependencies]\ne = "1"\n'],
    "executable": [elf(), pe(), *mach_o(), b"\0nginx version: nginx/1.25.1\0v1.2.3\x001.2.3\0x"],
    "program-version": ["devel go1.25-d5 Sun\n", "[App]\nName=Firefox\nVersion=151.0\n"],
    "maven-pom": [POM],
    "maven-repository-pom": [POM],
    "gradle-lock": ["a:b:1=compileClasspath,testRuntime\nempty=x\nc\n"],
    "gradle-verification": ['<verification-metadata><components><component group="a" name="b" version="1"><artifact '
                            'name="b.jar"><sha256 value="00"/></artifact></component></components></verification-metadata>'],
    "gradle-catalog": ['[versions]\nv = {strictly = "[1,2)"}\n[libraries]\na = "b:c:1"\nd = {module = "e:f", version.ref = "v"}\n'
                       '[plugins]\np = "q:1"\n'],
    "sbt-lock": ['{"dependencies": [{"org": "a", "name": "b", "version": "1", "artifacts": [{"hash": "sha1:0"}], "configurations": ["test"]}]}'],
    "java-archive": [jar()],
    "nuget-lock": ['{"dependencies": {"net": {"A": {"type": "Direct", "resolved": "1", "dependencies": {"b": "1"}}, "B": {"type": "Project"}}}}'],
    "nuget-packages-config": ['<packages><package id="a" version="1" developmentDependency="true"/><package/></packages>'],
    "nuget-deps": [NUGET_GRAPH],
    "nuget-assets": [NUGET_GRAPH],
    "nuget-project": [MSBUILD],
    "paket-lock": ["NUGET\n  remote: u\n    A (1)\n      B (>= 1)\n    B (2)\nGROUP X\nNUGET\n    C (1)\n"],
    "paket-dependencies": ["nuget A >= 1\n"],
    "gemfile-lock": ["GIT\n  remote: u\n  revision: 0\n  specs:\n    a (1-x)\n      b (~> 1)\nGEM\n  specs:\n    b (1)\n"
                     "DEPENDENCIES\n  a!\nCHECKSUMS\n  b (1) sha256=00\n"],
    "gem-installed": ['s.name = "a".freeze\ns.version = "1"\ns.licenses = ["MIT", %q{X}]\n'],
    "gemspec": ["spec.name = 'a'\nspec.version = V\ns.add_dependency 'b', '>= 1', %q{< 2}\n"],
    "composer-lock": ['{"packages": [{"name": "a/b", "version": "v1", "require": {"c/d": "1"}, "dist": {"url": "u"}}], '
                      '"packages-dev": [{"name": "c/d", "abandoned": false, "license": "MIT"}]}'],
    "composer-installed": ['[{"name": "a/b", "version": "1"}]', '{"packages": [{"name": "a/b"}], "dev-package-names": ["a/b"]}'],
    "composer-json": ['{"name": "a/b", "require": {"php": "8", "c/d": "^1"}}'],
    "dpkg-sums": [""],
    "dpkg-status": [CONTROL],
    "vcpkg-status": ["Package: a\nVersion: 1\nPort-Version: 2\nStatus: install ok installed\n\nPackage: a\nFeature: f\n"],
    "apk-installed": ["C:Q1AAEC\nP:a\nV:1\nD:so:b=1 !c\np:cmd:a\no:s\n\nP:b\nV:1\np:so:b=1\n"],
    "pacman-local": ["%NAME%\na\n\n%VERSION%\n1-1\n\n%LICENSE%\nMIT\n"],
    "rpm-sqlite": sqlite_seeds(),
    "rpm-ndb": [ndb()],
    "rpm-berkeley": [berkeley()],
    "rpm-manifest": ["a\t1-1\t0\t0\tv\t1\t0\tx86_64\t1\ta-1-1.src.rpm\n"],
    "os-release": ['ID="a"\nVERSION_ID=\'1\'\n'],
    "conan-lock": [graph({"0": {"requires": ["1"]}, "1": {"ref": "a/1@u/c#r", "build_requires": ["1"]}}),
                   graph({"x": {"pref": "a/1:0", "requires": {"a/1": "x"}}}),
                   '{"version": "0.5", "requires": ["a/1#r%1", "b/[>1]"]}'],
    "conanfile": ["[requires]\na/1\n[tool_requires]\nb/[>1] # c\n"],
    "vcpkg-manifest": ['{"dependencies": ["a", {"name": "b", "version>=": "1", "host": true}], "overrides": [{"name": "a", "version": "1"}]}'],
    "git-modules": ['[submodule "a"]\n\turl = ../a\n\tbranch = b\n'],
    "swift-resolved": ['{"pins": [{"identity": "a", "location": "git@h:a/b.git", "state": {"revision": "0", "version": "1"}}]}'],
    "podfile-lock": ["PODS:\n- A (1):\n  - B/C (= 1)\n- B/C (1)\nDEPENDENCIES:\n- A (from `x`)\nSPEC CHECKSUMS:\n  A: '0'\n"],
    "cartfile-resolved": ['github "a/b" "1"\ngit "https://h/a.git" "' + "0" * 40 + '"\n'],
    "pubspec-lock": ['packages:\n  a:\n    dependency: "direct dev"\n    source: git\n    description: {resolved-ref: "0"}\n    version: "1"\n'],
    "mix-lock": ['%{\n"a": {:hex, :b, "1", "0", [:mix], [{:c, "~> 1", [hex: :c]}], "hexpm", "' + "0" * 64
                 + '"},\n"c": {:git, "u", "0", []},\n}'],
    "rebar-lock": ['{"1.2.0",[{<<"a">>,{pkg,<<"a">>,<<"1">>},0},{<<"b">>,{git,"u",{ref,"0"}},1}]}.\n'
                   '[{pkg_hash_ext,[{<<"a">>,<<"00">>}]}].'],
    "otp-application": ["{application, 'a',\n [{description, \"d\"}, {vsn, \"1\"}, {modules, [b]}]}.\n"],
    "stack-yaml": "extra-deps:\n- a-b-1.2@sha256:00ff,3\n- ./own\n",
    "stack-lock": ["packages:\n- completed:\n    hackage: a-1@sha256:00,1\n- completed: {name: b, version: 1, git: u, commit: '0'}\n"],
    "cabal-freeze": ["constraints: any.a ==1,\n  b +flag,\n  any.c ==2\n"],
    "renv-lock": ['{"Packages": {"a": {"Version": "1", "Imports": ["b (>= 1)"]}, "b": {"Source": "GitHub"}}}'],
    "r-installed": ["Package: a\nVersion: 1\nLicense: MIT\n"],
    "julia-manifest": ['[[deps.A]]\nuuid = "0"\nversion = "1"\ndeps = ["A"]\n', '[[A]]\nuuid = "0"\ngit-tree-sha1 = "0"\n'],
    "github-actions": [WORKFLOW, "runs:\n  steps:\n  - uses: a/b@v1\n"],
    "npmrc": ["registry=https://r.example/\n@a:registry = https://r.example/a/\n"],
    "pip-conf": ["[global]\nindex-url = https://r.example/\nextra-index-url =\n    https://x.example/\n"],
    "nuget-config": ['<configuration><packageSources><add key="a" value="https://a.example"/><add key="b" value="https://b.example"/>'
                     "</packageSources></configuration>"],
    "gemfile": ['source "https://a.example"\nsource "https://b.example" do\nend\n',
                'source "https://h/"\ngroup :test do\n  gem "a", "~> 1", git: "u"\nend\nif x\ngem \'b\'\nend\n'],
    "cargo-config": ['[registries.a]\nindex = "https://a.example"\n[source.b]\nregistry = "https://b.example"\n'],
    "maven-settings": ["<settings><mirrors><mirror><mirrorOf>*</mirrorOf><url>https://m.example</url></mirror></mirrors></settings>"],
    "licence-file": ["SPDX-License-Identifier: MIT\n", "1. Permission is hereby granted, free of charge\n"],
    "sbom": ['{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library", "name": "a", '
             '"version": "1", "purl": "pkg:npm/a@1", "bom-ref": "x"}], "dependencies": [{"ref": "x", "dependsOn": ["x"]}]}',
             '{"spdxVersion": "SPDX-2.3", "packages": [{"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1"}]}',
             "SPDXVersion: SPDX-2.3\nPackageName: a\nSPDXID: SPDXRef-a\nPackageVersion: 1\n"],
    "rockspec": ['-- c\npackage = "a"\nversion = [[1-1]]\ndescription = { license = \'MIT\', x = "\\"" }\n'],
    "opam": ['opam-version: "2.0"\nname: "a"\nversion: "1"\nlicense: "MIT"\ndepends: ["b" {>= "1"}] # c\n'],
    "cpan-meta": ['{"meta-spec": {"version": 2}, "name": "A-B", "version": 1.2, "license": ["perl_5"]}'],
    "nuspec": ['<package><metadata><id>A</id><version>1</version><license type="expression">MIT</license></metadata></package>'],
    "deno-json": ['{"imports": {"a": "npm:@s/b@^1/c", "d": "jsr:@e/f@1", "g": "./g.ts",}, // c\n}'],
    "python-archive": [wheel()],
    "npm-archive": [npm_archive()],
    "debian-copyright": ["Format: https://h/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-2+ or MIT\n text\n",
                         "See /usr/share/common-licenses/GPL-2.\n"],
    "terraform-lock": ['provider "r/h/a" {\n  version = "1"\n  hashes = [\n    "zh:00",\n  ]\n}\n'],
}


def inventory_seeds():
    """Each behind the byte that chooses its reader in src/inventory/readers_fuzz.cpp."""
    names = re.findall(r'Reader\{\s*"([^"]+)"', READERS.read_text(encoding="utf-8"))
    if sorted(names) != sorted(SEEDS):
        raise SystemExit(f"inventory_seeds: readers and seeds differ: {sorted(set(names) ^ set(SEEDS))}")
    return [bytes([index]) + (seed if isinstance(seed, bytes) else seed.encode())
            for index, name in enumerate(names) for seed in SEEDS[name]]


def go_program():
    """The least ELF file with Go's build information and table of functions."""
    def counted(text):
        return bytes([len(text) & 0x7F | 0x80, len(text) >> 7]) + text
    names = b"\0runtime.main\0main.main\0a.org/b.(*T).F\0gopkg.in/y%2ev2.G[go.shape.int]\0"
    header = 8 + 8 * 8
    words = [1, 0, 0, header, header + len(names), 0, 0, 0]
    return (b"\x7fELF\2\1".ljust(64, b"\0") + b"\xff Go buildinf:\x08\2" + bytes(16) + counted(b"go1.22.1") +
            counted(b"<" * 16 + b"path\ta.org/b\nbuild\tGOOS=linux\n" + b">" * 16) +
            b"\xf1\xff\xff\xff\0\0\1\x08" + struct.pack("<8Q", *words) + names + bytes(64))


def code_seeds():
    """The first byte: Go, JavaScript, Python, Java, a Go program."""
    return [b"\0package a\nimport (\n\tz \"q/r\"\n\t_ `s`\n)\nfunc f() { z.F(); g().H() }\n",
            b"\1import a, {b} from '@s/a/b'; import 'c'\nconst d = require(`d`)\nimport type {T} from 't'\n",
            b"\2import a.b as c, d\nfrom e.f import (g,\n h)\n\"\"\"\nimport no\n\"\"\"\n",
            b"\3package a;\nimport static org.x.Y.*; /* import z */\n", b"\4" + go_program()]
