#pragma once

// Time comes in from outside: library code takes a Clock, so that tests choose the hour and a
// decision can be replayed.
//
// Thread-safe. Dates are UTC (RFC 3339, section 5.6).

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon {

struct Timestamp {
    std::int64_t nanoseconds = 0;  // since 1970-01-01T00:00:00Z
    auto operator<=>(const Timestamp&) const = default;
};

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
    // Never goes back; only differences mean something.
    virtual std::chrono::nanoseconds monotonic() const = 0;
};

// The machine's clock.
const Clock& system_clock();

// "2026-01-31T23:59:59Z"
std::string format_rfc3339(Timestamp time);
// "2026-01-31"
std::string format_date(Timestamp time);
// Reads "2026-01-31" as the start of that day. Fails on any other form and on days that do not
// exist; a day beyond what a Timestamp holds is its last one (or first).
Result<Timestamp> parse_date(std::string_view text);

}  // namespace merlon
