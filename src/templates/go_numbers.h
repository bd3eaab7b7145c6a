#pragma once

// Numbers as Go reads and writes them: in flags, reports and report templates.
//
// Thread-safe: no state.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace merlon::templates {

// strconv.ParseUint with base 0: prefixes 0x, 0o, 0b and 0, underscores between digits.
std::optional<std::uint64_t> parse_magnitude(std::string_view text);
// strconv.ParseInt with base 0.
std::optional<std::int64_t> parse_integer(std::string_view text);

// A float as Go's encoding/json writes a float32: the shortest text that reads back as itself.
std::string go_float(float value);

}  // namespace merlon::templates
