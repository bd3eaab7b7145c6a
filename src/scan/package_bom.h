#pragma once

// An inventory as a bill of materials.
//
// The idea: equal packages (the same purl) are one component, however many files name them; where
// it was seen stands in its occurrences. What the sources do not say is not made up: a component
// whose version is open has none and says what was asked for, and the compositions say whose
// dependencies are known.
//
// Thread-safe: no state. Deterministic: the serial number comes from the content. Cost:
// O(n log n) in packages and edges.

#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "exchange/bom.h"
#include "packages/package.h"

namespace merlon::scan {

struct BomSubject {
    std::string name;     // empty: that of the project at the top, else `fallback_name`
    std::string version;  // empty: the project's
    std::string fallback_name;
    std::string tool_version;
    Timestamp time;
    bool complete = true;  // nothing was left unread
};

// The reference of the component that an entry of a source became.
using PackageRefs = std::unordered_map<const packages::Package*, std::string>;

// `refs`, where it is asked for, gets one for each entry.
exchange::Bom bom_of(const std::vector<packages::PackageSource>& sources, const BomSubject& subject,
                     PackageRefs* refs = nullptr);

}  // namespace merlon::scan
