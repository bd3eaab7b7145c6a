#pragma once

// What a cut or damaged compressed stream still holds: gz, bz2, xz, lzma, lz, zstd, lz4.
//
// The idea: libarchive unpacks in blocks and throws the last one away where the stream ends too
// early, which of a small file is all of it. Here the stream is unpacked once more by the library
// of its format, and whatever comes out before the damage is handed on.
//
// Thread-safe: no shared state. Cost: one pass over the stream; memory: the format's window.

#include <functional>
#include <string_view>

namespace merlon::text {

// Whether the first bytes are those of a stream that salvage_stream() unpacks (the old .lzma has
// none).
bool is_compressed_stream(std::string_view first_bytes);

// Whether the stream, unpacked to its end, is whole by its own account: libarchive does not look at
// gzip's checksum. (Bytes may follow.)
bool is_whole_stream(std::string_view packed);

// Calls `take` for each piece, until the end, the damage, or until `take` says false.
void salvage_stream(std::string_view packed, const std::function<bool(std::string_view)>& take);

}  // namespace merlon::text
