#include "rego/compiler/term_lifter.h"

namespace merlon::rego::compiler {
namespace {

bool gets_a_name(const Term& term) {
    return term.kind == TermKind::kReference || is_comprehension(term);
}

void unify_double_equals(Term& term, NodeMaker& maker) {
    for (Term* part : term.terms) unify_double_equals(*part, maker);
    compiler::unify_double_equals(term.body, maker);
}

}  // namespace

void unify_double_equals(Body body, NodeMaker& maker) {
    for (Expression* one : body) {
        if (is_call_of(*one, "equal") && one->terms.size() == 3) {
            one->terms[0] = maker.operation({kEquality}, one->terms[0]->location);
        }
        for (Term* term : one->terms) {
            if (term != nullptr) unify_double_equals(*term, maker);
        }
        unify_double_equals(one->left, maker);
        unify_double_equals(one->right, maker);
        for (syntax::With* with : one->with) unify_double_equals(*with->value, maker);
    }
}

void TermLifter::lift(Body& body) {
    Expressions out;
    for (Expression* one : body) expression(*one, out);
    body = syntax::keep_pointers(out, maker_.arena());
}

void TermLifter::expression(Expression& expression, Expressions& out) {
    switch (expression.kind) {
        case ExpressionKind::kTerm:
            expression.terms[0] = inside(expression.terms[0], expression, out);
            break;
        case ExpressionKind::kCall:
            for (Term*& one : expression.terms.subspan(1)) {
                one = is_equality(expression) ? inside(one, expression, out)
                                              : operand(one, expression, out);
            }
            break;
        case ExpressionKind::kEvery:
            expression.terms[2] = operand(expression.terms[2], expression, out);
            lift(expression.left);
            break;
        case ExpressionKind::kNot:
        case ExpressionKind::kAnd:
        case ExpressionKind::kOr:
            lift(expression.left);
            lift(expression.right);
            break;
        case ExpressionKind::kSome:
            break;
    }
    out.push_back(&expression);
}

Term* TermLifter::inside(Term* term, const Expression& original, Expressions& out) {
    if (term->kind == TermKind::kReference) {
        for (Term*& part : term->terms.subspan(1)) part = operand(part, original, out);
        return term;
    }
    if (is_comprehension(*term)) {
        lift(term->body);
        return term;
    }
    return operand(term, original, out);
}

Term* TermLifter::operand(Term* term, const Expression& original, Expressions& out) {
    if (gets_a_name(*term)) return named(inside(term, original, out), original, out);
    for (Term*& part : term->terms) part = operand(part, original, out);
    return term;
}

Term* TermLifter::named(Term* term, const Expression& original, Expressions& out) {
    Term* const variable = maker_.fresh(term->location);
    Expression* const equality = maker_.equality(variable, term, term->location);
    equality->with = original.with;
    made_(original, *equality, *term);
    out.push_back(equality);
    return maker_.variable(variable->text, term->location);
}

}  // namespace merlon::rego::compiler
