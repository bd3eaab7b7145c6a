#include "rego/compiler/dynamics.h"

namespace merlon::rego::compiler {
namespace {

bool gets_a_name(const Term& term) {
    return term.kind == TermKind::kReference || is_comprehension(term);
}

}  // namespace

void Dynamics::take_out(Body& body) {
    Expressions out;
    for (Expression* one : body) expression(*one, out);
    body = syntax::keep_pointers(out, maker_.arena());
}

void Dynamics::take_out_of_equalities(Body& body, Declarations declarations) {
    Expressions out;
    for (Expression* one : body) {
        const bool is_left = declarations == Declarations::kLeft && one->location != nullptr &&
                             one->location->text.starts_with("some ");
        if (!one->is_negated && !one->is_generated && !is_left) {
            if (is_equality(*one)) {
                for (Term*& side : one->terms.subspan(1)) {
                    if (gets_a_name(*side)) side = named(side, *one, out);
                }
            } else if (one->kind == ExpressionKind::kEvery) {
                take_out_of_equalities(one->left, declarations);
            }
        }
        out.push_back(one);
    }
    body = syntax::keep_pointers(out, maker_.arena());
}

void Dynamics::expression(Expression& expression, Expressions& out) {
    if (is_call_of(expression, "equal") && expression.terms.size() == 3) {
        expression.terms[0] = maker_.operation({kEquality}, expression.location);
    }
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
            take_out(expression.left);
            break;
        case ExpressionKind::kNot:
        case ExpressionKind::kAnd:
        case ExpressionKind::kOr:
            take_out(expression.left);
            if (!expression.right.empty()) take_out(expression.right);
            break;
        case ExpressionKind::kSome:
            break;
    }
    out.push_back(&expression);
}

Term* Dynamics::inside(Term* term, const Expression& original, Expressions& out) {
    if (term->kind == TermKind::kReference) {
        for (Term*& part : term->terms.subspan(1)) part = operand(part, original, out);
        return term;
    }
    if (is_comprehension(*term)) {
        take_out(term->body);
        return term;
    }
    return operand(term, original, out);
}

Term* Dynamics::operand(Term* term, const Expression& original, Expressions& out) {
    if (gets_a_name(*term)) return named(inside(term, original, out), original, out);
    for (Term*& part : term->terms) part = operand(part, original, out);
    return term;
}

Term* Dynamics::named(Term* term, const Expression& original, Expressions& out) {
    Term* const variable = maker_.fresh(term->location);
    Expression* const equality = maker_.equality(variable, term, term->location);
    equality->with = original.with;
    equality->is_generated = true;
    offspring_[&original].push_back(equality);
    out.push_back(equality);
    return maker_.variable(variable->text, term->location);
}

}  // namespace merlon::rego::compiler
