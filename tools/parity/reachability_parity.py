#!/usr/bin/env python3
"""Reachability in Go programs beside govulncheck: reachability_parity.py [--osv DIR] [--merlon P] [--govulncheck P]

Builds small programs whose old dependencies have advisories with symbols, in several forms (plain, stripped, for
Windows), and asks both: govulncheck in binary mode with the same records as its local database. For each
(program, weakness, module), Merlon's reachable is govulncheck's finding with a function, and unreachable is one
without. Each difference is put into a class by the predicates below; what none explains is printed.

Exit code: 0 all equal or explained, 1 otherwise, 2 without the programs or the records.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# Programs by name: their requirements and what they do with them.
PROGRAMS = {
    "text": ({"golang.org/x/text": "v0.3.7"}, """
import ("fmt"; "os"; "golang.org/x/text/language")
func main() { fmt.Println(language.ParseAcceptLanguage(os.Args[0])) }"""),
    "text-not": ({"golang.org/x/text": "v0.3.7"}, """
import ("fmt"; "golang.org/x/text/language")
func main() { fmt.Println(language.Make("en")) }"""),
    "yaml": ({"gopkg.in/yaml.v2": "v2.2.7"}, """
import ("fmt"; "os"; "gopkg.in/yaml.v2")
func main() { var v any; fmt.Println(yaml.Unmarshal([]byte(os.Args[0]), &v)) }"""),
    "yaml-not": ({"gopkg.in/yaml.v2": "v2.2.7"}, """
import ("fmt"; "gopkg.in/yaml.v2")
func main() { fmt.Println(yaml.Marshal(1)) }"""),
    "websocket": ({"github.com/gorilla/websocket": "v1.4.0"}, """
import ("fmt"; "github.com/gorilla/websocket")
func main() { fmt.Println(websocket.IsCloseError(nil, 1)) }"""),
    "gjson": ({"github.com/tidwall/gjson": "v1.6.4"}, """
import ("fmt"; "os"; "github.com/tidwall/gjson")
func main() { fmt.Println(gjson.Get(os.Args[0], "a")) }"""),
    "gjson-not": ({"github.com/tidwall/gjson": "v1.6.4"}, """
import ("fmt"; "github.com/tidwall/gjson")
func main() { fmt.Println(gjson.True.String()) }"""),
    "jwt": ({"github.com/golang-jwt/jwt/v4": "v4.4.0"}, """
import ("fmt"; "os"; "github.com/golang-jwt/jwt/v4")
func main() { fmt.Println(jwt.Parse(os.Args[0], nil)) }"""),
    "crypto": ({"golang.org/x/crypto": "v0.14.0"}, """
import ("fmt"; "os"; "golang.org/x/crypto/ssh"; "golang.org/x/crypto/bcrypt")
func main() { fmt.Println(ssh.Dial("tcp", os.Args[0], nil)); fmt.Println(bcrypt.Cost(nil)) }"""),
    "crypto-not": ({"golang.org/x/crypto": "v0.14.0"}, """
import ("fmt"; "golang.org/x/crypto/bcrypt")
func main() { fmt.Println(bcrypt.Cost(nil)) }"""),
    "net": ({"golang.org/x/net": "v0.7.0"}, """
import ("fmt"; "os"; "strings"; "golang.org/x/net/html")
func main() { fmt.Println(html.Parse(strings.NewReader(os.Args[0]))) }"""),
}
FORMS = {"plain": ([], {}), "stripped": (["-ldflags=-s -w"], {}), "windows": ([], {"GOOS": "windows"})}

# (word, why, test of form, Merlon's answer and govulncheck's).
DIFFERENCES = [
    ("stripped", "without a symbol table govulncheck takes every function of a listed module for present; the "
     "runtime's own table, which Merlon reads, is still there",
     lambda form, mine, theirs: form == "stripped" and mine == "unreachable" and theirs == "symbol"),
]


def write_database(osv, folder):
    """The records as golang.org/x/vuln's own file layout."""
    (folder / "ID").mkdir(parents=True)
    (folder / "index").mkdir()
    modules, latest = collections.defaultdict(dict), ""
    for path in osv.rglob("GO-*.json"):
        record = json.loads(path.read_text())
        (folder / "ID" / path.name).write_text(json.dumps(record))
        latest = max(latest, record["modified"])
        for affected in record.get("affected", []):
            modules[affected["package"]["name"]][record["id"]] = {"id": record["id"], "modified": record["modified"]}
    (folder / "index" / "db.json").write_text(json.dumps({"modified": latest}))
    (folder / "index" / "modules.json").write_text(json.dumps(
        [{"path": name, "vulns": list(vulns.values())} for name, vulns in sorted(modules.items())]))
    return len(modules)


