#pragma once

// Operations on vectors of bytes, for the few loops that decide how fast text is read.
//
// The idea: one path for each kind of processor (AVX2, SSSE3, NEON), chosen at run time, and a
// portable loop beside them. A loop is written once, in a file without include guard that is
// included for each path with MERLON_SIMD naming it (src/text/utf8_scan.cpp shows how); all
// functions of a path carry its target attribute, so nothing else in the program is compiled for a
// processor that may not be there.
//
// Thread-safe: no state.

#include <cstddef>
#include <cstdint>

#include "base/simd_path.h"

#if MERLON_SIMD_X86
#include <immintrin.h>
#elif MERLON_SIMD_ARM
#include <arm_neon.h>
#endif

// Before a loop over a few vectors: at -O2 compilers keep such a loop, and the vectors in memory.
#if defined(__clang__)
#define MERLON_UNROLL _Pragma("clang loop unroll(full)")
#else
#define MERLON_UNROLL _Pragma("GCC unroll 8")
#endif

namespace merlon {

#if MERLON_SIMD_X86

#define MERLON_TARGET_SSSE3 __attribute__((target("ssse3")))
#define MERLON_TARGET_AVX2 __attribute__((target("avx2")))
#define MERLON_OP static inline __attribute__((always_inline)) MERLON_TARGET_SSSE3

struct Ssse3 {
    using Vector = __m128i;
    using Mask = std::uint32_t;  // one bit for each byte
    static constexpr std::size_t kBytes = 16;

    MERLON_OP Vector load(const void* from) {
        return _mm_loadu_si128(static_cast<const __m128i*>(from));
    }
    // A table of 16 bytes for lookup().
    MERLON_OP Vector load_table(const std::uint8_t* from) { return load(from); }
    MERLON_OP Vector splat(std::uint8_t byte) { return _mm_set1_epi8(static_cast<char>(byte)); }
    MERLON_OP Vector zero() { return _mm_setzero_si128(); }
    MERLON_OP Vector bit_and(Vector a, Vector b) { return _mm_and_si128(a, b); }
    MERLON_OP Vector bit_or(Vector a, Vector b) { return _mm_or_si128(a, b); }
    MERLON_OP Vector bit_xor(Vector a, Vector b) { return _mm_xor_si128(a, b); }
    MERLON_OP Vector equal(Vector a, Vector b) { return _mm_cmpeq_epi8(a, b); }
    MERLON_OP Vector subtract_saturating(Vector a, Vector b) { return _mm_subs_epu8(a, b); }
    MERLON_OP Vector low_nibbles(Vector a) { return bit_and(a, splat(0x0F)); }
    MERLON_OP Vector high_nibbles(Vector a) { return low_nibbles(_mm_srli_epi16(a, 4)); }
    // table[index] for each byte; indices are 0 to 15.
    MERLON_OP Vector lookup(Vector table, Vector index) { return _mm_shuffle_epi8(table, index); }
    // The bytes that stand N (1 to 3) before those of `current`, `before` being the vector before.
    template <int N>
    MERLON_OP Vector shifted_in(Vector current, Vector before) {
        return _mm_alignr_epi8(current, before, 16 - N);
    }
    // One bit for each byte whose highest bit is set.
    MERLON_OP Mask high_bits(Vector a) { return static_cast<Mask>(_mm_movemask_epi8(a)); }
    MERLON_OP Mask zero_bytes(Vector a) { return high_bits(equal(a, zero())); }
    MERLON_OP bool any(Vector a) { return zero_bytes(a) != 0xFFFF; }
    MERLON_OP void store(void* to, Vector a) { _mm_storeu_si128(static_cast<__m128i*>(to), a); }
};

#undef MERLON_OP
#define MERLON_OP static inline __attribute__((always_inline)) MERLON_TARGET_AVX2

struct Avx2 {
    using Vector = __m256i;
    using Mask = std::uint32_t;
    static constexpr std::size_t kBytes = 32;

