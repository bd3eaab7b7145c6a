#pragma once

// `merlon approve|reject|except` and `merlon people …`: what people say about gates, signed with
// their SSH keys (docs/gates.md).
//
// The idea: signing is ssh-keygen's, so keys in agents, cards and tokens work; a statement can also
// be written to a file, signed elsewhere and brought back. What is signed is verified before it is
// stored.
//
// Not thread-safe.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

// approve, reject, except: the verb says which.
int run_approve(const ParsedCommand& command, const Environment& environment);
int run_people_add(const ParsedCommand& command, const Environment& environment);
int run_people_list(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
