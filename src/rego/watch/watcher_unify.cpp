#include "rego/watch/watcher.h"

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
    if (callee.builtin == nullptr) return nullptr;
    const Outcome outcome = rego::call(*callee.builtin, *context_, values);
    if (outcome.state() == Outcome::State::kError) {
        const bool ends = context_->is_spent() || options_.builtin_errors == BuiltinErrors::kStrict;
        if (!ends) return nullptr;
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

Watcher::Flow Watcher::unify(Frame& frame, Bound left, Bound right, Then then) {
    left = follow(left.node, left.where);
    right = follow(right.node, right.where);
    if (options_.unifications == Unifications::kTold) {
        tell(frame, {.operation = Operation::kUnify, .left = left.node, .right = right.node});
    }
    const NodeKind kind = left.node->kind;
    const NodeKind other = right.node->kind;
    const bool is_open = other == NodeKind::kVariable || other == NodeKind::kReference;
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

Watcher::Flow Watcher::unify_values(Frame& frame, Bound left, Bound right, Then then) {
    if (left.node->kind == NodeKind::kReference) return reference(frame, left, right, then);
    if (right.node->kind == NodeKind::kReference) return reference(frame, right, left, then);
    if (is_comprehension(*left.node)) return comprehension(frame, left, right, then);
    if (is_comprehension(*right.node)) return comprehension(frame, right, left, then);
    const bool is_left_free = left.node->kind == NodeKind::kVariable;
    const bool is_right_free = right.node->kind == NodeKind::kVariable;
    if (is_left_free && is_right_free && left.where == right.where &&
        left.node->name == right.node->name) {
        return then();
    }
    if (is_left_free) return bind(left.node->name, left.where, right, then);
    if (is_right_free) return bind(right.node->name, right.where, left, then);
    const Value* const first = maker_.plugged_value(left.node, left.where);
    const Value* const second = maker_.plugged_value(right.node, right.where);
    if (first == nullptr || second == nullptr || !(*first == *second)) return nullptr;
    return then();
}

Watcher::Flow Watcher::bind(std::string_view name, Bindings* where, Bound bound, Then then) {
    where->bind(name, bound);
    const Flow flow = then();
    where->release(name);
    return flow;
}

namespace {

std::size_t size_of(const Node& node) {
    if (node.kind == NodeKind::kValue) return node.value.size();
    return node.kind == NodeKind::kObject ? node.parts.size() / 2 : node.parts.size();
}

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
    if (term.node->kind == NodeKind::kVariable) return nullptr;
    return walk(way, term, then);
}

Watcher::Flow Watcher::comprehension(Frame& frame, Bound comprehension, Bound other, Then then) {
    const Node& node = *comprehension.node;
    Frame inside = closure(frame, *node.body);
    inside.bindings = comprehension.where;
    std::vector<Value> items;
    std::vector<value::Builder::Entry> entries;
    tell(inside, Operation::kEnter, *node.body);
    const Flow flow = expression(inside, [&](Frame& found) -> Flow {
        tell(found, Operation::kExit, *node.body);
        Flow wrong = nullptr;
        const Value* const first = maker_.plugged_value(node.parts[0], found.bindings);
        if (first != nullptr && node.kind != NodeKind::kObjectComprehension) {
            items.push_back(*first);
        } else if (first != nullptr) {
            const Value* const second = maker_.plugged_value(node.parts[1], found.bindings);
            const auto same = std::ranges::find(entries, *first, &value::Builder::Entry::first);
            if (second != nullptr && same == entries.end()) {
                entries.emplace_back(*first, *second);
            } else if (second != nullptr && !(same->second == *second)) {
                wrong = fail(found, ErrorKind::kConflict, "object keys must be unique");
            }
        }
        if (wrong == nullptr) tell(found, Operation::kRedo, *node.body);
        return wrong;
    });
    if (flow != nullptr) return flow;
    const Value made = node.kind == NodeKind::kObjectComprehension ? values_.object(entries)
                       : node.kind == NodeKind::kSetComprehension  ? values_.set(items)
                                                                   : values_.array(items);
    return unify(frame, {maker_.value(made), comprehension.where}, other, then);
}

// From a value on along a reference.
Watcher::Flow Watcher::walk(Way way, Bound term, Then then) {
    while (way.position < way.reference.size()) {
        const Node* const container = maker_.plug(term.node, term.where);
        const Value* const key = maker_.plugged_value(way.reference[way.position], way.bindings);
        if (key == nullptr) return enumerate(way, *container, then);
        const Node* found = nullptr;
        if (container->kind == NodeKind::kValue) {
            const Value* const value = element_of(container->value, *key);
            if (value != nullptr) found = maker_.value(container->value.is_set() ? *key : *value);
        } else if (container->kind == NodeKind::kArray) {
            const auto index = key->is_number() ? key->as_integer() : std::nullopt;
            if (index && *index >= 0 &&
                static_cast<std::size_t>(*index) < container->parts.size()) {
                found = container->parts[static_cast<std::size_t>(*index)];
            }
        } else if (container->kind == NodeKind::kObject) {
            for (std::size_t i = 0; i + 1 < container->parts.size(); i += 2) {
                const Node& known = *container->parts[i];
                if (known.kind == NodeKind::kValue && known.value == *key) {
                    found = container->parts[i + 1];
                }
            }
        }
        if (found == nullptr) return nullptr;
        term = follow(found, term.where);
        ++way.position;
    }
    return unify(way.frame, term, way.result, then);
}

Watcher::Flow Watcher::enumerate(const Way& way, const Node& term, Then then) {
    Flow deferred = nullptr;
    const auto is_final = [&deferred](Flow flow) {
        if (flow == nullptr) return false;
        if (flow->kind != Exit::Kind::kDeferred) return true;
        if (deferred == nullptr) deferred = flow;
        return false;
    };
    const Node* const step = way.reference[way.position];
    const auto take = [&](const Value& key, const Node* element) -> Flow {
        const Node* const shown = maker_.value(key);
        return unify(way.frame, {shown, way.bindings}, {step, way.bindings}, [&]() -> Flow {
            Way on = way;
            ++on.position;
            return walk(on, {element, way.bindings}, then);
        });
    };
    if (term.kind != NodeKind::kValue) {
        if (term.kind != NodeKind::kArray) return nullptr;
        for (std::size_t i = 0; i < term.parts.size(); ++i) {
            const Flow flow = take(values_.integer(static_cast<std::int64_t>(i)), term.parts[i]);
            if (is_final(flow)) return flow;
        }
        return deferred;
    }
    const Value& container = term.value;
    if (container.is_set() && way.position + 1 == way.reference.size()) {
        // `x = s[k]` with a known x: only x itself can be the element.
        const Node* const wanted = maker_.plug(way.result.node, way.result.where);
        if (wanted->kind == NodeKind::kValue) {
            if (element_of(container, wanted->value) == nullptr) return nullptr;
            return take(wanted->value, wanted);
        }
    }
    if (container.is_array() && step->kind != NodeKind::kVariable) return nullptr;
    const std::size_t size =
        container.is_array() || container.is_object() || container.is_set() ? container.size() : 0;
    for (std::size_t i = 0; i < size; ++i) {
        const Value key = container.is_object() ? container.keys()[i]
                          : container.is_set()  ? container.items()[i]
                                                : values_.integer(static_cast<std::int64_t>(i));
        const Value& found = container.is_object() ? container.values()[i] : container.items()[i];
        const Flow flow = take(key, maker_.value(found));
        if (is_final(flow)) return flow;
    }
    return deferred;
}

}  // namespace merlon::rego::watch
