"""The inputs of golden_test.py: small trees, configurations and flags, made when the test runs.

A secret stands as «name» and becomes a text that the name alone decides, so that no complete secret
is in the repository and reports can be compared with the placeholders in place.
"""

import base64
import hashlib
import io
import json
import math
import string
import tarfile

ALPHABET = string.ascii_lowercase + string.digits


def secret(name, size=24):
    """The text behind «name»: letters and digits, the same on every machine."""
    text, block = "", b""
    while len(text) < size:
        block = hashlib.sha256(block + name.encode()).digest()
        text += "".join(ALPHABET[b % len(ALPHABET)] for b in block)
    return text[:size]


def expand(text, names):
    for name in names:
        text = text.replace(f"«{name}»", secret(name))
    return text


NAMES = tuple("abcdefgh")
RULE = """[[rules]]
id = "made-up"
description = "A made-up token"
regex = '''mk_([a-z0-9]{24})'''
keywords = ["mk_"]
tags = ["one", "two"]
"""
GENERIC = """[[rules]]
id = "generic-key"
regex = '''(?i)key\\s*[=:]\\s*"?([\\w-]{8,40})'''
keywords = ["key"]
"""
ONE = {"a.txt": "one\nx = mk_«a»\nmk_«b» end\n"}


def filled(size, tail, line="lorem ipsum dolor sit amet consectetur\n"):
    """`size` bytes of filler without an empty line, then `tail`."""
    return (line * (size // len(line) + 1))[:size] + tail


def case(config=RULE, files=None, flags=(), kind="json", command="dir", stdin=None):
    return {"config": config, "files": files or ONE, "flags": list(flags), "kind": kind,
            "command": command, "stdin": stdin}


def with_allowlist(body, rule_too=""):
    return f"[[allowlists]]\n{body}\n{RULE}{rule_too}"


def rule(body, **more):
    return f"[[rules]]\nid = \"r\"\n{body}\n" + "".join(more.values())


FEATURES = {
    "plain": case(),
    "nothing-found": case(files={"a.txt": "nothing\n"}),
    "several-files": case(files={**ONE, "d/b.txt": "mk_«c»", "d/e/c.txt": "\n\nmk_«d»\n"}),
    "keyword-in-another-case": case(files={"a.txt": "MK_ \n mk_«a»"}),
    "keyword-absent": case(RULE.replace('"mk_"', '"absent"')),
    "keyword-folded-kelvin": case(RULE.replace('"mk_"', '"kelvin"'),
                                  {"a.txt": "\u212aelvin mk_«a»\n"}),
    "keys-in-any-case": case(RULE.replace("id =", "ID =").replace("regex", "RegEx")),
    "secret-group": case(rule("regex = '(mk)_([a-z0-9]{24})'\nsecretGroup = 2")),
    "first-group-not-empty": case(rule("regex = '(q?)(mk_)([a-z0-9]{24})'")),
    "no-group": case(rule("regex = 'mk_[a-z0-9]{24}'")),
    "context-is-lost-in-the-second-run": case(
        rule("regex = 'x = (mk_[a-z0-9]{10})\\B'")),
    "leading-line-feed-is-trimmed": case(rule("regex = '\\nmk_([a-z0-9]{24})'")),
    "match-over-lines": case(rule("regex = '(?s)x = .*end'")),
    "entropy-above": case(rule("regex = 'mk_([a-z0-9]{24})'\nentropy = 3.0")),
    "entropy-below": case(rule("regex = 'mk_(a+)'\nentropy = 0.5"), {"a.txt": "mk_aaaaaaaa\n"}),
    "path-only": case(rule("path = '\\.txt$'"), {"a.txt": "x", "b.md": "x"}),
    "path-and-regex": case(rule("path = 'b\\.txt$'\nregex = 'mk_([a-z0-9]{24})'"),
                           {"a.txt": "mk_«a»\n", "b.txt": "mk_«b»\n"}),
    "allow-regex-on-secret": case(with_allowlist("regexes = ['''^[a-z0-9]{24}$''']")),
    "allow-regex-on-match": case(with_allowlist("regexTarget = 'match'\nregexes = ['^mk_']")),
    "allow-regex-on-line": case(with_allowlist("regexTarget = 'line'\nregexes = ['end']")),
    "allow-case-flag-leaks-to-the-next": case(with_allowlist(
        "regexTarget = 'line'\nregexes = ['(?i)nowhere', 'X =']")),
    "allow-stopword": case(with_allowlist("stopwords = ['LOREM']"),
                           {"a.txt": "mk_«a»\nmk_aaaaloremaaaaaaaaaaaaaaa\n"}),
    "allow-paths-skip-despite-and": case(
        with_allowlist("condition = 'AND'\npaths = ['a\\.txt']\nregexes = ['nowhere']"),
        {"a.txt": "mk_«a»\n", "b.txt": "mk_«b»\n"}),
    "rule-allow-and": case(
        RULE + "[[rules.allowlists]]\ncondition = 'AND'\npaths = ['a\\.txt']\n"
        "regexTarget = 'line'\nregexes = ['x =']\n",
        {"a.txt": "x = mk_«a»\nmk_«b»\n", "b.txt": "x = mk_«c»\n"}),
    "target-rules": case(with_allowlist("targetRules = ['made-up']\nstopwords = ['a','e','0']",
                                        GENERIC), {"a.txt": "key = mk_«a»\nkey: «b»\n"}),
    "legacy-allowlist": case("[allowlist]\nregexTarget = 'line'\nregexes = ['end']\n" + RULE),
    "both-allowlists-are-an-error": case("[allowlist]\npaths = ['a']\n" + with_allowlist(
        "paths = ['b']")),
    "empty-allowlist-is-an-error": case(with_allowlist("description = 'x'")),
    "empty-id-is-an-error": case("[[rules]]\nregex = 'a'\n"),
    "neither-regex-nor-path-is-an-error": case(rule("description = 'x'")),
    "secret-group-too-high-is-an-error": case(rule("regex = '(a)'\nsecretGroup = 2")),
    "unknown-required-is-an-error": case(rule("regex = 'a'\n[[rules.required]]\nid = 'no'")),
    "unknown-target-rule-is-an-error": case(with_allowlist("targetRules=['no']\npaths=['q']")),
    "broken-regex-is-a-panic": case(rule("regex = 'a('")),
    "generic-gives-way": case(RULE.replace("([a-z0-9]{24})", "[a-z0-9]{24}") + GENERIC,
                              {"a.txt": "key = mk_«a»\nkey = «b»\n"}),
    "generic-with-more-stays": case(RULE + GENERIC, {"a.txt": "key = mk_«a»\n"}),
    "required-within-lines": case(
        RULE + "[[rules.required]]\nid = 'r'\nwithinLines = 1\n" + rule("regex = 'near[0-9]'"),
        {"a.txt": "mk_«a»\nnear1\n\n\nmk_«b»\n"}),
    "required-within-columns": case(
        RULE + "[[rules.required]]\nid = 'r'\nwithinColumns = 5\n" + rule("regex = 'near[0-9]'"),
        {"a.txt": "near1\nmk_«a»\n             mk_«b»\n"}),
    "skip-report": case(RULE + "skipReport = true\n" + GENERIC,
                        {"a.txt": "mk_«a»\nkey = «b»\n"}),
    "duplicate-ids": case(RULE + RULE.replace("{24}", "{10}")),
    "extend-path": case("[extend]\npath = 'base.toml'\n[[rules]]\nid = 'made-up'\n"
                        "description = 'changed'\ntags = ['three']\n",
                        {**ONE, "../base.toml": RULE + GENERIC}),
    "extend-disabled-rules": case("[extend]\npath = 'base.toml'\ndisabledRules = ['made-up']\n",
                                  {"a.txt": "key = mk_«a»\n", "../base.toml": RULE + GENERIC}),
    "allow-comment": case(files={"a.txt": "mk_«a» # gitleaks:allow\nmk_«b»\nx\n"}),
    "allow-comment-ignored": case(files={"a.txt": "mk_«a» # gitleaks:allow\n"},
                                  flags=["--ignore-gitleaks-allow"]),
    "enable-rule": case(RULE + GENERIC, {"a.txt": "key = mk_«a»\nkey = «b»\n"},
                        ["--enable-rule=generic-key"]),
    "exit-code-flag": case(flags=["--exit-code=7"]),
    "unknown-flag": case(flags=["--bogus"]),
}


def b64(text):
    return base64.b64encode(expand(text, NAMES).encode()).decode()


DECODING = {
    "base64": case(files=lambda: {"a.txt": f"v = {b64('mk_«a»')}\n"}),
    "base64-url": case(files=lambda: {"a.txt": b64("mk_«a»?>?>").replace("+", "-").replace(
        "/", "_").rstrip("=") + "\n"}),
    "base64-twice": case(files=lambda: {"a.txt": f"\n\n {b64(b64('mk_«a» end'))} x\n"}),
    "base64-too-deep": case(files=lambda: {"a.txt": b64(b64("mk_«a» end"))},
                            flags=["--max-decode-depth=1"]),
    "no-decoding": case(files=lambda: {"a.txt": b64("mk_«a»")}, flags=["--max-decode-depth=0"]),
    "hexadecimal": case(files=lambda: {"a.txt": expand("mk_«a»!", NAMES).encode().hex() + "\n"}),
    "percent": case(files={"a.txt": "u?k=%6Dk%5F«a»&x=%20\n"}),
    "unicode": case(files=lambda: {"a.txt": "".join(
        f"\\u{ord(c):04x}" for c in expand("mk_«a»", NAMES)) + "\n"}),
    "unicode-plus": case(files=lambda: {"a.txt": " ".join(
        f"U+{ord(c):04X}" for c in expand("mk_«a»", NAMES)) + "\n"}),
    "decoded-beside-plain": case(files=lambda: {"a.txt": f"mk_«b» {b64('mk_«a»')}\n"}),
}
BORDERS = {
    f"border-{size}-{offset}": case(files=lambda size=size, offset=offset: {
        "a.txt": filled(size + offset, "mk_«a»\n" + filled(300, "mk_«b»\n"))})
    for size in (100_000, 102_400, 125_000) for offset in (-28, -14, 0)}
BORDERS["empty-line-behind-the-border"] = case(files=lambda: {
    "a.txt": filled(101_000, "\n \t\nmk_«a»\n" + filled(30_000, "\n\nmk_«b»"))})
BORDERS["dollar-at-the-border"] = case(rule("regex = 'mk_([a-z0-9]{24})$'"), files=lambda: {
    "a.txt": filled(124_973, "mk_«a»") + "z" * 40})
BORDERS["stdin-border"] = case(command="stdin", stdin=lambda: filled(99_990, "mk_«a»\n"))


def tar_gz(name, content):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


# Each piece gives the path rule a finding, so their number shows where they were cut.
BORDERS["tar-gz-member"] = case(
    rule("path = 'm\\.txt'"), flags=["--max-archive-depth=1"],
    files=lambda: {"a.tar.gz": tar_gz("m.txt", filled(120_000, "").encode())})
ENCODINGS = {
    "invalid-bytes": case(rule("regex = 'mk_.([a-z0-9]{24})'"),
                          {"a.txt": b"\xff\xc3 mk_\xff" + b"q" * 24 + b"\xe2\x82\n"}),
    "multi-byte-columns": case(files={"a.txt": "éé mk_«a»\né mk_«b»\n"}),
    "crlf": case(files={"a.txt": "x\r\nmk_«a»\r\n"}),
    "nul-bytes": case(files={"a.txt": b"\0\0\nmk_" + b"q" * 24 + b"\n"}),
    "pdf-is-left-out": case(files={"a.txt": "%PDF-1.4\nmk_«a»\n"}),
    "html-in-the-report": case(rule("regex = '<b>&mk_[a-z0-9]{24}'"),
                               {"a.txt": "<b>&mk_«a»\u2028\n"}),
    "last-line-without-line-feed": case(files={"a.txt": "one\ntwo\nmk_«a»"}),
}
KNOWN = {
    "ignore-file": case(flags=["-i", "ignored"],
                        files={**ONE, "../ignored": "# x\ntree/a.txt:made-up:2\n\n"}),
    "ignore-with-commit-is-another": case(
        flags=["-i", "ignored"], files={**ONE, "../ignored": "abc:tree/a.txt:made-up:2\n"}),
    "ignore-backslashes": case(flags=["-i", "ignored"],
                               files={**ONE, "../ignored": "tree\\a.txt:made-up:3\n"}),
    "ignore-in-the-target": case(files={**ONE, ".gitleaksignore": "tree/a.txt:made-up:3\n"}),
    "redact": case(flags=["--redact"]),
    "redact-part": case(rule("regex = 'mk_[a-z]{10}'"), {"a.txt": "mk_abcdefghij\n"},
                        ["--redact=37"]),
    "redact-empty-secret": case(rule("regex = 'mk_(q?)z'\nsecretGroup = 1"),
                                {"a.txt": "mk_z é\n"}, ["--redact"]),
    "baseline": case(flags=["-b", "baseline.json"], files=lambda: {**ONE, "../baseline.json": (
        json.dumps([baseline_row("a", 2, 6, 32, "tree/a.txt")]))}),
    "baseline-of-another-line": case(flags=["-b", "baseline.json"], files=lambda: {
        **ONE, "../baseline.json": json.dumps([baseline_row("a", 9, 6, 32, "tree/a.txt")])}),
    "baseline-that-is-no-json": case(flags=["-b", "b.json"], files={**ONE, "../b.json": "{"}),
}
TEMPLATE = ('{{ range $i, $f := . }}{{ if $i }},{{ end }}{{ .RuleID | upper }} {{ quote .File }} '
            '{{- .StartLine }} {{ len .Secret }}{{ range .Tags }}<{{ . }}>{{ end }}{{ end }}\n')
FORMATS = {
    **{f"{kind}-{name}": case(kind=kind, files=files)
       for kind in ("csv", "junit", "sarif")
       for name, files in (("two", ONE), ("none", {"a.txt": "nothing\n"}),
                           ("odd", {"a,\"&<é.txt": "mk_«a»\t\"'\n"}))},
    "template": case(kind="template", files={**ONE, "../t.tmpl": TEMPLATE},
                     flags=["--report-template", "t.tmpl"]),
    "stdin": case(command="stdin", stdin=lambda: "one\nmk_«a»\n"),
}


def entropy(text):
    shares = [text.count(c) / len(text) for c in set(text)]
    return -sum(share * math.log2(share) for share in shares)


def baseline_row(name, line, start, end, path):
    """A finding of RULE as a report holds it."""
    return {"RuleID": "made-up", "Description": "A made-up token", "StartLine": line,
            "EndLine": line, "StartColumn": start, "EndColumn": end, "Match": f"mk_«{name}»",
            "Secret": f"«{name}»", "File": path, "SymlinkFile": "", "Commit": "",
            "Entropy": entropy(secret(name)), "Author": "", "Email": "", "Date": "", "Message": "",
            "Tags": [], "Fingerprint": ""}


GROUPS = {"features": FEATURES, "decoding": DECODING, "borders": BORDERS, "encodings": ENCODINGS,
          "known": KNOWN, "formats": FORMATS}
