#pragma once

// The words behind `git log` that people give to scanners (--log-opts): which commits to show.
//
// The idea: each word is understood as git understands it, or refused by name. An option that
// changes the patch (-m, --cc, -w, -U3, --no-renames, …) is refused: a scan that quietly looked at
// other lines than asked would be worse than none.
//
// Thread-safe: no state. Cost: the names' resolution.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connect/git/approximate_date.h"
#include "connect/git/repository.h"
#include "connect/git/revision_walk.h"

namespace merlon::connect::git {

struct LogArguments {
    WalkRequest walk;                      // without `differs` and `accept`
    std::vector<std::string> paths;        // behind "--"; empty: everything
    std::vector<std::string> authors;      // --author: as given; a commit of any of them is shown
    std::vector<std::string> diff_filter;  // --diff-filter letters, where given
};

// Where no revision is named, HEAD is meant. `source`: where the words stand, for errors.
Result<LogArguments> parse_log_arguments(
    const Repository& repository, std::span<const std::string> words, const Now& now,
    std::string_view source = "reading --log-opts; a path stands behind '--'");

// The tips of `--all`: every reference, then HEAD, then the heads of other worktrees.
std::vector<WalkRequest::Tip> all_tips(const Repository& repository);

}  // namespace merlon::connect::git
