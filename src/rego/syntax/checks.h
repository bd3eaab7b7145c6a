#pragma once

// What a module of v1 must obey beyond its grammar: `if` before bodies, `contains` for sets, no
// keywords as names, no shadowed imports and documents, no built-ins that are going away.
//
// The parser asks for the checks of a rule; the formatter for those of the module, some of which it
// then makes true itself. Thread-safe: no state. Cost: linear in the rule or module.

#include <vector>

#include "rego/syntax/parser.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

enum class Layout : std::uint8_t { kRequired, kAnything };
struct RuleChecks {
    // Whether `if`, `contains` and a value or body must stand there already.
    Layout layout = Layout::kRequired;
};

void check_rule_of_v1(const Rule& rule, const RuleChecks& checks, std::vector<SyntaxError>& errors);
void check_module_of_v1(const Module& module, const RuleChecks& checks,
                        std::vector<SyntaxError>& errors);

}  // namespace merlon::rego::syntax
