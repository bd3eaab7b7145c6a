#pragma once

// Which files `dir` looks at, in gitleaks 8.30.1's order and with its omissions.
//
// The idea: a walk in name order below the path as given. Links are left out unless they are
// followed (then the file they lead to is named, and the link beside it); empty files, files above
// the limit and what a global allowlist's paths name are left out. What could not be read is handed
// back as a gap, where gitleaks only logs it.
//
// Thread-safe: no state. Cost: one stat for each entry.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "templates/go_path.h"

namespace merlon::compat::gitleaks {

// What gitleaks would have passed over: a path and why it was not scanned.
struct Gap {
    std::string path;
    std::string reason;
};

struct Target {
    std::string path;
    std::string symlink;
};

struct TargetOptions {
    FollowLinks follow = FollowLinks::kNo;
    std::int64_t max_file_bytes = 0;  // 0: any size
    std::function<bool(const std::string& path)> skip_path;
};

struct Targets {
    std::vector<Target> files;
    std::vector<Gap> gaps;
};

Targets find_targets(const std::string& root, const TargetOptions& options);

using templates::clean_path;
// Go's filepath.Join of two parts.
std::string join_path(std::string_view folder, std::string_view name);

}  // namespace merlon::compat::gitleaks
