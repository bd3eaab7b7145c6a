#pragma once

// How many rows a list is to have, by --limit.
//
// Thread-safe: no state.

#include <fmt/core.h>

#include <cstdint>

#include "base/flags.h"
#include "base/result.h"

namespace merlon::cli {

// Fails for less than one, and for more than `most`: a page that is silently another one misleads.
inline Result<std::size_t> page_limit(const ParsedCommand& command, std::int64_t most) {
    const std::int64_t limit = command.integer("limit").value_or(50);
    if (limit >= 1 && limit <= most) return static_cast<std::size_t>(limit);
    return Error{fmt::format("--limit {}: between 1 and {}", limit, most)};
}

}  // namespace merlon::cli
