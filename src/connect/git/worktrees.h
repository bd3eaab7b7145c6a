#pragma once

// The other worktrees of a repository (gitrepository-layout, "worktrees/<id>"): each has a HEAD and
// an index of its own.
//
// Thread-safe: no state. Cost: one folder's entries.

#include <string>
#include <vector>

namespace merlon::connect::git {

// The folders of HEAD and the index of all worktrees but the one whose folder is `git_folder`: that
// of the main one (`common_folder` itself), then the linked ones, by name.
std::vector<std::string> other_worktree_folders(const std::string& git_folder,
                                                const std::string& common_folder);

}  // namespace merlon::connect::git
