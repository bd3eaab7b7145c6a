#pragma once

// Exact comparison and hashing of decimal numbers in JSON's syntax, without arithmetic: signs,
// magnitudes, then digits.
//
// Thread-safe: no state. Cost: linear in the digits, never in the exponent.

#include <cstdint>
#include <optional>
#include <string_view>

namespace merlon::value {

// Whether `text` is a number of RFC 8259, section 6.
bool is_json_number(std::string_view text);

// Compares two JSON numbers by value: negative, zero or positive.
int compare_numbers(std::string_view left, std::string_view right);

// The same for all texts of one value: "1", "1.0" and "10e-1".
std::uint64_t hash_number(std::string_view text);

// The integer that the number is, where it is one and fits.
std::optional<std::int64_t> integer_of(std::string_view text);

}  // namespace merlon::value
