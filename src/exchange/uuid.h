#pragma once

// Whether a text is a UUID as it is written (RFC 9562, section 4): 8-4-4-4-12 digits, in lower
// case, which is what bills of materials want.
//
// Thread-safe: no state.

#include <cstddef>
#include <string_view>

namespace merlon::exchange {

inline constexpr std::size_t kUuidLength = 36;

constexpr bool is_uuid(std::string_view text) {
    if (text.size() != kUuidLength) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (is_dash ? c != '-' : !is_digit) return false;
    }
    return true;
}

}  // namespace merlon::exchange
