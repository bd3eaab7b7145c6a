#include "rego/watch/saving.h"

// Partial evaluation: documents and functions that depend on something unknown, which are written
// into the query or become rules of a module beside it.

namespace merlon::rego::watch {

using syntax::Head;
using syntax::Rule;
using syntax::Term;
using value::Value;

namespace {

bool is_value(const Node* node, bool truth) {  // NOLINT: a value, not an option
    return node != nullptr && node->kind == NodeKind::kValue && node->value.is_boolean() &&
           node->value.as_boolean() == truth;
}

}  // namespace

// The reference with the steps that have been taken.
Nodes Watcher::plugged_way(const Way& way, const Path& path) {
    std::vector<const Node*> parts(way.reference.begin(), way.reference.end());
    for (std::size_t i = 0; i < path.size(); ++i) parts[i + 1] = maker_.value(path[i]);
    return syntax::keep_pointers(parts, arena_);
}

// The rule's body by itself: each of its solutions is told to `found` with what is left of it.
Watcher::Flow Watcher::support_rule(Frame& frame, const RuleSteps& rule, ArgumentNodes arguments,
                                    SupportFound found) {
    Bindings bindings;
    Frame inside = child(frame, *rule.body, bindings, rule.file);
    tell(inside, Operation::kEnter, rule);
    saving_->bodies.emplace_back();
    if (arguments == ArgumentNodes::kUnknown) {
        std::vector<std::string_view> names;
        for (const Node* argument : rule.arguments) {
            any_node(*argument, [&](const Node& one) {
                if (one.kind == NodeKind::kVariable) names.push_back(one.name);
                return false;
            });
        }
        saving_->unknowns.push_variables(std::move(names), &bindings);
    }
    const Flow flow = expression(inside, [&](Frame& done) -> Flow {
        tell(done, Operation::kExit, rule);
        SavedBody current = saving_->take();
        const syntax::Body body = plug(current, saving_->plugger);
        found(done, body);
        tell(done, Operation::kRedo, rule);
        saving_->bodies.push_back(std::move(current));
        return nullptr;
    });
    if (arguments == ArgumentNodes::kUnknown) saving_->unknowns.pop();
    saving_->bodies.pop_back();
    return flow;
}

void Watcher::add_support(syntax::Terms package, Head head, syntax::Body body,
                          const RuleSteps& rule) {
    auto* const made = arena_.make<Rule>();
    made->head = arena_.make<Head>(head);
    made->body = body;
    made->is_default = rule.source->is_default;
    saving_->support.add(package, made);
}

syntax::Body Watcher::simplified(syntax::Body body, const Head& head) {
    if (saving_->options.inlining == PartialOptions::Inline::kShallow) return body;
    compiler::Names live;
    compiler::VariableCollector collector(live, compiler::kSkipNothing);
    collector.terms(head.arguments);
    if (head.key != nullptr) collector.term(*head.key);
    if (head.value != nullptr) collector.term(*head.value);
    collector.terms(head.reference.subspan(1));
    partial::CopyPropagation propagation(live, partial::EmptyBody::kBecomesTrue,
                                         library_.prepared().arity, saving_->maker);
    return propagation.apply(body);
}

syntax::Terms Watcher::plugged_terms(Nodes nodes, Bindings* where) {
    std::vector<Term*> terms;
    for (const Node* node : nodes) terms.push_back(saving_->plugger.term(*node, where));
    return syntax::keep_pointers(terms, arena_);
}

// A complete document: what depends on the unknown becomes part of the query, or rules.
Watcher::Flow Watcher::unknown_complete(const Way& way, const Candidates& candidates,
                                        const Path& path, Then then) {
    const Nodes self = plugged_way(way, path).first(way.position + 1);
    const RuleSteps* const fallback = candidates.fallback;
    bool needs_fallback = false;
    const bool is_result_disabled =
        way.result.node->kind == NodeKind::kReference &&
        saving_->inlining.is_disabled(way.result.node->parts, Inlining::Those::kAll);
    if (fallback != nullptr && !(is_value(fallback->value, false) && is_result_disabled)) {
        // Where it is compared with something else than the default, that never counts.
        const Value* const wanted = maker_.plugged_value(way.result.node, way.result.where);
        needs_fallback = wanted == nullptr || (fallback->value->kind == NodeKind::kValue &&
                                               fallback->value->value == *wanted);
    }
    if (needs_fallback || saving_->options.inlining == PartialOptions::Inline::kShallow ||
        saving_->inlining.is_disabled(self, Inlining::Those::kAll)) {
        return support_complete(way, candidates, path, then);
    }
    Way on = way;
    ++on.position;
    for (const auto& chain : candidates.chains) {
        const RuleSteps& rule = *chain.front();
        Bindings bindings;
        Frame inside = child(way.frame, *rule.body, bindings, rule.file);
        tell(inside, Operation::kEnter, rule);
        const Flow flow = expression(inside, [&](Frame& found) -> Flow {
            tell(found, Operation::kExit, rule);
            if (const Flow rest = walk(on, {rule.value, found.bindings}, then)) return rest;
            tell(found, Operation::kRedo, rule);
            return nullptr;
        });
        if (flow != nullptr) return flow;
    }
    return nullptr;
}

Watcher::Flow Watcher::support_complete(const Way& way, const Candidates& candidates,
                                        const Path& path, Then then) {
    const Nodes self = plugged_way(way, path).first(way.position + 1);
    const syntax::Terms place = plugged_terms(below_namespace(self), way.bindings);
    bool is_defined = saving_->support.has(place);
    const auto add = [&](const RuleSteps& rule) -> Flow {
        const std::size_t size = self.size() - library_.prepared().package_sizes[rule.file];
        return support_rule(
            way.frame, rule, ArgumentNodes::kKnown, [&](Frame& found, syntax::Body body) {
                is_defined = true;
                if (!library_.prepared().fits_types(body)) return;
                Head head;
                head.reference = syntax::keep_pointers(
                    std::vector<Term*>(place.end() - static_cast<std::ptrdiff_t>(size),
                                       place.end()),
                    arena_);
                head.reference[0] = saving_->maker.variable(head.reference[0]->text, nullptr);
                if (size < 2) head.name = head.reference[0]->text;
                head.value = saving_->plugger.term(*rule.value, found.bindings);
                add_support(place.first(place.size() - size), head, simplified(body, head), rule);
            });
    };
    if (!is_defined) {
        for (const auto& chain : candidates.chains) {
            if (const Flow flow = add(*chain.front())) return flow;
        }
        if (candidates.fallback != nullptr) {
            if (const Flow flow = add(*candidates.fallback)) return flow;
        }
    }
    if (!is_defined) return nullptr;
    const Node* const moved = made_reference(below_namespace(way.reference));
    return save_unification(way.frame, {moved, way.bindings}, way.result, then);
}

// What a solution of one rule adds to a set or an object, as a term of the rule.
const Node* Watcher::contribution(const RuleSteps& rule, std::size_t position, Bound& element) {
    element = follow(rule.is_multi_value ? rule.key : rule.value, element.where);
    const Node* made = element.node;
    const auto composite = [&](NodeKind kind, std::initializer_list<const Node*> parts) {
        return arena_.make<Node>(Node{
            .kind = kind, .parts = syntax::keep_pointers(std::vector<const Node*>(parts), arena_)});
    };
    if (rule.is_multi_value) made = composite(NodeKind::kSet, {made});
    for (std::size_t i = rule.reference.size(); i > position + 1; --i) {
        made = composite(NodeKind::kObject, {rule.reference[i - 1], made});
    }
    return made;
}

// A partial document of which something is asked: each rule by itself, and then what it adds.
Watcher::Flow Watcher::unknown_partial_rules(const Way& way, const Candidates& candidates,
                                             HeadUnified unified, Then then) {
    Way on = way;
    ++on.position;
    for (const auto& chain : candidates.chains) {
        const RuleSteps& rule = *chain.front();
        Bindings bindings;
        Frame inside = child(way.frame, *rule.body, bindings, rule.file);
        tell(inside, Operation::kEnter, rule);
        const auto add = [&](Frame& found) -> Flow {
            tell(found, Operation::kExit, rule);
            Bound element{nullptr, found.bindings};
            const Node* const made = contribution(rule, way.position, element);
            if (const Flow rest = walk(on, {made, element.where}, then)) return rest;
            tell(found, Operation::kRedo, rule);
            return nullptr;
        };
        Flow flow = nullptr;
        if (unified == HeadUnified::kBefore) {
            flow = unify_head(way, rule, inside, inside.bindings, way.position + 1,
                              [&]() -> Flow { return expression(inside, add); });
        } else {
            flow = expression(inside, [&](Frame& found) -> Flow {
                return unify_head(way, rule, way.frame, found.bindings, way.position + 1,
                                  [&]() -> Flow { return add(found); });
            });
        }
        if (flow != nullptr) return flow;
    }
    return nullptr;
}

// Where it depends on the unknown; `is_done` says whether.
Watcher::Flow Watcher::unknown_partial(const Way& way, const RuleSet& set,
                                       const Candidates& candidates, const Path& path, Then then,
                                       bool& is_done) {
    is_done = true;
    const std::size_t behind = way.position + 1;
    const Nodes self = way.reference.first(behind);
    const bool is_self_unknown = is_unknown(self, way.bindings);
    if (way.reference.size() == behind) {
        is_done = is_self_unknown;
        return is_done ? support_partial(way, set, candidates, path, then) : nullptr;
    }
    const bool is_shallow = saving_->options.inlining == PartialOptions::Inline::kShallow;
    if ((is_self_unknown && is_shallow) ||
        saving_->inlining.is_disabled(self, Inlining::Those::kAll)) {
        return support_partial(way, set, candidates, path, then);
    }
    if (candidates.chains.empty()) return nullptr;
    const std::size_t end = longest_path(candidates, way.reference.size());
    if (is_unknown(way.reference.first(end).subspan(behind), way.bindings)) {
        return unknown_partial_rules(way, candidates, HeadUnified::kBehind, then);
    }
    is_done = is_self_unknown;
    return is_done ? unknown_partial_rules(way, candidates, HeadUnified::kBefore, then) : nullptr;
}

Watcher::Flow Watcher::support_partial(const Way& way, const RuleSet& set,
                                       const Candidates& candidates, const Path& path, Then then) {
    const Nodes self = plugged_way(way, path).first(way.position + 1);
    const syntax::Terms place = plugged_terms(below_namespace(self), way.bindings);
    bool is_defined = saving_->support.has(place);
    const auto add = [&](const RuleSteps& rule) -> Flow {
        return support_rule(
            way.frame, rule, ArgumentNodes::kKnown, [&](Frame& found, syntax::Body body) {
                is_defined = true;
                if (!library_.prepared().fits_types(body)) return;
                const auto parts = partial::SupportModules::Place(saving_->support.place_of(
                    plugged_terms(below_namespace(rule.reference), found.bindings)));
                Head head;
                head.reference = parts.rule;
                const bool is_single = !rule.is_multi_value;
                if (is_single) head.value = saving_->plugger.term(*rule.value, found.bindings);
                if (!is_single) head.key = saving_->plugger.term(*rule.key, found.bindings);
                if (is_single && parts.rule.size() == 2) head.key = parts.rule.back();
                if (parts.rule.size() == 1 || (is_single && parts.rule.size() == 2)) {
                    head.name = parts.rule[0]->text;
                }
                add_support(parts.package, head, simplified(body, head), rule);
            });
    };
    if (!is_defined) {
        for (const auto& chain : candidates.chains) {
            if (const Flow flow = add(*chain.front())) return flow;
        }
    }
    const Node* moved = made_reference(below_namespace(way.reference));
    if (!is_defined) {
        if (way.position + 1 != way.reference.size()) return nullptr;
        const bool is_set = set.is_multi_value && set.has_ground_references;
        moved = maker_.value(is_set ? values_.set({}) : values_.object({}));
    }
    return save_unification(way.frame, {moved, way.bindings}, way.result, then);
}

// Whether a call of it, which depends on something unknown, becomes rules and is no part of the
// query.
bool Watcher::is_function_kept(Frame& frame, const Callee& callee, Nodes operands,
                               const Candidates& candidates) {
    bool needs_fallback = false;
    if (candidates.fallback != nullptr) {
        needs_fallback =
            operands.size() != callee.arity || !is_value(candidates.fallback->value, false);
    }
    const Node* const reference = reference_to(callee);
    if (!needs_fallback && saving_->options.inlining != PartialOptions::Inline::kShallow &&
        !saving_->inlining.is_disabled(reference->parts, Inlining::Those::kAll)) {
        return false;
    }
    if (is_unknown(*reference, frame.bindings)) return true;
    return std::ranges::any_of(
        operands.first(std::min(operands.size(), callee.arity)),
        [&](const Node* operand) { return is_unknown(*operand, frame.bindings); });
}

Watcher::Flow Watcher::support_function(Frame& frame, const Callee& callee, Nodes operands,
                                        const Candidates& candidates, Then then) {
    const Nodes path = reference_to(callee)->parts;
    const syntax::Terms place = plugged_terms(below_namespace(path), frame.bindings);
    const auto add = [&](const RuleSteps& rule) -> Flow {
        return support_rule(
            frame, rule, ArgumentNodes::kUnknown, [&](Frame& found, syntax::Body body) {
                if (!library_.prepared().fits_types(body)) return;
                Head head = *rule.source->head;
                const std::size_t size = path.size() - library_.prepared().package_sizes[rule.file];
                head.reference = syntax::keep_pointers(
                    std::vector<Term*>(place.end() - static_cast<std::ptrdiff_t>(size),
                                       place.end()),
                    arena_);
                head.reference[0] = saving_->maker.variable(head.reference[0]->text, nullptr);
                head.value = saving_->plugger.term(*rule.value, found.bindings);
                head.arguments = plugged_terms(rule.arguments, found.bindings);
                head.is_assigned = false;
                head.is_value_generated = false;
                add_support(saving_->support.place_of(place).package, head, body, rule);
            });
    };
    if (!saving_->support.has(place)) {
        for (const auto& chain : candidates.chains) {
            if (const Flow flow = add(*chain.front())) return flow;
        }
        if (candidates.fallback != nullptr) {
            if (const Flow flow = add(*candidates.fallback)) return flow;
        }
    }
    if (!saving_->support.has(place)) return nullptr;
    Term* const operation = saving_->maker.composite(syntax::TermKind::kReference, place, nullptr);
    return save_call(frame, operation, callee.arity, operands, then);
}

}  // namespace merlon::rego::watch
