#include "rego/go_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/ascii.h"
#include "rego/go_layout.h"
#include "rego/term.h"

namespace merlon::rego {
namespace {

using namespace layouts;

constexpr std::int64_t kSecondsOfDay = 86'400;

std::int64_t floor_divide(std::int64_t left, std::int64_t right) {
    return left / right - (left % right < 0 ? 1 : 0);
}

// The calendar from days since 1970, by eras of 400 years that begin in March.
void set_date(CivilTime& time, std::int64_t days) {
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = floor_divide(shifted, 146'097);
    const std::int64_t day_of_era = shifted - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month = (5 * day_of_year + 2) / 153;
    time.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
    time.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
    time.year = year_of_era + era * 400 + (time.month <= 2 ? 1 : 0);
}

std::string fraction_text(const Chunk& chunk, std::int32_t nanoseconds) {
    std::string digits =
        padded(nanoseconds, 9).substr(0, std::min<std::size_t>(9, chunk.text.size() - 1));
    if (chunk.element == Element::kFraction9) {
        while (digits.ends_with('0')) digits.pop_back();
        if (digits.empty()) return "";
    }
    return digits.insert(0, 1, chunk.text[0]);
}

std::string element_text(const Chunk& chunk, const CivilTime& time) {
    const int hour12 = time.hour % 12 == 0 ? 12 : time.hour % 12;
    switch (*chunk.element) {
        case Element::kLongMonth:
            return std::string(kMonths[time.month - 1]);
        case Element::kMonth:
            return std::string(kMonths[time.month - 1].substr(0, 3));
        case Element::kNumberMonth:
            return std::to_string(time.month);
        case Element::kZeroMonth:
            return padded(time.month, 2);
        case Element::kLongWeekday:
            return std::string(kDays[time.weekday()]);
        case Element::kWeekday:
            return std::string(kDays[time.weekday()].substr(0, 3));
        case Element::kDay:
            return std::to_string(time.day);
        case Element::kSpaceDay:
            return padded(time.day, 2, ' ');
        case Element::kZeroDay:
            return padded(time.day, 2);
        case Element::kSpaceYearDay:
            return padded(time.day_of_year(), 3, ' ');
        case Element::kZeroYearDay:
            return padded(time.day_of_year(), 3);
        case Element::kHour:
            return padded(time.hour, 2);
        case Element::kHour12:
            return std::to_string(hour12);
        case Element::kZeroHour12:
            return padded(hour12, 2);
        case Element::kMinute:
            return std::to_string(time.minute);
        case Element::kZeroMinute:
            return padded(time.minute, 2);
        case Element::kSecond:
            return std::to_string(time.second);
        case Element::kZeroSecond:
            return padded(time.second, 2);
        case Element::kLongYear:
            return padded(time.year, 4);
        case Element::kYear:
            return padded(std::abs(time.year) % 100, 2);
        case Element::kUpperHalf:
            return time.hour >= 12 ? "PM" : "AM";
        case Element::kLowerHalf:
            return time.hour >= 12 ? "pm" : "am";
        case Element::kZoneName:
            return time.abbreviation;
        case Element::kFraction:
        case Element::kFraction9:
            return fraction_text(chunk, time.nanosecond);
        default:
            return zone_text(*chunk.element, time.offset_seconds);
    }
}

}  // namespace

int CivilTime::weekday() const {
    const std::int64_t days = days_since_epoch(year, month, day) + 4;
    return static_cast<int>(days - floor_divide(days, 7) * 7);
}

int CivilTime::day_of_year() const {
    return static_cast<int>(days_since_epoch(year, month, day) - days_since_epoch(year, 1, 1) + 1);
}

std::int64_t days_since_epoch(std::int64_t year, int month, int day) {
    if (month <= 2) --year;
    const std::int64_t era = floor_divide(year, 400);
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

Instant instant_of(std::int64_t nanoseconds) {
    constexpr std::int64_t kBillion = 1'000'000'000;
    const std::int64_t seconds = floor_divide(nanoseconds, kBillion);
    return {seconds, static_cast<std::int32_t>(nanoseconds - seconds * kBillion)};
}

CivilTime civil_time(const Instant& instant, const Zone& zone) {
    CivilTime time;
    const Zone::Period& period = zone.at(instant.seconds);
    time.offset_seconds = period.offset_seconds;
    time.abbreviation = period.abbreviation;
    time.nanosecond = instant.nanoseconds;
    const std::int64_t local = instant.seconds + period.offset_seconds;
    const std::int64_t days = floor_divide(local, kSecondsOfDay);
    const auto second = static_cast<int>(local - days * kSecondsOfDay);
    time.hour = second / 3'600;
    time.minute = second / 60 % 60;
    time.second = second % 60;
    set_date(time, days);
    return time;
}

Instant instant_of(const CivilTime& local, const Zone& zone) {
    const std::int64_t months = local.year * 12 + local.month - 1;
    const std::int64_t year = floor_divide(months, 12);
    const auto month = static_cast<int>(months - year * 12) + 1;
    const std::int64_t days = days_since_epoch(year, month, 1) + local.day - 1;
    std::int64_t seconds =
        days * kSecondsOfDay + local.hour * 3'600 + local.minute * 60 + local.second;
    // Go's time.Date: the offset at the guess decides, and where that is another one, the offset
    // there.
    const int offset = zone.at(seconds).offset_seconds;
    if (offset != 0) {
        const int other = zone.at(seconds - offset).offset_seconds;
        seconds -= other;
    }
    return {seconds, local.nanosecond};
}

void append_time(std::string& text, const CivilTime& time, std::string_view layout) {
    for (;;) {
        const Chunk chunk = next_chunk(layout);
        text += chunk.before;
        if (!chunk.element) return;
        text += element_text(chunk, time);
        layout = chunk.after;
    }
}

std::string format_time(const CivilTime& time, std::string_view layout) {
    std::string text;
    append_time(text, time, layout);
    return text;
}

std::string_view named_layout(std::string_view name) {
    static constexpr std::pair<std::string_view, std::string_view> kLayouts[] = {
        {"ANSIC", "Mon Jan _2 15:04:05 2006"},
        {"UnixDate", "Mon Jan _2 15:04:05 MST 2006"},
        {"RubyDate", "Mon Jan 02 15:04:05 -0700 2006"},
        {"RFC822", "02 Jan 06 15:04 MST"},
        {"RFC822Z", "02 Jan 06 15:04 -0700"},
        {"RFC850", "Monday, 02-Jan-06 15:04:05 MST"},
        {"RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"},
        {"RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"},
        {"RFC3339", "2006-01-02T15:04:05Z07:00"},
        {"RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"},
    };
    for (const auto& [known, layout] : kLayouts) {
        if (known == name) return layout;
    }
    return name;
}

std::string_view weekday_name(int weekday) { return kDays[weekday]; }

}  // namespace merlon::rego
