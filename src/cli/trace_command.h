#pragma once

// `merlon trace KIND NAME`: from commit to deployment and back.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_trace(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
