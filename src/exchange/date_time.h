#pragma once

// Moments as formats of others write them: RFC 3339, section 5.6, which is what JSON Schema calls
// "date-time".
//
// Thread-safe: no state. Cost: one pass.

#include <string_view>

namespace merlon::exchange {

// "2026-01-31T23:59:59.5+01:00": a day that exists, 'T', a time and where it holds.
bool is_date_time(std::string_view text);

}  // namespace merlon::exchange
