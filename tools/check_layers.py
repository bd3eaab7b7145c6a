#!/usr/bin/env python3
"""Checks that includes go down only (ARCHITECTURE.md), and draws the house from the code.

  check_layers.py          fails on an edge that the table does not allow, or on a stale drawing
  check_layers.py --write  renews the drawing in ARCHITECTURE.md
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
DOCUMENT = ROOT / "ARCHITECTURE.md"

# Floors from the top. A room may include every room of a lower floor; on its own floor only what
# EDGES names.
FLOORS = [
    ("7 fronts", ["cli", "server", "lsp", "compat"]),
    ("6 controls", ["scan", "probe", "watch", "admission", "delivery", "posture", "respond", "vault",
                    "broker", "governance", "flow"]),
    ("5 decisions", ["identity", "gate"]),
    ("4 memory", ["evidence", "trust", "eventlog"]),
    ("3 engines", ["secrets", "sast", "inventory", "sca", "rego", "cel", "iac", "kubepolicy",
                   "detect", "dast", "threat", "netpol"]),
    ("3 connectors", ["connect"]),
    ("2 shared", ["vm", "packages", "exchange", "report", "templates"]),
    ("1 language", ["value", "text", "match", "crypto", "net", "model"]),
    ("0 ground", ["base"]),
]
EDGES = {
    "gate": {"identity"},
    "iac": {"rego"},
    "kubepolicy": {"rego", "cel"},
    "report": {"exchange"},
    # Floor 1 is a ladder: each may include those before it.
    "text": {"value"},
    "match": {"value", "text"},
    "crypto": {"value", "text", "match"},
    "net": {"value", "text", "match", "crypto"},
    "model": {"value", "text", "match", "crypto"},
}
# Fronts do not know each other, but for one whose peer is made of another peer.
COMPAT_EDGES = {"conftest": {"opa"}}
CONNECT_EDGES = {"git": {"files"}, "oci": {"http"}, "kube": {"http"}, "forge": {"http"}}

# What a floor may include of the floors below it, where that is not simply "all".
FORBIDDEN = {
    "3 engines": {"net"},  # engines never reach the network
}
# Library headers that one room may include, or each of a few.
PRIVATE_HEADERS = {
    "re2/": "match",
    "openssl/": "crypto",
    "expat.h": "text",
    "yaml.h": "text",
    "toml++/": "text",
    "archive.h": "text",
    "brotli/": "text",
    "snappy": "text",
    "zstd.h": "text",
    "libdeflate.h": "connect/git",
    "sqlite3.h": ("text", "evidence"),
    "libpq-fe.h": "evidence",
    "gmp": "rego",
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def level(floor):
    return int(FLOORS[floor][0].split()[0])


FLOOR_OF = {room: floor for floor, (_, rooms) in enumerate(FLOORS) for room in rooms}


def room_of(path):
    """The room of a path below src: its first folder, or two for connect/… and compat/…"""
    parts = pathlib.PurePosixPath(path).parts
    if len(parts) < 2:
        return None
    return "/".join(parts[:2]) if parts[0] in ("connect", "compat") and len(parts) > 2 else parts[0]


def allowed(source, target):
    if source == target:
        return True
    source_top, target_top = source.split("/")[0], target.split("/")[0]
    source_floor, target_floor = FLOOR_OF[source_top], FLOOR_OF[target_top]
    if target in FORBIDDEN.get(FLOORS[source_floor][0], set()):
        return False
    for top, edges in (("connect", CONNECT_EDGES), ("compat", COMPAT_EDGES)):
        if source_top == top and target_top == top:
            return target.split("/")[1] in edges.get(source.split("/")[1], set())
    if level(target_floor) != level(source_floor):
        return level(target_floor) < level(source_floor)
    return target_top in EDGES.get(source_top, set())


def read_edges():
    edges, errors = {}, []
    for path in sorted([*SOURCE.rglob("*.h"), *SOURCE.rglob("*.cpp")]):
        relative = path.relative_to(SOURCE).as_posix()
        source = room_of(relative)
        if source is None:
            continue  # src/main.cpp may include every front
        if source.split("/")[0] not in FLOOR_OF:
            errors.append(f"src/{relative}: room '{source}' stands on no floor of the table")
            continue
        edges.setdefault(source, set())
        is_side_file = relative.endswith(("_test.cpp", "_fuzz.cpp", "_bench.cpp"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            name = match.group(1) or match.group(2)
            for header, owner in PRIVATE_HEADERS.items():
                owners = (owner,) if isinstance(owner, str) else owner
                if name.startswith(header) and source not in owners and not is_side_file:
                    errors.append(f"src/{relative}:{number}: only {' and '.join(owners)} may include <{name}>")
            target = room_of(name) if match.group(1) else None
            if target is None or target.split("/")[0] not in FLOOR_OF:
                continue
            if not allowed(source, target):
                errors.append(f"src/{relative}:{number}: {source} may not include {target}")
            elif target != source and not is_side_file:
                edges[source].add(target)
    return edges, errors


def draw(edges):
    """One line for each floor that has rooms, with the rooms that each uses."""
    lines = ["```"]
    for name, rooms in FLOORS:
        present = [room for room in sorted(edges) if room.split("/")[0] in rooms]
        present.sort(key=lambda room: rooms.index(room.split("/")[0]))
        for index, room in enumerate(present):
            uses = ", ".join(sorted(edges[room])) or "-"
            lines.append(f"{name if index == 0 else '':<13} {room:<18} -> {uses}".rstrip())
    lines.append("```")
    return "\n".join(lines)


def main():
    edges, errors = read_edges()
    begin, end = "<!-- layers: drawn by tools/check_layers.py --write -->", "<!-- end of layers -->"
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    renewed = f"{before}{begin}\n{draw(edges)}\n{end}{after}"
    if "--write" in sys.argv[1:]:
        DOCUMENT.write_text(renewed, encoding="utf-8")
    elif renewed != text:
        errors.append("ARCHITECTURE.md: the drawing is stale; run tools/check_layers.py --write")
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
