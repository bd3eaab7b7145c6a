#pragma once

// `merlon init`: writes a commented .merlon.yaml, the documentation of the configuration as a file.

#include <string_view>

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

// The text that init writes; valid as it stands, every setting in it a comment.
std::string_view configuration_template();

int run_init(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
