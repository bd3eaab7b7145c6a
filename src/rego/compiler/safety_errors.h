#pragma once

// What is said about variables that nothing binds.
//
// The idea: people are told the names that they wrote, each once, at the first expression that
// needs it; where only variables are concerned that the compiler made, the expressions themselves.
// What stands on the left of `:=` is no news where something on its right is unsafe. Where a line
// has rules of several names the message says which one it is about.
//
// Standard: OPA's safetyErrorSlice and checkSafetyRuleHeads (1.22.2). Not thread-safe. Cost:
// linear.

#include <map>
#include <set>
#include <span>
#include <string>

#include "rego/compiler/errors.h"
#include "rego/compiler/names.h"
#include "rego/compiler/rule_tree.h"
#include "rego/compiler/safety.h"

namespace merlon::rego::compiler {

class SafetyErrors {
  public:
    // `written` are the rules as they stand in a file, which say what stands in one line.
    SafetyErrors(const WrittenNames& names, const std::set<const Expression*>& assignments,
                 ErrorList& errors)
        : names_(names), assignments_(assignments), errors_(errors) {}

    // The rules of the file that the next ones stand in.
    void set_module(const syntax::Module* module);

    void report(std::span<const UnsafeExpression> unsafe, const syntax::Rule* rule);
    // What the head of a rule says is bound by its body or by its arguments.
    void check_head(const syntax::Rule& rule);

  private:
    std::string_view shown(std::string_view name) const;
    std::string scope_of(const syntax::Rule* rule);
    Names assigned(std::span<const UnsafeExpression> unsafe) const;
    void report_expressions(std::span<const UnsafeExpression> unsafe, const std::string& scope);

    const WrittenNames& names_;
    const std::set<const Expression*>& assignments_;
    ErrorList& errors_;
    const syntax::Module* module_ = nullptr;
    std::map<std::uint32_t, std::set<std::string>> names_by_row_;
    std::map<const Location*, std::string> names_by_place_;
};

}  // namespace merlon::rego::compiler
