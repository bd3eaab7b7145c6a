#include "rego/builtins.h"

#include <gtest/gtest.h>

#include "rego/term.h"

namespace merlon::rego {
namespace {

// What a built-in gives for an array of operands: a term, "undefined", or the error's code and
// text.
std::string answer(std::string_view name, std::string_view operands) {
    Arena arena;
    Interner interner;
    value::Builder builder(arena, interner);
    const Builtin* builtin = find_builtin(name);
    if (builtin == nullptr) return "no such built-in";
    const auto terms = read_term(operands, builder);
    if (!terms.ok()) return terms.error().message;
    World world;
    world.now_nanoseconds = 1;
    Context context(builder, world, nullptr);
    const Outcome outcome = call(*builtin, context, terms.value().items());
    if (outcome.ok()) return term_text(outcome.value());
    if (outcome.state() == Outcome::State::kUndefined) return "undefined";
    return std::string(code(context.error_kind())) + ": " + context.error_text();
}

struct Case {
    std::string_view name, operands, expected;
};

// As OPA 1.22.2 answers.
TEST(Builtins, answer_as_opa_does) {
    const Case cases[] = {
        {"array.flatten", "[[[1], 2, [3, [4]]]]", "[1, 2, 3, [4]]"},
        {"array.slice", "[[1, 2, 3], 2, 1]", "[]"},
        {"bits.rsh", "[-5, 1]", "-3"},
        {"concat", R"([", ", {"b", "a"}])", R"("a, b")"},
        {"count", R"(["\u00e4b"])", "2"},
        {"format_int", "[15.9, 16]", R"("f")"},
        {"glob.match", R"(["*.b{c,d}", ["."], "a.bd"])", "true"},
        {"glob.match", R"(["*", [], "a.b"])", "false"},
        {"json.is_valid", R"(["{\"a\": [1.5]}"])", "true"},
        {"json.is_valid", "[\"\xef\xbb\xbf{}\"]", "false"},
        {"json.is_valid", R"(["1 2"])", "false"},
        {"json.is_valid", "[1]", "false"},
        {"graphql.is_valid", R"(["{ a }", "type Query { a: Int }"])", "true"},
        {"graphql.is_valid", R"(["{ b }", "type Query { a: Int }"])", "false"},
        {"graphql.parse", R"(["{ b c }", "type Query { a: Int }"])",
         "eval_builtin_error: Cannot query field \"b\" on type \"Query\". Did you mean \"a\"?\n"
         "input:1:5: Cannot query field \"c\" on type \"Query\". Did you mean \"a\"?\n"
         " in GraphQL string at location 1:3"},
        {"graphql.parse", R"(["{ a { b } a: c }", "type Query { a: Int c: [Int] }"])",
         "eval_builtin_error: Cannot query field \"b\" on type \"Int\".\ninput:1:3: Field \"a\" "
         "must "
         "not have a selection since type \"Int\" has no subfields.\ninput:1:11: Fields \"a\" "
         "conflict because \"a\" and \"c\" are different fields. Use different aliases on the "
         "fields to fetch both if this was intentional in GraphQL string at location 1:7"},
        {"graph.reachable", R"([{"a": ["b"], "b": [], "c": []}, ["a"]])", R"({"a", "b"})"},
        {"indexof", R"(["\u00e4\u00f6x", "x"])", "2"},
        {"glob.match", R"(["[a-c]{x,y*}", [], "byz"])", "true"},
        {"object.subset", "[[1, 1], {1, 2}]", "true"},
        {"object.subset", "[[], set()]", "false"},
        {"regex.globs_match", R"(["a.a.[0-9]+z", "b.b.[0-9]*z"])", "false"},
        {"regex.globs_match", R"(["[a-c]+x", "[b-d]*x"])", "true"},
        {"strings.replace_n", R"([{"a": "1", "ab": "2", "b": "3", "é": "4"}, "abbaé"])",
         R"("13314")"},
        {"strings.replace_n", R"([{"": "-", "b": "x"}, "ab"])", R"("-a-x-")"},
        {"sprintf", R"(["%05c|%x|%+q|%#v", [97, 1.5, "é", "a"]])",
         R"("0000a|0x1.8p+00|\"\\u00e9\"|\"a\"")"},
        {"strings.render_template",
         R"(["{{printf \"%05d\" .a}} {{slice .b 1 2}}", {"a": 1.50, "b": "xyz"}])",
         R"("%!d(json.Number=01.50) y")"},
        {"to_number", R"(["1_0"])", "10"},
        {"units.parse_bytes", R"(["12345678012345678901234567890M"])",
         "12345678012345678900384503217258496"},
        {"yaml.unmarshal", R"(["a: !!binary aGk=\nb: 1_0.5\n1e3: x"])",
         R"({"1000": "x", "a": "hi", "b": 10.5})"},
        {"yaml.marshal", R"([{"a": "x\u0085y"}])", R"("a: x y\n")"},
        {"yaml.marshal", R"([{"[": 1, "107475347261913133489": 2}])",
         R"("\"107475347261913133489\": 2\n'[': 1\n")"},
        {"yaml.unmarshal", R"(["a: !!tr 1\nb: !x ~\nc: !!str 2"])",
         R"({"a": "1", "b": "~", "c": "2"})"},
        {"uri.parse", R"(["http://[x]/"])",
         R"(eval_builtin_error: parse "http://[x]/": invalid host: ParseAddr("x"): unable to parse IP)"},
        {"uri.parse", R"(["/#%zz"])",
         R"(eval_builtin_error: parse "/#%zz": invalid URL escape "%zz")"},
        {"yaml.unmarshal", R"(["+18446744073709551615"])", "18446744073709552000"},
        {"strings.render_template", R"(["{{with$.a}}{{end}}", {}])",
         "eval_builtin_error: template: bad character '$'"},
        {"uri.parse", R"(["mongo://a:1,b::2"])",
         R"({"hostname": "a:1,b:", "port": "2", "scheme": "mongo"})"},
        {"uri.parse", R"(["HTTP://z::1"])",
         R"(eval_builtin_error: parse "HTTP://z::1": invalid port "::1" after host)"},
        {"strings.render_template", R"(["{{js}}{{html}}{{urlquery}}.", {}])", R"(".")"},
        {"intersection", "[{{1, 2}, {2, 3}}]", "{2}"},
        {"json.filter", R"([{"a": {"b": 1, "c": 2}}, ["a/b"]])", R"({"a": {"b": 1}})"},
        {"json.marshal", R"([{"a": {1, "<"}}])", R"("{\"a\":[1,\"\\u003c\"]}")"},
        {"json.patch", R"([{"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}]])",
         R"({"a": [1, 2]})"},
        {"json.patch", R"([[1, 2, 3], [{"op": "remove", "path": "/1.0"}]])", "[1, 3]"},
        {"strings.any_prefix_match", R"([["zz", "éab"], ["b", "éa", "éabc", "z!"]])", "true"},
        {"strings.any_suffix_match", R"([["baé"], ["b", "xbaé", "ab"]])", "false"},
        {"indexof_n", R"(["éaaaé", "aa"])", "[1, 2]"},
        {"time.add_date", "[1e16, 1, -9223372036854775808, 24]", "43716736000000000"},
        {"json.remove", R"([{"a": [1, 2, 3]}, ["a/1"]])", R"({"a": [1, 3]})"},
        {"net.cidr_merge", R"([["10.0.0.0/25", "10.0.0.128/25"]])", R"({"10.0.0.0/24"})"},
        {"net.cidr_contains", R"(["10.0.0.0/8", "10.1.2.3/32"])", "true"},
        {"numbers.range", "[3, 1]", "[3, 2, 1]"},
        {"object.get", R"([{"a": [{"b": 7}]}, ["a", 0, "b"], 0])", "7"},
        {"object.union", R"([{"a": {"b": 1}}, {"a": {"c": 2}}])", R"({"a": {"b": 1, "c": 2}})"},
        {"regex.find_n", R"(["a.", "ab ac", 1])", R"(["ab"])"},
        {"regex.replace", R"~(["foo", "^(f)", "<$1>"])~", R"~("<f>oo")~"},
        {"replace", R"(["aaa", "a", "b"])", R"("bbb")"},
        {"replace", R"(["ab", "", "-"])", R"("-a-b-")"},
        {"semver.compare", R"(["1.0.0-a.2", "1.0.0-a.10"])", "-1"},
        {"split", R"(["a.b", "."])", R"(["a", "b"])"},
        {"sprintf", R"(["%05.1f|%-4d|%q|%v|%x", [2.55, 7, "s", {1}, "hi"]])",
         R"("002.5|7   |\"s\"|{1}|6869")"},
        {"sprintf", R"~(["%d %s", ["x"]])~", R"~("%!d(string=x) %!s(MISSING)")~"},
        {"strings.render_template", R"(["{{.a}}!", {"a": 1}])", R"("1!")"},
        {"strings.replace_n", R"([{"": "-"}, "ab"])", R"("-a-b-")"},
        {"substring", R"(["h\u00e4llo", 1, 3])", R"("äll")"},
        {"sum", "[[1, 2.5]]", "3.5"},
        {"time.format", R"([[0, "UTC", "Mon Jan _2 15:04:05 2006"]])",
         R"("Thu Jan  1 00:00:00 1970")"},
        {"time.parse_ns", R"(["2006-01-02", "1970-01-02"])", "86400000000000"},
        {"time.parse_ns", R"(["2006 __2", "2020 15"])", "1579046400000000000"},
        {"time.parse_ns", R"(["2006 __2", "2020   7"])", "1578355200000000000"},
        {"time.parse_ns", R"(["2006__2", "2020 07"])", "1578355200000000000"},
        {"time.parse_ns", R"(["MST 2006", "WITA 2020"])", "1577836800000000000"},
        {"time.parse_ns", R"(["MST 2006", "+03 2020"])", "1577836800000000000"},
        {"yaml.unmarshal", R"(["[_1, 0o1_7, -0o17, 0o-7, +0x1F, 0XF, 0x1FFFFFFFFFFFFFFFF]"])",
         R"(["_1", 15, -15, -7, 31, 15, "0x1FFFFFFFFFFFFFFFF"])"},
        {"time.parse_duration_ns", R"(["1d2h"])", "93600000000000"},
        {"time.parse_duration_ns", R"(["1.00000000000000000000000001s"])", "1000000000"},
        {"time.add_date", "[0, 0, 1, 0]", "2678400000000000"},
        {"max", "[[1.0, 1]]", "1"},
        {"max", "[[1, 1.0, 0]]", "1.0"},
        {"min", "[[1.0, 1, 2]]", "1"},
        {"min", "[[1, 1.0]]", "1.0"},
        {"bits.lsh", "[0, 1000000000]", "0"},
        {"yaml.unmarshal", R"(["%YAML 1.1\n---\na: 1"])", R"({"a": 1})"},
        {"to_number", R"(["1e2"])", "1e2"},
        {"trim", R"(["..a.", "."])", R"("a")"},
        {"units.parse", R"(["10.5k"])", "10500"},
        {"units.parse_bytes", R"(["1.5KiB"])", "1536"},
        {"upper", R"(["stra\u00dfe"])", R"("STRAßE")"},
        {"uri.parse", R"(["http://u@h:80/p?q#f"])",
         R"({"fragment": "f", "hostname": "h", "path": "/p", "port": "80", "raw_path": "/p", )"
         R"("raw_query": "q", "scheme": "http"})"},
        {"urlquery.encode_object", R"([{"a": ["x y", "z"]}])", R"("a=x+y&a=z")"},
        {"walk", "[[7]]", "[[[], [7]], [[0], 7]]"},
        {"yaml.unmarshal", R"(["on: 0o17\na: 017\nb: 1_000"])",
         R"({"a": 15, "b": 1000, "on": 15})"},
        {"yaml.marshal", R"([{"a": [1, "x: y"]}])", R"("a:\n  - 1\n  - 'x: y'\n")"},
    };
    for (const Case& one : cases)
        EXPECT_EQ(answer(one.name, one.operands), one.expected) << one.name;
}

TEST(Builtins, fail_with_opas_code_and_text) {
    const Case cases[] = {
        {"base64.decode", R"(["a"])", "eval_builtin_error: illegal base64 data at input byte 0"},
        {"hex.decode", R"(["fghe"])", "eval_builtin_error: encoding/hex: invalid byte: U+0067 'g'"},
        {"regex.match", R"([1, "a"])", "eval_type_error: operand 1 must be string but got number"},
        {"sum", R"([["a"]])",
         "eval_type_error: operand 1 must be array of numbers but got array containing string"},
        {"count", "[1]",
         "eval_type_error: operand 1 must be one of {array, object, set, string} but got number"},
        {"numbers.range_step", "[1, 2, 0]",
         "eval_builtin_error: numbers.range_step: step must be a positive integer"},
        {"units.parse", R"(["a"])", "eval_builtin_error: units.parse: no amount provided"},
        {"units.parse", R"(["1e+-5"])",
         "eval_builtin_error: units.parse: could not parse amount to a number"},
        {"time.parse_duration_ns", R"(["99999999999h"])",
         R"(eval_builtin_error: time: invalid duration "99999999999h")"},
        {"net.cidr_merge", R"([["::1"]])", "eval_builtin_error: IPv6 invalid: needs prefix length"},
        {"http.send", R"([{"method": "get", "url": "http://localhost"}])",
         "eval_builtin_error: network access is not allowed here"},
        {"time.parse_ns", R"(["MST 2006", "GMTX 2020"])",
         R"(eval_builtin_error: parsing time "GMTX 2020" as "MST 2006": cannot parse "X 2020" as " ")"},
        {"time.parse_ns", R"(["15:04:05.000", "01:02:03,-456"])",
         R"(eval_builtin_error: parsing time "01:02:03,-456": fractional second out of range)"},
        {"time.parse_ns", R"(["MST", "MSTZ"])",
         R"(eval_builtin_error: parsing time "MSTZ" as "MST": cannot parse "MSTZ" as "MST")"},
        {"yaml.unmarshal", R"(["?"])",
         "eval_builtin_error: unsupported map key of type: %!s(<nil>), key: <nil>, value: <nil>"},
        {"yaml.unmarshal", R"(["a: b: c"])",
         "eval_builtin_error: yaml: mapping values are not allowed in this context"},
        {"yaml.unmarshal", R"(["a: 1\nb: c: d"])",
         "eval_builtin_error: yaml: line 2: mapping values are not allowed in this context"},
        {"json.patch", R"([{"a": 1}, [{"op": "remove", "path": "/b"}]])",
         R"(eval_builtin_error: cannot delete child key "b" that does not exist)"},
        {"json.patch", R"([[1], [{"op": "add", "path": "/5", "value": 1}]])",
         "eval_builtin_error: index for array insertion out of bounds"},
        {"json.patch", R"([[1], [{"op": "replace", "path": "/-1", "value": 1}]])",
         "eval_builtin_error: index for array delete out of bounds"},
        {"json.patch", R"([[[1]], [{"op": "remove", "path": "/3/0"}]])",
         "eval_builtin_error: path 3 does not exist in array term [[1]]"},
        {"bits.lsh", "[1, 1000000000]", "eval_limit_error: more bits than memory is given for"},
        {"yaml.unmarshal", R"(["%YAML 1.2\n---\na: 1"])",
         "eval_builtin_error: yaml: found incompatible YAML document"},
        {"yaml.unmarshal", R"(["# c\n%YAML 1.2\n---\na: 1"])",
         "eval_builtin_error: yaml: line 1: found incompatible YAML document"},
        {"yaml.unmarshal", R"(["*x"])", "eval_builtin_error: yaml: unknown anchor 'x' referenced"},
        {"yaml.unmarshal", R"(["<<: v\n"])",
         "eval_builtin_error: yaml: map merge requires map or sequence of maps as the value"},
        {"io.jwt.encode_sign_raw", R"(["{}", "{}", "{\"keys\": []}z"])",
         "eval_builtin_error: jwk.Parse: failed to parse sole key: jwk.ParseKey: invalid key type "
         "from JSON ()"},
        {"io.jwt.encode_sign_raw", R"(["{}", "{}", ""])",
         "eval_builtin_error: jwk.Parse: failed to parse sole key: jwk.ParseKey: jwk.Parse: failed "
         "to probe data: probe: failed to unmarshal data: EOF"},
        {"io.jwt.encode_sign_raw",
         R"(["{}", "{}", "{\"keys\": [{\"kty\": \"oct\", \"alg\": \"x\"}]}"])",
         "eval_builtin_error: jwk.Parse: failed to unmarshal JWK set: failed to decode key #0 in "
         "\"keys\": jwk.ParseKey: failed to unmarshal JSON into key (*jwk.symmetricKey): failed to "
         "unmarshal JSON into key (*jwk.symmetricKey): failed to decode value for key alg: invalid "
         "key value: \"x\": invalid key algorithm"},
        {"io.jwt.encode_sign_raw",
         R"(["{\"alg\": \"\\q\"}", "{}", "{\"kty\": \"oct\", \"k\": \"YQ\"} z"])",
         R"(eval_builtin_error: unknown JWS algorithm: \q)"},
        {"io.jwt.encode_sign_raw", R"(["[", "{}", "{\"kty\": \"oct\", \"k\": \"YQ\"}"])",
         "eval_builtin_error: missing or invalid 'alg' header: cannot parse JSON: cannot parse "
         "array: missing ']'; unparsed tail: \"\""},
        {"regex.template_match", R"(["{[a}}", "", "{", "}"])",
         R"(eval_builtin_error: unbalanced braces in "{[a}}")"},
        {"glob.match", R"(["[a-]", [], "a"])",
         "eval_builtin_error: glob: syntax error at 4: unexpected end of input"},
        {"yaml.unmarshal", R"(["a: .inf"])", "eval_builtin_error: json: unsupported value: +Inf"},
        {"urlquery.decode_object", R"(["%zz&;"])",
         "eval_builtin_error: invalid semicolon separator in query"},
        {"rego.parse_module", R"(["", 1])",
         "eval_type_error: operand 1 must be string but got number"},
        {"max", "[[]]", "undefined"},
        {"json.patch", R"([{}, [{"op": "remove", "path": "a"}]])",
         R"(eval_builtin_error: cannot delete child key "a" that does not exist)"},
        {"json.patch",
         R"([{"a": [7]}, [{"op": "remove", "path": "a"}, {"op": "test", "path": "a/0"}]])",
         R"(eval_builtin_error: cannot unfold the already deleted composite node for key "a")"},
        {"json.patch", R"([{"a": [7]}, [{"op": "add", "path": "a/0", "value": 1},
                                        {"op": "test", "path": "a/2", "value": 1}]])",
         "eval_builtin_error: path 2 does not exist in array term [7]"},
        {"units.parse_bytes", R"(["1e400000EiB"])",
         "eval_limit_error: the number is too large to be written out"},
    };
    for (const Case& one : cases)
        EXPECT_EQ(answer(one.name, one.operands), one.expected) << one.name;
}

TEST(Term, reads_and_writes_sets_and_keys_of_any_kind) {
    Arena arena;
    Interner interner;
    value::Builder builder(arena, interner);
    const auto term = read_term(R"({ "a": {1, "b",}, [1]: set(), `r\n`: null, })", builder);
    ASSERT_TRUE(term.ok());
    EXPECT_EQ(term_text(term.value()), R"({"a": {1, "b"}, "r\\n": null, [1]: set()})");
    EXPECT_EQ(json_text(to_json(term.value(), builder)), R"({"[1]":[],"a":[1,"b"],"r\\n":null})");
    EXPECT_FALSE(read_term("[1", builder).ok());
    EXPECT_FALSE(read_term(std::string(1'000, '['), builder).ok());
}

}  // namespace
}  // namespace merlon::rego
