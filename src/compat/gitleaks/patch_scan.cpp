#include "compat/gitleaks/patch_scan.h"

#include <algorithm>
#include <optional>

#include "connect/git/gitdiff_view.h"
#include "connect/git/patch.h"

namespace merlon::compat::gitleaks {
namespace {

namespace git = connect::git;

std::string in_commit(const std::string& commit) {
    return commit.empty() ? std::string() : "in commit " + commit + ": ";
}

// The path as gitleaks's reader of patches has it; nothing, and a gap, where it loses the file.
std::optional<std::string> path_as_read(const git::FileChange& change, git::PatchKind kind,
                                        const std::string& commit, FileFindings& findings) {
    std::optional<std::string> path = git::gitdiff_path(change, kind);
    if (!path) {
        findings.gaps.push_back({change.path, in_commit(commit) +
                                                  "gitleaks's reader loses a file of this name; "
                                                  "scan the file itself with 'dir'"});
    }
    return path;
}

// All that decides what is seen in the added lines. Nothing where the patch costs nothing, or no
// change comes twice.
std::optional<CleanPatches::Key> key_of(const PatchSources& sources, const git::FileChange& change,
                                        Scanner& scanner) {
    if (sources.clean == nullptr || change.before.id == change.after.id) return std::nullopt;
    const auto diff_of = [&sources](const std::string& path) {
        return sources.attributes.find(path, "diff").state;
    };
    return CleanPatches::Key{change.before, change.after, diff_of(change.path_before()),
                             diff_of(change.path), scanner.kind_of(change.path)};
}

// The lines between the equal ends first, as a whole: where these give no expression anything to
// look at, the versions need not be compared line by line.
Scanner::Seen scan_lines(git::FilePatch& patch, const git::FileChange& change,
                         const std::string& commit, Scanner& scanner, FileFindings& findings) {
    if (patch.kind != git::PatchKind::kText) return Scanner::Seen::kNothing;
    const std::string_view part = git::changed_part(patch.before.bytes, patch.after.bytes);
    if (!scanner.may_hold(part, change.path)) {
        findings.bytes += part.size();
        return Scanner::Seen::kNothing;
    }
    if (const Status compared = git::add_hunks(patch); !compared.ok()) {
        findings.gaps.push_back({change.path, in_commit(commit) + compared.error().message});
        return Scanner::Seen::kSomething;
    }
    Scanner::Seen seen = Scanner::Seen::kNothing;
    for (const git::LineChange& hunk : patch.hunks) {
        const std::string_view added =
            patch.after.bytes.substr(hunk.new_begin, hunk.new_end - hunk.new_begin);
        // The hunk's own line where it adds some, else the line before.
        const std::int64_t line = std::int64_t{hunk.new_line} + (hunk.new_count == 0 ? 0 : 1);
        seen = std::max(seen, scanner.scan_hunk(added, line, change.path, commit, findings));
    }
    return seen;
}

}  // namespace

void scan_change(const PatchSources& sources, const git::FileChange& given,
                 const std::string& commit, Scanner& scanner, FileFindings& findings) {
    if (given.kind == git::ChangeKind::kDeleted) return;
    git::FileChange change = given;
    // git shows a file that became a link, or the other way round, as deleted and added.
    if (change.kind == git::ChangeKind::kTypeChanged) {
        change.kind = git::ChangeKind::kAdded;
        change.before = {};
    }
    const std::optional<CleanPatches::Key> key = key_of(sources, change, scanner);
    if (key) {
        if (const std::optional<CleanPatches::Patch> clean = sources.clean->find(*key)) {
            const auto path = path_as_read(change, clean->kind, commit, findings);
            if (!path) return;
            if (clean->kind != git::PatchKind::kBinary || !scanner.opens(*path)) {
                findings.bytes += clean->added_bytes;
                return;
            }
        }
    }
    git::ObjectResult<git::FilePatch> made =
        git::file_versions(sources.objects, sources.attributes, change);
    if (!made.ok()) {
        findings.gaps.push_back({change.path, in_commit(commit) + made.error().message});
        return;
    }
    git::FilePatch& patch = made.value();
    const std::optional<std::string> path = path_as_read(change, patch.kind, commit, findings);
    if (!path) return;
    if (patch.kind == git::PatchKind::kBinary && scanner.opens(*path)) {
        const bool is_before = sources.archives == PatchSources::Archives::kBefore;
        const git::ObjectResult<git::Object> blob =
            sources.objects.read(is_before ? change.before.id : change.after.id);
        if (blob.ok()) {
            scanner.scan_binary(blob.value().content, *path, commit, findings);
        } else {
            findings.gaps.push_back({change.path, in_commit(commit) + blob.error().message});
        }
        return;
    }
    const std::uint64_t bytes_before = findings.bytes;
    const Scanner::Seen seen = scan_lines(patch, change, commit, scanner, findings);
    if (key && seen == Scanner::Seen::kNothing) {
        sources.clean->add(*key, {patch.kind, findings.bytes - bytes_before});
    }
}

}  // namespace merlon::compat::gitleaks
