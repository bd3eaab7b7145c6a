#pragma once

// Which of several equals in one file is which: step 3 of the matching (evidence/matching.h).
// Internal to matching.cpp.
//
// The idea: steps from those that go by the code, its lines around and its neighbours, to those
// that go by what is likely, its order and its line; each takes only what it is certain of, and
// what is left is new, "maybe moved from" one of them.
//
// Not thread-safe. Cost: O(n log n) in the group.

#include <cstdint>

#include "evidence/matching_state.h"

namespace merlon::evidence {

// Whether one before and one now, alike in a file, may yet be two: the lines around are others,
// and one that reads the same has come to another file, or gone from one. Then the first may
// have gone there, or the second have come from there.
enum class Certainty : std::uint8_t {
    kSure,
    kDoubtful,
    kNeedsPlace,  // alike in what says nothing by itself
};

// What stands in a line that stayed is there now, as far as the texts of the file tell.
void match_unchanged_lines(MatchState& state, EqualsGroup& group, Certainty certainty);

// What it decides of the group stands in `state`. Returns whether it is known what became of each
// line of `before`.
bool match_equals(MatchState& state, EqualsGroup& group, Certainty certainty);

}  // namespace merlon::evidence
