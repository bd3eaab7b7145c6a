#include "rego/compiler/expand.h"

#include "rego/syntax/compare.h"

namespace merlon::rego::compiler {

void Expander::expand(syntax::Rule& rule) {
    for (syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        syntax::Head& head = *part->head;
        Expressions support;
        for (Term*& argument : head.arguments) {
            argument = named(term(argument, support), support);
        }
        if (head.key != nullptr) head.key = named(term(head.key, support), support);
        if (head.value != nullptr) head.value = named(term(head.value, support), support);
        for (Term*& one : head.reference) one = named(term(one, support), support);
        Expressions body(part->body.begin(), part->body.end());
        append_expressions(body, support);
        part->body = syntax::keep_pointers(body, maker_.arena());
        expand(part->body);
    }
}

void Expander::expand(Body& body) {
    Expressions expanded;
    for (Expression* one : body) expression(*one, expanded);
    body = syntax::keep_pointers(expanded, maker_.arena());
}

Term* Expander::named(Term* term, Expressions& support) {
    if (!requires_evaluation(*term)) return term;
    Term* const variable = maker_.fresh(term->location);
    support.push_back(maker_.equality(variable, term, term->location));
    return variable;
}

void Expander::expression(Expression& expression, Expressions& out) {
    for (syntax::With* with : expression.with) {
        // A function takes the place of a function; anywhere else it is no value.
        const auto is_data = [](const Term& term) {
            return term.kind == TermKind::kReference && syntax::is_variable(*term.terms[0], "data");
        };
        if (is_function_(*with->value) &&
            ((is_data(*with->target) && is_data(*with->value)) || is_function_(*with->target))) {
            continue;
        }
        with->value = named(term(with->value, out), out);
    }
    Expressions support;
    switch (expression.kind) {
        case ExpressionKind::kTerm:
            expression.terms[0] = term(expression.terms[0], support);
            break;
        case ExpressionKind::kCall:
            for (Term*& operand : expression.terms.subspan(1)) operand = term(operand, support);
            if (offspring_ != nullptr && !support.empty()) {
                std::vector<const Expression*>& made = (*offspring_)[&expression];
                made.insert(made.end(), support.begin(), support.end());
            }
            break;
        case ExpressionKind::kEvery: {
            Term*& domain = expression.terms[2];
            Term* const variable = maker_.fresh(domain->location);
            Term* const value = term(domain, support);
            support.push_back(maker_.equality(variable, value, domain->location));
            domain = variable;
            expand(expression.left);
            break;
        }
        case ExpressionKind::kNot:
        case ExpressionKind::kAnd:
        case ExpressionKind::kOr:
            expand(expression.left);
            expand(expression.right);
            break;
        case ExpressionKind::kSome:
            break;
    }
    for (Expression* one : support) one->with = expression.with;
    out.insert(out.end(), support.begin(), support.end());
    out.push_back(&expression);
}

void Expander::parts(Terms terms, Expressions& support) {
    for (Term*& part : terms) part = term(part, support);
}

Term* Expander::term(Term* term, Expressions& support) {
    switch (term->kind) {
        case TermKind::kCall: {
            parts(term->terms.subspan(1), support);
            Term* const result = maker_.fresh(term->location);
            std::vector<Term*> terms(term->terms.begin(), term->terms.end());
            terms.push_back(result);
            Expression* const call = maker_.expression(ExpressionKind::kCall, {}, term->location);
            call->terms = syntax::keep_pointers(terms, maker_.arena());
            call->is_generated = true;
            support.push_back(call);
            return result;
        }
        case TermKind::kReference: {
            for (Term*& part : term->terms) {
                // A copy, because calls are taken out of it, too.
                const Term* const call =
                    part->kind == TermKind::kCall ? syntax::copy(part, maker_.arena()) : nullptr;
                part = this->term(part, support);
                if (call != nullptr) maker_.remember(part->text, call);
            }
            // What a reference begins with is a variable: [1, 2, 3][i] gives the array a name.
            Term*& head = term->terms[0];
            if (head->kind != TermKind::kVariable && head->kind != TermKind::kReference) {
                Term* const variable = maker_.fresh(head->location);
                support.push_back(maker_.equality(variable, head, head->location));
                maker_.remember(variable->text, syntax::copy(head, maker_.arena()));
                head = variable;
            }
            return term;
        }
        case TermKind::kArrayComprehension:
        case TermKind::kSetComprehension:
        case TermKind::kObjectComprehension:
            comprehension(*term);
            return term;
        case TermKind::kSet:
        case TermKind::kObject: {
            // In the order of terms, so that what is undefined ends the body before a later error.
            std::vector<Term*> sorted = syntax::sorted_elements(*term);
            parts(sorted, support);
            term->terms = syntax::keep_pointers(sorted, maker_.arena());
            return term;
        }
        default:
            parts(term->terms, support);
            return term;
    }
}

void Expander::comprehension(Term& term) {
    Expressions support;
    for (Term*& part : term.terms) part = named(this->term(part, support), support);
    Expressions body(term.body.begin(), term.body.end());
    append_expressions(body, support);
    term.body = syntax::keep_pointers(body, maker_.arena());
    expand(term.body);
}

void Expander::visit_closures(Term& term) {
    if (!term.body.empty()) take_out_of_negations(term.body);
    for (Term* part : term.terms) {
        if (part != nullptr) visit_closures(*part);
    }
}

void Expander::take_out_of_negations(Body& body) {
    Expressions out;
    for (Expression* one : body) {
        for (Term* term : one->terms) {
            if (term != nullptr) visit_closures(*term);
        }
        for (syntax::With* with : one->with) visit_closures(*with->value);
        if (!one->left.empty()) take_out_of_negations(one->left);
        if (!one->right.empty()) take_out_of_negations(one->right);
        if (one->is_negated) take_out(*one, out);
        out.push_back(one);
    }
    body = syntax::keep_pointers(out, maker_.arena());
}

// `not x.y` may be undefined, and so may what is compared; operands of functions and what stands
// inside of references may not.
void Expander::take_out(Expression& expression, Expressions& out) {
    // `==` without a result says what `=` says: `not x.y == 1` holds where x.y is undefined.
    const bool is_comparison = is_equality(expression) ||
                               (is_call_of(expression, "equal") && expression.terms.size() == 3);
    const bool is_function_call = expression.kind == ExpressionKind::kCall && !is_comparison;
    const std::size_t first = expression.kind == ExpressionKind::kCall ? 1 : 0;
    for (Term*& operand : expression.terms.subspan(first)) {
        if (is_function_call ||
            (operand->kind != TermKind::kReference && !is_comprehension(*operand))) {
            operand = take_out_of_term(operand, expression, out);
        } else if (operand->kind == TermKind::kReference) {
            for (Term*& part : operand->terms.subspan(1)) {
                part = take_out_of_term(part, expression, out);
            }
        }
    }
}

Term* Expander::take_out_of_term(Term* term, const Expression& expression, Expressions& out) {
    const bool is_reference = term->kind == TermKind::kReference;
    if (!is_comprehension(*term)) {
        for (Term*& part : term->terms.subspan(is_reference ? 1 : 0)) {
            part = take_out_of_term(part, expression, out);
        }
    }
    if (!is_reference && !is_comprehension(*term)) return term;
    Term* const variable = maker_.fresh(term->location);
    Expression* const equality = maker_.equality(variable, term, term->location);
    equality->with = expression.with;
    out.push_back(equality);
    return variable;
}

}  // namespace merlon::rego::compiler
