#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include "base/ascii.h"
#include "rego/go_layout.h"
#include "rego/go_time.h"

namespace merlon::rego {
namespace {

using namespace layouts;

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
                if (!rest_.empty()) return fail(": extra text: " + time_quoted(rest_));
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
    Error fail(const std::string& reason) const {
        return Error{"parsing time " + time_quoted(text_) + reason};
    }
    Error cannot(std::string_view value, std::string_view element) const {
        return Error{"parsing time " + time_quoted(text_) + " as " + time_quoted(layout_) +
                     ": cannot parse " + time_quoted(value) + " as " + time_quoted(element)};
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
                has_year_day_ = true;
                skip_spaces(2);
                return number(1, 3, 0, 999, "day-of-year", year_day_);
            case Element::kZeroYearDay:
                has_year_day_ = true;
                return number(3, 3, 0, 999, "day-of-year", year_day_);
            case Element::kHour:
                return number(1, 2, 0, 23, "hour", time_.hour);
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
                return take_half("PM", "AM");
            case Element::kLowerHalf:
                return take_half("pm", "am");
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
        // As Go reads a whole number: with a sign, of which a minus is out of range.
        const bool has_sign = width > 1 && (rest_[1] == '-' || rest_[1] == '+');
        std::int32_t nanoseconds = 0;
        for (std::size_t i = has_sign ? 2 : 1; i < std::min<std::size_t>(width, 10); ++i) {
            if (!is_digit(rest_[i])) return false;
            nanoseconds = nanoseconds * 10 + (rest_[i] - '0');
        }
        if (has_sign && rest_[1] == '-' && nanoseconds > 0) {
            out_of_range_ = "fractional second";
            return true;
        }
        for (std::size_t i = width; i < 10; ++i) nanoseconds *= 10;
        time_.nanosecond = nanoseconds;
        rest_.remove_prefix(width);
        return true;
    }

    bool take_half(std::string_view afternoon, std::string_view morning) {
        if (rest_.size() < 2) return false;
        const std::string_view half = rest_.substr(0, 2);
        is_afternoon_ = half == afternoon;
        is_morning_ = half == morning;
        rest_.remove_prefix(2);
        return is_afternoon_ || is_morning_;
    }

    // Which zone it is says nothing: Go takes the time for one of UTC all the same.
    bool take_zone_name() {
        const std::size_t length = zone_name_length(rest_);
        rest_.remove_prefix(length);
        return length > 0;
    }

    // What Go takes for the name of a zone (time.parseTimeZone); 0: nothing.
    static std::size_t zone_name_length(std::string_view text) {
        if (text.size() < 3) return 0;
        if (text.starts_with("UTC")) return 3;
        if (text.starts_with("ChST") || text.starts_with("MeST")) return 4;
        // "GMT-8" may have a number behind it, and a number may be all that there is.
        if (text.starts_with("GMT")) return 3 + signed_hours_length(text.substr(3));
        if (text[0] == '+' || text[0] == '-') return signed_hours_length(text);
        std::size_t length = 0;
        while (length < text.size() && length < 6 && text[length] >= 'A' && text[length] <= 'Z') {
            ++length;
        }
        const std::string_view name = text.substr(0, length);
        const bool is_name = length == 3 || (length == 4 && (name[3] == 'T' || name == "WITA")) ||
                             (length == 5 && name[4] == 'T');
        return is_name ? length : 0;
    }

    // A sign and a number of up to 23 hours, of however many digits; 0: nothing.
    static std::size_t signed_hours_length(std::string_view text) {
        if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
        std::size_t length = 1;
        int hours = 0;
        for (; length < text.size() && is_digit(text[length]); ++length) {
            hours = std::min(hours * 10 + (text[length] - '0'), 24);
        }
        return length == 1 || hours > 23 ? 0 : length;
    }

    bool take_offset(Element element) {
        const bool is_iso =
            element >= Element::kIsoZone && element <= Element::kIsoColonSecondsZone;
        if (is_iso && rest_.starts_with('Z')) {
            rest_.remove_prefix(1);
            offset_ = 0;
            return true;
        }
        const bool has_sign = rest_.starts_with('+') || rest_.starts_with('-');
        const int sign = rest_.starts_with('-') ? -1 : 1;
        // The shape of the offset is that of one which is printed.
        const std::string shape = zone_text(element, 1);
        if (rest_.size() < shape.size()) return false;
        int parts[3] = {0, 0, 0};
        bool is_read = true;
        std::size_t part = 0;
        for (std::size_t i = 1; i < shape.size(); ++i) {
            if (shape[i] == ':') {
                if (rest_[i] != ':') return false;
                continue;
            }
            is_read = is_read && is_digit(rest_[i]) && is_digit(rest_[i + 1]);
            if (is_read) parts[part++] = (rest_[i] - '0') * 10 + (rest_[i + 1] - '0');
            ++i;
        }
        // Go looks at the ranges first, also of an offset without a sign or that ends in no number.
        if (parts[0] > 24) out_of_range_ = "time zone offset hour";
        if (parts[1] > 60) out_of_range_ = "time zone offset minute";
        if (parts[2] > 60) out_of_range_ = "time zone offset second";
        if (!is_read || !has_sign) return !out_of_range_.empty();
        rest_.remove_prefix(shape.size());
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
        static const Zone kUtc;
        Instant instant = instant_of(time_, kUtc);
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

Result<Instant> parse_time(std::string_view layout, std::string_view text) {
    return TimeParser(layout, text).run();
}

}  // namespace merlon::rego
