#pragma once

// `merlon db compare SCHEME A B`: how two versions stand to each other, as the scheme's own tool
// has it; with - in place of them, pairs from standard input, a sign a line.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

// Exit code 0 whatever the sign; 2 where there is no such scheme, or a line is no pair.
int run_db_compare(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
