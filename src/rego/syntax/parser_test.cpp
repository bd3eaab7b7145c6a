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
}

}  // namespace
}  // namespace merlon::rego::syntax
