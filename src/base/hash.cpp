#include "base/hash.h"

#include <array>
#include <bit>
#include <cstring>

namespace merlon {
namespace {

// Odd constants with well-spread bits: the golden ratio and two primes near 2^64.
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
constexpr std::uint64_t kFirst = 0xD6E8FEB86659FD93;
constexpr std::uint64_t kSecond = 0xA0761D6478BD642F;

std::uint64_t load_word(const char* at, std::size_t count) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, count);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
}

// The whole 128-bit product folded: every input bit reaches every output bit.
std::uint64_t fold(std::uint64_t left, std::uint64_t right) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(left) * right;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

constexpr std::array<std::uint32_t, 256> make_crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xEDB88320u : 0u);
        table[i] = value;
    }
    return table;
}

constexpr auto kCrcTable = make_crc_table();

}  // namespace

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
    std::uint64_t state = seed ^ kGolden ^ bytes.size() * kFirst;
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 16; at += 16, left -= 16) {
        state = fold(load_word(at, 8) ^ kFirst ^ state, load_word(at + 8, 8) ^ kSecond);
    }
    if (left > 8) {
        state = fold(load_word(at, 8) ^ kFirst ^ state, load_word(at + 8, left - 8) ^ kSecond);
    } else if (left > 0) {
        state = fold(load_word(at, left) ^ kFirst ^ state, kSecond);
    }
    return fold(state ^ kGolden, kSecond ^ bytes.size());
}

std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t state = 0xFFFFFFFFu;
    for (const char byte : bytes) {
        state = state >> 8 ^ kCrcTable[(state ^ static_cast<std::uint8_t>(byte)) & 0xFF];
    }
    return ~state;
}

}  // namespace merlon
