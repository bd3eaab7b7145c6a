"""Where answers of built-in functions may differ from OPA's: a reason, the predicate that decides that it is this one,
and the calls that prove it, each as small as it can be, with our answer and OPA 1.22.2's beside it.

rego_builtins_parity.py asks these calls first, and fails where an answer of either side is not as it is written, or
the predicate does not take it. A call that no longer differs is thus a reason to take out. What no predicate takes
counts as different.

A predicate gets the call ({"name", "operands"}, operands encoded as bench/rego/calls.h says) and both answers.
"""

import collections
import os
import re

# What OPA answers in no order has more than one answer of OPA's, all that it may give.
Proof = collections.namedtuple("Proof", "call ours theirs")
# Of what is `unordered`, OPA must give our answer too where it is asked again.
Explanation = collections.namedtuple("Explanation", "reason applies proofs unordered", defaults=(False,))


def call(name, *operands):
    return {"name": name, "operands": list(operands)}


def number(text):
    return {"n": str(text)}


def an_object(*keys_and_values):
    return {"o": list(keys_and_values)}


def value(term):
    return {"values": [term]}


def failed(text, code="eval_builtin_error"):
    return {"error": code, "text": text}


def proof(asked, ours, *theirs):
    return Proof(asked, ours, theirs)


def wordings(asked, ours, theirs):
    """Both fail, in these words."""
    return proof(asked, *(failed(f"{asked['name']}: {text}") for text in (ours, theirs)))


def fails_alike(ours, theirs):
    """Both fail, with the same code: only the words differ."""
    return "error" in ours and ours["error"] == theirs.get("error")


def texts_of(name, asked, ours, theirs):
    """Both texts behind the name of the function; None where not both fail alike, or it is another function."""
    if not asked["name"].startswith(name) or not fails_alike(ours, theirs):
        return None
    return [one["text"].removeprefix(f"{asked['name']}: ") for one in (ours, theirs)]


# What Go's readers of DER, keys and certificates begin their texts with.
OF_DER = re.compile(
    r"(asn1|x509|tls|ecdsa|P\d+|crypto/(rsa|ecdsa|x509)|encoding/asn1|failed to parse|invalid|certificate)\b"
)


def is_damaged_der(asked, ours, theirs):
    """Of a key or a certificate, which both refuse with words of DER; in tokens, of one in PEM."""
    texts = texts_of("io.jwt.", asked, ours, theirs)
    if texts is not None:
        return all(text.startswith("failed to parse a PEM ") for text in texts)
    texts = texts_of("crypto.", asked, ours, theirs)
    return texts is not None and all(OF_DER.match(text) for text in texts)


# What a scanner or parser of YAML says of a text that is none.
OF_YAML = re.compile(
    r"yaml: (line \d+: )?(did not find |found |could not find |mapping values are not allowed "
    r"|block \w+ entries are not allowed |unknown anchor |unexpected |control characters |invalid \w+ UTF-8 )"
)


def are_words_of_yaml(asked, ours, theirs):
    """Both refuse the text while they read it; what it would mean is asked by none."""
    texts = texts_of("yaml.", asked, ours, theirs)
    return texts is not None and all(OF_YAML.match(text) for text in texts)


# Of null and of what has no text: a sequence, a mapping.
KEY_TWICE = re.compile(r'yaml: unmarshal errors:\n  line \d+: mapping key "(|~|null|Null|NULL)" already defined at ')


def is_no_key_twice(asked, ours, theirs):
    """Neither takes such a key once; go-yaml has told before that it is there twice."""
    texts = texts_of("yaml.unmarshal", asked, ours, theirs)
    return (
        texts is not None
        and re.match(r"(yaml: invalid map key: |unsupported map key of type: %!s\(<nil>\), )", texts[0]) is not None
        and KEY_TWICE.match(texts[1]) is not None
    )


def is_no_number_of_json(asked, ours, theirs):
    """OPA has parsed a module and cannot write it: `.5` is a number in Rego and none in JSON."""
    is_refused = "json: invalid number literal" in theirs.get("text", "")
    return asked["name"] == "rego.parse_module" and "values" in ours and is_refused


# Of types, which are in a map of Go's.
TYPE_SUGGESTION = re.compile(r'(Unknown type "[^"]*"\.) Did you mean [^?]*\?')


