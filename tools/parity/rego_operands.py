"""Operands for Rego's built-in functions, from a seed: what rego_builtins_parity.py asks with.

A value is what Python has; `Set` and `Number` are what it has not (a set of any values, a number as it is
written), and bytes are a string that need not be UTF-8. `operands(rng, name, types)` gives the operands of one
call: of the function's own domain where it has one (GENERATORS), else of the declared types.
"""

import json

import rego_tokens


class Set(list):
    """A set of any values."""


class Object(list):
    """Pairs of an object whose keys are no texts."""

    def items(self):
        return iter(self)


class Number(str):
    """A number as it is written."""


def encode(value):
    """As bench/rego/calls.h has operands."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (Number, int, float)):
        return {"n": str(value)}
    if isinstance(value, bytes):
        return {"h": value.hex()}
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, Object)):
        return {"o": [encode(part) for pair in value.items() for part in pair]}
    if isinstance(value, Set):
        return {"s": [encode(one) for one in value]}
    return [encode(one) for one in value]


TEXTS = (
    "", "a", "b", "abc", "ABC", "a b", " a ", "\t\n a\r\n", "a,b,,c", "äöü", "ÄÖÜẞß", "İı", "日本語", "👍🏽x", "e\u0301",
    "ﬁ", "ǅ", "ς Σ", "\x00", "\x7f\x85\xa0\u2028\ufeff", "\u200b\u00ad", "a\\b\"c'", "<a&b>", "12", "-1", "1e3",
    "true", "null", "x" * 300, "a/b/../c", "key=value", "%s %d", "{{.x}}", "\ufffd", "\U0010ffff", b"\xff", b"a\xc3",
    b"\xed\xa0\x80b", b"\xf0\x9f\x91",
)
NUMBERS = tuple(
    Number(text)
    for text in (
        "0", "-0", "1", "-1", "2", "3", "5", "7", "10", "16", "36", "37", "64", "100", "0.5", "-0.5", "1.5", "2.5",
        "1.0", "2.0", "1e0", "1e2", "1E2", "1e-2", "0.1", "0.2", "0.30", "1e15", "1e16", "1e21", "123456789",
        "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "18446744073709551616", "123456789012345678901234567890", "0.1234567890123456789012345", "1e400", "-1e400",
        "1e-400", "1.7976931348623157e308", "5e-324", "3.141592653589793", "1e100", "-12345678901234567890.5",
        "99999999999999999999e-10",
    )
)
SMALL = tuple(Number(text) for text in ("0", "1", "2", "3", "-1", "5", "1.0", "1.5", "10", "-0", "1e1", "100", "-5"))
CHARACTERS = "abcxyzABC019 _-.,:;/\\|%+*?!()[]{}<>\"'`~@#$^&=\n\t\x00éß日👍"


def text(rng):
    kind = rng.random()
    if kind < 0.7:
        return rng.choice(TEXTS)
    return "".join(rng.choice(CHARACTERS) for _ in range(rng.randrange(12)))


def plain_text(rng):
    return "".join(rng.choice("abcxyzABC019 _-.é日") for _ in range(rng.randrange(9)))


def mutated(rng, given, characters=CHARACTERS):
    """Now and then with a character more, less, or another."""
    while type(given) is str and rng.random() < 0.35:
        at = rng.randrange(len(given) + 1)
        given = given[:at] + rng.choice(("", rng.choice(characters))) + given[at + rng.randrange(3) :]
    return given


def number(rng):
    kind = rng.random()
    if kind < 0.6:
        return rng.choice(NUMBERS)
    if kind < 0.8:
        return rng.randrange(-20, 40)
    if kind < 0.9:
        return rng.randrange(-(1 << 70), 1 << 70)
    return Number(repr(rng.uniform(-1e6, 1e6)))


def anything(rng, depth=3):
    kind = rng.random()
    if depth == 0 or kind < 0.5:
        return rng.choice((None, True, False, text(rng), text(rng), number(rng), number(rng)))
    if kind < 0.52:
        deep = text(rng)
        for _ in range(rng.randrange(60)):
            deep = rng.choice(([deep], {"a": deep}))
        return deep
    count = rng.randrange(5)
    if kind < 0.7:
        return [anything(rng, depth - 1) for _ in range(count)]
    if kind < 0.8:
        return Set(anything(rng, depth - 1) for _ in range(count))
    if kind < 0.9:
        return {text(rng): anything(rng, depth - 1) for _ in range(count)}
    return Object((anything(rng, 1), anything(rng, depth - 1)) for _ in range(count))


def json_value(rng, depth=3):
    kind = rng.random()
    if depth == 0 or kind < 0.5:
        return rng.choice(
            (None, True, False, plain_text(rng), rng.choice(("", "a", "<&>", "äö")), rng.randrange(-5, 20), 1.5)
        )
    if kind < 0.75:
        return [json_value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {
        rng.choice(("a", "b", "c", "0", "1", "a/b", "m~n", "")): json_value(rng, depth - 1)
        for _ in range(rng.randrange(4))
    }


# Types as OPA writes them: "any<string, array[any]>".
def split_types(given):
    parts, depth, start = [], 0, 0
    for at, character in enumerate(given):
        depth += (character in "<[") - (character in ">]")
        if character == "," and depth == 0:
            parts.append(given[start:at].strip())
            start = at + 1
    return [one for one in parts + [given[start:].strip()] if one]


def of_type(rng, given):
    given = given.rsplit(": ", 1)[-1] if given.startswith(("any ", "(")) else given
    name = given.split("<")[0].split("[")[0]
    inside = given[len(name) + 1 : -1] if given.endswith((">", "]")) else ""
    count = rng.randrange(5)
    if name == "any":
        return of_type(rng, rng.choice(split_types(inside))) if inside else anything(rng)
    if name == "array":
        if given.startswith("array<"):
            return [of_type(rng, one) for one in split_types(inside)]
        return [of_type(rng, inside) for _ in range(count)]
    if name == "set":
        return Set(of_type(rng, inside) for _ in range(count))
    if name == "object":
        kind = inside.rsplit("[", 1)[-1].rsplit(": ", 1)[-1] if "any" in inside else "any"
        return Object(
            (rng.choice((text(rng), anything(rng, 1))), of_type(rng, kind if kind in ("string", "any") else "any"))
            for _ in range(count)
        )
    return {"string": text, "number": number, "boolean": lambda r: r.random() < 0.5, "null": lambda r: None}.get(
        name, anything
    )(rng)


def joined(*pieces, most=6, glue=""):
    """Texts of pieces one behind the other, now and then broken."""

    def make(rng):
        return mutated(rng, glue.join(rng.choice(pieces) for _ in range(rng.randrange(most + 1))))

    return make


def one_of(*choices):
    def make(rng):
        chosen = rng.choice(choices)
        if callable(chosen):
            return chosen(rng)
        return mutated(rng, chosen) if type(chosen) is str else chosen

    return make


regex = joined(
    "a", "b", "[a-c]", "[^a]", ".", "\\d", "\\w+", "\\s", "\\b", "\\B", "^", "$", "\\A", "\\z", "(a|b)", "(?:ab)",
    "(?i)A", "(?s).", "(?m)^", "(?P<n>x)", "(?<m>y)", "a*", "b+", "c?", "a{2}", "b{1,3}", "c{2,}", "a*?", "b+?", "|",
    "\\pL", "\\p{Greek}", "\\PN", "\\x{41}", "\\x41", "[[:alpha:]]", "\\Qa.b\\E", "é", "日", "(", ")", "[", "a**",
    "a{1001}", "a{2,1}", "\\8", "(?=a)", "(?P<n", "[z-a]", "\\C", "\\", "(?U)a+", "()", "(a*)*", "(a*)+", "((a))",
    "x*", "[[:^digit:]]", "\\pX", "[\\d-z]", "a{,2}", "{", "}", "]", most=5,
)
subject = one_of(
    joined("a", "b", "c", "ab", "abc", "x", "y", " ", "\n", "1", "A", "é", "日", ".", "_", most=10), text, "", "aaa",
    b"a\xffb",
)
glob = joined(
    "a", "b", "abc", "*", "**", "?", "[abc]", "[!a]", "[a-c]", "[!a-c]", "{a,b}", "{a,*b}", "{ab,{c,d}}", "\\*", "\\",
    ".", "/", ":", "-", "[", "]", "{", "}", ",", "é", "[a", "{a", "!", "[]", "{}", "[!]", "***", "?*", most=6,
)
glob_subject = joined("a", "b", "abc", "c", ".", "/", ":", "é", "*", "-", "", "aa", most=6)
delimiters = one_of(
    None, lambda rng: [], lambda rng: ["."], lambda rng: ["/"], lambda rng: [".", "/", ":"], lambda rng: [""],
    lambda rng: ["ab"], lambda rng: ["é"], lambda rng: [1],
)
# regex.globs_match: a language of its own.
language = joined(
    "a", "b", ".", "[a-c]", "[abc]", "a*", "b+", ".*", ".+", "\\.", "\\[", "[", "]", "-", "*", "+", "é", "[a-", "\\",
    most=5,
)
duration = one_of(
    joined(
        "1", "10", "1.5", "-2", ".5", "h", "m", "s", "ms", "us", "µs", "ns", "1h", "30m", "5s", "999999999h", "d",
        "+", "0", "", most=4,
    ),
    "0", "1h30m",
)
layout = one_of(
    joined(
        "2006", "06", "01", "1", "Jan", "January", "02", "2", "_2", "002", "__2", "15", "3", "03", "04", "4", "05",
        "5", "PM", "pm", "MST", "Z0700", "Z07:00", "Z07", "-0700", "-07:00", "-07", "-070000", "-07:00:00", "Z070000",
        "Z07:00:00", ".000", ".999", ",000", ".000000000", "Mon", "Monday", "T", " ", ":", "-", "/", ",", "x", "é",
        "_2006", "0", most=9,
    ),
    "RFC3339", "RFC3339Nano", "ANSIC", "UnixDate", "RubyDate", "RFC822", "RFC822Z", "RFC850", "RFC1123", "RFC1123Z",
    "Kitchen", "Stamp", "DateTime", "2006-01-02T15:04:05Z07:00", "2006-01-02", "15:04:05.000", "",
)
zone = one_of(
    "UTC", "", "America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Pacific/Apia", "Africa/Casablanca", "Asia/Tehran", "Europe/Dublin", "Antarctica/Troll", "EST5EDT", "Local",
    "No/Zone", "../etc/passwd", "europe/london",
)


def instant(rng):
    return rng.choice(
        (
            rng.randrange(-(1 << 63), 1 << 63), rng.randrange(0, 2_000_000_000) * 1_000_000_000,
            rng.randrange(1_600_000_000_000_000_000, 1_800_000_000_000_000_000), rng.randrange(1 << 62, 1 << 66),
            Number("1.5"), Number("1e18"), 0, number(rng),
        )
    )


def zoned(rng):
    return rng.choice(
        (
            instant, lambda r: [instant(r), zone(r)], lambda r: [instant(r)], lambda r: [instant(r), zone(r), 1],
            lambda r: [],
        )
    )(rng)


LAYOUTS = {
    "2006-01-02T15:04:05Z07:00": (
        "2023-02-28T23:59:60Z", "2024-02-29T00:00:00+05:30", "2023-13-01T00:00:00Z", "1677-01-01T00:00:00Z",
        "2262-04-12T00:00:00Z", "2023-02-30T00:00:00Z", "2023-02-28T23:59:59.123456789-00:00", "2023-2-8T3:4:5Z",
    ),
    "Mon Jan _2 15:04:05 2006": ("Tue Feb  7 01:02:03 2023", "Xxx Feb 29 01:02:03 2023", "Mon feb 12 25:02:03 2023"),
    "2006-002": ("2023-365", "2023-366", "2024-366", "2023-000"),
    "3:04PM": ("3:04AM", "13:04PM", "12:00AM", "0:00pm"),
    "Jan 2, 2006 at 3:04pm (MST)": (
        "Feb 3, 2013 at 7:54pm (PST)", "Feb 3, 2013 at 7:54am (GMT+3)", "Feb 3, 2013 at 7:54am (EST)",
        "Feb 30, 2013 at 7:54am (X)",
    ),
    "RFC3339": ("2006-01-02T15:04:05Z", "2006-01-02t15:04:05z", "2006-01-02 15:04:05Z"), "Kitchen": ("3:04PM",),
    "DateOnly": ("2023-01-02",), "15:04:05.000": ("01:02:03.456", "01:02:03,456", "01:02:03"),
    "02 Jan 06 15:04 -0700": ("02 Jan 70 15:04 -0730", "02 Jan 69 15:04 +2460", "2 Jan 06 15:04 +0000"),
}


def parse_time(rng):
    if rng.random() < 0.3:
        shape = layout(rng)
        return [shape, mutated(rng, shape)]
    shape = rng.choice(list(LAYOUTS))
    return [
        mutated(rng, shape) if rng.random() < 0.2 else shape,
        mutated(rng, rng.choice(LAYOUTS[shape]), "0123456789:-+.TZ "),
    ]


def formats(rng):
    def verb():
        return (
            "%"
            + "".join(rng.choice("+-# 0") for _ in range(rng.choice((0, 0, 1, 2))))
            + rng.choice(("", "", "5", "12", "*", "[2]*", "1000001"))
            + rng.choice(("", "", ".", ".0", ".2", ".10", ".*"))
            + rng.choice(("", "", "", "[1]", "[2]", "[9]", "[x]", "["))
            + rng.choice("vvvTtbcdoOqxXUeEfFgGspw%!z日")
        )

    return "".join(rng.choice((verb(), verb(), plain_text(rng))) for _ in range(rng.randrange(5)))


def sprintf(rng):
    given = [
        rng.choice((number(rng), text(rng), anything(rng, 2), rng.randrange(300))) for _ in range(rng.randrange(4))
    ]
    return [formats(rng), given]


amount = one_of(
    joined("1", "0", "10", "1.5", ".5", "-", "+", "e3", "E", "1e400", "00", " ", "", most=3),
    "123456789012345678901234567890", "1", "100", "0.5", "1e2", "1E3",
)
unit = one_of(
    "", "m", "k", "K", "Ki", "ki", "M", "Mi", "mi", "G", "Gi", "T", "Ti", "P", "Pi", "E", "Ei", "B", "KB", "kb",
    "KiB", "kib", "MB", "MiB", "GB", "TB", "PB", "EB", "EiB", "Z", "x", " K", "\"K\"", "n", "u",
)
semver = one_of(
    "1.2.3", "0.0.0", "1.2.3-alpha", "1.2.3-alpha.1", "1.2.3-1", "1.2.3-01", "1.2.3+build.5", "1.2.3-a+b", "v1.2.3",
    "1.2", "1", "01.2.3", "1.2.3-", "1.2.3+", "1.2.3-a..b", "99999999999999999999.0.0", "1.0.0-rc.1", "1.0.0-beta",
    "1.0.0-beta.11", "1.0.0-beta.2", "1.2.3-é", "", "1.2.3.4", "1.-2.3",
)


def cidr(rng):
    if rng.random() < 0.65:
        address = ".".join(str(rng.choice((0, 1, 10, 127, 128, 192, 255, rng.randrange(256)))) for _ in range(4))
        found = rng.choice(
            (
                address, f"{address}/{rng.choice((0, 8, 16, 24, 25, 30, 31, 32, 33))}",
                f"10.0.{rng.randrange(3)}.0/{rng.choice((16, 23, 24))}",
            )
        )
    else:
        found = rng.choice(
            (
                "::", "::1", "2001:db8::", "2001:db8::1", "fe80::1%eth0", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8",
                "2001:DB8:0:0::",
            )
        ) + rng.choice(("", "/0", "/32", "/64", "/127", "/128", "/129", "/96"))
    return mutated(rng, found, "0123456789abcdef:./%") if rng.random() < 0.15 else found


def matches(rng):
    one = rng.choice((cidr, lambda r: [cidr(r), anything(r, 1)], lambda r: [], lambda r: [1]))
    return rng.choice(
        (
            cidr(rng), [one(rng) for _ in range(rng.randrange(4))], Set(one(rng) for _ in range(3)),
            {"a": one(rng), "b": cidr(rng)},
        )
    )


uuid = one_of(
    "00000000-0000-0000-0000-000000000000", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "urn:uuid:9b2f4b5c-7a5d-4b8e-8f3a-1c2d3e4f5a6b",
    "{9b2f4b5c-7a5d-4b8e-8f3a-1c2d3e4f5a6b}", "9b2f4b5c7a5d4b8e8f3a1c2d3e4f5a6b",
    "00000000-0000-2fff-8000-000000000001", "018f6b3e-7c2b-7abc-8def-0123456789ab",
    "1ec9414c-232a-6b00-b3c8-9f6bdeced846", "9B2F4B5C-7A5D-5B8E-CF3A-1C2D3E4F5A6B",
    "fdda765f-fc57-5604-a269-52a7df8164ec", "320c3d4d-cc00-875b-8ec9-32d5f69181c0",
)
uri = one_of(
    joined(
        "http", "https", "a", ":", "//", "host", "user:pw@", "[::1]", ":80", ":", ":x", "/path", "/a%20b", "%zz",
        "?q=1&r=2", "#frag", "é", " ", "/../", "mailto:x@y", ";p", most=8,
    ),
    "http://user:p%40ss@host.example:8080/a/b;c?d=e&f#g", "//host/x", "/rel?x", "a:b:c", "http://[fe80::1%25en0]:80/",
    "http://[::1", "", ":", "1http://x", "urn:a:b",
)
query_text = joined("a", "=", "&", "b", "%20", "+", "%", "%zz", "%e4", ";", "c=d", "%00", "é", "&&", most=7)
json_text = one_of(
    lambda rng: mutated(rng, json.dumps(json_value(rng))), "", "01", "1.", "1e5", "-0", "1e400", "[1,]",
    "{\"a\":1,\"a\":2}", "\"\\ud800\"", "\"\\u00e9\"", "nul", " [1] ", "[1] 2", "{\"a\"}", "\"\t\"", "[[[[[]]]]]",
    "12345678901234567890", "1.0", "\"\\x\"", "'a'", "/*c*/1", "NaN", "[1", "\ufeff1", "{\"b\":{\"c\":[]}}",
)
yaml_text = one_of(
    joined(
        "a: 1\n", "b: yes\n", "- x\n", "c: [1, 2]\n", "d: {e: f}\n", "  g: h\n", "i: |\n  text\n",
        "j: >-\n  folded\n", "# c\n", "k: ~\n", "l: 0x1F\n", "m: 010\n", "n: 1e3\n", "o: .inf\n", "p: 2001-01-01\n",
        "q: \"\\u00e9\"\n", "? r\n: s\n", "t: &x 1\nu: *x\n", "<<: {v: 1}\n", "---\n", "...\n", "w: !!str 1\n",
        "1: z\n", "true: y\n", "null: x\n", "x: 1_000\n", "\t", "y: 0o17\n", "z: 12345678901234567890\n", "a: 2\n",
        "'q': \"r\"\n", "s: 1.0\n", "t: -0\n", "[a, b]: c\n", most=5,
    ),
    json_text,
)
base64_text = one_of(joined("YQ==", "YWI=", "YWJj", "-_", "+/", "=", "Y", "\n", " ", "8J+R", "gA==", most=4), text)
hex_text = joined("00", "ff", "aB", "0", "g", " ", "61", most=5)
path_text = one_of(
    joined("a", "b", "c", "/", "0", "1", "-", "~0", "~1", "~", "", "m~n", "a/b", "//", most=5), "/a", "a", "", "/",
    "a/b", "a/b/c", "/a/b", "b/0", "a/0/b",
)
path = one_of(
    path_text, lambda rng: [rng.choice(("a", "b", "c", "0", "a/b", 0, 1, "")) for _ in range(rng.randrange(4))]
)
paths = one_of(
    lambda rng: [path(rng) for _ in range(rng.randrange(4))],
    lambda rng: Set(path(rng) for _ in range(rng.randrange(4))),
)


def patch(rng):
    patches = []
    for _ in range(rng.randrange(4)):
        one = {
            "op": rng.choice(("add", "remove", "replace", "move", "copy", "test", "test", "x", 1)), "path": path(rng),
        }
        if rng.random() < 0.8:
            one["value"] = json_value(rng, 2)
        if rng.random() < 0.6:
            one["from"] = path(rng)
        if rng.random() < 0.1:
            one.pop(rng.choice(list(one)))
        patches.append(rng.choice((one, one, one, one, one, one, 1)))
    return [rng.choice((json_value(rng), json_value(rng), anything(rng))), patches]


def graph(rng):
    nodes = ("a", "b", "c", "d", 1)
    edges = {
        node: rng.choice((list, Set))(rng.choice(nodes) for _ in range(rng.randrange(3)))
        for node in nodes
        if rng.random() < 0.8
    }
    if rng.random() < 0.1:
        edges["a"] = rng.choice((None, "b", 1, {}))
    return [edges, rng.choice((list, Set))(rng.choice(nodes) for _ in range(rng.randrange(3)))]


SCHEMAS = (
    {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
    {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}, {"enum": [1, "a", None]},
    {"anyOf": [{"type": "string"}, {"minimum": 3}]},
    {"$ref": "#/definitions/x", "definitions": {"x": {"type": "number"}}}, {"pattern": "^a+$"}, {"format": "email"},
    {"format": "date-time"}, {"format": "ipv4"}, {"format": "uri"}, {"format": "uuid"}, {"format": "hostname"},
    {"format": "regex"}, {"oneOf": [{"type": "integer"}, {"multipleOf": 2}]}, {"not": {"type": "null"}},
    {"additionalProperties": False, "properties": {"b": {}}}, {"type": ["string", "null"]},
    {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"maximum": 5}}, {"const": {"a": 1}},
    {"propertyNames": {"maxLength": 1}}, {"type": "nothing"}, {"minimum": "x"},
    {"$schema": "http://json-schema.org/draft-04/schema#", "maximum": 3, "exclusiveMaximum": True},
    {"dependencies": {"a": ["b"]}}, {"contains": {"type": "integer"}},
    {"patternProperties": {"^a": {"type": "string"}}}, {"items": [{"type": "integer"}], "additionalItems": False},
    {"pattern": "("}, {"$ref": "#/nope"}, {}, True, {"allOf": []},
)


def schema(rng):
    chosen = rng.choice(SCHEMAS)
    if isinstance(chosen, bool):
        return rng.choice(("true", "false", "[]", "1", "{", ""))
    if rng.random() < 0.3:
        chosen = {"type": "object", "properties": {"a": chosen, "b": rng.choice(SCHEMAS[:10])}}
    return rng.choice((chosen, mutated(rng, json.dumps(chosen)) if rng.random() < 0.3 else json.dumps(chosen)))


GRAPHQL_SCHEMAS = (
    "type Query { a: Int b(x: String = \"d\", y: [Int!]!): T c: [T!] } type T { id: ID! u: U } union U = T | V type V { n: Float }",
    "schema { query: Q mutation: M } type Q { x: Boolean } type M { set(i: I!): Q } input I { a: Int! b: E = ONE } enum E { ONE TWO @deprecated }",
    "interface N { id: ID } type Query implements N { id: ID n: N } directive @d(a: Int) repeatable on FIELD | QUERY scalar Date extend type Query { e: Date }",
    "\"\"\"doc\"\"\" type Query { \"f\" a: String @deprecated(reason: \"r\") }", "type Query { a: Missing }",
    "type A { b: Int } type A { c: Int }", "type Query {}", "",
    "type Query { pet: Pet pets(first: Int = 3, kind: Kind, names: [String!], where: Where): [Pet!]! node(id: ID!): Node } "
    "interface Pet { name: String! tail: Int } interface Node { id: ID! } "
    "type Dog implements Pet & Node { name: String! tail: Int id: ID! barks: Boolean friend: Pet nick(n: Int): String } "
    "type Cat implements Pet { name: String! tail: Int meows: Boolean nick(n: Int): Int claws: [Int!] } "
    "union Any = Dog | Cat enum Kind { DOG CAT COW } "
    "input Where { name: String kind: Kind! = DOG any: [Where!] size: Float big: Boolean age: Int! key: ID } "
    "input One @oneOf { a: Int b: String } extend type Query { one(by: One!): Any any: [Any] } "
    "type Mutation { add(where: Where!, at: Int!): Dog } type Subscription { added: Dog removed: Dog } "
    "directive @mark(by: String!, n: Int) on FIELD | FRAGMENT_SPREAD directive @many repeatable on FIELD | QUERY",
)
GRAPHQL_QUERIES = (
    "{ a }", "query Q($v: Int!) { b(x: \"s\", y: [$v]) { id ...F } } fragment F on T { u { ... on V { n } } }",
    "mutation { set(i: {a: 1}) { x } }", "{ a: a, ...X }", "query { n { id @include(if: true) } }", "{ a { b } }",
    "{ nope }", "subscription { a }", "{", "query A { a } query A { a }", "{ b(y: 1, z: 2) { id } }", "{ b(y: []) }",
    "{ c { id } # comment\n }", "{ a(x: 1.5e3, y: ENUM, z: null, w: [1, {k: \"v\"}]) }",
    "query ($d: Date = \"x\") { e @d(a: 1) @d(a: 2) }", "{ __typename __schema { types { name } } }",
    "{ a \"\"\"block\"\"\" }", "fragment F on T { id }", "",
    "{ pets { name nam ... on Dog { bark id } ... on Cat { id meow } } }", "{ pet { barks id ...F } } fragment F on Pet { claws }",
    "query A($a: Int, $a: Int, $b: Petx, $c: Dog, $d: [Kind] = [DOG, COWS], $e: Where = {age: 1.5, nam: 1}) { pets(first: $a) { name } }",
    "query A { node(ID: 1) { id(x: 1) ... on Dogs { id } } pets(frst: 1, first: 2, first: 3, knd: CATS) { name } }",
    "{ pets(kind: \"DOG\") { name } a: pets(kind: cat) { name } b: pets(names: [1, a, null]) { name } c: pets(names: 1) { name } }",
    "{ pets(where: {age: \"x\", kind: null, any: [{age: 99999999999}, 3], size: \"1\", big: 1, key: 1.5, age: 1, odd: {}}) { name } }",
    "{ one(by: {}) { ...D ... on Cat { name } } two: one(by: {a: 1, b: \"x\"}) { name } three: one(by: {a: null}) { __typename } }",
    "query Q($i: Int, $s: String!) { one(by: {a: $i}) { __typename } pets(first: $s, names: [$s, $i, $none]) { name } }",
    "{ any { ... on Dog { nick(n: 1) n: nick name: tail } ... on Cat { nick(n: 2) n: name name } ...D } } fragment D on Dog { nick(n: 3) }",
    "{ pet { name name: tail f: __typename f: name } pet { name @mark @mark(by: 1, bye: 2) @nope tail @include @many @many } }",
    "fragment A on Dog { ...B name } fragment B on Dog { ...C } fragment C on Dog { ...A ...C } { pet { ...A ...A } }",
    "fragment A on Dgo { x } fragment A on Kind { y } fragment B on Any { z name ... on Pet { q } } { any { ...A ...B ...X } }",
    "subscription S { added { id } removed { id } __typename ...T } fragment T on Subscription { added { name } }",
    "subscription { a: added { id } __schema { queryType { name } } }", "{ a } { b } query A { pet { name } } query A { pets { name } }",
    "mutation ($w: Where, $n: Int = 1, $m: Int) @many { add(where: $w, at: $n) { id } b: add(where: {age: $m}, at: $m) { id { x } friend } }",
    "{ __type(nam: \"x\") { name } __type { fields { type { fields { type { fields { name } } } } } } __shema { x } }",
    "{ pets(first: 2147483648) { name } a: pets(first: 1.5) { name } b: pets(first: {a: 1}) { name } c: pets(first: [1]) { tail } }",
    "query ($k: Kind!, $l: [Kind!]) { a: pets(kind: $k) { name } b: pets(kind: $l) { name } c: pets(names: $l) { name } }",
    "{ any { ... @include(if: $x) { ... on Cat { claws { a } } } ... on Kind { b } ... on Nope { c } ... on Query { any { __typename } } } }",
)


def graphql(pool, characters="abT{}()[]:!$@\"# ,\n1.é"):
    return lambda rng: mutated(rng, rng.choice(pool), characters) if rng.random() < 0.5 else rng.choice(pool)


MODULES = (
    "package a\n\nimport rego.v1\n\np if { x := input.a[_]; x > 1 }\n",
    "package a.b\n\n# METADATA\n# title: t\np contains x if some x in [1, 2]\n",
    "package a\np := {\"k\": [1, 2.5, `raw`]}\n", "package a\nf(x) := y if { y := x + 1 } else := 2\n",
    "package a\np[x] { x = 1 }\n", "package a\nq if not data.a.p with input as {}\n",
    "package a\np := {x | x := 1}\n", "package", "",
)
TEMPLATES = (
    "{{.a}}", "{{ .a.b }} x", "{{range $i, $v := .l}}{{$i}}={{$v}},{{end}}", "{{if .a}}y{{else}}n{{end}}",
    "{{with .a}}{{.}}{{end}}", "{{printf \"%v-%s\" .a .b}}", "{{len .l}}", "{{index .l 0}}", "{{.a | printf \"%q\"}}",
    "{{/* c */}}", "{{eq .a 1}}", "{{and .a .b}}", "{{define \"t\"}}x{{end}}{{template \"t\"}}", "{{ .missing }}",
    "{{", "{{.a", "{{end}}", "{{nofunc .a}}", "{{- .a -}} x", "{{not .a}}", "{{lt 1 2}}", "{{slice .b 1}}",
    "{{html .b}}", "{{break}}", "{{range .l}}{{if eq . 2}}{{break}}{{end}}{{.}}{{else}}none{{end}}",
    "{{$x := 1}}{{$x}}", "{{print .o}}", "{{js .b}}", "{{urlquery .b}}", "{{or .x \"d\"}}", "{{ge .a .a}}",
    "{{call .a}}", "{{1.5}} {{'c'}} {{nil}}", "{{.l.x}}", "{{println .a .b}}",
)


def template(rng):
    source = "".join(rng.choice(TEMPLATES) for _ in range(rng.randrange(1, 3)))
    values = {
        "a": rng.choice((number(rng), text(rng), True, None, {"b": 1})),
        "b": rng.choice(("x<y>'\"&", plain_text(rng))), "l": [anything(rng, 1) for _ in range(rng.randrange(4))],
        "o": json_value(rng),
    }
    return [mutated(rng, source, "{}.|$\"ab "), values]


def splitting(rng):
    glue = rng.choice((",", "", "a", "ab", "é", text(rng)))
    return [rng.choice((text(rng), "a,b,,c", "aéaéa", b"a\xff,b")), glue]


def request(rng):
    made = {
        "url": rng.choice(
            (
                "https://host.example/a/b?c=d&a=%20b", "http://h:80", "https://s3.example/x y",
                "https://h/?b&a=1&a=0", "https://h/é", ":", 1,
            )
        ),
        "method": rng.choice(("get", "POST", "put", 1)),
    }
    if rng.random() < 0.5:
        made["headers"] = rng.choice(({"x-a": "b", "Content-Type": " t  u "}, {}, 1, {"a": 1}))
    if rng.random() < 0.5:
        made[rng.choice(("body", "raw_body"))] = rng.choice(({"a": 1}, "text", 1, ""))
    config = {
        "aws_access_key": "AKID" + "EXAMPLE", "aws_secret_access_key": "word",
        "aws_service": rng.choice(("s3", "ec2", "glacier")), "aws_region": "us-east-1",
    }
    if rng.random() < 0.3:
        config["aws_session_token"] = "token"
    if rng.random() < 0.3:
        config["disable_payload_signing"] = rng.choice((True, False, "x"))
    for one in (made, config):
        if rng.random() < 0.1:
            one.pop(rng.choice(list(one)))
    return [made, config, rng.choice((1_700_000_000_000_000_000, 0, instant(rng)))]


def shifts(rng):
    return [number(rng), rng.choice((0, 1, 3, 8, 63, 64, 65, 200, -1, Number("1.5"), Number("1.0")))]


def ranges(rng):
    return [rng.choice(SMALL), rng.choice(SMALL + tuple(Number(str(n)) for n in (20, -20)))]


def groups(*kinds):
    return lambda rng: [kind(rng) for kind in kinds]


pairs = groups(text, text)
prefixes = one_of(
    text, lambda rng: [text(rng) for _ in range(rng.randrange(3))],
    lambda rng: Set(text(rng) for _ in range(rng.randrange(3))), lambda rng: [1],
)
count_of = one_of(*SMALL)
json_object = one_of(
    lambda rng: {key: json_value(rng, 2) for key in rng.sample(("a", "b", "c", "0", "a/b"), rng.randrange(4))},
    lambda rng: anything(rng),
)
options = one_of(
    lambda rng: {
        key: value
        for key, value in (
            ("indent", rng.choice(("", " ", "\t", "xx"))), ("prefix", rng.choice(("", "> "))),
            ("pretty", rng.random() < 0.7), ("no", 1),
        )
        if rng.random() < 0.5
    },
    lambda rng: {"indent": 1}, lambda rng: {},
)

GENERATORS = {
    "sprintf": sprintf, "split": splitting, "strings.split_n": lambda rng: splitting(rng) + [rng.choice(SMALL)],
    "indexof": pairs, "format_int": groups(number, one_of(2, 8, 10, 16, 3, Number("10.0"), Number("1.5"))),
    "substring": groups(text, count_of, count_of), "trim": pairs,
    "strings.any_prefix_match": groups(prefixes, prefixes), "strings.any_suffix_match": groups(prefixes, prefixes),
    "strings.replace_n": groups(
        one_of(
            lambda rng: {text(rng): text(rng) for _ in range(rng.randrange(4))},
            lambda rng: {"a": "b", "ab": "c", "": "x"}, lambda rng: {"a": 1},
        ),
        text,
    ),
    "strings.render_template": template,
    "strings.count": groups(one_of("aaa", "", "ababab", text), one_of("a", "", "ab", "aa", text)),
    "regex.match": groups(regex, subject), "re_match": groups(regex, subject), "regex.is_valid": groups(regex),
    "regex.split": groups(regex, subject), "regex.find_n": groups(regex, subject, count_of),
    "regex.find_all_string_submatch_n": groups(regex, subject, count_of),
    "regex.replace": groups(
        subject, regex, one_of("x", "$1", "${1}y", "$n", "${n}", "$$", "$", "$1a", "\\1", "${", "")
    ),
    "regex.template_match": groups(
        joined("a", "{", "}", "<", ">", "[a-c]+", "{\\d+}", "<.*>", ".", "{{a}}", most=5), subject,
        one_of("{", "<", "", "ab", "é"), one_of("}", ">", "", "ba", "é"),
    ),
    "regex.globs_match": groups(language, language), "glob.match": groups(glob, delimiters, glob_subject),
    "glob.quote_meta": groups(one_of(glob, text)), "time.parse_ns": parse_time,
    "time.parse_rfc3339_ns": groups(
        one_of(*LAYOUTS["2006-01-02T15:04:05Z07:00"], "2006-01-02T15:04:05,5Z", "2006-01-02T24:00:00Z")
    ),
    "time.parse_duration_ns": groups(duration), "time.date": groups(zoned), "time.clock": groups(zoned),
    "time.weekday": groups(zoned), "time.diff": groups(zoned, zoned),
    "time.format": groups(one_of(zoned, lambda rng: [instant(rng), zone(rng), layout(rng)])),
    "time.add_date": groups(instant, *(one_of(0, 1, -1, 13, 31, -400, 100000, Number("1.5"), Number("1e1")),) * 3),
    "units.parse": groups(lambda rng: amount(rng) + unit(rng)),
    "units.parse_bytes": groups(lambda rng: amount(rng) + unit(rng)), "semver.compare": groups(semver, semver),
    "semver.is_valid": groups(one_of(semver, anything)), "net.cidr_contains": groups(cidr, cidr),
    "net.cidr_overlap": groups(cidr, cidr), "net.cidr_intersects": groups(cidr, cidr),
    "net.cidr_is_valid": groups(cidr), "net.cidr_contains_matches": groups(matches, matches),
    "net.cidr_merge": groups(
        one_of(
            lambda rng: [cidr(rng) for _ in range(rng.randrange(5))],
            lambda rng: Set(cidr(rng) for _ in range(rng.randrange(5))),
        )
    ),
    "net.cidr_expand": groups(
        lambda rng: rng.choice(
            (
                "10.0.0.0/30", "10.0.0.7/29", "10.1.2.3/32", "1.2.3.4", "x", "::1/128", "2001:db8::/126",
                "255.255.255.254/31", "10.0.0.0/24", "::ffff:1.2.3.4/126",
            )
        )
    ),
    "uuid.parse": groups(uuid), "uri.parse": groups(uri), "uri.is_valid": groups(uri),
    "urlquery.decode": groups(query_text), "urlquery.decode_object": groups(query_text),
    "urlquery.encode_object": groups(
        one_of(
            lambda rng: {
                text(rng): rng.choice((text(rng), [text(rng), "b"], Set((text(rng), "z")), 1, [1]))
                for _ in range(rng.randrange(4))
            },
            anything,
        )
    ),
    "json.unmarshal": groups(json_text), "json.is_valid": groups(json_text), "yaml.unmarshal": groups(yaml_text),
    "yaml.is_valid": groups(yaml_text), "yaml.marshal": groups(one_of(json_value, anything)),
    "json.marshal_with_options": groups(anything, options), "json.patch": patch,
    "json.filter": groups(json_object, paths), "json.remove": groups(json_object, paths),
    "json.match_schema": groups(one_of(json_object, lambda rng: json.dumps(json_value(rng))), schema),
    "json.verify_schema": groups(schema), "base64.decode": groups(base64_text),
    "base64.is_valid": groups(base64_text), "base64url.decode": groups(base64_text), "hex.decode": groups(hex_text),
    "graph.reachable": graph, "graph.reachable_paths": graph,
    "object.get": groups(
        json_object,
        one_of(
            "a", "b", 1, lambda rng: [], lambda rng: ["a"], lambda rng: ["b", 0], lambda rng: ["a", "b", "c"], anything
        ),
        anything,
    ),
    "object.filter": groups(
        json_object, one_of(lambda rng: ["a", "b"], lambda rng: Set(("a", 1)), lambda rng: {"a": 1}, anything)
    ),
    "object.remove": groups(
        json_object, one_of(lambda rng: ["a", "b"], lambda rng: Set(("a", 1)), lambda rng: {"a": 1}, anything)
    ),
    "object.subset": groups(json_value, json_value), "object.union": groups(json_object, json_object),
    "object.union_n": groups(lambda rng: [json_object(rng) for _ in range(rng.randrange(4))]),
    "graphql.parse": groups(graphql(GRAPHQL_QUERIES), graphql(GRAPHQL_SCHEMAS)),
    "graphql.is_valid": groups(graphql(GRAPHQL_QUERIES), graphql(GRAPHQL_SCHEMAS)),
    "graphql.parse_query": groups(graphql(GRAPHQL_QUERIES)), "graphql.parse_schema": groups(graphql(GRAPHQL_SCHEMAS)),
    "graphql.schema_is_valid": groups(graphql(GRAPHQL_SCHEMAS)),
    "graphql.parse_and_verify": groups(graphql(GRAPHQL_QUERIES), graphql(GRAPHQL_SCHEMAS)),
    "rego.parse_module": groups(one_of("a.rego", ""), lambda rng: mutated(rng, rng.choice(MODULES))),
    "providers.aws.sign_req": request, "bits.lsh": shifts, "bits.rsh": shifts, "numbers.range": ranges,
    "numbers.range_step": lambda rng: ranges(rng) + [rng.choice(SMALL)], "rand.intn": groups(text, count_of),
    "to_number": groups(
        one_of(
            number, text, *("1", "-0", "1e5", "0x10", " 1", "1_0", "Inf", "nan", "1.", ".5", "+1", "1e400"), None,
            True, anything,
        )
    ),
    "array.slice": groups(lambda rng: [anything(rng, 1) for _ in range(rng.randrange(5))], count_of, count_of),
    "internal.template_string": groups(
        lambda rng: [
            rng.choice((text(rng), Set([anything(rng, 2)]), Set(), number(rng), None, True)) for _ in range(rng.randrange(4))
        ]
    ),
    "uuid.rfc4122": groups(text),
    "http.send": groups(
        one_of(
            lambda rng: {"method": "get"}, lambda rng: {"url": 1}, lambda rng: {},
            lambda rng: {"method": 1, "url": "x"}, lambda rng: {"bad": 1, "method": "get", "url": "x"},
        )
    ),
    "net.lookup_ip_addr": groups(one_of(1, None)),
    "crypto.hmac.equal": groups(one_of("00", "ff", text), one_of("00", "ff", text)),
}
for trimmer in (
    "trim_left", "trim_right", "trim_prefix", "trim_suffix", "startswith", "endswith", "contains", "indexof_n",
):
    GENERATORS[trimmer] = groups(one_of("aaabaaa", "éaé", " x ", text), one_of("a", "é", "aé", "", " ", text))
GENERATORS.update(rego_tokens.generators(mutated, one_of, groups, anything, text))


# What gives as much as large operands ask for.
BOUNDED = ("numbers.range", "numbers.range_step", "net.cidr_expand", "bits.lsh", "internal.template_string")


def operands(rng, name, types):
    """Of the function's own domain mostly; else of its types, now and then of none that fits."""
    make = GENERATORS.get(name)
    kind = rng.random()
    is_own = make is not None and (kind < 0.85 or name in BOUNDED)
    made = make(rng) if is_own else [of_type(rng, one) for one in types]
    if kind > 0.93 and made:
        made[rng.randrange(len(made))] = rng.choice((None, "x", [])) if name in BOUNDED else anything(rng)
    return made
