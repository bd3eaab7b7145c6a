#pragma once

// One compressed stream, unpacked piece by piece by the library of its format: gzip (RFC 1952),
// zlib (RFC 1950), bzip2, xz, lzma, lzip, zstd (RFC 8878), lz4 frames, brotli (RFC 7932), Snappy's
// framing format.
//
// The idea: libarchive guesses what something is and throws away the last block where a stream ends
// too early. Here the kind is said, one layer is unpacked and no more, whatever comes out before a
// damage is handed on, and the caller learns how the stream ended: well, with bytes behind it, too
// early, or in a damage.
//
// Not thread-safe; one stream each. Borrows the packed bytes. Memory: the format's window, a piece.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/archive.h"
#include "text/archive_meter.h"

namespace merlon::text {

enum class StreamKind : std::uint8_t {
    kGzip,
    kZlib,
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
    virtual ~StreamDecoder() = default;
    // Replaces `piece` by what comes out next: of gzip and zlib a window (32 KiB), of Snappy a
    // chunk, of brotli what 32 KiB give. It may be empty. What stands before a damage comes
    // together with kDamaged or before it, with kCut likewise.
    virtual StreamState next(std::string& piece) = 0;
};

std::unique_ptr<StreamDecoder> open_stream(StreamKind kind, std::string_view packed);

// A stream unpacked in memory, under the limits.
struct UnpackedStream {
    std::string bytes;                // all, or what came before the damage or the limit
    std::vector<std::size_t> pieces;  // where the pieces named above end, of others the streams
    StreamState state = StreamState::kEnd;
    ArchiveGap gap;  // where the state is not kEnd: what and why
};

UnpackedStream unpack_stream(StreamKind kind, std::string_view packed, ArchiveBudget& budget);

// A stream as input of walk_container().
class StreamInput final : public ArchiveInput {
  public:
    StreamInput(StreamKind kind, std::string_view packed, const ArchiveBudget& budget);

    Result<std::size_t> read(std::span<char> buffer) override;
    bool seek(std::uint64_t) override { return false; }
    std::uint64_t size() const override { return 0; }

    // Reads on to the end: true where nothing but zeros came.
    Result<bool> is_done();
    const std::vector<std::size_t>& pieces() const { return pieces_; }
    StreamKind kind() const { return kind_; }
    // As far as it was read.
    StreamState state() const { return state_; }

  private:
    StreamKind kind_;
    std::unique_ptr<StreamDecoder> decoder_;
    ArchiveBudget budget_;  // for the ratio alone: what is taken from the tar counts elsewhere
    Meter meter_;
    std::string piece_;
    std::size_t at_ = 0;  // in the piece
    std::size_t unpacked_bytes_ = 0;
    std::vector<std::size_t> pieces_;
    StreamState state_ = StreamState::kMore;
};

}  // namespace merlon::text
