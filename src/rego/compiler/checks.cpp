#include "rego/compiler/checks.h"

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_map>

#include "rego/compiler/declarations.h"
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
    return modules.files[placed.file] + ":" + std::to_string(placed.rule->location->row);
}

// The first thing that contradicts at one node, as a message; empty: nothing does.
std::string conflict_at(const RuleNode& node, const CheckedModules& modules) {
    bool has_single = false;
    bool has_multi = false;
    bool has_complete = false;
    bool has_partial = false;
    bool has_set = false;
    bool has_object_of_sets = false;
    std::set<std::size_t> arities;
    std::vector<PlacedRule> below;
    std::vector<PlacedRule> defaults;
    for (const PlacedRule& placed : node.rules) {
        const syntax::Rule& rule = *placed.rule;
        const bool is_constant = is_constant_path(rule);
        (is_multi_value(rule) ? has_multi : has_single) = true;
        (!is_multi_value(rule) && is_constant ? has_complete : has_partial) = true;
        if (is_multi_value(rule)) (is_constant ? has_set : has_object_of_sets) = true;
        arities.insert(rule.head->arguments.size());
        if (rule.is_default) defaults.push_back(placed);
        if (!node.children.empty() && below.empty()) {
            for (const auto& [name, child] : node.children) {
                for (const PlacedRule& other : child->all_rules()) {
                    const bool conflicts = is_constant || !other.rule->head->arguments.empty();
                    if (conflicts) below.push_back(other);
                }
            }
        }
    }
    const std::string name = rule_name(*node.rules.back().rule, modules.written_names);
    if (!below.empty()) {
        std::string message = "rule " + name + " conflicts with:";
        for (const PlacedRule& other : below) {
            message += "\n  rule " + rule_name(*other.rule, modules.written_names) + " at " +
                       place_of(other, modules);
        }
        return message;
    }
    if ((has_single && has_multi) || arities.size() > 1 || (has_complete && has_partial) ||
        (has_set && has_object_of_sets)) {
        return "conflicting rules " + name + " found";
    }
    if (defaults.size() < 2) return "";
    std::string message = "multiple default rules " + name + " found at ";
    for (std::size_t i = 0; i < defaults.size(); ++i) {
        if (i > 0) message += ", ";
        message += place_of(defaults[i], modules);
    }
    return message;
}

// Calls `visit` for each call of the bodies and those inside of them.
void visit_calls(std::span<Expression* const> body,
                 const std::function<void(const Expression&)>& visit);

void visit_calls(const Term& term, const std::function<void(const Expression&)>& visit) {
    visit_calls(term.body, visit);
    for (const Term* part : term.terms) visit_calls(*part, visit);
}

void visit_calls(std::span<Expression* const> body,
                 const std::function<void(const Expression&)>& visit) {
    for (const Expression* expression : body) {
        if (expression->kind == ExpressionKind::kCall) visit(*expression);
        for (const Term* term : expression->terms) {
            if (term != nullptr) visit_calls(*term, visit);
        }
        visit_calls(expression->left, visit);
        visit_calls(expression->right, visit);
        for (const syntax::With* with : expression->with) visit_calls(*with->value, visit);
    }
}

// What is known of a literal's type, in OPA's words.
std::string literal_type(const Term& term) {
    switch (term.kind) {
        case TermKind::kNull:
        case TermKind::kBoolean:
        case TermKind::kNumber:
        case TermKind::kString:
            return std::string(syntax::name(term.kind));
        default:
            return "???";
    }
}

void report_arity(const Expression& call, int arity, std::size_t operands,
                  const KnownBuiltins& builtins, ErrorList& errors) {
    const std::string name = operator_name(*call.terms[0]);
    const Declaration* const declaration = syntax::is_variable(*call.terms[0]->terms[0], "data")
                                               ? nullptr
                                               : builtins.declaration(name);
    if (declaration == nullptr) {
        errors.add(kTypeError, call.location,
                   "function " + syntax::to_text(*call.terms[0]) + " has arity " +
                       std::to_string(arity) + ", got " + std::to_string(operands) +
                       (operands == 1 ? " argument" : " arguments"));
        return;
    }
    std::string have;
    for (const Term* operand : call.terms.subspan(1)) {
        if (!have.empty()) have += ", ";
        have += literal_type(*operand);
    }
    std::string want(declaration->operands);
    std::ranges::replace(want, ';', ',');
    errors.add(kTypeError, call.location,
               name + ": arity mismatch\n\thave: (" + have + ")\n\twant: (" + want + ")");
}

