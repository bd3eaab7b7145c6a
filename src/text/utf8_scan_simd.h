// The loops of utf8_scan.cpp over vectors; no include guard, because it is included for each path.
//
// J. Keiser, D. Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): every
// error of two adjacent bytes is a bit that the three nibbles (high and low of the first byte, high
// of the second) all have; what is left is whether a byte has to be the second or third
// continuation.

namespace MERLON_SIMD_NAMESPACE {

using Simd = MERLON_SIMD;
using Vector = Simd::Vector;

struct Tables {
    Vector first_high, first_low, second_high;
};

MERLON_TARGET inline Vector errors_of(Vector current, Vector before, const Tables& tables) {
    const Vector first = Simd::shifted_in<1>(current, before);
    const Vector pairs =
        Simd::bit_and(Simd::bit_and(Simd::lookup(tables.first_high, Simd::high_nibbles(first)),
                                    Simd::lookup(tables.first_low, Simd::low_nibbles(first))),
                      Simd::lookup(tables.second_high, Simd::high_nibbles(current)));
    // The highest bit stays where two or three bytes before a lead byte asks for a continuation
    // here.
    const Vector third =
        Simd::subtract_saturating(Simd::shifted_in<2>(current, before), Simd::splat(0xE0 - 0x80));
    const Vector fourth =
        Simd::subtract_saturating(Simd::shifted_in<3>(current, before), Simd::splat(0xF0 - 0x80));
    const Vector must_continue = Simd::bit_and(Simd::bit_or(third, fourth), Simd::splat(0x80));
    return Simd::bit_xor(must_continue, pairs);
}

// Where the first invalid byte may be searched for one by one: a boundary of code points with
// nothing invalid before it; text.size() where all is valid.
MERLON_TARGET std::size_t valid_prefix(std::string_view text) {
    const Tables tables{Simd::load_table(kFirstHigh), Simd::load_table(kFirstLow),
                        Simd::load_table(kSecondHigh)};
    Vector before = Simd::zero();
    bool was_ascii = true;
    constexpr std::size_t kBlock = 2 * Simd::kBytes;
    std::size_t at = 0;
    for (; at + kBlock <= text.size(); at += kBlock) {
        const Vector low = Simd::load(text.data() + at);
        const Vector high = Simd::load(text.data() + at + Simd::kBytes);
        const bool ascii = Simd::high_bits(Simd::bit_or(low, high)) == 0;
        if (!ascii || !was_ascii) {
            const Vector errors =
                Simd::bit_or(errors_of(low, before, tables), errors_of(high, low, tables));
            if (Simd::any(errors)) return boundary_before(text, at);
        }
        was_ascii = ascii;
        before = high;
    }
    // The zeros behind the text also catch a sequence that it cuts off.
    char rest[kBlock + Simd::kBytes] = {};
    std::memcpy(rest, text.data() + at, text.size() - at);
    for (std::size_t i = 0; i < sizeof rest; i += Simd::kBytes) {
        const Vector current = Simd::load(rest + i);
        if (Simd::any(errors_of(current, before, tables))) return boundary_before(text, at);
        before = current;
    }
    return text.size();
}

MERLON_TARGET std::size_t ascii_prefix(std::string_view text) {
    std::size_t at = 0;
    for (; at + 2 * Simd::kBytes <= text.size(); at += 2 * Simd::kBytes) {
        const Vector low = Simd::load(text.data() + at);
        const Vector high = Simd::load(text.data() + at + Simd::kBytes);
        if (Simd::high_bits(Simd::bit_or(low, high)) != 0) break;
    }
    return at + portable::ascii_prefix(text.substr(at));
}

}  // namespace MERLON_SIMD_NAMESPACE
