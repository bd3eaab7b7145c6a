#pragma once

// print(a, b) as OPA compiles it: internal.print([{x | x = a}, {y | y = b}]), so that an operand
// that is undefined is shown and does not make the rule undefined, and one of several values is
// printed for each.
//
// Where nobody listens the calls are taken out instead: `p if print(input.x)` is then `p if true`.
//
// Not thread-safe. Cost: linear.

#include "rego/compiler/nodes.h"

namespace merlon::rego::compiler {

// In resolved rules and queries, before calls are taken out of terms.
void rewrite_prints(Body body, NodeMaker& maker);
void rewrite_prints(syntax::Rule& rule, NodeMaker& maker);
void erase_prints(Body& body, NodeMaker& maker);
void erase_prints(syntax::Rule& rule, NodeMaker& maker);

}  // namespace merlon::rego::compiler
