#include "compat/opa/shell_commands.h"

#include <gtest/gtest.h>

namespace merlon::compat::opa {
namespace {

std::string joined(std::string_view text) {
    const auto commands = shell_commands(text);
    if (!commands.ok()) return "error";
    std::string out;
    for (const ShellCommand& command : commands.value()) {
        out += "[";
        for (const std::string& word : command) out += word + "|";
        out += "]";
    }
    return out;
}

TEST(ShellCommands, are_cut_where_the_shell_cuts_them) {
    EXPECT_EQ(joined("apt update; apt install -y x"), "[apt|update|][apt|install|-y|x|]");
    EXPECT_EQ(joined("a && b || c | d & e\nf"), "[a|][b|][c|][d|][e|][f|]");
    EXPECT_EQ(joined("a \\\n  b"), "[a|b|]");
    EXPECT_EQ(joined(""), "");
    EXPECT_EQ(joined("a # b; c"), "[a|]");
}

TEST(ShellCommands, keep_quotes_and_expansions_as_they_are_written) {
    EXPECT_EQ(joined(R"(echo "a;b" 'c && d' ${e} f\ g)"), R"([echo|"a;b"|'c && d'|${e}|f\ g|])");
    EXPECT_EQ(joined("a $(b c) `d`"), "[a|$(b c)|`d`|][b|c|][d|]");
    EXPECT_EQ(joined("a $((1 + 2))"), "[a|$((1 + 2))|]");
}

TEST(ShellCommands, have_no_redirections_and_no_assignments) {
    EXPECT_EQ(joined("A=1 B=2 make >log 2>&1 <in x=y"), "[make|x=y|]");
    EXPECT_EQ(joined("A=1"), "");
}

TEST(ShellCommands, stand_inside_of_compound_commands) {
    EXPECT_EQ(joined("if a; then b; else c; fi"), "[a|][b|][c|]");
    EXPECT_EQ(joined("(a; b) && { c; }"), "[a|][b|][c|]");
}

TEST(ShellCommands, what_is_not_closed_is_an_error) {
    for (const std::string_view text : {"a 'b", "a \"b", "a $(b", "a `b", "a ${b"}) {
        EXPECT_EQ(joined(text), "error") << text;
    }
    std::string deep = "a";
    for (int i = 0; i < 100; ++i) deep = "$(" + deep + ")";
    EXPECT_EQ(joined(deep), "error");
}

}  // namespace
}  // namespace merlon::compat::opa
