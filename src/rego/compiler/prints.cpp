#include "rego/compiler/prints.h"

#include "rego/syntax/copy.h"
#include "rego/syntax/walk.h"

namespace merlon::rego::compiler {
namespace {

struct Rewriter {
    NodeMaker& maker;

    static bool enter(Term& /*term*/) { return true; }
    static bool enter(syntax::With& /*with*/) { return true; }
    bool enter(Expression& expression) {
        if (!is_call_of(expression, "print")) return true;
        std::vector<Term*> sets;
        for (Term* operand : expression.terms.subspan(1)) {
            Term* const set =
                maker.composite(TermKind::kSetComprehension, {&operand, 1}, operand->location);
            Expression* holds[] = {maker.expression(ExpressionKind::kTerm,
                                                    {maker.boolean(true, operand->location)},
                                                    operand->location)};
            set->body = syntax::keep_pointers(std::span<Expression* const>(holds), maker.arena());
            sets.push_back(set);
        }
        Term* const list = maker.composite(TermKind::kArray, sets, expression.location);
        expression.terms = syntax::keep_pointers(
            {maker.operation({"internal", "print"}, expression.location), list}, maker.arena());
        return true;
    }
};

}  // namespace

void rewrite_prints(Body body, NodeMaker& maker) {
    Rewriter rewriter{maker};
    syntax::walk(body, rewriter);
}

void rewrite_prints(syntax::Rule& rule, NodeMaker& maker) {
    Rewriter rewriter{maker};
    syntax::walk(rule, rewriter);
}

}  // namespace merlon::rego::compiler
