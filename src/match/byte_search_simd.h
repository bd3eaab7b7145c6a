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

// The first place that `found` has, which begins at `at`.
MERLON_TARGET inline std::size_t first_of(Vector found, std::size_t at) {
    return at + static_cast<std::size_t>(std::countr_zero(Simd::high_bits(found)));
}

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
    const Vector begin = places_of<kCount>(data + from, wanted);
    if (Simd::high_bits(begin) != 0) return first_of(begin, from);
    // From the next boundary on no vector lies across two cache lines; it may see again what the
    // first has seen.
    std::size_t at =
        from + Simd::kBytes - reinterpret_cast<std::uintptr_t>(data + from) % Simd::kBytes;
    for (; at + 4 * Simd::kBytes <= text.size(); at += 4 * Simd::kBytes) {
        Vector four[4];
        MERLON_UNROLL
        for (std::size_t i = 0; i < 4; ++i) {
            four[i] = places_of<kCount>(data + at + i * Simd::kBytes, wanted);
        }
        const Vector any =
            Simd::bit_or(Simd::bit_or(four[0], four[1]), Simd::bit_or(four[2], four[3]));
        if (Simd::high_bits(any) == 0) continue;
        std::size_t i = 0;
        while (Simd::high_bits(four[i]) == 0) ++i;
        return first_of(four[i], at + i * Simd::kBytes);
    }
    for (; at < text.size(); at += Simd::kBytes) {
        // The last vector reaches back over what was seen: nothing was found there.
        at = std::min(at, text.size() - Simd::kBytes);
        const Vector found = places_of<kCount>(data + at, wanted);
        if (Simd::high_bits(found) != 0) return first_of(found, at);
    }
    return kNowhereInText;
}

struct WantedPair {
    Vector bytes[2];
    Vector masks[2];
    const char* begins[2];  // of the text, by the offset of each
};

MERLON_TARGET inline Vector pairs_of(std::size_t at, const WantedPair& wanted) {
    const Vector a = Simd::load(wanted.begins[0] + at);
    const Vector b = Simd::load(wanted.begins[1] + at);
    return Simd::bit_and(Simd::equal(Simd::bit_or(a, wanted.masks[0]), wanted.bytes[0]),
                         Simd::equal(Simd::bit_or(b, wanted.masks[1]), wanted.bytes[1]));
}

MERLON_TARGET inline std::size_t find_two(std::string_view text, std::size_t from,
                                          std::size_t limit, const BytePair& pair) {
    const std::size_t end = text.size() - std::min(text.size(), pair.offsets[1]);
    limit = std::min(limit, end);
    if (from >= limit || end - from < Simd::kBytes) {
        return portable::find_two(text, from, limit, pair);
    }
    WantedPair wanted;
    for (std::size_t i = 0; i < 2; ++i) {
        wanted.bytes[i] = Simd::splat(pair.bytes[i].byte);
        wanted.masks[i] = Simd::splat(pair.bytes[i].mask);
        wanted.begins[i] = text.data() + pair.offsets[i];
    }
    std::size_t at = from;
    for (; at < limit && at + 2 * Simd::kBytes <= end; at += 2 * Simd::kBytes) {
        const Vector low = pairs_of(at, wanted);
        const Vector high = pairs_of(at + Simd::kBytes, wanted);
        if (Simd::high_bits(Simd::bit_or(low, high)) == 0) continue;
        if (Simd::high_bits(low) != 0) return before(limit, first_of(low, at));
        return before(limit, first_of(high, at + Simd::kBytes));
    }
    for (; at < limit; at += Simd::kBytes) {
        at = std::min(at, end - Simd::kBytes);  // as above
        const Vector found = pairs_of(at, wanted);
        if (Simd::high_bits(found) != 0) return before(limit, first_of(found, at));
    }
    return kNowhereInText;
}

}  // namespace MERLON_SIMD_NAMESPACE