// Which rules a rule needs.
class Dependencies {
  public:
    explicit Dependencies(const CheckedModules& modules) : modules_(modules) {
        for (const PlacedRule& placed : modules.rules) {
            for (const syntax::Rule* rule = placed.rule; rule != nullptr; rule = rule->otherwise) {
                add(*placed.rule, *rule);
            }
        }
    }

    struct Edge {
        const syntax::Rule* to;
        bool is_dynamic;  // only a variable's value leads there
    };
    const std::vector<Edge>& of(const syntax::Rule* rule) const {
        static const std::vector<Edge> kNone;
        const auto found = edges_.find(rule);
        return found == edges_.end() ? kNone : found->second.list;
    }
    // Whether there is a circle at all.
    bool has_circle() const;

  private:
    void add(const syntax::Rule& owner, const syntax::Rule& rule) {
        from_ = &owner;
        for (const Expression* expression : rule.body) visit(*expression);
        for (const Term* argument : rule.head->arguments) visit(*argument);
        if (rule.head->key != nullptr) visit(*rule.head->key);
        if (rule.head->value != nullptr) visit(*rule.head->value);
        for (const Term* step : rule.head->reference.subspan(1)) visit(*step);
    }
    void visit(const Expression& expression) {
        for (const Term* term : expression.terms) {
            if (term != nullptr) visit(*term);
        }
        for (const Expression* one : expression.left) visit(*one);
        for (const Expression* one : expression.right) visit(*one);
        for (const syntax::With* with : expression.with) visit(*with->value);
    }
    void visit(const Term& term) {
        if (term.kind == TermKind::kReference && syntax::is_variable(*term.terms[0], "data")) {
            select(modules_.tree.root(), term.terms.subspan(1), false);
        }
        for (const Term* part : term.terms) visit(*part);
        for (const Expression* one : term.body) visit(*one);
    }
    void link(std::span<const PlacedRule> rules, bool is_dynamic) {  // NOLINT: private
        for (const PlacedRule& placed : rules) {
            Edges& edges = edges_[from_];
            const auto [at, added] = edges.places.try_emplace(placed.rule, edges.list.size());
            if (added) {
                edges.list.push_back({placed.rule, is_dynamic});
            } else {
                Edge& known = edges.list[at->second];
                known.is_dynamic = known.is_dynamic && is_dynamic;
            }
        }
    }
    void select(const RuleNode& node, Terms path, bool is_dynamic) {  // NOLINT: private
        if (path.empty()) return link(node.all_rules(), is_dynamic);
        link(node.rules, is_dynamic);
        const Term& step = *path[0];
        if (is_scalar(step)) {
            const RuleNode* const child =
                step.kind == TermKind::kString ? node.child(step.text) : nullptr;
            if (child != nullptr) select(*child, path.subspan(1), is_dynamic);
            return;
        }
        for (const auto& [name, child] : node.children) select(*child, path.subspan(1), true);
    }

    struct Edges {
        std::vector<Edge> list;
        std::unordered_map<const syntax::Rule*, std::size_t> places;
    };

    const CheckedModules& modules_;
    const syntax::Rule* from_ = nullptr;
    std::unordered_map<const syntax::Rule*, Edges> edges_;
};

bool Dependencies::has_circle() const {
    enum class State : std::uint8_t { kOpen, kDone };
    std::unordered_map<const syntax::Rule*, State> states;
    std::vector<std::pair<const syntax::Rule*, std::size_t>> way;  // and the next edge of each
    for (const auto& [start, unused] : edges_) {
        if (!states.try_emplace(start, State::kOpen).second) continue;
        way.emplace_back(start, 0);
        while (!way.empty()) {
            auto& [rule, next] = way.back();
            const std::vector<Edge>& edges = of(rule);
            if (next == edges.size()) {
                states[rule] = State::kDone;
                way.pop_back();
                continue;
            }
            const syntax::Rule* const to = edges[next++].to;
            const auto [at, added] = states.try_emplace(to, State::kOpen);
            if (!added && at->second == State::kOpen) return true;
            if (added) way.emplace_back(to, 0);
        }
    }
    return false;
}

