#!/usr/bin/env python3
"""Compares Merlon's order of versions with that of each ecosystem's own tool, on made-up pairs.

  version_parity.py [--pairs N] [--seed N] [SCHEME]...

Pairs come from the public version files (MERLON_CORPORA) and from a grammar for each scheme, and most of
them are a version beside a mutation of it. Pairs that the native tool refuses are made up again. Prints
`N equal, N different, N explained` for each scheme, and each kind of difference with a pair to repeat it
by. A difference is explained where a predicate below says why; each has an example that must differ.
Exit code: 0 no difference is unexplained, 1 otherwise, 2 where no tool is there (tools/peers.sh versions).
"""

import argparse
import collections
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MERLON = ROOT / "build/release/merlon"
PEERS = ROOT / "build/peers/versions"
SOURCES = ROOT / "tests/peers/versions"
CORPORA = pathlib.Path(os.environ.get("MERLON_CORPORA", ROOT.parent / "shared/corpora")) / "versions"
BATCH = 100_000


def digits(source):
    return str(source.choice((0, 0, 1, 1, 2, 3, 9, 10, 11, 99, 100, 255, 256, 2024, 20240101, 10 ** source.randint(9, 25))))


def of(source, alphabet, least, most):
    return "".join(source.choice(alphabet) for _ in range(source.randint(least, most)))


def core(source, least=1, most=4):
    return ".".join(digits(source) for _ in range(source.randint(least, most)))


def semver(source):
    identifier = lambda: source.choice((str(source.randint(0, 30)), of(source, "abAB01-", 1, 3), "alpha", "rc"))
    text = ".".join(str(source.choice((0, 1, 2, 10, 99, 2 ** 31, 2 ** 52))) for _ in range(3))
    if source.random() < 0.6:
        text += "-" + ".".join(identifier() for _ in range(source.randint(1, 3)))
    return text + ("+" + identifier() if source.random() < 0.2 else "")


