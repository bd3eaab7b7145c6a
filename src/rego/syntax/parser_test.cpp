#include "rego/syntax/parser.h"

#include <gtest/gtest.h>

#include "rego/syntax/json.h"

namespace merlon::rego::syntax {
namespace {

struct Parsed {
    Arena arena;
    Interner interner;
    ParsedModule module;

    explicit Parsed(std::string_view source, const ParseOptions& options = {})
        : module(parse_module(source, arena, interner, options)) {}
};

std::string errors_of(std::string_view source, const ParseOptions& options = {}) {
    const Parsed parsed(source, options);
    std::string text;
    for (const SyntaxError& error : parsed.module.errors)
        text += std::to_string(error.row) + ":" + std::to_string(error.column) + " " +
                error.message + "\n";
    return text;
}

TEST(Parser, reads_a_rule_of_v1) {
    const Parsed parsed("package a.b\n\np := x if {\n\tx := input.y[_]\n\tx > 1\n}\n");
    ASSERT_NE(parsed.module.module, nullptr) << to_string(parsed.module.errors, "");
    ASSERT_EQ(parsed.module.module->rules.size(), 1u);
    EXPECT_EQ(parsed.module.module->rules[0]->body.size(), 2u);
}

TEST(Parser, asks_for_if_in_v1_and_not_in_v0) {
    constexpr std::string_view kSource = "package a\np { true }";
    EXPECT_EQ(errors_of(kSource), "2:1 `if` keyword is required before rule body\n");
    EXPECT_EQ(errors_of(kSource, {.version = RegoVersion::kV0}), "");
}

TEST(Parser, stops_at_its_depth) {
    const std::string source = "package a\np := " + std::string(100'000, '[');
    EXPECT_NE(errors_of(source).find("max parsing recursion depth exceeded"), std::string::npos);
    // Bodies inside of bodies have fewer.
    std::string bodies = "package a\np if { ";
    for (int i = 0; i < 1'200; ++i) bodies += "every x in [1] { ";
    EXPECT_NE(errors_of(bodies).find("max parsing recursion depth exceeded"), std::string::npos);
    // Once, and with what stands around the place alone.
    const Parsed parsed(source);
    EXPECT_EQ(parsed.module.errors.size(), 1u);
    const std::string text = to_string(parsed.module.errors, "p.rego");
    EXPECT_LT(text.size(), 500u);
    EXPECT_NE(text.find("\n\t..."), std::string::npos) << text;
    EXPECT_NE(text.find('^'), std::string::npos) << text;
}

TEST(Parser, points_at_the_place_in_a_long_line) {
    const Parsed parsed("package a\np := [\"" + std::string(5'000, 'x') + "\", @, " +
                        std::string(5'000, ' ') + "1]\n");
    ASSERT_FALSE(parsed.module.errors.empty());
    const std::string text = parsed.module.errors[0].to_string("p.rego");
    const std::size_t line = text.find("\n\t") + 2;
    const std::size_t below = text.find("\n\t", line) + 2;
    EXPECT_EQ(text[line + text.find('^', below) - below], '@') << text;
}

TEST(Parser, says_what_is_wrong_in_the_words_of_opa) {
    constexpr RegoVersion v0 = RegoVersion::kV0;
    constexpr RegoVersion v1 = RegoVersion::kV1;
    const struct {
        RegoVersion version;
        std::string_view source, errors;
    } cases[] = {
        {v1, "package a\np := 01",
         "2:6 unexpected number token: expected number without leading zero\n2:6 unexpected number "
         "token: expected rule value term (e.g., p := <VALUE> { ... })\n"},
        {v1, "package a\np if { x, y in xs", "2:17 unexpected eof token: expected \\n or ; or }\n"},
        {v0, "package a\np { some x in xs }",
         "2:12 unexpected identifier token: expected \\n or ; or } (hint: `import "
         "future.keywords.in` for `some x in xs` expressions)\n"},
        {v0, "package a\np if { true }",
         "2:1 var cannot be used for rule name (hint: `import future.keywords.if` for `p if { ... "
         "}` rules)\n"},
        {v1, "package a\nimport future.keywords.foo",
         "2:8 unexpected keyword, must be one of [and contains every if in not or]\n"},
        {v1, "import data.x", "1:1 package expected\n"},
        {v1, "package a\np := {1: 2, 3}",
         "2:14 unexpected } token: expected \":\"\n2:14 unexpected } token: expected rule value "
         "term (e.g., p := <VALUE> { ... })\n"},
        {v1, "package a\np := \"\\q\"",
         "2:6 illegal escape sequence\n2:6 illegal token\n2:6 illegal token\n"},
        {v1, "package a\np := $\"{x := 1}\"",
         "2:9 unexpected assignment (':=') in template-string expression\n2:15 unexpected } token: "
         "expected rule value term (e.g., p := <VALUE> { ... })\n"},
        {v1, "package a\nimport future.keywords.and\np if { x with input as 1 and y }",
         "3:10 `with` modifier is not allowed on operand of `and` (hint: Wrap the operand in "
         "`(...)` or `{...}` to scope, or move `with` after the `and` expression to apply it to "
         "the whole expression)\n"},
        {v1, "package a\ndefault p := x", "2:1 illegal default rule (value cannot contain var)\n"},
        {v1, "package a\nevery := 1", "2:1 every keyword cannot be used for rule name\n"},
        {v1, "package a\np[x] = 1 { true } else = 2",
         "2:19 else keyword cannot be used on rules with variables in head\n"},
        {v1, "package a\n# METADATA\n# scope: nowhere\np := 1",
         "2:1 invalid annotation scope 'nowhere'. Use one of 'rule', 'document', 'package', or "
         "'subpackages'\n"},
        {v1, "package a\n# METADATA\n# title: [x]\n# entrypoint: maybe\np := 1",
         "4:1 yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string\n  line 2: "
         "cannot unmarshal !!str `maybe` into bool\n"},
        {v1, "package a\n# METADATA\n# custom:\n#   1: x\n#   [a]: b\np := 1",
         "5:1 yaml: unmarshal errors:\n  line 3: cannot unmarshal !!seq into string\n"},
        {v1, "package a\n# METADATA\n# authors:\n# - 1\np := 1",
         "2:1 invalid author definition %!s(int=1): invalid value type, must be string or map\n"},
        {v1, "", "0:0 empty module\n"},
        {v1, "package a\np contains x := 1", "2:14 unexpected assign token\n"},
        {v1, "package a\nimport foo.bar",
         "2:8 unexpected import path, must begin with one of: {data, future, input, rego}, got: "
         "foo (hint: if this is unexpected, try updating OPA)\n"},
        {v1, "package a\nq if x y", "2:8 var cannot be used for rule name\n"},
        {v1, "package a\np := 1e999999",
         "2:6 number too big\n2:6 unexpected number token: expected rule value term (e.g., p := "
         "<VALUE> { ... })\n"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(errors_of(c.source, {.version = c.version, .annotations = ReadAnnotations::kYes}),
                  c.errors)
            << c.source;
    }
}

TEST(Parser, knows_chained_bodies_and_else_of_v0) {
    const Parsed parsed("package a\np(_) = 1 { x } { y } \nq { z } else = 2 { w }",
                        {.version = RegoVersion::kV0});
    ASSERT_NE(parsed.module.module, nullptr) << to_string(parsed.module.errors, "");
    const auto rules = parsed.module.module->rules;
    ASSERT_EQ(rules.size(), 3u);
    EXPECT_NE(rules[0]->head->arguments[0]->text, rules[1]->head->arguments[0]->text);
    EXPECT_EQ(rules[2]->otherwise->head->value->text, "2");
}

TEST(Parser, gives_annotations_to_the_rules_below) {
    const Parsed parsed(
        "# METADATA\n# title: all\npackage a\n# METADATA\n# title: one\n# authors:\n# - A B "
        "<a@b.c>\n# custom:\n#   n: 1.50\n#   whole: 1.0\n#   large: 12345678901234567890\n"
        "#   larger: 123456789012345678901234567890\n#   small: 1.0e-7\np := 1\n",
        {.annotations = ReadAnnotations::kYes});
    ASSERT_NE(parsed.module.module, nullptr) << to_string(parsed.module.errors, "");
    const Module& module = *parsed.module.module;
    ASSERT_EQ(module.annotations.size(), 2u);
    EXPECT_EQ(module.annotations[0]->scope, "package");
    ASSERT_EQ(module.rules[0]->annotations.size(), 1u);
    const Annotations& annotations = *module.rules[0]->annotations[0];
    EXPECT_EQ(annotations.title, "one");
    EXPECT_EQ(annotations.authors[0].name, "A B");
    EXPECT_EQ(annotations.authors[0].email, "a@b.c");
    EXPECT_EQ(annotations.custom->find("n")->number_text(), "1.5");
    EXPECT_EQ(annotations.custom->find("whole")->number_text(), "1");
    EXPECT_EQ(annotations.custom->find("large")->number_text(), "12345678901234567890");
    EXPECT_EQ(annotations.custom->find("larger")->number_text(), "1.2345678901234568e+29");
    EXPECT_EQ(annotations.custom->find("small")->number_text(), "1e-7");
}

TEST(Parser, reads_the_first_document_of_annotations_and_writes_its_times_as_json_does) {
    const Parsed parsed(
        "package a\n# METADATA\n#   title: one\n#   custom:\n#     d: 2001-1-2\n#     q: "
        "\"2001-01-02\"\n"
        "#     t: [2001-12-14t21:59:43.10-05:00, 2001]\n#  bar: what stands less deep is behind "
        "it\np := 1\n",
        {.annotations = ReadAnnotations::kYes});
    ASSERT_NE(parsed.module.module, nullptr) << to_string(parsed.module.errors, "");
    const Annotations& annotations = *parsed.module.module->rules[0]->annotations[0];
    EXPECT_EQ(annotations.title, "one");
    EXPECT_EQ(annotations.custom->find("d")->as_string(), "2001-01-02T00:00:00Z");
    EXPECT_EQ(annotations.custom->find("q")->as_string(), "2001-01-02");
    const value::Value times = *annotations.custom->find("t");
    EXPECT_EQ(times.items()[0].as_string(), "2001-12-14T21:59:43.1-05:00");
    EXPECT_EQ(times.items()[1].number_text(), "2001");
}

TEST(Parser, reads_a_query_and_a_reference_alone) {
    Arena arena;
    Interner interner;
    const ParsedQuery query =
        parse_query("x := 1; y = x\ndata.a[_]", arena, interner, {.rules = ReadRules::kNo});
    EXPECT_TRUE(query.errors.empty());
    EXPECT_EQ(query.body.size(), 3u);
    EXPECT_TRUE(parse_reference("data.a[\"b c\"]", arena, interner).ok());
    EXPECT_FALSE(parse_reference("1", arena, interner).ok());
}

TEST(Parser, ends_where_trying_again_would_never) {
    std::string source = "package a\np := ";
    for (int i = 0; i < 200; ++i) source += "{1 + {2 | ";
    EXPECT_NE(errors_of(source), "");
}

}  // namespace
}  // namespace merlon::rego::syntax
