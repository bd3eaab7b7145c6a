#include "rego/compiler/undeclared.h"

#include <algorithm>
#include <iterator>

namespace merlon::rego::compiler {
namespace {

Names united(Names left, const Names& right) {
    left.insert(right.begin(), right.end());
    return left;
}

// The terms of an expression, without the name of what it calls.
std::span<Term* const> terms_of(const Expression& expression) {
    return expression.terms.subspan(expression.kind == ExpressionKind::kCall ? 1 : 0);
}

// What is bound in the body of `every`, or in operands of `and`, `or` and `not`.
Names inside_of(const Expression& expression, Names bound) {
    if (expression.kind != ExpressionKind::kEvery) return bound;
    for (const Term* term : expression.terms.first(2)) {
        if (term != nullptr) bound.merge(variables_of(*term));
    }
    return bound;
}

bool has_print(Body body);

bool has_print(const Term& term) {
    return has_print(term.body) ||
           std::ranges::any_of(term.terms, [](const Term* part) { return has_print(*part); });
}

bool has_print(Body body) {
    return std::ranges::any_of(body, [](const Expression* one) {
        return is_call_of(*one, "print") || has_print(one->left) || has_print(one->right) ||
               std::ranges::any_of(
                   one->terms,
                   [](const Term* term) { return term != nullptr && has_print(*term); }) ||
               std::ranges::any_of(
                   one->with, [](const syntax::With* with) { return has_print(*with->value); });
    });
}

}  // namespace

void UndeclaredVariables::report(const Names& names, const Location* place) {
    for (const std::string_view name : names) {
        const auto written = names_.find(name);
        const std::string_view shown = written == names_.end() ? name : written->second;
        errors_.add(
            kCompileError, place,
            "var " + std::string(syntax::is_wildcard(shown) ? "_" : shown) + " is undeclared");
    }
}

// ---- template strings: $"a {x}" is a call of internal.template_string by now ----

void UndeclaredVariables::check_template(const Term& call, const Names& bound) {
    for (const Term* part : call.terms[1]->terms) {
        if (part->kind != TermKind::kSetComprehension || part->body.size() != 1) continue;
        const Expression& capture = *part->body[0];
        if (!is_equality(capture)) continue;
        const Term& shown = *capture.terms[2];
        // A call has no place there.
        report(difference(variables_of(shown, kSafetySkips), bound),
               shown.kind == TermKind::kCall ? nullptr : shown.location);
    }
}

void UndeclaredVariables::check_templates(const Term& term, const Names& bound) {
    if (is_comprehension(term)) {
        const Names inside = check_templates(term.body, bound);
        for (const Term* part : term.terms) check_templates(*part, inside);
        return;
    }
    const bool is_template = term.kind == TermKind::kCall && term.terms.size() == 2 &&
                             term.terms[1]->kind == TermKind::kArray &&
                             operator_name(*term.terms[0]) == "internal.template_string";
    if (is_template) return check_template(term, bound);
    for (const Term* part : term.terms) check_templates(*part, bound);
}

void UndeclaredVariables::check_templates(const Expression& expression, const Names& bound) {
    for (const Term* term : terms_of(expression)) {
        if (term != nullptr) check_templates(*term, bound);
    }
    if (!expression.left.empty()) check_templates(expression.left, inside_of(expression, bound));
    if (!expression.right.empty()) check_templates(expression.right, bound);
    for (const syntax::With* with : expression.with) check_templates(*with->value, bound);
}

Names UndeclaredVariables::check_templates(Body body, const Names& bound) {
    if (body.empty()) return bound;
    const Names safe = united(order_.outputs_of_body(body, bound), bound);
    for (const Expression* one : body) check_templates(*one, safe);
    return safe;
}

// ---- print ----

bool UndeclaredVariables::check_prints_inside(const Term& term, const Names& bound) {
    if (is_comprehension(term)) return check_prints(term.body, bound);
    bool is_right = true;
    for (const Term* part : term.terms) is_right = check_prints_inside(*part, bound) && is_right;
    return is_right;
}

// Of one expression all that stands inside of it.
bool UndeclaredVariables::check_prints_inside(const Expression& expression, const Names& bound) {
    bool is_right = true;
    for (const Term* term : terms_of(expression)) {
        if (term != nullptr) is_right = check_prints_inside(*term, bound) && is_right;
    }
    for (const syntax::With* with : expression.with) {
        is_right = check_prints_inside(*with->value, bound) && is_right;
    }
    if (!expression.left.empty()) {
        is_right = check_prints(expression.left, inside_of(expression, bound)) && is_right;
    }
    if (!expression.right.empty()) is_right = check_prints(expression.right, bound) && is_right;
    return is_right;
}

bool UndeclaredVariables::check_prints(Body body, const Names& bound) {
    // What a print may show is computed for each place anew.
    if (!has_print(body)) return true;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const bool has_inside = !body[i]->with.empty() || !body[i]->left.empty() ||
                                !body[i]->right.empty() ||
                                std::ranges::any_of(terms_of(*body[i]), [](const Term* term) {
                                    return term != nullptr && requires_evaluation(*term);
                                });
        if (!has_inside) continue;
        const Names safe = united(order_.outputs_of_body(body.first(i), bound), bound);
        if (!check_prints_inside(*body[i], safe)) return false;
    }
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (!is_call_of(*body[i], "print")) continue;
        Names safe = united(order_.outputs_of_body(body.first(i), bound), bound);
        // What was declared in front of it is known also where nothing binds it, which is for the
        // order of safety to say, about the name that is wrong.
        Names seen;
        VariableCollector(seen, kSkipNothing).body(body.first(i));
        std::ranges::copy_if(seen, std::inserter(safe, safe.end()), is_generated);
        bool is_right = true;
        for (const Term* operand : body[i]->terms.subspan(1)) {
            const Names open = difference(variables_of(*operand, kSafetySkips), safe);
            is_right = is_right && open.empty();
            report(open, operand->location);
        }
        if (!is_right) return false;
    }
    return true;
}

// ---- rules ----

namespace {

Names bound_by_arguments(const syntax::Rule& rule) {
    Names bound{"data", "input"};
    VariableCollector(bound, kSkipNothing).terms(rule.head->arguments);
    return bound;
}

}  // namespace

void UndeclaredVariables::check_templates(const syntax::Rule& rule) {
    for (const syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        const syntax::Head& head = *part->head;
        const Names safe = check_templates(part->body, bound_by_arguments(*part));
        if (head.key != nullptr) check_templates(*head.key, safe);
        if (head.value != nullptr) check_templates(*head.value, safe);
    }
}

void UndeclaredVariables::check_prints(const syntax::Rule& rule) {
    for (const syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        const syntax::Head& head = *part->head;
        const Names bound = bound_by_arguments(*part);
        // Of the head OPA knows nothing that the body binds; but what is no name in the rule's
        // reference, as the key of what has a value, is said by the body.
        if (head.key != nullptr && head.value == nullptr) check_prints_inside(*head.key, bound);
        if (head.value != nullptr) check_prints_inside(*head.value, bound);
        check_prints(part->body, bound);
        const Names safe = united(order_.outputs_of_body(part->body, bound), bound);
        for (const Term* step : head.reference.subspan(1)) check_prints_inside(*step, safe);
    }
}

}  // namespace merlon::rego::compiler
