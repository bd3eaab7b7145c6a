#pragma once

// Several bills of materials as one, and what tells two apart.
//
// The idea: a component is the same where its package URL is, else where its group, name and
// version are. What one document does not say of it, the next one may; the first that says a thing
// is right, and lists are joined. A merged document describes a new root, which contains what each
// of the documents described.
//
// Thread-safe: no state. Deterministic: the order is that of the arguments, then of the components'
// names. Cost: O(n log n) in components and edges.

#include <span>
#include <string>
#include <vector>

#include "exchange/bom.h"

namespace merlon::exchange {

// A UUID of version 8 (RFC 9562, section 5.8) made of the content: equal contents have equal serial
// numbers. What `bom` has as its serial number and time does not count.
std::string content_serial(const Bom& bom);

// `bom` has the root, the tools and the time of the document that is made.
Bom merge_boms(std::span<const Bom> parts, Bom bom);

struct BomChange {
    std::string name;    // of the component, with its group: "@a/left"
    std::string detail;  // versions ("1.0.0"), or what became of what ("1.0.0 -> 2.0.0")
    bool operator==(const BomChange&) const = default;
};

struct BomDifference {
    std::vector<BomChange> added;
    std::vector<BomChange> removed;
    std::vector<BomChange> changed;   // other versions of the same name
    std::vector<BomChange> licenses;  // at the same version
    std::vector<BomChange> hashes;    // at the same version, of the same algorithm
    bool operator==(const BomDifference&) const = default;
};

// By name; the roots are what the documents are of, and are not compared.
BomDifference compare_boms(const Bom& before, const Bom& after);

}  // namespace merlon::exchange
