#pragma once

// Git's configuration of the user and the machine (git-config(1), "FILES"), for the two settings in
// it that decide what is done here: core.hooksPath, and safe.directory.
//
// The idea: this is what whoever runs us said, not what a repository says of itself. Files that
// such configuration includes are not followed.
//
// Thread-safe: no state. Cost: three small files at most.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connect/git/config_file.h"

namespace merlon::connect::git {

using Variables = std::function<std::optional<std::string>(std::string_view name)>;

// The machine's file, then the user's two, whether they are there or not. Later ones hold.
std::vector<std::string> user_config_files(const Variables& variables);

// An empty one where the file is not there.
Result<ConfigFile> read_config_file(const std::string& path);

// Whether safe.directory says that this folder may belong to somebody else. It is asked for the
// working tree, of a bare repository for the repository itself. As git does it counts what stands
// in those files and in GIT_CONFIG_COUNT, GIT_CONFIG_KEY_0, …; a file that cannot be read says no.
bool is_safe_folder(const std::string& folder, const Variables& variables);

}  // namespace merlon::connect::git
