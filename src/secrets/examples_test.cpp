#include "secrets/examples.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace merlon::secrets {
namespace {

TEST(Examples, generators_make_as_many_characters_of_their_alphabet) {
    const std::string text = expand_example("a={hex:40};{digits:3};{repeat:x:4}", "rule").value();
    ASSERT_EQ(text.size(), 2u + 40 + 1 + 3 + 1 + 4);
    EXPECT_EQ(text.substr(2, 40).find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(text.ends_with(";xxxx"));
}

TEST(Examples, are_the_same_each_time_and_differ_between_rules) {
    EXPECT_EQ(expand_example("{alnum:20}", "a").value(), expand_example("{alnum:20}", "a").value());
    EXPECT_NE(expand_example("{alnum:20}", "a").value(), expand_example("{alnum:20}", "b").value());
}

TEST(Examples, double_braces_are_plain_ones) {
    EXPECT_EQ(expand_example("{{\"a\": {digits:0}1}}", "r").value(), "{\"a\": 1}");
}

TEST(Examples, a_checksum_is_over_the_random_part) {
    const std::string text = expand_example("{crc32-base62:pre_:30}", "r").value();
    ASSERT_EQ(text.size(), 40u);
    std::uint64_t sum = 0;
    for (const char c : text.substr(34)) {
        const auto value = c <= '9' ? c - '0' : c <= 'Z' ? c - 'A' + 10 : c - 'a' + 36;
        sum = sum * 62 + static_cast<std::uint64_t>(value);
    }
    EXPECT_EQ(sum, crc32(text.substr(4, 30)));
}

TEST(Examples, an_unknown_generator_is_named) {
    EXPECT_EQ(expand_example("x{nothing:3}", "r").error().offset, 1u);
    EXPECT_FALSE(expand_example("{hex:}", "r").ok());
    EXPECT_FALSE(expand_example("{hex:3", "r").ok());
    EXPECT_EQ(expand_example("${NAME}", "r").value(), "${NAME}") << "no generator, so text";
}

}  // namespace
}  // namespace merlon::secrets