def pep440(source):
    if source.random() < 0.1:
        return core(source) + source.choice(("-", ".", "", "_")) + of(source, "abcxyz-.01_", 1, 6)
    sep = lambda: source.choice(("", ".", "-", "_"))
    text = (digits(source) + "!" if source.random() < 0.1 else "") + core(source)
    if source.random() < 0.4:
        text += sep() + source.choice(("a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "RC")) + sep() + digits(source)
    if source.random() < 0.3:
        text += source.choice((sep() + source.choice(("post", "rev", "r")) + sep() + digits(source), "-" + digits(source)))
    if source.random() < 0.3:
        text += sep() + "dev" + sep() + digits(source)
    if source.random() < 0.2:
        text += "+" + ".".join(of(source, "ab01", 1, 3) for _ in range(source.randint(1, 3)))
    return source.choice(("", "", "", "v", " ")) + text


def words(vocabulary, separators):
    def make(source):
        text = digits(source)
        for _ in range(source.randint(0, 6)):
            text += source.choice(separators) + (digits(source) if source.random() < 0.6 else source.choice(vocabulary))
        return text
    return make


MAKERS = {
    "dpkg": lambda s: (digits(s)[:9] + ":" if s.random() < 0.2 else "") + s.choice("0123456789") +
            of(s, "0019azAZ.~+", 0, 8) + ("-" + of(s, "019az.~+", 1, 5) if s.random() < 0.5 else ""),
    "rpm": lambda s: (digits(s) + ":" if s.random() < 0.2 else "") + of(s, "0019azAZ.~^+_", 1, 8) +
           ("-" + of(s, "019az.~^_", 0, 5) if s.random() < 0.5 else ""),
    "alpm": lambda s: (digits(s) + ":" if s.random() < 0.2 else "") + of(s, "0019azAZ.._+", 1, 8) +
            ("-" + of(s, "019az.", 1, 3) if s.random() < 0.5 else ""),
    "hex": semver,
    "gem": lambda s: core(s) + "".join("." + s.choice((digits(s), of(s, "abAB01", 1, 3), "pre", "rc1"))
                                       for _ in range(s.randint(0, 3))) + ("-" + of(s, "ab01-", 1, 4).strip("-") if s.random() < 0.1 else ""),
    "composer": words(("dev", "alpha", "a", "beta", "b", "RC", "rc", "pl", "p", "patch", "foo", "Alpha"), (".", "-", "_", "+", "", "..")),
    "npm": semver,
    "go": lambda s: "v" + (core(s, 1, 3) if s.random() < 0.2 else semver(s)),
    "maven": words(("alpha", "beta", "b", "a", "m", "milestone", "rc", "cr", "snapshot", "SNAPSHOT", "ga", "final", "release",
                    "sp", "x", "foo", "jre"), (".", "-", "", "..", "--")),
    "pypi": pep440,
}
FILES = {"dpkg": "debian", "rpm": "redhat", "gem": "rubygems", "composer": "packagist", "npm": "semver", "go": "semver",
         "maven": "maven", "pypi": "pypi", "hex": "semver",
         "alpm": "redhat"}
ORACLES = {
    "dpkg": [PEERS / "dpkg"], "rpm": [PEERS / "rpm"], "alpm": [PEERS / "alpm"],
    "hex": ["elixir", SOURCES / "hex.exs"], "gem": ["ruby", SOURCES / "gem.rb"],
    "composer": ["php", SOURCES / "composer.php"], "go": [PEERS / "go"],
    "npm": ["node", SOURCES / "npm.js", PEERS / "node_modules/semver"],
    "maven": ["java", "-cp", f"{PEERS}:{PEERS}/maven-artifact-3.8.6.jar:{PEERS}/commons-lang3-3.12.0.jar", "Maven"],
    "pypi": [PEERS / "python/bin/python", SOURCES / "pypi.py"],
}

# Why Merlon may answer otherwise: a name, a predicate on the pair, and the smallest example.
EXPLAINED = {
    "maven": [
        ("Maven takes ten zeros and more for a long number, above every short one",
         lambda a, b: re.search(r"(?<!\d)0{10,}(?!\d)", a + " " + b), ("1.0000000000.1", "1.5")),
    ],
    "composer": [
        ("PHP reads a number into 64 bits", lambda a, b: any(len(n) > 18 for n in re.findall(r"\d+", a + " " + b)),
         ("9223372036854775808", "9223372036854775807")),
        ("PHP calls a version that ends with a separator less than itself, and less than a word",
         lambda a, b: not a[-1:].isalnum() or not b[-1:].isalnum(), ("1.", "1.")),
        ("Merlon drops a v in front, as Composer does", lambda a, b: a[:1] in "vV" or b[:1] in "vV", ("v1", "1")),
    ],
}


def corpus(scheme):
    versions = []
    for path in sorted(CORPORA.glob(FILES[scheme] + "-versions*.txt")):
        for line in path.read_text().splitlines():
            parts = line.split()
            if len(parts) == 3 and not line.startswith(("#", "//")):
                versions += [parts[0], parts[2]]
    if scheme == "go":
        versions = ["v" + v.lstrip("v") for v in versions]
    return versions


def mutate(source, text):
    at = source.randint(0, len(text))
    kind = source.randint(0, 4)
    if kind == 0:
        return text[:at] + source.choice("0123456789.-~+_^:abzRC") + text[at:]
    if kind == 1:
        return text[:at] + text[at + 1:]
    if kind == 2:
        return re.sub(r"\d+", lambda m: str(int(m[0]) + source.randint(-1, 1)) if int(m[0]) and source.random() < .5 else m[0], text)
    if kind == 3:
        return text + source.choice((".0", "-1", "0", ".1", "a", "-rc1", "+1", "~1"))
    return text[:at] + source.choice(("0", ".0", "00", "1")) + text[at + 1:]


def pairs(scheme, source, known):
    make = MAKERS[scheme]
    while True:
        left = source.choice(known) if known and source.random() < 0.3 else make(source)
        roll = source.random()
        right = mutate(source, left) if roll < 0.6 else make(source) if roll < 0.9 or not known else source.choice(known)
        left, right = left.encode("ascii", "ignore").decode(), right.encode("ascii", "ignore").decode()
        if left.strip() and right.strip() and "\t" not in left + right and "\n" not in left + right:
            yield left, right


def ask(command, lines):
    text = "".join(f"{a}\t{b}\n" for a, b in lines)
    return subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True, check=True).stdout.split("\n")[:len(lines)]


def explain(scheme, left, right):
    return next((name for name, holds, _ in EXPLAINED.get(scheme, ()) if holds(left, right)), None)


def check_examples(scheme, oracle):
    """An explanation that explains nothing any more has to go."""
    for name, holds, (left, right) in EXPLAINED.get(scheme, ()):
        ours = ask([MERLON, "db", "compare", scheme, "-"], [(left, right)])
        theirs = ask(oracle, [(left, right)])
        if ours == theirs or not holds(left, right):
            print(f"{scheme}: '{name}' explains nothing: {left} {right}")
            return False
    return True


def run(scheme, count, seed):
    oracle = ORACLES[scheme]
    source, known = random.Random(f"{scheme}{seed}"), corpus(scheme)
    stream, tally, reasons, shown = pairs(scheme, source, known), collections.Counter(), collections.Counter(), 0
    good = check_examples(scheme, oracle)
    while tally["equal"] + tally["different"] + tally["explained"] < count:
        batch = [next(stream) for _ in range(BATCH)]
        for (left, right), ours, theirs in zip(batch, ask([MERLON, "db", "compare", scheme, "-"], batch), ask(oracle, batch)):
            if theirs == "?":
                tally["refused"] += 1
            elif ours == theirs:
                tally["equal"] += 1
            elif reason := explain(scheme, left, right):
                tally["explained"] += 1
                reasons[reason] += 1
            else:
                tally["different"] += 1
                shown += 1
                if shown <= 20:
                    print(f"{scheme}: Merlon {ours}, the native tool {theirs}: '{left}' '{right}'")
    print(f"{scheme}: {tally['equal']} equal, {tally['different']} different, {tally['explained']} explained "
          f"({tally['refused']} pairs that the native tool refuses besides; seed {seed})", flush=True)
    for reason, number in reasons.items():
        print(f"  {number} because {reason}")
    return good and tally["different"] == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("schemes", nargs="*", metavar="SCHEME", help=", ".join(MAKERS))
    options = parser.parse_args()
    here = [s for s in options.schemes or MAKERS if shutil.which(str(ORACLES[s][0]))]
    for scheme in set(options.schemes or MAKERS) - set(here):
        print(f"{scheme}: not run, its tool is not there (tools/peers.sh versions)", file=sys.stderr)
    if not here:
        return 2
    return 0 if all([run(scheme, options.pairs, options.seed) for scheme in here]) else 1


if __name__ == "__main__":
    sys.exit(main())
