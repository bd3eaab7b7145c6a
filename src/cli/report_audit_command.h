#pragma once

// `merlon report audit`: one signed bundle for an auditor.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_report_audit(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
