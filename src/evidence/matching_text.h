#pragma once

// Findings of a report that shows no code, and of one that does: a step of the matching
// (evidence/matching.h), and internal to it.
//
// The idea: Semgrep's JSON withholds the lines that its SARIF has, so that the two say nothing in
// common but rule and place. What stands in both is the same where nothing of the file can have
// moved: all that has no text there is at its very place in the report that has it, alone. If one
// is not, none of the file is.
//
// Not thread-safe. Cost: O(n log n) in what is left.

#include "evidence/matching_state.h"

namespace merlon::evidence {

void match_without_text(MatchState& state);

}  // namespace merlon::evidence
