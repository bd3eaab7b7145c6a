#pragma once

// A module's syntax tree as an outline: one line for each node, a space for each level.
//
// Standard: OPA 1.22.2, `opa parse` (its ast.Pretty). Thread-safe: no state. Cost: linear.

#include <string>

#include "rego/syntax/tree.h"

namespace merlon::compat::opa {

std::string syntax_outline(const rego::syntax::Module& module);

}  // namespace merlon::compat::opa
