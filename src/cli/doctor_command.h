#pragma once

// `merlon doctor`: what works on this machine and what is missing; `merlon doctor rules`: which
// rules are slow, and why.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

// Exit code 2 when something is broken; what is only absent is no failure.
int run_doctor(const ParsedCommand& command, const Environment& environment);

// Exit code 2 when the rules could not be read whole; a slow rule is no failure.
int run_doctor_rules(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
