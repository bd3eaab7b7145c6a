#include "rego/compiler/recursion.h"

#include <algorithm>
#include <optional>
#include <set>

#include "rego/compiler/names.h"
#include "rego/compiler/type_environment.h"
#include "rego/syntax/print.h"

namespace merlon::rego::compiler {
namespace {

constexpr std::size_t kMaxConditions = 2;  // more are not spelled out
constexpr std::size_t kMaxMembers = 5;

enum class EdgeChoice : std::uint8_t { kAll, kCertain };

// A way from the rule back to itself; empty: there is none.
std::vector<const syntax::Rule*> circle_of(const syntax::Rule* start,
                                           const Dependencies& dependencies, EdgeChoice choice) {
    std::vector<const syntax::Rule*> way{start};
    std::vector<std::size_t> next{0};
    std::set<const syntax::Rule*> seen;
    while (!way.empty()) {
        const std::span<const Dependencies::Edge> edges = dependencies.of(way.back());
        if (next.back() == edges.size()) {
            way.pop_back();
            next.pop_back();
            continue;
        }
        const Dependencies::Edge& edge = edges[next.back()++];
        if (choice == EdgeChoice::kCertain && edge.dynamic != nullptr) continue;
        if (edge.to == start) {
            way.push_back(start);
            return way;
        }
        if (!seen.insert(edge.to).second) continue;
        way.push_back(edge.to);
        next.push_back(0);
    }
    return {};
}

const DynamicReference* dynamic_edge(const Dependencies& dependencies, const syntax::Rule* from,
                                     const syntax::Rule* to) {
    const auto edges = dependencies.of(from);
    const auto edge = std::ranges::find(edges, to, &Dependencies::Edge::to);
    return edge == edges.end() ? nullptr : edge->dynamic;
}

// Where a variable gets its value.
struct Origin {
    enum class Kind : std::uint8_t { kInput, kRule, kCollection, kBuiltin, kHeadKey, kArgument };
    Kind kind;
    Terms reference = {};
    const Term* collection = nullptr;
    std::string builtin = {};
};

// A step of a reference, and the value that it needs.
struct Condition {
    std::size_t place;
    const Term* term;
    const Term* value;
};

class Cause {
  public:
    Cause(const CheckedModules& modules, const KnownBuiltins& builtins, Arena& arena)
        : modules_(modules), builtins_(builtins), arena_(arena) {}

    // " (data.x[y] refers to data.x.z if y is "z")"
    std::string text(const DynamicReference& dynamic, const syntax::Rule& from,
                     const syntax::Rule& to, std::string_view in);

  private:
    std::optional<Origin> origin_of(std::string_view variable, const syntax::Rule& rule,
                                    std::size_t expression, std::size_t depth);
    std::optional<Origin> origin_in_body(std::string_view variable, const syntax::Rule& rule,
                                         std::size_t expression, std::size_t depth);
    const Term* bound_to(std::string_view variable, const syntax::Rule& rule,
                         std::size_t expression);
    std::string note(const Condition& condition, const DynamicReference& dynamic,
                     const syntax::Rule& rule);
    bool can_hold(const Condition& condition, const DynamicReference& dynamic,
                  const syntax::Rule& rule);
    std::string name(const syntax::Rule& rule) { return rule_name(rule, modules_.written_names); }
    Terms written(Terms reference) {
        return written_reference(reference, modules_.written_names, {}, arena_);
    }

