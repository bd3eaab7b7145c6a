#pragma once

// Which files were renamed, and what moved to another file: steps 4 and 5 of the matching
// (evidence/matching.h). Internal to matching.cpp.
//
// Not thread-safe. Cost: O(n log n) in what is left; where texts are known, a comparison of two for
// each file that went and one that came which have a finding's code in common, a bounded number of
// them.

#include <cstdint>
#include <memory>
#include <span>

#include "evidence/matching_state.h"

namespace merlon::evidence {

class MoveMatcher {
  public:
    MoveMatcher(MatchState& state, std::span<const MatchSource> sources);
    ~MoveMatcher();
    MoveMatcher(const MoveMatcher&) = delete;
    MoveMatcher& operator=(const MoveMatcher&) = delete;

    // Fills `renamed` of the state.
    void find_renamed_files();
    void match_elsewhere();

  private:
    class Moves;
    std::unique_ptr<Moves> moves_;
};

}  // namespace merlon::evidence
