#pragma once

// `merlon sbom merge`, `sbom diff` and `sbom convert`: documents in, documents out. Nothing of a
// tree is looked at, and what a component says beside its package URL stays.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_sbom_merge(const ParsedCommand& command, const Environment& environment);
int run_sbom_convert(const ParsedCommand& command, const Environment& environment);
int run_sbom_diff(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
