#pragma once

// Variables in the operands of print and inside of template strings that nothing in front of them
// binds: what is shown must be known where it is shown.
//
// The idea: both become closures, inside of which such a variable would be one of their own and
// mean anything. So they are looked at before.
//
// Standard: OPA's rewritePrintCalls and rewriteTemplateStrings (1.22.2). Not thread-safe. Cost:
// quadratic in the expressions of bodies that print.

#include "rego/compiler/errors.h"
#include "rego/compiler/names.h"
#include "rego/compiler/safety.h"

namespace merlon::rego::compiler {

class UndeclaredVariables {
  public:
    UndeclaredVariables(const ArityOf& arity, const std::set<const Expression*>& assignments,
                        const WrittenNames& names, Arena& arena, ErrorList& errors)
        : order_(arity, assignments, arena), names_(names), errors_(errors) {}

    // Of resolved rules and queries.
    void check_templates(const syntax::Rule& rule);
    void check_templates(Body query) { check_templates(query, {"data", "input"}); }
    // Before print is rewritten.
    void check_prints(const syntax::Rule& rule);
    void check_prints(Body query) { check_prints(query, {"data", "input"}); }

  private:
    Names check_templates(Body body, const Names& bound);
    void check_templates(const Expression& expression, const Names& bound);
    void check_templates(const Term& term, const Names& bound);
    void check_template(const Term& call, const Names& bound);
    // Whether there was nothing to report.
    bool check_prints(Body body, const Names& bound);
    bool check_prints_inside(const Expression& expression, const Names& bound);
    bool check_prints_inside(const Term& term, const Names& bound);
    void report(const Names& names, const Location* place);

    SafetyOrder order_;
    const WrittenNames& names_;
    ErrorList& errors_;
};

}  // namespace merlon::rego::compiler
