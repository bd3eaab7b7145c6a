#pragma once

// The National Vulnerability Database as JSON 2.0 (nvd.nist.gov/developers/vulnerabilities): what
// NIST says of each CVE.
//
// The idea: a record for each CVE with its text, its CVSS vectors, its weaknesses and its
// configurations, and without affected packages. Its products are CPE names, which no package
// manager knows; guessing packages from them is where other scanners' false findings come from.
// They are matched with programs that state a CPE name themselves (sca/cpe_match.h); for all other
// findings a record gives the severity where their own advisory states none (sca/matcher.h).
//
// Thread-safe: no state. Cost: one pass; the tree of a year's file is in memory.

#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/osv.h"

namespace merlon::exchange {

// A rejected CVE is a withdrawn record.
Result<std::vector<OsvRecord>> read_nvd(std::string_view bytes);

}  // namespace merlon::exchange
