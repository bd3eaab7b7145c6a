#pragma once

// Which commits a pipeline run is about, from the variables that the forge sets.
//
// The idea: each forge says it in another way, and none of them must be guessed at: where the
// variables do not say what was there before, everything that the commit holds is meant.
//
// clang-format off
//   GitHub, Forgejo, Gitea  GITHUB_EVENT_PATH: before..after of a push, base..head of a pull request
//   GitLab                  CI_MERGE_REQUEST_DIFF_BASE_SHA, else CI_COMMIT_BEFORE_SHA .. CI_COMMIT_SHA
//   Azure DevOps            SYSTEM_PULLREQUEST_TARGETBRANCH .. SYSTEM_PULLREQUEST_SOURCECOMMITID;
//                           of a push MERLON_CI_BEFORE, which a step of the pipeline has to set,
//                           .. BUILD_SOURCEVERSION
// clang-format on
//
// Thread-safe: no state. Reads at most the event's file.

#include <string>
#include <vector>

#include "base/flags.h"
#include "base/result.h"

namespace merlon::scan {

struct CiRange {
    std::string forge;                   // "GitHub"
    std::vector<std::string> revisions;  // words of `git log`
    std::string checkout_advice;         // the setting that fetches what such a range needs
};

// Fails where no forge is known by its variables, or where they do not say a commit.
Result<CiRange> ci_range(const EnvironmentLookup& variable);

}  // namespace merlon::scan
