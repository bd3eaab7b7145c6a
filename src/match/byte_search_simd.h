// The loops of byte_search.cpp over vectors; no include guard, because it is included for each
// path.

namespace MERLON_SIMD_NAMESPACE {

using Simd = MERLON_SIMD;
using Vector = Simd::Vector;

template <std::size_t kCount>
struct Wanted {
    Vector bytes[kCount];
    Vector masks[kCount];
};

// The highest bit for each place from `at` on that holds one of the bytes.
template <std::size_t kCount>
MERLON_TARGET inline Vector places_of(const char* at, const Wanted<kCount>& wanted) {
    const Vector text = Simd::load(at);
    Vector found = Simd::equal(Simd::bit_or(text, wanted.masks[0]), wanted.bytes[0]);
    for (std::size_t i = 1; i < kCount; ++i) {
        found =
            Simd::bit_or(found, Simd::equal(Simd::bit_or(text, wanted.masks[i]), wanted.bytes[i]));
    }
    return found;
}

template <std::size_t kCount>
MERLON_TARGET std::size_t find_any(std::string_view text, std::size_t from,
                                   std::span<const MaskedByte> listed) {
    if (from > text.size() || text.size() - from < Simd::kBytes) {
        return portable::find_any(text, from, listed);
    }
    Wanted<kCount> wanted;
    for (std::size_t i = 0; i < kCount; ++i) {
        wanted.bytes[i] = Simd::splat(listed[i].byte);
        wanted.masks[i] = Simd::splat(listed[i].mask);
    }
    const char* const data = text.data();
    std::size_t at = from;
    for (; at + 2 * Simd::kBytes <= text.size(); at += 2 * Simd::kBytes) {
        const Vector low = places_of<kCount>(data + at, wanted);
        const Vector high = places_of<kCount>(data + at + Simd::kBytes, wanted);
        if (Simd::high_bits(Simd::bit_or(low, high)) == 0) continue;
        const auto first = Simd::high_bits(low);
        if (first != 0) return at + static_cast<std::size_t>(std::countr_zero(first));
        return at + Simd::kBytes +
               static_cast<std::size_t>(std::countr_zero(Simd::high_bits(high)));
    }
    for (; at < text.size(); at += Simd::kBytes) {
        // The last vector reaches back over what was seen: nothing was found there.
        at = std::min(at, text.size() - Simd::kBytes);
        const auto found = Simd::high_bits(places_of<kCount>(data + at, wanted));
        if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
    }
    return kNowhereInText;
}

MERLON_TARGET inline std::size_t find_two(std::string_view text, std::size_t from,
                                          std::size_t limit, const BytePair& pair) {
    const Vector first = Simd::splat(pair.bytes[0].byte);
    const Vector second = Simd::splat(pair.bytes[1].byte);
    const Vector first_mask = Simd::splat(pair.bytes[0].mask);
    const Vector second_mask = Simd::splat(pair.bytes[1].mask);
    std::size_t at = from;
    while (at < limit && pair.offsets[1] + Simd::kBytes <= text.size() &&
           at <= text.size() - pair.offsets[1] - Simd::kBytes) {
        const Vector a = Simd::load(text.data() + at + pair.offsets[0]);
        const Vector b = Simd::load(text.data() + at + pair.offsets[1]);
        const auto found =
            Simd::high_bits(Simd::bit_and(Simd::equal(Simd::bit_or(a, first_mask), first),
                                          Simd::equal(Simd::bit_or(b, second_mask), second)));
        if (found != 0) {
            const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(found));
            return place < limit ? place : kNowhereInText;
        }
        at += Simd::kBytes;
    }
    return portable::find_two(text, at, limit, pair);
}

}  // namespace MERLON_SIMD_NAMESPACE