// A way from the rule back to itself; empty: there is none.
std::vector<const syntax::Rule*> circle_of(const syntax::Rule* start,
                                           const Dependencies& dependencies) {
    std::vector<const syntax::Rule*> way{start};
    std::vector<std::size_t> next{0};
    std::set<const syntax::Rule*> seen;
    while (!way.empty()) {
        const auto& edges = dependencies.of(way.back());
        if (next.back() == edges.size()) {
            way.pop_back();
            next.pop_back();
            continue;
        }
        const syntax::Rule* const to = edges[next.back()++].to;
        if (to == start) {
            way.push_back(to);
            return way;
        }
        if (!seen.insert(to).second) continue;
        way.push_back(to);
        next.push_back(0);
    }
    return {};
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
    std::vector<const RuleNode*> nodes{&modules.tree.root()};
    while (!nodes.empty()) {
        const RuleNode* const node = nodes.back();
        nodes.pop_back();
        for (const auto& [name, child] : node->children) nodes.push_back(child.get());
        if (node->rules.empty()) continue;
        const PlacedRule& first = node->rules[0];
        errors.set_file(modules.files[first.file]);
        const std::string message = conflict_at(*node, modules);
        if (!message.empty()) errors.add(kTypeError, first.rule->location, message);
        if (!node->is_package) continue;
        for (const PlacedRule& placed : node->rules) {
            if (!is_constant_path(*placed.rule)) continue;
            errors.set_file(modules.files[placed.file]);
            errors.add(kTypeError, placed.rule->location,
                       "package " + rule_name(*placed.rule, {}).substr(5) +
                           " conflicts with rule " +
                           std::string(placed.rule->head->reference.back()->text) + " defined at " +
                           place_of(placed, modules));
        }
    }
}

void check_functions(std::span<Expression* const> body, const ArityOf& arity,
                     const KnownBuiltins& builtins, ErrorList& errors) {
    visit_calls(body, [&](const Expression& call) {
        const Term& operation = *call.terms[0];
        const int wanted = arity(operation);
        const std::size_t operands = call.terms.size() - 1;
        if (wanted < 0) {
            errors.add(kTypeError, call.location,
                       "undefined function " + syntax::to_text(operation));
            return;
        }
        const Declaration* const declaration = builtins.declaration(operator_name(operation));
        if (declaration != nullptr && declaration->is_variadic()) return;
        const auto inputs = static_cast<std::size_t>(wanted);
        // A result that the compiler added itself is no operand.
        if (call.is_generated && !is_equality(call)) {
            if (operands != inputs + 1) report_arity(call, wanted, operands - 1, builtins, errors);
        } else if (operands != inputs && operands != inputs + 1) {
            report_arity(call, wanted, operands, builtins, errors);
        }
    });
}

void check_recursion(const CheckedModules& modules, ErrorList& errors) {
    const Dependencies dependencies(modules);
    if (!dependencies.has_circle()) return;
    for (const PlacedRule& placed : modules.rules) {
        const std::vector<const syntax::Rule*> circle = circle_of(placed.rule, dependencies);
        if (circle.empty()) continue;
        bool is_certain = true;
        std::string way;
        for (std::size_t i = 0; i < circle.size(); ++i) {
            if (i > 0) {
                way += " -> ";
                const auto& edges = dependencies.of(circle[i - 1]);
                const auto edge = std::ranges::find(edges, circle[i], &Dependencies::Edge::to);
                is_certain = is_certain && !edge->is_dynamic;
            }
            way += rule_name(*circle[i], modules.written_names);
        }
        errors.set_file(modules.files[placed.file]);
        errors.add(kRecursionError, placed.rule->location,
                   "rule " + rule_name(*placed.rule, modules.written_names) +
                       (is_certain ? " is" : " may be") + " recursive: " + way);
    }
}

}  // namespace merlon::rego::compiler
