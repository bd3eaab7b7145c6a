#pragma once

// merlon findings trend|report: figures over any filter (docs/findings.md).
//
// Not thread-safe.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_findings_trend(const ParsedCommand& command, const Environment& environment);
int run_findings_report(ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
