#include <span>

#include "rego/term.h"
#include "rego/watch/saving.h"

namespace merlon::rego::watch {

using value::Value;

Watcher::Flow Watcher::call(Frame& frame, const Callee& callee, Nodes operands, Then then) {
    if (const Replacement* const found = replacement(callee.name)) {
        const Replacement replaced = *found;
        if (replaced.callee == nullptr) {
            return call_value(frame, callee, operands, replaced.value, then);
        }
        // Inside, what is replaced outside is not; behind the call it is again.
        replacements_.emplace_back();
        const Flow flow = call(frame, *replaced.callee, operands, [&]() -> Flow {
            const auto inside = std::move(replacements_.back());
            replacements_.pop_back();
            const Flow rest = then();
            replacements_.push_back(inside);
            return rest;
        });
        replacements_.pop_back();
        return flow;
    }
    if (callee.rules != nullptr) return function(frame, callee, operands, then);
    return call_builtin(frame, callee, operands, then);
}

Watcher::Flow Watcher::call_value(Frame& frame, const Callee& callee, Nodes operands,
                                  const Node* value, Then then) {
    if (operands.size() > callee.arity) {
        return unify(frame, {operands.back(), frame.bindings}, {value, frame.bindings}, then);
    }
    const bool is_false =
        value->kind == NodeKind::kValue && value->value.is_boolean() && !value->value.as_boolean();
    return is_false ? nullptr : then();
}

Watcher::Flow Watcher::call_builtin(Frame& frame, const Callee& callee, Nodes operands, Then then) {
    if (is_unknown(frame.step(), frame.bindings)) {
        return save_call(frame, operation_of(callee), callee.arity, operands, then);
    }
    const bool has_result = !callee.declaration->result.empty();
    const std::size_t count =
        has_result && operands.size() > callee.arity ? operands.size() - 1 : operands.size();
    std::vector<Value> values;
    for (const Node* operand : operands.first(count)) {
        const Value* const value = maker_.plugged_value(operand, frame.bindings);
        if (value == nullptr) return nullptr;
        values.push_back(*value);
    }
    if (callee.name == "trace") {
        if (values.empty() || !values[0].is_string()) return nullptr;
        tell(frame, {.operation = Operation::kNote,
                     .location = frame.step().source->location,
                     .message = std::string(values[0].as_string())});
        if (count == operands.size()) return then();
        const Node* const yes = maker_.value(values_.boolean(true));
        return unify(frame, {operands.back(), frame.bindings}, {yes, frame.bindings}, then);
    }
    if (callee.name == "internal.test_case") tell_case(frame, values);
    if (callee.builtin == nullptr) return nullptr;
    context_->asked_place = [this, &frame] {
        const auto& files = library_.prepared().files;
        CallPlace place;
        if (frame.file < files.size()) place.file = files[frame.file];
        if (const syntax::Location* const location = frame.step().source->location) {
            place.row = location->row;
            place.column = location->column;
        }
        return place;
    };
    const Outcome outcome = [&] {
        const Stopwatch watch(options_.instruments, &Instruments::builtin_nanoseconds);
        return rego::call(*callee.builtin, *context_, values);
    }();
    context_->asked_place = nullptr;
    if (outcome.state() == Outcome::State::kError) {
        if (!context_->is_spent()) {
            if (options_.builtin_errors == BuiltinErrors::kStrict) {
                if (strict_error_) return nullptr;
                strict_error_ = error_at(frame, context_->error_kind(),
                                         callee.name + ": " + context_->error_text(),
                                         frame.step().source->location);
                strict_stack_ = stack_of(frame);
            } else if (options_.passed_over != nullptr) {
                options_.passed_over->push_back(error_at(
                    frame, context_->error_kind(), callee.name + ": " + context_->error_text(),
                    frame.step().source->location));
                if (options_.passed_over_stacks != nullptr) {
                    options_.passed_over_stacks->push_back(stack_of(frame));
                }
            }
            return nullptr;
        }
        return fail(frame, context_->error_kind(), callee.name + ": " + context_->error_text(),
                    frame.step().source->location);
    }
    if (!outcome.ok()) return nullptr;
    if (!has_result) return then();
    const auto give = [&](const Value& value) -> Flow {
        if (count == operands.size()) {
            return value.is_boolean() && !value.as_boolean() ? nullptr : then();
        }
        return unify(frame, {operands.back(), frame.bindings},
                     {maker_.value(value), frame.bindings}, then);
    };
    if (!callee.declaration->is_relation()) return give(outcome.value());
    for (const Value& one : outcome.value().items()) {
        if (const Flow flow = give(one)) return flow;
    }
    return nullptr;
}

// It stands nowhere, as in OPA.
void Watcher::tell_case(const Frame& frame, std::span<const Value> operands) {
    if (operands.empty()) return;
    listener_.heard({.operation = Operation::kTestCase,
                     .query = frame.id,
                     .parent = frame.parent,
                     .step = &frame.step(),
                     .subject = "internal.test_case(" + term_text(operands[0]) + ")",
                     .bindings = frame.bindings,
                     .input = &frame.input});
}

Watcher::Flow Watcher::unify(Frame& frame, Bound left, Bound right, Then then) {
    left = follow(left.node, left.where);
    right = follow(right.node, right.where);
    if (options_.unifications == Unifications::kTold) {
        tell(frame, {.operation = Operation::kUnify, .left = left.node, .right = right.node});
    }
    const NodeKind kind = left.node->kind;
    const NodeKind other = right.node->kind;
    const bool is_open = other == NodeKind::kVariable || other == NodeKind::kReference;
    if (is_partial() && !may_unify(*left.node, *right.node)) return nullptr;
    switch (kind) {
        case NodeKind::kArray:
            if (other == NodeKind::kArray ||
                (other == NodeKind::kValue && right.node->value.is_array())) {
                return unify_arrays(frame, left, right, 0, then);
            }
            if (is_open || other == NodeKind::kArrayComprehension) break;
            return nullptr;
        case NodeKind::kObject:
            if (other == NodeKind::kObject ||
                (other == NodeKind::kValue && right.node->value.is_object())) {
                return unify_objects(frame, left, right, then);
            }
            if (is_open || other == NodeKind::kObjectComprehension) break;
            return nullptr;
        case NodeKind::kValue:
            if (other == NodeKind::kArray && left.node->value.is_array()) {
                return unify_arrays(frame, left, right, 0, then);
            }
            if (other == NodeKind::kObject && left.node->value.is_object()) {
                return unify_objects(frame, left, right, then);
            }
            break;
        default:
            break;
    }
    return unify_values(frame, left, right, then);
}

// By their kinds, as OPA has it: what is saved is not looked at.
bool Watcher::may_unify(const Node& left, const Node& right) {
    if (left.kind != NodeKind::kValue || right.kind == NodeKind::kVariable ||
        right.kind == NodeKind::kReference || left.value.is_set()) {
        return true;
    }
    if (left.value.is_array()) {
        return right.kind == NodeKind::kArray || right.kind == NodeKind::kArrayComprehension ||
               (right.kind == NodeKind::kValue && right.value.is_array());
    }
    if (left.value.is_object()) {
        return right.kind == NodeKind::kObject || right.kind == NodeKind::kObjectComprehension ||
               (right.kind == NodeKind::kValue && right.value.is_object());
    }
    return right.kind == NodeKind::kValue;
}

Watcher::Flow Watcher::unify_values(Frame& frame, Bound left, Bound right, Then then) {
    const bool is_left_saved = is_saved(left);
    if (!is_left_saved && left.node->kind == NodeKind::kReference) {
        return reference(frame, left, right, then);
    }
    const bool is_right_saved = is_saved(right);
    if (!is_right_saved && right.node->kind == NodeKind::kReference) {
        return reference(frame, right, left, then);
    }
    if (is_left_saved || is_right_saved) return save_unification(frame, left, right, then);
    for (const Bound& side : {left, right}) {
        if (!is_comprehension(*side.node)) continue;
        if (is_unknown(*side.node, side.where)) {
            return unknown_comprehension(frame, left, right, then);
        }
        break;
    }
    if (is_comprehension(*left.node)) return comprehension(frame, left, right, then);
    if (is_comprehension(*right.node)) return comprehension(frame, right, left, then);
    const bool is_left_free = left.node->kind == NodeKind::kVariable;
    const bool is_right_free = right.node->kind == NodeKind::kVariable;
    if (is_left_free && is_right_free && left.where == right.where &&
        left.node->name == right.node->name) {
        return then();
    }
    if (is_left_free) return bind(*left.node, left.where, right, then);
    if (is_right_free) return bind(*right.node, right.where, left, then);
    const Value* const first = maker_.plugged_value(left.node, left.where);
    const Value* const second = maker_.plugged_value(right.node, right.where);
    if (first == nullptr || second == nullptr || !(*first == *second)) return nullptr;
    return then();
}

Watcher::Flow Watcher::bind(const Node& variable, Bindings* where, Bound bound, Then then) {
    where->bind(variable, bound);
    const Flow flow = then();
    where->release(variable.name);
    return flow;
}

namespace {

const Node* element(const Node& array, std::size_t at, Maker& maker) {
    return array.kind == NodeKind::kValue ? maker.value(array.value.items()[at]) : array.parts[at];
}

}  // namespace

Watcher::Flow Watcher::unify_arrays(Frame& frame, Bound left, Bound right, std::size_t from,
                                    Then then) {
    const std::size_t size = size_of(*left.node);
    if (size != size_of(*right.node)) return nullptr;
    if (from == size) return then();
    return unify(frame, {element(*left.node, from, maker_), left.where},
                 {element(*right.node, from, maker_), right.where},
                 [&]() -> Flow { return unify_arrays(frame, left, right, from + 1, then); });
}

Watcher::Flow Watcher::unify_all(Frame& frame, Nodes left, Bindings* left_where, Nodes right,
                                 Bindings* right_where, std::size_t from, Then then) {
    if (from == left.size() || from == right.size()) return then();
    return unify(frame, {left[from], left_where}, {right[from], right_where}, [&]() -> Flow {
        return unify_all(frame, left, left_where, right, right_where, from + 1, then);
    });
}

// Keys are values by now; the values behind equal keys are unified one after the other.
Watcher::Flow Watcher::unify_objects(Frame& frame, Bound left, Bound right, Then then) {
    const auto entries = [this](const Bound& object) {
        std::vector<std::pair<Value, const Node*>> found;
        if (object.node->kind == NodeKind::kValue) {
            for (std::size_t i = 0; i < object.node->value.size(); ++i) {
                found.emplace_back(object.node->value.keys()[i],
                                   maker_.value(object.node->value.values()[i]));
            }
            return found;
        }
        const Nodes parts = object.node->parts;
        for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
            const Value* const key = maker_.plugged_value(parts[i], object.where);
            if (key != nullptr) found.emplace_back(*key, parts[i + 1]);
        }
        std::ranges::stable_sort(found, [](const auto& first, const auto& second) {
            return value::compare(first.first, second.first) < 0;
        });
        return found;
    };
    const auto first = entries(left);
    const auto second = entries(right);
    std::vector<const Node*> left_values;
    std::vector<const Node*> right_values;
    if (first.size() != second.size()) return nullptr;
    for (std::size_t i = 0; i < first.size(); ++i) {
        left_values.push_back(first[i].second);
        right_values.push_back(second[i].second);
        if (!(first[i].first == second[i].first)) return nullptr;
    }
    return unify_all(frame, left_values, left.where, right_values, right.where, 0, then);
}