def suggests_types_in_no_order(asked, ours, theirs):
    """Both say the same, but for the types that are suggested in place of one that is not known."""
    texts = texts_of("graphql.", asked, ours, theirs)
    if texts is None:
        return False
    mine, given = (TYPE_SUGGESTION.sub(r"\1", text) for text in texts)
    return mine == given


def does_not_parse(asked, ours, theirs):
    """OPA tells a line and no column: it has executed nothing."""
    texts = texts_of("strings.render_template", asked, ours, theirs)
    return texts is not None and re.match(r"template: template:\d+: ", texts[1]) is not None


# What ends a template, in our words and in Go's.
TEMPLATE_WORDS = tuple(
    (re.compile(ours), re.compile(theirs))
    for ours, theirs in (
        (r"no field (\w+) here", r"(can't evaluate field|nil pointer evaluating interface \{\}\.)"),
        (r"incompatible types for comparison", r"incompatible types for comparison: "),
        (r"index out of range: -?\d+", r"(reflect: slice index out of range|index out of range)"),
        (r"slice bounds out of range", r"(index out of range|invalid slice index|reflect)"),
        (r"expected a (text or a list|whole number)", r"(can't (slice|index) item|cannot index slice/array)"),
        (r"wrong number of arguments for", r"wrong number of args for"),
        (r"wrong number of arguments for (eq|ne|lt|le|gt|ge)$", r"missing argument for comparison"),
        # We refuse it when the template is read; Go fails where it is called, or at what stands before.
        (r'function "call" is not supported', r""),
        (r"nil is not a command", r""),
        (r"what is no function or method has arguments", r"\w+ is not a method but has arguments"),
        (r"only a function takes arguments", r"(\w+ (is not a method but|has) |can't give argument to non-function )"),
        (r'undefined variable "', r"undefined variable: "),
        (r'unexpected "\." in operand', r"wrong number of args for"),
    )
)


def ends_a_template_alike(asked, ours, theirs):
    """The same words, but for the place that Go tells, or those of TEMPLATE_WORDS."""
    texts = texts_of("strings.render_template", asked, ours, theirs)
    if texts is None:
        return False
    mine = texts[0].removeprefix("template: ")
    given = re.sub(r'^template: template:\d+:\d+: executing "template" at <.*?>: ', "", texts[1], flags=re.DOTALL)
    given = re.sub(r"^error calling \w+: ", "", given)
    return mine == given or any(left.match(mine) and right.match(given) for left, right in TEMPLATE_WORDS)


def is_same_number(asked, ours, theirs):
    if asked["name"] != "to_number" or "values" not in ours or "values" not in theirs:
        return False
    try:
        return float(ours["values"][0]) == float(theirs["values"][0])
    except ValueError:
        return False


def is_of_a_schema(asked, ours, theirs):
    if asked["name"] not in ("json.verify_schema", "json.match_schema"):
        return False
    refused = all(one.get("values", [""])[0].startswith("[false") for one in (ours, theirs))
    return refused or (fails_alike(ours, theirs) and ours["error"] == "eval_builtin_error")


def steps_of(path):
    if isinstance(path, str):
        return path.strip("/").split("/")
    steps = path if isinstance(path, list) else []
    return [one["n"] if isinstance(one, dict) and "n" in one else str(one) for one in steps]


def goes_below_a_removed_element(asked, ours, theirs):
    """An operation of the patch removes an element of an array, and it or one behind it goes to what is below."""
    if asked["name"] != "json.patch" or not isinstance(asked["operands"][1], list):
        return False
    removed = []
    for one in asked["operands"][1]:
        parts = one.get("o", []) if isinstance(one, dict) else []
        operation = {key: part for key, part in zip(parts[::2], parts[1::2]) if isinstance(key, str)}
        path, source = (steps_of(operation.get(key)) for key in ("path", "from"))
        if operation.get("op") == "move":
            removed.append(source)
        if any(gone and gone[-1].isdigit() and path[: len(gone)] == gone and len(path) > len(gone) for gone in removed):
            return True
        if operation.get("op") == "remove":
            removed.append(path)
    return False


def takes_more_yaml(ours, theirs):
    """OPA reads what we refuse, or calls it valid."""
    return ("error" in ours and "values" in theirs) or (ours == value("false") and theirs == value("true"))


