#pragma once

// `merlon scan secrets --staged`: what the next commit would hold, as a plan for a scan.
//
// The repository is the one that git's variables name, else that of the argument, so that the same
// plan serves the pre-commit hook of `git commit FILE` and of a worktree.

#include "base/flags.h"
#include "cli/environment.h"
#include "cli/scan_command.h"
#include "connect/git/open_changes.h"

namespace merlon::cli {

// `command` and `environment` outlive the plan.
ScanPlan staged_plan(const ParsedCommand& command, const Environment& environment);

// How the objects of a commit or a push are read: as they are, whatever refs/replace and grafts
// show for them; of another user's repository as --trust-repository says.
connect::git::OpenOptions repository_options(const ParsedCommand& command);
// GIT_DIR and its like.
connect::git::Variables git_variables(const Environment& environment);

}  // namespace merlon::cli
