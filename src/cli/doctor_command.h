#pragma once

// `merlon doctor`: what works on this machine and what is missing.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

// Exit code 2 when something is broken; what is only absent is no failure.
int run_doctor(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
