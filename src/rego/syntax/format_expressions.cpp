#include <fmt/format.h>

#include <algorithm>

#include "rego/syntax/builtin_table.h"
#include "rego/syntax/format_writer.h"
#include "rego/syntax/print.h"

// Expressions: calls, `some`, `every`, `not`, `and`, `or`, `with`.

namespace merlon::rego::syntax {
namespace {

bool is_logical(const Expression& expression) {
    return expression.kind == ExpressionKind::kAnd || expression.kind == ExpressionKind::kOr;
}

bool begins_with_brace(const Term& term) {
    switch (term.kind) {
        case TermKind::kReference:
            return !term.terms.empty() && begins_with_brace(*term.terms[0]);
        case TermKind::kCall: {
            const Infix* const infix = find_infix(to_text(*term.terms[0]));
            return infix != nullptr && term.terms.size() == infix->arity + 1u &&
                   begins_with_brace(*term.terms[1]);
        }
        default:
            return is_brace_led(term);
    }
}

// What an infix call shows first: its left operand, or the result where that is written as one.
const Term* leading_operand(const Expression& expression) {
    if (expression.kind != ExpressionKind::kCall) return nullptr;
    const Infix* const infix = find_infix(to_text(*expression.terms[0]));
    if (infix == nullptr) return nullptr;
    if (expression.terms.size() == infix->arity + 1u) return expression.terms[1];
    return expression.terms.size() == infix->arity + 2u ? expression.terms.back() : nullptr;
}

bool is_union_expression(const Expression& expression) {
    return expression.kind == ExpressionKind::kCall && expression.terms.size() == 3 &&
           is_reference_to(*expression.terms[0], "or");
}

bool not_needs_parentheses(const Expression& expression) {
    return !expression.with.empty() || is_logical(expression) ||
           expression.kind == ExpressionKind::kNot || begins_with_brace(expression);
}

bool operand_needs_parentheses(const Expression& expression, std::string_view operation,
                               bool is_right) {
    if (!expression.with.empty()) return true;
    if (expression.kind == ExpressionKind::kOr) return operation == "and" || is_right;
    if (expression.kind == ExpressionKind::kAnd) return operation == "and" && is_right;
    return begins_with_brace(expression);
}

std::string_view trim_end(std::string_view text) {
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

int trimmed_end_row(const Location& location) {
    Location trimmed = location;
    trimmed.text = trim_end(location.text);
    return end_row(trimmed);
}

// Where the terms end, without what `with` adds.
int terms_end_row(const Expression& expression) {
    Location location = *expression.location;
    const std::size_t with = expression.with[0]->location->offset;
    if (with > location.offset && with - location.offset <= location.text.size())
        location.text = location.text.substr(0, with - location.offset);
    return trimmed_end_row(location);
}

int body_end_row(Body body) {
    return body.empty() || body.back()->location == nullptr
               ? 0
               : trimmed_end_row(*body.back()->location);
}

}  // namespace

bool is_reference_to(const Term& operation, std::string_view name) {
    return operation.kind == TermKind::kReference && operation.terms.size() == 1 &&
           is_variable(*operation.terms[0], name);
}

bool is_union_call(const Term& term) {
    return term.kind == TermKind::kCall && is_reference_to(*term.terms[0], "or");
}

bool begins_with_brace(const Expression& expression) {
    if (expression.kind == ExpressionKind::kTerm) return begins_with_brace(*expression.terms[0]);
    const Term* const lead = leading_operand(expression);
    return lead != nullptr && begins_with_brace(*lead);
}

Written FormatWriter::write_expression(Expression& expression, Comments& comments) {
    const bool has_parentheses = parenthesized_expression_ == &expression;
    if (has_parentheses) parenthesized_expression_ = nullptr;
    Written written = insert_comments(comments, row_of(expression.location));
    if (written != Written::kFine) return written;
    if (!is_in_line_) start_line();
    const bool wraps_negated =
        expression.is_negated &&
        (is_logical(expression) || (state_.is_v2 && begins_with_brace(expression)));
    if (expression.is_negated) write(wraps_negated ? "not (" : "not ");
    if (has_parentheses) write("(");
    written = write_expression_terms(expression, comments);
    if (written != Written::kFine) return written;
    if (has_parentheses) write(")");
    if (wraps_negated) write(")");
    return expression.with.empty() ? Written::kFine : write_withs(expression, comments);
}

Written FormatWriter::write_expression_terms(Expression& expression, Comments& comments) {
    Written written = Written::kFine;
    switch (expression.kind) {
        case ExpressionKind::kTerm:
            return write_term(*expression.terms[0], comments);
        case ExpressionKind::kCall:
            return write_call_expression(expression, comments);
        case ExpressionKind::kSome:
            written = write_some(expression, comments);
            break;
        case ExpressionKind::kEvery:
            written = write_every(expression, comments);
            break;
        case ExpressionKind::kNot:
            written = write_not(expression, comments);
            break;
        case ExpressionKind::kAnd:
        case ExpressionKind::kOr:
            written = write_logical(expression, comments);
            break;
    }
    if (written != Written::kFine) comments = {};
    return written;
}

Written FormatWriter::write_withs(Expression& expression, Comments& comments) {
    std::span<With*> withs = expression.with;
    int last_row = terms_end_row(expression);
    if (row_of(withs[0]->location) == last_row) {
        const Written written = write_with(*withs[0], comments, false);
        if (written != Written::kFine) return written;
        withs = withs.subspan(1);
    }
    Written written = Written::kFine;
    bool is_indented = false;
    for (With* with : withs) {
        const int row = row_of(with->location);
        const bool is_on_new_line = row > last_row;
        if (is_on_new_line) {
            if (!is_indented) ++level_;
            is_indented = true;
            end_line();
            start_line();
            last_row = row;
        }
        written = write_with(*with, comments, is_on_new_line);
        if (written != Written::kFine) break;
    }
    if (is_indented) down();
    return written;
}

Written FormatWriter::write_with(With& with, Comments& comments, bool is_indented) {
    Written written = insert_comments(comments, row_of(with.location));
    if (written == Written::kFine) {
        write(is_indented ? "with " : " with ");
        written = write_term(*with.target, comments);
    }
    if (written != Written::kFine) {
        comments = {};
        return written;
    }
    write(" as ");
    // A value that was written as it stood is written all the same.
    written = write_term(*with.value, comments);
    return written == Written::kFailed ? written : Written::kFine;
}

Written FormatWriter::write_some(Expression& some, Comments& comments) {
    const Written inserted = insert_comments(comments, row_of(some.declaration));
    if (inserted != Written::kFine) return inserted;
    write("some ");
    int row = row_of(some.declaration);
    for (std::size_t i = 0; i < some.terms.size(); ++i) {
        Term& symbol = *some.terms[i];
        Written written = Written::kFine;
        if (symbol.kind == TermKind::kCall) {
            const std::size_t arity = to_text(*symbol.terms[0]) == "internal.member_2" ? 2 : 3;
            written = write_in(symbol.terms.subspan(1), arity, Parentheses::kNo, some.declaration,
                               comments);
        } else {
            if (row_of(symbol.location) > row) {
                end_line();
                start_line();
                write("\t");
                row = row_of(symbol.location);
            } else if (i > 0) {
                write(" ");
            }
            written = write_term(symbol, comments);
            if (written == Written::kFine && i + 1 < some.terms.size()) write(",");
        }
        if (written != Written::kFine) return written;
    }
    return Written::kFine;
}

Written FormatWriter::write_every(Expression& every, Comments& comments) {
    const Location& whole = *every.location;
    Written written = insert_comments(comments, row_of(&whole));
    if (written != Written::kFine) return written;
    write("every ");
    if (every.terms[0] != nullptr) {
        written = write_term(*every.terms[0], comments);
        if (written != Written::kFine) return written;
        write(", ");
    }
    written = write_term(*every.terms[1], comments);
    if (written != Written::kFine) return written;
    write(" in ");
    written = write_term(*every.terms[2], comments);
    if (written != Written::kFine) return written;
    write(" {");
    written = write_comprehension_body({'{', '}'}, every.left, whole, whole, comments);
    if (written == Written::kFailed) return written;
    if (every.left.size() == 1 && every.left[0]->location->row == every.declaration->row)
        write(" ");
    write("}");
    return Written::kFine;
}

Written FormatWriter::write_not(Expression& expression, Comments& comments) {
    const Location& whole = *expression.location;
    Written written = insert_comments(comments, row_of(&whole));
    if (written != Written::kFine) return written;
    write("not ");
    const Body body = expression.left;
    if (expression.has_explicit_left || body.size() > 1) {
        if (is_union_expression(*body[0])) parenthesized_expression_ = body[0];
        write("{");
        written = write_comprehension_body({'{', '}'}, body, whole, whole, comments);
        if (written == Written::kFailed) return written;
        if (body.back()->location->row == whole.row) write(" ");
        write("}");
        return Written::kFine;
    }
    const bool has_parentheses = not_needs_parentheses(*body[0]);
    if (has_parentheses) write("(");
    written = write_expression(*body[0], comments);
    if (written == Written::kFailed) return written;
    if (has_parentheses) write(")");
    return Written::kFine;
}

const Location* FormatWriter::brace_of(const Location* node, Body body) {
    if (node == nullptr || body.empty() || body[0]->location == nullptr) return node;
    const std::int64_t distance =
        std::min<std::int64_t>(std::int64_t{body[0]->location->offset} - node->offset,
                               static_cast<std::int64_t>(node->text.size()));
    if (distance <= 0) return node;
    const std::size_t at = node->text.rfind('{', static_cast<std::size_t>(distance) - 1);
    if (at == std::string_view::npos) return node;
    Location* const brace = arena_.make<Location>(*node);
    brace->row += static_cast<std::uint32_t>(std::ranges::count(node->text.substr(0, at), '\n'));
    brace->offset += static_cast<std::uint32_t>(at);
    brace->text = node->text.substr(at);
    return brace;
}

FormatWriter::Operand FormatWriter::make_operand(Body body, bool is_explicit,
                                                 std::string_view operation, bool is_right,
                                                 const Location* node) {
    if (is_explicit || body.size() != 1) return {body, true, false, brace_of(node, body)};
    return {body, false, operand_needs_parentheses(*body[0], operation, is_right), nullptr};
}

// A chain of operators, which are read from left to right, as one list with one indentation.
FormatWriter::Operand FormatWriter::flatten(const Expression& expression,
                                            std::vector<Step>& steps) {
    const std::string_view operation = expression.kind == ExpressionKind::kAnd ? "and" : "or";
    const Body left = expression.left;
    Step step{operation, make_operand(expression.right, expression.has_explicit_right, operation,
                                      true, expression.location)};
    if (!expression.has_explicit_left && left.size() == 1 && is_logical(*left[0]) &&
        !operand_needs_parentheses(*left[0], operation, false)) {
        step.left_end_row = body_end_row(left);
        const Operand first = flatten(*left[0], steps);
        steps.push_back(step);
        return first;
    }
    const Operand first =
        make_operand(left, expression.has_explicit_left, operation, false, expression.location);
    if (first.is_explicit && first.brace != nullptr)
        step.left_end_row = closing_row(0, 0, '{', '}', *first.brace);
    if (step.left_end_row <= 0) step.left_end_row = body_end_row(left);
    steps.push_back(step);
    return first;
}

Written FormatWriter::write_logical(Expression& expression, Comments& comments) {
    std::vector<Step> steps;
    const Operand first = flatten(expression, steps);
    Written written = write_operand(first, comments);
    if (written == Written::kFailed) return written;
    bool is_indented = false;
    for (const Step& step : steps) {
        write(fmt::format(" {}", step.operation));
        const Location* const start =
            step.right.is_explicit ? step.right.brace : step.right.body[0]->location;
        if (start != nullptr && row_of(start) > step.left_end_row) {
            if (!is_indented) ++level_;
            is_indented = true;
            end_line();
            start_line();
        } else {
            write(" ");
        }
        written = write_operand(step.right, comments);
        if (written == Written::kFailed) break;
    }
    if (is_indented) down();
    return written == Written::kFailed ? written : Written::kFine;
}

Written FormatWriter::write_operand(const Operand& operand, Comments& comments) {
    if (!operand.is_explicit) {
        if (operand.has_parentheses) write("(");
        const Written written = write_expression(*operand.body[0], comments);
        if (operand.has_parentheses) write(")");
        return written;
    }
    if (is_union_expression(*operand.body[0])) parenthesized_expression_ = operand.body[0];
    write("{");
    const Written written = write_comprehension_body({'{', '}'}, operand.body, *operand.brace,
                                                     *operand.brace, comments);
    if (written == Written::kFailed) return written;
    if (operand.body.back()->location->row == operand.brace->row) write(" ");
    write("}");
    return Written::kFine;
}

Written FormatWriter::write_call_expression(Expression& expression, Comments& comments) {
    const Terms terms = expression.terms;
    const std::string operation = to_text(*terms[0]);
    const Infix* const infix = find_infix(operation);
    if (infix == nullptr) return write_plain_call(terms, comments);
    if (infix->symbol == "in")
        return write_in(terms.subspan(1), infix->arity, Parentheses::kNo, terms[0]->location,
                        comments);
    const std::size_t operands = terms.size() - 1;
    if (operands != infix->arity && operands != infix->arity + 1u) {
        fail_arity(terms.subspan(1), operation, infix->arity, infix->operand, terms[0]->location);
        return write_plain_call(terms, comments);
    }
    // `plus(x, y, z)` is `z = x + y`.
    const auto write_first = [&](Term& term, std::string_view symbol) {
        const Written written = write_term(term, comments);
        if (written == Written::kFine) {
            write(fmt::format(" {} ", symbol));
        } else {
            comments = {};
        }
        return written;
    };
    Written written = Written::kFine;
    if (operands != infix->arity) written = write_first(*terms[3], "=");
    if (written == Written::kFine) written = write_first(*terms[1], infix->symbol);
    return written == Written::kFine ? write_term(*terms[2], comments) : written;
}

Written FormatWriter::write_plain_call(Terms terms, Comments& comments) {
    Term& operation = *terms[0];
    if (operation.kind == TermKind::kReference) {
        // What it took is looked at again, as OPA does.
        Comments taken = comments;
        const Written written = write_reference(operation.terms, taken);
        if (written != Written::kFine) {
            comments = taken;
            return written;
        }
    } else {
        write(to_text(operation));
    }
    write("(");
    Items items;
    for (Term* argument : terms.subspan(1)) items.push_back({argument});
    static const Location kNowhere;
    const Location& location = operation.location == nullptr ? kNowhere : *operation.location;
    const Written written =
        write_items(std::move(items), location, closing_row(0, 0, '(', ')', location), comments,
                    &FormatWriter::write_argument);
    if (written != Written::kFine) comments = {};
    write(")");
    return written;
}

// A body behind `if` must not begin with `x | y`, which would be a comprehension.
void FormatWriter::mark_leading_union(Expression& expression) {
    if (expression.is_negated) return;
    if (is_logical(expression)) {
        std::vector<Step> steps;
        const Operand first = flatten(expression, steps);
        if (!first.is_explicit && !first.has_parentheses) mark_leading_union(*first.body[0]);
    } else if (is_union_expression(expression)) {
        parenthesized_expression_ = &expression;
    } else if (const Term* lead = leading_operand(expression);
               lead != nullptr && is_union_call(*lead)) {
        parenthesized_term_ = lead;
    }
}

}  // namespace merlon::rego::syntax
