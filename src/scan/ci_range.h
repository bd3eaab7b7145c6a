#pragma once

// Which commits a pipeline run is about, from the variables that the forge sets.
//
// The idea: each forge says it in another way, and none of them must be guessed at: where the
// variables do not say what was there before, everything that the commit holds is meant. Where they
// say that there was nothing (a new branch), or name a commit that a forced push took away, what
// the commit holds and the main branch (of a pull request: its target) does not.
//
// clang-format off
//   GitHub, Forgejo, Gitea  GITHUB_EVENT_PATH: before..after of a push, base..head of a pull request
//   GitLab                  CI_MERGE_REQUEST_DIFF_BASE_SHA, else CI_COMMIT_BEFORE_SHA .. CI_COMMIT_SHA
//   Azure DevOps            SYSTEM_PULLREQUEST_TARGETBRANCH .. SYSTEM_PULLREQUEST_SOURCECOMMITID;
//                           of a push MERLON_CI_BEFORE, which a step of the pipeline has to set,
//                           .. BUILD_SOURCEVERSION
// clang-format on
//
// Thread-safe: no state. Reads at most the event's file, and looks for one commit.

#include <optional>
#include <string>
#include <vector>

#include "base/flags.h"
#include "base/result.h"
#include "connect/git/repository.h"

namespace merlon::scan {

struct CiRange {
    std::string forge;                   // "GitHub"
    std::vector<std::string> revisions;  // words of `git log`; empty where `push` says them
    std::string checkout_advice;         // the setting that fetches what such a range needs
    // From one commit to another, by their ids.
    struct Push {
        std::string before;  // empty: the branch is new
        std::string after;
        std::string main_branch;  // whose commits are not new, "main"; empty: not known
        std::string branch;       // that was pushed; empty: none, or not known
    };
    std::optional<Push> push = {};
};

// Fails where no forge is known by its variables, or where they do not say a commit.
Result<CiRange> ci_range(const EnvironmentLookup& variable);

// The words for `git log` in this clone. Where they are not simply "before..after", a notice says
// why. A commit that is not there stays in them where the clone is shallow: looking for it fails.
std::vector<std::string> revisions_in(const connect::git::Repository& repository,
                                      const CiRange& range, std::vector<std::string>& notices);

}  // namespace merlon::scan
