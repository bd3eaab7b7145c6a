#include "compat/gitleaks/patch_scan.h"

#include <optional>

#include "connect/git/gitdiff_view.h"
#include "connect/git/patch.h"

namespace merlon::compat::gitleaks {
namespace {

namespace git = connect::git;

std::string in_commit(const std::string& commit) {
    return commit.empty() ? std::string() : "in commit " + commit + ": ";
}

}  // namespace

void scan_change(const git::ObjectReader& objects, const git::Attributes& attributes,
                 const git::FileChange& given, const std::string& commit, Scanner& scanner,
                 FileFindings& findings) {
    if (given.kind == git::ChangeKind::kDeleted) return;
    git::FileChange change = given;
    // git shows a file that became a link, or the other way round, as deleted and added.
    if (change.kind == git::ChangeKind::kTypeChanged) {
        change.kind = git::ChangeKind::kAdded;
        change.before = {};
    }
    const git::ObjectResult<git::FilePatch> patch = git::file_patch(objects, attributes, change);
    if (!patch.ok()) {
        findings.gaps.push_back({change.path, in_commit(commit) + patch.error().message});
        return;
    }
    const std::optional<std::string> path = git::gitdiff_path(change, patch.value().kind);
    if (!path) {
        findings.gaps.push_back({change.path, in_commit(commit) +
                                                  "gitleaks's reader loses a file of this name; "
                                                  "scan the file itself with 'dir'"});
        return;
    }
    if (patch.value().kind == git::PatchKind::kBinary && scanner.opens(*path)) {
        const git::ObjectResult<git::Object> blob = objects.read(change.after.id);
        if (blob.ok()) {
            scanner.scan_binary(blob.value().content, *path, commit, findings);
        } else {
            findings.gaps.push_back({change.path, in_commit(commit) + blob.error().message});
        }
    }
    if (patch.value().kind != git::PatchKind::kText) return;
    for (const git::LineChange& hunk : patch.value().hunks) {
        const std::string_view added =
            patch.value().after.bytes.substr(hunk.new_begin, hunk.new_end - hunk.new_begin);
        // The hunk's own line where it adds some, else the line before.
        const std::int64_t line = std::int64_t{hunk.new_line} + (hunk.new_count == 0 ? 0 : 1);
        scanner.scan_hunk(added, line, *path, commit, findings);
    }
}

}  // namespace merlon::compat::gitleaks
