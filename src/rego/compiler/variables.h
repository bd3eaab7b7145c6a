#pragma once

// Which variables occur in parts of a syntax tree, seen the ways that questions of safety need.
//
// The idea: one visitor with a set of things that it steps over. Closures (bodies of
// comprehensions, of `every`, `not`, `and`, `or`) have variables of their own; operators of calls
// are names and no variables.
//
// Thread-safe: no state. Cost: linear.

#include <cstdint>
#include <functional>

#include "rego/compiler/nodes.h"

namespace merlon::rego::compiler {

// How many operands the function has that this operator names; -1 where there is none.
using ArityOf = std::function<int(const Term& operation)>;

enum VariableSkips : std::uint8_t {
    kSkipNothing = 0,
    kSkipReferenceHead = 1,
    kSkipObjectKeys = 2,
    kSkipClosures = 4,
    kSkipSets = 8,
    kSkipOperators = 16,
};
inline constexpr std::uint8_t kSafetySkips = kSkipOperators | kSkipClosures;

class VariableCollector {
  public:
    // Where `promotes` is there, variables of bodies without braces that nothing inside of them
    // binds count as well: they must come from outside.
    VariableCollector(Names& names, std::uint8_t skips, const ArityOf* promotes = nullptr)
        : names_(names), skips_(skips), promotes_(promotes) {}

    void term(const Term& term);
    void terms(std::span<Term* const> terms);
    void expression(const Expression& expression);
    void body(std::span<Expression* const> body);

  private:
    void operand_body(Body body, bool is_explicit);

    Names& names_;
    std::uint8_t skips_;
    const ArityOf* promotes_;
};

inline Names variables_of(const Term& term, std::uint8_t skips = kSkipNothing) {
    Names names;
    VariableCollector(names, skips).term(term);
    return names;
}

// The variables that an equality binds where those of `safe` are bound already.
Names unified_variables(const Names& safe, const Term& left, const Term& right);
// Whether what a reference begins with is bound.
bool is_reference_safe(const Term& reference, const Names& safe);

bool is_subset(const Names& names, const Names& of);
Names difference(const Names& names, const Names& without);

}  // namespace merlon::rego::compiler
