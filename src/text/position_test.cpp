#include "text/position.h"

#include <gtest/gtest.h>

#include <string>

#include "text/utf8.h"

namespace merlon::text {
namespace {

TEST(Position, counts_lines_and_code_points_from_one) {
    const LineIndex lines("a\xC3\xA9z\n\nb");
    EXPECT_EQ(lines.line_count(), 3u);
    const auto at = [&lines](std::size_t offset) {
        const Position position = lines.position(offset);
        return std::pair(position.line, position.column);
    };
    EXPECT_EQ(at(0), std::pair(1u, 1u));
    EXPECT_EQ(at(3), std::pair(1u, 3u));
    EXPECT_EQ(at(4), std::pair(1u, 4u)) << "the line feed belongs to its line";
    EXPECT_EQ(at(5), std::pair(2u, 1u));
    EXPECT_EQ(at(7), std::pair(3u, 2u)) << "one past the end";
    EXPECT_EQ(lines.line_text(1), "a\xC3\xA9z");
}

// Checkpoints never change a column: whatever stands where one would be put.
TEST(Position, columns_of_very_long_lines_are_those_of_counting) {
    for (const std::string_view piece :
         {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\x80", "\xE2\x82", "x\xF0\x9F\x98",
          "\xFF\xC3\xA9\x80\x80\x80\x80\x80"}) {
        std::string text = "short\n";
        while (text.size() < 150'000) text += piece;
        text += "\nshort";
        const LineIndex lines(text);
        for (std::size_t offset = 6; offset < text.size() - 6; offset += 997) {
            const std::string_view before = std::string_view(text).substr(6, offset - 6);
            ASSERT_EQ(lines.position(offset).column, count_code_points(before) + 1)
                << offset << " in " << testing::PrintToString(piece);
        }
        EXPECT_EQ(lines.position(text.size()).column, 6u);
    }
}

}  // namespace
}  // namespace merlon::text
