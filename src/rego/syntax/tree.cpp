#include "rego/syntax/tree.h"

#include <algorithm>
#include <array>

#include "rego/syntax/copy.h"
#include "rego/syntax/walk.h"

namespace merlon::rego::syntax {
namespace {

constexpr std::array kKindNames = std::to_array<std::string_view>({
    "null",
    "boolean",
    "number",
    "string",
    "templatestring",
    "var",
    "ref",
    "array",
    "object",
    "set",
    "arraycomprehension",
    "objectcomprehension",
    "setcomprehension",
    "call",
});

}  // namespace

std::string_view name(TermKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

bool is_ground_reference(Terms reference) {
    return reference.size() < 2 ||
           std::ranges::all_of(reference.subspan(1), [](Term* part) { return is_ground(*part); });
}

bool is_ground(const Term& term) {
    switch (term.kind) {
        case TermKind::kVariable:
        case TermKind::kTemplateString:
            return false;
        case TermKind::kReference:
            return is_ground_reference(term.terms);
        default:
            break;
    }
    return std::ranges::all_of(term.terms, [](Term* part) { return is_ground(*part); }) &&
           std::ranges::all_of(term.body, [](Expression* part) { return is_ground(*part); });
}

bool is_ground(const Expression& expression) {
    const auto is_ground_body = [](Body body) {
        return std::ranges::all_of(body, [](Expression* part) { return is_ground(*part); });
    };
    return std::ranges::all_of(expression.terms,
                               [](Term* term) { return term == nullptr || is_ground(*term); }) &&
           is_ground_body(expression.left) && is_ground_body(expression.right);
}

Terms copy(Terms terms, Arena& arena) {
    const Terms copied = arena.make_array<Term*>(terms.size());
    for (std::size_t i = 0; i < terms.size(); ++i) copied[i] = copy(terms[i], arena);
    return copied;
}

Body copy(Body body, Arena& arena) {
    const Body copied = arena.make_array<Expression*>(body.size());
    for (std::size_t i = 0; i < body.size(); ++i) copied[i] = copy(*body[i], arena);
    return copied;
}

Term* copy(const Term* term, Arena& arena) {
    if (term == nullptr) return nullptr;
    Term* const copied = arena.make<Term>(*term);
    copied->terms = copy(term->terms, arena);
    copied->body = copy(term->body, arena);
    copied->template_parts = arena.make_array<TemplatePart>(term->template_parts.size());
    for (std::size_t i = 0; i < copied->template_parts.size(); ++i) {
        const TemplatePart& part = term->template_parts[i];
        copied->template_parts[i] = {
            .term = copy(part.term, arena),
            .expression = part.expression == nullptr ? nullptr : copy(*part.expression, arena)};
    }
    return copied;
}

Expression* copy(const Expression& expression, Arena& arena) {
    Expression* const copied = arena.make<Expression>(expression);
    copied->terms = copy(expression.terms, arena);
    copied->left = copy(expression.left, arena);
    copied->right = copy(expression.right, arena);
    copied->with = arena.make_array<With*>(expression.with.size());
    for (std::size_t i = 0; i < copied->with.size(); ++i) {
        const With& with = *expression.with[i];
        copied->with[i] =
            arena.make<With>(with.location, copy(with.target, arena), copy(with.value, arena));
    }
    return copied;
}

}  // namespace merlon::rego::syntax
