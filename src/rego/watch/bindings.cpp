#include "rego/watch/bindings.h"

namespace merlon::rego::watch {

using value::Value;

const Node* Maker::plug(const Node* node, Bindings* where) {
    const Bound bound = follow(node, where);
    node = bound.node;
    if (node->kind == NodeKind::kValue || node->kind == NodeKind::kVariable ||
        is_comprehension(*node)) {
        return node;
    }
    std::vector<const Node*> parts;
    bool is_ground = node->kind != NodeKind::kReference;
    for (const Node* part : node->parts) {
        const Node* const plugged = plug(part, bound.where);
        is_ground = is_ground && plugged->kind == NodeKind::kValue;
        parts.push_back(plugged);
    }
    if (!is_ground) {
        Node made = *node;
        made.parts = syntax::keep_pointers(parts, arena_);
        made.source = nullptr;
        return arena_.make<Node>(made);
    }
    std::vector<Value> items;
    for (const Node* part : parts) items.push_back(part->value);
    if (node->kind == NodeKind::kArray) return value(values_.array(items));
    if (node->kind == NodeKind::kSet) return value(values_.set(items));
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        entries.emplace_back(items[i], items[i + 1]);
    }
    return value(values_.object(entries));
}

}  // namespace merlon::rego::watch
