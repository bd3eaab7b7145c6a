#pragma once

// The loops behind text/utf8.h that look at every byte of every file: is it ASCII, is it UTF-8, and
// where not. A path for each kind of processor, chosen at run time; tests name one.
//
// Thread-safe: no state. Cost: one pass; some bytes per cycle for ASCII and for valid text.

#include <cstddef>
#include <string_view>

#include "base/simd_path.h"

namespace merlon::text {

// The offset of the first byte that is not ASCII, or text.size().
std::size_t find_non_ascii(std::string_view text, SimdPath path = best_simd_path());

// The offset of the first byte that begins no valid sequence (Unicode, table 3-7), or text.size().
std::size_t find_invalid_utf8(std::string_view text, SimdPath path);

}  // namespace merlon::text
