#pragma once

// The values of a query's expressions, in variables of their own, so that they are results too.
//
// Thread-safe: no state. Cost: linear.

#include <string_view>
#include <vector>

#include "rego/compiler/declarations.h"
#include "rego/compiler/nodes.h"
#include "rego/compiler/variables.h"

namespace merlon::rego::compiler {

struct CallKnowledge {
    ArityOf arity;
    const KnownBuiltins& builtins;
};

// The variable of each expression, or "" where it has none. `number` tells queries apart.
std::vector<std::string_view> capture_values(Body& query, std::size_t number,
                                             const CallKnowledge& calls, NodeMaker& maker);

}  // namespace merlon::rego::compiler
