#include "rego/compiler/type_view.h"

namespace merlon::rego::compiler {

Body TypeView::of(Body body, DoubleEquals equals) {
    const Body copied = syntax::copy(body, maker_.arena());
    if (equals == DoubleEquals::kUnifies) unify_double_equals(copied);
    return hoist(copied);
}

void TypeView::unify_double_equals(Term& term) {
    for (Term* part : term.terms) unify_double_equals(*part);
    unify_double_equals(term.body);
}

void TypeView::unify_double_equals(Body body) {
    for (Expression* one : body) {
        if (is_call_of(*one, "equal") && one->terms.size() == 3) {
            one->terms[0] = maker_.operation({kEquality}, one->terms[0]->location);
        }
        for (Term* term : one->terms) {
            if (term != nullptr) unify_double_equals(*term);
        }
        unify_double_equals(one->left);
        unify_double_equals(one->right);
        for (syntax::With* with : one->with) unify_double_equals(*with->value);
    }
}

Body TypeView::hoist(Body body) {
    Expressions out;
    for (Expression* one : body) hoist(*one, out);
    return syntax::keep_pointers(out, maker_.arena());
}

void TypeView::hoist(Expression& expression, Expressions& out) {
    switch (expression.kind) {
        case ExpressionKind::kCall:
            for (Term*& operand : expression.terms.subspan(1)) {
                operand = is_equality(expression) ? in_term(expression, operand, out)
                                                  : one(expression, operand, out);
            }
            break;
        case ExpressionKind::kTerm:
            expression.terms[0] = in_term(expression, expression.terms[0], out);
            break;
        case ExpressionKind::kEvery:
            expression.terms[2] = one(expression, expression.terms[2], out);
            [[fallthrough]];
        default:
            expression.left = hoist(expression.left);
            expression.right = hoist(expression.right);
            break;
    }
    out.push_back(&expression);
}

// What an equality or a truth is about stays where it is.
Term* TypeView::in_term(const Expression& original, Term* term, Expressions& out) {
    if (term->kind == TermKind::kReference) {
        parts(original, term->terms.subspan(1), out);
        return term;
    }
    if (is_comprehension(*term)) {
        term->body = hoist(term->body);
        return term;
    }
    return one(original, term, out);
}

Term* TypeView::one(const Expression& original, Term* term, Expressions& out) {
    if (term->kind == TermKind::kReference) {
        parts(original, term->terms.subspan(1), out);
        return named(original, term, out);
    }
    if (is_comprehension(*term)) {
        term->body = hoist(term->body);
        return named(original, term, out);
    }
    parts(original, term->terms, out);
    return term;
}

void TypeView::parts(const Expression& original, Terms terms, Expressions& out) {
    for (Term*& part : terms) part = one(original, part, out);
}

Term* TypeView::named(const Expression& original, Term* term, Expressions& out) {
    Term* const variable = maker_.fresh(term->location);
    Expression* const equality = maker_.equality(variable, term, term->location);
    equality->with = original.with;
    out.push_back(equality);
    maker_.remember(variable->text, term);
    return variable;
}

}  // namespace merlon::rego::compiler
