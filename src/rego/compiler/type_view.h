#pragma once

// Bodies in the form in which types are checked: `==` says what `=` says, and references and
// comprehensions inside of terms are variables that an equality in front makes equal to them.
//
// The idea: the emitter needs none of this, so it happens to copies, which the type checker drops.
//
// Standard: OPA's rewriteEquals and rewriteDynamicTerms (1.22.2). Not thread-safe. Cost: linear.

#include "rego/compiler/nodes.h"

namespace merlon::rego::compiler {

enum class DoubleEquals : std::uint8_t {
    kAsWritten,  // in queries, which want to know whether it holds
    kUnifies,
};

class TypeView {
  public:
    explicit TypeView(NodeMaker& maker) : maker_(maker) {}

    // A copy of the body.
    Body of(Body body, DoubleEquals equals);

  private:
    using Expressions = std::vector<Expression*>;

    void unify_double_equals(Body body);
    void unify_double_equals(Term& term);
    Body hoist(Body body);
    void hoist(Expression& expression, Expressions& out);
    Term* in_term(const Expression& original, Term* term, Expressions& out);
    Term* one(const Expression& original, Term* term, Expressions& out);
    void parts(const Expression& original, Terms terms, Expressions& out);
    Term* named(const Expression& original, Term* term, Expressions& out);

    NodeMaker& maker_;
};

}  // namespace merlon::rego::compiler
