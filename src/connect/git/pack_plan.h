#pragma once

// The order in which a bulk read takes a pack apart: every base before its deltas, and of several
// deltas the heaviest branch last (see bulk_read.h for why).
//
// Cost: memory of some 40 bytes an entry. Damaged entries are in `broken` and do not sink the rest.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "connect/git/bulk_read.h"

namespace merlon::connect::git {

// The entries of one pack in the order of their offsets ("ranks"), and who is whose base.
struct PackPlan {
    const Pack* pack = nullptr;
    std::uint32_t first_number = 0;
    std::vector<std::uint64_t> offsets;    // by rank; one more at the end: where the entries end
    std::vector<std::uint32_t> positions;  // by rank: place in the index
    std::vector<std::uint32_t> bases;      // by rank: rank of the base, or kNone
    std::vector<std::uint32_t> child_begin;
    std::vector<std::uint32_t> children;  // of rank r: [child_begin[r], child_begin[r + 1])
    std::vector<ObjectType> types;
    std::vector<bool> wanted;
    std::vector<std::uint32_t> weights;    // how many of the wanted stand here and below
    std::vector<std::uint32_t> roots;      // whole objects, and deltas whose base is elsewhere
    std::vector<std::uint32_t> checksums;  // by position; empty: not compared
    std::vector<std::pair<std::uint32_t, std::string>> broken;  // rank, what is wrong

    std::uint32_t count() const { return static_cast<std::uint32_t>(positions.size()); }
    std::uint32_t number(std::uint32_t rank) const { return first_number + positions[rank]; }
    std::span<const std::uint32_t> children_of(std::uint32_t rank) const {
        return std::span(children).subspan(child_begin[rank],
                                           child_begin[rank + 1] - child_begin[rank]);
    }
};

// `wanted` is asked for first copies alone. `number` of the pack's first object is `first_number`.
Result<PackPlan> plan_pack(const ObjectCatalog& catalog, const Pack& pack,
                           std::uint32_t first_number,
                           const std::function<bool(std::uint32_t number, ObjectType type)>& wanted,
                           BulkOptions::Checksums checksums);

}  // namespace merlon::connect::git
