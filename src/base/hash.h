#pragma once

// Fast hashes that are not for security: tables and caches (hash_bytes), and the checksums that
// token formats carry (crc32). Cryptographic digests are in crypto/digest.h.
//
// Thread-safe: no state. Cost: hash_bytes some 4 bytes a cycle; crc32 one table look-up a byte.

#include <cstdint>
#include <string_view>

namespace merlon {

// A 64-bit hash of `bytes`, the same on every machine and in every version of Merlon that reads the
// same file cache. Not collision-resistant against an adversary.
std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0);

// Two words for a table in memory: the whole product folded, so that every bit reaches every bit.
inline std::uint64_t hash_words(std::uint64_t first, std::uint64_t second) {
    __extension__ using Wide = unsigned __int128;
    const Wide product =
        static_cast<Wide>(first ^ 0xD6E8FEB86659FD93) * (second ^ 0xA0761D6478BD642F);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// CRC-32 (ISO-HDLC: polynomial 0x04C11DB7, reflected), as zlib, GitHub and npm compute it.
std::uint32_t crc32(std::string_view bytes);

}  // namespace merlon
