#pragma once

// `merlon import`: reports of any tool into the evidence store.
//
// The idea: each file is taken whole or refused with line and reason, by itself: one that is
// refused makes the exit code 2 and leaves the others alone. The files are parsed without network
// and with nothing but the store writable.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_import(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
