#pragma once

// What one commit changed, as `git log -p -U0 --diff-filter=tuxdb` shows it: the files, and, for
// those that are asked for, the hunks.
//
// The idea: to find the files costs the trees that differ; to find the hunks of a file costs
// reading both its versions, and then comparing their lines. So they are several questions, and a
// scanner that knows that the lines between the equal ends hold nothing of interest never asks the
// last.
//
// Thread-safe: no state besides the reader's and the attributes'. A merge has no patch here, as in
// git's log: whose parent to compare with is the caller's choice.

#include <cstdint>
#include <optional>
#include <vector>

#include "connect/git/attributes.h"
#include "connect/git/line_diff.h"
#include "connect/git/object.h"
#include "connect/git/tree_diff.h"

namespace merlon::connect::git {

// The files that differ, renames detected.
TreeDiff changed_files(const ObjectReader& reader, const Attributes& attributes,
                       const std::optional<ObjectId>& tree_before,
                       const std::optional<ObjectId>& tree_after,
                       const TreeDiffLimits& limits = {});

// Whether --diff-filter=tuxdb leaves the change in: added, modified and renamed files, neither
// deleted ones nor those that changed their type.
constexpr bool is_in_log(ChangeKind kind) {
    return kind != ChangeKind::kDeleted && kind != ChangeKind::kTypeChanged;
}

enum class PatchKind : std::uint8_t {
    kSameContent,  // only the mode or the name changed, or both versions are empty
    kText,
    kBinary,
};

struct FilePatch {
    PatchKind kind = PatchKind::kSameContent;
    FileBytes before;  // of kText
    FileBytes after;
    std::vector<LineChange> hunks;  // lines and bytes of `before` and `after`
};

// The patch of one change, still without its hunks. Fails when a version cannot be read, or is too
// large to be compared.
ObjectResult<FilePatch> file_versions(const ObjectReader& reader, const Attributes& attributes,
                                      const FileChange& change);

// Finds the hunks of a patch of kText.
Status add_hunks(FilePatch& patch);

// The patch of one change. Fails when a version cannot be read.
ObjectResult<FilePatch> file_patch(const ObjectReader& reader, const Attributes& attributes,
                                   const FileChange& change);

}  // namespace merlon::connect::git
