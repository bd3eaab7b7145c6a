#pragma once

// Tables of plain text: for those who print one as another tool does.
//
// The idea: the cells are measured as a terminal shows them, a cell may have several lines, and the
// style says what stands between them. Thread-safe: no state. Cost: two passes over the cells.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace merlon::report {

enum class GridStyle : std::uint8_t {
    kBoxed,    // light lines around each cell
    kRounded,  // light lines around the table and below its head
    kColumns,  // blanks between columns
    kMarkdown,
};

using GridRow = std::vector<std::string>;

// Each row has as many cells as `head`.
void draw_grid(GridStyle style, const GridRow& head, std::span<const GridRow> rows,
               std::string& out);

}  // namespace merlon::report
