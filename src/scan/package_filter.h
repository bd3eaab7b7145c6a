#pragma once

// Which weaknesses of packages someone asked to see: by severity and by the state of their fix, in
// the words that Trivy, Grype and their configuration files share.
//
// The idea: what is filtered away stays in the report as ignored, with who asked for it as the
// reason, so that no filter hides that it hid something.
//
// Values; thread-safe to read. Cost: one pass over the findings.

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding.h"
#include "sca/match_text.h"

namespace merlon::scan {

struct Weakness;  // scan/packages_scan.h

struct PackageFilter {
    std::vector<std::string> severities;        // "low" to "critical", "unknown"; none: all
    std::vector<std::string> ignored_statuses;  // as fix_status() names them
    std::string place;                          // who asks: "trivy.yaml", "--severity"
};

// "fixed", "affected" (no fix is known), "will_not_fix", "fix_deferred", "end_of_life".
std::string_view fix_status(const sca::Match& match);
// All of them but "fixed": what --ignore-unfixed and --only-fixed leave out.
std::vector<std::string> unfixed_statuses();

// What has no fix is left out, as --ignore-unfixed asks for.
void leave_out_unfixed(PackageFilter& filter);

// The severities by their words, the mildest first.
inline constexpr std::array<std::string_view, 5> kSeverityWords{"unknown", "low", "medium", "high",
                                                                "critical"};

// "low" to "critical", or "unknown" where nobody says.
std::string_view severity_word(const sca::Match& match);

// Marks the findings that the filter leaves out; `weaknesses` has one for each of them.
void apply(const PackageFilter& filter, std::span<const Weakness> weaknesses,
           std::vector<model::Finding>& findings);

}  // namespace merlon::scan
