#pragma once

// Visits the nodes of a syntax tree from the top down, in the order of OPA's visitors.
//
// `visit` has enter(Term&), enter(Expression&), enter(With&), each true to go inside. Heads' own
// references are not visited, as there.
//
// Thread-safe: no state. Cost: linear; the depth is that of the tree.

#include "rego/syntax/compare.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

template <typename Visitor>
void walk(Expression& expression, Visitor& visit);

template <typename Visitor>
void walk(Body body, Visitor& visit) {
    for (Expression* expression : body) walk(*expression, visit);
}

template <typename Visitor>
void walk(Term& term, Visitor& visit) {
    if (!visit.enter(term)) return;
    if (term.kind == TermKind::kObject) {
        for (Term* part : sorted_elements(term)) walk(*part, visit);
    } else {
        for (Term* part : term.terms) walk(*part, visit);
    }
    walk(term.body, visit);
    for (const TemplatePart& part : term.template_parts) {
        if (part.term != nullptr) walk(*part.term, visit);
        if (part.expression != nullptr) walk(*part.expression, visit);
    }
}

template <typename Visitor>
void walk(Expression& expression, Visitor& visit) {
    if (!visit.enter(expression)) return;
    for (Term* term : expression.terms) {
        if (term != nullptr) walk(*term, visit);
    }
    walk(expression.left, visit);
    walk(expression.right, visit);
    for (With* with : expression.with) {
        if (!visit.enter(*with)) continue;
        walk(*with->target, visit);
        walk(*with->value, visit);
    }
}

template <typename Visitor>
void walk(Head& head, Visitor& visit) {
    for (Term* argument : head.arguments) walk(*argument, visit);
    if (head.key != nullptr) walk(*head.key, visit);
    if (head.value != nullptr) walk(*head.value, visit);
}

template <typename Visitor>
void walk(Rule& rule, Visitor& visit) {
    walk(*rule.head, visit);
    walk(rule.body, visit);
    if (rule.otherwise != nullptr) walk(*rule.otherwise, visit);
}

// Whether it holds no variable. What a reference begins with is no variable of it.
bool is_ground(const Term& term);
bool is_ground(const Expression& expression);
bool is_ground_reference(Terms reference);

}  // namespace merlon::rego::syntax
