#pragma once

// Go's time package as far as policies see it: layouts ("2006-01-02T15:04:05Z07:00"), durations,
// time zones from the system's TZif files (RFC 8536), and the proleptic Gregorian calendar.
//
// Thread-safe: values. Cost: linear in the layout; a zone is read from its file each time it is
// loaded, so callers keep it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::rego {

// Seconds since 1970 and nanoseconds within the second: a wider range than 64 bits of nanoseconds.
struct Instant {
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0;
};

struct CivilTime {
    std::int64_t year = 1970;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int32_t nanosecond = 0;
    int offset_seconds = 0;  // east of UTC
    std::string abbreviation = "UTC";

    int weekday() const;  // 0: Sunday
    int day_of_year() const;
};

// A time zone; the default one is UTC.
class Zone {
  public:
    struct Period {
        int offset_seconds = 0;
        std::string abbreviation = "UTC";
    };

    // By its name in the IANA data ("Europe/Berlin"). Fails with Go's text where it is not known.
    static Result<Zone> load(std::string_view name, const std::string& directory);
    const Period& at(std::int64_t seconds) const;

  private:
    std::vector<std::int64_t> transitions_;
    std::vector<std::uint8_t> kinds_;  // of each transition
    std::vector<Period> periods_ = {Period{}};
    std::size_t first_ = 0;  // before the first transition
};

Instant instant_of(std::int64_t nanoseconds);
CivilTime civil_time(const Instant& instant, const Zone& zone);
// Out of range values (a 32nd day, a 13th month) are carried over, as Go's time.Date does.
Instant instant_of(const CivilTime& local, const Zone& zone);
std::int64_t days_since_epoch(std::int64_t year, int month, int day);

void append_time(std::string& text, const CivilTime& time, std::string_view layout);
std::string format_time(const CivilTime& time, std::string_view layout);
// The error has Go's text.
Result<Instant> parse_time(std::string_view layout, std::string_view text);
// time.ParseDuration with OPA's d, w and y; nanoseconds.
Result<std::int64_t> parse_duration(std::string_view text);

// The layout that a name such as "RFC3339" stands for; the text itself where it is no name.
std::string_view named_layout(std::string_view name);

std::string_view weekday_name(int weekday);

}  // namespace merlon::rego
