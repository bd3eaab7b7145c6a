#include "rego/glob_pattern.h"

#include <gtest/gtest.h>

namespace merlon::rego {
namespace {

TEST(GlobPattern, matches_whole_texts_and_stops_at_separators) {
    const struct {
        std::string_view glob;
        std::u32string_view separators;
        std::string_view text;
        bool matches;
    } cases[] = {
        {"*.b{c,d}", U".", "a.bd", true},
        {"*.b{c,d}", U".", "a.x.bd", false},
        {"**.b{c,d}", U".", "a.x.bd", true},
        {"a{,b,c*d}e", U"", "ae", true},
        {"a{,b,c*d}e", U"", "acxxde", true},
        {"{a{b,c},d}", U"", "ac", true},
        {"{a{b,c},d}", U"", "ad", false},
        {"[!a-c]?", U"/", "dx", true},
        {"[!a-c]?", U"/", "d/", false},
        {"[abc]\\*", U"", "b*", true},
        {"[a\\]]", U"", "]", true},
        {"a,b}", U"", "a,b}", true},
        {"?", U"", "\xC3\xA9", true},
        {"?", U"", "\xFF", true},               // a wrong byte is a character
        {"[\xEF\xBF\xBD]", U"", "\xFF", true},  // U+FFFD to a class
        {"\xEF\xBF\xBD", U"", "\xFF", false},   // and not to a literal
        {"*?", U"", "\x80\x80", true},
        {"", U"", "", true},
        {"*", U"", "", true},
    };
    for (const auto& c : cases) {
        const auto made = GlobPattern::compile(c.glob, c.separators);
        ASSERT_TRUE(made.ok()) << c.glob;
        EXPECT_EQ(made.value().matches(c.text), c.matches) << c.glob << " " << c.text;
    }
}

TEST(GlobPattern, says_where_it_is_wrong) {
    const struct {
        std::string_view glob, message;
    } cases[] = {
        {"{a,b", "glob: syntax error at 4: unclosed `{`"},
        {"[a-]", "glob: syntax error at 4: unexpected end of input"},
        {"[]", "glob: syntax error at 2: could not parse range"},
        {"[z-a]", "glob: syntax error at 5: range hi character is less than lo"},
        {"[a-bc]", "glob: syntax error at 5: expected close range character"},
        {"[a\\", "glob: syntax error at 3: unexpected end of input"},
        {"a\\", "glob: syntax error at 2: trailing backslash"},
        {"a\xFF", "glob: syntax error at 1: invalid UTF-8 sequence"},
    };
    for (const auto& c : cases) {
        const auto made = GlobPattern::compile(c.glob, U"");
        ASSERT_FALSE(made.ok()) << c.glob;
        EXPECT_EQ(made.error().message, c.message);
    }
}

TEST(GlobPattern, many_stars_take_no_longer_than_the_text_times_the_glob) {
    std::string glob;
    for (int i = 0; i < 200; ++i) glob += "*a{b,c*}";
    const std::string text(5'000, 'a');
    EXPECT_FALSE(GlobPattern::compile(glob, U"").value().matches(text));
}

}  // namespace
}  // namespace merlon::rego
