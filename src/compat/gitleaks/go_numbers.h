#pragma once

// Whole numbers as Go's strconv reads them with base 0: in flags and in report templates.
//
// Thread-safe: no state.

#include <cstdint>
#include <optional>
#include <string_view>

namespace merlon::compat::gitleaks {

// strconv.ParseUint with base 0: prefixes 0x, 0o, 0b and 0, underscores between digits.
std::optional<std::uint64_t> parse_magnitude(std::string_view text);
// strconv.ParseInt with base 0.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace merlon::compat::gitleaks
