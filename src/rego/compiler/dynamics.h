#pragma once

// What somebody who watches an evaluation wants to see one by one: each reference and each
// comprehension that is an operand of a function gets an expression of its own in front
// (term_lifter.h).
//
// Standard: OPA 1.22.2, whose traces and coverage show these expressions (ast.Compiler's stages
// "RewriteEquals", "RewriteDynamicTerms" and, for tests, "RewriteTestRuleEqualities"). The
// instructions of the machine need none of it.
//
// Not thread-safe. Cost: linear.

#include <cstdint>

#include "rego/compiler/term_lifter.h"

namespace merlon::rego::compiler {

class Dynamics {
  public:
    Dynamics(NodeMaker& maker, Offspring& offspring);

    // Of a body that is in the order of safety; `==` becomes `=`.
    void take_out(Body& body);
    // Also the sides of equalities, whose values are what a failure is about; of `some x in xs`,
    // which is one as well, only where it is asked for.
    enum class Declarations : std::uint8_t { kTaken, kLeft };
    void take_out_of_equalities(Body& body, Declarations declarations);

  private:
    NodeMaker& maker_;
    TermLifter lifter_;
};

}  // namespace merlon::rego::compiler
