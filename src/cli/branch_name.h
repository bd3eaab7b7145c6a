#pragma once

// The branch that a reference means that somebody names, so that a branch is one, whatever Git or a
// pipeline calls it.
//
// The idea: "refs/remotes/origin/main" is what is known here of the main of the remote that the
// repository comes from; another remote's main is another branch, as a fork's is. Short names say
// less: whoever opens a pull request may call its branch "origin/main" or "heads/main", and is not
// to close what main has. So these are main's only where Git has main at the commit that is looked
// at: then it is main's code, whatever somebody calls it. What stays open is left as it is.
//
// Not thread-safe. Cost: reads Git's references where the name may be one of these.

#include <string>
#include <string_view>

#include "cli/environment.h"

namespace merlon::cli {

struct BranchName {
    std::string name;    // "refs/heads/main", or what was given
    std::string may_be;  // the branch that may be meant, and is not sure to be; empty: none
};

// What the user tells beside the reference; all may be empty.
struct BranchPlace {
    std::string folder = {};      // in the repository, if there is one
    std::string repository = {};  // what it is called
    std::string commit = {};      // that is looked at; empty: HEAD
};

BranchName branch_name(const Environment& environment, const BranchPlace& place,
                       std::string_view given);

}  // namespace merlon::cli
