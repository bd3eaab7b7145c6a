#include "exchange/date_time.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace merlon::exchange {
namespace {

constexpr std::string_view kDate = "0000-00-00";
constexpr std::string_view kTime = "00:00:00";

// Two digits of at most `most`.
bool is_number(std::string_view digits, int most) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return digits.size() == 2 && std::ranges::all_of(digits, is_digit) &&
           (digits[0] - '0') * 10 + (digits[1] - '0') <= most;
}

bool is_offset(std::string_view text) {
    if (text == "Z" || text == "z") return true;
    return text.size() == 6 && (text[0] == '+' || text[0] == '-') &&
           is_number(text.substr(1, 2), 23) && text[3] == ':' && is_number(text.substr(4), 59);
}

std::int64_t number_in(std::string_view digits) {
    return (digits[0] - '0') * 10 + (digits[1] - '0');
}

}  // namespace

bool is_date_time(std::string_view text) {
    if (text.size() <= kDate.size() + 1 + kTime.size()) return false;
    if (!parse_date(text.substr(0, kDate.size())).ok()) return false;
    text.remove_prefix(kDate.size());
    if (text[0] != 'T' && text[0] != 't') return false;
    text.remove_prefix(1);
    // A minute may have a 61st second.
    const bool is_time = is_number(text.substr(0, 2), 23) && text[2] == ':' &&
                         is_number(text.substr(3, 2), 59) && text[5] == ':' &&
                         is_number(text.substr(6, 2), 60);
    if (!is_time) return false;
    text.remove_prefix(kTime.size());
    if (text.starts_with('.')) {
        const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
        if (end == 1) return false;
        text.remove_prefix(end);
    }
    return is_offset(text);
}

Result<Timestamp> parse_date_time(std::string_view text) {
    if (text.size() == kDate.size()) return parse_date(text);
    std::string whole(text);
    if (!is_date_time(whole)) whole += 'Z';
    if (!is_date_time(whole))
        return Error{"'" + std::string(text) + "' is no moment as RFC 3339 writes it"};
    const Timestamp day = MERLON_TRY(parse_date(std::string_view(whole).substr(0, kDate.size())));
    const std::string_view rest = std::string_view(whole).substr(kDate.size() + 1);
    std::int64_t seconds =
        number_in(rest) * 3600 + number_in(rest.substr(3)) * 60 + number_in(rest.substr(6));
    const std::string_view offset = rest.substr(rest.find_last_of("Zz+-"));
    if (offset.size() > 1) {
        const std::int64_t east =
            number_in(offset.substr(1)) * 3600 + number_in(offset.substr(4)) * 60;
        seconds += offset[0] == '-' ? east : -east;
    }
    constexpr std::int64_t kSecondNs = 1'000'000'000;
    std::int64_t at = 0;
    if (__builtin_add_overflow(day.nanoseconds, seconds * kSecondNs, &at)) return day;
    return Timestamp{at};
}

}  // namespace merlon::exchange
