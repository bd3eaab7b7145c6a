#pragma once

// Which functions of a program do what somebody outside can tell: they ask the network or print.
//
// The idea: evaluating such a function once more, or for more than was asked, is seen. Who calls
// one is one.
//
// Thread-safe: no state. Cost: linear in the code.

#include <vector>

#include "rego/plan.h"

namespace merlon::rego::compiler {

// By number. All of the code has been written.
std::vector<bool> functions_with_effects(const Program& program);

}  // namespace merlon::rego::compiler
