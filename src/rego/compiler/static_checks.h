#pragma once

// Checks of single expressions that need nothing but names: what `with` may replace, calls without
// a result in places of values, functions that are going to be taken away.
//
// Standard: OPA's validateWith, checkVoidCalls and checkDeprecatedBuiltins (1.22.2). Thread-safe:
// no state. Cost: linear.

#include "rego/compiler/declarations.h"
#include "rego/compiler/errors.h"
#include "rego/compiler/rule_tree.h"

namespace merlon::rego::compiler {

// A call of a built-in that looks at the world around it.
struct ReachingCall {
    std::string name;
    Reach reach = Reach::kNothing;
    std::string file;
    std::uint32_t row = 0;
    std::uint32_t column = 0;
};

// Of resolved rules and queries.
void check_void_calls(syntax::Rule& rule, const KnownBuiltins& builtins, ErrorList& errors);
void check_void_calls(Body body, const KnownBuiltins& builtins, ErrorList& errors);

// Of a body and those inside of it; a body's first error is its last.
void check_withs(Body body, const RuleTree& tree, const KnownBuiltins& builtins,
                 UnknownCalls unknown_calls, ErrorList& errors);

void check_deprecated(Body body, ErrorList& errors);

// Adds the calls of built-ins that get to know more than their operands.
void collect_reaching(Body body, std::string_view file, std::vector<ReachingCall>& calls);

}  // namespace merlon::rego::compiler
