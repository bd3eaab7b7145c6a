#pragma once

// Which objects of a database the history reaches, and which of those it needs are not there.
//
// The idea: a commit's tree differs little from its parent's, and what is equal was reached there.
// So trees are compared side by side, entries that are new are marked, and only new trees are
// opened: the cost is that of the changes, not of the trees. What is never marked is unreachable.
//
// One thread, from the oldest commit on, because a tree counts as done only when the one that it
// was compared with was. Memory: one bit an object.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "connect/git/bulk_read.h"
#include "connect/git/commit_history.h"

namespace merlon::connect::git {

struct Reachable {
    std::vector<bool> seen;              // by number of the catalog
    std::vector<HistoryProblem> absent;  // needed, and not there or not readable; by id, each once
};

struct ReachOptions {
    const CancelToken* cancel = nullptr;  // may be null
    std::uint32_t max_tree_depth = 2048;
};

// `commits` must hold all ancestors of its members, as walk_revisions gives them for all tips.
// `roots` are further objects: tags, and what stands behind references that are no commits.
Reachable find_reachable(const ObjectCatalog& catalog, const CommitHistory& history,
                         std::span<const CommitNumber> commits, std::span<const ObjectId> roots,
                         const ReachOptions& options);

}  // namespace merlon::connect::git
