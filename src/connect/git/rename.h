#pragma once

// Which deleted file became which added one, as `git log` tells by default (git-diff(1), -M50%).
//
// The idea, in git's order: equal contents first, a path with the same file name before others;
// then pairs whose file name is the only one of its kind on both sides, if at least 75 % alike;
// then every remaining pair, best first, if at least 50 % alike, unless there are more than 1,000 x
// 1,000 of them. Each deleted file is used once: copies are not looked for.
//
// Thread-safe: no state besides the reader's. Memory: the piece counts of the files that are
// compared, never more than two contents. Cost: the product of deletions and additions.

#include <vector>

#include "connect/git/attributes.h"
#include "connect/git/object.h"
#include "connect/git/tree_diff.h"

namespace merlon::connect::git {

inline constexpr std::uint32_t kFullSimilarity = 60'000;

// Turns pairs of kDeleted and kAdded in `diff.changes` into kRenamed, at the place of the added
// one. Contents that cannot be read are like no other, and a problem.
void detect_renames(const ObjectReader& reader, const Attributes& attributes, TreeDiff& diff);

}  // namespace merlon::connect::git
