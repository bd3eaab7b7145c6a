#include "connect/git/tracked_paths.h"

#include <algorithm>

#include "base/file.h"
#include "connect/git/index_file.h"
#include "connect/git/repository.h"

namespace merlon::connect::git {
namespace {

Result<std::vector<std::string>> tracked_paths(const std::string& root) {
    const std::string git = root + "/.git";
    const auto kind = file_status(git, FollowLinks::kYes);
    const bool is_folder = kind.ok() && kind.result.value().kind == FileKind::kDirectory;
    // Without an index nothing is tracked yet, whatever else of a repository may be missing.
    if (is_folder &&
        file_status(git + "/index", FollowLinks::kYes).failure == FileFailure::kNotFound) {
        return std::vector<std::string>();
    }
    // Whoever it belongs to: an index can only bring more files into the scan.
    OpenOptions options;
    options.ownership = OpenOptions::Ownership::kTrust;
    const Repository repository = MERLON_TRY(Repository::open(root, options));
    IndexFile index = MERLON_TRY(read_index(repository.git_folder(), repository.algorithm()));
    std::vector<std::string> paths;
    paths.reserve(index.entries.size());
    for (IndexEntry& entry : index.entries) paths.push_back(std::move(entry.path));
    return paths;
}

}  // namespace

Result<bool> TrackedPaths::holds(const std::string& root, std::string_view path,
                                 text::EntryKind kind) {
    auto found = known_.find(root);
    if (found == known_.end()) found = known_.emplace(root, tracked_paths(root)).first;
    if (!found->second.ok()) return found->second.error();
    const Paths& paths = found->second.value();
    if (std::ranges::binary_search(paths, path)) return true;  // of a folder: a submodule
    if (kind == text::EntryKind::kFile) return false;
    const std::string start = std::string(path) + '/';
    const auto below = std::ranges::lower_bound(paths, start);
    return below != paths.end() && below->starts_with(start);
}

}  // namespace merlon::connect::git
