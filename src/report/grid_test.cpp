#include "report/grid.h"

#include <gtest/gtest.h>

namespace merlon::report {
namespace {

std::string drawn(GridStyle style, const std::vector<GridRow>& rows) {
    std::string out;
    draw_grid(style, {"A", "B"}, rows, out);
    return out;
}

TEST(Grid, cells_are_as_wide_as_a_terminal_shows_them) {
    EXPECT_EQ(drawn(GridStyle::kBoxed, {{"é\nxy", "1"}, {"", "2"}}),
              "┌────┬───┐\n│ A  │ B │\n├────┼───┤\n│ é  │ 1 │\n│ xy │   │\n├────┼───┤\n"
              "│    │ 2 │\n└────┴───┘\n");
    EXPECT_EQ(drawn(GridStyle::kRounded, {{"x", "1"}, {"y", "2"}}),
              "╭───┬───╮\n│ A │ B │\n├───┼───┤\n│ x │ 1 │\n│ y │ 2 │\n╰───┴───╯\n");
    EXPECT_EQ(drawn(GridStyle::kColumns, {{"xx", "1"}}), "A   B\nxx  1\n");
}

TEST(Grid, nothing_in_a_cell_leaves_it) {
    EXPECT_EQ(drawn(GridStyle::kMarkdown, {{"a|b\nc", "<b>\x1b"}}),
              "| A | B |\n| --- | --- |\n| a\\|b<br>c | &lt;b>  |\n");
    EXPECT_EQ(drawn(GridStyle::kColumns, {{"a\x1b[31m", "1"}}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace merlon::report
