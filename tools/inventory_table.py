#!/usr/bin/env python3
"""Draws the tables of docs/inventory.md from the table of readers in src/inventory/readers.cpp and that of programs
in src/inventory/known_program_table.cpp.

  inventory_table.py          fails where the page is stale
  inventory_table.py --write  renews it
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "inventory.md"
SOURCES = ROOT / "src" / "inventory"
MARKS = ("<!-- {}: drawn by tools/inventory_table.py --write -->", "<!-- end of {} -->")
ROW = re.compile(r'Reader\{\s*"([^"]*)",\s*k(\w+),\s*k(\w+),\s*((?:"[^"]*"\s*)+),\s*"([^"]*)",\s*"([^"]*)",')

PROGRAM = re.compile(r'\{((?:"[^"]*"\s*)+),\s*"([^"]*)",\s*kG\w+,\s*"([^"]*)",')
# Readers that no name chooses.
NAMELESS = {"executable": "by its first bytes, or a name below"}


def rows():
    source = (SOURCES / "readers.cpp").read_text(encoding="utf-8")
    found = ROW.findall(source)
    if len(found) != source.count("    Reader{"):
        sys.exit("inventory_table: a row of readers.cpp is not of the known form")
    for name, ecosystem, role, paths, manifests, knows in found:
        words = "".join(re.findall(r'"([^"]*)"', paths)).replace("//", "/**/").split()
        shown = " ".join(f"`{word}`" for word in words) or NAMELESS.get(name, "where another file takes it in")
        beside = " ".join(f"`{word}`" for word in manifests.split())
        yield f"| {name} | {ecosystem} | {role.lower()} | {shown} | {beside} | {', '.join(knows.split())} |"


def programs():
    """Name, files and CPE of each program; a program with several rows once."""
    source = (SOURCES / "known_program_table.cpp").read_text(encoding="utf-8")
    found = PROGRAM.findall(source)
    if len(found) != len(re.findall(r"\bkG\w+,", source)):
        sys.exit("inventory_table: a row of known_program_table.cpp is not of the known form")
    files = {}
    for words, name, cpe in found:
        known = files.setdefault((name, cpe), [])
        known += [word for word in "".join(re.findall(r'"([^"]*)"', words)).split() if word not in known]
    for (name, cpe), words in files.items():
        shown = " ".join(f"`{word}`" for word in words)
        yield f"| {name} | {shown} | {cpe} |"


def drawn(page, block, lines):
    begin, end = (mark.format(block) for mark in MARKS)
    before, _, rest = page.partition(begin)
    return "\n".join([before + begin, *lines, end]) + rest.partition(end)[2]


def main():
    page = PAGE.read_text(encoding="utf-8")
    renewed = drawn(page, "readers", ["| reader | ecosystem | is | files | with | states |", "|---|---|---|---|---|---|",
                                      *rows()])
    renewed = drawn(renewed, "programs", ["| program | files | CPE |", "|---|---|---|", *programs()])
    if "--write" in sys.argv[1:]:
        PAGE.write_text(renewed, encoding="utf-8")
    elif renewed != page:
        sys.exit("inventory_table: docs/inventory.md is stale; run tools/inventory_table.py --write")


if __name__ == "__main__":
    main()
