#include "connect/git/lines.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace merlon::connect::git {
namespace {

std::vector<std::string> all_of(const Lines& lines) {
    std::vector<std::string> all;
    for (std::uint32_t i = 0; i < lines.count(); ++i) all.emplace_back(lines[i]);
    return all;
}

// As equal_ends() says it, line by line.
EqualEnds compared_by_line(const Lines& left, const Lines& right) {
    const std::uint32_t fewer = std::min(left.count(), right.count());
    EqualEnds ends;
    while (ends.first < fewer && left[ends.first] == right[ends.first]) ++ends.first;
    while (ends.last < fewer - ends.first &&
           left[left.count() - 1 - ends.last] == right[right.count() - 1 - ends.last]) {
        ++ends.last;
    }
    return ends;
}

void expect_same(std::string_view left, std::string_view right) {
    const Lines a(left);
    const Lines b(right);
    EXPECT_EQ(all_of(Lines(right, a)), all_of(b)) << left << "|" << right;
    const EqualEnds ends = equal_ends(a, b);
    const EqualEnds expected = compared_by_line(a, b);
    EXPECT_EQ(ends.first, expected.first) << left << "|" << right;
    EXPECT_EQ(ends.last, expected.last) << left << "|" << right;
}

TEST(Lines, hold_their_line_ends) {
    EXPECT_EQ(all_of(Lines("a\n\nb")), (std::vector<std::string>{"a\n", "\n", "b"}));
    EXPECT_EQ(Lines("").count(), 0U);
    EXPECT_EQ(Lines("\n").count(), 1U);
    std::string many;
    for (int i = 0; i < 10'000; ++i) many += "\n";
    EXPECT_EQ(Lines(many).count(), 10'000U);
}

TEST(Lines, of_a_text_like_another_are_the_same_as_of_it_alone) {
    const std::vector<std::string_view> texts{"",         "a",   "a\n",  "a\nb",
                                              "a\nb\n",   "b\n", "xb\n", "a\nbc\n",
                                              "a\n\nb\n", "\n",  "\n\n", "a\nxb\n"};
    for (const std::string_view left : texts) {
        for (const std::string_view right : texts) expect_same(left, right);
    }
}

TEST(Lines, of_random_texts) {
    std::mt19937 random(7);
    const auto text = [&](std::size_t most) {
        std::string made;
        for (std::size_t left = random() % (most + 1); left > 0; --left) {
            made.push_back("ab\n"[random() % 3]);
        }
        return made;
    };
    for (int i = 0; i < 20'000; ++i) {
        const std::string begin = text(600);
        const std::string end = text(600);
        expect_same(begin + text(6) + end, begin + text(6) + end);
    }
}

TEST(ChangedLines, eight_at_once_are_clear_only_where_all_are_there) {
    ChangedLines marks(20);
    EXPECT_TRUE(marks.are_clear(0));
    EXPECT_TRUE(marks.are_clear(12));
    EXPECT_FALSE(marks.are_clear(13));
    marks.set(9);
    EXPECT_TRUE(marks.are_clear(1));
    EXPECT_FALSE(marks.are_clear(2));
    EXPECT_FALSE(marks.are_clear(9));
    EXPECT_TRUE(marks.are_clear(10));
    EXPECT_FALSE(ChangedLines(7).are_clear(0));
}

}  // namespace
}  // namespace merlon::connect::git
