#pragma once

// Takes apart what is written inside of each other, so that bodies say one thing after the other:
// `x := f(g(y))` becomes `g(y, a); f(a, x)`.
//
// The idea: calls inside of terms become expressions of their own in front; so do the domains of
// `every`, what the heads of rules and comprehensions say, and the values of `with`. What remains
// inside of terms are references and comprehensions, which never yield false. Behind the order of
// safety, references are also taken out of what is negated: `not f(input.x)` is undefined where
// input.x is.
//
// Not thread-safe. Cost: linear.

#include <functional>

#include "rego/compiler/nodes.h"

namespace merlon::rego::compiler {

class Expander {
  public:
    // Whether this names a function; as the value of `with` it stays a name.
    using IsFunction = std::function<bool(const Term& term)>;

    // `offspring`, where it is not null, learns which calls were taken out of which expression.
    Expander(NodeMaker& maker, IsFunction is_function, Offspring* offspring = nullptr)
        : maker_(maker), is_function_(std::move(is_function)), offspring_(offspring) {}

    void expand(syntax::Rule& rule);
    void expand(Body& body);

    // Of bodies that are in the order of safety.
    void take_out_of_negations(Body& body);

  private:
    using Expressions = std::vector<Expression*>;

    void expression(Expression& expression, Expressions& out);
    Term* term(Term* term, Expressions& support);
    void parts(Terms terms, Expressions& support);
    void comprehension(Term& term);
    // The term, or a variable that the last of `support` makes equal to it.
    Term* named(Term* term, Expressions& support);

    void take_out(Expression& expression, Expressions& out);
    Term* take_out_of_term(Term* term, const Expression& expression, Expressions& out);
    void visit_closures(Term& term);

    NodeMaker& maker_;
    IsFunction is_function_;
    Offspring* offspring_;
};

}  // namespace merlon::rego::compiler
