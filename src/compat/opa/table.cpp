#include "compat/opa/table.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "text/utf8.h"

namespace merlon::compat::opa {
namespace {

std::string line(const std::vector<std::size_t>& widths, std::string_view left,
                 std::string_view middle, std::string_view right) {
    std::string text(left);
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (i > 0) text += middle;
        for (std::size_t j = 0; j < widths[i] + 2; ++j) text += "─";
    }
    text += right;
    return text + "\n";
}

enum class Place : std::uint8_t { kLeft, kCentre };
std::string cells(const TableRow& texts, const std::vector<std::size_t>& widths, Place place) {
    std::string text = "│";
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::size_t free = widths[i] - text::count_code_points(texts[i]);
        const std::size_t before = place == Place::kCentre ? free / 2 : 0;
        text += " " + std::string(before, ' ') + texts[i] + std::string(free - before, ' ') + " │";
    }
    return text + "\n";
}

// The row as rows of one line each.
std::vector<TableRow> lines_of(const TableRow& row) {
    std::vector<TableRow> lines;
    for (std::size_t column = 0; column < row.size(); ++column) {
        std::string_view rest = row[column];
        for (std::size_t i = 0; i == 0 || !rest.empty(); ++i) {
            if (i == lines.size()) lines.emplace_back(row.size());
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            lines[i][column] = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return lines;
}

void widen(const TableRow& row, std::vector<std::size_t>& widths) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        widths[i] = std::max(widths[i], text::count_code_points(row[i]));
    }
}

}  // namespace

std::string draw_table(const TableRow& names, std::span<const TableRow> rows, RowLines row_lines) {
    const std::size_t columns = names.empty() && !rows.empty() ? rows[0].size() : names.size();
    std::vector<std::size_t> widths(columns);
    widen(names, widths);
    std::vector<std::vector<TableRow>> lines;
    for (const TableRow& row : rows) lines.push_back(lines_of(row));
    for (const auto& row : lines) {
        for (const TableRow& one : row) widen(one, widths);
    }
    std::string text = line(widths, "┌", "┬", "┐");
    if (!names.empty()) {
        text += cells(names, widths, Place::kCentre) + line(widths, "├", "┼", "┤");
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0 && row_lines == RowLines::kBetween) text += line(widths, "├", "┼", "┤");
        for (const TableRow& one : lines[i]) text += cells(one, widths, Place::kLeft);
    }
    return text + line(widths, "└", "┴", "┘");
}

}  // namespace merlon::compat::opa
