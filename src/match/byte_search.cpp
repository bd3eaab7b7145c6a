#include "match/byte_search.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "base/simd.h"

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

std::size_t before(std::size_t limit, std::size_t place) {
    return place < limit ? place : kNowhereInText;
}

#define MERLON_SIMD_LOOPS "match/byte_search_simd.h"
#include "base/simd_paths.h"

// For so few places that the widest vectors would leave them all to the portable loop, narrower
// ones.
SimdPath path_for(std::size_t places, SimdPath path) {
    constexpr std::size_t kWidest = 32;
    return path == SimdPath::kAvx2 && places < kWidest ? SimdPath::kSsse3 : path;
}

template <std::size_t kCount>
std::size_t find_some(std::string_view text, std::size_t from, std::span<const MaskedByte> wanted,
                      SimdPath path) {
    path = path_for(text.size() - std::min(text.size(), from), path);
    return MERLON_ON_SIMD_PATH(path, find_any<kCount>(text, from, wanted),
                               portable::find_any(text, from, wanted));
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
    path = path_for(text.size() - std::min(text.size(), from + pair.offsets[1]), path);
    return MERLON_ON_SIMD_PATH(path, find_two(text, from, limit, pair),
                               portable::find_two(text, from, limit, pair));
}

}  // namespace merlon::match
