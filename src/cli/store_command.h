#pragma once

// `merlon store info|check|backup|restore`: the evidence store as a whole.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_store_info(const ParsedCommand& command, const Environment& environment);
// Exit code 1 where something is not as it should be.
int run_store_check(const ParsedCommand& command, const Environment& environment);
int run_store_backup(const ParsedCommand& command, const Environment& environment);
int run_store_export(const ParsedCommand& command, const Environment& environment);
int run_store_import(const ParsedCommand& command, const Environment& environment);
int run_store_restore(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
