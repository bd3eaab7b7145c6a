#pragma once

// One zstd frame (RFC 8878) in memory, both ways: for what Merlon packs itself. Foreign streams are
// read under limits by stream_decoder.h.
//
// Thread-safe: no shared state. Equal bytes, level and library give equal frames. Cost: one pass.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::text {

std::string pack_zstd(std::string_view bytes, int level);

// Fails for what is no whole frame, or unpacks to more than `max_bytes`.
Result<std::string> unpack_zstd(std::string_view frame, std::size_t max_bytes);

}  // namespace merlon::text
