#pragma once

// Prints a run's report to where its outputs go, and says beside them what a person at the terminal
// has to know.
//
// Values; one thread. What cannot be written is an error on standard error.

#include <span>

#include "base/flags.h"
#include "cli/environment.h"
#include "cli/outputs.h"
#include "model/analysis.h"

namespace merlon::cli {

// Whether every output was written.
bool print_reports(const model::Report& report, std::span<const Output> outputs,
                   const ParsedCommand& command, const Environment& environment);

// The summary where no table was printed to standard output, and the lines that would accept what
// could not be read.
void tell(const model::Report& report, std::span<const Output> outputs,
          const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
