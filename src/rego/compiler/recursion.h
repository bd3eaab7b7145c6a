#pragma once

// Rules that need themselves, and why.
//
// The idea: a circle of the graph of dependencies for each rule that stands on one. Where a
// variable's value decides whether it is one, the message says which reference that is, which
// values its parts would need, and where those come from.
//
// Standard: OPA's checkRecursion (1.22.2). Thread-safe: no state. Cost: rules times what they
// reach, where there is a circle at all.

#include "rego/compiler/checks.h"
#include "rego/compiler/dependencies.h"
#include "rego/compiler/errors.h"

namespace merlon::rego::compiler {

void check_recursion(const CheckedModules& modules, const Dependencies& dependencies,
                     const KnownBuiltins& builtins, Arena& arena, ErrorList& errors);

}  // namespace merlon::rego::compiler
