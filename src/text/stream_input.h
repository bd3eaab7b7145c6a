#pragma once

// A compressed stream unpacked under the limits: whole, in memory, or as an input that is read
// piece by piece.
//
// Not thread-safe; one stream each. Borrows the packed bytes or their input. Memory: what
// stream_decoder.h says, and of a whole stream its content.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/archive.h"
#include "text/archive_meter.h"
#include "text/stream_decoder.h"

namespace merlon::text {

// A stream unpacked in memory, under the limits.
struct UnpackedStream {
    std::string bytes;                // all, or what came before the damage or the limit
    std::vector<std::size_t> pieces;  // where decoders' pieces end, of some kinds the streams
    StreamState state = StreamState::kEnd;
    ArchiveGap gap;  // where the state is not kEnd: what and why
};

UnpackedStream unpack_stream(StreamKind kind, std::string_view packed, ArchiveBudget& budget);

// Whether it is damaged, cut off, or what follows it was not read.
std::string stream_problem(StreamKind kind, StreamState state);

// The pieces of a stream, and where they end.
class StreamPieces {
  public:
    StreamPieces(StreamKind kind, PackedBytes packed)
        : kind_(kind), decoder_(open_stream(kind, std::move(packed))) {}

    // Replaces piece(), also by nothing.
    StreamState next();
    std::string_view piece() const { return piece_; }
    StreamKind kind() const { return kind_; }
    StreamState state() const { return state_; }
    // Of gzip, zlib, Snappy and brotli where each piece ends; of others each of several streams.
    const std::vector<std::size_t>& ends() const { return ends_; }
    PackedBytes& packed() { return decoder_->packed(); }

  private:
    StreamKind kind_;
    std::unique_ptr<StreamDecoder> decoder_;
    std::string piece_;
    std::size_t unpacked_bytes_ = 0;
    std::vector<std::size_t> ends_;
    StreamState state_ = StreamState::kMore;
};

// A stream as input of walk_container().
class StreamInput final : public ArchiveInput {
  public:
    // `budget`: for the ratio alone, what is taken from the stream counts elsewhere.
    StreamInput(StreamKind kind, std::string_view packed, const ArchiveBudget& budget);

    // Fails where the stream is not whole or something follows, behind the bytes that come before.
    Result<std::size_t> read(std::span<char> buffer) override;
    bool seek(std::uint64_t) override { return false; }
    std::uint64_t size() const override { return 0; }

    // Reads on to the end: true where nothing but zeros came.
    Result<bool> is_done();
    const std::vector<std::size_t>& pieces() const { return pieces_.ends(); }
    StreamKind kind() const { return pieces_.kind(); }
    // As far as it was read.
    StreamState state() const { return pieces_.state(); }

  private:
    StreamPieces pieces_;
    ArchiveBudget budget_;
    Meter meter_;
    std::string_view piece_;  // not handed out yet
};

}  // namespace merlon::text
