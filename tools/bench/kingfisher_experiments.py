"""What has to be changed before the other scanner reports it too: the experiments of kingfisher_compare.py.

A finding that one scanner has and the other has not is explained by the smallest change after which the
other one does report it: the name of the file, a line beside it, the value, the text around it. Each
experiment makes the changed texts, the other scanner runs on all of them at once, and what it says
decides; nothing here knows a file or a rule of anybody. Every chain begins with the control, the lines
around the finding as they are: where the other scanner reports those, none of the changes is the cause.

A value is replaced by a twin: each digit by another digit, each letter by another of its case (of a
hexadecimal value by a hexadecimal one), separators and the first characters of each long part as they
are, so that a twin has the format but is no value that anybody has on a list, and no word.
"""

import collections
import json
import os
import random
import re
import string
import subprocess
import tempfile

LINES_AROUND = 60
# Names of what stands beside a secret in a pair, and values of the shapes that such parts have.
PARTS = ("id", "key_id", "access_key_id", "client_id", "tenant_id", "app_id", "application_id", "user", "username",
         "name", "account_name", "host", "url", "secret", "secret_key", "secret_access_key", "access_key_secret",
         "client_secret", "token")
# Names of files that a scanner may treat each in its own way.
NAMES = ("sample.txt", "sample.yaml", "sample.tf", "sample.json", "sample.sh")
HIDDEN = "kept back: a part of a pair, or of low confidence"

# A text to scan; `expected` has to be found where `lines` (first, last) are, or anywhere.
Probe = collections.namedtuple("Probe", "path text expected lines", defaults=(None,))


def overlap(a, b):
    return bool(a) and bool(b) and (a in b or b in a)


def reported(probe, found):
    return any(overlap(f.secret, probe.expected) and
               (probe.lines is None or f.line <= probe.lines[1] and f.line + f.secret.count("\n") >= probe.lines[0])
               for f in found)


class Window:
    """The lines around a finding, as they stand in its file."""

    def __init__(self, finding, radius=LINES_AROUND):
        self.path, self.secret = finding.path, finding.secret
        lines = [finding.secret]
        first = 0
        path = os.path.join(finding.tree, finding.path)
        if not finding.members and os.path.isfile(path):
            with open(path, "rb") as f:
                lines = f.read().decode("utf-8", "replace").split("\n")
            first = max(0, finding.line - 1 - radius)
        height = finding.secret.count("\n")
        self.at = max(0, finding.line - 1 - first) if len(lines) > 1 else 0
        self.lines = lines[first:finding.line + height + radius] if len(lines) > 1 else lines
        self.first = first + 1
        self.end = min(self.at + height, len(self.lines) - 1)

    def probe(self, path=None, text=None, expected=None, above=0):
        """The window with what is changed in it; `above`: so many lines fewer above the finding."""
        first, last = self.at + 1 - above, self.end + 1 - above
        return Probe(path or self.path, text or self.text(), expected or self.secret, (first, last))

    def text(self):
        return "\n".join(self.lines) + "\n"

    def with_line(self, line):
        """The window with one line more, right below the finding."""
        return "\n".join(self.lines[:self.end + 1] + [line] + self.lines[self.end + 1:]) + "\n"

    def with_value(self, value):
        return self.text().replace(self.secret, value)


def twin(secret, seed, kept=4):
    """A value of the same format: see above. `kept` characters of each long part stay."""
    choose = random.Random(f"{secret} {seed}")
    hexadecimal = re.fullmatch(r"[0-9a-f-]*|[0-9A-F-]*", secret[kept:]) is not None
    base32 = re.search(r"[a-z01890]", secret[kept:]) is None

    def other(char):
        if char.isdigit():
            return choose.choice("234567" if base32 else string.digits)
        letters = "abcdef" if hexadecimal else string.ascii_lowercase
        return choose.choice(letters if char.islower() else letters.upper())

    parts = re.split(r"([A-Za-z0-9]+)", secret)
    return "".join(part[:kept] + "".join(map(other, part[kept:])) if re.fullmatch(r"[A-Za-z0-9]{6,}", part) else part
                   for part in parts)


def plain_value(secret, length, alphabet=string.ascii_letters + string.digits):
    return "".join(random.Random(f"plain {secret} {length}").choices(alphabet, k=length))


