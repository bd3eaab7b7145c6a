#pragma once

// `merlon db build|update|info|verify|export|diff`: the advisory database.

#include <string>

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

// Exit code 2 where something of a feed could not be read; the database is written, and says so.
int run_db_build(const ParsedCommand& command, const Environment& environment);
// Fetches feeds, and builds where one has changed. Exit code 2 where a feed could not be fetched.
int run_db_update(const ParsedCommand& command, const Environment& environment);
int run_db_info(const ParsedCommand& command, const Environment& environment);
int run_db_verify(const ParsedCommand& command, const Environment& environment);
int run_db_export(const ParsedCommand& command, const Environment& environment);
// Exit code 1 where the databases differ.
int run_db_diff(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
