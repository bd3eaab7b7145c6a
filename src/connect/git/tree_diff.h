#pragma once

// The files that differ between two trees, in git's order, without looking into any file.
//
// The idea: two trees are walked side by side; what has the same object id and mode on both sides
// is not opened. The cost is that of the trees that differ, not of the repository.
//
// What cannot be read or breaks the format is a DiffProblem, and the rest is still compared. Depth
// and number of changes are bounded, because a few small trees can stand for billions of paths.
//
// Thread-safe: no state besides the reader's.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connect/git/object.h"
#include "connect/git/tree.h"

namespace merlon::connect::git {

// The letters of `git diff --name-status`.
enum class ChangeKind : std::uint8_t { kAdded, kDeleted, kModified, kTypeChanged, kRenamed };

struct FileVersion {
    FileMode mode = FileMode::kNone;  // kNone: the file is not on this side
    ObjectId id;

    bool exists() const { return mode != FileMode::kNone; }
    bool operator==(const FileVersion&) const = default;
};

struct FileChange {
    ChangeKind kind = ChangeKind::kModified;
    std::string path;      // raw bytes; the one before for a deleted file
    std::string old_path;  // of a renamed file, otherwise empty
    FileVersion before;
    FileVersion after;
    std::uint32_t similarity = 0;  // of a renamed file, in 1/60,000 (rename.h)

    const std::string& path_before() const { return old_path.empty() ? path : old_path; }
};

enum class DiffProblemKind : std::uint8_t {
    kUnreadable,  // an object is absent or damaged: `failure` says which
    kMalformed,   // a tree breaks the format
    kTooDeep,     // folders below max_depth were not compared
    kTooMany,     // changes above max_changes were not listed
    kUnsafeName,  // compared, but no honest tree has such a name
    kDisordered,  // compared, but git writes no such tree: a name twice, or out of order
};

struct DiffProblem {
    DiffProblemKind kind = DiffProblemKind::kUnreadable;
    ObjectFailure failure = ObjectFailure::kNone;
    ObjectId id;
    std::string path;
    std::string message;
};

struct TreeDiffLimits {
    std::uint32_t max_depth = 2048;  // what git itself allows
    std::uint32_t max_changes = 4'000'000;
};

struct TreeDiff {
    std::vector<FileChange> changes;  // no kRenamed
    std::vector<DiffProblem> problems;
};

// Changes from `before` to `after`; an absent one is the empty tree.
TreeDiff diff_trees(const ObjectReader& reader, const std::optional<ObjectId>& before,
                    const std::optional<ObjectId>& after, const TreeDiffLimits& limits = {});

}  // namespace merlon::connect::git
