#include "rego/compiler/checks.h"

#include <algorithm>
#include <functional>
#include <ranges>
#include <set>
#include <unordered_map>

#include "rego/compiler/declarations.h"
#include "rego/compiler/type_details.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/print.h"

namespace merlon::rego::compiler {
namespace {

bool is_constant_path(const syntax::Rule& rule) {
    return std::ranges::all_of(rule.head->reference.subspan(1),
                               [](const Term* step) { return is_scalar(*step); });
}

bool is_multi_value(const syntax::Rule& rule) {
    return rule.head->value == nullptr && rule.head->key != nullptr;
}

void restore_names(Term& term, const std::map<std::string_view, std::string_view>& written_names) {
    if (term.kind == TermKind::kVariable) {
        const auto found = written_names.find(term.text);
        if (found != written_names.end()) term.text = found->second;
    }
    for (Term* part : term.terms) restore_names(*part, written_names);
}

void check_bounds(const Term& term, ErrorList& errors) {
    compiler::check_bounds(term.body, errors);
    for (const Term* part : term.terms) check_bounds(*part, errors);
}

std::string place_of(const PlacedRule& placed, const CheckedModules& modules) {
    return std::string(modules.files[placed.file]) + ":" +
           std::to_string(placed.rule->location->row);
}

// The rules below a node, or the functions among them: of those that stand below each other only
// the first, by their paths.
std::vector<PlacedRule> rules_below(const RuleNode& node, bool only_functions) {  // NOLINT: private
    std::vector<PlacedRule> below;
    const auto is_below = [](const PlacedRule& rule, const PlacedRule& other) {
        const Terms path = rule.rule->head->reference;
        const Terms above = other.rule->head->reference;
        return above.size() <= path.size() && syntax::compare(path.first(above.size()), above) == 0;
    };
    for (const auto& [name, child] : node.children) {
        for (const PlacedRule& rule : child->all_rules()) {
            if (only_functions && rule.rule->head->arguments.empty()) continue;
            if (std::ranges::any_of(
                    below, [&](const PlacedRule& other) { return is_below(rule, other); })) {
                continue;
            }
            std::erase_if(below, [&](const PlacedRule& other) { return is_below(other, rule); });
            below.push_back(rule);
        }
    }
    std::ranges::stable_sort(below, [](const PlacedRule& left, const PlacedRule& right) {
        return syntax::compare(left.rule->head->reference, right.rule->head->reference) < 0;
    });
    return below;
}

std::string below_text(std::string_view name, std::span<const PlacedRule> below,
                       const CheckedModules& modules) {
    std::string message = "rule " + std::string(name) + " conflicts with:";
    for (const PlacedRule& other : below) {
        message += "\n  rule " + rule_name(*other.rule, modules.written_names) + " at " +
                   place_of(other, modules);
    }
    return message;
}

// Whether the rules of a node cannot stand beside each other.
bool is_mixed(std::span<const PlacedRule> rules) {
    bool has_single = false;
    bool has_multi = false;
    bool has_complete = false;
    bool has_partial = false;
    bool has_set = false;
    bool has_object_of_sets = false;
    std::set<std::size_t> arities;
    for (const PlacedRule& placed : rules) {
        const syntax::Rule& rule = *placed.rule;
        const bool is_constant = is_constant_path(rule);
        (is_multi_value(rule) ? has_multi : has_single) = true;
        (!is_multi_value(rule) && is_constant ? has_complete : has_partial) = true;
        if (is_multi_value(rule)) (is_constant ? has_set : has_object_of_sets) = true;
        arities.insert(rule.head->arguments.size());
    }
    return (has_single && has_multi) || arities.size() > 1 || (has_complete && has_partial) ||
           (has_set && has_object_of_sets);
}

void check_node(const RuleNode& node, const CheckedModules& modules, ErrorList& errors) {
    const PlacedRule& first = node.rules[0];
    errors.set_file(modules.files[first.file]);
    const std::string name = rule_name(*node.rules.back().rule, modules.written_names);
    const bool has_constant = std::ranges::any_of(
        node.rules, [](const PlacedRule& placed) { return is_constant_path(*placed.rule); });
    const std::vector<PlacedRule> below = rules_below(node, !has_constant);
    if (!below.empty()) {
        errors.add(kTypeError, first.rule->location, below_text(name, below, modules));
        return;
    }
    if (is_mixed(node.rules)) {
        errors.add(kTypeError, first.rule->location, "conflicting rules " + name + " found");
        return;
    }
    std::vector<PlacedRule> defaults;
    std::ranges::copy_if(node.rules, std::back_inserter(defaults),
                         [](const PlacedRule& placed) { return placed.rule->is_default; });
    if (defaults.size() < 2) return;
    std::string message = "multiple default rules " + name + " found at ";
    for (std::size_t i = 0; i < defaults.size(); ++i) {
        if (i > 0) message += ", ";
        message += place_of(defaults[i], modules);
    }
    errors.set_file(modules.files[defaults[0].file]);
    errors.add(kTypeError, modules.packages[defaults[0].file]->location, std::move(message));
}

// A rule where a package stands.
void check_packages(const RuleNode& node, const CheckedModules& modules, ErrorList& errors) {
    for (const PlacedRule& placed : node.rules) {
        if (!is_constant_path(*placed.rule)) continue;
        const syntax::Package& own = *modules.packages[placed.file];
        const std::string path = rule_name(*placed.rule, {});
        const std::string name = path.substr(syntax::to_text(own.path).size() + 1);
        errors.set_file(modules.files[placed.file]);
        for (const syntax::Package* package : modules.packages) {
            if (syntax::compare(package->path, placed.rule->head->reference) != 0) continue;
            errors.add(kTypeError, own.location,
                       "package " + path.substr(5) + " conflicts with rule " + name +
                           " defined at " + place_of(placed, modules));
        }
    }
}

// Calls `visit` for each call of the bodies and those inside of them; it says whether to go on
// inside of the call.
using CallVisitor = std::function<bool(const Expression&)>;
void visit_calls(std::span<Expression* const> body, const CallVisitor& visit);

void visit_calls(const Term& term, const CallVisitor& visit) {
    visit_calls(term.body, visit);
    for (const Term* part : term.terms) visit_calls(*part, visit);
}

void visit_calls(std::span<Expression* const> body, const CallVisitor& visit) {
    for (const Expression* expression : body) {
        if (expression->kind == ExpressionKind::kCall && !visit(*expression)) continue;
        for (const Term* term : expression->terms) {
            if (term != nullptr) visit_calls(*term, visit);
        }
        visit_calls(expression->left, visit);
        visit_calls(expression->right, visit);
        for (const syntax::With* with : expression->with) visit_calls(*with->value, visit);
    }
}

// `counted` are the operands that were written; the compiler may have added a result.
CompileError arity_error(const Expression& call, int arity, std::size_t counted,
                         const FunctionTypes& types, const std::string& name) {
    CompileError error{.code = std::string(kTypeError), .message = {}};
    if (call.location != nullptr) {
        error.row = call.location->row;
        error.column = call.location->column;
    }
    const Type* const function = types.of(*call.terms[0]);
    if (!is_kind(function, TypeKind::kFunction)) {
        error.message = "function " + name + " has arity " + std::to_string(arity) + ", got " +
                        std::to_string(counted) + (counted == 1 ? " argument" : " arguments");
        return error;
    }
    error.message = name + ": arity mismatch";
    std::vector<const Type*> have;
    for (const Term* operand : call.terms.subspan(1)) have.push_back(types.of(*operand));
    error.details = operand_details(have, wanted_by(*function, WantedResult::kNo));
    return error;
}

}  // namespace

std::string rule_name(const syntax::Rule& rule,
                      const std::map<std::string_view, std::string_view>& written_names) {
    Arena arena;
    const Terms path = syntax::copy(rule.head->reference, arena);
    for (Term* step : path) restore_names(*step, written_names);
    return syntax::to_text(path);
}

void check_bounds(const syntax::Rule& rule, ErrorList& errors) {
    const syntax::Head& head = *rule.head;
    if (head.reference.size() > kMaxPath || head.arguments.size() > kMaxPath) {
        errors.add(
            kCompileError, rule.location,
            "a rule's path and its arguments may have " + std::to_string(kMaxPath) + " parts");
    }
    for (const syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        check_bounds(part->body, errors);
    }
}

void check_bounds(Body body, ErrorList& errors) {
    if (body.size() > kMaxBodyExpressions) {
        errors.add(kCompileError, body[0]->location,
                   "a body may have " + std::to_string(kMaxBodyExpressions) + " expressions");
        return;
    }
    for (const Expression* one : body) {
        for (const Term* term : one->terms) {
            if (term != nullptr) check_bounds(*term, errors);
        }
        check_bounds(one->left, errors);
        check_bounds(one->right, errors);
        for (const syntax::With* with : one->with) {
            check_bounds(*with->value, errors);
            if (with->target->terms.size() > kMaxPath) {
                errors.add(kCompileError, with->location,
                           "a path may have " + std::to_string(kMaxPath) + " parts");
            }
        }
    }
}

void check_conflicts(const CheckedModules& modules, ErrorList& errors) {
    std::vector<const RuleNode*> packages;
    std::vector<const RuleNode*> nodes{&modules.tree.root()};
    while (!nodes.empty()) {
        const RuleNode* const node = nodes.back();
        nodes.pop_back();
        // The first key is taken next.
        for (const auto& [name, child] : std::views::reverse(node->children)) {
            nodes.push_back(child.get());
        }
        if (node->rules.empty()) continue;
        check_node(*node, modules, errors);
        if (node->is_package) packages.push_back(node);
    }
    for (const RuleNode* node : packages) check_packages(*node, modules, errors);
}

void check_base(const RuleTree& tree, std::span<const std::string_view> files,
                const value::Value& base, ErrorList& errors) {
    struct Step {
        const RuleNode* node;
        const value::Value* document;
        std::string path;
    };
    std::vector<Step> steps{{&tree.root(), &base, ""}};
    while (!steps.empty()) {
        const Step step = std::move(steps.back());
        steps.pop_back();
        if (!step.node->rules.empty()) {
            const PlacedRule& first = step.node->rules[0];
            errors.set_file(files[first.file]);
            errors.add(kCompileError, first.rule->location,
                       "conflicting rule for data path " + step.path + " found");
            continue;
        }
        for (const auto& [name, child] : std::views::reverse(step.node->children)) {
            // What is no object has all that is said to be below it.
            const value::Value* const below =
                step.document->is_object() ? step.document->find(name) : step.document;
            if (below == nullptr) continue;
            const std::string key =
                name.is_string() ? std::string(name.as_string()) : syntax::to_text(*child->key);
            steps.push_back({child.get(), below, step.path.empty() ? key : step.path + '/' + key});
        }
    }
}

void check_functions(std::span<Expression* const> body, const FunctionTypes& types,
                     ErrorList& errors) {
    visit_calls(body, [&](const Expression& call) {
        const Term& operation = *call.terms[0];
        const int wanted = types.arity(operation);
        const std::size_t operands = call.terms.size() - 1;
        if (wanted < 0) {
            errors.add(kTypeError, call.location, "undefined function " + types.name(operation));
            return false;
        }
        if (types.is_variadic(operation)) return true;
        const auto inputs = static_cast<std::size_t>(wanted);
        // A result that the compiler added itself is no operand.
        const bool has_result = call.is_generated && !is_equality(call);
        const bool is_right =
            has_result ? operands == inputs + 1
                       : call.is_generated || operands == inputs || operands == inputs + 1;
        if (is_right) return true;
        errors.add(arity_error(call, wanted, has_result ? operands - 1 : operands, types,
                               types.name(operation)),
                   Gravity::kFinal);
        return false;
    });
}

}  // namespace merlon::rego::compiler
