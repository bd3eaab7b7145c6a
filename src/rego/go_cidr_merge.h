#pragma once

// net.cidr_merge's ranges as OPA joins them and takes them apart again (internal/cidr/merge, which
// is Cilium's): octets, and no numbers of one width.
//
// The idea: OPA writes an address of version 4 with its prefix of version 6 in front, and does so
// once more with one that has it already (::ffff:1.2.3.4/127). Such a range has 28 octets, sorts
// elsewhere, and joins with what lies beside it there. Policies see what comes of it, so it is done
// here as well.
//
// Thread-safe: no state. Cost: linear in the ranges, and in the bits of an address for each.

#include <optional>
#include <string_view>

#include "base/recycled.h"

namespace merlon::rego {

struct CidrBlock {
    RecycledString address;  // its octets, the most significant first
    int ones = 0;            // of the mask
    std::size_t mask_octets = 0;
};

struct CidrRange {
    RecycledString first;
    RecycledString last;
};

// Nothing where OPA would end.
std::optional<CidrRange> range_of(const CidrBlock& block);
// Whether the range that follows in order, by its last address, lies in this one or right behind
// it.
bool joins(const CidrRange& range, const CidrRange& next);
// The networks that a joined range is written as; nothing where OPA would end.
std::optional<RecycledVector<CidrBlock>> blocks_of(const CidrRange& range);
// net.IPNet's text.
RecycledString block_text(const CidrBlock& block);

}  // namespace merlon::rego
