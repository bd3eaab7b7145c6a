#pragma once

// `merlon findings streams|retire`: what findings are reported of, since when nothing came, and how
// a person ends what nothing reports to any more (evidence/streams.h).
//
// Not thread-safe. Cost: that of the store's functions.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_findings_streams(const ParsedCommand& command, const Environment& environment);
int run_findings_retire(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
