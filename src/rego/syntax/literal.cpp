#include "rego/syntax/literal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "match/go_quote.h"
#include "text/utf8.h"

namespace merlon::rego::syntax {
namespace {

std::optional<char32_t> read_hex4(std::string_view text) {
    if (text.size() < 4) return std::nullopt;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
    if (error != std::errc{} || end != text.data() + 4) return std::nullopt;
    return value;
}

bool is_surrogate(char32_t point) { return point >= 0xD800 && point < 0xE000; }

// The code point of the `\u` escape whose four digits begin at `at`, which moves behind them.
std::optional<char32_t> read_unicode_escape(std::string_view text, std::size_t& at) {
    const auto first = read_hex4(text.substr(std::min(at, text.size())));
    if (!first) return std::nullopt;
    at += 4;
    if (!is_surrogate(*first)) return *first;
    if (*first < 0xDC00 && text.substr(at).starts_with("\\u")) {
        const auto second = read_hex4(text.substr(at + 2));
        if (second && *second >= 0xDC00 && *second < 0xE000) {
            at += 6;
            return 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00);
        }
    }
    return text::kReplacement;
}

char simple_escape(char letter) {
    switch (letter) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case '"':
        case '\\':
        case '/':
            return letter;
        default:
            return 0;
    }
}

}  // namespace

std::optional<std::string> unquote_json(std::string_view literal) {
    if (literal.size() < 2 || literal.front() != '"' || literal.back() != '"') return std::nullopt;
    const std::string_view inside = literal.substr(1, literal.size() - 2);
    std::string out;
    out.reserve(inside.size());
    for (std::size_t i = 0; i < inside.size();) {
        const char byte = inside[i++];
        if (byte == '"' || static_cast<unsigned char>(byte) < 0x20) return std::nullopt;
        if (byte != '\\') {
            out.push_back(byte);
            continue;
        }
        if (i == inside.size()) return std::nullopt;
        const char letter = inside[i++];
        if (letter == 'u') {
            const auto point = read_unicode_escape(inside, i);
            if (!point) return std::nullopt;
            text::append_utf8(out, *point);
        } else if (const char meant = simple_escape(letter)) {
            out.push_back(meant);
        } else {
            return std::nullopt;
        }
    }
    return text::to_valid_utf8(out);
}

std::string go_quoted_rune(std::string_view text) {
    const char32_t point = text.empty() ? text::kReplacement : text::decode_utf8(text).value;
    return match::go_quoted_rune(point, match::GoCharacters::kAscii);
}

NumberState check_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::size_t mark = std::min(text.find_first_of("eE"), text.size());
    const std::string_view mantissa = text.substr(0, mark);
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    if (mantissa.find('.', point + 1) != std::string_view::npos) return NumberState::kInvalid;
    const std::size_t significant = mantissa.find_first_of("123456789");
    if (significant == std::string_view::npos) return NumberState::kFine;  // zero

    std::int64_t exponent = 0;
    if (mark < text.size()) {
        std::string_view digits = text.substr(mark + 1);
        if (digits.starts_with('+')) digits.remove_prefix(1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
        if (error != std::errc{} || end != digits.data() + digits.size())
            return NumberState::kInvalid;
    }
    // big.Float holds binary exponents of 32 bits and says nothing of larger ones.
    if (exponent > 2'147'000'000 || exponent < -2'147'000'000) return NumberState::kInvalid;
    // 0.d1d2d3… * 10^(power + 1): the leading digits decide but at the very edge.
    std::int64_t power = static_cast<std::int64_t>(point) - 1;
    power -= static_cast<std::int64_t>(significant > point ? significant - 1 : significant);
    double leading = 0;
    int taken = 0;
    for (std::size_t i = significant; i < mantissa.size() && taken < 17; ++i) {
        if (mantissa[i] == '.') continue;
        leading = leading * 10 + (mantissa[i] - '0');
        ++taken;
    }
    const double decimal = static_cast<double>(exponent + power) - (taken - 1);
    const double binary = std::floor(std::log2(leading) + decimal * std::log2(10.0)) + 1;
    // What is smaller than it can hold is zero to it.
    if (binary < std::numeric_limits<std::int32_t>::min()) return NumberState::kFine;
    return binary > 100'000 || binary < -100'000 ? NumberState::kTooBig : NumberState::kFine;
}

std::string json_number(std::string_view text) {
    std::string out;
    if (text.starts_with('-')) {
        out.push_back('-');
        text.remove_prefix(1);
    }
    if (text.starts_with('.')) out.push_back('0');
    out += text;
    return out;
}

bool is_variable_like(std::string_view text) {
    const auto is_letter = [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
    };
    return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [&](char byte) {
        return is_letter(byte) || (byte >= '0' && byte <= '9');
    });
}

std::string escape_braces(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '{' && (i == 0 || text[i - 1] != '\\')) out.push_back('\\');
        out.push_back(text[i]);
    }
    return out;
}

}  // namespace merlon::rego::syntax
