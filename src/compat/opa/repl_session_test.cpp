#include "compat/opa/run.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compat/opa/fixed_clock_test.h"

namespace merlon::compat::opa {
namespace {

// What a conversation answers, with its words on the way.
std::string answers(const std::string& said) {
    const FixedClock clock;
    std::string output;
    Outside outside;
    outside.variable = [](const std::string&) { return std::optional<std::string>(); };
    outside.write_output = [&output](std::string_view text) {
        output += text;
        return Status();
    };
    outside.write_error = [&output](std::string_view text) { output += text; };
    outside.read_input = [&said] { return Result<std::string>(said); };
    outside.clock = &clock;
    EXPECT_EQ(opa::run({"repl"}, outside), 0);
    return output;
}

TEST(ReplSession, defines_and_asks) {
    EXPECT_EQ(answers("x := 1\nx\nx = 1\nx = 2\nx := 3\nx\n"),
              "Rule 'x' defined in package repl. Type 'show' to see rules.\n1\ntrue\nundefined\n"
              "Rule 'x' re-defined in package repl. Type 'show' to see rules.\n3\n");
    EXPECT_EQ(answers("y = 1; y == 1\n"), "┌───┐\n│ y │\n├───┤\n│ 1 │\n└───┘\n");
    EXPECT_EQ(answers("data.repl.z = 1\n"), "undefined\n");
}

TEST(ReplSession, what_does_not_parse_waits_for_an_empty_line) {
    EXPECT_EQ(answers("p if {\n  1 == 1\n}\n\np\n"),
              "Rule 'p' defined in package repl. Type 'show' to see rules.\ntrue\n");
    const std::string broken = answers("1 +\n\n2\n");
    EXPECT_NE(broken.find("rego_parse_error"), std::string::npos) << broken;
    EXPECT_TRUE(broken.ends_with("\n2\n")) << broken;
    // What is left at the end is not passed over.
    EXPECT_NE(answers("[1,").find("rego_parse_error"), std::string::npos);
}

TEST(ReplSession, packages_have_rules_imports_and_the_input) {
    EXPECT_EQ(answers("package repl.input\nparams = {\"a\": 1}\npackage q\nimport input.params\n"
                      "params.a\ninput\nshow\n"),
              "Rule 'params' defined in package repl.input. Type 'show' to see rules.\n1\n"
              "{\n  \"params\": {\n    \"a\": 1\n  }\n}\npackage q\n\nimport input.params\n");
    EXPECT_EQ(answers("a.b := 1\na.c := 2\nunset a.b\na\nunset-package repl\nshow\n"),
              "Rule 'a.b' defined in package repl. Type 'show' to see rules.\n"
              "Rule 'a.c' defined in package repl. Type 'show' to see rules.\n"
              "{\n  \"c\": 2\n}\nno rules defined\n");
}

TEST(ReplSession, words_are_refused_where_they_are_wrong) {
    EXPECT_EQ(answers("unset\n"),
              "code bad arguments: unset <ref>: expects exactly one argument\n");
    EXPECT_EQ(answers("unset z\n"), "warning: no matching rules in current module\n");
    EXPECT_EQ(answers("trace x\n"),
              "invalid explain mode, expected one of: off, full, notes, fails, debug\n");
    EXPECT_EQ(answers("pretty-limit x\n"), "strconv.ParseInt: parsing \"x\": invalid syntax\n");
    EXPECT_EQ(answers("target wasm\n"), "error: target is not served\n");
    EXPECT_EQ(answers("JSON\n1 == 2\ndump\n").substr(0, 12), "{\n  \"result\"");
}

}  // namespace
}  // namespace merlon::compat::opa
