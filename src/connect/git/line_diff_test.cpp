#include "connect/git/line_diff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

namespace merlon::connect::git {
namespace {

// The hunk headers of a diff, as git writes them.
std::string headers(std::string_view before, std::string_view after) {
    const auto range = [](std::uint32_t line, std::uint32_t count) {
        std::string text = std::to_string(count == 0 ? line : line + 1);
        return count == 1 ? text : text + "," + std::to_string(count);
    };
    std::string text;
    const auto changes = diff_lines(before, after);
    for (const LineChange& change : changes.value()) {
        text += "-" + range(change.old_line, change.old_count) + " +" +
                range(change.new_line, change.new_count) + "\n";
    }
    return text;
}

// The answers of git 2.39.5's `git diff -U0`; tests/git/history_fuzz.py asks it about many more.
TEST(LineDiff, answers_as_git_does) {
    const struct {
        std::string_view before, after, hunks;
    } cases[] = {
        {"", "", ""},
        {"", "a\n", "-0,0 +1\n"},
        {"a\n", "", "-1 +0,0\n"},
        {"a\n", "a", "-1 +1\n"},  // the line end is part of the line
        {"a\nb\nc\n", "a\nx\nc\n", "-2 +2\n"},
        {"a\nb\n", "a\nb\nb\n", "-2,0 +3\n"},          // a run slides to the end
        {"a\r\nb\r\n", "a\nb\r\n", "-1 +1\n"},         // line ends are not normalised
        {"a\n\nb\n", "a\n\nx\n\nb\n", "-2,0 +3,2\n"},  // blank lines stand behind
        {"{\n  a\n}\n", "{\n  a\n}\n{\n  b\n}\n", "-3,0 +4,3\n"},
        {"1\n2\n3\n4\n5\n", "2\n3\n9\n5\n1\n", "-1 +0,0\n-4 +3\n-5,0 +5\n"},
    };
    for (const auto& c : cases)
        EXPECT_EQ(headers(c.before, c.after), c.hunks) << c.before << "->\n" << c.after;
}

TEST(LineDiff, a_run_that_can_slide_ends_where_a_function_does) {
    const std::string one = "void a() {\n    call();\n}\n";
    const std::string two = "void b() {\n    call();\n}\n";
    EXPECT_EQ(headers(one + "\n" + one, one + "\n" + two + "\n" + one), "-4,0 +5,4\n");
}

TEST(LineDiff, the_bytes_of_a_change_are_those_of_its_lines) {
    const auto changes = diff_lines("one\ntwo\nthree\n", "one\n2\nthree\nfour");
    ASSERT_EQ(changes.value().size(), 2u);
    EXPECT_EQ(changes.value()[0], (LineChange{1, 1, 1, 1, 4, 8, 4, 6}));
    EXPECT_EQ(changes.value()[1], (LineChange{3, 0, 3, 1, 14, 14, 12, 16}));
}

TEST(LineDiff, an_equal_tail_is_out_of_reach_of_a_run) {
    // git cuts blocks of 1,024 equal bytes off the end before it looks at lines, and keeps the line
    // that the cut touches: the run slides down to there, not to the end.
    std::string tail;
    while (tail.size() < 3000) tail += "x\n";
    EXPECT_EQ(headers(tail, "x\nx\n" + tail), "-477,0 +478,2\n");
    EXPECT_EQ(headers("x\n", "x\nx\nx\n"), "-1,0 +2,2\n");
}

// How often each line is there.
std::map<std::string_view, int> lines_of(std::string_view text) {
    std::map<std::string_view, int> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        ++lines[text.substr(0, end)];
        text.remove_prefix(end);
    }
    return lines;
}

TEST(LineDiff, the_changed_part_has_every_line_that_is_called_new) {
    std::mt19937 random(3);
    int narrow = 0;
    for (int round = 0; round < 8'000; ++round) {
        // Few kinds of lines, so that runs slide far, and tails of more than 1,024 bytes.
        const auto kinds = 1 + random() % 5;
        const std::string filling(round % 3 == 0 ? 40 : 0, '.');
        const auto line = [&] {
            return std::string(1, static_cast<char>('a' + random() % kinds)) + filling + "\n";
        };
        std::string before;
        std::string after;
        for (auto i = random() % 150; i > 0; --i) {
            const std::string same = line();
            const bool differs = random() % 60 == 0;
            before += differs && random() % 2 == 0 ? "" : same;
            for (auto more = differs ? random() % 9 : std::size_t{1}; more > 0; --more) {
                after += more == 1 ? same : line();
            }
        }
        if (random() % 5 == 0 && !before.empty()) before.pop_back();
        if (random() % 5 == 0 && !after.empty()) after.pop_back();
        const std::string_view part = changed_part(before, after);
        narrow += part.size() * 2 < after.size() ? 1 : 0;
        const auto changed = lines_of(part);
        for (const LineChange& change : diff_lines(before, after).value()) {
            const std::string_view added =
                std::string_view(after).substr(change.new_begin, change.new_end - change.new_begin);
            for (const auto& [text, times] : lines_of(added)) {
                ASSERT_TRUE(changed.contains(text)) << before << "->\n" << after;
            }
        }
    }
    EXPECT_GT(narrow, 2'000);
}

}  // namespace
}  // namespace merlon::connect::git
