#pragma once

// Secrets of a repository whose key has changed: which of those under the old key are which of the
// new one.
//
// The idea: a report knows a secret by a hash under the repository's key (MERLON_KEY, .merlon/key),
// and without one by its place. Where a key is taken up, given up or changed, that says nothing any
// longer, and every decision would be lost. What is left is what the report shows: where a secret
// stands and its surroundings, masked. That is enough where nothing else can be meant: one that
// stands at the same place in the same lines, and has a look (mask and length) that no other one of
// its rule in the file has, before or now, so that two that changed places or stand in one line are
// never joined; nor those whose lines are in another file as well. One value that stands in several
// places, which the hashes tell, is the same in each of them where it is in all of them. Whatever
// is left is new, "maybe" the one that stood there. What is joined has the new key's hash from then
// on.
//
// It is done once, in the stream of the branch by which findings show themselves: a change of a
// branch cannot bring a key of its own and have another secret taken for a known one.
//
// Thread-safe: no state. Cost: O(n log n) in the secrets that are not known by their hash.

#include <cstdint>
#include <span>
#include <vector>

#include "evidence/matching.h"
#include "model/analysis.h"

namespace merlon::evidence {

// Gives each secret of a report of ours the number of the key that its hash is by, as the head of
// the report says it. Others have no such head, and stay as they are.
void name_secret_key(model::Report& report);

struct AcrossKeys {
    struct Match {
        std::int64_t finding = 0;     // 0: none
        std::int64_t maybe_from = 0;  // of none: the one that it may be
    };
    std::vector<Match> matches;  // one for each of `after`
};

// `before` are the views of one stream that the analysis has not met.
AcrossKeys match_across_keys(std::span<const Before> before, std::span<const After> after);

}  // namespace merlon::evidence
