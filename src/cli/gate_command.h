#pragma once

// `merlon gate …`: the front of src/gate (docs/gates.md).
//
// Not thread-safe. Exit codes: 0 passes, 1 fails, 2 something is not known or the run failed.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

// pr, release, deploy: the verb says which.
int run_gate(const ParsedCommand& command, const Environment& environment);
int run_gate_explain(const ParsedCommand& command, const Environment& environment);
int run_gate_replay(const ParsedCommand& command, const Environment& environment);
int run_gate_simulate(const ParsedCommand& command, const Environment& environment);
int run_gate_done(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
