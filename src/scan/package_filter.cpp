#include "scan/package_filter.h"

#include <algorithm>
#include <array>

#include "scan/packages_scan.h"

namespace merlon::scan {
namespace {

constexpr std::array<std::string_view, 4> kUnfixed{"affected", "will_not_fix", "fix_deferred",
                                                   "end_of_life"};

// The states that distributions give to what they do not mend, in these words.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kStates{{
    {"end-of-life", "end_of_life"},
    {"unimportant", "will_not_fix"},
    {"ignored", "will_not_fix"},
    {"no-dsa", "fix_deferred"},
    {"postponed", "fix_deferred"},
}};

bool has(const std::vector<std::string>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

}  // namespace

std::string_view fix_status(const sca::Match& match) {
    if (!match.fixed.empty()) return "fixed";
    for (const sca::Advisory& advisory : match.advisories) {
        const auto* const known =
            std::ranges::find(kStates, advisory.state, [](const auto& row) { return row.first; });
        if (known != kStates.end()) return known->second;
    }
    return kUnfixed.front();
}

std::vector<std::string> unfixed_statuses() { return {kUnfixed.begin(), kUnfixed.end()}; }

void leave_out_unfixed(PackageFilter& filter) {
    filter.ignored_statuses.insert(filter.ignored_statuses.end(), kUnfixed.begin(), kUnfixed.end());
}

std::string_view severity_word(const sca::Match& match) {
    if (match.is_malicious) return "critical";
    return match.severity.empty() ? "unknown" : match.severity;
}

void apply(const PackageFilter& filter, std::span<const Weakness> weaknesses,
           std::vector<model::Finding>& findings) {
    for (std::size_t i = 0; i < findings.size(); ++i) {
        // A malicious package has no fix to wait for.
        if (!findings[i].suppressed_by.empty() || weaknesses[i].match.is_malicious) continue;
        const std::string severity(severity_word(weaknesses[i].match));
        const std::string status(fix_status(weaknesses[i].match));
        std::string reason;
        if (!filter.severities.empty() && !has(filter.severities, severity)) {
            reason = "severity " + severity + " is not asked for";
        } else if (has(filter.ignored_statuses, status)) {
            reason = "status " + status + " is left out";
        }
        if (reason.empty()) continue;
        findings[i].suppressed_by = "ignore";
        findings[i].suppression_reason = filter.place + ": " + reason;
    }
}

}  // namespace merlon::scan
