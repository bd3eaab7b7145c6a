#pragma once

// Decisions as rows of the store: the columns by which they are read, in one place, and the
// findings that their targets mean.
//
// Not thread-safe: the connection belongs to one thread. Internal to the room.

#include <cstdint>
#include <string_view>
#include <vector>

#include "evidence/decisions.h"

namespace merlon::evidence {

// Of `decision d`. What else is asked for comes behind them.
inline constexpr std::string_view kDecisionColumns =
    "d.id, d.event, d.finding, d.scope, d.tool, d.rule, d.package, d.version, d.reason, d.author, "
    "d.approved_by, d.origin, d.verdict, d.justification, d.made, d.expires, d.signature, "
    "d.until_fix";
inline constexpr std::size_t kDecisionCells = 18;

// The column `proposal`; 0 where it is none.
inline constexpr std::int64_t kProposalWaits = 1;
inline constexpr std::int64_t kProposalApproved = 2;
inline constexpr std::int64_t kProposalRefused = 3;

// A row that begins with these; its state is the reader's matter.
DecisionRow read_decision(Cells row);

// Appends the findings that the target names today.
Status collect_findings(Database& database, const DecisionTarget& target,
                        std::vector<std::int64_t>& findings);

}  // namespace merlon::evidence
