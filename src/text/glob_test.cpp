#include "text/glob.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

TEST(Glob, stars_stay_inside_a_folder_unless_doubled) {
    const struct {
        std::string_view pattern, path;
        bool matches;
    } cases[] = {
        {"*.txt", "a.txt", true},
        {"*.txt", "b/a.txt", false},
        {"**/*.txt", "a.txt", true},
        {"**/*.txt", "b/c/a.txt", true},
        {"a/**", "a/b/c", true},
        {"a/**", "a", false},
        {"a/**/b", "a/b", true},
        {"a/**/b", "a/x/y/b", true},
        {"a/**/b", "a/x/bb", false},
        {"a?c", "abc", true},
        {"a?c", "a/c", false},
        {"[a-c]x", "bx", true},
        {"[!a-c]x", "bx", false},
        {"[]]", "]", true},
        {"[[:digit:]x]", "7", true},
        {"[[:digit:]x]", "x", true},
        {"[![:alpha:]]", "a", false},
        {"[[:nothing:]]", "n", false},
        {"[[:a]", ":", true},  // no name of a class: its characters
        {"[", "[", false},     // not closed
        {"a\\", "a\\", false},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"a*b*c", "a1b2b3c", true},
        {"a*b*c", "a1c", false},
        {"**/x/**/y", "1/x/2/x/3/y", true},
        {"", "", true},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(glob_matches(c.pattern, c.path), c.matches) << c.pattern << ' ' << c.path;
    }
}

TEST(Glob, many_stars_take_no_exponential_time) {
    std::string pattern;
    for (int i = 0; i < 50; ++i) pattern += "*a";
    EXPECT_FALSE(glob_matches(pattern + "b", std::string(5000, 'a')));
}

TEST(IgnoreRules, the_last_matching_rule_decides) {
    const auto rules =
        IgnoreRules::parse("# comment\n*.log\n!keep.log\n/build/\ndocs/*.pdf\nspace\\ \n");
    EXPECT_EQ(rules.verdict("a/b.log", EntryKind::kFile), IgnoreVerdict::kIgnored);
    EXPECT_EQ(rules.verdict("a/keep.log", EntryKind::kFile), IgnoreVerdict::kKept);
    EXPECT_EQ(rules.verdict("build", EntryKind::kDirectory), IgnoreVerdict::kIgnored);
    EXPECT_EQ(rules.verdict("build", EntryKind::kFile), IgnoreVerdict::kUndecided);
    EXPECT_EQ(rules.verdict("a/build", EntryKind::kDirectory), IgnoreVerdict::kUndecided);
    EXPECT_EQ(rules.verdict("docs/a.pdf", EntryKind::kFile), IgnoreVerdict::kIgnored);
    EXPECT_EQ(rules.verdict("x/docs/a.pdf", EntryKind::kFile), IgnoreVerdict::kUndecided);
    EXPECT_EQ(rules.verdict("space ", EntryKind::kFile), IgnoreVerdict::kIgnored);
}

TEST(Glob, a_defect_says_why_nothing_matches) {
    for (const std::string_view pattern : {"*.zip", "[a-z]/x", "[]]", "[!]]", "\\[", "[\\]]", ""}) {
        EXPECT_EQ(glob_defect(pattern), "") << pattern;
    }
    for (const std::string_view pattern : {"[", "[]", "a[bc", "[!]", "[\\]", "[[:no:]]", "a\\"}) {
        EXPECT_NE(glob_defect(pattern), "") << pattern;
    }
}

TEST(IgnoreRules, what_git_makes_of_rare_patterns) {
    const auto of = [](std::string_view rule, std::string_view path, EntryKind kind) {
        return IgnoreRules::parse(rule).verdict(path, kind) == IgnoreVerdict::kIgnored;
    };
    // What stands before the first wildcard is compared by itself, so `**` begins a pattern here.
    EXPECT_TRUE(of("/b**/x", "bc/d/x", EntryKind::kFile));
    EXPECT_TRUE(of("b**//**", "b/1", EntryKind::kFile));
    EXPECT_TRUE(of("A***/**", "A", EntryKind::kDirectory));
    EXPECT_FALSE(of("a/**", "a", EntryKind::kDirectory));
    // More than two stars are two; an escaped slash behind them takes at least one folder.
    EXPECT_TRUE(of("**/?*/***/z", "a/b/c/z", EntryKind::kFile));
    EXPECT_TRUE(of("**\\/x", "a/b/x", EntryKind::kFile));
    EXPECT_FALSE(of("**\\/x", "x", EntryKind::kFile));
    EXPECT_FALSE(of("[!][[:no:]]", "1", EntryKind::kFile));
    EXPECT_FALSE(of("[![::]]", "1", EntryKind::kFile));
    EXPECT_TRUE(of("[c-a]", "c", EntryKind::kFile));
    EXPECT_FALSE(of("[c-a]", "b", EntryKind::kFile));
}

}  // namespace
}  // namespace merlon::text
