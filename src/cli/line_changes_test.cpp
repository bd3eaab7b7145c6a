#include "cli/line_changes.h"

#include <gtest/gtest.h>

#include <string>

namespace merlon::cli {
namespace {

// "2" where the line is unchanged and there now; "2-4" where it may be one of these lines.
std::string now(std::string_view then, std::string_view text, std::uint32_t line) {
    const evidence::LinesNow lines = LineChanges::between(then, text).value().of(line);
    const std::string first = std::to_string(lines.first);
    if (lines.is_unchanged) return first;
    return lines.first == lines.end ? "gone" : first + "-" + std::to_string(lines.end - 1);
}

TEST(LineChanges, an_unchanged_line_is_where_it_is_now) {
    EXPECT_EQ(now("a\nb\nc\n", "a\nb\nc\n", 2), "2");
    EXPECT_EQ(now("a\nb\nc\n", "x\ny\na\nb\nc\n", 2), "4");
    EXPECT_EQ(now("a\nb\nc\n", "b\nc\n", 3), "2");
    EXPECT_EQ(now("a\nb\n", "a\nb\nc\n", 2), "2");
    EXPECT_EQ(now("if x:\n  a\n", "if x:\n    a\r\n", 2), "2");
    EXPECT_EQ(now("x\n  a\n", "x\na\n  a\n", 2), "3");
}

TEST(LineChanges, a_changed_line_is_one_of_its_change) {
    EXPECT_EQ(now("a\nb\nc\n", "a\nc\n", 2), "gone");
    EXPECT_EQ(now("a\nb\nc\n", "a\nx\ny\nc\n", 2), "2-3");
    EXPECT_EQ(now("a\nb\nc\nd\ne\n", "a\nc\nd\nb\ne\n", 2), "gone");
}

}  // namespace
}  // namespace merlon::cli
