#pragma once

// `merlon scan packages` as a plan for run_scan: what is scanned are the packages of a tree, and
// what they are held against is the advisory database.

#include <string>

#include "cli/scan_command.h"

namespace merlon::cli {

// Where the database stands that --database does not name.
std::string default_database(const Environment& environment);

ScanPlan packages_plan(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
