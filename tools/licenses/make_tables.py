#!/usr/bin/env python3
"""Makes src/packages/license_ids_data.cpp from the npm packages that carry the SPDX licence list.

  make_tables.py                       writes the file
  make_tables.py --check               fails when the file is not what these packages give
  make_tables.py --prints MAKE_PRINTS  writes src/packages/license_prints.txt with that program (target make_prints)

Only identifiers are taken, and whether they are deprecated; of the texts the hashes of runs of words. npm fetches the
packages, at pinned versions.
"""

import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

LICENSES = "spdx-license-ids@3.0.24"
EXCEPTIONS = "spdx-exceptions@2.5.0"
TEXTS = "spdx-license-list@6.12.0"
PRINTS = pathlib.Path(__file__).resolve().parents[2] / "src/packages/license_prints.txt"
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "src/packages/license_ids_data.cpp"


def fetch(package, folder):
    """The identifiers of a package, each with whether it is deprecated."""
    name = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True,
                          text=True).stdout.split()[-1]
    with tarfile.open(folder / name) as archive:
        read = lambda member: json.load(archive.extractfile(f"package/{member}.json"))
        rows = [(identifier, False) for identifier in read("index")]
        rows += [(identifier, True) for identifier in read("deprecated")]
    return sorted(rows, key=lambda row: row[0].lower())


def table(name, rows):
    lines = [f"constexpr ListedId {name}[] = {{"]
    lines += [f'    {{"{identifier}", {"IdState::kDeprecated" if deprecated else "IdState::kCurrent"}}},'
              for identifier, deprecated in rows]
    return "\n".join(lines + ["};"])


def write_prints(make_prints):
    with tempfile.TemporaryDirectory() as folder:
        name = subprocess.run(["npm", "pack", "--silent", TEXTS], cwd=folder, check=True, capture_output=True,
                              text=True).stdout.split()[-1]
        with tarfile.open(pathlib.Path(folder) / name) as archive:
            texts = pathlib.Path(folder) / "texts.json"
            texts.write_bytes(archive.extractfile("package/spdx-full.json").read())
        return subprocess.run([make_prints, PRINTS, texts]).returncode


def main():
    if sys.argv[1:2] == ["--prints"]:
        return write_prints(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        licenses, exceptions = (fetch(package, pathlib.Path(folder)) for package in (LICENSES, EXCEPTIONS))
    text = f"""// Made by tools/licenses/make_tables.py from {LICENSES} and {EXCEPTIONS}. Do not edit.

#include "packages/license_ids.h"

// clang-format off
namespace merlon::packages {{
namespace {{

// By identifier in lower case.
{table("kLicenses", licenses)}

{table("kExceptions", exceptions)}

}}  // namespace

std::span<const ListedId> listed_licenses() {{ return kLicenses; }}
std::span<const ListedId> listed_exceptions() {{ return kExceptions; }}

}}  // namespace merlon::packages
"""
    if sys.argv[1:] == ["--check"]:
        return 0 if OUTPUT.read_text() == text else f"{OUTPUT} is not what {LICENSES} and {EXCEPTIONS} give"
    OUTPUT.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