def is_there_twice(asked, ours, theirs):
    """OPA's answer is ours, and an entry more in an object, of a key that follows once more."""
    if "values" not in ours or "values" not in theirs or len(ours["values"]) != 1 or len(theirs["values"]) != 1:
        return False
    mine, given = ours["values"][0], theirs["values"][0]
    begin = len(os.path.commonprefix((mine, given)))
    more = given[begin : begin + len(given) - len(mine)]
    if mine[begin:] != given[begin + len(more) :] or ", " not in more:
        return False
    key = more[more.rfind(", ") + 2 :]
    return ": " in key and mine[:begin].endswith(key)


def is_question_in_flow(asked, ours, theirs):
    return (
        asked["name"].startswith("yaml.")
        and takes_more_yaml(theirs, ours)
        and any(re.search(r"[\[{](.|\n)*[^\s\[{,]\?", one) for one in asked["operands"] if isinstance(one, str))
    )


def is_escaped_apostrophe(asked, ours, theirs):
    return (
        asked["name"].startswith("yaml.")
        and takes_more_yaml(ours, theirs)
        and any("\\'" in one for one in asked["operands"] if isinstance(one, str))
    )


# jwx makes a struct of a map when it starts, so that its fields come in no order.
PROBED_FIELDS = re.compile(r'struct \{ (D json\.RawMessage "[^;]*"); (Kty string "[^;]*") \}')


def settled(answer):
    """The answer as it is whatever order OPA has taken when it started."""
    if "text" not in answer:
        return answer
    return answer | {"text": PROBED_FIELDS.sub(r"struct { \2; \1 }", answer["text"])}


# Longer than we follow one: 2,001 nodes, each with an edge to the next.
LONG_PATH = 2001


