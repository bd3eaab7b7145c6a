#include "rego/compiler/static_checks.h"

#include "rego/syntax/builtin_table.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"

namespace merlon::rego::compiler {
namespace {

struct VoidCalls {
    const KnownBuiltins& builtins;
    ErrorList& errors;

    bool enter(Term& term) {
        if (term.kind != TermKind::kCall) return true;
        const Declaration* const declaration = builtins.declaration(operator_name(*term.terms[0]));
        if (declaration != nullptr && declaration->result.empty()) {
            errors.add(kTypeError, term.location, syntax::to_text(term) + " used as value");
        }
        return true;
    }
    static bool enter(Expression& /*expression*/) { return true; }
    static bool enter(syntax::With& /*with*/) { return true; }
};

struct DeprecatedCalls {
    ErrorList& errors;

    static bool enter(Term& /*term*/) { return true; }
    static bool enter(syntax::With& /*with*/) { return true; }
    bool enter(Expression& expression) {
        if (expression.kind != ExpressionKind::kCall) return true;
        const std::string name = operator_name(*expression.terms[0]);
        if (syntax::is_deprecated_builtin(name)) {
            errors.add(kTypeError, expression.location,
                       "deprecated built-in function calls in expression: " + name,
                       Gravity::kRecoverable);
        }
        return true;
    }
};

struct ReachingCalls {
    std::string_view file;
    std::vector<ReachingCall>& calls;

    static bool enter(Term& /*term*/) { return true; }
    static bool enter(syntax::With& /*with*/) { return true; }
    bool enter(Expression& expression) {
        if (expression.kind != ExpressionKind::kCall) return true;
        const std::string name = operator_name(*expression.terms[0]);
        const Reach reach = reach_of(name);
        if (reach == Reach::kNothing || expression.location == nullptr) return true;
        calls.push_back({name, reach, std::string(file), expression.location->row,
                         expression.location->column});
        return true;
    }
};

constexpr std::string_view kReplacing = "with keyword replacing built-in function: ";

// What is wrong with replacing a built-in; empty: nothing.
std::string refusal(const Declaration& builtin) {
    const std::string name(builtin.name);
    if (name == kEquality || name == "rego.metadata.chain" || name == "rego.metadata.rule") {
        return "replacement of \"" + name + "\" invalid";
    }
    if (name.starts_with("internal.")) {
        return "replacement of internal function \"" + name + "\" invalid";
    }
    if (builtin.is_relation()) return "target must not be a relation";
    return builtin.result.empty() ? "target must not be a void function" : "";
}

// Whether rules make a part of what is above the target.
bool is_inside_of_rules(const Term& target, const RuleTree& tree) {
    const RuleNode* node = &tree.root();
    for (std::size_t i = 1; i + 1 < target.terms.size(); ++i) {
        node = node->child(*target.terms[i]);
        if (node == nullptr) return false;
        if (!node->rules.empty()) return true;
    }
    return false;
}

class WithChecker {
  public:
    WithChecker(const RuleTree& tree, const KnownBuiltins& builtins, UnknownCalls unknown_calls,
                ErrorList& errors)
        : tree_(tree), builtins_(builtins), unknown_calls_(unknown_calls), errors_(errors) {}

    void check(Body body) {
        for (const Expression* one : body) {
            for (const syntax::With* with : one->with) {
                if (!check(*with->target)) return;
            }
        }
        for (const Expression* one : body) {
            for (const Term* term : one->terms) {
                if (term != nullptr) visit(*term);
            }
            check(one->left);
            check(one->right);
        }
    }

  private:
    void visit(const Term& term) {
        if (!term.body.empty()) check(term.body);
        for (const Term* part : term.terms) visit(*part);
    }

    bool check(const Term& target) {
        const bool is_reference = target.kind == TermKind::kReference;
        if (is_reference && syntax::is_variable(*target.terms[0], "input")) return true;
        if (is_reference && syntax::is_variable(*target.terms[0], "data")) {
            if (!is_inside_of_rules(target, tree_)) return true;
            errors_.add(kCompileError, target.location,
                        "with keyword cannot partially replace virtual document(s)");
            return false;
        }
        const bool is_name = is_reference || target.kind == TermKind::kVariable;
        const Declaration* const builtin =
            is_name ? builtins_.declaration(operator_name(target)) : nullptr;
        if (builtin == nullptr) {
            if (is_name && unknown_calls_ == UnknownCalls::kAllowed) return true;
            errors_.add(kTypeError, target.location,
                        "with keyword target must reference existing input, data, or a function");
            return false;
        }
        const std::string why = refusal(*builtin);
        if (why.empty()) return true;
        errors_.add(kCompileError, target.location, std::string(kReplacing) + why);
        return false;
    }

    const RuleTree& tree_;
    const KnownBuiltins& builtins_;
    UnknownCalls unknown_calls_;
    ErrorList& errors_;
};

}  // namespace

void check_void_calls(syntax::Rule& rule, const KnownBuiltins& builtins, ErrorList& errors) {
    VoidCalls calls{builtins, errors};
    syntax::walk(rule, calls);
}

void check_void_calls(Body body, const KnownBuiltins& builtins, ErrorList& errors) {
    VoidCalls calls{builtins, errors};
    syntax::walk(body, calls);
}

void check_withs(Body body, const RuleTree& tree, const KnownBuiltins& builtins,
                 UnknownCalls unknown_calls, ErrorList& errors) {
    WithChecker(tree, builtins, unknown_calls, errors).check(body);
}

void collect_reaching(Body body, std::string_view file, std::vector<ReachingCall>& calls) {
    ReachingCalls collector{file, calls};
    syntax::walk(body, collector);
}

void check_deprecated(Body body, ErrorList& errors) {
    DeprecatedCalls calls{errors};
    syntax::walk(body, calls);
}

}  // namespace merlon::rego::compiler
