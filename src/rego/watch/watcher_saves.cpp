#include <algorithm>

#include "rego/syntax/compare.h"
#include "rego/watch/saving.h"

// Partial evaluation: what is unknown, and how expressions that depend on it are kept.

namespace merlon::rego::watch {

using syntax::Body;
using syntax::Expression;
using syntax::ExpressionKind;
using syntax::Term;
using value::Value;

namespace {

// What gives something else the next time, or asks somebody outside.
bool is_chance(std::string_view builtin) {
    return compiler::reach_of(builtin) != compiler::Reach::kNothing ||
           builtin == "json.match_schema" || builtin == "json.verify_schema";
}

// Variables that an expression that is kept binds, as far as they are not known.
void add_free_variables(const Node& node, Bindings* where, std::vector<Bound>& found);

void add_variables_inside(const Node& node, Bindings* where, std::vector<Bound>& found) {
    if (node.kind == NodeKind::kVariable) {
        const Bound bound = follow(&node, where);
        add_free_variables(*bound.node, bound.where, found);
        return;
    }
    if (is_comprehension(node)) return;
    const bool has_head = node.kind == NodeKind::kReference;
    for (const Node* part : node.parts.subspan(has_head ? 1 : 0)) {
        add_variables_inside(*part, where, found);
    }
}

void add_free_variables(const Node& node, Bindings* where, std::vector<Bound>& found) {
    if (node.kind == NodeKind::kVariable) {
        found.push_back({&node, where});
    } else {
        add_variables_inside(node, where, found);
    }
}

}  // namespace

Residue Watcher::run_partially(std::size_t query, const std::optional<Value>& input,
                               const Value& data, const PartialOptions& options) {
    Bindings bindings;
    saving_ = std::make_unique<Saving>(arena_, interner_, bindings);
    saving_->options = options;
    compiler::Names live;
    std::vector<const Node*> references;
    std::vector<std::string_view> names;
    for (const Term* unknown : options.unknowns) {
        const Node* const node = library_.make_node(*unknown);
        if (node->kind == NodeKind::kVariable && node->name != "input" && node->name != "data") {
            names.push_back(node->name);
            live.insert(node->name);
            continue;
        }
        const Node* const itself[] = {node};
        references.push_back(node->kind == NodeKind::kVariable ? made_reference(itself) : node);
        live.insert(references.back()->parts[0]->name);
    }
    saving_->unknowns.push_references(std::move(references));
    saving_->unknowns.push_variables(std::move(names), &bindings);
    std::vector<Nodes> kept;
    for (const Term* one : options.not_inlined) kept.push_back(library_.make_node(*one)->parts);
    saving_->inlining.push(std::move(kept), Inlining::Origin::kAsked);

    const Block& block = library_.query(query);
    compiler::Names in_query;
    compiler::VariableCollector(in_query, compiler::kSkipNothing).body(block.source);
    for (const std::string_view name : in_query) {
        if (!compiler::is_generated(name)) live.insert(name);
    }
    partial::CopyPropagation propagation(std::move(live), partial::EmptyBody::kStaysEmpty,
                                         library_.prepared().arity, saving_->maker);
    Residue residue;
    search(block, input, data, bindings, [&](Frame& found) {
        const Body body = whole_residue(found);
        if (!library_.prepared().fits_types(body)) return;
        const bool is_shallow = options.inlining == PartialOptions::Inline::kShallow;
        residue.queries.push_back(is_shallow ? body : propagation.apply(body));
    });
    residue.modules = saving_->support.finish();
    residue.error = error_;
    return residue;
}

// What is left, and what the variables of the query stand for.
Body Watcher::whole_residue(Frame& frame) {
    std::vector<Expression*> body;
    for (const SavedExpression& one : saving_->bodies.back()) {
        body.push_back(plug(one, saving_->plugger));
    }
    const auto saved = static_cast<std::ptrdiff_t>(body.size());
    for (const Bindings::Entry& entry : frame.bindings->entries()) {
        Term* const name = saving_->maker.variable(saving_->plugger.shown(entry.name), nullptr);
        Term* const value = saving_->plugger.term(*entry.bound.node, entry.bound.where);
        body.push_back(saving_->maker.equality(name, value, nullptr));
    }
    std::sort(body.begin() + saved, body.end(),
              [](const Expression* left, const Expression* right) {
                  return syntax::compare(*left, *right) < 0;
              });
    for (std::size_t i = 0; i < body.size(); ++i) body[i]->index = static_cast<std::uint32_t>(i);
    return syntax::keep_pointers(body, arena_);
}

bool Watcher::may_be_unknown(const Block* block, Bindings* where, Depth depth) {
    if (block == nullptr) return false;
    return std::ranges::any_of(
        block->steps, [&](const Step& step) { return may_be_unknown(step, where, depth); });
}

bool Watcher::may_be_unknown(const Step& step, Bindings* where, Depth depth) {
    if (!step.with.empty()) return true;
    if (step.callee != nullptr) {
        if (saving_->options.chance == PartialOptions::Chance::kSaved &&
            is_chance(step.callee->name)) {
            return true;
        }
        if (step.callee->rules != nullptr && is_unknown_function(*step.callee, where)) return true;
    }
    for (const Node* term : step.terms) {
        if (term != nullptr && may_be_unknown(*term, where, depth)) return true;
    }
    return may_be_unknown(step.left, where, depth) || may_be_unknown(step.right, where, depth);
}

bool Watcher::may_be_unknown(const Node& node, Bindings* where, Depth depth) {
    if (!spends_look()) return true;
    if (node.kind == NodeKind::kValue) return false;
    if (node.kind == NodeKind::kVariable) {
        return depth == Depth::kHere && saving_->unknowns.contains_inside(node, where);
    }
    if (node.kind == NodeKind::kReference && is_unknown_document(node, where, depth)) return true;
    for (const Node* part : node.parts) {
        if (may_be_unknown(*part, where, depth)) return true;
    }
    return may_be_unknown(node.body, where, depth);
}

// Looks add up over the expressions of a query; check() tells when it is enough.
bool Watcher::spends_look() {
    if (saving_->looks_left == 0) steps_left_ = 0;
    if (steps_left_ == 0) return false;
    --saving_->looks_left;
    return true;
}

bool Watcher::is_unknown_function(const Callee& callee, Bindings* where) {
    const Node* const reference = reference_to(callee);
    return is_unknown_document(*reference, where, Depth::kInRules);
}

bool Watcher::is_unknown_document(const Node& reference, Bindings* where, Depth depth) {
    if (saving_->unknowns.may_contain(reference, where) ||
        saving_->inlining.is_disabled(constant_prefix(reference.parts),
                                      Inlining::Those::kAskedOnly)) {
        return true;
    }
    if (reference.parts[0]->kind != NodeKind::kVariable || reference.parts[0]->name != "data") {
        return false;
    }
    std::vector<const Node*> parts(reference.parts.begin(), reference.parts.end());
    for (const Node*& part : parts) {
        if (depth != Depth::kHere || part->kind != NodeKind::kVariable) continue;
        const Value* const value = maker_.plugged_value(part, where);
        if (value != nullptr && !value->is_array() && !value->is_object() && !value->is_set()) {
            part = maker_.value(*value);
        }
    }
    need_rules(library_.prepared().tree->root(), std::span(parts).subspan(1));
    return false;
}

// The rules at the place that the steps lead to, and on the way to it, are looked at when the
// expression itself has been: they may need each other, and one after the other without end.
void Watcher::need_rules(const compiler::RuleNode& node, Nodes steps) {
    const bool is_named = !steps.empty() && steps[0]->kind == NodeKind::kValue;
    const auto need = [&](const compiler::RuleNode& child) {
        // Who asks for all of `data` does not ask for what the engine keeps there for itself.
        const bool is_system = node.parent == nullptr &&
                               child.key->kind == syntax::TermKind::kString &&
                               child.key->text == "system";
        if (is_system && !is_named) return;
        const RuleSet* const set = library_.rules_at(child);
        if (set != nullptr) saving_->needed.add(*set);
        need_rules(child, steps.empty() ? steps : steps.subspan(1));
    };
    if (!spends_look()) return;
    if (is_named) {
        const compiler::RuleNode* const child = node.child(steps[0]->value);
        if (child != nullptr) need(*child);
        return;
    }
    for (const auto& [name, child] : node.children) need(*child);
}

bool Watcher::is_rule_set_unknown(const RuleSet& set, Bindings* where) {
    const auto is_unknown = [&](const RuleSteps& rule) {
        const auto is_part_unknown = [&](const Node* part) {
            return part != nullptr && may_be_unknown(*part, where, Depth::kInRules);
        };
        return std::ranges::any_of(rule.arguments, is_part_unknown) || is_part_unknown(rule.key) ||
               is_part_unknown(rule.value) || may_be_unknown(rule.body, where, Depth::kInRules);
    };
    return (set.fallback != nullptr && is_unknown(*set.fallback)) ||
           std::ranges::any_of(set.rules, [&](const RuleSteps* rule) { return is_unknown(*rule); });
}

bool Watcher::begins_look() {
    if (is_partial()) saving_->needed.clear();
    return is_partial();
}

// Each rule once, whatever needs it; those that it needs come behind it.
bool Watcher::needs_unknown(Bindings* where) {
    for (std::size_t i = 0; i < saving_->needed.size(); ++i) {
        if (is_rule_set_unknown(saving_->needed[i], where)) return true;
    }
    return steps_left_ == 0;
}

bool Watcher::is_unknown(const Step& step, Bindings* where) {
    return begins_look() && (may_be_unknown(step, where, Depth::kHere) || needs_unknown(where));
}

bool Watcher::is_unknown(const Node& node, Bindings* where) {
    return begins_look() && (may_be_unknown(node, where, Depth::kHere) || needs_unknown(where));
}

bool Watcher::is_unknown(const Block& block, Bindings* where) {
    return begins_look() && (may_be_unknown(&block, where, Depth::kHere) || needs_unknown(where));
}

bool Watcher::is_unknown(Nodes reference, Bindings* where) {
    return begins_look() && (may_be_unknown(*made_reference(reference), where, Depth::kHere) ||
                             needs_unknown(where));
}

bool Watcher::is_unknown(const KnownReference& reference) {
    if (reference.root == Root::kArgument) return true;
    std::vector<const Node*> parts{
        maker_.variable(reference.root == Root::kInput ? "input" : "data")};
    for (const Value& step : reference.path) parts.push_back(maker_.value(step));
    return saving_->inlining.is_disabled(parts, Inlining::Those::kAskedOnly) ||
           saving_->unknowns.contains(*made_reference(parts), nullptr);
}

bool Watcher::is_kept(const Bound& bound) const {
    return is_partial() && saving_->unknowns.contains(*bound.node, bound.where);
}

bool Watcher::is_saved(const Bound& bound) const {
    if (!is_partial() || bound.node->kind != NodeKind::kSet) return is_kept(bound);
    return saving_->unknowns.contains_inside(*bound.node, bound.where);
}

const Node* Watcher::made_reference(Nodes parts) {
    return arena_.make<Node>(
        Node{.kind = NodeKind::kReference, .parts = syntax::keep_pointers(parts, arena_)});
}

const Node* Watcher::reference_to(const Callee& callee) {
    std::vector<const Node*> parts{maker_.variable("data")};
    for (const Term* step : callee.rules->path()) parts.push_back(maker_.value(step->constant));
    return made_reference(parts);
}

// data.a.b is data.partial.a.b.
std::vector<const Node*> Watcher::below_namespace(Nodes reference) {
    std::vector<const Node*> parts(reference.begin(), reference.end());
    const std::string& name = saving_->options.support_namespace;
    if (!name.empty()) parts.insert(parts.begin() + 1, maker_.value(values_.string(name)));
    return parts;
}

Watcher::Flow Watcher::save(const SavedExpression& saved, std::span<const Bound> binds, Then then) {
    for (const Bound& one : binds) {
        saving_->unknowns.push_variables({one.node->name}, one.where);
    }
    saving_->bodies.back().push_back(saved);
    const Flow flow = then();
    saving_->bodies.back().pop_back();
    for (std::size_t i = 0; i < binds.size(); ++i) saving_->unknowns.pop();
    return flow;
}

Watcher::Flow Watcher::save_unification(Frame& frame, Bound left, Bound right, Then then) {
    std::vector<Bound> binds;
    add_free_variables(*left.node, left.where, binds);
    add_free_variables(*right.node, right.where, binds);
    const Node* const operands[] = {left.node, right.node};
    Expression* const shape =
        saving_->maker.equality(nullptr, nullptr, frame.step().source->location);
    return save({.shape = shape,
                 .operands = syntax::keep_pointers(std::span(operands), arena_),
                 .left = left.where,
                 .right = right.where,
                 .step = &frame.step()},
                binds, then);
}

Watcher::Flow Watcher::save_call(Frame& frame, Term* operation, std::size_t arity, Nodes operands,
                                 Then then) {
    std::vector<Bound> binds;
    if (operands.size() == arity + 1) add_free_variables(*operands.back(), frame.bindings, binds);
    return save({.shape = saving_->maker.expression(ExpressionKind::kCall, {operation},
                                                    frame.step().source->location),
                 .operands = operands,
                 .left = frame.bindings,
                 .right = frame.bindings,
                 .step = &frame.step()},
                binds, then);
}

Watcher::Flow Watcher::save_term(Frame& frame, Bound term, Then then) {
    return save({.shape = saving_->maker.expression(ExpressionKind::kTerm, {nullptr},
                                                    frame.step().source->location),
                 .operands = syntax::keep_pointers(std::span(&term.node, 1), arena_),
                 .left = term.where,
                 .right = term.where,
                 .step = &frame.step()},
                {}, then);
}

// The expression as it is, with all that its operands stand for; its `with` is kept.
Watcher::Flow Watcher::save_step(Frame& frame, Then then) {
    const Step& step = frame.step();
    std::vector<Bound> binds;
    SavedExpression saved{.shape = saving_->plugger.shown(*step.source),
                          .left = frame.bindings,
                          .right = frame.bindings,
                          .step = &step};
    if (step.kind == StepKind::kTerm || step.kind == StepKind::kEquality) {
        for (const Node* term : step.terms) add_free_variables(*term, frame.bindings, binds);
        saved.operands = step.terms;
    } else if (step.kind == StepKind::kCall) {
        const bool has_output =
            step.callee != nullptr && step.terms.size() == step.callee->arity + 1;
        if (has_output) add_free_variables(*step.terms.back(), frame.bindings, binds);
        saved.operands = step.terms;
    }
    return save(saved, binds, then);
}

Term* Watcher::operation_of(const Callee& callee) {
    std::vector<Term*> parts;
    if (callee.rules != nullptr) {
        parts.push_back(saving_->maker.variable("data", nullptr));
        for (const Term* step : callee.rules->path()) {
            parts.push_back(syntax::copy(step, arena_));
        }
        return saving_->maker.composite(syntax::TermKind::kReference, parts, nullptr);
    }
    std::string_view rest = callee.name;
    while (true) {
        const std::size_t end = std::min(rest.find('.'), rest.size());
        const std::string_view word = rest.substr(0, end);
        parts.push_back(parts.empty() ? saving_->maker.variable(word, nullptr)
                                      : saving_->maker.string(word, nullptr));
        if (end == rest.size()) break;
        rest.remove_prefix(end + 1);
    }
    return saving_->maker.composite(syntax::TermKind::kReference, parts, nullptr);
}

// What stands for nothing else ends in a variable, whose document is asked for later.
Watcher::Flow Watcher::save_rest(const Way& way, Bound term, Then then) {
    const std::string name = "$_ref_" + std::to_string(saving_->made++);
    const Node* const variable = maker_.variable(arena_.copy(std::string_view(name)));
    return unify(way.frame, term, {variable, way.bindings}, [&]() -> Flow {
        std::vector<const Node*> parts{variable};
        const Nodes rest = way.reference.subspan(way.position);
        parts.insert(parts.end(), rest.begin(), rest.end());
        return unify(way.frame, {made_reference(parts), way.bindings}, way.result, then);
    });
}

// The reference with what its steps stand for, with `key` where the way has got to.
const Node* Watcher::plugged_reference(const Way& way, const Node* key) {
    std::vector<const Node*> parts;
    for (std::size_t i = 0; i < way.reference.size(); ++i) {
        parts.push_back(i == way.position ? key : maker_.plug(way.reference[i], way.bindings));
    }
    return made_reference(parts);
}

// Where the key leads to something unknown, the reference is kept, whatever stands there now.
bool Watcher::leads_to_unknown(const Way& way, const Node* key, const Node*& reference) {
    if (!is_partial()) return false;
    reference = plugged_reference(way, key);
    return saving_->unknowns.covers(reference->parts.first(way.position + 1));
}

// Keys that lead to something unknown, and that what is known of the document does not have.
Watcher::Flow Watcher::enumerate_unknown(const Way& way, Bound container, Then then) {
    const Node* const whole = plugged_reference(way, way.reference[way.position]);
    for (const Node* key : saving_->unknowns.keys_below(whole->parts.first(way.position))) {
        if (element_at(container, *key).node != nullptr) continue;
        const Node* const reference = plugged_reference(way, key);
        if (!saving_->unknowns.may_contain(*reference, way.bindings)) continue;
        const Flow flow = unify(way.frame, {key, way.bindings},
                                {way.reference[way.position], way.bindings}, [&]() -> Flow {
                                    return save_unification(way.frame, {reference, way.bindings},
                                                            way.result, then);
                                });
        if (flow != nullptr && flow->kind != Exit::Kind::kDeferred) return flow;
    }
    return nullptr;
}

}  // namespace merlon::rego::watch