Watcher::Flow Watcher::reference(Frame& frame, Bound reference, Bound other, Then then) {
    const Nodes parts = reference.node->parts;
    const Way way{.frame = frame,
                  .reference = parts,
                  .position = 1,
                  .bindings = reference.where,
                  .result = other};
    const Node& head = *parts[0];
    if (head.kind == NodeKind::kVariable && head.name == "data") {
        return tree(way, &library_.prepared().tree->root(), {}, then);
    }
    if (head.kind == NodeKind::kVariable && head.name == "input") {
        if (!frame.input) return nullptr;
        return walk(way, {maker_.value(*frame.input), reference.where}, then);
    }
    const Bound term = follow(&head, reference.where);
    if (term.node->kind == NodeKind::kVariable && !is_kept(term)) return nullptr;
    return walk(way, term, then);
}

// The element at a key, which is a variable where that is the key; no node where there is none.
Bound Watcher::element_at(const Bound& container, const Node& key) {
    const Node& node = *container.node;
    const bool is_known = key.kind == NodeKind::kValue;
    if (node.kind == NodeKind::kValue) {
        const Value* const found = is_known ? element_of(node.value, key.value) : nullptr;
        if (found == nullptr) return {};
        return {node.value.is_set() ? &key : maker_.value(*found), container.where};
    }
    if (node.kind == NodeKind::kArray) {
        const auto index =
            is_known && key.value.is_number() ? key.value.as_integer() : std::nullopt;
        const bool is_there =
            index && *index >= 0 && static_cast<std::size_t>(*index) < node.parts.size();
        if (!is_there) return {};
        return follow(node.parts[static_cast<std::size_t>(*index)], container.where);
    }
    const bool is_set = node.kind == NodeKind::kSet;
    if (!is_set && node.kind != NodeKind::kObject) return {};
    for (std::size_t i = 0; i < node.parts.size(); i += is_set ? 1 : 2) {
        if (!is_same(*maker_.plug(node.parts[i], container.where), key)) continue;
        return follow(is_set ? &key : node.parts[i + 1], container.where);
    }
    return {};
}

