#include "value/number.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/hash.h"
#include "base/recycled.h"

namespace merlon::value {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number as 0.DIGITS * 10^exponent, digits without zeros at either end; zero has no digits.
struct Normal {
    bool negative = false;
    RecycledString digits;
    std::int64_t exponent = 0;
};

// Exponents beyond this are equal for every purpose; texts that long are refused by readers'
// limits.
constexpr std::int64_t kExponentLimit = std::int64_t{1} << 40;

Normal normalise(std::string_view text) {
    Normal normal;
    std::size_t at = 0;
    if (at < text.size() && text[at] == '-') {
        normal.negative = true;
        ++at;
    }
    std::int64_t point = 0;  // digits before the decimal point
    bool fraction = false;
    for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
        if (text[at] == '.') {
            fraction = true;
            continue;
        }
        normal.digits.push_back(text[at]);
        if (!fraction) ++point;
    }
    std::int64_t exponent = 0;
    if (at < text.size()) {
        ++at;
        const bool minus = text[at] == '-';
        if (text[at] == '-' || text[at] == '+') ++at;
        for (; at < text.size(); ++at) {
            exponent = std::min(exponent * 10 + (text[at] - '0'), kExponentLimit);
        }
        if (minus) exponent = -exponent;
    }
    const std::size_t leading = normal.digits.find_first_not_of('0');
    if (leading == RecycledString::npos) return Normal{};
    normal.digits.erase(normal.digits.find_last_not_of('0') + 1);
    normal.digits.erase(0, leading);
    normal.exponent = point - static_cast<std::int64_t>(leading) + exponent;
    return normal;
}

}  // namespace

bool is_json_number(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t begin = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at - begin;
    };
    if (at < text.size() && text[at] == '-') ++at;
    const std::size_t whole = at;
    const std::size_t count = digits();
    if (count == 0 || (count > 1 && text[whole] == '0')) return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0) return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        if (digits() == 0) return false;
    }
    return at == text.size();
}

int compare_numbers(std::string_view left, std::string_view right) {
    const Normal a = normalise(left);
    const Normal b = normalise(right);
    const auto sign = [](const Normal& n) { return n.digits.empty() ? 0 : n.negative ? -1 : 1; };
    if (sign(a) != sign(b)) return sign(a) < sign(b) ? -1 : 1;
    int magnitude = 0;
    if (a.exponent != b.exponent) {
        magnitude = a.exponent < b.exponent ? -1 : 1;
    } else {
        magnitude = a.digits.compare(b.digits);
    }
    return a.negative ? -magnitude : magnitude;
}

std::uint64_t hash_number(std::string_view text) {
    const Normal normal = normalise(text);
    return hash_bytes(normal.digits,
                      static_cast<std::uint64_t>(normal.exponent) * 2 + (normal.negative ? 1 : 0));
}

bool is_whole(std::string_view text) {
    const Normal normal = normalise(text);
    return normal.exponent >= static_cast<std::int64_t>(normal.digits.size());
}

bool is_multiple_of(std::string_view text, std::string_view factor) {
    const Normal number = normalise(text);
    const Normal unit = normalise(factor);
    if (number.digits.empty()) return true;
    if (unit.digits.empty()) return false;
    // As integers times a power of ten. Neither integer ends in a zero, so a unit of the larger
    // power divides nothing.
    const auto power = [](const Normal& n) {
        return n.exponent - static_cast<std::int64_t>(n.digits.size());
    };
    if (power(number) < power(unit)) return false;
    // Zeros behind the number help with the factors 2 and 5 of the unit, of which it has at most
    // log2(10) < 4 for each digit; more zeros change nothing.
    const auto zeros = static_cast<std::size_t>(
        std::min(power(number) - power(unit), static_cast<std::int64_t>(unit.digits.size()) * 4));
    RecycledString dividend = number.digits;
    dividend.append(zeros, '0');

    // Long division, of which only the remainder is kept: as wide as the unit and one digit more.
    RecycledString divisor("0");
    divisor += unit.digits;
    RecycledString remainder(divisor.size(), '0');
    for (const char digit : dividend) {
        std::rotate(remainder.begin(), remainder.begin() + 1, remainder.end());
        remainder.back() = digit;
        while (remainder >= divisor) {
            int borrow = 0;
            for (std::size_t i = divisor.size(); i-- > 0;) {
                const int difference = remainder[i] - divisor[i] - borrow;
                borrow = difference < 0 ? 1 : 0;
                remainder[i] = static_cast<char>('0' + difference + borrow * 10);
            }
        }
    }
    return remainder.find_first_not_of('0') == RecycledString::npos;
}

std::optional<std::int64_t> integer_of(std::string_view text) {
    std::int64_t plain = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data(), end, plain);
    if (code == std::errc{} && stopped == end) return plain;

    const Normal normal = normalise(text);
    if (normal.digits.empty()) return 0;
    const auto count = static_cast<std::int64_t>(normal.digits.size());
    if (normal.exponent < count || normal.exponent > 19) return std::nullopt;
    RecycledString whole(normal.negative ? "-" : "");
    whole += normal.digits;
    whole.append(static_cast<std::size_t>(normal.exponent - count), '0');
    const char* whole_end = whole.data() + whole.size();
    const auto [at, failed] = std::from_chars(whole.data(), whole_end, plain);
    if (failed != std::errc{} || at != whole_end) return std::nullopt;
    return plain;
}

}  // namespace merlon::value
