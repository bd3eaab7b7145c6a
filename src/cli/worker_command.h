#pragma once

// merlon worker: does the jobs of a store until it is stopped (docs/jobs.md).
//
// Not thread-safe. Exit code 0 where it was stopped or nothing was left, also after jobs that
// failed: those are listed by 'merlon jobs list'.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_worker(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