def partner_line(names):
    """Every part of a pair that a provider may have, on one line."""
    choose = random.Random("partner " + names[0])

    def make(alphabet, length):
        return "".join(choose.choices(alphabet, k=length))

    lower = string.ascii_lowercase + string.digits
    mixed = string.ascii_letters + string.digits
    parts = []
    for name in names:
        for part in PARTS:
            values = ["-".join(make("0123456789abcdef", n) for n in (8, 4, 4, 4, 12)), make(lower, 12), make(lower, 20),
                      make(mixed, 30), make(mixed, 40), make(string.ascii_uppercase, 10)]
            parts += [f'{name}_{part} = "{value}"' for value in values]
    return "; ".join(parts)


class Experiments:
    """Both scanners, and what Merlon's rules say of themselves."""

    def __init__(self, scanners, words, merlon_path):
        """`scanners`: by name, folder to findings; `words`: rule to the words that name its provider."""
        self.scanners, self.words = scanners, words
        listed = subprocess.run([merlon_path, "rules", "test", "--format", "json"], capture_output=True, text=True,
                                check=False)
        self.examples = collections.defaultdict(list)
        for example in json.loads(listed.stdout)["examples"]:
            if example["expected"] == "true" and not example["problem"]:
                self.examples[example["rule"]].append(example)
        self.values = collections.defaultdict(list)
        self.unknown_rules = self._rules_without_counterpart()

    def names(self, rule):
        """Words that name the provider, or else the kind, of what a rule finds."""
        return sorted(self.words(rule)) or [rule.split(".")[-1].split("-", maxsplit=1)[0]]

    def related(self, rule, other):
        """Rules of one provider, or of one kind where neither names a provider."""
        if self.words(rule) and self.words(other):
            return bool(self.words(rule) & self.words(other))
        kinds = [set(re.split(r"[^a-z0-9]+", name.lower().split(".")[-1])) for name in (rule, other)]
        return kinds[0] <= kinds[1] or kinds[1] <= kinds[0]

    def run(self, scanner, probes):
        """What the scanner reports, for each probe: the findings in it, by number."""
        said = collections.defaultdict(list)
        with tempfile.TemporaryDirectory() as folder:
            for number, probe in enumerate(probes):
                path = os.path.join(folder, str(number), probe.path)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8", newline="") as f:
                    f.write(probe.text)
            for found in self.scanners[scanner](folder):
                if not found.doubtful:
                    said[int(found.path.split("/", 1)[0])].append(found)
        return said

    def _rules_without_counterpart(self):
        """Rules of Merlon of whose own true examples the other scanner reports none: as they are, with a partner
        beside them, with the provider named, or their values in plain texts that name the provider."""
        ours = [(rule, Probe(example["path"], example["text"] + "\n", ""))
                for rule, examples in self.examples.items() for example in examples]
        by_probe = self.run("merlon", [probe for _, probe in ours])
        for number, (rule, _) in enumerate(ours):
            self.values[rule] += [f.secret for f in by_probe[number] if f.rule == rule]
        probes, owners = [], []
        for rule, examples in self.examples.items():
            names = self.names(rule)
            tried = [Probe(path, example["text"] + "\n", "") for example in examples
                     for path in (example["path"], *NAMES)]
            tried += [Probe(example["path"], text + "\n", "") for example in examples for text in
                      (f"{example['text']}\n{partner_line(names)}", f"{names[0]}\n{example['text']}")]
            tried += [probe for value in self.values[rule] for probe in self._around(rule, value)]
            probes += tried
            owners += [rule] * len(tried)
        known = set()
        for scanner in ("kingfisher", "kingfisher hidden"):
            for number, found in self.run(scanner, probes).items():
                rule = owners[number]
                # A part of a pair may be a wide net (any 40 characters): it counts for its own provider only.
                if any(overlap(f.secret, value) for f in found for value in self.values[rule]
                       if scanner == "kingfisher" or self.related(f.rule, rule)):
                    known.add(rule)
        return set(self.examples) - known

    # Each experiment answers with the texts to try; the first that the other scanner reports explains.

    def as_it_is(self, finding):
        yield Window(finding).probe()

    def fewer_lines(self, finding):
        for radius in (8, 2, 0):
            yield Window(finding, radius).probe()

    def other_name(self, finding):
        for name in NAMES:
            yield Window(finding).probe(path=name)

    def provider_named(self, finding):
        window = Window(finding)
        for name in sorted(self.words(finding.rule)):
            yield window.probe(text=window.with_line(f"{name} {name.upper()} {name.capitalize()}"))

    def partner(self, finding):
        window = Window(finding)
        yield window.probe(text=window.with_line(partner_line(self.names(finding.rule))))

    def first_alone(self, finding):
        """The lines without those that the other scanner reports nearby: one finding of several is enough for it."""
        window = Window(finding)
        rivals = {f.line - window.first + k for f in finding.near for k in range(f.secret.count("\n") + 1)}
        rivals -= set(range(window.at, window.end + 1))
        if rivals:
            kept = [line for number, line in enumerate(window.lines) if number not in rivals]
            yield window.probe(text="\n".join(kept) + "\n", above=sum(0 <= r < window.at for r in rivals))

    def same_shape(self, finding):
        window = Window(finding)
        for kept in (4, 8, 0):
            for seed in range(3):
                value = twin(finding.secret, seed, kept)
                if value != finding.secret:
                    yield window.probe(text=window.with_value(value), expected=value)

    def other_shape(self, finding):
        """Other alphabet or length; or what Merlon knows as that provider's format."""
        window = Window(finding)
        for size in sorted({len(finding.secret), 12, 16, 20, 32, 40}):
            value = plain_value(finding.secret, size)
            yield window.probe(text=window.with_value(value), expected=value)
        pair = f"deploy:{plain_value(finding.secret, 20)}"
        yield window.probe(text=window.with_value(pair), expected=pair)
        for rule, values in self.values.items():
            if self.related(rule, finding.rule):
                for value in values:
                    yield window.probe(text=window.with_value(value), expected=value)

    def _around(self, rule, value, beside=""):
        for name in self.names(rule):
            for text in (f'{name}_token = "{value}"', f"{name.upper()}_KEY={value}", f"{name}\n{value}",
                         f'{name.capitalize()} secret: "{value}"', f'password = "{value}"',
                         *([f"curl -u {user}{value} https://example.org" for user in ("", "deploy:")]
                           if name == "curl" else ())):
                yield Probe("sample.txt", f"{text}\n{beside}\n", value)

    def around(self, finding):
        yield from self._around(finding.rule, finding.secret)

    def around_and_partner(self, finding):
        yield from self._around(finding.rule, finding.secret, partner_line(self.names(finding.rule)))

    def around_and_value(self, finding):
        for seed in range(3):
            value = twin(finding.secret, seed)
            if value != finding.secret:
                yield from self._around(finding.rule, value)

    def around_and_format(self, finding):
        for rule, values in self.values.items():
            if self.related(rule, finding.rule):
                for value in values:
                    yield from self._around(finding.rule, value)

    def chain(self):
        return (("text further away", self.as_it_is),
                ("lines further away", self.fewer_lines),
                (HIDDEN, self.as_it_is),
                ("the file's name", self.other_name),
                ("one finding of several", self.first_alone),
                ("the provider's name in the file", self.provider_named),
                ("a partner beside it", self.partner),
                ("this value (one of the same shape is reported)", self.same_shape),
                ("the text around it", self.around),
                ("the text around it and a partner", self.around_and_partner),
                ("the value's alphabet, length or format", self.other_shape),
                ("the text around it and this value", self.around_and_value),
                ("the text around it and the value's format", self.around_and_format))

    def explain(self, side, findings):
        """Yields (finding, name of the change or None, the probe that was reported)."""
        left = list(findings)
        for name, experiment in self.chain():
            probes, owners = [], []
            for number, finding in enumerate(left):
                for probe in experiment(finding):
                    probes.append(probe)
                    owners.append(number)
            if not probes:
                continue
            explained = {}
            scanner = "merlon" if side == "only kingfisher" else "kingfisher"
            for number, found in sorted(self.run(scanner + " hidden" if name == HIDDEN else scanner, probes).items()):
                probe = probes[number]
                if owners[number] not in explained and reported(probe, found):
                    explained[owners[number]] = probe
            for number, probe in explained.items():
                yield left[number], name, probe
            left = [finding for number, finding in enumerate(left) if number not in explained]
        for finding in left:
            yield finding, None, None
