#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "rego/syntax/builtin_table.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/format_writer.h"
#include "rego/syntax/literal.h"
#include "rego/syntax/print.h"

// Terms: values, references, calls, comprehensions.

namespace merlon::rego::syntax {
namespace {

std::string_view variable_text(std::string_view name) {
    return is_wildcard(name) ? std::string_view("_") : name;
}

// A literal with JSON's escapes, which Rego's are: \u0000 where Go has \x00.
std::string source_quoted(std::string_view text) {
    const std::string quoted = go_quoted(text);
    if (!quoted.contains('\\')) return quoted;
    std::string out;
    for (std::size_t i = 0; i < quoted.size(); ++i) {
        if (quoted[i] != '\\') {
            out += quoted[i];
            continue;
        }
        switch (quoted[++i]) {
            case 'a':
                out += "\\u0007";
                break;
            case 'v':
                out += "\\u000b";
                break;
            case 'x':
                out += "\\u00";
                break;
            case 'U': {
                std::uint32_t point = 0;
                std::from_chars(&quoted[i + 1], &quoted[i + 1] + 8, point, 16);
                point -= 0x10000;
                out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (point >> 10),
                                   0xDC00 + (point & 0x3FF));
                i += 8;
                break;
            }
            default:
                out += '\\';
                out += quoted[i];
        }
    }
    return out;
}

bool is_parenthesized(const Term& term) {
    return term.location != nullptr && term.location->text.starts_with('(');
}

}  // namespace

// What stops inside is written as it stood, and still said, so that what is around knows.
Written FormatWriter::write_term(Term& term, Comments& comments) {
    if (comments.empty()) return write_term(term, Parentheses::kNo, comments);
    const std::size_t length = out_.size();
    const int level = level_;
    const Comments saved = comments;
    const Written written = write_term(term, Parentheses::kNo, comments);
    if (written == Written::kFine) return written;
    if (written == Written::kFailed) {
        comments = {};
        return written;
    }
    out_.resize(length);
    level_ = level;
    if (at_line_end_ != nullptr && !term.location->text.empty()) {
        const int row = row_of(at_line_end_->location);
        if (row >= row_of(term.location) && row <= end_row(*term.location))
            at_line_end_ = nullptr;  // it is part of the text
    }
    comments = saved;
    if (write_unformatted(*term.location, comments) != Written::kFine) return Written::kFailed;
    return written;
}

Written FormatWriter::write_unformatted(const Location& location, Comments& comments) {
    if (location.text.empty()) {
        fail("original unformatted text is empty");
        comments = {};
        return Written::kFailed;
    }
    const int last_row = end_row(location);
    write(location.text);
    std::vector<Comment*> left;
    for (Comment* comment : comments) {
        const int row = row_of(comment->location);
        if (writes_comment_on_last_line_ && row == last_row) {
            write(" ");
            write(comment->location->text);
        } else if (row >= last_row) {
            left.push_back(comment);
        }
    }
    comments = keep_pointers(left, arena_);
    return Written::kFine;
}

Written FormatWriter::write_term(Term& term, Parentheses parentheses, Comments& comments) {
    if (parenthesized_term_ == &term) {
        parenthesized_term_ = nullptr;
        parentheses = Parentheses::kYes;
    }
    Written written = insert_comments(comments, row_of(term.location));
    if (written == Written::kFine) {
        if (!is_in_line_) start_line();
        written = write_term_inside(term, parentheses, comments);
    }
    if (written != Written::kFine) {
        comments = {};
        return written;
    }
    if (!is_in_line_) start_line();
    return Written::kFine;
}

Written FormatWriter::write_term_inside(Term& term, Parentheses parentheses, Comments& comments) {
    switch (term.kind) {
        case TermKind::kReference:
            return write_reference(term.terms, comments);
        case TermKind::kArray:
        case TermKind::kObject:
        case TermKind::kSet:
            return write_collection(term, comments);
        case TermKind::kArrayComprehension:
        case TermKind::kObjectComprehension:
        case TermKind::kSetComprehension:
            return write_comprehension(term, comments);
        case TermKind::kTemplateString:
            return write_template(term, comments);
        case TermKind::kCall:
            return write_call(term, parentheses, comments);
        case TermKind::kString:
            write_string(term);
            break;
        case TermKind::kVariable:
            write(variable_text(term.text));
            break;
        case TermKind::kNull:
        case TermKind::kBoolean:
        case TermKind::kNumber:
            write(to_text(term));
            break;
    }
    return Written::kFine;
}

// As it was written, because quoting it again could change it.
void FormatWriter::write_string(const Term& term) {
    const std::string_view text = term.location->text;
    if (text.starts_with('`')) return write(text);
    const char quote = text.empty() ? '\0' : text.back();
    // The text of an `else` value begins at the word, that of a path's `.x` has no quotes.
    const std::size_t begin =
        quote == '"' || quote == '`' ? text.find(quote) : std::string_view::npos;
    write(begin == std::string_view::npos ? std::string_view(source_quoted(term.text))
                                          : text.substr(begin));
}

