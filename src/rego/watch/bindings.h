#pragma once

// What variables stand for in one call or query, and terms with variables replaced by that.
//
// The idea: a binding says which node, and in which Bindings the variables of that node are looked
// for: a rule's argument may be a variable of its caller. Bindings are made and taken back in the
// order of a stack.
//
// Not thread-safe. Cost: a search from the newest on.

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rego/watch/nodes.h"

namespace merlon::rego::watch {

class Bindings;

struct Bound {
    const Node* node = nullptr;
    Bindings* where = nullptr;
};

class Bindings {
  public:
    // Of the query or rule whose variables they are: no other one has this number.
    std::uint64_t id() const { return id_; }
    void set_id(std::uint64_t id) { id_ = id; }

    struct Entry {
        std::string_view name;
        Bound bound;
        const syntax::Term* source = nullptr;  // where the name stands that was bound; may be null
    };

    const Bound* find(std::string_view name) const {
        for (auto at = entries_.rbegin(); at != entries_.rend(); ++at) {
            if (at->name == name) return &at->bound;
        }
        return nullptr;
    }
    void bind(const Node& variable, Bound bound) {
        entries_.push_back({variable.name, bound, variable.source});
    }
    // Of the names that were bound, this one is bound no longer.
    void release(std::string_view name) {
        for (std::size_t i = entries_.size(); i > 0; --i) {
            if (entries_[i - 1].name != name) continue;
            entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i - 1));
            return;
        }
    }
    const std::vector<Entry>& entries() const { return entries_; }

  private:
    std::uint64_t id_ = 0;
    std::vector<Entry> entries_;
};

// Follows variables to what they stand for.
inline Bound follow(const Node* node, Bindings* where) {
    while (node->kind == NodeKind::kVariable) {
        const Bound* const bound = where->find(node->name);
        if (bound == nullptr) break;
        node = bound->node;
        where = bound->where;
    }
    return {node, where};
}

// Makes nodes while an evaluation runs.
class Maker {
  public:
    Maker(Arena& arena, value::Builder& values) : arena_(arena), values_(values) {}

    const Node* value(const value::Value& value) { return arena_.make<Node>(Node{.value = value}); }
    const Node* variable(std::string_view name) {
        return arena_.make<Node>(Node{.kind = NodeKind::kVariable, .name = name});
    }
    // The node with variables replaced by what they stand for; a value where none is left.
    const Node* plug(const Node* node, Bindings* where);
    // The same, where it is a value; null where it is none.
    const value::Value* plugged_value(const Node* node, Bindings* where) {
        const Node* const plugged = plug(node, where);
        return plugged->kind == NodeKind::kValue ? &plugged->value : nullptr;
    }
    value::Builder& values() { return values_; }
    Arena& arena() { return arena_; }

  private:
    Arena& arena_;
    value::Builder& values_;
};

}  // namespace merlon::rego::watch
