#include "rego/compiler/dependencies.h"

#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "rego/compiler/type_environment.h"
#include "rego/compiler/variables.h"
#include "rego/syntax/compare.h"

namespace merlon::rego::compiler {
namespace {

// Whether both may lead to the same place, from `place` on.
bool may_meet(std::span<Term* const> path, std::span<Term* const> reference, std::size_t place) {
    for (; place < path.size() && place < reference.size(); ++place) {
        const Term& left = *path[place];
        const Term& right = *reference[place];
        if (is_constant(left) && is_constant(right) && syntax::compare(left, right) != 0)
            return false;
    }
    return true;
}

}  // namespace

bool leads_always(std::span<Term* const> reference, const syntax::Rule& rule, const Names& bound,
                  std::vector<std::size_t>* places) {
    const Terms path = rule.head->reference;
    bool is_certain = true;
    for (std::size_t i = 1; i < std::min(reference.size(), path.size()); ++i) {
        if (!is_constant(*path[i])) continue;
        const Term& step = *reference[i];
        const auto is_step = [&](const Term* other) {
            return syntax::is_variable(*other, step.text);
        };
        if (step.kind == TermKind::kVariable && !bound.contains(step.text) &&
            std::ranges::count_if(reference, is_step) == 1) {
            continue;
        }
        if (is_constant(step)) {
            if (syntax::compare(step, *path[i]) != 0) return false;
            continue;
        }
        if (places == nullptr) return false;
        is_certain = false;
        places->push_back(i);
    }
    return is_certain;
}

// What is known at the expression that is looked at.
struct Dependencies::Scan {
    const syntax::Rule& rule;
    Narrowing narrowing;
    std::size_t expression = 0;
    KnownValues known = {};
    Names bound = {};  // in front of it
};

Dependencies::Dependencies(std::span<const PlacedRule> rules, const RuleTree& tree, Arena& arena)
    : tree_(tree), arena_(arena) {
    for (const PlacedRule& placed : rules) {
        for (const syntax::Rule* rule = placed.rule; rule != nullptr; rule = rule->otherwise) {
            parts_.push_back({rule, placed.file});
            add(*rule);
        }
    }
    for (const Part& part : parts_) {
        for (const Edge& edge : of(part.rule)) dependents_[edge.to].push_back(part.rule);
    }
}

std::span<const Dependencies::Edge> Dependencies::of(const syntax::Rule* rule) const {
    const auto found = edges_.find(rule);
    return found == edges_.end() ? std::span<const Edge>() : found->second.list;
}

void Dependencies::add(const syntax::Rule& rule) {
    const syntax::Head& head = *rule.head;
    Scan scan{.rule = rule, .narrowing = Narrowing(rule.body)};
    VariableCollector bound(scan.bound, kSkipNothing);
    bound.terms(head.arguments);
    bound.terms(head.reference.subspan(1));
    if (head.key != nullptr) bound.term(*head.key);
    if (head.value != nullptr) bound.term(*head.value);
    for (; scan.expression < rule.body.size(); ++scan.expression) {
        scan.known = scan.narrowing.before(scan.expression);
        visit(*rule.body[scan.expression], scan);
        bound.expression(*rule.body[scan.expression]);
    }
    scan.known = scan.narrowing.before(scan.expression);
    visit(head.arguments, scan);
    if (head.key != nullptr) visit(*head.key, scan);
    if (head.value != nullptr) visit(*head.value, scan);
    visit(head.reference.subspan(1), scan);
}

void Dependencies::visit(std::span<Term* const> terms, Scan& scan) {
    for (const Term* term : terms) {
        if (term != nullptr) visit(*term, scan);
    }
}

void Dependencies::visit(const Expression& expression, Scan& scan) {
    visit(expression.terms, scan);
    for (const Expression* one : expression.left) visit(*one, scan);
    for (const Expression* one : expression.right) visit(*one, scan);
    for (const syntax::With* with : expression.with) {
        visit(*with->target, scan);
        visit(*with->value, scan);
    }
}

void Dependencies::visit(const Term& term, Scan& scan) {
    if (term.kind == TermKind::kReference && syntax::is_variable(*term.terms[0], "data")) {
        link(term.terms, scan);
    }
    visit(term.terms, scan);
    for (const Expression* one : term.body) visit(*one, scan);
}

void Dependencies::add_edge(const syntax::Rule& from, const syntax::Rule& to,
                            const DynamicReference* dynamic) {
    Edges& edges = edges_[&from];
    for (const syntax::Rule* part = &to; part != nullptr; part = part->otherwise) {
        const auto [at, added] = edges.places.try_emplace(part, edges.list.size());
        if (added) {
            edges.list.push_back({part, dynamic});
        } else if (dynamic == nullptr) {
            edges.list[at->second].dynamic = nullptr;
        }
    }
}

void Dependencies::link(std::span<Term* const> reference, Scan& scan) {
    const bool has_variable = std::ranges::any_of(
        reference.subspan(1), [](const Term* step) { return !is_constant(*step); });
    std::vector<const syntax::Rule*> found;
    if (!has_variable) {
        select(tree_.root(), reference, 1, found);
        for (const syntax::Rule* to : found) add_edge(scan.rule, *to, nullptr);
        return;
    }
    const std::vector<ReferencePath> paths = narrowed(reference, scan.known);
    const std::span<Term* const> selecting =
        paths.size() == 1 ? std::span<Term* const>(paths[0]) : reference;
    const DynamicReference* dynamic = nullptr;
    for (const ReferencePath& path : paths) {
        found.clear();
        select(tree_.root(), path, 1, found);
        for (const syntax::Rule* to : found) {
            if (leads_always(selecting, *to, scan.bound, nullptr)) {
                add_edge(scan.rule, *to, nullptr);
                continue;
            }
            if (dynamic == nullptr) {
                const auto kept = [this](std::span<Term* const> terms) {
                    std::vector<Term*> copied;
                    for (const Term* term : terms) copied.push_back(syntax::copy(term, arena_));
                    return syntax::keep_pointers(copied, arena_);
                };
                dynamic = &dynamic_.emplace_back(DynamicReference{kept(reference), kept(selecting),
                                                                  scan.expression, scan.bound});
            }
            add_edge(scan.rule, *to, dynamic);
        }
    }
}

void Dependencies::select(const RuleNode& node, std::span<Term* const> reference, std::size_t place,
                          std::vector<const syntax::Rule*>& found) const {
    if (place >= reference.size()) {
        for (const PlacedRule& placed : node.all_rules()) found.push_back(placed.rule);
        return;
    }
    for (const PlacedRule& placed : node.rules) {
        if (may_meet(placed.rule->head->reference, reference, place)) found.push_back(placed.rule);
    }
    const Term& step = *reference[place];
    if (is_constant(step)) {
        const RuleNode* const child = node.child(step);
        if (child != nullptr) select(*child, reference, place + 1, found);
        return;
    }
    for (const auto& [name, child] : node.children) select(*child, reference, place + 1, found);
}

bool Dependencies::has_circle() const {
    enum class State : std::uint8_t { kOpen, kDone };
    std::unordered_map<const syntax::Rule*, State> states;
    std::vector<std::pair<const syntax::Rule*, std::size_t>> way;  // and the next edge of each
    for (const auto& [start, unused] : edges_) {
        if (!states.try_emplace(start, State::kOpen).second) continue;
        way.emplace_back(start, 0);
        while (!way.empty()) {
            auto& [rule, next] = way.back();
            const std::span<const Edge> edges = of(rule);
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

std::vector<Dependencies::Part> Dependencies::sorted(
    std::span<const std::string_view> files) const {
    std::unordered_map<const syntax::Rule*, std::size_t> places;  // among those by place
    std::vector<Part> by_place = parts_;
    std::ranges::stable_sort(by_place, {}, [&](const Part& part) {
        const Location* const place = part.rule->location;
        return std::tuple(files[part.file], place == nullptr ? 0U : place->row,
                          place == nullptr ? 0U : place->column);
    });
    for (std::size_t i = 0; i < by_place.size(); ++i) places[by_place[i].rule] = i;
    std::vector<bool> is_done(by_place.size());
    std::vector<Part> sorted;
    struct Step {
        std::size_t rule;
        std::vector<std::size_t> needs;
        std::size_t next = 0;
    };
    const auto step_of = [&](std::size_t rule) {
        Step step{.rule = rule, .needs = {}};
        for (const Edge& edge : of(by_place[rule].rule)) step.needs.push_back(places.at(edge.to));
        std::ranges::sort(step.needs);
        return step;
    };
    std::vector<Step> way;
    for (std::size_t start = 0; start < by_place.size(); ++start) {
        if (is_done[start]) continue;
        is_done[start] = true;
        way.push_back(step_of(start));
        while (!way.empty()) {
            Step& step = way.back();
            if (step.next == step.needs.size()) {
                sorted.push_back(by_place[step.rule]);
                way.pop_back();
                continue;
            }
            const std::size_t needed = step.needs[step.next++];
            if (is_done[needed]) continue;
            is_done[needed] = true;
            way.push_back(step_of(needed));
        }
    }
    return sorted;
}

std::vector<const syntax::Rule*> Dependencies::affected_by(std::span<Term* const> reference) const {
    std::vector<const syntax::Rule*> found;
    select(tree_.root(), reference, 1, found);
    std::vector<const syntax::Rule*> affected;
    std::unordered_set<const syntax::Rule*> seen;
    const auto add = [&](const syntax::Rule* rule) {
        if (seen.insert(rule).second) affected.push_back(rule);
    };
    for (const syntax::Rule* rule : found) {
        for (; rule != nullptr; rule = rule->otherwise) add(rule);
    }
    for (std::size_t i = 0; i < affected.size(); ++i) {
        const auto dependents = dependents_.find(affected[i]);
        if (dependents == dependents_.end()) continue;
        for (const syntax::Rule* rule : dependents->second) add(rule);
    }
    return affected;
}

}  // namespace merlon::rego::compiler