def build(folder):
    """Builds every form of every program; yields (program, form, path)."""
    for name, (requirements, code) in PROGRAMS.items():
        source = folder / "src" / name
        source.mkdir(parents=True)
        (source / "go.mod").write_text("module example.com/program\n\ngo 1.21\n\n" + "".join(
            f"require {module} {version}\n" for module, version in requirements.items()))
        (source / "main.go").write_text("package main\n" + code + "\n")
        subprocess.run(["go", "get", "."], cwd=source, check=True, stderr=subprocess.DEVNULL)
        for form, (flags, variables) in FORMS.items():
            path = folder / "bin" / form / (name + (".exe" if form == "windows" else ""))
            subprocess.run(["go", "build", *flags, "-o", path, "."], cwd=source, check=True,
                           env={**os.environ, "CGO_ENABLED": "0", **variables})
            yield name, form, path


def ask_govulncheck(program, database, path):
    """(id, module) to "symbol" or "module"."""
    done = subprocess.run([program, "-mode", "binary", "-db", database.as_uri(), "-format", "json", path],
                          capture_output=True, text=True, check=True)
    decoder, at, found = json.JSONDecoder(), 0, {}
    while at < len(done.stdout.rstrip()):
        message, at = decoder.raw_decode(done.stdout, at)
        while at < len(done.stdout) and done.stdout[at].isspace():
            at += 1
        finding = message.get("finding")
        if finding:
            frame = finding["trace"][0]
            key = finding["osv"], frame["module"]
            found[key] = "symbol" if "function" in frame else found.get(key, "module")
    return found


def ask_merlon(program, database, path):
    done = subprocess.run([program, "scan", "packages", path, "--database", database, "--format", "json", "--quiet",
                           "--max-database-age", "0"], cwd=path.parent, capture_output=True, text=True, check=False)
    found = {}
    for finding in json.loads(done.stdout)["findings"]:
        facts = finding["properties"]
        for identifier in facts["ids"].split():
            if identifier.startswith("GO-"):
                found[identifier, facts["package"]] = facts["reachability"]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora = pathlib.Path(os.environ.get("MERLON_CORPORA", ROOT.parent / "shared" / "corpora"))
    parser.add_argument("--osv", type=pathlib.Path, default=corpora / "osv" / "go",
                        help="records of the Go vulnerability database")
    parser.add_argument("--merlon", default=str(ROOT / "build" / "release" / "merlon"))
    parser.add_argument("--govulncheck", default=str(ROOT / "build" / "peers" / "bin" / "govulncheck"))
    arguments = parser.parse_args()
    for program in (arguments.merlon, arguments.govulncheck):
        if not os.access(program, os.X_OK):
            print(f"reachability_parity: {program} is missing (tools/build.sh release merlon; "
                  "tools/peers.sh govulncheck)", file=sys.stderr)
            return 2
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        if not write_database(arguments.osv, folder / "vulndb"):
            print(f"reachability_parity: no records below {arguments.osv}", file=sys.stderr)
            return 2
        subprocess.run([arguments.merlon, "db", "build", "--osv", arguments.osv, "--database", folder / "db", "--quiet"],
                       check=True)
        equal, explained, open_cases = collections.Counter(), collections.Counter(), []
        for name, form, path in build(folder):
            mine = ask_merlon(arguments.merlon, folder / "db", path)
            theirs = ask_govulncheck(arguments.govulncheck, folder / "vulndb", path)
            for key in sorted(mine.keys() | theirs.keys()):
                answers = mine.get(key, "none"), theirs.get(key, "none")
                if answers in (("reachable", "symbol"), ("unreachable", "module")):
                    equal[answers[0]] += 1
                    continue
                word = next((word for word, _, test in DIFFERENCES if test(form, *answers)), None)
                if word:
                    explained[word] += 1
                else:
                    open_cases.append((name, form, *key, *answers))
    print(f"{equal['reachable']} reachable and {equal['unreachable']} unreachable by both, "
          f"{sum(explained.values())} explained, {len(open_cases)} open")
    for word, why, _ in DIFFERENCES:
        if explained[word]:
            print(f"  {explained[word]:4} {word}: {why}")
    for case in open_cases:
        print("  open:", *case)
    return 1 if open_cases else 0


if __name__ == "__main__":
    sys.exit(main())
