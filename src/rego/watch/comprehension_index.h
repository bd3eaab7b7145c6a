#pragma once

// Which comprehensions are evaluated once for all values of the variables that they take from
// outside, and by which of those variables.
//
// The idea: of `[x.name | some x in input.items; x.team == team]` the body binds `team` itself, so
// that one evaluation of it finds the lists of all teams. In a trace, and in the errors of
// built-ins, it can be seen which comprehensions are evaluated so.
//
// Standard: OPA 1.22.2, ast.ComprehensionIndex. Thread-safe once built. Cost: linear in the bodies.

#include <string_view>
#include <unordered_map>
#include <vector>

#include "rego/compiler/variables.h"

namespace merlon::rego::watch {

class ComprehensionIndex {
  public:
    using Keys = std::vector<std::string_view>;

    explicit ComprehensionIndex(const compiler::ArityOf& arity) : arity_(arity) {}

    // The comprehensions of a body, and of those inside of it. `arguments` are those of its rule.
    void add(syntax::Body body, syntax::Terms arguments);
    // Null where the comprehension is evaluated each time.
    const Keys* keys(const syntax::Term* comprehension) const {
        const auto found = keys_.find(comprehension);
        return found == keys_.end() ? nullptr : &found->second;
    }

  private:
    void add_body(syntax::Body body, compiler::Names& candidates);
    Keys keys_of(const syntax::Term& comprehension, const compiler::Names& candidates) const;

    const compiler::ArityOf& arity_;
    std::unordered_map<const syntax::Term*, Keys> keys_;
};

}  // namespace merlon::rego::watch
