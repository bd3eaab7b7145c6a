#pragma once

// References whose variables can only have a few values, as those that they can be: where
// `some root in ["a", "b"]` stands in front, data[root].p is data.a.p or data.b.p.
//
// Standard: OPA's expandRefVars (1.22.2). Thread-safe: no state. Cost: linear in the body; at most
// 64 references come out of one.

#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "rego/compiler/nodes.h"

namespace merlon::rego::compiler {

// The constant values that variables can have.
using KnownValues = std::map<std::string_view, std::vector<Term*>>;

// A body's equalities that say which values a variable can have.
class Narrowing {
  public:
    explicit Narrowing(std::span<Expression* const> body);

    // What is known in front of an expression of the body.
    KnownValues before(std::size_t expression) const;

  private:
    struct Binding {
        std::size_t expression;
        std::string_view variable;
        std::vector<Term*> values;
    };
    std::vector<Binding> bindings_;
};

using ReferencePath = std::vector<Term*>;
// The references that it can be; itself where nothing is known.
std::vector<ReferencePath> narrowed(std::span<Term* const> reference, const KnownValues& known);

// The members of a constant collection: elements, or an object's values. False for what is none.
bool add_members(const Term& collection, std::vector<Term*>& members);

}  // namespace merlon::rego::compiler