EXPLAINED = (
    Explanation(
        "no network is reached here",
        lambda asked, ours, theirs: "error" in theirs
        and ours.get("text", "").endswith("network access is not allowed here"),
        (
            wordings(
                call("http.send", an_object("method", "get", "url", "http://127.0.0.1:1/")),
                "network access is not allowed here",
                'Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused',
            ),
            wordings(call("net.lookup_ip_addr", "ı"), "network access is not allowed here", "lookup ı: no such host"),
        ),
    ),
    Explanation(
        "text/template's words for what is no template",
        does_not_parse,
        (
            wordings(
                call("strings.render_template", "{{end}}", an_object()),
                "template: unexpected {{end}}",
                "template: template:1: unexpected {{end}}",
            ),
            wordings(
                call("strings.render_template", "{{f}}", an_object()),
                'template: function "f" is not supported',
                'template: template:1: function "f" not defined',
            ),
        ),
    ),
    Explanation(
        "text/template's place, and its words for what ends a template",
        ends_a_template_alike,
        (
            wordings(
                call("strings.render_template", "{{nil}}", an_object()),
                "template: nil is not a command",
                'template: template:1:2: executing "template" at <nil>: nil is not a command',
            ),
            wordings(
                call("strings.render_template", "{{.a.b}}", an_object("a", True)),
                "template: no field b here",
                'template: template:1:4: executing "template" at <.a.b>: can\'t evaluate field b in type interface {}',
            ),
        ),
    ),
    Explanation(
        "gqlparser suggests types in no order",
        suggests_types_in_no_order,
        (
            proof(
                call("graphql.parse", "{ ...F } fragment F on Kind { y }", "type Query { a: Int }"),
                *(
                    failed(
                        f'graphql.parse: Unknown type "Kind". Did you mean {types}?\n in GraphQL string at location 1:10'
                    )
                    for types in ('"ID" or "Int"', '"ID" or "Int"', '"Int" or "ID"')
                ),
            ),
        ),
    ),
    Explanation(
        "libyaml and go-yaml complain of different things in a text that is none in YAML",
        are_words_of_yaml,
        (
            wordings(
                call("yaml.unmarshal", '{"b":c":[]}}'),
                "yaml: found unexpected ':'",
                "yaml: did not find expected ',' or '}'",
            ),
            wordings(
                call("yaml.unmarshal", "l: 1F\nc: [1, 2]é g: h\n"),
                "yaml: line 1: did not find expected key",
                "yaml: line 2: mapping values are not allowed in this context",
            ),
        ),
    ),
    Explanation(
        "go-yaml tells of a key that is null, a sequence or a mapping that it is there twice",
        is_no_key_twice,
        (
            wordings(
                call("yaml.unmarshal", "{null: 1, null: 2}"),
                "unsupported map key of type: %!s(<nil>), key: <nil>, value: 2",
                'yaml: unmarshal errors:\n  line 1: mapping key "null" already defined at line 1',
            ),
            wordings(
                call("yaml.unmarshal", "{[b]: 1, [a]: 2}"),
                'yaml: invalid map key: []interface {}{"a"}',
                'yaml: unmarshal errors:\n  line 1: mapping key "" already defined at line 1',
            ),
        ),
    ),
    Explanation(
        "crypto/x509's and asn1's words for damaged DER",
        is_damaged_der,
        (
            wordings(
                call("crypto.x509.parse_certificate_request", "MAA="),
                "asn1: structure error: bad certificate request",
                "asn1: syntax error: sequence truncated",
            ),
            wordings(
                call("crypto.x509.parse_keypair", "YQ==", "YQ=="),
                "tls: failed to parse private key",
                "x509: malformed certificate",
            ),
        ),
    ),
    Explanation(
        "a % in the operand is a verb of a format to OPA's library",
        lambda asked, ours, theirs: fails_alike(ours, theirs)
        and asked["name"] == "regex.globs_match"
        and any("%" in one for one in asked["operands"] if isinstance(one, str)),
        (
            wordings(
                call("regex.globs_match", "a", "%]"),
                "input:%], pos:2, set-close ']' with no preceding '[': the input provided is invalid",
                "input:&{%!](string=the input provided is invalid)}, pos:2, set-close ']' with no preceding '[': "
                "%!w(MISSING)",
            ),
        ),
    ),
    Explanation(
        "OPA parses a module with a number that is none in JSON, and cannot write it",
        is_no_number_of_json,
        (
            proof(
                call("rego.parse_module", "", "package a\np := .5\n"),
                value(
                    '{"package": {"path": [{"type": "var", "value": "data"}, {"type": "string", "value": "a"}]}, '
                    '"rules": [{"body": [{"generated": true, "index": 0, "terms": {"type": "boolean", "value": true}}], '
                    '"head": {"assign": true, "name": "p", "ref": [{"type": "var", "value": "p"}], '
                    '"value": {"type": "number", "value": 0.5}}}]}'
                ),
                failed(
                    "rego.parse_module: "
                    + "".join(
                        f"json: error calling MarshalJSON for type {name}: "
                        for name in ("*ast.Rule", "*ast.Head", "*ast.Term", "ast.Number")
                    )
                    + 'json: invalid number literal ".5"'
                ),
            ),
        ),
    ),
    Explanation(
        "OPA keeps the text of a number that is none in JSON",
        is_same_number,
        (proof(call("to_number", "+1"), value("1"), value("+1")),),
    ),
    Explanation(
        "OPA keeps both of two entries of one key where two keys are given by turns, as a generator may",
        is_there_twice,
        (
            proof(
                call(
                    "array.concat",
                    [an_object(None, number(1), False, number(2), None, number(3), False, number(4))],
                    [],
                ),
                value("[{null: 3, false: 4}]"),
                value("[{null: 3, false: 2, false: 4}]"),
            ),
        ),
    ),
    Explanation(
        "go-yaml takes brackets and commas for a part of a tag",
        lambda asked, ours, theirs: asked["name"].startswith("yaml.")
        and takes_more_yaml(ours, theirs)
        and any(re.search(r"![\[\],]", one) for one in asked["operands"] if isinstance(one, str)),
        (
            proof(
                call("yaml.unmarshal", "w: !,!str 1\n"),
                failed("yaml.unmarshal: yaml: did not find expected whitespace or line break"),
                value('{"w": "1"}'),
            ),
            proof(
                call("yaml.unmarshal", "![[]]"),
                failed("yaml.unmarshal: yaml: did not find expected whitespace or line break"),
                value('""'),
            ),
        ),
    ),
    Explanation(
        "libyaml takes no ':' before a bracket or comma of a flow collection, of which go-yaml makes a text",
        lambda asked, ours, theirs: asked["name"].startswith("yaml.")
        and any(re.search(r"\S:[\]},]", str(one)) for one in asked["operands"]),
        (proof(call("yaml.is_valid", "{v:}"), value("false"), value("true")),),
    ),
    Explanation(
        "libyaml takes a '?' inside of a text of a flow collection, which ends it to go-yaml",
        is_question_in_flow,
        (
            proof(
                call("yaml.unmarshal", "[a?]"),
                value('["a?"]'),
                failed("yaml.unmarshal: yaml: did not find expected ',' or ']'"),
            ),
            proof(call("yaml.is_valid", "[a?]"), value("true"), value("false")),
        ),
    ),
    Explanation(
        "go-yaml has an escape for an apostrophe, YAML none",
        is_escaped_apostrophe,
        (
            proof(
                call("yaml.unmarshal", '"\\\'"'),
                failed("yaml.unmarshal: yaml: found unknown escape character"),
                value("\"'\""),
            ),
            proof(call("yaml.is_valid", '"\\\'"'), value("false"), value("true")),
        ),
    ),
    Explanation(
        "OPA's patch still finds an element that it has removed from an array, below which it goes",
        goes_below_a_removed_element,
        (
            proof(
                call(
                    "json.patch",
                    [an_object("a", number(1)), an_object("b", number(2))],
                    [an_object("op", "remove", "path", "0"), an_object("op", "add", "path", "0/c", "value", number(3))],
                ),
                value('[{"b": 2, "c": 3}]'),
                value('[{"a": 1, "c": 3}]'),
            ),
            proof(
                call(
                    "json.patch",
                    [an_object("a", number(1)), an_object("b", [])],
                    [an_object("op", "move", "path", "0/b/0", "from", "0")],
                ),
                value('[{"b": [{"a": 1}]}]'),
                failed('json.patch: path "b" does not exist in object term {"a": 1}'),
            ),
        ),
    ),
    Explanation(
        "gqlparser keeps comments",
        lambda asked, ours, theirs: asked["name"].startswith("graphql.") and "Comment" in str(theirs.get("values")),
        (proof(call("graphql.parse_schema", "# c"), value("{}"), value('{"Comment": {"List": [{"Value": "# c"}]}}')),),
    ),
    Explanation(
        "OPA goes through a schema in no order, and tells of what is wrong first",
        is_of_a_schema,
        (
            proof(
                call("json.match_schema", "{}", '{"properties": {"a": {"$ref": "#/x"}, "b": {"$ref": "#/y"}}}'),
                failed("json.match_schema: Object has no key 'x'"),
                failed("json.match_schema: Object has no key 'x'"),
                failed("json.match_schema: Object has no key 'y'"),
            ),
        ),
        True,
    ),
    Explanation(
        "OPA panics",
        lambda asked, ours, theirs: theirs.get("error") == "panic",
        (
            proof(
                call("net.cidr_merge", ["::ffff:1.2.3.4/96", "10.0.0.0/16"]),
                value('{"0.0.0.0/0"}'),
                failed("runtime error: index out of range [15] with length 0", "panic"),
            ),
            proof(
                call("io.jwt.decode_verify", "", an_object(number(1), "")),
                failed("io.jwt.decode_verify: unknown token validation constraint: 1"),
                failed("interface conversion: ast.Value is ast.Number, not ast.String", "panic"),
            ),
        ),
    ),
    Explanation(
        "OPA takes too long",
        lambda asked, ours, theirs: theirs.get("error") == "eval_cancel_error",
        (
            proof(
                call("net.cidr_expand", "::/64"),
                failed("net.cidr_expand: more addresses than memory is given for", "eval_limit_error"),
                failed("net.cidr_expand: timed out before generating all IP addresses", "eval_cancel_error"),
            ),
        ),
    ),
    Explanation(
        "a limit of ours",
        lambda asked, ours, theirs: ours.get("error") == "eval_limit_error",
        (
            proof(
                call(
                    "graph.reachable_paths",
                    an_object(*(one for at in range(LONG_PATH) for one in (number(at), [number(at + 1)]))),
                    [number(0)],
                ),
                failed("graph.reachable_paths: a path is too long", "eval_limit_error"),
                value("{[" + ", ".join(str(at) for at in range(LONG_PATH)) + "]}"),
            ),
        ),
    ),
)


def explanation(asked, ours, theirs):
    """The one that says why the answers may differ; None: they may not."""
    return next((one for one in EXPLAINED if one.applies(asked, ours, theirs)), None)
