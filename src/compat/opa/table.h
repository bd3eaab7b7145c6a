#pragma once

// Tables with frames of lines, as OPA draws them: a row of names in the middle of its columns, and
// rows that begin on the left.
//
// Thread-safe: no state. Cost: linear.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace merlon::compat::opa {

using TableRow = std::vector<std::string>;

enum class RowLines : std::uint8_t { kNone, kBetween };
// `names` may be empty; each row has as many cells as the first one. Cells may have several lines.
std::string draw_table(const TableRow& names, std::span<const TableRow> rows,
                       RowLines row_lines = RowLines::kNone);

}  // namespace merlon::compat::opa
