#include "exchange/codeowners.h"

#include <gtest/gtest.h>

#include "base/joined.h"

namespace merlon::exchange {
namespace {

std::string owners(std::string_view file, std::string_view path) {
    const auto parsed = CodeOwners::parse(file);
    EXPECT_TRUE(parsed.ok());
    return parsed.ok() ? joined(parsed.value().owners_of(path), " ") : "";
}

TEST(CodeOwners, patterns_are_those_that_github_documents) {
    const struct {
        std::string_view line, path;
        bool is_owned;
    } cases[] = {
        {"* @a", "x/y.c", true},
        {"*.js @a", "deep/x.js", true},
        {"*.js @a", "x.ts", false},
        {"/build/logs/ @a", "build/logs/today/x", true},
        {"/build/logs/ @a", "other/build/logs/x", false},
        {"/build/logs/ @a", "build/logs", false},
        {"docs/* @a", "docs/start.md", true},
        {"docs/* @a", "docs/build/trouble.md", false},
        {"apps/ @a", "deep/apps/x/y", true},
        {"/docs/ @a", "docs/x", true},
        {"/docs/ @a", "a/docs/x", false},
        {"**/logs @a", "deep/logs/x", true},
        {"**/logs @a", "logs/x", true},
        {"/apps/github @a", "apps/github/x", true},
        {"/apps/github @a", "apps/github", true},
        {"/apps/git*b @a", "apps/github/x", true},
        {"path\\ with/ @a", "path with/x", true},
        {"README @a", "docs/README", true},
        {"/ @a", "x/y", true},
        {"src/**/test @a", "src/a/b/test/x", true},
    };
    for (const auto& c : cases)
        EXPECT_EQ(owners(c.line, c.path), c.is_owned ? "a" : "") << c.line << " " << c.path;
}

TEST(CodeOwners, the_last_line_that_matches_decides) {
    constexpr std::string_view kFile =
        "# comment\n* @acme/all\n/apps/ @octocat dev@example.com # why\n/apps/free\n";
    EXPECT_EQ(owners(kFile, "x"), "acme/all");
    EXPECT_EQ(owners(kFile, "apps/x"), "octocat dev@example.com");
    EXPECT_EQ(owners(kFile, "apps/free/x"), "");
}

TEST(CodeOwners, sections_of_gitlab_are_joined) {
    constexpr std::string_view kFile =
        "* @all\n[Docs][2] @writers\ndocs/\n*.md @ana\n^[Optional]\n*.md @bob\n[docs]\nREADME.md "
        "@eve\n"
        "!docs/generated.md\n";
    EXPECT_EQ(owners(kFile, "docs/x.txt"), "all writers");
    EXPECT_EQ(owners(kFile, "docs/x.md"), "all ana bob");
    EXPECT_EQ(owners(kFile, "README.md"), "all eve bob");
    EXPECT_EQ(owners(kFile, "docs/generated.md"), "all bob");
    EXPECT_EQ(owners(kFile, "x.c"), "all");
}

TEST(CodeOwners, lines_that_mean_nothing_are_told) {
    const auto parsed = CodeOwners::parse("[a-z].c @a\nx.c payments\n");
    ASSERT_TRUE(parsed.ok());
    ASSERT_EQ(parsed.value().defects().size(), 2u);
    EXPECT_EQ(parsed.value().defects()[0].line, 1u);
    EXPECT_EQ(parsed.value().defects()[1].line, 2u);
    EXPECT_EQ(joined(parsed.value().owners_of("x.c"), " "), "");
}

TEST(CodeOwners, a_byte_order_mark_is_no_part_of_the_first_pattern) {
    EXPECT_EQ(owners("\xEF\xBB\xBF*.c @a", "x.c"), "a");
}

TEST(CodeOwners, a_negation_without_sections_takes_nothing_away_and_is_told) {
    const auto parsed = CodeOwners::parse("*.py @a\n!x.py @b\n");
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(joined(parsed.value().owners_of("x.py"), " "), "a");
    ASSERT_EQ(parsed.value().defects().size(), 1u);
    EXPECT_EQ(parsed.value().defects()[0].line, 2u);
}

}  // namespace
}  // namespace merlon::exchange
