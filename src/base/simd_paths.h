// A file of loops over vectors, once for each kind of processor; no include guard, because each
// .cpp with such loops includes it:
//
//   #define MERLON_SIMD_LOOPS "text/utf8_scan_simd.h"
//   #include "base/simd_paths.h"
//
// The loops stand in namespace MERLON_SIMD_NAMESPACE (avx2, ssse3, neon), work with the operations
// of MERLON_SIMD (base/simd.h), and each function carries MERLON_TARGET.
// MERLON_ON_SIMD_PATH(path, call(…), portable) calls the one of `path`, or evaluates `portable`
// where `path` has no vectors.

#include "base/simd.h"

#if MERLON_SIMD_X86

#define MERLON_SIMD Ssse3
#define MERLON_SIMD_NAMESPACE ssse3
#define MERLON_TARGET MERLON_TARGET_SSSE3
#include MERLON_SIMD_LOOPS
#undef MERLON_SIMD
#undef MERLON_SIMD_NAMESPACE
#undef MERLON_TARGET
#define MERLON_SIMD Avx2
#define MERLON_SIMD_NAMESPACE avx2
#define MERLON_TARGET MERLON_TARGET_AVX2
#include MERLON_SIMD_LOOPS
#undef MERLON_SIMD
#undef MERLON_SIMD_NAMESPACE
#undef MERLON_TARGET
#define MERLON_ON_SIMD_PATH(path, call, portable)         \
    ((path) == ::merlon::SimdPath::kAvx2    ? avx2::call  \
     : (path) == ::merlon::SimdPath::kSsse3 ? ssse3::call \
                                            : (portable))

#elif MERLON_SIMD_ARM

#define MERLON_SIMD Neon
#define MERLON_SIMD_NAMESPACE neon
#define MERLON_TARGET MERLON_TARGET_NEON
#include MERLON_SIMD_LOOPS
#undef MERLON_SIMD
#undef MERLON_SIMD_NAMESPACE
#undef MERLON_TARGET
#define MERLON_ON_SIMD_PATH(path, call, portable) \
    ((path) == ::merlon::SimdPath::kNeon ? neon::call : (portable))

#else

#define MERLON_ON_SIMD_PATH(path, call, portable) (portable)

#endif

#undef MERLON_SIMD_LOOPS
