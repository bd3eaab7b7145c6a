#include "match/ecma.h"

#include <gtest/gtest.h>

#include "match/regex.h"

namespace merlon::match {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
    const Result<Regex> regex = Regex::compile(from_ecma(pattern));
    EXPECT_TRUE(regex.ok()) << pattern << ": " << regex.error().message;
    return regex.ok() && regex.value().is_match(text);
}

TEST(Ecma, what_both_write_alike_stays) {
    for (const auto* pattern : {"^a[^b]*(?:c|d)+?$", "\\d{2,3}\\.\\w", "[\\]\\\\]x", "a\\"}) {
        EXPECT_EQ(from_ecma(pattern), pattern);
    }
}

TEST(Ecma, white_space_is_unicode) {
    EXPECT_TRUE(matches("^\\s$", "\xC2\xA0"));
    EXPECT_TRUE(matches("^\\s$", "\xE2\x80\xA9"));
    EXPECT_FALSE(matches("^\\S$", "\xC2\xA0"));
    EXPECT_TRUE(matches("^[a\\s]+$", "a\xC2\xA0\v"));
}

TEST(Ecma, control_letters_properties_and_code_units) {
    EXPECT_TRUE(matches("^\\cC$", "\x03"));
    EXPECT_TRUE(matches("^\\cc$", "\x03"));
    EXPECT_TRUE(matches("^\\p{Letter}+$", "a\xC3\xA9"));
    EXPECT_FALSE(matches("^\\p{Letter}+$", "1"));
    EXPECT_TRUE(matches("^\\p{Script=Greek}$", "\xCE\xB1"));
    EXPECT_TRUE(matches("^\\u00e9\\/[[]$", "\xC3\xA9/["));
}

}  // namespace
}  // namespace merlon::match
