#pragma once

// Network byte order, in which all of Git's binary files are written.
//
// Callers have checked that the bytes are there. Thread-safe: no state.

#include <cstdint>
#include <cstring>
#include <string>

namespace merlon::connect::git {

inline std::uint16_t load_be16(const char* bytes) {
    std::uint16_t value = 0;
    std::memcpy(&value, bytes, sizeof(value));
    return __builtin_bswap16(value);
}

inline std::uint32_t load_be32(const char* bytes) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes, sizeof(value));
    return __builtin_bswap32(value);
}

inline std::uint64_t load_be64(const char* bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, sizeof(value));
    return __builtin_bswap64(value);
}

inline void append_be32(std::string& out, std::uint32_t value) {
    value = __builtin_bswap32(value);
    out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

}  // namespace merlon::connect::git
