#pragma once

// `merlon findings decide`: says what is thought of findings, and until when.
//
// The idea: targets are findings by their numbers, or a rule or a package, in one repository or
// everywhere; what was decided is one event of the audit log.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_findings_decide(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
