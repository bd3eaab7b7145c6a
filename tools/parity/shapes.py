"""More inputs for the comparison with gitleaks, from a seed: what trees.py does not make.

Configurations in viper's weak typing (numbers in quotes, lists as texts, keys in any case), legacy
tables, chains of `extend`, broken ones; baselines and ignore files made of gitleaks's own report;
links, names that need quoting, large files; the environment; every flag that changes a report.
"""

import json
import os
import random

import trees

TEMPLATES = (
    '{{ range . }}{{ .RuleID }}\t{{ .File }}:{{ .StartLine }}\t{{ .Entropy }}{{ "\\n" }}{{ end }}',
    '{{ range $i, $f := . }}{{ if eq $i 0 }}first{{ else if eq $i 1 }}second{{ else }}later{{ end }}'
    ' {{ printf "%-20s|%5d|%05d|%.2f|%q|%v|%x" $f.RuleID $f.StartLine $f.EndLine $f.Entropy $f.File'
    ' $f.Tags "ab" }}\n{{ end }}',
    '{{- range . }}\n{{ .Secret | trunc 4 }}{{ .Secret | trunc -3 }} {{ .File | base }} {{ .File | ext }}'
    ' {{ .File | dir }} {{ .File | upper | lower | title }} {{ .Match | replace "=" "::" | quote }}\n{{- end }}',
    '{{ define "row" }}| {{ .RuleID }} | {{ .Description | html }} |{{ end }}{{ range . }}'
    '{{ template "row" . }}\n{{ end }}{{ block "foot" (len .) }}{{ . }} in all{{ end }}\n',
    '{{ $n := 0 }}{{ range . }}{{ $n = add $n 1 }}{{ if gt $n 3 }}{{ break }}{{ end }}'
    '{{ if eq .StartLine 1 }}{{ continue }}{{ end }}{{ $n }} {{ .File }}\n{{ end }}{{ $n }}\n',
    '[{{ range $i, $f := . }}{{ if $i }},{{ end }}\n{{ toJson $f.Secret }}: {{ toJson $f }}{{ end }}]\n',
    '{{ range . }}{{ ternary "many" "one" (gt (len .Tags) 1) }} {{ join "," .Tags | default "none" }}'
    ' {{ coalesce .Link .Commit .File }} {{ .Secret | sha256sum }} {{ .Match | b64enc | b64dec }}\n{{ end }}',
    '{{ range . }}{{ regexReplaceAll "([a-z]+)([0-9]+)" .Secret "${2}-$1" }} '
    '{{ regexFind "[A-Z]+" .Match }} {{ regexMatch "^t" .RuleID }} {{ regexSplit "[=:]" .Match -1 }}\n{{ end }}',
    '{{ with index . 0 }}{{ .Fingerprint | splitList ":" | first }} {{ (split ":" .Fingerprint)._1 }}'
    ' {{ .File | trimSuffix ".txt" | trimPrefix "tree/" | trimAll "te" }}{{ else }}none{{ end }}\n',
    '{{ range untilStep 0 10 3 }}{{ . }};{{ end }}{{ range until 3 }}{{ mul . 2 }} {{ div 7 2 }} {{ mod 7 3 }}'
    ' {{ max 1 . 2 }} {{ min 1 . }} {{ sub . 5 }}\n{{ end }}',
    '{{ $d := dict "a" 1 "b" "x" }}{{ $d = set $d "c" (list 3 "y") }}{{ range $k, $v := $d }}{{ $k }}={{ $v }} {{ end }}'
    '{{ get $d "b" }} {{ hasKey $d "z" }} {{ keys $d | sortAlpha | join "+" }} {{ $d.a }} {{ toPrettyJson $d }}\n',
    '{{ list "b" "a" "b" | uniq | sortAlpha | reverse | join " " }} {{ list 1 2 3 | rest | last }} '
    '{{ has "a" (list "a") }} {{ without (list 1 2 3) 2 }} {{ append (list 1) 2 }} {{ concat (list 1) (list 2) }} '
    '{{ slice (list 1 2 3 4) 1 3 }} {{ compact (list "" "a") }} {{ empty "" }} {{ not nil }}\n',
    '{{ "a b  c" | nospace }} {{ "x" | repeat 3 }} {{ "abcdefgh" | abbrev 5 }} {{ substr 1 3 "abcdef" }} '
    '{{ indent 2 "a\\nb" }}{{ nindent 1 "c" }} {{ cat "a" 1 nil "b" }} {{ squote "q" }} {{ initials "ab cd" }} '
    '{{ contains "b" "abc" }} {{ hasPrefix "a" "abc" }} {{ hasSuffix "c" "abc" }} {{ plural "one" "many" 2 }}\n',
    '{{ print 1 2 "x" "y" 3 }}{{ println "a" 1 }}{{ "<a&b>\'" | html }} {{ "a=\'b\'" | js }} {{ "a b&c" | urlquery }} '
    '{{ eq 1 2 1 }} {{ and 1 0 2 }} {{ or 0 "" "z" }} {{ len "abc" }} {{ index (list 5 6) 1 }} {{ 1.5 }} {{ \'a\' }} '
    '{{ printf "%d%%|%s|%!|%d" 5 "x" "y" }} {{ printf "%6.2f|%+d|%x|%X|%t|%c|%T" 3.14159 7 255 "hi" true 65 "s" }}\n',
    '{{/* a comment */ -}}\n{{ now | date "2006" | len }} {{ floor 2.7 }} {{ ceil 2.1 }} {{ round 2.456 2 }} '
    '{{ int "42" }} {{ atoi "7" | add1 }} {{ float64 "1.5" }} {{ clean "a/../b//c" }} {{ isAbs "/a" }} {{ toString 5 }}\n',
    '{{ .Missing }}', '{{ range . }}{{ .Nope }}{{ end }}', '{{ index . 99999 }}', '{{ fail "stop" }}',
    'a{{ upper 3 }}b', '{{ range . }}x{{ .StartLine | lower }}{{ end }}', '{{ trunc "3" "abcd" }}', '{{ trunc 2 7 }}',
    '{{ ternary 1 2 "x" }}', '{{ repeat 2 nil }}', '{{ join 1 (list 1 2) }}', '{{ replace "a" 1 "b" }}',
    '{{ base 5 }}', '{{ sha256sum true }}', '{{ until "3" }}', '{{ trunc 3.0 "abcd" }}', '{{ trunc 3.5 "abcd" }}',
    '{{ printf 5 }}', '{{ regexMatch 1 "a" }}', '{{ range . }}{{ .Tags | upper }}{{ end }}', '{{ atoi 5 }}',
    '{{ if }}', '{{ range . }}', '{{ template "gone" }}', '{{ end }}', '{{ "open',
)

