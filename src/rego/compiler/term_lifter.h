#pragma once

// Gives references and comprehensions that stand inside of other terms an expression of their own
// in front: `startswith(input.x, "a")` becomes `y = input.x; startswith(y, "a")`.
//
// Standard: OPA's rewriteDynamicTerms and rewriteEquals (1.22.2). Not thread-safe. Cost: linear.

#include <functional>
#include <vector>

#include "rego/compiler/nodes.h"

namespace merlon::rego::compiler {

class TermLifter {
  public:
    using Expressions = std::vector<Expression*>;
    // Is told of each equality that is made: for which expression, and what the variable stands
    // for.
    using Made =
        std::function<void(const Expression& original, Expression& equality, const Term& subject)>;
    TermLifter(NodeMaker& maker, Made made) : maker_(maker), made_(std::move(made)) {}

    // In place; bodies inside of the body as well.
    void lift(Body& body);
    // Its equality comes to the end of `out`.
    Term* named(Term* term, const Expression& original, Expressions& out);

  private:
    void expression(Expression& expression, Expressions& out);
    // What may stay where it is: a reference's parts and a comprehension's body are looked at.
    Term* inside(Term* term, const Expression& original, Expressions& out);
    Term* operand(Term* term, const Expression& original, Expressions& out);

    NodeMaker& maker_;
    Made made_;
};

// `==` says what `=` says, everywhere in the body.
void unify_double_equals(Body body, NodeMaker& maker);

}  // namespace merlon::rego::compiler
