#pragma once

// Dates as people write them for --since and --until (git-rev-list, "Commit Limiting"): ISO 8601,
// RFC 2822, seconds since 1970, "2 weeks ago", "yesterday 10:30", "last friday", "noon", "nov 20".
//
// git reads any words at all into some date ("a week ago" and "friday" mean now, 01/02/2024 depends
// on the day on which it is asked); what is not one of the forms above is refused here, because a
// wrong guess would leave commits out silently. What is read is what git reads. As in git, a day
// without a time means that day at the present time of the day.
//
// Thread-safe: no state. The clock and the zone come from the caller.

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace merlon::connect::git {

struct Now {
    std::int64_t seconds = 0;  // since 1970
    int zone_minutes = 0;      // of local time, east of UTC
};

Result<std::uint64_t> parse_approximate_date(std::string_view text, const Now& now);

// Days since 1970-01-01 of a date of the Gregorian calendar; the month may be outside of 1 to 12.
std::int64_t days_of_date(std::int64_t year, std::int64_t month, std::int64_t day);

}  // namespace merlon::connect::git
