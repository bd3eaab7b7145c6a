#include "connect/git/worktrees.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace merlon::connect::git {

namespace fs = std::filesystem;

std::vector<std::string> other_worktree_folders(const std::string& git_folder,
                                                const std::string& common_folder) {
    std::vector<std::string> linked;
    std::error_code code;
    fs::directory_iterator entry(common_folder + "/worktrees", code);
    for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
        std::error_code ignored;
        if (!entry->is_directory(ignored)) continue;
        if (fs::equivalent(entry->path(), git_folder, ignored)) continue;
        linked.push_back(entry->path().string());
    }
    std::ranges::sort(linked);
    if (git_folder != common_folder) linked.insert(linked.begin(), common_folder);
    return linked;
}

}  // namespace merlon::connect::git
