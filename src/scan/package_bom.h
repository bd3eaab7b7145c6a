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

exchange::Bom bom_of(const std::vector<packages::PackageSource>& sources,
                     const BomSubject& subject);

}  // namespace merlon::scan