ODD_NUMBERS = ("'3.5'", "3", "3.0", "'0x2'", "true", "false", "''", "'1e0'", "2.9")
BROKEN = (
    "[[rules]]\nid = 'a'\nregex = '('\n", "[[rules]]\nregex = 'a'\n", "[[rules]]\nid = 'a'\n",
    "[[rules]]\nid='a'\nregex='a'\nsecretGroup=3\n", "rules = 'x'\n", "rules = 5\n",
    "[[rules]]\nid='a'\nregex='a'\n[[rules.allowlists]]\n", "[[rules]]\nid=['a']\nregex='a'\n",
    "[[rules]]\nid='a'\nregex='a'\n[rules.allowlist]\nregexes=['a']\n[[rules.allowlists]]\nregexes=['a']\n",
    "[allowlist]\npaths=['a']\n[[allowlists]]\npaths=['b']\n", "[[allowlists]]\ncondition='XOR'\npaths=['a']\n",
    "[[allowlists]]\nregexTarget='file'\nregexes=['a']\n", "[extend]\npath='gone.toml'\n",
    "[extend]\npath='config.toml'\nuseDefault=true\n", "[[allowlists]]\ntargetRules=['no']\npaths=['a']\n",
    "[[rules]]\nid='a'\nregex='a'\n[[rules.required]]\nid='no'\n", "title = \n", "a = 1\na = 2\n",
    "[[rules]]\nid='a'\nregex='a'\nentropy='high'\n", "[[rules]]\nid='a'\nregex='a'\nkeywords=5\n",
    "[[rules]]\nid='a'\nregex='a'\nkeywords={a=1}\n", "[[rules]]\nid='a'\nregex='a'\nskipReport='maybe'\n",
    "[[rules]]\nid='a'\nregex=5\n", "[[rules]]\nid='a'\npath='['\n", "[extend]\ndisabledRules='a'\n", "",
    "[rules]\nid='a'\nregex='tok'\n", "[[rules]]\nid='a'\nregex='tok'\ntags='x,y'\n",
    "[[rules]]\nid='a'\nregex='a'\n[[rules.required]]\nwithinLines=2\n", "minVersion='99.0'\n", "minVersion=5\n",
    "[[allowlists]]\ncommits=['A','b ']\n[[rules]]\nid='a'\nregex='tok'\n", "\ufefftitle='x'\n",
)


