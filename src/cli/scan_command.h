#pragma once

// `merlon scan` and `merlon scan secrets`: from a command line to reports and an exit code.
//
// The idea: everything that can be wrong with the request (configuration, baseline, rules, places
// of the outputs) is found before the first foreign byte is read; then the process gives up network
// and writing; then it scans, prints, and says what it could not see.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_scan(ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
