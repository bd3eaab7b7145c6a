#include "model/fingerprint.h"

#include <gtest/gtest.h>

namespace merlon::model {
namespace {

TEST(Fingerprint, survives_white_space_and_differs_by_rule_context_and_occurrence) {
    const auto print = [](std::string_view rule, std::string_view context, std::uint32_t n) {
        return context_fingerprint(rule, context, n).value;
    };
    const std::string base = print("rule", "token = \"****\"", 0);
    EXPECT_EQ(base, print("rule", "\t token=\"****\"\r\n", 0));
    EXPECT_NE(base, print("other", "token = \"****\"", 0));
    EXPECT_NE(base, print("rule", "key = \"****\"", 0));
    EXPECT_NE(base, print("rule", "token = \"****\"", 1));
    EXPECT_EQ(base.size(), 32u);
}

TEST(Mask, shows_no_more_than_a_fifth_and_hides_the_length) {
    EXPECT_EQ(mask_secret(""), "");
    EXPECT_EQ(mask_secret("abc"), "***");
    EXPECT_EQ(mask_secret("abcdefghij"), "ab********");
    EXPECT_EQ(mask_secret(std::string(40, 'x')), "xxxx********");
    EXPECT_EQ(mask_secret(std::string(400, 'x')), mask_secret(std::string(40, 'x')));
}

TEST(SecretId, is_keyed) {
    EXPECT_EQ(secret_id("k", "s"), secret_id("k", "s"));
    EXPECT_NE(secret_id("k", "s"), secret_id("l", "s"));
    EXPECT_NE(secret_id("k", "s"), secret_id("k", "t"));
}

TEST(LineHash, looks_at_the_first_characters_that_are_no_blanks) {
    EXPECT_EQ(line_hash("a b", 1), line_hash("ab", 1));
    EXPECT_NE(line_hash("ab", 1), line_hash("ab", 2));
    EXPECT_EQ(line_hash(std::string(100, 'x') + "tail", 1), line_hash(std::string(100, 'x'), 1));
}

}  // namespace
}  // namespace merlon::model
