#!/usr/bin/env python3
"""Makes src/text/normal_form_data.cpp from the distribution's package unicode-data.

  make_normal_form.py           writes the file
  make_normal_form.py --check   fails when the file is not what this package gives

The version is that of Go's package unicode (15.0.0), as in make_tables.py.
"""

import pathlib
import sys

VERSION = "15.0.0"
DATA = pathlib.Path("/usr/share/unicode")
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "src/text/normal_form_data.cpp"


def read_fields(name):
    """The semicolon-separated fields of each line that has any (UAX #44, section 4.2)."""
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line:
            yield [field.strip() for field in line.split(";")]


def check_version():
    first = (DATA / "DerivedNormalizationProps.txt").read_text(encoding="utf-8").splitlines()[0]
    if first != f"# DerivedNormalizationProps-{VERSION}.txt":
        sys.exit(f"make_normal_form: {DATA}/DerivedNormalizationProps.txt begins with '{first}', "
                 f"expected version {VERSION}; install unicode-data {VERSION}")


def read_excluded():
    """What never comes out of a composition: Full_Composition_Exclusion."""
    excluded = set()
    for fields in read_fields("DerivedNormalizationProps.txt"):
        if fields[1] == "Full_Composition_Exclusion":
            low, _, high = fields[0].partition("..")
            excluded.update(range(int(low, 16), int(high or low, 16) + 1))
    return excluded


def read_unicode_data():
    """Combining classes as [low, high, class], and canonical decompositions of one step."""
    classes, decompositions = [], {}
    for fields in read_fields("UnicodeData.txt"):
        point, combining = int(fields[0], 16), int(fields[3])
        if combining:
            if classes and classes[-1][1:] == [point - 1, combining]:
                classes[-1][1] = point
            else:
                classes.append([point, point, combining])
        if fields[5] and not fields[5].startswith("<"):
            parts = [int(part, 16) for part in fields[5].split()]
            decompositions[point] = parts + [0] * (2 - len(parts))
    return classes, decompositions


def wrap(words):
    lines, line = [], "   "
    for word in words:
        if len(line) + 1 + len(word) > 100:
            lines.append(line)
            line = "   "
        line += " " + word
    return "\n".join([*lines, line])


def generate():
    check_version()
    classes, decompositions = read_unicode_data()
    excluded = read_excluded()
    compositions = sorted((first, second, point) for point, (first, second) in decompositions.items()
                          if second and point not in excluded)
    return f"""// Made by tools/unicode/make_normal_form.py from Unicode {VERSION}. Do not edit.

#include "text/normal_form_data.h"

// clang-format off
namespace merlon::text::normal_form_data {{

constexpr CombiningClass kClassList[] = {{
{wrap(f"{{{low},{high},{combining}}}," for low, high, combining in classes)}
}};

constexpr Decomposition kDecompositionList[] = {{
{wrap(f"{{{point},{first},{second}}}," for point, (first, second) in sorted(decompositions.items()))}
}};

constexpr Composition kCompositionList[] = {{
{wrap(f"{{{first},{second},{point}}}," for first, second, point in compositions)}
}};

constinit const std::span<const CombiningClass> kClasses(kClassList);
constinit const std::span<const Decomposition> kDecompositions(kDecompositionList);
constinit const std::span<const Composition> kCompositions(kCompositionList);

}}  // namespace merlon::text::normal_form_data
"""


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit("usage: make_normal_form.py [--check]")
    if not (DATA / "UnicodeData.txt").exists():
        sys.exit(f"make_normal_form: {DATA}/UnicodeData.txt is not there; run tools/setup.sh")
    text = generate()
    if sys.argv[1:] == ["--check"]:
        if OUTPUT.read_text(encoding="utf-8") != text:
            sys.exit(f"make_normal_form: {OUTPUT.name} is stale; run tools/unicode/make_normal_form.py")
    else:
        OUTPUT.write_text(text, encoding="utf-8")


main()
