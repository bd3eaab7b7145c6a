#include <gtest/gtest.h>

#include "rego/syntax/format.h"
#include "rego/syntax/parser.h"
#include "rego/term.h"
#include "rego/watch/watcher.h"

namespace merlon::rego::watch {
namespace {

class Nobody : public EventListener {
  public:
    void heard(const Event& /*event*/) override {}
};

struct Asked {
    std::string_view query;
    std::string_view source = "package p";
    std::vector<std::string_view> unknowns = {"input"};
    std::vector<std::string_view> not_inlined = {};
    PartialOptions::Inline inlining = PartialOptions::Inline::kAll;
    std::string_view data = "{}";
};

// What is left, as it would be written: queries with "--" between them, then modules.
std::string residue(const Asked& asked) {
    Arena arena;
    Interner interner;
    value::Builder values(arena, interner);
    const auto module = syntax::parse_module(asked.source, arena, interner, {});
    const auto body = syntax::parse_query(asked.query, arena, interner, {});
    EXPECT_TRUE(module.errors.empty() && body.errors.empty());
    const compiler::SourceModule modules[] = {{"p.rego", module.module}};
    const compiler::SourceQuery queries[] = {{"q", body.body, compiler::QueryResult::kBindings}};
    compiler::Prepared prepared = compiler::prepare(modules, queries, {});
    EXPECT_TRUE(prepared.errors.empty());
    Library library(std::move(prepared));
    Nobody nobody;
    Watcher watcher(library, nobody, {});
    PartialOptions options;
    options.inlining = asked.inlining;
    for (const std::string_view text : asked.unknowns) {
        options.unknowns.push_back(syntax::parse_term(text, arena, interner).value());
    }
    for (const std::string_view text : asked.not_inlined) {
        options.not_inlined.push_back(syntax::parse_reference(text, arena, interner).value());
    }
    const Residue left =
        watcher.run_partially(0, std::nullopt, read_term(asked.data, values).value(), options);
    EXPECT_FALSE(left.error.has_value());
    std::string text;
    for (const syntax::Body query : left.queries) {
        if (!text.empty()) text += "--\n";
        text += syntax::format_made(query, arena).text;
    }
    for (syntax::Module* one : left.modules) {
        text += syntax::format_made(*one, syntax::RegoVersion::kV1, arena, interner).text;
    }
    return text;
}

TEST(Residue, keeps_what_depends_on_the_unknown_and_evaluates_the_rest) {
    EXPECT_EQ(residue({.query = "x = 1; input.a = x; 2 > 1"}), "input.a = 1\nx = 1\n");
    EXPECT_EQ(residue({.query = "1 > 2; input.a"}), "");
    EXPECT_EQ(residue({.query = "input.x = y; y[0] = z; z = 1; plus(z, 2, 3)"}),
              "input.x = y\ny[0] = 1\n3 = 1 + 2\nz = 1\n");
}

TEST(Residue, all_of_data_does_not_depend_on_what_the_engine_keeps_there) {
    EXPECT_EQ(
        residue(
            {.query = "x = data", .source = "package system\na := input.z", .data = R"({"k": 1})"}),
        "x = {\"k\": 1}\n");
    EXPECT_EQ(residue({.query = "x = data.system.a", .source = "package system\na := input.z"}),
              "x = input.z\n");
}

TEST(Residue, has_a_query_for_each_way_to_hold) {
    EXPECT_EQ(residue({.query = "data.p.allow",
                       .source = "package p\n"
                                 "allow if input.user == data.users[_]\n"
                                 "allow if input.admin\n",
                       .data = R"({"users": ["ann", "bob"]})"}),
              "input.user = \"ann\"\n--\ninput.user = \"bob\"\n--\ninput.admin\n");
}

TEST(Residue, writes_calls_of_functions_out) {
    EXPECT_EQ(residue({.query = "data.p.allow",
                       .source = "package p\n"
                                 "is_big(x) if x > data.least\n"
                                 "allow if is_big(input.size)\n",
                       .data = R"({"least": 7})"}),
              "input.size > 7\n");
}

TEST(Residue, makes_rules_of_a_document_that_has_a_default) {
    EXPECT_EQ(residue({.query = "data.p.allow",
                       .source = "package p\ndefault allow := false\nallow if input.a\n"}),
              "data.partial.p.allow\npackage partial.p\n\ndefault allow := false\n\n"
              "allow if input.a\n");
}

TEST(Residue, leaves_out_of_the_query_what_is_not_to_be_inlined) {
    const Asked asked{.query = "data.p.a",
                      .source = "package p\na if b\nb if input.x\n",
                      .not_inlined = {"data.p.b"}};
    EXPECT_EQ(residue(asked), "data.partial.p.b\npackage partial.p\n\nb if input.x\n");
}

TEST(Residue, negates_each_expression_that_is_left) {
    EXPECT_EQ(
        residue({.query = "not data.p.b", .source = "package p\nb if { input.x; input.y = 1 }\n"}),
        "not input.x\n--\nnot input.y = 1\n");
}

TEST(Residue, keeps_entries_apart_whose_keys_are_composite) {
    const std::string_view source =
        "package p\nw[1] := 2\nw[{\"a\": 1}] := 3\nw[{\"a\": 2}] := 4\n"
        "z.y[{1}] contains 1\nz.y[{2}] contains 2\n";
    EXPECT_EQ(residue({.query = "data.p.w = x", .source = source}),
              "x = {1: 2, {\"a\": 1}: 3, {\"a\": 2}: 4}\n");
    EXPECT_EQ(residue({.query = "data.p.z = x", .source = source}),
              "x = {\"y\": {{1}: {1}, {2}: {2}}}\n");
}

TEST(Residue, knows_a_set_whose_elements_are_unknown) {
    EXPECT_EQ(residue({.query = "data.p.s[input.x]",
                       .source = "package p\ns contains x if { x := input.ys[i]; x > i }\n"}),
              "input.x = input.ys[i1]\ninput.x > i1\ninput.x\n");
}

TEST(Residue, looks_once_at_rules_that_may_need_each_other) {
    EXPECT_EQ(residue({.query = "data.p.w",
                       .source = "package p\ny := data.q.s\nw := data.p[q] if q := \"y\"\n",
                       .unknowns = {"data.q"}}),
              "data.q.s\n");
    EXPECT_EQ(residue({.query = "data.p.w",
                       .source = "package p\ny := 1\nw := data.p[q] if q := \"y\"\n",
                       .unknowns = {"data.q"}}),
              "");
}

TEST(Residue, evaluates_every_over_a_known_collection) {
    EXPECT_EQ(residue({.query = "data.p.a",
                       .source = "package p\na if every x in [1, 2] { input.n > x }\n"}),
              "input.n > 1\ninput.n > 2\n");
}

}  // namespace
}  // namespace merlon::rego::watch
