#pragma once

// The index of a working tree, what `git add` writes (gitformat-index, versions 2, 3 and 4, split
// indexes and sparse entries).
//
// The idea: entries are read into values in their order; of the extensions only "link" (another
// file holds most entries) changes what the entries are, and an unknown one that git marks as
// needed is an error. The digest at the end is compared where git wrote one.
//
// Thread-safe: no state. Memory: the entries. Cost: one pass and one digest.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connect/git/index_cursor.h"
#include "connect/git/object_id.h"

namespace merlon::connect::git {

struct IndexEntry {
    std::string path;
    ObjectId id;
    std::uint32_t mode = 0;   // 0100644, 0100755, 0120000, 0160000; 0040000: a sparse folder
    std::uint32_t stage = 0;  // 1 to 3: a merge's base, ours, theirs
    bool intent_to_add = false;
    bool skip_work_tree = false;
    bool assume_unchanged = false;
    IndexStat stat;
};

inline constexpr std::uint64_t kMaxIndexBytes = std::uint64_t{4} << 30;

struct IndexFile {
    std::vector<IndexEntry> entries;  // by path, then stage
};

// Reads `bytes`. `shared` gives the bytes of the file "sharedindex.<id>" that a split index names.
Result<IndexFile> parse_index(std::string_view bytes, HashAlgorithm algorithm,
                              const std::function<Result<std::string>(const ObjectId& id)>& shared);

// The index of a repository's worktree; no entries where it has none yet.
Result<IndexFile> read_index(const std::string& git_folder, HashAlgorithm algorithm);

}  // namespace merlon::connect::git
