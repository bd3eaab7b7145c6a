#pragma once

// Moments as formats of others write them: RFC 3339, section 5.6, which is what JSON Schema calls
// "date-time".
//
// Thread-safe: no state. Cost: one pass.

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace merlon::exchange {

// "2026-01-31T23:59:59.5+01:00": a day that exists, 'T', a time and where it holds.
bool is_date_time(std::string_view text);

// The moment, to the second. A date alone is the start of its day in UTC, and a time without an
// offset is in UTC, as some tools write both. Fails on anything else.
Result<Timestamp> parse_date_time(std::string_view text);

}  // namespace merlon::exchange
