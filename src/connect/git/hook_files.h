#pragma once

// The hook scripts of a repository (githooks(5)): where they stand, putting one of ours before one
// that is there, and taking it away again.
//
// The idea: a hook that stands there is renamed, never edited, and our script runs it; to remove
// ours is to rename it back, so that what was there returns byte for byte, with its mode. A script
// of ours is known by its second line. What is not ours is never overwritten or removed.
//
// git takes the folder from core.hooksPath, and it is the only setting of the user's and the
// machine's configuration that is read here: a hook in the wrong folder protects nobody. Files that
// such configuration includes are not followed.
//
// Thread-safe: no state besides the file system's.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/git/open_changes.h"
#include "connect/git/repository.h"

namespace merlon::connect::git {

struct HookFolder {
    std::string path;
    // The configuration file that names it, where it is the user's or the machine's: the folder
    // holds for other repositories too.
    std::string shared_by;
    // The configuration names a folder of each working tree, and there are others: theirs are not
    // this one.
    bool others_differ = false;
    // Configuration files that include others, which may name another folder.
    std::vector<std::string> including_files;
};

// Fails where core.hooksPath is set to what git does not take for a folder, or what cannot be told.
Result<HookFolder> hook_folder(const Repository& repository, const Variables& variables);

// The line by which a script of ours is known.
inline constexpr std::string_view kHookMark = "# A hook of Merlon";

enum class HookChange : std::uint8_t { kNone, kMade, kChained, kReplaced, kRemoved, kRestored };

// Writes `script` as the hook `name`. A hook that is there becomes "<name>.merlon-before"; an older
// script of ours is replaced. On failure what was there stands as before.
Result<HookChange> install_hook(const std::string& folder, const std::string& name,
                                const std::string& script);

// Takes our script away and puts back what it stood before. Fails where the hook is not ours.
Result<HookChange> uninstall_hook(const std::string& folder, const std::string& name);

}  // namespace merlon::connect::git
