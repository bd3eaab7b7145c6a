#pragma once

// `merlon findings list` and `merlon findings show`: what the evidence store remembers.
//
// The idea: a page of a filter, the worst first, and where the next one begins; or one finding with
// where it is seen, since when, and by which document that is known.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_findings_list(const ParsedCommand& command, const Environment& environment);
int run_findings_show(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
