#pragma once

// Bytes as lower-case hexadecimal digits.
//
// Thread-safe: no state. Cost: linear.

#include <string>
#include <string_view>

namespace merlon {

inline void append_hex(std::string& text, std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text.reserve(text.size() + bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += kDigits[byte >> 4];
        text += kDigits[byte & 0xF];
    }
}

inline std::string to_hex(std::string_view bytes) {
    std::string text;
    append_hex(text, bytes);
    return text;
}

}  // namespace merlon
