#pragma once

// `merlon scan packages` and `merlon diff packages` as plans for run_scan: what is looked at are
// the packages of a tree, or of two, and what they are held against is the advisory database.

#include "cli/scan_command.h"

namespace merlon::cli {

ScanPlan packages_plan(const ParsedCommand& command, const Environment& environment);
// `merlon licenses`: the same inventory, without advisories.
ScanPlan licenses_plan(const ParsedCommand& command, const Environment& environment);
ScanPlan packages_diff_plan(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
