#include <fmt/format.h>

#include <algorithm>

#include "rego/syntax/annotations.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/format_writer.h"
#include "rego/syntax/walk.h"

// Lines, comments, and lists that keep the source's line breaks.

namespace merlon::rego::syntax {
namespace {

constexpr int kNoRow = -1;

// Steps over brackets until the one at `at` is closed; false where it is not.
bool pass_brackets(std::string_view text, char open, char close, std::size_t& at, int& rows) {
    for (int depth = 1; depth > 0;) {
        if (++at >= text.size()) return false;
        if (text[at] == open) {
            ++depth;
        } else if (text[at] == close) {
            --depth;
        } else if (text[at] == '\n') {
            ++rows;
        }
    }
    return true;
}

// Whether places in there cannot be relied on: made by the formatter, or by partial evaluation.
struct FindUnplaced {
    bool found = false;
    bool enter(Term& term) {
        if (term.location == nullptr || term.location->is_synthetic) found = true;
        if (term.kind == TermKind::kVariable && term.text.starts_with("__local")) found = true;
        return !found;
    }
    bool enter(Expression&) { return !found; }
    bool enter(With&) { return !found; }
};

std::string comment_text(const Comment& comment) { return "#" + std::string(comment.text); }

}  // namespace

bool is_before(const Location* left, const Location* right) {
    if (left == nullptr || right == nullptr) return left == nullptr && right != nullptr;
    return left->row != right->row ? left->row < right->row : left->column < right->column;
}

int end_row(const Location& location) {
    return static_cast<int>(location.row) +
           static_cast<int>(std::ranges::count(location.text, '\n'));
}

int closing_row(char skip_open, char skip_close, char open, char close, const Location& location) {
    const std::string_view text = location.text;
    std::size_t at = 0;
    int rows = 0;
    if (skip_open != 0) {
        at = std::min(text.find(skip_open), text.size());
        if (!pass_brackets(text, skip_open, skip_close, at, rows)) return kNoRow;
    }
    at = text.find(open, at);
    if (at == std::string_view::npos || !pass_brackets(text, open, close, at, rows)) return kNoRow;
    return static_cast<int>(location.row) + rows;
}

void FormatWriter::start_line() {
    is_in_line_ = true;
    out_.append(static_cast<std::size_t>(level_), '\t');
}

void FormatWriter::end_line() {
    is_in_line_ = false;
    if (at_line_end_ != nullptr && !is_delayed_) {
        write(" " + comment_text(*at_line_end_));
        at_line_end_ = nullptr;
    }
    is_delayed_ = false;
    write("\n");
}

void FormatWriter::blank_line() {
    if (is_in_line_) end_line();
    write("\n");
}

void FormatWriter::write_line(std::string_view text) {
    if (!is_in_line_) start_line();
    write(text);
    end_line();
}

void FormatWriter::fail(std::string message) {
    errors_.push_back({.code = "rego_format_error", .message = std::move(message)});
}

Written FormatWriter::down() {
    if (level_ == 0) {
        fail("negative indentation level");
        return Written::kFailed;
    }
    --level_;
    return Written::kFine;
}

void FormatWriter::write_comments(Comments comments) {
    bool in_metadata = false;
    for (std::size_t i = 0; i < comments.size(); ++i) {
        if (i > 0) {
            const Location& here = *comments[i]->location;
            const Location& before = *comments[i - 1]->location;
            const int distance =
                here.row != before.row
                    ? static_cast<int>(here.row) - static_cast<int>(before.row)
                    : static_cast<int>(here.column) - static_cast<int>(before.column);
            if (distance > 1) {
                blank_line();
                in_metadata = false;
            } else if (distance == 1 && in_metadata && is_metadata(*comments[i])) {
                blank_line();
            }
        }
        if (is_metadata(*comments[i])) in_metadata = true;
        write_line(comment_text(*comments[i]));
    }
}

FormatWriter::Partition FormatWriter::partition(Comments comments, int row) {
    std::vector<Comment*> before;
    std::vector<Comment*> after;
    Partition parts;
    for (Comment* comment : comments) {
        const int difference = row_of(comment->location) - row;
        if (difference < 0) {
            before.push_back(comment);
        } else if (difference > 0) {
            after.push_back(comment);
        } else {
            parts.at = comment;
        }
    }
    if (after.size() == comments.size()) {
        parts.after = comments;
        return parts;
    }
    parts.before = keep_pointers(before, arena_);
    parts.after = keep_pointers(after, arena_);
    return parts;
}

Written FormatWriter::register_comment(Comment* comment) {
    if (at_line_end_ == nullptr) {
        at_line_end_ = comment;
        return Written::kFine;
    }
    if (comment == nullptr) return Written::kFine;
    at_line_end_ = nullptr;
    return Written::kUnexpectedComment;
}

Written FormatWriter::insert_comments(Comments& comments, int row) {
    // Those behind stay, and where all are behind nothing is to be done.
    const bool are_all_behind = std::ranges::all_of(
        comments, [&](const Comment* comment) { return row_of(comment->location) > row; });
    if (are_all_behind) return Written::kFine;
    const Partition parts = partition(comments, row);
    write_comments(parts.before);
    if (!parts.before.empty() && row - row_of(parts.before.back()->location) > 1) blank_line();
    comments = parts.after;
    return register_comment(parts.at);
}

// Where lines begin among the items, which are put in the order of their places.
std::vector<std::size_t> FormatWriter::line_starts(Items& items, const Location& around) {
    FindUnplaced find;
    for (const Item& item : items) {
        if (item.value != nullptr) continue;  // OPA does not look into pairs
        walk(*item.term, find);
        if (find.found) return {0};
    }
    std::ranges::stable_sort(items, [](const Item& left, const Item& right) {
        return is_before(left.term->location, right.term->location);
    });
    std::vector<std::size_t> starts{0};
    const Location* last = &around;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Location* const location = items[i].term->location;
        if (location->row > last->row && i > 0) starts.push_back(i);
        last = location;
    }
    return starts;
}