    MERLON_OP Vector load(const void* from) {
        return _mm256_loadu_si256(static_cast<const __m256i*>(from));
    }
    MERLON_OP Vector load_table(const std::uint8_t* from) {
        return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
    }
    MERLON_OP Vector splat(std::uint8_t byte) { return _mm256_set1_epi8(static_cast<char>(byte)); }
    MERLON_OP Vector zero() { return _mm256_setzero_si256(); }
    MERLON_OP Vector bit_and(Vector a, Vector b) { return _mm256_and_si256(a, b); }
    MERLON_OP Vector bit_or(Vector a, Vector b) { return _mm256_or_si256(a, b); }
    MERLON_OP Vector bit_xor(Vector a, Vector b) { return _mm256_xor_si256(a, b); }
    MERLON_OP Vector equal(Vector a, Vector b) { return _mm256_cmpeq_epi8(a, b); }
    MERLON_OP Vector subtract_saturating(Vector a, Vector b) { return _mm256_subs_epu8(a, b); }
    MERLON_OP Vector low_nibbles(Vector a) { return bit_and(a, splat(0x0F)); }
    MERLON_OP Vector high_nibbles(Vector a) { return low_nibbles(_mm256_srli_epi16(a, 4)); }
    MERLON_OP Vector lookup(Vector table, Vector index) {
        return _mm256_shuffle_epi8(table, index);
    }
    template <int N>
    MERLON_OP Vector shifted_in(Vector current, Vector before) {
        return _mm256_alignr_epi8(current, _mm256_permute2x128_si256(before, current, 0x21),
                                  16 - N);
    }
    MERLON_OP Mask high_bits(Vector a) { return static_cast<Mask>(_mm256_movemask_epi8(a)); }
    MERLON_OP Mask zero_bytes(Vector a) { return high_bits(equal(a, zero())); }
    MERLON_OP bool any(Vector a) { return _mm256_testz_si256(a, a) == 0; }
    MERLON_OP void store(void* to, Vector a) { _mm256_storeu_si256(static_cast<__m256i*>(to), a); }
};

#undef MERLON_OP

#elif MERLON_SIMD_ARM

#define MERLON_TARGET_NEON
#define MERLON_OP static inline __attribute__((always_inline))

struct Neon {
    using Vector = uint8x16_t;
    using Mask = std::uint32_t;
    static constexpr std::size_t kBytes = 16;

    MERLON_OP Vector load(const void* from) {
        return vld1q_u8(static_cast<const std::uint8_t*>(from));
    }
    MERLON_OP Vector load_table(const std::uint8_t* from) { return load(from); }
    MERLON_OP Vector splat(std::uint8_t byte) { return vdupq_n_u8(byte); }
    MERLON_OP Vector zero() { return vdupq_n_u8(0); }
    MERLON_OP Vector bit_and(Vector a, Vector b) { return vandq_u8(a, b); }
    MERLON_OP Vector bit_or(Vector a, Vector b) { return vorrq_u8(a, b); }
    MERLON_OP Vector bit_xor(Vector a, Vector b) { return veorq_u8(a, b); }
    MERLON_OP Vector equal(Vector a, Vector b) { return vceqq_u8(a, b); }
    MERLON_OP Vector subtract_saturating(Vector a, Vector b) { return vqsubq_u8(a, b); }
    MERLON_OP Vector low_nibbles(Vector a) { return vandq_u8(a, splat(0x0F)); }
    MERLON_OP Vector high_nibbles(Vector a) { return vshrq_n_u8(a, 4); }
    MERLON_OP Vector lookup(Vector table, Vector index) { return vqtbl1q_u8(table, index); }
    template <int N>
    MERLON_OP Vector shifted_in(Vector current, Vector before) {
        return vextq_u8(before, current, 16 - N);
    }
    // There is no movemask: each byte keeps the bit of its place, and the bytes are added up.
    MERLON_OP Mask high_bits(Vector a) {
        const Vector weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
        const Vector set = vreinterpretq_u8_s8(vshrq_n_s8(vreinterpretq_s8_u8(a), 7));
        const Vector bits = vandq_u8(set, weights);
        return static_cast<Mask>(vaddv_u8(vget_low_u8(bits))) |
               static_cast<Mask>(vaddv_u8(vget_high_u8(bits))) << 8;
    }
    MERLON_OP Mask zero_bytes(Vector a) { return high_bits(equal(a, zero())); }
    MERLON_OP bool any(Vector a) { return vmaxvq_u8(a) != 0; }
    MERLON_OP void store(void* to, Vector a) { vst1q_u8(static_cast<std::uint8_t*>(to), a); }
};

#undef MERLON_OP

#endif

}  // namespace merlon
