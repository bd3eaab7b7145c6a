#!/usr/bin/env python3
"""Makes src/match/unicode_tables_data.cpp from the distribution's package unicode-data.

  make_tables.py           writes the file
  make_tables.py --check   fails when the file is not what this package gives

The version is held to that of Go's package unicode (15.0.0), because expressions have to mean what they
mean there: another version is a change of behaviour, to be made on purpose.
"""

import pathlib
import sys

VERSION = "15.0.0"
DATA = pathlib.Path("/usr/share/unicode")
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "src/match/unicode_tables_data.cpp"
LAST = 0x10FFFF


def read_fields(name):
    """The semicolon-separated fields of each line that has any (UAX #44, section 4.2)."""
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line:
            yield [field.strip() for field in line.split(";")]


def check_version():
    first = (DATA / "Scripts.txt").read_text(encoding="utf-8").splitlines()[0]
    if first != f"# Scripts-{VERSION}.txt":
        sys.exit(f"make_tables: {DATA}/Scripts.txt begins with '{first}', expected version {VERSION}; "
                 f"install unicode-data {VERSION}")


def read_unicode_data():
    """General category of every code point, and the simple lower-case mappings."""
    category, lower, first = ["Cn"] * (LAST + 1), {}, None
    for fields in read_fields("UnicodeData.txt"):
        point, name = int(fields[0], 16), fields[1]
        if name.endswith(", First>"):
            first = point
            continue
        start = first if name.endswith(", Last>") else point
        first = None
        for each in range(start, point + 1):
            category[each] = fields[2]
        if fields[13]:
            lower[point] = int(fields[13], 16)
    return category, lower


def read_scripts():
    scripts = {}
    for points, script in read_fields("Scripts.txt"):
        low, _, high = points.partition("..")
        scripts.setdefault(script, []).append((int(low, 16), int(high or low, 16)))
    return {script: join(sorted(ranges)) for script, ranges in scripts.items()}


def read_category_aliases():
    """Long and other names of general categories (PropertyValueAliases.txt)."""
    aliases = {}
    for fields in read_fields("PropertyValueAliases.txt"):
        if fields[0] == "gc":
            for alias in fields[2:]:
                aliases[alias] = fields[1]
    return aliases


def read_orbits():
    """The next code point of each orbit under simple case folding (statuses C and S)."""
    classes = {}
    for fields in read_fields("CaseFolding.txt"):
        if fields[1] in "CS":
            target = int(fields[2], 16)
            classes.setdefault(target, {target}).add(int(fields[0], 16))
    following = {}
    for members in classes.values():
        members = sorted(members)
        for at, point in enumerate(members):
            following[point] = members[(at + 1) % len(members)]
    return following


def join(ranges):
    joined = []
    for low, high in ranges:
        if joined and joined[-1][1] + 1 == low:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def runs_of(category):
    """(low, high, category) for each run of equal categories."""
    runs, start = [], 0
    for point in range(1, LAST + 2):
        if point > LAST or category[point] != category[start]:
            runs.append((start, point - 1, category[start]))
            start = point
    return runs


def canonical(name):
    """syntax.canonicalName of Go: without '_', '-' and ' ', the first letter alone in upper case."""
    name = "".join(c for c in name if c not in "_- ")
    return name[:1].upper() + name[1:].lower()


def tables():
    """name -> ranges, under the names of Go's maps unicode.Categories and unicode.Scripts."""
    category, lower = read_unicode_data()
    runs = runs_of(category)

    def where(is_member):
        return join([(low, high) for low, high, name in runs if is_member(name)])

    categories = {name: where(lambda each, name=name: each == name) for name in set(category)}
    for group in "CLMNPSZ":
        categories[group] = where(lambda each, group=group: each[0] == group)
    categories["LC"] = where(lambda each: each in ("Lu", "Ll", "Lt"))
    special = {"Any": [(0, LAST)], "ASCII": [(0, 0x7F)], "Assigned": where(lambda each: each != "Cn")}
    return categories, read_scripts(), special, lower


def regexp_names(categories, scripts, special):
    """What regexp/syntax looks up after canonicalName (parse.go, unicodeTable), in its order."""
    names = {}
    for name in ("Any", "Assigned", "ASCII", "LC"):
        names[canonical(name)] = name
    # A key that is not its own canonical name is never found: Go 1.25 and later refuse
    # \p{Old_Italic}, and so do we.
    for name in [*sorted(categories), *sorted(scripts)]:
        if canonical(name) == name:
            names.setdefault(name, name)
    for alias, name in read_category_aliases().items():
        if name in categories:
            names.setdefault(canonical(alias), name)
    return names


def wrap(items):
    line, lines = "   ", []
    for item in items:
        if len(line) + 1 + len(item) > 100:
            lines.append(line)
            line = "   "
        line += " " + item
    return "\n".join([*lines, line])


def generate():
    check_version()
    categories, scripts, special, lower = tables()
    every = {**categories, **scripts, **special}
    ranges, begin = [], {}
    for name in sorted(every):
        begin[name] = len(ranges)
        ranges += every[name]
    orbits = read_orbits()

    def entry(name, target):
        return f'{{"{name}", {begin[target]}, {len(every[target])}}},'

    keys = [entry(name, name) for name in sorted([*categories, *scripts])]
    names = [entry(name, target)
             for name, target in sorted(regexp_names(categories, scripts, special).items())]
    return f"""// Made by tools/unicode/make_tables.py from Unicode {VERSION}. Do not edit.

#include "match/unicode_tables_data.h"

// clang-format off
namespace merlon::match::unicode_data {{

constexpr CodePointRange kRangeList[] = {{
{wrap(f"{{{low},{high}}}," for low, high in ranges)}
}};

constexpr Name kKeyList[] = {{
{wrap(keys)}
}};

constexpr Name kRegexpNameList[] = {{
{wrap(names)}
}};

constexpr CodePointPair kOrbitList[] = {{
{wrap(f"{{{a},{b}}}," for a, b in sorted(orbits.items()))}
}};

constexpr CodePointPair kLowerList[] = {{
{wrap(f"{{{a},{b}}}," for a, b in sorted(lower.items()))}
}};

constinit const std::string_view kVersion = "{VERSION}";
constinit const std::span<const CodePointRange> kRanges(kRangeList);
constinit const std::span<const Name> kKeys(kKeyList);
constinit const std::span<const Name> kRegexpNames(kRegexpNameList);
constinit const std::span<const CodePointPair> kOrbits(kOrbitList);
constinit const std::span<const CodePointPair> kLower(kLowerList);

}}  // namespace merlon::match::unicode_data
"""


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit("usage: make_tables.py [--check]")
    if not (DATA / "UnicodeData.txt").exists():
        sys.exit(f"make_tables: {DATA}/UnicodeData.txt is not there; run tools/setup.sh")
    text = generate()
    if sys.argv[1:] == ["--check"]:
        if OUTPUT.read_text(encoding="utf-8") != text:
            sys.exit(f"make_tables: {OUTPUT.name} is stale; run tools/unicode/make_tables.py")
    else:
        OUTPUT.write_text(text, encoding="utf-8")


main()
