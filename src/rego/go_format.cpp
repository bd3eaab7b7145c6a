#include "rego/go_format.h"

#include <gmpxx.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "match/unicode_tables.h"
#include "rego/term.h"
#include "templates/go_printf.h"
#include "text/utf8.h"

namespace merlon::rego {
namespace {

using templates::GoArgument;
using value::Value;

// What OPA makes of a value before it asks Go to format it.
GoArgument argument_of(const Value& value) {
    if (value.is_string()) return {"string", std::string(value.as_string())};
    if (!value.is_number()) return {"string", term_text(value)};
    std::string text = value.number_text();
    if (text.find_first_of(".eE") != std::string::npos) {
        const double number = value.as_double();
        if (!std::isfinite(number)) return {"string", std::move(text)};
        return {"float64", GoArgument::Real{number, false}};
    }
    mpz_class integer(text, 10);
    if (integer.fits_slong_p()) return {"int64", std::int64_t{integer.get_si()}};
    return {"*big.Int",
            GoArgument::BigInteger{integer < 0, [magnitude = mpz_class(abs(integer))](int base) {
                                       return magnitude.get_str(base);
                                   }}};
}

template <typename Map>
RecycledString mapped(std::string_view text, Map map) {
    RecycledString out;
    out.reserve(text.size());
    std::string encoded;
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        encoded.clear();
        text::append_utf8(encoded, point.valid ? map(point.value) : text::kReplacement);
        out += encoded;
        text.remove_prefix(point.width);
    }
    return out;
}

// unicode.ToUpper, from the orbits of folding: the least letter there that has a lower case.
char32_t to_upper(char32_t point) {
    if (point < 0x80) return point >= 'a' && point <= 'z' ? point - 'a' + 'A' : point;
    if (point == 0xDF) return point;  // its capital folds to it, and is not its upper case
    if (point == 0x131) return U'I';  // dotless i stands alone in its orbit
    const bool is_title = point == 0x1C5 || point == 0x1C8 || point == 0x1CB || point == 0x1F2;
    if (is_title) return point - 1;
    if (match::to_lower(point) != point) return point;
    char32_t best = point;
    for (char32_t next = match::simple_fold(point); next != point;
         next = match::simple_fold(next)) {
        if (match::to_lower(next) != next && (best == point || next < best)) best = next;
    }
    return best;
}

// What OPA hands to Go as a float64; nothing for other numbers.
std::optional<double> float_of(const Value& number) {
    if (!number.is_number() || number.is_plain_integer()) return std::nullopt;
    // A large integer is none.
    value::NumberRoom room;
    const std::string_view text = number.number_text(room);
    if (text.find_first_of(".eE") == std::string_view::npos) return std::nullopt;
    const double value = number.as_double();
    if (!std::isfinite(value)) return std::nullopt;
    return value;
}

// The digits of an integer beyond 64 bits; nothing for other values.
std::optional<std::string_view> large_integer(const Value& number) {
    if (!number.is_number() || number.as_integer()) return std::nullopt;
    value::NumberRoom room;
    const std::string_view text = number.number_text(room);
    if (text.find_first_of(".eE") != std::string_view::npos) return std::nullopt;
    return text;  // the value's own: it is no 64-bit integer
}

// %v of a float64: the fewest digits, with an exponent below -4 and from 6 on.
void append_float(std::string& out, double number) {
    std::array<char, 64> text{};
    char* const last = text.data() + text.size();
    char* end = std::to_chars(text.data(), last, number, std::chars_format::scientific).ptr;
    const char* const mark = std::find(text.data(), end, 'e') + 1;
    int exponent = 0;
    std::from_chars(*mark == '+' ? mark + 1 : mark, end, exponent);
    constexpr int kFirstWithExponent = 6;
    if (exponent >= -4 && exponent < kFirstWithExponent) {
        end = std::to_chars(text.data(), last, number, std::chars_format::fixed).ptr;
    }
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
}

// %.2f of a float64.
void append_rounded(std::string& out, double number, int digits) {
    // So many digits has the largest one before its point.
    constexpr std::size_t kMostDigits = 309;
    std::array<char, kMostDigits + 16> text{};
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), number,
                                          std::chars_format::fixed, digits)
                                .ptr;
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
}

}  // namespace

Result<std::string> go_sprintf(std::string_view format, std::span<const Value> arguments) {
    std::vector<GoArgument> given;
    given.reserve(arguments.size());
    for (const Value& argument : arguments) given.push_back(argument_of(argument));
    return templates::go_printf(format, given, kMaxTextBytes);
}

bool format_plainly(std::string_view format, std::span<const Value> arguments, std::string& out) {
    std::size_t next = 0;
    for (;;) {
        const std::size_t percent = format.find('%');
        out += format.substr(0, percent);
        if (percent == std::string_view::npos) break;
        format.remove_prefix(percent + 1);
        int precision = -1;
        const bool is_rounded = format.size() > 2 && format[0] == '.' && format[1] >= '0' &&
                                format[1] <= '9' && format[2] == 'f';
        if (is_rounded) {
            precision = format[1] - '0';
            format.remove_prefix(2);
        }
        const char verb = format.empty() ? '\0' : format[0];
        format.remove_prefix(std::min<std::size_t>(1, format.size()));
        if (verb == '%') {
            out += '%';
            continue;
        }
        if (next == arguments.size() || out.size() > kMaxTextBytes) return false;
        const Value& argument = arguments[next++];
        const auto integer = argument.is_number() && argument.is_plain_integer()
                                 ? argument.as_integer()
                                 : std::nullopt;
        const auto real = integer ? std::nullopt : float_of(argument);
        const auto large = integer || real ? std::nullopt : large_integer(argument);
        if (large && precision < 0 && (verb == 'v' || verb == 'd')) {
            out += *large;
        } else if (real && verb == 'v') {
            append_float(out, *real);
        } else if (real && precision >= 0) {
            append_rounded(out, *real, precision);
        } else if (precision >= 0) {
            return false;
        } else if (integer && (verb == 'v' || verb == 'd')) {
            std::array<char, 24> digits{};
            const char* const digits_end =
                std::to_chars(digits.data(), digits.data() + digits.size(), *integer).ptr;
            out.append(digits.data(), static_cast<std::size_t>(digits_end - digits.data()));
        } else if (!argument.is_number() && (verb == 'v' || verb == 's')) {
            if (argument.is_string()) {
                out += argument.as_string();
            } else {
                append_term_text(out, argument);
            }
        } else {
            return false;
        }
    }
    return next == arguments.size();
}

std::string go_float_text(double number, char format, int precision) {
    return templates::go_float_text({number, false}, format, precision);
}

RecycledString go_lower(std::string_view text) {
    return mapped(text, [](char32_t point) { return match::to_lower(point); });
}

RecycledString go_upper(std::string_view text) { return mapped(text, to_upper); }

bool is_go_space(char32_t point) {
    return (point >= 9 && point <= 13) || point == ' ' || point == 0x85 || point == 0xA0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 ||
           point == 0x2029 || point == 0x202F || point == 0x205F || point == 0x3000;
}

}  // namespace merlon::rego
