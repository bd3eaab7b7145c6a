// The table of results, with the lines that olekukonko/tablewriter draws.

#include <algorithm>
#include <array>

#include "base/terminal.h"
#include "compat/conftest/outputs.h"
#include "compat/conftest/values.h"

namespace merlon::compat::conftest {
namespace {

constexpr std::size_t kColumns = 4;
using TableRow = std::array<std::string, kColumns>;

constexpr std::string_view kTab = "        ";

// Trimmed as a whole; its lines keep what they begin with.
std::vector<std::string> cell_lines(std::string_view cell) {
    std::vector<std::string> lines(1);
    for (const char c : trim_go(cell)) {
        if (c == '\n') {
            lines.emplace_back();
        } else if (c == '\t') {
            lines.back() += kTab;
        } else {
            lines.back() += c;
        }
    }
    return lines;
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string made;
    for (std::size_t i = 0; i < count; ++i) made += text;
    return made;
}

class TableDrawing {
  public:
    explicit TableDrawing(std::span<const TableRow> rows) {
        for (std::size_t i = 0; i < kColumns; ++i) widths_[i] = kHeader[i].size();
        for (const TableRow& row : rows) {
            for (std::size_t i = 0; i < kColumns; ++i) {
                for (const std::string& line : cell_lines(row[i])) {
                    widths_[i] = std::max(widths_[i], display_width(line));
                }
            }
        }
        rule("┌", "┬", "┐");
        header();
        rule("├", "┼", "┤");
        for (const TableRow& row : rows) add(row);
        rule("└", "┴", "┘");
    }
    std::string text() && { return std::move(out_); }

  private:
    static constexpr std::array<std::string_view, kColumns> kHeader = {"RESULT", "FILE",
                                                                       "NAMESPACE", "MESSAGE"};

    void rule(std::string_view left, std::string_view between, std::string_view right) {
        for (std::size_t i = 0; i < kColumns; ++i) {
            out_ += i == 0 ? left : between;
            out_ += repeated("─", widths_[i] + 2);
        }
        out_ += right;
        out_ += '\n';
    }

    void header() {
        for (std::size_t i = 0; i < kColumns; ++i) {
            const std::size_t space = widths_[i] - kHeader[i].size();
            out_ += "│ " + std::string(space / 2, ' ');
            out_ += kHeader[i];
            out_ += std::string(space - space / 2, ' ') + " ";
        }
        out_ += "│\n";
    }

    void add(const TableRow& row) {
        std::array<std::vector<std::string>, kColumns> cells;
        std::size_t height = 0;
        for (std::size_t i = 0; i < kColumns; ++i) {
            cells[i] = cell_lines(row[i]);
            height = std::max(height, cells[i].size());
        }
        const auto is_blank = [](const auto& lines, std::size_t line) {
            return line >= lines.size() || trim_go(lines[line]).empty();
        };
        for (std::size_t line = 0; line < height; ++line) {
            const bool has_text = !std::ranges::all_of(
                cells, [&](const auto& lines) { return is_blank(lines, line); });
            if (line > 0 && !has_text) continue;
            for (std::size_t i = 0; i < kColumns; ++i) {
                const std::string text = line < cells[i].size() ? cells[i][line] : std::string();
                out_ += "│ " + text + std::string(widths_[i] - display_width(text), ' ') + " ";
            }
            out_ += "│\n";
        }
    }

    std::array<std::size_t, kColumns> widths_{};
    std::string out_;
};

}  // namespace

std::string table_text(std::span<const CheckResult> results) {
    std::vector<TableRow> rows;
    for (const CheckResult& result : results) {
        for (std::size_t i = 0; i < result.successes; ++i) {
            rows.push_back({"success", result.file, result.name_space, "SUCCESS"});
        }
        const auto add = [&](std::string_view word, std::span<const RuleResult> found) {
            for (const RuleResult& one : found) {
                rows.push_back({std::string(word), result.file, result.name_space, one.message});
            }
        };
        add("exception", result.exceptions);
        add("warning", result.warnings);
        add("skipped", result.skipped);
        add("failure", result.failures);
    }
    return rows.empty() ? std::string() : TableDrawing(rows).text();
}

}  // namespace merlon::compat::conftest
