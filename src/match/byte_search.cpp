#include "match/byte_search.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"

namespace merlon::match {
namespace {

namespace portable {

std::size_t find_any(std::string_view text, std::size_t from, std::span<const MaskedByte> wanted) {
    for (std::size_t at = from; at < text.size(); ++at) {
        for (const MaskedByte& byte : wanted) {
            if (byte.matches(text[at])) return at;
        }
    }
    return kNowhereInText;
}

std::size_t find_two(std::string_view text, std::size_t from, std::size_t limit,
                     const BytePair& pair) {
    if (text.size() <= pair.offsets[1]) return kNowhereInText;
    const std::size_t end = std::min(limit, text.size() - pair.offsets[1]);
    for (std::size_t at = from; at < end; ++at) {
        if (pair.bytes[0].matches(text[at + pair.offsets[0]]) &&
            pair.bytes[1].matches(text[at + pair.offsets[1]])) {
            return at;
        }
    }
    return kNowhereInText;
}

}  // namespace portable

#if MERLON_SIMD_X86
#define MERLON_SIMD Ssse3
#define MERLON_SIMD_NAMESPACE ssse3
#define MERLON_TARGET MERLON_TARGET_SSSE3
#include "match/byte_search_simd.h"
#undef MERLON_SIMD
#undef MERLON_SIMD_NAMESPACE
#undef MERLON_TARGET
#define MERLON_SIMD Avx2
#define MERLON_SIMD_NAMESPACE avx2
#define MERLON_TARGET MERLON_TARGET_AVX2
#include "match/byte_search_simd.h"
#elif MERLON_SIMD_ARM
#define MERLON_SIMD Neon
#define MERLON_SIMD_NAMESPACE neon
#define MERLON_TARGET MERLON_TARGET_NEON
#include "match/byte_search_simd.h"
#endif

template <std::size_t kCount>
std::size_t find_some(std::string_view text, std::size_t from, std::span<const MaskedByte> wanted,
                      SimdPath path) {
    switch (path) {
#if MERLON_SIMD_X86
        case SimdPath::kAvx2:
            return avx2::find_any<kCount>(text, from, wanted);
        case SimdPath::kSsse3:
            return ssse3::find_any<kCount>(text, from, wanted);
#elif MERLON_SIMD_ARM
        case SimdPath::kNeon:
            return neon::find_any<kCount>(text, from, wanted);
#endif
        default:
            return portable::find_any(text, from, wanted);
    }
}

}  // namespace

std::size_t find_bytes(std::string_view text, std::size_t from, std::span<const MaskedByte> bytes,
                       SimdPath path) {
    MERLON_ASSERT(!bytes.empty() && bytes.size() <= 3);
    switch (bytes.size()) {
        case 1:
            return find_some<1>(text, from, bytes, path);
        case 2:
            return find_some<2>(text, from, bytes, path);
        default:
            return find_some<3>(text, from, bytes, path);
    }
}

std::size_t find_pair(std::string_view text, std::size_t from, std::size_t limit,
                      const BytePair& pair, SimdPath path) {
    switch (path) {
#if MERLON_SIMD_X86
        case SimdPath::kAvx2:
            return avx2::find_two(text, from, limit, pair);
        case SimdPath::kSsse3:
            return ssse3::find_two(text, from, limit, pair);
#elif MERLON_SIMD_ARM
        case SimdPath::kNeon:
            return neon::find_two(text, from, limit, pair);
#endif
        default:
            return portable::find_two(text, from, limit, pair);
    }
}

}  // namespace merlon::match
