#pragma once

// What is staged: how the index differs from a tree, as `git diff --cached` tells it.
//
// The idea: index and tree are sorted alike and walked side by side. A folder whose tree git has
// noted in the index (index_view.h) and which is that of the commit is stepped over, so that only
// the folders of changed files are compared.
//
// Entries of an unfinished merge have no single content: they are named apart. Entries that are
// only intended (git add -N) are not staged. Like diff_trees(), it reports what it cannot read and
// compares the rest; renames are detected afterwards (rename.h).
//
// Thread-safe: no state besides the reader's.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/git/index_view.h"
#include "connect/git/object.h"
#include "connect/git/tree_diff.h"

namespace merlon::connect::git {

struct IndexDiff {
    TreeDiff diff;
    std::vector<std::string> unmerged;  // paths
};

// Changes from `tree` (nothing: no commit yet) to the index, below `folder` ("" or "a/b/"). Fails
// where the index itself is malformed.
Result<IndexDiff> diff_index(const ObjectReader& reader, const std::optional<ObjectId>& tree,
                             const IndexView& index, std::string_view folder,
                             const TreeDiffLimits& limits = {});

// The mode of an index entry as a tree has it.
FileMode mode_of_index(std::uint32_t mode);

}  // namespace merlon::connect::git
