#include "evidence/line_changes.h"

#include <gtest/gtest.h>

#include <string>

namespace merlon::evidence {
namespace {

// "2" where the line is unchanged and there now; "2-4" where it may be one of these lines.
std::string now(std::string_view then, std::string_view text, std::uint32_t line) {
    const std::optional<LinesNow> lines = LineChanges(then, text).of(line);
    if (!lines) return "not known";
    const std::string first = std::to_string(lines->first);
    if (lines->is_unchanged) return first;
    return lines->first == lines->end ? "gone" : first + "-" + std::to_string(lines->end - 1);
}

TEST(LineChanges, an_unchanged_line_is_where_it_is_now) {
    EXPECT_EQ(now("a 1\nb\nc\n", "a 1\nb\nc\n", 2), "2");
    EXPECT_EQ(now("a 1\nb\nc\n", "x\ny\na 1\nb\nc\n", 2), "4");
    EXPECT_EQ(now("a 1\nb\nc 1\n", "b\nc 1\n", 3), "2");
    EXPECT_EQ(now("a 1\nb\n", "a 1\nb\nc\n", 2), "2");
    EXPECT_EQ(now("if x:\n  a\n", "class c:\n  if x:\n    a\r\n", 2), "3");
    EXPECT_EQ(now("a 1\n", "a 1\n", 2), "not known");
    EXPECT_EQ(now("", "", 1), "not known");
}

TEST(LineChanges, a_changed_line_is_one_of_its_change) {
    EXPECT_EQ(now("a 1\nb\nc 1\n", "a 1\nc 1\n", 2), "gone");
    EXPECT_EQ(now("a 1\nb\nc 1\n", "a 1\nx\ny\nc 1\n", 2), "2-3");
    EXPECT_EQ(now("a\nb\n", "x\ny\nz\n", 1), "1-3");
}

// Two functions of one shape have more in common than each has with what it became.
TEST(LineChanges, lines_belong_to_what_heads_them) {
    const std::string user = "def user(id):\n  row = get()\n  return eval(row)\n\n";
    const std::string item = "def item(id):\n  row = get()\n  return eval(row)\n\n";
    const std::string order = "def order(id):\n  row = get()\n  return eval(row)\n\n";
    EXPECT_EQ(now(user + item, item + order, 3), "gone");
    EXPECT_EQ(now(user + item, item + order, 7), "3");
    EXPECT_EQ(now(user + item, item + user, 3), "7");
    EXPECT_EQ(now(user + item, item + user, 7), "3");
    EXPECT_EQ(now(user + item, user + order + item, 3), "3");
    EXPECT_EQ(now(user + item, user + order + item, 7), "11");
}

TEST(LineChanges, what_stands_below_tells_of_its_own_block_alone) {
    // Of the block that the second line is in …
    EXPECT_EQ(now("a(\n  b\n  c 1\n", "x(\n  b\n  c 1\n", 2), "2");
    // … and not of the one above it.
    EXPECT_EQ(now("a(\n  b\nc 1\n", "x(\n  b\nc 1\n", 2), "1-2");
    EXPECT_EQ(now("@b\nc 1\n", "x\n@b\nc 1\n", 1), "2");
}

// What was put in begins as what stands behind it.
TEST(LineChanges, a_block_tells_little_of_the_next_one) {
    const std::string one = "{\n  name,\n  cat 1,\n},\n", two = "{\n  name,\n  cat 2,\n},\n";
    const std::string more = "{\n  name,\n  cat 3,\n},\n";
    EXPECT_EQ(now(one + two, one + more + two, 2), "2");
    EXPECT_EQ(now(one + two, one + more + two, 6), "10");
    const std::string a = "@login\ndef a():\n  x\n", b = "@login\ndef b():\n  x\n";
    const std::string c = "@login\ndef c():\n  x\n";
    EXPECT_EQ(now(a + b, a + c + b, 4), "7");
    EXPECT_EQ(now(a + b, a + c + b, 6), "9");
}

TEST(BareLines, code_begins_in_a_line) {
    const BareLines text("a\n  b(\n\tc)\n");
    EXPECT_EQ(text.count(), 3u);
    EXPECT_EQ(text.at(2), "b(");
    EXPECT_EQ(text.at(4), "");
    EXPECT_TRUE(text.has_at(2, "b(c)"));
    EXPECT_TRUE(text.has_at(2, "("));
    EXPECT_FALSE(text.has_at(1, "b("));
    EXPECT_FALSE(text.has_at(3, "b("));
    EXPECT_FALSE(text.has_at(4, "c"));
}

}  // namespace
}  // namespace merlon::evidence