    const CheckedModules& modules_;
    const KnownBuiltins& builtins_;
    Arena& arena_;
};

// What an equality in front says that the variable is.
const Term* Cause::bound_to(std::string_view variable, const syntax::Rule& rule,
                            std::size_t expression) {
    for (std::size_t i = 0; i < std::min(expression, rule.body.size()); ++i) {
        const Expression& one = *rule.body[i];
        if (one.is_negated || !one.with.empty() || !is_equality(one)) continue;
        if (syntax::is_variable(*one.terms[1], variable)) return one.terms[2];
        if (syntax::is_variable(*one.terms[2], variable)) return one.terms[1];
    }
    return nullptr;
}

std::optional<Origin> Cause::origin_in_body(std::string_view variable, const syntax::Rule& rule,
                                            std::size_t expression, std::size_t depth) {
    for (std::size_t i = 0; i < std::min(expression, rule.body.size()); ++i) {
        const Expression& one = *rule.body[i];
        if (one.is_negated || !one.with.empty() || is_equality(one)) continue;
        if (one.kind != ExpressionKind::kCall) continue;
        const std::string called = operator_name(*one.terms[0]);
        const Declaration* const builtin = builtins_.declaration(called);
        const bool has_result = builtin != nullptr &&
                                one.terms.size() == static_cast<std::size_t>(builtin->arity()) + 2;
        if (has_result && syntax::is_variable(*one.terms.back(), variable)) {
            return Origin{.kind = Origin::Kind::kBuiltin, .builtin = called};
        }
    }
    const Term* const bound = bound_to(variable, rule, expression);
    if (bound == nullptr) return std::nullopt;
    if (bound->kind == TermKind::kVariable) {
        return origin_of(bound->text, rule, expression, depth + 1);
    }
    if (bound->kind != TermKind::kReference) return std::nullopt;
    const Terms reference = bound->terms;
    std::size_t constant = 1;
    while (constant < reference.size() && is_constant(*reference[constant])) ++constant;
    if (syntax::is_variable(*reference[0], "input")) {
        return Origin{.kind = Origin::Kind::kInput, .reference = reference.first(constant)};
    }
    if (syntax::is_variable(*reference[0], "data")) {
        return Origin{.kind = Origin::Kind::kRule, .reference = reference.first(constant)};
    }
    if (reference.size() != 2 || is_constant(*reference[1])) return std::nullopt;
    const Term* collection = reference[0];
    for (; depth <= rule.body.size() && collection != nullptr; ++depth) {
        if (collection->kind != TermKind::kVariable) break;
        collection = bound_to(collection->text, rule, expression);
    }
    const bool is_collection =
        collection != nullptr && is_constant(*collection) && collection->kind >= TermKind::kArray;
    if (!is_collection) return std::nullopt;
    return Origin{.kind = Origin::Kind::kCollection, .collection = collection};
}

std::optional<Origin> Cause::origin_of(std::string_view variable, const syntax::Rule& rule,
                                       std::size_t expression, std::size_t depth) {
    if (depth > rule.body.size()) return std::nullopt;
    if (auto origin = origin_in_body(variable, rule, expression, depth)) return origin;
    const auto is_it = [variable](const Term* term) {
        return term != nullptr && syntax::is_variable(*term, variable);
    };
    if (std::ranges::any_of(rule.head->arguments, is_it)) {
        return Origin{.kind = Origin::Kind::kArgument};
    }
    if (is_it(rule.head->key) || std::ranges::any_of(rule.head->reference.subspan(1), is_it)) {
        return Origin{.kind = Origin::Kind::kHeadKey};
    }
    return std::nullopt;
}

// Whether the variable can have the value, as far as its origin says.
bool Cause::can_hold(const Condition& condition, const DynamicReference& dynamic,
                     const syntax::Rule& rule) {
    const Term& step = *dynamic.written[condition.place];
    if (step.kind != TermKind::kVariable) return true;
    const auto origin = origin_of(step.text, rule, dynamic.expression, 0);
    if (!origin) return true;
    if (origin->kind == Origin::Kind::kCollection) {
        std::vector<Term*> members;
        add_members(*origin->collection, members);
        return std::ranges::any_of(members, [&](const Term* member) {
            return syntax::compare(*member, *condition.value) == 0;
        });
    }
    if (origin->kind != Origin::Kind::kBuiltin) return true;
    Interner interner;
    Types types(arena_, interner);
    const Declaration& builtin = *builtins_.declaration(origin->builtin);
    const Type* const result = types.read_function(builtin.operands, builtin.result)->value;
    return result == nullptr || contains(*result, types.type_of(condition.value->constant));
}

std::string Cause::note(const Condition& condition, const DynamicReference& dynamic,
                        const syntax::Rule& rule) {
    const Term& step = *dynamic.written[condition.place];
    if (step.kind == TermKind::kReference) {
        return syntax::is_variable(*step.terms[0], "data")
                   ? "rule values aren't known at compile time"
                   : "";
    }
    if (step.kind != TermKind::kVariable) return "";
    const auto origin = origin_of(step.text, rule, dynamic.expression, 0);
    if (!origin) return "";
    const std::string term = syntax::to_text(*condition.term);
    switch (origin->kind) {
        case Origin::Kind::kInput:
            return term + " comes from " + syntax::to_text(written(origin->reference));
        case Origin::Kind::kRule:
            return term + " comes from rule " + syntax::to_text(origin->reference) +
                   ", whose value isn't known at compile time";
        case Origin::Kind::kCollection: {
            std::vector<Term*> members;
            add_members(*origin->collection, members);
            return term + " is one of " +
                   (members.size() > kMaxMembers ? std::to_string(members.size()) + " values"
                                                 : syntax::to_text(*origin->collection));
        }
        case Origin::Kind::kBuiltin:
            return term + " is computed by " + origin->builtin;
        case Origin::Kind::kHeadKey:
            return term + " is a key of " + name(rule);
        case Origin::Kind::kArgument:
            return term + " is an argument of " + name(rule);
    }
    return "";
}

std::string Cause::text(const DynamicReference& dynamic, const syntax::Rule& from,
                        const syntax::Rule& to, std::string_view in) {
    const Terms path = to.head->reference;
    // Behind the rule's path the reference goes into its value.
    const Terms reference =
        written(dynamic.written.first(std::min(dynamic.written.size(), path.size())));
    std::string text = " (" + syntax::to_text(reference) + std::string(in);
    std::vector<std::size_t> places;
    leads_always(dynamic.narrowed, to, dynamic.bound, &places);
    std::vector<Condition> conditions;
    bool is_told = true;
    for (const std::size_t place : places) {
        const auto known = std::ranges::find_if(conditions, [&](const Condition& one) {
            return syntax::compare(*one.term, *reference[place]) == 0;
        });
        if (known == conditions.end()) {
            conditions.push_back({place, reference[place], path[place]});
        } else if (syntax::compare(*known->value, *path[place]) != 0) {
            is_told = false;
        }
    }
    is_told = is_told && !conditions.empty() && conditions.size() <= kMaxConditions &&
              std::ranges::all_of(conditions, [&](const Condition& condition) {
                  return can_hold(condition, dynamic, from);
              });
    if (!is_told) return text + " could refer to " + name(to) + ")";
    text += " refers to " + name(to);
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        const Condition& condition = conditions[i];
        text += (i == 0 ? " if " : " and ") + syntax::to_text(*condition.term) + " is " +
                syntax::to_text(*condition.value);
        const std::string why = note(condition, dynamic, from);
        if (!why.empty()) text += " (" + why + ")";
    }
    return text + ")";
}

}  // namespace

