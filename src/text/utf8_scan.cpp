#include "text/utf8_scan.h"

#include <cstring>

#include "base/simd.h"
#include "text/utf8.h"

namespace merlon::text {
namespace {

namespace portable {

std::size_t ascii_prefix(std::string_view text) {
    constexpr std::uint64_t kHighBits = 0x8080808080808080;
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + at, 8);
        if ((word & kHighBits) != 0) break;
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
    return at;
}

}  // namespace portable

#if MERLON_SIMD_X86 || MERLON_SIMD_ARM

// What may be wrong with two adjacent bytes, one bit each.
constexpr std::uint8_t kTooShort = 1;    // a lead byte or ASCII where a continuation has to be
constexpr std::uint8_t kTooLong = 2;     // a continuation behind ASCII
constexpr std::uint8_t kOverlong3 = 4;   // E0 80 to E0 9F
constexpr std::uint8_t kTooLarge = 8;    // F4 90 and up
constexpr std::uint8_t kSurrogate = 16;  // ED A0 to ED BF
constexpr std::uint8_t kOverlong2 = 32;  // C0, C1
constexpr std::uint8_t kOverlong4 = 64;  // F0 80 to F0 8F
constexpr std::uint8_t kTooLarge80 =
    64;  // F5 80 to F5 8F and up; shares the bit: other low nibbles
constexpr std::uint8_t kTwoInARow = 128;  // two continuations: whether that is right is said apart
constexpr std::uint8_t kAnyLow = kTooShort | kTooLong | kTwoInARow;
constexpr std::uint8_t kLargeLow = kAnyLow | kTooLarge | kTooLarge80;

constexpr std::uint8_t kFirstHigh[16] = {kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTwoInARow,
                                         kTwoInARow,
                                         kTwoInARow,
                                         kTwoInARow,
                                         kTooShort | kOverlong2,
                                         kTooShort,
                                         kTooShort | kOverlong3 | kSurrogate,
                                         kTooShort | kTooLarge | kTooLarge80 | kOverlong4};
constexpr std::uint8_t kFirstLow[16] = {kAnyLow | kOverlong2 | kOverlong3 | kOverlong4,
                                        kAnyLow | kOverlong2,
                                        kAnyLow,
                                        kAnyLow,
                                        kAnyLow | kTooLarge,
                                        kLargeLow,
                                        kLargeLow,
                                        kLargeLow,
                                        kLargeLow,
                                        kLargeLow,
                                        kLargeLow,
                                        kLargeLow,
                                        kLargeLow,
                                        kLargeLow | kSurrogate,
                                        kLargeLow,
                                        kLargeLow};
constexpr std::uint8_t kContinues = kTooLong | kOverlong2 | kTwoInARow;
constexpr std::uint8_t kSecondHigh[16] = {kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kContinues | kOverlong3 | kTooLarge80 | kOverlong4,
                                          kContinues | kOverlong3 | kTooLarge,
                                          kContinues | kSurrogate | kTooLarge,
                                          kContinues | kSurrogate | kTooLarge,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort};

// The start of the code point that reaches over `at`, where only valid text stands before it.
std::size_t boundary_before(std::string_view text, std::size_t at) {
    for (std::size_t back = 1; back <= 3 && back <= at; ++back) {
        const auto byte = static_cast<unsigned char>(text[at - back]);
        if (byte >= 0xC0) return at - back;
        if (byte < 0x80) break;
    }
    return at;
}

#endif

#define MERLON_SIMD_LOOPS "text/utf8_scan_simd.h"
#include "base/simd_paths.h"

// Below this the vectors' set-up costs more than it saves.
constexpr std::size_t kShort = 16;

std::size_t valid_prefix(std::string_view text, SimdPath path) {
    return MERLON_ON_SIMD_PATH(path, valid_prefix(text), 0);
}

}  // namespace

std::size_t find_non_ascii(std::string_view text, SimdPath path) {
    if (text.size() < kShort) return portable::ascii_prefix(text);
    return MERLON_ON_SIMD_PATH(path, ascii_prefix(text), portable::ascii_prefix(text));
}

std::size_t find_invalid_utf8(std::string_view text, SimdPath path) {
    std::size_t at = text.size() < kShort ? 0 : valid_prefix(text, path);
    while (true) {
        at += portable::ascii_prefix(text.substr(at));
        if (at == text.size()) return at;
        const CodePoint point = decode_utf8(text.substr(at));
        if (!point.valid) return at;
        at += point.width;
    }
}

}  // namespace merlon::text
