#include "rego/partial/support_modules.h"

#include <algorithm>

#include "rego/syntax/compare.h"
#include "rego/syntax/literal.h"
#include "rego/syntax/print.h"

namespace merlon::rego::partial {
namespace {

using compiler::Term;
using compiler::TermKind;
using syntax::Head;
using syntax::Rule;

// Nothing comes first.
int compare_terms(const Term* left, const Term* right) {
    if (left == nullptr || right == nullptr) {
        return static_cast<int>(left != nullptr) - static_cast<int>(right != nullptr);
    }
    return syntax::compare(*left, *right);
}

int compare(const Head& left, const Head& right) {
    if (const int found = syntax::compare(left.arguments, right.arguments)) return found;
    if (const int found = syntax::compare(left.reference, right.reference)) return found;
    if (const int found = left.name.compare(right.name)) return found;
    if (const int found = compare_terms(left.key, right.key)) return found;
    return compare_terms(left.value, right.value);
}

bool is_before(const Rule* left, const Rule* right) {
    if (const int found = compare(*left->head, *right->head)) return found < 0;
    if (left->is_default != right->is_default) return right->is_default;
    return syntax::compare(left->body, right->body) < 0;
}

}  // namespace

SupportModules::Place SupportModules::place_of(Terms path) {
    constexpr std::size_t kFirst = 2;  // behind data and one part of the package
    std::size_t begin = kFirst;
    for (std::size_t i = kFirst; i < path.size(); ++i) {
        if (path[i]->kind != TermKind::kString || !syntax::is_variable_like(path[i]->text)) break;
        begin = i;
    }
    const Terms rule = maker_.arena().make_array<Term*>(path.size() - begin);
    std::ranges::copy(path.subspan(begin), rule.begin());
    rule[0] = maker_.variable(rule[0]->text, rule[0]->location);
    return {path.first(begin), rule};
}

bool SupportModules::has(Terms path) {
    const Place place = place_of(path);
    const auto found = packages_.find(syntax::to_text(place.package));
    if (found == packages_.end()) return false;
    const std::size_t size = place.rule.size();
    return std::ranges::any_of(found->second.rules, [&](const Rule* rule) {
        if (size == 1) return rule->head->name == place.rule[0]->text;
        const Terms reference = rule->head->reference;
        return reference.size() >= size && syntax::compare(reference.first(size), place.rule) == 0;
    });
}

void SupportModules::add(Terms package, Rule* rule) {
    Package& place = packages_[syntax::to_text(package)];
    place.path = package;
    place.rules.push_back(rule);
}

std::vector<syntax::Module*> SupportModules::finish() {
    std::vector<syntax::Module*> modules;
    for (auto& [name, package] : packages_) {
        std::ranges::stable_sort(package.rules, is_before);
        auto* const module = maker_.arena().make<syntax::Module>();
        module->package = maker_.arena().make<syntax::Package>();
        module->package->path = package.path;
        module->rules = syntax::keep_pointers(package.rules, maker_.arena());
        modules.push_back(module);
    }
    return modules;
}

}  // namespace merlon::rego::partial
