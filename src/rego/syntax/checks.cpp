#include "rego/syntax/checks.h"

#include <fmt/format.h>

#include <unordered_map>

#include "rego/syntax/builtin_table.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"

namespace merlon::rego::syntax {
namespace {

void add_error(std::vector<SyntaxError>& errors, std::string_view code, const Location* location,
               std::string message) {
    SyntaxError error{.code = std::string(code), .message = std::move(message)};
    if (location != nullptr) {
        error.row = location->row;
        error.column = location->column;
    }
    errors.push_back(std::move(error));
}

std::string_view name_of(const Import& import) {
    return import.alias.empty() ? import.path->terms.back()->text : import.alias;
}

void check_imports(const Module& module, std::vector<SyntaxError>& errors) {
    std::unordered_map<std::string_view, const Import*> seen;
    for (const Import* import : module.imports) {
        const auto [first, is_new] = seen.emplace(name_of(*import), import);
        if (is_new) continue;
        add_error(errors, "rego_compile_error", import->location,
                  "import must not shadow " + to_text(*first->second));
    }
}

bool is_reserved(std::string_view name) { return name == "data" || name == "input"; }

struct AssignmentCheck {
    std::vector<SyntaxError>& errors;
    bool enter(Term&) { return true; }
    bool enter(With&) { return true; }
    bool enter(Expression& expression) {
        if (expression.kind == ExpressionKind::kCall && expression.terms.size() > 1 &&
            to_text(*expression.terms[0]) == "assign") {
            const std::string variable = to_text(*expression.terms[1]);
            if (is_reserved(variable)) {
                add_error(errors, "rego_compile_error", expression.location,
                          fmt::format("variables must not shadow {} (use a different variable "
                                      "name)",
                                      variable));
            }
        }
        return true;
    }
};

struct DeprecatedCheck {
    std::vector<SyntaxError>& errors;
    void check(const Term& operation, const Location* location) {
        const std::string called = to_text(operation);
        if (!is_deprecated_builtin(called)) return;
        add_error(errors, "rego_type_error", location,
                  "deprecated built-in function calls in expression: " + called);
    }
    bool enter(Term& term) {
        if (term.kind == TermKind::kCall) check(*term.terms[0], term.terms[0]->location);
        return true;
    }
    bool enter(With&) { return true; }
    bool enter(Expression& expression) {
        if (expression.kind == ExpressionKind::kCall)
            check(*expression.terms[0], expression.location);
        return true;
    }
};

void check_documents(const Module& module, std::vector<SyntaxError>& errors) {
    for (const Rule* rule : module.rules) {
        const std::string_view name = rule->head->reference[0]->text;
        if (is_reserved(name)) {
            add_error(errors, "rego_compile_error", rule->location,
                      fmt::format("rules must not shadow {} (use a different rule name)", name));
        }
        for (const Term* argument : rule->head->arguments) {
            if (argument->kind == TermKind::kReference && argument->terms.size() == 1 &&
                is_root_document(*argument->terms[0])) {
                add_error(errors, "rego_compile_error", argument->location,
                          fmt::format("args must not shadow {} (use a different variable name)",
                                      to_text(*argument)));
            }
        }
    }
    AssignmentCheck check{errors};
    for (Rule* rule : module.rules) walk(*rule, check);
}

}  // namespace

void check_rule_of_v1(const Rule& rule, const RuleChecks& checks,
                      std::vector<SyntaxError>& errors) {
    const Head& head = *rule.head;
    const std::string_view kind = head.arguments.empty() ? "rule" : "function";
    const auto add = [&](std::string message) {
        add_error(errors, "rego_parse_error", rule.location, std::move(message));
    };
    if (head.reference.size() < 2 && is_keyword(head.name, RegoVersion::kV1))
        add(fmt::format("{} keyword cannot be used for rule name", head.name));
    if (checks.layout == Layout::kAnything) return;
    if (rule.is_body_generated && head.is_value_generated)
        add(fmt::format("{} must have value assignment and/or body declaration", kind));
    if (!rule.is_body_generated && !rule.is_default && !head.has_if)
        add(fmt::format("`if` keyword is required before {} body", kind));
    if (head.value == nullptr && !head.has_contains)
        add("`contains` keyword is required for partial set rules");
}

void check_module_of_v1(const Module& module, const RuleChecks& checks,
                        std::vector<SyntaxError>& errors) {
    check_imports(module, errors);
    check_documents(module, errors);
    DeprecatedCheck deprecated{errors};
    for (Rule* rule : module.rules) {
        for (Term* part : rule->head->reference) walk(*part, deprecated);
        walk(*rule, deprecated);
    }
    for (const Rule* rule : module.rules) check_rule_of_v1(*rule, checks, errors);
}

}  // namespace merlon::rego::syntax
