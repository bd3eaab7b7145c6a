#pragma once

// What distributions publish of their own packages: the secdb JSON of Alpine, Wolfi and Chainguard
// (secdb.alpinelinux.org), and the JSON of Debian's security tracker
// (security-tracker.debian.org/tracker/data/json).
//
// The idea: each says which version of which package in which release fixes which CVE. That is read
// into rows, and records_of() makes one OSV record of all rows of one CVE, as several files (one
// for each release) speak of it.
//
// Thread-safe: no state. Cost: one pass; a sort.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/osv.h"

namespace merlon::exchange {

struct DistributionFix {
    std::string ecosystem;  // "Alpine:v3.19"
    std::string package;
    std::string id;     // "CVE-2024-1"
    std::string fixed;  // empty: not yet
    std::string state;  // "unimportant", "no-dsa", "undetermined"; empty: none
    bool operator==(const DistributionFix&) const = default;
};

// One file: a release and a repository. What says "0" was never affected, and gives no row.
Result<std::vector<DistributionFix>> read_secdb(std::string_view bytes);
Result<std::vector<DistributionFix>> read_debian_tracker(std::string_view bytes);

// One record for each distribution and CVE, sorted: "ALPINE-CVE-2024-1", with the CVE as upstream.
std::vector<OsvRecord> records_of(std::vector<DistributionFix> fixes);

}  // namespace merlon::exchange
