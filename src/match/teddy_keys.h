#pragma once

// How the packed search looks at the four bytes of a window: what its writer stores under a key and
// its sweep looks up; see teddy.h.

#include <cstddef>
#include <cstdint>

namespace merlon::match {

inline constexpr std::uint32_t kLetterBits = 0x2020'2020;
inline constexpr std::uint32_t kShortMask = 0x00FF'FFFF;  // three bytes

constexpr std::uint32_t size_mask(std::size_t bytes) {
    return bytes >= 4 ? 0xFFFF'FFFF : (std::uint32_t{1} << (8 * bytes)) - 1;
}

constexpr std::uint32_t hash_of(std::uint32_t key, std::uint32_t bits) {
    return key * 0x9E37'79B1U >> (32 - bits);
}

}  // namespace merlon::match