Written FormatWriter::write_template(Term& term, Comments& comments) {
    const std::string_view quote = term.is_multi_line ? "`" : "\"";
    write("$");
    write(quote);
    for (std::size_t i = 0; i < term.template_parts.size(); ++i) {
        const TemplatePart& part = term.template_parts[i];
        if (part.expression != nullptr) {
            const Written written =
                write_template_expression(term.template_parts.subspan(i), comments);
            if (written != Written::kFine) return written;
        } else if (part.term->kind != TermKind::kString) {
            write(to_text(*part.term));
        } else if (term.is_multi_line) {
            write(escape_braces(part.term->text));
        } else {
            const std::string quoted = escape_braces(source_quoted(part.term->text));
            write(std::string_view(quoted).substr(1, quoted.size() - 2));
        }
    }
    write(quote);
    return Written::kFine;
}

// `{…}` at the front of `parts`, with its comments, which begin on the brace's own line.
Written FormatWriter::write_template_expression(std::span<const TemplatePart> parts,
                                                Comments& comments) {
    Expression& expression = *parts[0].expression;
    write("{");
    ++level_;
    if (at_line_end_ != nullptr) {
        end_line();
        start_line();
    } else {
        const Partition partition = this->partition(comments, row_of(expression.location));
        if (!partition.before.empty()) {
            write(" ");
            is_in_line_ = true;
            write_comments(partition.before);
            comments = comments.subspan(partition.before.size());
        }
    }
    const Written written = write_expression(expression, comments);
    if (written != Written::kFine) return written;
    if (parts.size() > 1) {
        const Location* const next =
            parts[1].term != nullptr ? parts[1].term->location : parts[1].expression->location;
        const Partition partition = this->partition(comments, row_of(next));
        if (!partition.before.empty()) {
            end_line();
            write_comments(partition.before);
            comments = comments.subspan(partition.before.size());
            start_line();
        }
    }
    write("}");
    return down();
}

Written FormatWriter::write_reference(Terms reference, Comments& comments) {
    if (reference.empty()) return Written::kFine;
    Term& head = *reference[0];
    const bool has_parentheses = head.kind == TermKind::kCall && is_parenthesized(head);
    const Written written =
        write_term(head, has_parentheses ? Parentheses::kYes : Parentheses::kNo, comments);
    if (written != Written::kFine) {
        comments = {};
        return written;
    }
    for (Term* part : reference.subspan(1)) {
        if (part->kind == TermKind::kString) {
            write_path_string(*part);
            continue;
        }
        write("[");
        if (part->kind == TermKind::kVariable) {
            write(variable_text(part->text));
        } else {
            const Written inside = write_term(*part, comments);
            if (inside == Written::kFailed) {
                comments = {};
                return inside;
            }
            // The bracket must not become part of the comment.
            if (inside == Written::kUnexpectedComment) write("\n");
        }
        write("]");
    }
    return Written::kFine;
}

void FormatWriter::write_path_string(const Term& part) {
    if (needs_brackets(part)) {
        write("[" + source_quoted(part.text) + "]");
    } else {
        write(".");
        write(part.text);
    }
}

bool FormatWriter::needs_brackets(const Term& part) const {
    if (!is_variable_like(part.text)) return true;
    bool is_word = false;
    if (state_.is_v2 || state_.imports_v2) {
        is_word = is_keyword(part.text, RegoVersion::kV2);
    } else {
        const FutureWord* const future = find_future_word(part.text);
        is_word = is_keyword(part.text, state_.is_v1 ? RegoVersion::kV1 : RegoVersion::kV0) ||
                  (future != nullptr && (future->keyword & state_.future_keywords) != 0);
    }
    if (is_word && state_.quotes_keywords) return true;
    return is_word && part.location != nullptr && part.location->text.starts_with('"');
}

Written FormatWriter::write_call(Term& call, Parentheses parentheses, Comments& comments) {
    const Terms terms = call.terms;
    const std::string operation = to_text(*terms[0]);
    const Infix* const infix = find_infix(operation);
    if (infix == nullptr) return write_plain_call(terms, comments);
    if (infix->symbol == "in")
        return write_in(terms.subspan(1), infix->arity, Parentheses::kYes, call.location, comments);
    const bool has_parentheses = parentheses == Parentheses::kYes;
    if (has_parentheses) write("(");
    if (terms.size() != infix->arity + 1u) {
        fail_arity(terms.subspan(1), operation, infix->arity, infix->operand, call.location);
        return Written::kFine;
    }
    Written written = write_term(*terms[1], Parentheses::kYes, comments);
    if (written == Written::kFine) {
        write(fmt::format(" {} ", infix->symbol));
        written = write_term(*terms[2], Parentheses::kYes, comments);
    }
    if (written != Written::kFine) {
        comments = {};
        return written;
    }
    if (has_parentheses) write(")");
    return Written::kFine;
}

