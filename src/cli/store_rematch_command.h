#pragma once

// `merlon store rematch`: what today's advisories say of the bills of materials that are stored.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_store_rematch(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