std::size_t FormatWriter::count_lines(Body body, const Location& around) {
    FindUnplaced find;
    std::vector<const Location*> places;
    for (Expression* expression : body) {
        walk(*expression, find);
        if (find.found) return 1;
        places.push_back(expression->location);
    }
    std::ranges::stable_sort(places, is_before);
    std::size_t lines = 1;
    const Location* last = &around;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (places[i]->row > last->row && i > 0) ++lines;
        last = places[i];
    }
    return lines;
}

Written FormatWriter::write_items(Items items, const Location& around, int close_row,
                                  Comments& comments, WriteItem write_item) {
    const std::vector<std::size_t> starts = line_starts(items, around);
    bool breaks_before_first = false;
    if (starts.size() == 1) {
        // A comment inside of what would be one line: it is left as it is.
        for (const Comment* comment : comments) {
            const int row = row_of(comment->location);
            if (row > static_cast<int>(around.row) && row < close_row)
                return Written::kUnexpectedComment;
        }
        if (!items.empty()) {
            const std::size_t cut = around.text.find(items[0].term->location->text);
            if (cut != std::string_view::npos && cut > 0) {
                const std::size_t line_break = around.text.substr(0, cut).find('\n');
                breaks_before_first = line_break != std::string_view::npos && line_break > 0;
            }
        }
    }
    const bool is_multi_line = starts.size() > 1 || breaks_before_first;
    if (is_multi_line) {
        is_delayed_ = true;
        end_line();
        ++level_;
        start_line();
    }
    const std::span<const Item> all(items);
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const bool is_last = i + 1 == starts.size();
        const std::size_t end = is_last ? items.size() : starts[i + 1];
        const Written written =
            write_item_line(all.subspan(starts[i], end - starts[i]), comments, write_item);
        if (written != Written::kFine) {
            comments = {};
            return written;
        }
        if (is_last) break;
        write(",");
        end_line();
        start_line();
    }
    if (!is_multi_line) return Written::kFine;
    write(",");
    end_line();
    Written written = insert_comments(comments, close_row);
    if (written == Written::kFine) written = down();
    if (written != Written::kFine) {
        comments = {};
        return written;
    }
    start_line();
    return Written::kFine;
}

Written FormatWriter::write_item_line(std::span<const Item> line, Comments& comments,
                                      WriteItem write_item) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (i > 0) write(", ");
        const Written written = (this->*write_item)(line[i], comments);
        if (written != Written::kFine) return written;
    }
    return Written::kFine;
}

Written FormatWriter::write_list_item(const Item& item, bool has_parentheses, Comments& comments) {
    const bool is_wrapped = is_union_call(*item.term) &&
                            (has_parentheses || item.term->location->text.starts_with('('));
    if (is_wrapped) write("(");
    const Written written = write_term(*item.term, comments);
    if (is_wrapped) write(")");
    return written;
}

Written FormatWriter::write_argument(const Item& item, Comments& comments) {
    return write_list_item(item, false, comments);
}

// In a collection a bare union would be read as a comprehension.
Written FormatWriter::write_element(const Item& item, Comments& comments) {
    return write_list_item(item, true, comments);
}

Written FormatWriter::write_pair(const Item& item, Comments& comments) {
    const bool wraps_key = is_union_call(*item.term);
    if (wraps_key) write("(");
    const Written written = write_term(*item.term, comments);
    if (written != Written::kFine) {
        comments = {};
        return written;
    }
    if (wraps_key) write(")");
    write(": ");
    const bool wraps_value = is_union_call(*item.value);
    if (wraps_value) write("(");
    const Written value_written = write_term(*item.value, comments);
    if (wraps_value) write(")");
    return value_written;
}

}  // namespace merlon::rego::syntax
