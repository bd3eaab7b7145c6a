#pragma once

// merlon jobs list|show|cancel|retry, merlon webhooks add|list|remove (docs/jobs.md).
//
// Not thread-safe.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_jobs_list(const ParsedCommand& command, const Environment& environment);
int run_jobs_show(const ParsedCommand& command, const Environment& environment);
int run_jobs_cancel(const ParsedCommand& command, const Environment& environment);
int run_jobs_retry(const ParsedCommand& command, const Environment& environment);

int run_webhooks_add(const ParsedCommand& command, const Environment& environment);
int run_webhooks_list(const ParsedCommand& command, const Environment& environment);
int run_webhooks_remove(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
