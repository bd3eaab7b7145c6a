#include "rego/compiler/prints.h"

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
    }
};

}  // namespace

void rewrite_prints(Body body, NodeMaker& maker) { Rewriter{maker}.body(body); }

void rewrite_prints(syntax::Rule& rule, NodeMaker& maker) {
    Rewriter rewriter{maker};
    for (syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        const syntax::Head& head = *part->head;
        for (const Term* argument : head.arguments) rewriter.term(*argument);
        if (head.key != nullptr) rewriter.term(*head.key);
        if (head.value != nullptr) rewriter.term(*head.value);
        for (const Term* step : head.reference) rewriter.term(*step);
        rewriter.body(part->body);
    }
}

}  // namespace merlon::rego::compiler
