#!/usr/bin/env python3
"""Draws the table of docs/inventory.md from the table of readers in src/inventory/readers.cpp.

  inventory_table.py          fails where the page is stale
  inventory_table.py --write  renews it
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "inventory.md"
BEGIN, END = "<!-- readers: drawn by tools/inventory_table.py --write -->", "<!-- end of readers -->"
ROW = re.compile(r'Reader\{\s*"([^"]*)",\s*k(\w+),\s*k(\w+),\s*((?:"[^"]*"\s*)+),\s*"([^"]*)",\s*"([^"]*)",')


def rows():
    source = (ROOT / "src" / "inventory" / "readers.cpp").read_text(encoding="utf-8")
    found = ROW.findall(source)
    if len(found) != source.count("    Reader{"):
        sys.exit("inventory_table: a row of readers.cpp is not of the known form")
    for name, ecosystem, role, paths, manifests, knows in found:
        words = "".join(re.findall(r'"([^"]*)"', paths)).replace("//", "/**/").split()
        shown = " ".join(f"`{word}`" for word in words) or "by its first bytes"
        beside = " ".join(f"`{word}`" for word in manifests.split())
        yield f"| {name} | {ecosystem} | {role.lower()} | {shown} | {beside} | {', '.join(knows.split())} |"


def main():
    table = "\n".join(["| reader | ecosystem | is | files | with | states |", "|---|---|---|---|---|---|",
                       *rows()])
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    renewed = f"{before}{BEGIN}\n{table}\n{END}{after}"
    if "--write" in sys.argv[1:]:
        PAGE.write_text(renewed, encoding="utf-8")
    elif renewed != page:
        sys.exit("inventory_table: docs/inventory.md is stale; run tools/inventory_table.py --write")


if __name__ == "__main__":
    main()
