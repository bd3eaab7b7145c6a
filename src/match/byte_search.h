#pragma once

// The next place of one to three bytes, or of two bytes at fixed distances: what is left of a
// search for literals when a processor compares 16 or 32 places at a time.
//
// The idea: memchr's, and for a string the comparison of its two rarest bytes (as in Rust's memchr,
// which owes it to W. Mula's "SIMD-friendly algorithms for substring searching"). A byte may be
// given with a mask of bits that do not count: 0x20 makes an ASCII letter match in either case.
//
// Thread-safe: no state. Cost: one pass, some tens of bytes per nanosecond.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/simd_path.h"

namespace merlon::match {

inline constexpr std::size_t kNowhereInText = static_cast<std::size_t>(-1);

// A byte, and the bits of the text's byte that are set before comparing.
struct MaskedByte {
    std::uint8_t byte = 0;
    std::uint8_t mask = 0;

    bool matches(char c) const { return (static_cast<unsigned char>(c) | mask) == byte; }
};

// The first place at or after `from` that holds one of one to three bytes, else kNowhereInText.
std::size_t find_bytes(std::string_view text, std::size_t from, std::span<const MaskedByte> bytes,
                       SimdPath path = best_simd_path());

inline std::size_t find_byte(std::string_view text, std::size_t from, char a) {
    const MaskedByte bytes[] = {{static_cast<std::uint8_t>(a), 0}};
    return find_bytes(text, from, bytes);
}
inline std::size_t find_byte2(std::string_view text, std::size_t from, char a, char b) {
    const MaskedByte bytes[] = {{static_cast<std::uint8_t>(a), 0},
                                {static_cast<std::uint8_t>(b), 0}};
    return find_bytes(text, from, bytes);
}
inline std::size_t find_byte3(std::string_view text, std::size_t from, char a, char b, char c) {
    const MaskedByte bytes[] = {{static_cast<std::uint8_t>(a), 0},
                                {static_cast<std::uint8_t>(b), 0},
                                {static_cast<std::uint8_t>(c), 0}};
    return find_bytes(text, from, bytes);
}

// Two bytes, each at its offset from a place; offsets ascend.
struct BytePair {
    std::array<MaskedByte, 2> bytes;
    std::array<std::size_t, 2> offsets{};
};

// The first place in [from, limit) where both stand, else kNowhereInText. Bytes behind the text
// match nothing.
std::size_t find_pair(std::string_view text, std::size_t from, std::size_t limit,
                      const BytePair& pair, SimdPath path = best_simd_path());

}  // namespace merlon::match
