#pragma once

// A moment of the past, as a person writes it: "30d" ago, "2026-11-27" (through that day),
// "2026-11-27T14:00:00Z".
//
// Thread-safe: no state.

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace merlon::cli {

// Never after `now` where it is a day; `flag` begins the error.
Result<Timestamp> parse_past_moment(std::string_view text, std::string_view flag, Timestamp now);

}  // namespace merlon::cli
