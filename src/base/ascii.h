#pragma once

// Spaces, digits and letters of ASCII, letters without their case, for names that formats compare
// so: header fields, hosts, packages, severities. Bytes of other letters stay what they are,
// whatever the locale.
//
// Thread-safe: no state. Cost: one pass.

#include <algorithm>
#include <string>
#include <string_view>

namespace merlon {

constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), to_lower);
    return lower;
}

constexpr bool equal_without_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, to_lower, to_lower);
}

}  // namespace merlon
