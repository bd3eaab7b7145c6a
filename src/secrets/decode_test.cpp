#include "secrets/decode.h"

#include <gtest/gtest.h>

#include <random>

#include "match/regex.h"

namespace merlon::secrets {
namespace {

std::string decode_all(std::string_view text) {
    Decoder decoder(text);
    while (decoder.next_pass()) {
    }
    return std::string(decoder.text());
}

TEST(Decoder, decodes_pass_by_pass_until_nothing_is_left) {
    EXPECT_EQ(decode_all("key=c29tZS1lbmNvZGVkLXNlY3JldA=="), "key=some-encoded-secret");
    EXPECT_EQ(decode_all("key=some%2Dvalue%21 x"), "key=some-value! x");
    EXPECT_EQ(decode_all("\"736f6d652d68657861646563696d616c21\""), "\"some-hexadecimal!\"");
    EXPECT_EQ(decode_all("s=U+0061 U+0062 U+0063"), "s=abc");
    EXPECT_EQ(decode_all("s=\\u0061\\\\u0062"), "s=ab");
    EXPECT_EQ(decode_all("a_long_identifier_of_code"), "a_long_identifier_of_code");
    // base64 of "key=%73ecret-value" of two passes
    EXPECT_EQ(decode_all("a2V5PSU3M2VjcmV0LXZhbHVl"), "key=secret-value");
}

TEST(Decoder, takes_base64url_with_padding_where_it_is_asked_to) {
    constexpr std::string_view kPadded = "x=dG9rZW49Pz8-Pi1zZWNyZXQtdmFsdWU_Pw==";
    EXPECT_EQ(decode_all(kPadded), kPadded) << "gitleaks does not";
    Decoder decoder(kPadded, PaddedUrl::kTaken);
    EXPECT_TRUE(decoder.next_pass());
    EXPECT_EQ(decoder.text(), "x=token=?\?>>-secret-value?\?");
    Decoder wrong("x=dG9rZW49Pz8-Pi1zZWNyZXQtdmFsdWU_Pw=", PaddedUrl::kTaken);
    EXPECT_FALSE(wrong.next_pass());
}

TEST(Decoder, decodes_nothing_once_it_is_stopped) {
    CancelToken stop;
    stop.cancel();
    Decoder decoder("key=c29tZS1lbmNvZGVkLXNlY3JldA==");
    EXPECT_FALSE(decoder.next_pass(&stop));
    EXPECT_EQ(decoder.depth(), 0);
}

TEST(Decoder, leads_a_match_back_to_the_file) {
    Decoder decoder("x = YWJjZGVmZ2hpamtsbW5vcA== # end");
    ASSERT_TRUE(decoder.next_pass());
    EXPECT_EQ(decoder.text(), "x = abcdefghijklmnop # end");
    const auto inside = decoder.touched({6, 9});
    ASSERT_EQ(inside.size(), 1u);
    EXPECT_EQ(decoder.to_original({6, 9}), (Range{4, 28}));
    EXPECT_EQ(decoder.to_original({0, 9}), (Range{0, 28}));
    EXPECT_EQ(decoder.tags(inside), (std::vector<std::string>{"decoded:base64", "decode-depth:1"}));
    EXPECT_TRUE(decoder.touched({21, 26}).empty());
}

// Each pass looks up the parts of the pass before: 200,000 of them must not mean their square.
TEST(Decoder, stays_fast_where_everything_is_encoded_twice) {
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += "%2541\n";
    Decoder decoder(text);
    ASSERT_TRUE(decoder.next_pass());
    ASSERT_TRUE(decoder.next_pass());
    EXPECT_EQ(decoder.text().substr(0, 4), "A\nA\n");
    EXPECT_EQ(decoder.to_original({2, 3}), (Range{6, 11}));
    EXPECT_EQ(decoder.tags(decoder.touched({2, 3})),
              (std::vector<std::string>{"decoded:percent", "decode-depth:2"}));
    EXPECT_FALSE(decoder.next_pass());
}

// The behaviour to meet, as the expression it is in gitleaks.
TEST(Encoded, is_what_the_expression_finds) {
    const auto regex = match::Regex::compile(
        R"((?P<percent>%[0-9A-Fa-f]{2}(?:.*%[0-9A-Fa-f]{2})?)|)"
        R"((?P<unicode>(?:(?:U\+[a-fA-F0-9]{4}(?:\s|$))+|(?i)(?:\\{1,2}u[a-fA-F0-9]{4})+))|)"
        R"((?P<hex>[0-9A-Fa-f]{32,})|(?P<base64>[\w\/+-]{16,}={0,2}))");
    std::mt19937 random(11);
    const std::string pieces[] = {
        "%41",      "%4", "U+0041", " ",    "\n",       "\\u0061",
        "\\",       "U",  "+",      "0041", "deadbeef", "0123456789abcdef",
        "/",        "-",  "=",      "==",   "zz",       "_",
        "\xC3\xA9", ".",  "u0061",  "%zz",  "u"};
    for (int i = 0; i < 20000; ++i) {
        std::string text;
        const auto count = random() % 12;
        for (unsigned j = 0; j < count; ++j) text += pieces[random() % std::size(pieces)];
        std::vector<EncodedMatch> expected;
        std::vector<match::Span> spans;
        regex.value().find_all(match::Subject(text), spans);
        std::vector<EncodedMatch> found = find_encoded(text);
        ASSERT_EQ(found.size(), spans.size()) << text;
        for (std::size_t k = 0; k < spans.size(); ++k) {
            ASSERT_EQ(found[k].range.begin, static_cast<std::int64_t>(spans[k].begin)) << text;
            ASSERT_EQ(found[k].range.end, static_cast<std::int64_t>(spans[k].end)) << text;
        }
    }
}

}  // namespace
}  // namespace merlon::secrets
