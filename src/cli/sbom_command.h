#pragma once

// `merlon sbom`: the packages of a tree as a bill of materials, in the formats of others.
//
// The exit code is 0, or 2 where something could not be read: the document is written then too, and
// says of itself that it is incomplete.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_sbom(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
