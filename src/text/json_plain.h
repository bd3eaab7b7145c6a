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

// Marks, by their highest bits, which of eight bytes (the first one lowest) end a plain run.
constexpr std::uint64_t json_run_ends(std::uint64_t bytes) {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
    const std::uint64_t quote = bytes ^ kOnes * '"', backslash = bytes ^ kOnes * '\\';
    return (bytes | (bytes - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes)) & kHigh;
}

inline std::size_t plain_json_run(std::string_view text) {
    constexpr std::size_t kAtOnce = sizeof(std::uint64_t);
    std::size_t at = 0;
    if constexpr (std::endian::native == std::endian::little) {
        const auto ends_at = [&](std::size_t begin) {
            std::uint64_t bytes = 0;
            std::memcpy(&bytes, text.data() + begin, sizeof bytes);
            return json_run_ends(bytes);
        };
        for (; at + kAtOnce <= text.size(); at += kAtOnce)
            if (const std::uint64_t ends = ends_at(at); ends != 0)
                return at + static_cast<std::size_t>(std::countr_zero(ends)) / 8;
        if (at > 0) {  // the last eight, of which some were plain before
            if (at == text.size()) return at;
            const std::size_t last = text.size() - kAtOnce;
            const std::uint64_t ends = ends_at(last);
            return ends == 0 ? text.size()
                             : last + static_cast<std::size_t>(std::countr_zero(ends)) / 8;
        }
    }
    while (at < text.size() && text[at] >= 0x20 && text[at] != '"' && text[at] != '\\' &&
           static_cast<unsigned char>(text[at]) < 0x80)
        ++at;
    return at;
}

}  // namespace merlon::text
