#include "connect/git/patch.h"

#include <utility>

#include "connect/git/content.h"
#include "connect/git/rename.h"

namespace merlon::connect::git {

TreeDiff changed_files(const ObjectReader& reader, const Attributes& attributes,
                       const std::optional<ObjectId>& tree_before,
                       const std::optional<ObjectId>& tree_after, const TreeDiffLimits& limits) {
    TreeDiff diff = diff_trees(reader, tree_before, tree_after, limits);
    detect_renames(reader, attributes, diff);
    return diff;
}

ObjectResult<FilePatch> file_versions(const ObjectReader& reader, const Attributes& attributes,
                                      const FileChange& change) {
    FilePatch patch;
    if (change.before.exists() && change.after.exists() && change.before.id == change.after.id)
        return patch;
    ObjectResult<FileBytes> before = read_content(reader, change.before);
    if (!before.ok()) return {before.failure, std::move(before).error()};
    ObjectResult<FileBytes> after = read_content(reader, change.after);
    if (!after.ok()) return {after.failure, std::move(after).error()};

    patch.before = std::move(before).value();
    patch.after = std::move(after).value();
    if (patch.before.bytes == patch.after.bytes) return patch;
    const auto is_binary = [&](const FileVersion& version, const std::string& path,
                               std::string_view bytes) {
        return version.exists() &&
               content_kind(attributes, path, version.mode, bytes) == ContentKind::kBinary;
    };
    if (is_binary(change.before, change.path_before(), patch.before.bytes) ||
        is_binary(change.after, change.path, patch.after.bytes)) {
        return FilePatch{PatchKind::kBinary, {}, {}, {}};
    }
    if (Status small = may_be_compared(patch.before.bytes, patch.after.bytes); !small.ok()) {
        return {ObjectFailure::kTooLarge, std::move(small).error()};
    }
    patch.kind = PatchKind::kText;
    return patch;
}

Status add_hunks(FilePatch& patch) {
    if (patch.kind != PatchKind::kText) return {};
    patch.hunks = MERLON_TRY(diff_lines(patch.before.bytes, patch.after.bytes));
    return {};
}

ObjectResult<FilePatch> file_patch(const ObjectReader& reader, const Attributes& attributes,
                                   const FileChange& change) {
    ObjectResult<FilePatch> patch = file_versions(reader, attributes, change);
    if (!patch.ok()) return patch;
    if (Status added = add_hunks(patch.value()); !added.ok()) {
        return {ObjectFailure::kTooLarge, std::move(added).error()};
    }
    return patch;
}

}  // namespace merlon::connect::git
