#include "rego/go_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/ascii.h"
#include "rego/term.h"

namespace merlon::rego {
namespace {

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};
constexpr std::int64_t kSecondsOfDay = 86'400;

std::int64_t floor_divide(std::int64_t left, std::int64_t right) {
    return left / right - (left % right < 0 ? 1 : 0);
}

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_of_month(std::int64_t year, int month) {
    constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : kLengths[month - 1];
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

struct Spelling {
    std::string_view text;
    Element element;
};

constexpr Spelling kSpellings[] = {
    {"January", Element::kLongMonth},
    {"Jan", Element::kMonth},
    {"Monday", Element::kLongWeekday},
    {"Mon", Element::kWeekday},
    {"MST", Element::kZoneName},
    {"01", Element::kZeroMonth},
    {"002", Element::kZeroYearDay},
    {"02", Element::kZeroDay},
    {"03", Element::kZeroHour12},
    {"04", Element::kZeroMinute},
    {"05", Element::kZeroSecond},
    {"06", Element::kYear},
    {"15", Element::kHour},
    {"1", Element::kNumberMonth},
    {"2006", Element::kLongYear},
    {"2", Element::kDay},
    {"__2", Element::kSpaceYearDay},
    {"_2", Element::kSpaceDay},
    {"3", Element::kHour12},
    {"4", Element::kMinute},
    {"5", Element::kSecond},
    {"PM", Element::kUpperHalf},
    {"pm", Element::kLowerHalf},
    {"-070000", Element::kSecondsZone},
    {"-07:00:00", Element::kColonSecondsZone},
    {"-0700", Element::kZone},
    {"-07:00", Element::kColonZone},
    {"-07", Element::kShortZone},
    {"Z070000", Element::kIsoSecondsZone},
    {"Z07:00:00", Element::kIsoColonSecondsZone},
    {"Z0700", Element::kIsoZone},
    {"Z07:00", Element::kIsoColonZone},
    {"Z07", Element::kIsoShortZone},
};

// The next element of a layout, with the text before and after it.
struct Chunk {
    std::string_view before;
    std::string_view text;
    std::string_view after;
    std::optional<Element> element;
};

std::optional<Chunk> fraction_at(std::string_view layout, std::size_t at) {
    const char first = layout[at + 1];
    if (first != '0' && first != '9') return std::nullopt;
    std::size_t end = at + 1;
    while (end < layout.size() && layout[end] == first) ++end;
    if (end < layout.size() && is_digit(layout[end])) return std::nullopt;
    return Chunk{layout.substr(0, at), layout.substr(at, end - at), layout.substr(end),
                 first == '0' ? Element::kFraction : Element::kFraction9};
}

Chunk next_chunk(std::string_view layout) {
    for (std::size_t at = 0; at < layout.size(); ++at) {
        const std::string_view rest = layout.substr(at);
        if ((rest[0] == '.' || rest[0] == ',') && rest.size() > 1) {
            if (const auto chunk = fraction_at(layout, at)) return *chunk;
        }
        // "_2006" is an underscore and a year.
        if (rest.starts_with("_2006")) {
            return {layout.substr(0, at + 1), rest.substr(1, 4), rest.substr(5),
                    Element::kLongYear};
        }
        for (const Spelling& spelling : kSpellings) {
            if (!rest.starts_with(spelling.text)) continue;
            // "Jan" in "January" is long; in "Janus" it is none.
            const bool is_name =
                spelling.element == Element::kMonth || spelling.element == Element::kWeekday;
            const char next = rest.size() > 3 ? rest[3] : ' ';
            if (is_name && next >= 'a' && next <= 'z') continue;
            return {layout.substr(0, at), rest.substr(0, spelling.text.size()),
                    rest.substr(spelling.text.size()), spelling.element};
        }
    }
    return {layout, {}, {}, std::nullopt};
}

std::string padded(std::int64_t number, std::size_t width, char fill = '0') {
    std::string digits = std::to_string(std::abs(number));
    if (digits.size() < width) digits.insert(0, width - digits.size(), fill);
    return (number < 0 ? "-" : "") + digits;
}

std::string zone_text(Element element, int offset) {
    const bool is_iso = element >= Element::kIsoZone && element <= Element::kIsoColonSecondsZone;
    if (is_iso && offset == 0) return "Z";
    const int minutes = std::abs(offset) / 60;
    std::string text = offset < 0 ? "-" : "+";
    text += padded(minutes / 60, 2);
    const bool has_colon = element == Element::kIsoColonZone || element == Element::kColonZone ||
                           element == Element::kIsoColonSecondsZone ||
                           element == Element::kColonSecondsZone;
    const bool is_short = element == Element::kIsoShortZone || element == Element::kShortZone;
    if (has_colon) text += ':';
    if (!is_short) text += padded(minutes % 60, 2);
    const bool has_seconds =
        element == Element::kIsoSecondsZone || element == Element::kSecondsZone ||
        element == Element::kIsoColonSecondsZone || element == Element::kColonSecondsZone;
    if (has_seconds) {
        if (has_colon) text += ':';
        text += padded(std::abs(offset) % 60, 2);
    }
    return text;
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

// Reads one text by one layout (time.Parse).
class TimeParser {
  public:
    TimeParser(std::string_view layout, std::string_view text) : layout_(layout), text_(text) {}

    Result<Instant> run() {
        std::string_view layout = layout_;
        rest_ = text_;
        for (;;) {
            const Chunk chunk = next_chunk(layout);
            if (!skip(chunk.before)) return cannot(rest_, chunk.before);
            if (!chunk.element) {
                if (!rest_.empty()) return fail(": extra text: " + quoted(rest_));
                break;
            }
            layout = chunk.after;
            const std::string_view held = rest_;
            if (!take(chunk, layout)) return cannot(held, chunk.text);
            if (!out_of_range_.empty()) return fail(": " + out_of_range_ + " out of range");
        }
        return finish();
    }

  private:
    static std::string quoted(std::string_view text) {
        std::string out;
        append_go_quoted(out, text);
        return out;
    }
    Error fail(const std::string& reason) const {
        return Error{"parsing time " + quoted(text_) + reason};
    }
    Error cannot(std::string_view value, std::string_view element) const {
        return Error{"parsing time " + quoted(text_) + " as " + quoted(layout_) +
                     ": cannot parse " + quoted(value) + " as " + quoted(element)};
    }

    // Literal text; a space stands for any number of them.
    bool skip(std::string_view prefix) {
        while (!prefix.empty()) {
            if (prefix[0] == ' ') {
                if (!rest_.empty() && rest_[0] != ' ') return false;
                while (prefix.starts_with(' ')) prefix.remove_prefix(1);
                while (rest_.starts_with(' ')) rest_.remove_prefix(1);
                continue;
            }
            if (rest_.empty() || rest_[0] != prefix[0]) return false;
            prefix.remove_prefix(1);
            rest_.remove_prefix(1);
        }
        return true;
    }

    // From `least` to `most` digits.
    std::optional<int> digits(std::size_t least, std::size_t most) {
        std::size_t count = 0;
        int value = 0;
        while (count < most && count < rest_.size() && is_digit(rest_[count])) {
            value = value * 10 + (rest_[count++] - '0');
        }
        if (count < least) return std::nullopt;
        rest_.remove_prefix(count);
        return value;
    }

    bool take_name(std::span<const std::string_view> names, std::size_t length, int& found) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string_view name = names[i].substr(0, length);
            const bool is_equal =
                rest_.size() >= name.size() &&
                std::ranges::equal(rest_.substr(0, name.size()), name,
                                   [](char a, char b) { return (a | 0x20) == (b | 0x20); });
            if (!is_equal) continue;
            rest_.remove_prefix(name.size());
            found = static_cast<int>(i);
            return true;
        }
        return false;
    }

    bool number(std::size_t least, std::size_t most, int low, int high, std::string_view what,
                int& value) {
        const auto read = digits(least, most);
        if (!read) return false;
        value = *read;
        if (value < low || value > high) out_of_range_ = what;
        return true;
    }

    void skip_spaces(std::size_t most) {
        for (std::size_t i = 0; i < most && rest_.starts_with(' '); ++i) rest_.remove_prefix(1);
    }

    bool take(const Chunk& chunk, std::string_view layout_after) {
        int found = 0;
        switch (*chunk.element) {
            case Element::kLongMonth:
            case Element::kMonth:
                if (!take_name(kMonths, chunk.element == Element::kMonth ? 3 : 99, found)) {
                    return false;
                }
                time_.month = found + 1;
                return true;
            case Element::kLongWeekday:
                return take_name(kDays, 99, found);
            case Element::kWeekday:
                return take_name(kDays, 3, found);
            case Element::kNumberMonth:
                return number(1, 2, 1, 12, "month", time_.month);
            case Element::kZeroMonth:
                return number(2, 2, 1, 12, "month", time_.month);
            case Element::kSpaceDay:
                skip_spaces(1);
                [[fallthrough]];
            case Element::kDay:
                return number(1, 2, 0, 99, "day", time_.day);
            case Element::kZeroDay:
                return number(2, 2, 0, 99, "day", time_.day);
            case Element::kSpaceYearDay:
                skip_spaces(2);
                [[fallthrough]];
            case Element::kZeroYearDay:
                has_year_day_ = true;
                return number(1, 3, 0, 999, "day-of-year", year_day_);
            case Element::kHour:
                return number(2, 2, 0, 23, "hour", time_.hour);
            case Element::kHour12:
                return number(1, 2, 0, 12, "hour", time_.hour);
            case Element::kZeroHour12:
                return number(2, 2, 0, 12, "hour", time_.hour);
            case Element::kMinute:
                return number(1, 2, 0, 59, "minute", time_.minute);
            case Element::kZeroMinute:
                return number(2, 2, 0, 59, "minute", time_.minute);
            case Element::kSecond:
            case Element::kZeroSecond:
                return take_second(chunk, layout_after);
            case Element::kLongYear:
                if (!number(4, 4, 0, 9999, "year", found)) return false;
                time_.year = found;
                return true;
            case Element::kYear:
                if (!number(2, 2, 0, 99, "year", found)) return false;
                time_.year = found >= 69 ? 1900 + found : 2000 + found;
                return true;
            case Element::kUpperHalf:
            case Element::kLowerHalf:
                return take_half();
            case Element::kZoneName:
                return take_zone_name();
            case Element::kFraction:
                return take_fraction(chunk.text.size());
            case Element::kFraction9:
                return take_any_fraction();
            default:
                return take_offset(*chunk.element);
        }
    }

    bool take_second(const Chunk& chunk, std::string_view layout_after) {
        const std::size_t least = chunk.element == Element::kZeroSecond ? 2 : 1;
        if (!number(least, 2, 0, 59, "second", time_.second)) return false;
        // A fraction is taken even where the layout has none.
        const bool has_fraction =
            rest_.size() >= 2 && (rest_[0] == '.' || rest_[0] == ',') && is_digit(rest_[1]);
        if (!has_fraction) return true;
        const Chunk next = next_chunk(layout_after);
        if (next.element == Element::kFraction || next.element == Element::kFraction9) return true;
        return take_any_fraction();
    }

    bool take_any_fraction() {
        const bool has_fraction =
            rest_.size() >= 2 && (rest_[0] == '.' || rest_[0] == ',') && is_digit(rest_[1]);
        if (!has_fraction) return true;
        std::size_t end = 1;
        while (end < rest_.size() && is_digit(rest_[end])) ++end;
        return take_fraction(end);
    }

    bool take_fraction(std::size_t width) {
        if (rest_.size() < width || (rest_[0] != '.' && rest_[0] != ',')) return false;
        std::int32_t nanoseconds = 0;
        for (std::size_t i = 1; i <= 9; ++i) {
            const char c = i < width ? rest_[i] : '0';
            if (!is_digit(c)) return false;
            nanoseconds = nanoseconds * 10 + (c - '0');
        }
        time_.nanosecond = nanoseconds;
        rest_.remove_prefix(width);
        return true;
    }

    bool take_half() {
        if (rest_.size() < 2) return false;
        const std::string_view half = rest_.substr(0, 2);
        is_afternoon_ = half == "PM" || half == "pm";
        is_morning_ = half == "AM" || half == "am";
        rest_.remove_prefix(2);
        return is_afternoon_ || is_morning_;
    }

    bool take_zone_name() {
        if (rest_.starts_with("UTC")) {
            rest_.remove_prefix(3);
            return true;
        }
        std::size_t length = 0;
        while (length < rest_.size() && length < 6 && rest_[length] >= 'A' &&
               rest_[length] <= 'Z') {
            ++length;
        }
        // "GMT-8" names its offset; other names say nothing where the zone is not known.
        if (rest_.starts_with("GMT") && length == 3) {
            rest_.remove_prefix(3);
            if (rest_.empty() || (rest_[0] != '+' && rest_[0] != '-')) return true;
            const int sign = rest_[0] == '-' ? -1 : 1;
            const std::string_view held = rest_;
            rest_.remove_prefix(1);
            const auto hours = digits(1, 2);
            if (!hours || *hours > 23) {
                rest_ = held;
                return true;
            }
            offset_ = sign * *hours * 3'600;
            return true;
        }
        if (length < 3 || length > 5 || (length == 5 && rest_[4] != 'T')) return false;
        rest_.remove_prefix(length);
        return true;
    }

    bool take_offset(Element element) {
        const bool is_iso =
            element >= Element::kIsoZone && element <= Element::kIsoColonSecondsZone;
        if (is_iso && rest_.starts_with('Z')) {
            rest_.remove_prefix(1);
            offset_ = 0;
            return true;
        }
        if (rest_.empty() || (rest_[0] != '+' && rest_[0] != '-')) return false;
        const int sign = rest_[0] == '-' ? -1 : 1;
        // The shape of the offset is that of one which is printed.
        const std::string shape = zone_text(element, 1);
        if (rest_.size() < shape.size()) return false;
        int parts[3] = {0, 0, 0};
        std::size_t part = 0;
        for (std::size_t i = 1; i < shape.size(); ++i) {
            if (shape[i] == ':') {
                if (rest_[i] != ':') return false;
                continue;
            }
            if (!is_digit(rest_[i]) || !is_digit(rest_[i + 1])) return false;
            parts[part++] = (rest_[i] - '0') * 10 + (rest_[i + 1] - '0');
            ++i;
        }
        rest_.remove_prefix(shape.size());
        if (parts[0] > 24) out_of_range_ = "time zone offset hour";
        if (parts[1] > 60) out_of_range_ = "time zone offset minute";
        if (parts[2] > 60) out_of_range_ = "time zone offset second";
        offset_ = sign * (parts[0] * 3'600 + parts[1] * 60 + parts[2]);
        return true;
    }

    Result<Instant> finish() {
        if (is_afternoon_ && time_.hour < 12) time_.hour += 12;
        if (is_morning_ && time_.hour == 12) time_.hour = 0;
        if (has_year_day_) {
            const int days = is_leap(time_.year) ? 366 : 365;
            if (year_day_ < 1 || year_day_ > days) return fail(": day-of-year out of range");
            time_.month = 1;
            time_.day = year_day_;
        } else if (time_.day < 1 || time_.day > days_of_month(time_.year, time_.month)) {
            return fail(": day out of range");
        }
        Instant instant = instant_of(time_, Zone());
        instant.seconds -= offset_;
        return instant;
    }

    std::string_view layout_;
    std::string_view text_;
    std::string_view rest_;
    CivilTime time_ = {.year = 0};
    std::string out_of_range_;
    int offset_ = 0;
    int year_day_ = 0;
    bool has_year_day_ = false;
    bool is_afternoon_ = false;
    bool is_morning_ = false;
};

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

std::string format_time(const CivilTime& time, std::string_view layout) {
    std::string text;
    for (;;) {
        const Chunk chunk = next_chunk(layout);
        text += chunk.before;
        if (!chunk.element) return text;
        text += element_text(chunk, time);
        layout = chunk.after;
    }
}

Result<Instant> parse_time(std::string_view layout, std::string_view text) {
    return TimeParser(layout, text).run();
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
