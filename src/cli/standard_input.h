#pragma once

// Standard input, read whole and within limits, by commands that can be stopped meanwhile.

#include <cstddef>
#include <optional>
#include <string>

#include "cli/environment.h"
#include "model/coverage.h"

namespace merlon::cli {

struct StandardInput {
    std::string bytes;
    std::optional<model::Gap> gap;
};

// Waits in short steps, so that Ctrl-C is heard although the other side says nothing.
StandardInput read_standard_input(const Environment& environment);

// The same, for who can do nothing with a part of it.
Result<std::string> read_whole_input(const Environment& environment);

}  // namespace merlon::cli
