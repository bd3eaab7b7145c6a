#!/usr/bin/env python3
"""Writes what the demo's packages need: demo_packages.py FOLDER

  FOLDER/web         a manifest, its lock file and a program as the project has them
  FOLDER/web-change  the same after a pull request that adds a dependency and touches an entry
  FOLDER/advisories  three records in the OSV format, of weaknesses that are published and fixed
"""

import base64
import hashlib
import json
import pathlib
import sys

REGISTRY = "https://registry.example.com"
PACKAGES = {"express": "4.21.2", "lodash": "4.17.15", "left-pad": "1.3.0", "ms": "2.1.3", "qs": "6.13.0"}
LICENSES = {"left-pad": "WTFPL", "minimist": "GPL-3.0-only", "qs": "BSD-3-Clause"}
# Identifier, package, introduced, fixed, vector, what it is.
ADVISORIES = [
    ("GHSA-p6mc-m468-83gw", "CVE-2020-8203", "lodash", "3.7.0", "4.17.19",
     "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:H", "zipObjectDeep writes to the prototype of objects"),
    ("GHSA-xvch-5gv4-984h", "CVE-2021-44906", "minimist", "1.0.0", "1.2.6",
     "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "arguments write to the prototype of objects"),
    ("GHSA-hrpp-h998-j3pp", "CVE-2022-24999", "qs", "6.10.0", "6.10.3",
     "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "a crafted query makes the process hang"),
]


def entry(name, version, host=REGISTRY):
    digest = hashlib.sha512(f"{name}@{version}".encode()).digest()
    integrity = "sha512-" + base64.b64encode(digest).decode()
    return {"version": version, "resolved": f"{host}/{name}/-/{name}-{version}.tgz",
            "integrity": integrity, "license": LICENSES.get(name, "MIT")}


# The program uses lodash and not qs: what stands in the lock file alone is not reached by it.
SERVER = """const express = require("express");
const _ = require("lodash");
const app = express();
app.get("/", (request, response) => response.json(_.zipObjectDeep(["a.b"], [request.query.id])));
app.listen(8080);
"""


def manifest(entries):
    return {"name": "payments-web", "version": "1.0.0",
            "dependencies": {name: "^" + one["version"] for name, one in entries.items()}}


def lock(entries):
    root = manifest(entries)
    packages = {"": root, **{f"node_modules/{name}": one for name, one in entries.items()}}
    return json.dumps({"name": "payments-web", "version": "1.0.0", "lockfileVersion": 3,
                       "requires": True, "packages": packages}, indent=2) + "\n"


def record(identifier, alias, package, introduced, fixed, vector, summary):
    return {"schema_version": "1.7.4", "id": identifier, "aliases": [alias],
            "modified": "2024-01-01T00:00:00Z", "summary": f"{package}: {summary}",
            "severity": [{"type": "CVSS_V3", "score": vector}],
            "affected": [{"package": {"ecosystem": "npm", "name": package},
                          "ranges": [{"type": "SEMVER", "events": [{"introduced": introduced},
                                                                   {"fixed": fixed}]}]}]}


def main():
    folder = pathlib.Path(sys.argv[1])
    before = {name: entry(name, version) for name, version in PACKAGES.items()}
    after = {**before, "minimist": {**entry("minimist", "1.2.0"), "hasInstallScript": True},
             "ms": entry("ms", "2.1.3", host="https://packages.example.net")}
    for name, entries in (("web", before), ("web-change", after)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "package-lock.json").write_text(lock(entries))
        (folder / name / "package.json").write_text(json.dumps(manifest(entries), indent=2) + "\n")
        (folder / name / "server.js").write_text(SERVER)
    advisories = folder / "advisories"
    advisories.mkdir(exist_ok=True)
    for advisory in ADVISORIES:
        (advisories / f"{advisory[0]}.json").write_text(json.dumps(record(*advisory), indent=1))


if __name__ == "__main__":
    main()
