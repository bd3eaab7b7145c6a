#pragma once

// One compressed stream, unpacked piece by piece by the library of its format: gzip (RFC 1952),
// zlib (RFC 1950), bare deflate (RFC 1951), bzip2, xz, lzma, lzip, zstd (RFC 8878), lz4 frames,
// brotli (RFC 7932), Snappy's framing format.
//
// The idea: libarchive guesses what something is and throws away the last block where a stream ends
// too early. Here the kind is said, one layer is unpacked and no more, whatever comes out before a
// damage is handed on, and the caller learns how the stream ended: well, with bytes behind it, too
// early, or in a damage: a wrong checksum too.
//
// Not thread-safe; one stream each. Borrows the packed bytes, or reads them from an input in pieces
// (each at least a block of the format). Memory: that, the format's window, a piece.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "text/packed_bytes.h"

namespace merlon::text {

enum class StreamKind : std::uint8_t {
    kGzip,
    kZlib,
    kDeflate,  // neither's header around it, as in a zip
    kBzip2,
    kXz,
    kLzma,
    kLzip,
    kZstd,
    kLz4,
    kBrotli,
    kSnappy,
};

// "gzip", …
std::string_view name(StreamKind kind);

enum class StreamState : std::uint8_t {
    kMore,
    kMember,    // as kMore, and one of several streams in a row ended here
    kEnd,       // of the last stream
    kTrailing,  // ended well, and other bytes follow: zeros too
    kCut,       // no byte is wrong, and the end is not there
    kDamaged,   // or not of this kind
};

constexpr bool goes_on(StreamState state) {
    return state == StreamState::kMore || state == StreamState::kMember;
}

class StreamDecoder {
  public:
    explicit StreamDecoder(PackedBytes packed) : packed_(std::move(packed)) {}
    virtual ~StreamDecoder() = default;
    StreamDecoder(const StreamDecoder&) = delete;
    StreamDecoder& operator=(const StreamDecoder&) = delete;

    // Replaces `piece` by what comes out next: of deflate a window (32 KiB), of Snappy a
    // chunk, of brotli what 32 KiB give. It may be empty. What stands before a damage comes
    // together with kDamaged or before it, with kCut likewise.
    virtual StreamState next(std::string& piece) = 0;
    // Where kTrailing was said, what follows is still there. Of a failed input: its error.
    PackedBytes& packed() { return packed_; }

  protected:
    PackedBytes packed_;
};

// Of bytes in memory, which are borrowed, or of an input.
std::unique_ptr<StreamDecoder> open_stream(StreamKind kind, PackedBytes packed);

}  // namespace merlon::text
