#pragma once

// `merlon db build|info|verify|export|diff`: the advisory database.

#include <string>

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

// The database that --database names, else the one in the state directory.
std::string database_path(const ParsedCommand& command, const Environment& environment);

// Exit code 2 where something of a feed could not be read; the database is written, and says so.
int run_db_build(const ParsedCommand& command, const Environment& environment);
int run_db_info(const ParsedCommand& command, const Environment& environment);
int run_db_verify(const ParsedCommand& command, const Environment& environment);
int run_db_export(const ParsedCommand& command, const Environment& environment);
// Exit code 1 where the databases differ.
int run_db_diff(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
