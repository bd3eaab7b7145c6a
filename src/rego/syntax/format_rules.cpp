#include <fmt/format.h>

#include <algorithm>

#include "rego/syntax/compare.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/format_writer.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"

// Rules: heads, bodies, `else`.

namespace merlon::rego::syntax {
namespace {

bool is_true(const Term& term) {
    return term.kind == TermKind::kBoolean && term.constant.as_boolean();
}

// `{ true }`, which a rule without a body has, and which is not written.
bool is_body_of_constant(Body body) {
    return body.size() == 1 && body[0]->kind == ExpressionKind::kTerm && body[0]->index == 0 &&
           !body[0]->is_negated && body[0]->with.empty() && is_true(*body[0]->terms[0]);
}

struct FindInconstant {
    bool found = false;
    bool enter(Term& term) {
        if (term.kind == TermKind::kVariable || term.kind == TermKind::kReference ||
            term.kind >= TermKind::kArrayComprehension)
            found = true;
        return !found;
    }
    bool enter(Expression&) { return !found; }
    bool enter(With&) { return !found; }
};

bool has_dynamic_reference(const Head& head) {
    if (head.reference[0]->kind == TermKind::kCall) return false;
    return std::ranges::any_of(head.reference.subspan(1), [](Term* part) {
        FindInconstant find;
        walk(*part, find);
        return find.found;
    });
}

Terms ground_prefix(Terms reference) {
    std::size_t count = 1;
    while (count < reference.size() && is_ground(*reference[count])) ++count;
    return reference.first(count);
}

std::string_view line_of(std::string_view text, int line) {
    for (; line > 0; --line) text.remove_prefix(text.find('\n') + 1);
    return text.substr(0, text.find('\n'));
}

std::string_view trim_begin(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\v\f");
    return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

bool is_set(const Expression& expression) {
    return !expression.is_negated && expression.kind == ExpressionKind::kTerm &&
           expression.terms[0]->kind == TermKind::kSet;
}

}  // namespace

// One line, which may stand directly below another one.
bool FormatWriter::is_groupable(const Rule& rule) const {
    if (rule.body.size() > 1 || rule.is_default || rule.location == nullptr ||
        rule.otherwise != nullptr)
        return false;
    if (rule.body.size() == 1 && is_set(*rule.body[0])) return false;
    return (state_.is_v1 || state_.uses_if) &&
           (state_.uses_contains || rule.head->value != nullptr);
}

Written FormatWriter::write_rule(Rule& rule, RuleKind kind, Comments& comments) {
    if (kind == RuleKind::kFirst) start_line();
    if (rule.is_default) write("default ");
    const bool is_constant = is_body_of_constant(rule.body) && rule.otherwise == nullptr;
    writes_comment_on_last_line_ = is_constant;
    const Written head = write_head(*rule.head, rule.is_default, is_constant, comments);
    if (head == Written::kFailed) {
        comments = {};
        return head;
    }
    if (rule.body.empty() || is_constant) {
        end_line();
        return Written::kFine;
    }
    writes_comment_on_last_line_ = true;
    // In v0 a set without `contains` has no `if`.
    const bool uses_if =
        (state_.is_v1 || state_.uses_if) && (state_.uses_contains || rule.head->value != nullptr);
    if (uses_if) {
        bool is_over = false;
        const Written written = write_if(rule, comments, is_over);
        if (is_over) return written;
    }
    if (head == Written::kUnexpectedComment && !comments.empty()) {
        write(" { ");
    } else {
        write(" {");
        end_line();
    }
    if (uses_if && kind == RuleKind::kFirst) mark_leading_union(*rule.body[0]);
    return write_block(rule, comments);
}

// ` if`, and the body where it stands on the line on which the head ends.
Written FormatWriter::write_if(Rule& rule, Comments& comments, bool& is_over) {
    write(" if");
    if (rule.body.size() != 1 || is_set(*rule.body[0]) ||
        row_of(rule.body[0]->location) != end_row(*rule.head->location))
        return Written::kFine;
    is_over = true;
    write(" ");
    if (write_expression(*rule.body[0], comments) == Written::kFailed) {
        comments = {};
        return Written::kFailed;
    }
    end_line();
    return rule.otherwise == nullptr ? Written::kFine : write_else(rule, comments);
}

Written FormatWriter::write_block(Rule& rule, Comments& comments) {
    ++level_;
    Written written = write_body(rule.body, comments);
    int close = 0;
    if (!rule.head->arguments.empty()) {
        close = closing_row('(', ')', '{', '}', *rule.location);
    } else if (rule.head->key != nullptr) {
        close = closing_row('[', ']', '{', '}', *rule.location);
    } else {
        close = closing_row(0, 0, '{', '}', *rule.location);
    }
    if (written != Written::kFailed) written = insert_comments(comments, close);
    if (written == Written::kFine) written = down();
    if (written != Written::kFine) {
        comments = {};
        return written;
    }
    start_line();
    write("}");
    return rule.otherwise == nullptr ? Written::kFine : write_else(rule, comments);
}

Written FormatWriter::write_else(Rule& rule, Comments& comments) {
    Rule& next = *rule.otherwise;
    Head& head = *next.head;
    // `} else {` stays on its line, an `else` at a line's beginning keeps its own.
    bool is_inline = false;
    const int row = row_of(next.location) - row_of(rule.location);
    if (row > 0 && row <= std::ranges::count(rule.location->text, '\n'))
        is_inline = !trim_begin(line_of(rule.location->text, row)).starts_with("else");
    const bool has_comment =
        (!comments.empty() && row_of(comments[0]->location) < row_of(head.location)) ||
        at_line_end_ != nullptr;
    if (!has_comment && is_inline) {
        write(" ");
    } else {
        blank_line();
        start_line();
    }
    Term* const name = arena_.make<Term>();
    name->kind = TermKind::kVariable;
    name->text = head.name = "else";
    name->location = head.location;
    head.reference = keep_pointers({name}, arena_);
    head.arguments = {};
    const Written written = insert_comments(comments, row_of(head.location));
    if (written != Written::kFine) {
        comments = {};
        return written;
    }
    if (has_comment && !is_inline) start_line();
    if (head.value != nullptr) head.value->location = head.location;
    return write_rule(next, RuleKind::kElse, comments);
}

Written FormatWriter::write_head(Head& head, bool is_default, bool is_constant,
                                 Comments& comments) {
    bool is_over = false;
    Written written = write_head_reference(head, comments, is_over);
    if (is_over || written != Written::kFine) return written;
    if (!head.arguments.empty()) {
        write("(");
        Items items;
        for (Term* argument : head.arguments) items.push_back({argument});
        written = write_items(std::move(items), *head.location,
                              closing_row(0, 0, '(', ')', *head.location), comments,
                              &FormatWriter::write_argument);
        write(")");
        if (written != Written::kFine) return written;
    }
    if (head.key != nullptr && head.value == nullptr) {
        write(state_.uses_contains ? " contains " : "[");
        written = write_term(*head.key, comments);
        if (written != Written::kFine) return written;
        if (!state_.uses_contains) write("]");
    }
    return head.value == nullptr ? Written::kFine
                                 : write_head_value(head, is_default, is_constant, comments);
}

Written FormatWriter::write_head_reference(Head& head, Comments& comments, bool& is_over) {
    Terms reference = head.reference;
    if (head.key != nullptr && head.value == nullptr && !has_dynamic_reference(head))
        reference = ground_prefix(reference);
    if (state_.has_reference_heads || reference.size() == 1) {
        const Written written = write_reference(reference, comments);
        if (written != Written::kFine) comments = {};
        return written;
    }
    if (!comments.empty() && row_of(reference[1]->location) == row_of(comments[0]->location)) {
        is_over = true;
        return write_unformatted(*head.location, comments);
    }
    write(fmt::format("{}[{}]", to_text(*reference[0]), to_text(*reference[1])));
    return Written::kFine;
}

Written FormatWriter::write_head_value(Head& head, bool is_default, bool is_constant,
                                       Comments& comments) {
    const bool is_truth = is_true(*head.value);
    if (head.key == nullptr && is_truth && !is_constant && !is_default) return Written::kFine;
    // v1 says the value of `a.b.c := true`, which would be read as something else.
    const bool must_say =
        state_.is_v1 && is_constant && head.key == nullptr && head.arguments.empty();
    if (head.location == head.value->location && head.name != "else" && is_truth && !must_say)
        return Written::kFine;
    write(head.is_assigned || state_.is_v1 ? " := " : " = ");
    return write_term(*head.value, comments);
}

Written FormatWriter::write_body(Body body, Comments& comments) {
    const Written inserted = insert_comments(comments, row_of(body[0]->location));
    if (inserted != Written::kFine) return inserted;
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (i > 0 && row_of(body[i]->location) > end_row(*body[i - 1]->location) + 1) blank_line();
        start_line();
        write_expression(*body[i], comments);
        end_line();
    }
    return Written::kFine;
}

}  // namespace merlon::rego::syntax
