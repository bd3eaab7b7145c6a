"""Where answers of built-in functions may differ from OPA's: a reason, what decides that it is this one, and calls
that show it. rego_builtins_parity.py asks those calls first: one that no longer differs is a reason to take out.

A predicate gets the call ({"name", "operands"}, operands encoded as bench/rego/calls.h says) and both answers.
"""

import collections
import re

# `calls` differ each time they are asked; `sometimes` may.
Explanation = collections.namedtuple("Explanation", "reason applies calls sometimes", defaults=((),))


def fails_alike(ours, theirs):
    """Both fail, with the same code: only the words differ."""
    return "error" in ours and ours["error"] == theirs.get("error")


def words_of(*prefixes):
    return lambda call, ours, theirs: fails_alike(ours, theirs) and call["name"].startswith(prefixes)


def is_same_number(call, ours, theirs):
    if call["name"] != "to_number" or "values" not in ours or "values" not in theirs:
        return False
    try:
        return float(ours["values"][0]) == float(theirs["values"][0])
    except ValueError:
        return False


EXPLAINED = (
    Explanation(
        "no network is reached here",
        lambda call, ours, theirs: ours.get("text", "").endswith("network access is not allowed here") and "error" in theirs,
        (),
    ),
    Explanation("text/template's words", words_of("strings.render_template"), ()),
    Explanation("gqlparser's suggestions and further errors", words_of("graphql."), ()),
    Explanation("go-yaml's lines", words_of("yaml."), ()),
    Explanation("jwx's and crypto's words", words_of("io.jwt."), ()),
    Explanation("crypto/x509's and asn1's words", words_of("crypto."), ()),
    Explanation("net/netip's words", words_of("uri."), ()),
    Explanation("the state of the document in the text", words_of("json.patch"), ()),
    Explanation(
        "a % in the operand is a verb of a format to OPA's library",
        lambda call, ours, theirs: fails_alike(ours, theirs)
        and call["name"] == "regex.globs_match"
        and any("%" in one for one in call["operands"] if isinstance(one, str)),
        ({"name": "regex.globs_match", "operands": ["a", "%]"]},),
    ),
    Explanation("OPA keeps the text of a number that is none in JSON", is_same_number, ({"name": "to_number", "operands": ["+1"]},)),
    Explanation(
        "go-yaml takes brackets for a part of a tag",
        lambda call, ours, theirs: call["name"].startswith("yaml.") and any("![" in str(one) or "!]" in str(one) for one in call["operands"]),
        ({"name": "yaml.unmarshal", "operands": ["![[]]"]},),
    ),
    Explanation(
        "libyaml takes no ':' before a bracket or comma of a flow collection, of which go-yaml makes a text",
        lambda call, ours, theirs: call["name"].startswith("yaml.") and any(re.search(r"\S:[\]},]", str(one)) for one in call["operands"]),
        ({"name": "yaml.unmarshal", "operands": ["{v:}"]},),
    ),
    Explanation(
        "OPA takes a header of a token whose escapes are none in JSON",
        lambda call, ours, theirs: call["name"] == "io.jwt.encode_sign_raw" and "hexadecimal digits behind" in ours.get("text", ""),
        ({"name": "io.jwt.encode_sign_raw", "operands": ['{"alg": "HS256", "x": "\\u00@"}', "{}", '{"kty": "oct", "k": "d29yZA"}']},),
    ),
    Explanation(
        "gqlparser keeps comments of schemas",
        lambda call, ours, theirs: call["name"].startswith("graphql.") and "Comment" in str(theirs.get("values")),
        ({"name": "graphql.parse_schema", "operands": ["# c"]},),
    ),
    Explanation(
        "OPA goes through a schema in no order, and tells of what is wrong first",
        lambda call, ours, theirs: call["name"] in ("json.verify_schema", "json.match_schema")
        and all(one.get("values", [""])[0].startswith("[false") for one in (ours, theirs)),
        (),
        ({"name": "json.verify_schema", "operands": ['{"properties": {"a": {"type": "nothing"}, "b": {"$ref": "#/definitions/x"}}}']},),
    ),
    Explanation("OPA panics", lambda call, ours, theirs: theirs.get("error") == "panic", ()),
    Explanation("OPA takes too long", lambda call, ours, theirs: theirs.get("error") == "eval_cancel_error", ()),
    Explanation("a limit of ours", lambda call, ours, theirs: ours.get("error") == "eval_limit_error", ()),
)


def explanation(call, ours, theirs):
    """Why the answers may differ; empty: they may not."""
    return next((one.reason for one in EXPLAINED if one.applies(call, ours, theirs)), "")
