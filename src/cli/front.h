#pragma once

// The front of merlon: reads a command line, runs the verb, returns the exit code.

#include <span>
#include <string>

#include "cli/environment.h"

namespace merlon::cli {

// `words` begin behind the program's name.
int run(std::span<const std::string> words, const Environment& environment);

}  // namespace merlon::cli