// From a value on along a reference.
Watcher::Flow Watcher::walk(Way way, Bound term, Then then) {
    for (term = follow(term.node, term.where); way.position < way.reference.size();
         ++way.position) {
        if (is_kept(term)) return save_rest(way, term, then);
        const Node* const key = maker_.plug(way.reference[way.position], way.bindings);
        if (key->kind != NodeKind::kValue) return enumerate(way, term, then);
        const Node* reference = nullptr;
        if (leads_to_unknown(way, key, reference)) {
            return save_unification(way.frame, {reference, way.bindings}, way.result, then);
        }
        term = element_at(term, *key);
        if (term.node == nullptr) return nullptr;
    }
    return unify(way.frame, term, way.result, then);
}

// Tries each key that the container has.
Watcher::Flow Watcher::enumerate(const Way& way, const Bound& container, Then then) {
    Flow deferred = nullptr;
    const auto is_final = [&deferred](Flow flow) {
        if (flow == nullptr) return false;
        if (flow->kind != Exit::Kind::kDeferred) return true;
        if (deferred == nullptr) deferred = flow;
        return false;
    };
    const Node* const step = way.reference[way.position];
    const auto take = [&](const Node* key, Bindings* where) -> Flow {
        return unify(way.frame, {key, where}, {step, way.bindings}, [&]() -> Flow {
            return walk_from(way, container, *maker_.plug(key, where), then);
        });
    };
    const Node& node = *container.node;
    const Value* const known = node.kind == NodeKind::kValue ? &node.value : nullptr;
    const bool is_array = node.kind == NodeKind::kArray || (known != nullptr && known->is_array());
    if (known != nullptr && known->is_set() && !is_partial() &&
        way.position + 1 == way.reference.size()) {
        // `x = s[k]` with a known x: only x itself can be the element.
        const Node* const wanted = maker_.plug(way.result.node, way.result.where);
        if (wanted->kind == NodeKind::kValue) {
            if (element_of(*known, wanted->value) == nullptr) return nullptr;
            return take(wanted, way.bindings);
        }
    }
    const bool is_skipped = is_array && step->kind != NodeKind::kVariable;
    const std::size_t size = is_collection(node) && !is_skipped ? size_of(node) : 0;
    for (std::size_t i = 0; i < size; ++i) {
        const Node* key = nullptr;
        if (is_array) {
            key = maker_.value(values_.integer(static_cast<std::int64_t>(i)));
        } else if (known != nullptr) {
            key = maker_.value(known->is_object() ? known->keys()[i] : known->items()[i]);
        } else {
            key = node.parts[node.kind == NodeKind::kObject ? 2 * i : i];
        }
        const Flow flow = take(key, container.where);
        if (is_final(flow)) return flow;
    }
    if (is_partial()) {
        const Flow flow = enumerate_unknown(way, container, then);
        if (is_final(flow)) return flow;
    }
    return deferred;
}

Watcher::Flow Watcher::walk_from(Way way, const Bound& container, const Node& key, Then then) {
    const Node* reference = nullptr;
    if (leads_to_unknown(way, &key, reference)) {
        return save_unification(way.frame, {reference, way.bindings}, way.result, then);
    }
    const Bound element = element_at(container, key);
    if (element.node == nullptr) return nullptr;
    ++way.position;
    return walk(way, element, then);
}

}  // namespace merlon::rego::watch
