#pragma once

// What a cut or damaged compressed stream still holds: gz, bz2, xz, lzma, lz, zstd, lz4.
//
// The idea: libarchive unpacks in blocks and throws the last one away where the stream ends too
// early, which of a small file is all of it. Here the stream is unpacked once more by the library
// of its format, and whatever comes out before the damage is handed on.
//
// Thread-safe: no shared state. Cost: one pass over the stream; memory: the format's window.

#include <functional>
#include <optional>
#include <string_view>

#include "text/stream_decoder.h"

namespace merlon::text {

// By the first bytes, what salvage_stream() unpacks (the old .lzma has none).
std::optional<StreamKind> stream_kind(std::string_view first_bytes);

// Calls `take` for each piece, until the end, the damage, or until `take` says false.
void salvage_stream(std::string_view packed, const std::function<bool(std::string_view)>& take);

}  // namespace merlon::text
