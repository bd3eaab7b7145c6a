#include "model/fingerprint.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

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

TEST(Mask, shows_nothing_of_a_short_secret_little_of_a_long_one_and_never_the_length) {
    EXPECT_EQ(mask_secret(""), "");
    EXPECT_EQ(mask_secret("a"), "********");
    EXPECT_EQ(mask_secret("fifteen_letters"), "********");
    EXPECT_EQ(mask_secret("sixteen_letters_"), "six********");
    EXPECT_EQ(mask_secret(std::string(40, 'x')), "xxxx********");
    EXPECT_EQ(mask_secret(std::string(400, 'x')), mask_secret(std::string(40, 'x')));
    // Whole code points, whatever the bytes are.
    EXPECT_EQ(mask_secret("\xC3\xA9\xFF" + std::string(18, 'x')), "\xC3\xA9\xEF\xBF\xBDxx********");
}

TEST(SecretId, is_keyed) {
    EXPECT_EQ(secret_id("k", "s"), secret_id("k", "s"));
    EXPECT_NE(secret_id("k", "s"), secret_id("l", "s"));
    EXPECT_NE(secret_id("k", "s"), secret_id("k", "t"));
}

// Every line of `text`, as GitHub's action numbers them.
std::vector<std::string> line_hashes(std::string_view text) {
    std::vector<std::string> hashes;
    std::map<std::string, std::uint32_t> counts;
    for (std::size_t at = 0;;) {
        const std::uint32_t nth = ++counts[line_hash(text.substr(at), 0)];
        hashes.push_back(line_hash(text.substr(at), nth));
        const std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos) return hashes;
        at = end + 1;
    }
}

TEST(LineHash, gives_the_values_that_github_publishes_for_its_action) {
    EXPECT_EQ(line_hashes(""), std::vector<std::string>{"c129715d7a2bc9a3:1"});
    EXPECT_EQ(line_hashes(" a\nb\n  \t\tc\n d"),
              (std::vector<std::string>{"271789c17abda88f:1", "54703d4cd895b18:1",
                                        "180aee12dab6264:1", "a23a3dc5e078b07b:1"}));
    std::string repeated;
    for (int i = 0; i < 10; ++i) repeated += "Lorem ipsum dolor sit amet.\n";
    const std::vector<std::string> hashes = line_hashes(repeated);
    ASSERT_EQ(hashes.size(), 11u);
    EXPECT_EQ(hashes[0], "a7f2ff13bc495cf2:1");
    EXPECT_EQ(hashes[5], "a7f2ff13bc495cf2:6");
    EXPECT_EQ(hashes[6], "a7f2ff1481e87703:1");
    EXPECT_EQ(hashes[9], "cc97dc7b1d7d8f7b:1");
}

TEST(LineHash, takes_every_line_ending_for_the_same) {
    for (const std::string_view text : {"x\ny\nz", "x\r\ny\r\nz", "x\ry\rz", "x \n\ty\r\n z"}) {
        EXPECT_EQ(line_hash(text, 1), line_hash("x\ny\nz", 1)) << text;
    }
}

TEST(LineHash, looks_no_further_than_100_characters_and_counts_as_utf_16_does) {
    const std::string hundred(100, 'x');
    EXPECT_EQ(line_hash(hundred + "tail", 1), line_hash(hundred, 1));
    EXPECT_NE(line_hash(hundred.substr(1) + "a", 1), line_hash(hundred.substr(1) + "b", 1));
    // One character of two units fills the last two places.
    const std::string wide = hundred.substr(2) + "\xF0\x9F\x94\x91";
    EXPECT_EQ(line_hash(wide + "a", 1), line_hash(wide + "b", 1));
}

}  // namespace
}  // namespace merlon::model