Written FormatWriter::write_in(Terms operands, std::size_t arity, Parentheses parentheses,
                               const Location* location, Comments& comments) {
    if (operands.size() != arity) {
        fail_arity(operands, arity == 3 ? "internal.member_3" : "internal.member_2", arity, "any",
                   location);
        return Written::kFine;
    }
    const bool has_parentheses = arity == 3 && parentheses == Parentheses::kYes;
    if (has_parentheses) write("(");
    Written written = Written::kFine;
    for (std::size_t i = 0; i < arity && written == Written::kFine; ++i) {
        if (i > 0) write(i + 1 == arity ? " in " : ", ");
        written = write_term(*operands[i], Parentheses::kYes, comments);
    }
    if (has_parentheses) write(")");
    if (written != Written::kFine) comments = {};
    return written;
}

void FormatWriter::fail_arity(Terms operands, std::string_view operation, std::size_t arity,
                              std::string_view type, const Location* location) {
    SyntaxError error{.code = "rego_type_error",
                      .message = fmt::format("{}: arity mismatch", operation)};
    if (location != nullptr) {
        error.row = location->row;
        error.column = location->column;
    }
    std::vector<std::string_view> have;
    for (const Term* operand : operands) have.push_back(name(operand->kind));
    const std::vector<std::string_view> want(arity, type);
    error.more = {fmt::format("have: ({})", fmt::join(have, ",")),
                  fmt::format("want: ({})", fmt::join(want, ","))};
    errors_.push_back(std::move(error));
}

Written FormatWriter::write_collection(Term& term, Comments& comments) {
    const Location& location = *term.location;
    if (term.kind == TermKind::kSet && term.terms.empty()) {
        write("set()");
        const Written written = insert_comments(comments, closing_row(0, 0, '(', ')', location));
        if (written != Written::kFine) comments = {};
        return written;
    }
    const bool is_array = term.kind == TermKind::kArray;
    Items items;
    if (is_array) {
        for (Term* element : term.terms) items.push_back({element});
    } else {
        const std::vector<Term*> sorted = sorted_elements(term);
        const std::size_t stride = term.kind == TermKind::kObject ? 2 : 1;
        for (std::size_t i = 0; i < sorted.size(); i += stride)
            items.push_back({sorted[i], stride == 2 ? sorted[i + 1] : nullptr});
    }
    const Brackets brackets = is_array ? Brackets{'[', ']'} : Brackets{'{', '}'};
    write(std::string_view(&brackets.open, 1));
    const Written written = write_items(
        std::move(items), location, closing_row(0, 0, brackets.open, brackets.close, location),
        comments,
        term.kind == TermKind::kObject ? &FormatWriter::write_pair : &FormatWriter::write_element);
    write(std::string_view(&brackets.close, 1));
    return written;
}

Written FormatWriter::write_comprehension(Term& term, Comments& comments) {
    const Brackets brackets =
        term.kind == TermKind::kArrayComprehension ? Brackets{'[', ']'} : Brackets{'{', '}'};
    const Location& whole = *term.location;
    write(std::string_view(&brackets.open, 1));
    Term& last = *term.terms.back();
    Written written = Written::kFine;
    if (term.kind == TermKind::kObjectComprehension) {
        // The value stays behind its key, whatever line it was on.
        last.location = arena_.make<Location>(*last.location);
        last.location->row = whole.row;
        Term& key = *term.terms[0];
        const bool wraps_key = is_union_call(key);
        if (wraps_key) write("(");
        written = write_term(key, comments);
        if (written == Written::kFine) {
            if (wraps_key) write(")");
            write(": ");
        }
    }
    if (written == Written::kFine) {
        if (last.location->row > whole.row) {
            end_line();
            start_line();
        }
        const bool has_parentheses =
            last.kind == TermKind::kCall && (is_union_call(last) || is_parenthesized(last));
        written =
            write_term(last, has_parentheses ? Parentheses::kYes : Parentheses::kNo, comments);
    }
    if (written != Written::kFine) {
        comments = {};
    } else {
        write(" |");
        written = write_comprehension_body(brackets, term.body, *last.location, whole, comments);
    }
    write(std::string_view(&brackets.close, 1));
    return written;
}

Written FormatWriter::write_comprehension_body(Brackets brackets, Body body, const Location& term,
                                               const Location& whole, Comments& comments) {
    const bool is_block = body[0]->location->row > term.row || count_lines(body, term) > 1;
    Written written = Written::kFine;
    if (is_block) {
        end_line();
        ++level_;
        written = write_body(body, comments);
    } else {
        write(" ");
        for (std::size_t i = 0; i < body.size() && written == Written::kFine; ++i) {
            if (i > 0) write("; ");
            written = write_expression(*body[i], comments);
        }
    }
    if (written == Written::kFine) {
        written =
            insert_comments(comments, closing_row(0, 0, brackets.open, brackets.close, whole));
        if (written != Written::kFine) comments = {};
    }
    if (is_block) {
        down();
        start_line();
    }
    return written;
}

}  // namespace merlon::rego::syntax
