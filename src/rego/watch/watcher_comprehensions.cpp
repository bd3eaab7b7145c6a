#include <algorithm>

#include "rego/watch/gathering.h"

namespace merlon::rego::watch {

using value::Value;

namespace {

// What a comprehension has found so far.
struct Elements {
    std::vector<Value> items = {};
    std::vector<value::Builder::Entry> entries = {};
    bool has_conflict = false;

    // What the body of `node` has found. Whether no key has another value.
    bool add(const Node& node, Bindings* bindings, Maker& maker) {
        const Value* const first = maker.plugged_value(node.parts[0], bindings);
        if (first == nullptr) return true;
        if (node.kind != NodeKind::kObjectComprehension) {
            items.push_back(*first);
            return true;
        }
        const Value* const second = maker.plugged_value(node.parts[1], bindings);
        if (second == nullptr) return true;
        const auto same = std::ranges::find(entries, *first, &value::Builder::Entry::first);
        if (same != entries.end()) return same->second == *second;
        entries.emplace_back(*first, *second);
        return true;
    }
    Value made(NodeKind kind, value::Builder& values) const {
        return kind == NodeKind::kObjectComprehension ? values.object(entries)
               : kind == NodeKind::kSetComprehension  ? values.set(items)
                                                      : values.array(items);
    }
};

}  // namespace

Watcher::Flow Watcher::comprehension(Frame& frame, Bound comprehension, Bound other, Then then) {
    const Node& node = *comprehension.node;
    if (const auto* const keys = library_.index_keys(node)) {
        Flow wrong = nullptr;
        const Value* const gathered = gathered_comprehension(frame, node, *keys, wrong);
        if (wrong != nullptr) return wrong;
        if (gathered != nullptr) {
            return unify(frame, {maker_.value(*gathered), comprehension.where}, other, then);
        }
    }
    Frame inside = closure(frame, *node.body);
    inside.bindings = comprehension.where;
    Elements elements;
    tell(inside, Operation::kEnter, *node.body);
    const Flow flow = expression(inside, [&](Frame& found) -> Flow {
        tell(found, Operation::kExit, *node.body);
        if (!elements.add(node, found.bindings, maker_)) {
            const syntax::Location* const key =
                node.source != nullptr ? node.source->terms[0]->location : nullptr;
            return fail(found, ErrorKind::kConflict, "object keys must be unique", key);
        }
        tell(found, Operation::kRedo, *node.body);
        return nullptr;
    });
    if (flow != nullptr) return flow;
    const Value made = elements.made(node.kind, values_);
    return unify(frame, {maker_.value(made), comprehension.where}, other, then);
}

// Null where nothing was gathered for these keys: then it is evaluated as any other one.
const Value* Watcher::gathered_comprehension(Frame& frame, const Node& node,
                                             const ComprehensionIndex::Keys& keys, Flow& flow) {
    std::vector<const Node*> variables;
    for (const std::string_view name : keys) variables.push_back(maker_.variable(name));
    if (frame.gathering == nullptr) frame.gathering = std::make_shared<Gathering>();
    if (!frame.gathering->scopes.back().contains(&node)) {
        Gathering::Groups groups;
        flow = gather(frame, node, variables, groups);
        if (flow != nullptr) return nullptr;
        frame.gathering->scopes.back().emplace(&node, std::move(groups));
    }
    const Gathering::Groups& groups = frame.gathering->scopes.back().at(&node);
    const auto found = groups.find(plugged_path(variables, frame.bindings));
    return found == groups.end() ? nullptr : &found->second;
}

// What an object has two values for is left out, so that it is an error where it is asked for.
Watcher::Flow Watcher::gather(Frame& frame, const Node& node, Nodes keys,
                              std::map<Path, Value, PathOrder>& groups) {
    std::map<Path, Elements, PathOrder> found_ones;
    Bindings bindings;
    Frame inside = child(frame, *node.body, bindings, frame.file);
    tell(inside, Operation::kEnter, *node.body);
    const Flow flow = expression(inside, [&](Frame& found) -> Flow {
        tell(found, Operation::kExit, *node.body);
        Elements& elements = found_ones[plugged_path(keys, found.bindings)];
        if (!elements.add(node, found.bindings, maker_)) elements.has_conflict = true;
        tell(found, Operation::kRedo, *node.body);
        return nullptr;
    });
    for (const auto& [path, elements] : found_ones) {
        if (!elements.has_conflict) groups.emplace(path, elements.made(node.kind, values_));
    }
    return flow;
}

// Up to the first variable that stands for nothing.
Watcher::Path Watcher::plugged_path(Nodes variables, Bindings* where) {
    Path path;
    for (const Node* variable : variables) {
        const Value* const value = maker_.plugged_value(variable, where);
        if (value == nullptr) break;
        path.push_back(*value);
    }
    return path;
}

}  // namespace merlon::rego::watch
