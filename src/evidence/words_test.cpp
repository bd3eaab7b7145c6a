#include "evidence/words.h"

#include <gtest/gtest.h>

namespace merlon::evidence {
namespace {

TEST(Words, are_runs_of_letters_and_digits_and_parts_of_what_was_written_together) {
    EXPECT_EQ(words_of("A hardcodedPassword, SQLInjection2!", "go/x-1", "src/a_b.py"),
              "a hardcodedpassword password sqlinjection2 injection2 go x 1 src a b py");
    EXPECT_EQ(words_of("", "", ""), "");
    EXPECT_EQ(words_of("Über \xFF", "", ""), "Über \xEF\xBF\xBD");
    // Letters of one orbit are one, whatever their script and case.
    for (const auto& [one, other] : {std::pair{"ÜBER Straße", "über STRAßE"},
                                     std::pair{"ΣΊΣΥΦΟΣ", "σίσυφος"}, std::pair{"Ключ", "КЛЮЧ"}})
        EXPECT_EQ(words_of(one, "", ""), words_of(other, "", ""));
    EXPECT_EQ(words_of("\xE2\x84\xAA", "", ""), "k");
    EXPECT_EQ(searched_words("über"), searched_words("ÜBER"));
    EXPECT_EQ(words_of(std::string_view("a\0b", 3), "", ""),
              "a\xEF\xBF\xBD"
              "b");
}

TEST(Words, are_cut_off_between_characters) {
    const std::string most(kMaxWordBytes - 1, 'a');
    EXPECT_EQ(words_of(most + "bc", "", ""), most + "b");
    EXPECT_EQ(words_of(most + "\xC3\xA4", "", ""), most);
    EXPECT_EQ(searched_words(most + "bc"), std::vector<std::string>{most + "b"});
    EXPECT_EQ(words_of(std::string(kMaxWordedBytes, ' ') + "a", "b", ""), "b");
}

TEST(Words, of_a_search_are_sorted_and_without_parts) {
    EXPECT_EQ(searched_words("rule-7 rule Big_oldThing"),
              (std::vector<std::string>{"7", "big", "oldthing", "rule"}));
    EXPECT_TRUE(searched_words(" -> ").empty());
}

TEST(Words, are_found_by_their_beginnings) {
    EXPECT_TRUE(has_words("sql injection in a_b", "inj sql"));
    EXPECT_TRUE(has_words("x", ""));
    EXPECT_FALSE(has_words("sql injection", "njection"));
    EXPECT_FALSE(has_words("sql injection", "sql x"));
    EXPECT_TRUE(has_words("bab ab", "ab"));
}

}  // namespace
}  // namespace merlon::evidence
