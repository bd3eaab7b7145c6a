#pragma once

// Bodies in the form in which types are checked: `==` says what `=` says, and references and
// comprehensions inside of terms are variables that an equality in front makes equal to them
// (term_lifter.h).
//
// The idea: the emitter needs none of this, so it happens to copies, which the type checker drops.
//
// Standard: OPA's rewriteEquals and rewriteDynamicTerms (1.22.2). Not thread-safe. Cost: linear.

#include <cstdint>

#include "rego/compiler/nodes.h"

namespace merlon::rego::compiler {

enum class DoubleEquals : std::uint8_t {
    kAsWritten,  // in queries, which want to know whether it holds
    kUnifies,
};

// A copy of the body. The maker remembers what the variables stand for.
Body type_view_of(Body body, DoubleEquals equals, NodeMaker& maker);

}  // namespace merlon::rego::compiler
