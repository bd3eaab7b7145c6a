#include "rego/compiler/safety_errors.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "rego/syntax/compare.h"
#include "rego/syntax/print.h"

namespace merlon::rego::compiler {
namespace {

bool is_before(const Location* left, const Location* right) {
    if (left == nullptr || right == nullptr) return left != nullptr;
    return std::pair(left->row, left->column) < std::pair(right->row, right->column);
}

// A rule's name: its path up to the first variable, as it was written.
std::string ground_name(const syntax::Rule& rule) {
    const Terms path = rule.head->reference;
    std::size_t count = 1;
    while (count < path.size() && is_scalar(*path[count])) ++count;
    return syntax::to_text(path.first(count));
}

// Of each variable the place where it stands last.
void collect_places(const Term& term, std::map<std::string_view, const Location*>& places) {
    if (term.kind == TermKind::kVariable) places[term.text] = term.location;
    if (term.kind == TermKind::kObject) {
        for (const Term* part : syntax::sorted_elements(term)) collect_places(*part, places);
        return;
    }
    for (const Term* part : term.terms) collect_places(*part, places);
}

}  // namespace

void SafetyErrors::set_module(const syntax::Module* module) {
    if (module == module_) return;
    module_ = module;
    names_by_row_.clear();
    names_by_place_.clear();
    if (module == nullptr) return;
    for (const syntax::Rule* rule : module->rules) {
        for (; rule != nullptr; rule = rule->otherwise) {
            const std::string name = ground_name(*rule);
            names_by_place_[rule->location] = name;
            if (rule->location != nullptr) names_by_row_[rule->location->row].insert(name);
        }
    }
}

std::string_view SafetyErrors::shown(std::string_view name) const {
    const auto written = names_.find(name);
    return written == names_.end() ? name : written->second;
}

std::string SafetyErrors::scope_of(const syntax::Rule* rule) {
    if (rule == nullptr || rule->location == nullptr) return "";
    if (names_by_row_[rule->location->row].size() < 2) return "";
    return " in rule " + names_by_place_[rule->location];
}

Names SafetyErrors::assigned(std::span<const UnsafeExpression> unsafe) const {
    Names names;
    for (const UnsafeExpression& one : unsafe) {
        if (!assignments_.contains(one.expression)) continue;
        for (const std::string_view name : variables_of(*one.expression->terms[1])) {
            names.insert(name);
            names.insert(shown(name));
        }
    }
    return names;
}

void SafetyErrors::report(std::span<const UnsafeExpression> unsafe, const syntax::Rule* rule) {
    if (unsafe.empty()) return;
    std::map<std::string_view, const Location*> places;
    for (const UnsafeExpression& one : unsafe) {
        for (const std::string_view name : one.names) {
            const auto [at, added] = places.try_emplace(name, one.expression->location);
            if (!added && is_before(one.expression->location, at->second)) {
                at->second = one.expression->location;
            }
        }
    }
    // What the compiler has added stands nowhere: OPA tells what else is wrong. Where there is
    // nothing else it is the rule that is wrong.
    const bool has_places =
        std::ranges::any_of(places, [](const auto& one) { return one.second != nullptr; });
    if (has_places) {
        std::erase_if(places, [](const auto& one) { return one.second == nullptr; });
    } else if (rule != nullptr) {
        for (auto& [name, place] : places) place = rule->location;
    }
    const Names assigned = this->assigned(unsafe);
    const auto is_assigned = [&](std::string_view name) {
        return assigned.contains(name) || assigned.contains(shown(name));
    };
    const bool has_others = std::ranges::any_of(places, [&](const auto& one) {
        return !is_generated(shown(one.first)) && !is_assigned(one.first);
    });
    const std::string scope = scope_of(rule);
    // By place, which is the order of a query's errors; OPA has none of those that stand at one
    // place.
    std::vector<std::pair<std::string_view, const Location*>> sorted(places.begin(), places.end());
    std::ranges::stable_sort(sorted, [](const auto& left, const auto& right) {
        return is_before(left.second, right.second);
    });
    bool has_named = false;
    for (const auto& [name, place] : sorted) {
        const std::string_view written = shown(name);
        if (is_generated(written) || (has_others && is_assigned(name))) continue;
        has_named = true;
        const std::string text(syntax::is_wildcard(written) ? "_" : written);
        std::string message = "var " + text + " is unsafe" + scope;
        if (syntax::find_future_word(written) != nullptr) {
            message += " (hint: `import future.keywords." + text + "` to import a future keyword)";
        }
        errors_.add(kUnsafeError, place, std::move(message));
    }
    if (!has_named) report_expressions(unsafe, scope);
}

// Of several expressions that need the same variables the first one.
void SafetyErrors::report_expressions(std::span<const UnsafeExpression> unsafe,
                                      const std::string& scope) {
    std::vector<UnsafeExpression> sorted(unsafe.begin(), unsafe.end());
    std::ranges::stable_sort(
        sorted, [](const UnsafeExpression& left, const UnsafeExpression& right) {
            return is_before(left.expression->location, right.expression->location);
        });
    Names seen;
    for (const UnsafeExpression& one : sorted) {
        const std::size_t before = seen.size();
        for (const std::string_view name : one.names) {
            if (is_generated(name)) seen.insert(name);
        }
        if (seen.size() == before) continue;
        errors_.add(kUnsafeError, one.expression->location, "expression is unsafe" + scope);
    }
}

void SafetyErrors::check_head(const syntax::Rule& rule) {
    const syntax::Head& head = *rule.head;
    Names bound{"data", "input"};
    VariableCollector(bound, kSafetySkips).body(rule.body);
    VariableCollector(bound, kSkipNothing).terms(head.arguments);
    std::map<std::string_view, const Location*> places;
    if (head.key != nullptr) collect_places(*head.key, places);
    if (head.value != nullptr) collect_places(*head.value, places);
    for (const Term* part : head.reference.subspan(1)) collect_places(*part, places);
    for (const auto& [name, place] : places) {
        const std::string_view written = shown(name);
        if (bound.contains(name) || is_generated(written)) continue;
        errors_.add(kUnsafeError, place,
                    "var " + std::string(syntax::is_wildcard(written) ? "_" : written) +
                        " is unsafe" + scope_of(&rule));
    }
}

}  // namespace merlon::rego::compiler
