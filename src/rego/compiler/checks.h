#pragma once

// What must hold of a set of modules before it is compiled: rules do not contradict each other by
// their form, functions exist and get as many operands as they take, and no rule needs itself.
//
// The idea: three walks over resolved rules, each with OPA's words for what it finds.
//
// Standard: OPA's checkRuleConflicts, checkUndefinedFuncs and checkRecursion. Thread-safe: no
// state. Cost: linear, but for recursion: rules times what they reach.

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "rego/compiler/declarations.h"
#include "rego/compiler/errors.h"
#include "rego/compiler/rule_tree.h"
#include "rego/compiler/variables.h"

namespace merlon::rego::compiler {

// What the walks need to know of the modules.
struct CheckedModules {
    std::span<const PlacedRule> rules;
    std::span<const std::string> files;
    const RuleTree& tree;
    const std::map<std::string_view, std::string_view>& written_names;
};

// What is larger takes longer than it is worth, or deeper calls than there is a stack for.
inline constexpr std::size_t kMaxPath = 500;
inline constexpr std::size_t kMaxBodyExpressions = 5'000;
void check_bounds(const syntax::Rule& rule, ErrorList& errors);
void check_bounds(Body body, ErrorList& errors);

void check_conflicts(const CheckedModules& modules, ErrorList& errors);

// Of the rules of one file, or of a query.
void check_functions(std::span<Expression* const> body, const ArityOf& arity,
                     const KnownBuiltins& builtins, ErrorList& errors);

void check_recursion(const CheckedModules& modules, ErrorList& errors);

// A rule's path as people know it: "data.a.p[x]".
std::string rule_name(const syntax::Rule& rule,
                      const std::map<std::string_view, std::string_view>& written_names);

}  // namespace merlon::rego::compiler
