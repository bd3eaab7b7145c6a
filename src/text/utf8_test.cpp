#include "text/utf8.h"

#include <gtest/gtest.h>

#include "text/position.h"

namespace merlon::text {
namespace {

TEST(Utf8, each_invalid_byte_is_one_replacement_as_in_go) {
    const struct {
        std::string_view bytes;
        std::size_t code_points;
        std::string_view valid;
    } cases[] = {
        {"abc", 3, "abc"},
        {"\xC3\xA9", 1, "\xC3\xA9"},
        {"\xC3", 1, "\xEF\xBF\xBD"},
        {"\xE2\x82", 2, "\xEF\xBF\xBD\xEF\xBF\xBD"},                  // cut off
        {"\xC0\x80", 2, "\xEF\xBF\xBD\xEF\xBF\xBD"},                  // overlong
        {"\xED\xA0\x80", 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},  // surrogate
        {"\xF4\x90\x80\x80", 4, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"a\xFF"
         "b",
         3,
         "a\xEF\xBF\xBD"
         "b"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(count_code_points(c.bytes), c.code_points);
        EXPECT_EQ(to_valid_utf8(c.bytes), c.valid);
        EXPECT_EQ(is_valid_utf8(c.bytes), c.bytes == c.valid);
    }
}

TEST(Utf8, every_scalar_value_survives_a_round_trip) {
    for (char32_t value = 0; value <= 0x10FFFF; ++value) {
        if (value == 0xD800) value = 0xE000;
        std::string bytes;
        append_utf8(bytes, value);
        const CodePoint point = decode_utf8(bytes);
        ASSERT_TRUE(point.valid);
        ASSERT_EQ(point.value, value);
        ASSERT_EQ(point.width, bytes.size());
    }
}

TEST(LineIndex, counts_lines_from_one_and_columns_in_code_points) {
    const std::string_view text = "a\n\xC3\xA9xy\n\nz";
    const LineIndex lines(text);
    EXPECT_EQ(lines.line_count(), 4u);
    EXPECT_EQ(lines.position(0).line, 1u);
    EXPECT_EQ(lines.position(1).column, 2u) << "a line feed belongs to the line it ends";
    EXPECT_EQ(lines.position(4).line, 2u);
    EXPECT_EQ(lines.position(4).column, 2u);
    EXPECT_EQ(lines.line_text(2), "\xC3\xA9xy");
    EXPECT_EQ(lines.line_text(3), "");
    EXPECT_EQ(lines.position(text.size()).line, 4u);
}

TEST(Utf8, what_is_shown_neither_moves_a_cursor_nor_turns_the_text) {
    EXPECT_EQ(to_printable("a\tb\nc \xC3\xA9"), "a b c \xC3\xA9");
    EXPECT_EQ(to_printable("\x1b[31m"), "\xEF\xBF\xBD[31m");
    EXPECT_EQ(to_printable("\xFF\x7F\xC2\x9B\xE2\x80\xAE"),
              "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace merlon::text
