#pragma once

// Findings that say the same, shown as one: of two tools, of two rules, of two files.
//
// The idea: detection stays separate facts, so that each tool closes its own; a group is made when
// somebody looks, from what the findings have in common within one repository: the same package in
// the same version under a common name of the advisory; the same secret; the same weakness (CWE) in
// the same line. What is linked in steps is one group. No finding is lost in another one, and no
// group outlives the reason for it.
//
// Not thread-safe: the connection belongs to one thread. Cost: a few look-ups for each finding.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/database.h"
#include "evidence/findings.h"

namespace merlon::evidence {

// More are not grouped at once.
inline constexpr std::size_t kMaxGrouped = 20'000;

struct FindingGroup {
    std::vector<FindingRow> findings;  // the worst first
    std::vector<std::string> because;  // what they have in common; empty: it is alone
};

// All that fit the request's filter, whatever its limit; the worst first. Fails above kMaxGrouped.
Result<std::vector<FindingGroup>> group_findings(Database& database, PageRequest request);

struct GroupCount {
    std::uint64_t findings = 0, groups = 0;
};
// Nothing above kMaxGrouped.
Result<std::optional<GroupCount>> count_groups(Database& database, PageRequest request);

// The findings that are of one group with this one, gone ones left out; itself among them. Fails
// where there is no such finding.
Result<std::vector<std::int64_t>> group_of(Database& database, std::int64_t finding);

}  // namespace merlon::evidence
