#include "rego/compiler/prints.h"

#include <vector>

#include "rego/syntax/copy.h"

namespace merlon::rego::compiler {
namespace {

// In OPA's order, which decides the numbers of names: what stands inside of a body first.
struct Rewriter {
    NodeMaker& maker;

    void body(Body body) {
        for (Expression* one : body) nested(*one);
        for (Expression* one : body) {
            if (is_call_of(*one, "print")) rewrite(*one);
        }
    }
    void nested(const Expression& expression) {
        for (const Term* term : expression.terms) {
            if (term != nullptr) this->term(*term);
        }
        body(expression.left);
        body(expression.right);
        for (const syntax::With* with : expression.with) term(*with->value);
    }
    void term(const Term& term) {
        body(term.body);
        for (const Term* part : term.terms) this->term(*part);
    }
    void rewrite(Expression& expression) {
        std::vector<Term*> sets;
        for (Term* operand : expression.terms.subspan(1)) {
            Term* shown = maker.fresh(operand->location);
            Expression* const capture = maker.equality(shown, operand, operand->location);
            Term* const set =
                maker.composite(TermKind::kSetComprehension, {&shown, 1}, operand->location);
            set->body =
                syntax::keep_pointers(std::span<Expression* const>(&capture, 1), maker.arena());
            sets.push_back(set);
        }
        Term* const list = maker.composite(TermKind::kArray, sets, expression.location);
        expression.terms = syntax::keep_pointers(
            {maker.operation({"internal", "print"}, expression.location), list}, maker.arena());
        // As OPA, which forgets what stood around the call.
        expression.is_negated = false;
        expression.with = {};
    }
};

// Without the calls; what is left of a body that had nothing else holds.
struct Eraser {
    NodeMaker& maker;

    void body(Body& body) {
        std::vector<Expression*> kept;
        for (Expression* one : body) {
            if (is_call_of(*one, "print")) continue;
            nested(*one);
            kept.push_back(one);
        }
        if (kept.size() == body.size()) return;
        if (kept.empty()) {
            syntax::Location* const place = body[0]->location;
            kept.push_back(
                maker.expression(ExpressionKind::kTerm, {maker.boolean(true, place)}, place));
        }
        body = syntax::keep_pointers(kept, maker.arena());
    }
    void nested(Expression& expression) {
        for (Term* term : expression.terms) {
            if (term != nullptr) this->term(*term);
        }
        body(expression.left);
        body(expression.right);
        for (syntax::With* with : expression.with) term(*with->value);
    }
    void term(Term& term) {
        body(term.body);
        for (Term* part : term.terms) this->term(*part);
    }
};

// The terms of its head and the bodies, in OPA's order.
template <typename Pass>
void apply_to(syntax::Rule& rule, Pass pass) {
    for (syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        const syntax::Head& head = *part->head;
        for (Term* argument : head.arguments) pass.term(*argument);
        if (head.key != nullptr) pass.term(*head.key);
        if (head.value != nullptr) pass.term(*head.value);
        for (Term* step : head.reference) pass.term(*step);
        pass.body(part->body);
    }
}

}  // namespace

void rewrite_prints(Body body, NodeMaker& maker) { Rewriter{maker}.body(body); }

void rewrite_prints(syntax::Rule& rule, NodeMaker& maker) { apply_to(rule, Rewriter{maker}); }

void erase_prints(Body& body, NodeMaker& maker) { Eraser{maker}.body(body); }

void erase_prints(syntax::Rule& rule, NodeMaker& maker) { apply_to(rule, Eraser{maker}); }

}  // namespace merlon::rego::compiler
