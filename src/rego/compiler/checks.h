#pragma once

// What must hold of a set of modules before it is compiled: rules do not contradict each other by
// their form, and functions exist and get as many operands as they take.
//
// The idea: walks over resolved rules, each with OPA's words for what it finds.
//
// Standard: OPA's checkRuleConflicts and checkUndefinedFuncs (1.22.2). Thread-safe: no state. Cost:
// linear.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "rego/compiler/declarations.h"
#include "rego/compiler/errors.h"
#include "rego/compiler/rule_tree.h"
#include "rego/compiler/types.h"
#include "rego/compiler/variables.h"
#include "value/value.h"

namespace merlon::rego::compiler {

// What the walks need to know of the modules.
struct CheckedModules {
    std::span<const PlacedRule> rules;
    std::span<const std::string_view> files;
    std::span<const syntax::Package* const> packages;  // of each file
    const RuleTree& tree;
    const std::map<std::string_view, std::string_view>& written_names;
};

// What is larger takes longer than it is worth, or deeper calls than there is a stack for.
inline constexpr std::size_t kMaxPath = 500;
inline constexpr std::size_t kMaxBodyExpressions = 5'000;
void check_bounds(const syntax::Rule& rule, ErrorList& errors);
void check_bounds(Body body, ErrorList& errors);

void check_conflicts(const CheckedModules& modules, ErrorList& errors);
// No rule where a base document is, or below one that is no object (OPA's CheckPathConflicts).
void check_base(const RuleTree& tree, std::span<const std::string_view> files,
                const value::Value& base, ErrorList& errors);

// What is known of functions before any rule was looked at.
struct FunctionTypes {
    ArityOf arity;  // -1: there is no such function
    std::function<bool(const Term& operation)> is_variadic;
    std::function<const Type*(const Term& term)> of;
    std::function<std::string(const Term& operation)> name;  // as people know it
};
void check_functions(std::span<Expression* const> body, const FunctionTypes& types,
                     ErrorList& errors);

// A rule's path as people know it: "data.a.p[x]".
std::string rule_name(const syntax::Rule& rule,
                      const std::map<std::string_view, std::string_view>& written_names);

}  // namespace merlon::rego::compiler
