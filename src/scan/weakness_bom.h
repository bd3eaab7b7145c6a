#pragma once

// What a scan for known weaknesses found, as a bill of materials with its vulnerabilities: for
// CycloneDX, of our own scan and of the fronts of other scanners.
//
// The idea: the components are those of package_bom.h; a weakness names the components that have
// it. What a supplier says of it (VEX) is its analysis; what someone ignores has none, because an
// ignore file is no statement of the supplier's, and says so in a property.
//
// Thread-safe: no state. Deterministic. Cost: linear in components and weaknesses.

#include <functional>
#include <string_view>

#include "exchange/bom.h"
#include "scan/package_bom.h"
#include "scan/packages_scan.h"

namespace merlon::scan {

struct WeaknessBom {
    BomSubject subject;
    // Of several ids of one weakness the one that it is called by: "CVE-"; empty: the best known.
    std::string_view id_prefix;
    // Which of examined.weaknesses are named; none: all.
    std::function<bool(std::size_t weakness)> shows;
};

exchange::Bom bom_of(const ExaminedPackages& examined, const WeaknessBom& request);

}  // namespace merlon::scan
