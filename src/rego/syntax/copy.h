#pragma once

// Deep copies of parts of a syntax tree, whose Locations are shared with the original; and lists of
// nodes that were gathered, as a tree keeps them.
//
// Thread-safe: no state. Cost: linear; the copy lives in `arena`.

#include <algorithm>
#include <initializer_list>
#include <span>
#include <vector>

#include "base/arena.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

Term* copy(const Term* term, Arena& arena);  // null for null
Terms copy(Terms terms, Arena& arena);
Body copy(Body body, Arena& arena);
Expression* copy(const Expression& expression, Arena& arena);

// The pointers themselves, in the arena.
template <typename Pointers>
auto keep_pointers(const Pointers& pointers, Arena& arena) {
    using Pointer = typename Pointers::value_type;
    const std::span<Pointer> kept = arena.make_array<Pointer>(pointers.size());
    std::ranges::copy(pointers, kept.begin());
    return kept;
}
template <typename Node>
std::span<Node*> keep_pointers(std::initializer_list<Node*> pointers, Arena& arena) {
    const std::span<Node*> kept = arena.make_array<Node*>(pointers.size());
    std::ranges::copy(pointers, kept.begin());
    return kept;
}

}  // namespace merlon::rego::syntax
