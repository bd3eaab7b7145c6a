#include "report/grid.h"

#include <algorithm>
#include <string_view>

#include "base/terminal.h"

namespace merlon::report {
namespace {

std::vector<std::string_view> lines_of(std::string_view cell) {
    std::vector<std::string_view> lines;
    while (true) {
        const std::size_t end = cell.find('\n');
        lines.push_back(cell.substr(0, end));
        if (end == std::string_view::npos) return lines;
        cell.remove_prefix(end + 1);
    }
}

// What stands in a row, line by line; what could steer a terminal is a blank.
class Drawing {
  public:
    Drawing(GridStyle style, const GridRow& head, std::span<const GridRow> rows, std::string& out)
        : style_(style), head_(head), rows_(rows), out_(out), widths_(head.size(), 0) {
        measure(head);
        for (const GridRow& row : rows) measure(row);
    }

    void draw() {
        const bool is_rounded = style_ == GridStyle::kRounded;
        rule(is_rounded ? "╭" : "┌", "┬", is_rounded ? "╮" : "┐");
        draw_row(head_);
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (i == 0 || style_ == GridStyle::kBoxed) rule("├", "┼", "┤");
            draw_row(rows_[i]);
        }
        rule(is_rounded ? "╰" : "└", "┴", is_rounded ? "╯" : "┘");
    }

  private:
    void measure(const GridRow& row) {
        for (std::size_t i = 0; i < widths_.size(); ++i)
            for (const std::string_view line : lines_of(row[i]))
                widths_[i] = std::max(widths_[i], display_width(line));
    }

    bool has_lines() const { return style_ == GridStyle::kBoxed || style_ == GridStyle::kRounded; }

    void rule(std::string_view left, std::string_view middle, std::string_view right) {
        if (!has_lines()) return;
        out_ += left;
        for (std::size_t i = 0; i < widths_.size(); ++i) {
            if (i > 0) out_ += middle;
            for (std::size_t k = 0; k < widths_[i] + 2; ++k) out_ += "─";
        }
        out_ += right;
        out_ += '\n';
    }

    void draw_row(const GridRow& row) {
        std::size_t height = 1;
        for (const std::string& cell : row) height = std::max(height, lines_of(cell).size());
        for (std::size_t line = 0; line < height; ++line) {
            if (has_lines()) out_ += "│ ";
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (i > 0) out_ += has_lines() ? " │ " : "  ";
                const auto lines = lines_of(row[i]);
                const std::string_view text = line < lines.size() ? lines[line] : "";
                for (const char c : text)
                    out_ += static_cast<unsigned char>(c) < ' ' || c == 127 ? ' ' : c;
                out_.append(widths_[i] - display_width(text), ' ');
            }
            if (has_lines()) out_ += " │";
            out_ += '\n';
        }
    }

    GridStyle style_;
    const GridRow& head_;
    std::span<const GridRow> rows_;
    std::string& out_;
    std::vector<std::size_t> widths_;
};

void draw_markdown_row(const GridRow& row, std::string& out) {
    for (const std::string& cell : row) {
        out += "| ";
        for (const char c : cell) {
            if (c == '\n') {
                out += "<br>";
            } else if (static_cast<unsigned char>(c) < ' ') {
                out += ' ';
            } else {
                if (c == '|' || c == '\\') out += '\\';
                out += c == '<' ? std::string("&lt;") : std::string(1, c);
            }
        }
        out += ' ';
    }
    out += "|\n";
}

}  // namespace

void draw_grid(GridStyle style, const GridRow& head, std::span<const GridRow> rows,
               std::string& out) {
    if (style != GridStyle::kMarkdown) return Drawing(style, head, rows, out).draw();
    draw_markdown_row(head, out);
    draw_markdown_row(GridRow(head.size(), "---"), out);
    for (const GridRow& row : rows) draw_markdown_row(row, out);
}

}  // namespace merlon::report
