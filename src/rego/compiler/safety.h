#pragma once

// Puts the expressions of bodies into an order in which each variable is bound before it is needed,
// and finds those that no order binds.
//
// The idea: an expression has inputs (operands of functions, what stands behind `not`, what
// closures take from outside) and outputs (variables that it binds). Again and again, in their
// written order, expressions are taken whose inputs are there; what is left over is unsafe. Bodies
// inside of bodies come after, with the variables that are bound where they stand.
//
// Standard: OPA's ast.reorderBodyForSafety, whose order can be seen where several expressions could
// be first. Thread-safe: no state. Cost: quadratic in the expressions of a body at the worst.

#include <string>
#include <vector>

#include "base/cancel.h"
#include "rego/compiler/variables.h"

namespace merlon::rego::compiler {

struct UnsafeExpression {
    const Expression* expression;
    Names names;
};

class SafetyOrder {
  public:
    // `assignments` are the equalities that were written with `:=`.
    // Where `cancel`, which may be null, is cancelled, bodies stay as they are.
    SafetyOrder(const ArityOf& arity, const std::set<const Expression*>& assignments, Arena& arena,
                const CancelToken* cancel = nullptr)
        : arity_(arity), assignments_(assignments), arena_(arena), cancel_(cancel) {}

    // Orders the body, and those inside of it, in place. `bound` are bound before it.
    void order(Body& body, const Names& bound);
    // What was found to be unsafe since it was asked for last.
    std::vector<UnsafeExpression> take_unsafe() { return std::move(unsafe_); }

    // The variables that the expression binds where those of `safe` are bound.
    Names outputs(const Expression& expression, const Names& safe) const;
    Names outputs_of_body(std::span<Expression* const> body, const Names& safe) const;

  private:
    std::vector<UnsafeExpression> order_expressions(Body body, const Names& bound,
                                                    std::vector<Expression*>& ordered);
    void order_closures(Expression& expression, const Names& bound);
    void order_in_term(Term& term, const Expression& current, const Names& bound);
    void order_closure(Body& body, const Names& needed, const Expression& current,
                       const Names& bound);
    Names outputs_of_equality(const Expression& expression, const Names& safe) const;
    Names outputs_of_call(const Expression& expression, int arity, const Names& safe) const;

    const ArityOf& arity_;
    const std::set<const Expression*>& assignments_;
    Arena& arena_;
    const CancelToken* cancel_;
    std::vector<UnsafeExpression> unsafe_;
};

// Variables of a body without braces behind `not`, `and` or `or` that must come from outside.
Names unbound_in_bare_body(Body body, const ArityOf& arity);

}  // namespace merlon::rego::compiler
