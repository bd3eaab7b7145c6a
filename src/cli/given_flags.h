#pragma once

// Whether flags were given with something in them: what a script's empty variable leaves is a
// mistake, and not the same as no flag.
//
// Thread-safe: no state.

#include <fmt/core.h>

#include <initializer_list>
#include <string_view>

#include "base/flags.h"
#include "base/result.h"

namespace merlon::cli {

// Fails for the first of the flags that was given without a text.
inline Status check_not_empty(const ParsedCommand& command,
                              std::initializer_list<std::string_view> flags) {
    for (const std::string_view flag : flags)
        if (command.source(flag) == ValueSource::kFlag && command.text(flag).empty())
            return Error{fmt::format("--{} is empty", flag)};
    return {};
}

}  // namespace merlon::cli
