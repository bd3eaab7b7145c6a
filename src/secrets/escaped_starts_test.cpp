#include "secrets/escaped_starts.h"

#include <gtest/gtest.h>

namespace merlon::secrets {
namespace {

TEST(EscapedStarts, the_letter_becomes_what_the_escape_means) {
    EscapedStarts starts(R"(a\nb \tc \r\nd \\ne \n-f \qg \n)");
    ASSERT_TRUE(starts.next());
    EXPECT_EQ(starts.copies(), "\na\\\nb \\\tc \\r\\\nd \\\\\ne \\n-f \\qg \\n");
    EXPECT_TRUE(starts.is_start(3));
    EXPECT_FALSE(starts.is_start(2));
    EXPECT_FALSE(starts.is_start(5));
    EXPECT_FALSE(starts.next());
}

TEST(EscapedStarts, where_a_match_in_the_copies_stands) {
    const std::string far(1000, '.');
    const std::string text = far + R"(\nab )" + far + R"(\ncd )" + far;
    EscapedStarts starts(text);
    ASSERT_TRUE(starts.next());
    const std::string_view copies = starts.copies();
    EXPECT_LT(copies.size(), 6 * EscapedStarts::kBytesAround);
    const std::size_t ab = copies.find("ab");
    const std::size_t cd = copies.find("cd");
    EXPECT_EQ(starts.place(ab, ab + 2), text.find("ab"));
    EXPECT_EQ(starts.place(cd - 1, cd + 2), text.find("cd") - 1);
    EXPECT_EQ(starts.place(cd + 1, cd + 2), std::nullopt) << "no word begins there";
    EXPECT_EQ(starts.place(ab, cd), std::nullopt) << "two places";
    EXPECT_EQ(starts.place(ab - 20, ab), std::nullopt) << "before the word";
}

TEST(EscapedStarts, an_escaped_quote_is_a_quote) {
    const struct {
        std::string_view text, copy;
    } cases[] = {
        {R"("{\"key\":\"value\"}")", R"("{ "key" : "value" }")"},
        {R"("{\\\"key\\\": \\\"value\\\"}")", R"("{   "key"   :    "value"   }")"},
        {R"(x=\"/a+b\")", R"(x= "/a+b" )"},
    };
    for (const auto& c : cases) {
        EscapedStarts starts(c.text);
        ASSERT_TRUE(starts.next()) << c.text;
        EXPECT_EQ(starts.copies(), "\n" + std::string(c.copy));
        const std::size_t value = c.text.find_first_of("v/");
        EXPECT_TRUE(starts.is_start(value == c.text.size() ? 0 : value)) << c.text;
    }
    EXPECT_FALSE(EscapedStarts(R"("say \"yes\" and \"no\"")").next()) << "no values";
}

TEST(EscapedStarts, many_come_in_batches_each_word_once) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += R"(\nword)";
    EscapedStarts starts(text);
    std::size_t words = 0;
    while (starts.next()) {
        EXPECT_LE(starts.copies().size(),
                  EscapedStarts::kBatchBytes + 4 * EscapedStarts::kBytesAround);
        for (std::size_t at = starts.copies().find("\nword"); at != std::string_view::npos;
             at = starts.copies().find("\nword", at + 1)) {
            if (starts.place(at + 1, at + 5)) ++words;
        }
    }
    EXPECT_EQ(words, 100'000U);
    EXPECT_FALSE(EscapedStarts("nothing here").next());
    EXPECT_FALSE(EscapedStarts("\\").next());
}

}  // namespace
}  // namespace merlon::secrets
