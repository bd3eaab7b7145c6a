#pragma once

// Which vectors this processor has. Apart from base/simd.h, because the compilers' headers of
// vector operations cost a second to read, and most files only pass a path on.
//
// Thread-safe: no state.

#include <cstdint>

#if defined(__x86_64__)
#define MERLON_SIMD_X86 1
#elif defined(__aarch64__)
#define MERLON_SIMD_ARM 1
#endif

namespace merlon {

enum class SimdPath : std::uint8_t { kPortable, kSsse3, kAvx2, kNeon };
inline constexpr SimdPath kSimdPaths[] = {SimdPath::kPortable, SimdPath::kSsse3, SimdPath::kAvx2,
                                          SimdPath::kNeon};

// Whether this processor has what the path needs.
inline bool is_available(SimdPath path) {
    switch (path) {
        case SimdPath::kPortable:
            return true;
#if MERLON_SIMD_X86
        case SimdPath::kSsse3:
            return __builtin_cpu_supports("ssse3") != 0;
        case SimdPath::kAvx2:
            return __builtin_cpu_supports("avx2") != 0;
#elif MERLON_SIMD_ARM
        case SimdPath::kNeon:
            return true;
#endif
        default:
            return false;
    }
}

inline SimdPath best_simd_path() {
    if (is_available(SimdPath::kAvx2)) return SimdPath::kAvx2;
    if (is_available(SimdPath::kSsse3)) return SimdPath::kSsse3;
    return is_available(SimdPath::kNeon) ? SimdPath::kNeon : SimdPath::kPortable;
}

}  // namespace merlon
