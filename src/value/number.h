#pragma once

// Exact questions about decimal numbers in JSON's syntax, answered on their digits: order, hash,
// whether one is whole or a multiple of another.
//
// Thread-safe: no state. Cost: linear in the digits, never in the exponent; is_multiple_of: the
// product of both numbers' digits.

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

// Whether the number has no fraction: "2", "2.0" and "20e-1" have none.
bool is_whole(std::string_view text);

// Whether `text` is `factor` times an integer; signs do not matter. Of zero only zero is a
// multiple.
bool is_multiple_of(std::string_view text, std::string_view factor);

// The integer that the number is, where it is one and fits.
std::optional<std::int64_t> integer_of(std::string_view text);

}  // namespace merlon::value
