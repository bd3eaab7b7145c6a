#pragma once

// How far a text goes as it may stand in a JSON string: of ASCII, without what has to be escaped.
//
// The idea: eight bytes at once. A byte that is below another leaves a borrow in its highest bit;
// a borrow may also come from the byte before, which then is the first one found.
//
// Thread-safe: no state. Cost: some eight operations for eight bytes.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace merlon::text {

inline std::size_t plain_json_run(std::string_view text) {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
    std::size_t at = 0;
    if constexpr (std::endian::native == std::endian::little) {
        for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
            std::uint64_t bytes = 0;
            std::memcpy(&bytes, text.data() + at, sizeof bytes);
            const std::uint64_t quote = bytes ^ kOnes * '"', backslash = bytes ^ kOnes * '\\';
            const std::uint64_t other =
                (bytes | (bytes - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes)) & kHigh;
            if (other != 0) return at + static_cast<std::size_t>(std::countr_zero(other)) / 8;
        }
    }
    while (at < text.size() && text[at] >= 0x20 && text[at] != '"' && text[at] != '\\' &&
           static_cast<unsigned char>(text[at]) < 0x80)
        ++at;
    return at;
}

}  // namespace merlon::text