class Shapes(trees.Generator):
    """Trees with configurations as people and programs write them."""

    def key(self, name):
        kind = self.random.randrange(4)
        return (name, name, name.upper(), name.lower())[kind] if self.chance(0.5) else name

    def fields(self, table):  # pylint: disable=arguments-differ
        out = []
        for name, value in table.items():
            text = trees.quote(value)
            if self.chance(0.15):
                if isinstance(value, list) and not any("," in str(v) for v in value):
                    text = trees.quote(",".join(str(v) for v in value))
                elif isinstance(value, bool):
                    text = self.random.choice(("'true'", "1", "'T'", "'1'")) if value else "0"
                elif isinstance(value, (int, float)):
                    text = self.random.choice((f"'{value}'", f"{float(value)}", f"'{value}'"))
            out.append(f"{self.key(name)} = {text}")
        return out

    def config(self, rules, allow):
        text = self.toml(rules, allow)
        if self.chance(0.2) and "[[allowlists]]" in text and text.count("[[allowlists]]") == 1:
            text = text.replace("[[allowlists]]", "[allowlist]")
        if self.chance(0.2) and text.count("[[rules.allowlists]]") == 1:
            text = text.replace("[[rules.allowlists]]", "[rules.allowlist]")
        return text

    def chain(self, folder, rules):
        """config.toml extends base1.toml extends base2.toml …; ids overlap."""
        depth = self.random.choice((0, 0, 1, 1, 2, 3))
        for level in range(depth + 1):
            some = [dict(rule) for rule in rules if level == 0 or self.chance(0.6)] or [dict(rules[0])]
            for rule in some:
                rule["required"] = [n for n in rule["required"] if any(n["id"] == o["id"] for o in some)]
                if level > 0 and self.chance(0.4) and "regex" in rule:
                    rule["id"] += f"-{level}"
                if level == 0 and depth and self.chance(0.3):
                    for name in ("entropy", "keywords", "description", "path"):
                        if self.chance(0.4):
                            rule.pop(name, None)
                    if "regex" not in rule and "path" not in rule:
                        rule["path"] = r"\.txt$"
            ids = {rule["id"] for rule in some}
            for rule in some:
                rule["required"] = [n for n in rule["required"] if n["id"] in ids]
            allow = [a for a in (self.allowlist() for _ in range(self.random.choice((0, 0, 1))))]
            text = self.config(some, allow)
            if level < depth:
                extra = f"[extend]\npath = 'base{level + 1}.toml'\n"
                if self.chance(0.4):
                    extra += f"{self.key('disabledRules')} = ['{self.random.choice(rules)['id']}', 'none']\n"
                text = text.replace('title = "generated"\n', 'title = "generated"\n' + extra, 1)
            name = "config.toml" if level == 0 else f"base{level}.toml"
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(text)

    def names(self):
        r = self.random
        return r.choice(("a b", "q'uote", "semi;colon", "hash#", "perc%41", "new\nline", "tab\t", "UPPER",
                         "back\\slash", "ex!clam", "é", "colon:x", "dots..", ".hidden", "star*")) \
            if self.chance(0.4) else self.word()

    def write_case(self, folder):
        """Writes a tree; returns (arguments, environment)."""
        r = self.random
        rules, _ = self.rules()
        os.makedirs(os.path.join(folder, "tree"), exist_ok=True)
        self.chain(folder, rules)
        for i in range(r.randint(1, 6)):
            place = os.path.join(folder, "tree", *(self.names() for _ in range(r.choice((0, 0, 1, 2)))))
            try:
                os.makedirs(place, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                continue
            data = self.text(rules)
            if self.chance(0.05):
                data = data.decode("utf-8", "replace").encode(r.choice(("utf-16", "utf-16-le", "utf-8-sig", "utf-32")))
            if self.chance(0.06):
                data = data + b"x" * 1_000_000 + b"\n" + data
            if self.chance(0.05):
                data = b""
            name = self.names() + r.choice((".txt", ".py", "", ".TXT", ".txt.bak"))
            if not os.path.isdir(os.path.join(place, name)):
                with open(os.path.join(place, name), "wb") as f:
                    f.write(data)
        self.links(folder)
        arguments = r.choice((["dir", "tree"], ["dir", "tree/"], ["dir", "./tree"], ["dir", "tree/../tree"],
                              ["detect", "--no-git", "-s", "tree"], ["directory", "tree"], ["file", "tree"],
                              ["dir", os.path.join(folder, "tree")]))
        environment = {}
        how = r.randrange(8)
        if how == 0:
            environment["GITLEAKS_CONFIG"] = "config.toml"
        elif how == 1:
            with open(os.path.join(folder, "config.toml"), encoding="utf-8") as f:
                environment["GITLEAKS_CONFIG_TOML"] = f.read()
        elif how == 2:
            os.replace(os.path.join(folder, "config.toml"), os.path.join(folder, "tree", ".gitleaks.toml"))
        else:
            arguments += r.choice((["-c", "config.toml"], ["--config=config.toml"], ["-cconfig.toml"]))
        return arguments + self.flags(rules), environment

    def links(self, folder):
        if not self.chance(0.3):
            return
        outside = os.path.join(folder, "outside")
        os.makedirs(outside, exist_ok=True)
        with open(os.path.join(outside, "linked.txt"), "wb") as f:
            f.write(b"token = tokabc12345678\n")
        for name, target in (("to-file", "../outside/linked.txt"), ("to-folder", "../outside"),
                             ("to-self", "to-self"), ("to-nothing", "gone")):
            if self.chance(0.5):
                os.symlink(target, os.path.join(folder, "tree", name))

    def flags(self, rules):
        r = self.random
        flags = []
        for share, choices in (
                (0.3, [f"--max-decode-depth={n}" for n in (0, 1, 2, 8)]),
                (0.2, ["--redact", "--redact=0", "--redact=1", "--redact=50", "--redact=99", "--redact=100"]),
                (0.15, ["--ignore-gitleaks-allow"]), (0.3, ["--follow-symlinks"]),
                (0.15, ["--max-target-megabytes=1", "--max-target-megabytes=2", "--max-target-megabytes=0"]),
                (0.15, ["--exit-code=0", "--exit-code=9", "--exit-code=256", "--exit-code=-1"]),
                (0.1, ["--log-level=debug", "--log-level=error", "-lfatal", "--log-level", "--no-color"]),
                (0.2, ["--max-archive-depth=2"])):
            if self.chance(share):
                flags.append(r.choice(choices))
                if flags[-1] == "--log-level":
                    flags.append("trace")
        if self.chance(0.2):
            flags += [f"--enable-rule={rule['id']}" for rule in r.sample(rules, min(2, len(rules)))]
        return flags

    def ignores(self, folder, rows):
        """.gitleaksignore and baseline.json from gitleaks's own report; returns flags."""
        r = self.random
        flags = []
        if rows and self.chance(0.6):
            lines = ["# a comment", "", "no:such:fingerprint:1"]
            for row in r.sample(rows, max(1, len(rows) // 2)):
                entry = row["Fingerprint"]
                lines.append(r.choice((entry, "  " + entry + "  ", entry.replace("/", "\\"),
                                       "0" * 40 + ":" + entry, entry + " # why")))
            r.shuffle(lines)
            place = r.choice((".gitleaksignore", "tree/.gitleaksignore", "other/.gitleaksignore", "named"))
            os.makedirs(os.path.dirname(os.path.join(folder, place)), exist_ok=True)
            with open(os.path.join(folder, place), "w", encoding="utf-8") as f:
                f.write(r.choice(("\n", "\r\n")).join(lines))
            if place.startswith("other"):
                flags += ["-i", "other"]
            elif place == "named":
                flags += ["--gitleaks-ignore-path", "named"]
        if rows and self.chance(0.6):
            kept = [dict(row) for row in r.sample(rows, max(1, len(rows) // 2))]
            for row in kept:
                if self.chance(0.3):
                    name = r.choice(("StartLine", "EndColumn", "Secret", "File", "RuleID", "Entropy", "Tags",
                                     "Fingerprint", "Match", "Description", "SymlinkFile"))
                    row[name] = r.choice(([], 5, "x")) if name == "Tags" and self.chance(0.1) else (
                        row[name] + 1 if isinstance(row[name], (int, float)) else row[name])
                if self.chance(0.1):
                    row.pop(r.choice(list(row)))
            with open(os.path.join(folder, "baseline.json"), "w", encoding="utf-8") as f:
                json.dump(kept, f)
            flags += ["-b", "baseline.json"]
        return flags


def broken_configs(seed):
    """The broken ones, and whole ones with a few bytes changed."""
    yield from BROKEN
    generator = Shapes(seed)
    for number in ODD_NUMBERS:
        for name in ("entropy", "secretGroup", "skipReport"):
            yield f"[[rules]]\nid='a'\nregex='(tok)(\\w+)'\n{name}={number}\n"
    for _ in range(40):
        rules, allow = generator.rules()
        text = generator.config(rules, allow)
        for _ in range(generator.random.randint(1, 3)):
            at = generator.random.randrange(len(text))
            text = text[:at] + generator.random.choice(("", "'", "=", "[", "]", "\n", "(", "\\")) + text[at + 1:]
        yield text


def random_of(seed):
    return random.Random(seed)
