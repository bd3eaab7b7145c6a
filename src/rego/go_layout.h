#pragma once

// The elements that Go's time layouts are made of ("2006", "Jan", "-07:00"), for go_time.cpp, which
// writes times by them, and go_time_parse.cpp, which reads them.
//
// Thread-safe: no state. Cost: the next element is found in one pass over the layout.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace merlon::rego::layouts {

inline constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                               "May",       "June",     "July",     "August",
                                               "September", "October",  "November", "December"};
inline constexpr std::string_view kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                             "Thursday", "Friday", "Saturday"};

inline bool is_leap(std::int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

inline int days_of_month(std::int64_t year, int month) {
    constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : kLengths[month - 1];
}

// What a layout is made of. Order matters: of two that fit, the first one is meant.
enum class Element : std::uint8_t {
    kLongMonth,
    kMonth,
    kNumberMonth,
    kZeroMonth,
    kLongWeekday,
    kWeekday,
    kDay,
    kSpaceDay,
    kZeroDay,
    kSpaceYearDay,
    kZeroYearDay,
    kHour,
    kHour12,
    kZeroHour12,
    kMinute,
    kZeroMinute,
    kSecond,
    kZeroSecond,
    kLongYear,
    kYear,
    kUpperHalf,
    kLowerHalf,
    kZoneName,
    kIsoZone,
    kIsoSecondsZone,
    kIsoShortZone,
    kIsoColonZone,
    kIsoColonSecondsZone,
    kZone,
    kSecondsZone,
    kShortZone,
    kColonZone,
    kColonSecondsZone,
    kFraction,
    kFraction9,
};

// The next element of a layout, with the text before and after it.
struct Chunk {
    std::string_view before;
    std::string_view text;
    std::string_view after;
    std::optional<Element> element;
};

// How the time package quotes in its errors: bytes that are not printable ASCII as "\xc3".
std::string time_quoted(std::string_view text);

// With zeros, or what else, in front.
std::string padded(std::int64_t number, std::size_t width, char fill = '0');
// An offset from UTC in seconds, as an element of zones has it.
std::string zone_text(Element element, int offset);

Chunk next_chunk(std::string_view layout);

}  // namespace merlon::rego::layouts
