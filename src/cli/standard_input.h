#pragma once

// Standard input as a whole, for commands that take "-".

#include <optional>
#include <string>

#include "cli/environment.h"
#include "model/coverage.h"

namespace merlon::cli {

struct StandardInput {
    std::string bytes;
    std::optional<model::Gap> gap;
};

// Stops where the run is cancelled; what is too large or cannot be read is the gap.
StandardInput read_standard_input(const Environment& environment);

}  // namespace merlon::cli