void check_recursion(const CheckedModules& modules, const Dependencies& dependencies,
                     const KnownBuiltins& builtins, Arena& arena, ErrorList& errors) {
    if (!dependencies.has_circle()) return;
    Cause cause(modules, builtins, arena);
    const auto check = [&](const syntax::Rule* rule) {
        auto circle = circle_of(rule, dependencies, EdgeChoice::kAll);
        if (circle.empty()) return;
        std::string why;
        const auto certain = circle_of(rule, dependencies, EdgeChoice::kCertain);
        if (!certain.empty()) circle = certain;
        std::string way;
        for (std::size_t i = 0; i < circle.size(); ++i) {
            const std::string name = rule_name(*circle[i], modules.written_names);
            way += (i == 0 ? "" : " -> ") + name;
            if (i == 0 || !why.empty()) continue;
            const syntax::Rule& from = *circle[i - 1];
            if (const auto* dynamic = dynamic_edge(dependencies, &from, circle[i])) {
                const std::string in =
                    i == 1 ? "" : " in " + rule_name(from, modules.written_names);
                why = cause.text(*dynamic, from, *circle[i], in);
            }
        }
        errors.add(kRecursionError, rule->location,
                   "rule " + rule_name(*rule, modules.written_names) +
                       (certain.empty() ? " may be" : " is") + " recursive: " + way + why);
    };
    for (const PlacedRule& placed : modules.rules) {
        errors.set_file(modules.files[placed.file]);
        for (const syntax::Rule* rule = placed.rule; rule != nullptr; rule = rule->otherwise) {
            check(rule);
        }
    }
}

}  // namespace merlon::rego::compiler
