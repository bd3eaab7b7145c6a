#pragma once

// The compressed streams around an archive, one in another, as far as the first bytes of each tell
// that it is one: gz, bz2, xz, lz, zstd, lz4, and by the name the old lzma.
//
// The idea: libarchive would take them off too, but does not look at each checksum, stops where it
// has seen the archive's end, and hides how a stream ended. Here every stream is unpacked once by
// the library of its format, is read to its end, and says how that was.
//
// Not thread-safe. Borrows the bytes or the input. Memory: for each layer the format's window, and
// what of a stream is looked at before it is read.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/peeked_input.h"
#include "text/stream_input.h"

namespace merlon::text {

// More than what the largest block (of the old lz4: 8 MiB) needs to unpack its first bytes.
inline constexpr std::size_t kStreamHeadBytes = (std::size_t{8} << 20) + (std::size_t{256} << 10);

// The content of a stream, without limits: who reads it has some.
class StreamLayer final : public ArchiveInput {
  public:
    StreamLayer(StreamKind kind, PackedBytes packed, const CancelToken* cancel)
        : pieces_(kind, std::move(packed)), cancel_(cancel) {}

    // Fails where the stream is not whole, behind the bytes that come before. What follows it is
    // not read.
    Result<std::size_t> read(std::span<char> buffer) override;
    bool seek(std::uint64_t) override { return false; }
    std::uint64_t size() const override { return 0; }

    StreamPieces& pieces() { return pieces_; }
    const StreamPieces& pieces() const { return pieces_; }

  private:
    StreamPieces pieces_;
    const CancelToken* cancel_;
    std::string_view piece_;  // not handed out yet
};

class StreamLayers {
  public:
    // Around these bytes, or around an input of which the first bytes stay to be read. A stream
    // of which nothing can be unpacked is none.
    StreamLayers(std::string_view packed, std::string_view name, const CancelToken* cancel);
    StreamLayers(PeekedInput& packed, std::string_view name, const CancelToken* cancel);
    // The one stream of this kind.
    StreamLayers(StreamKind kind, PeekedInput& packed, const CancelToken* cancel);

    bool empty() const { return layers_.empty(); }
    // What is inside of all; there is at least one.
    PeekedInput& content() { return layers_.back()->content; }
    // Of the outermost stream, how many bytes were taken.
    std::uint64_t packed_bytes() { return layers_.front()->stream.pieces().packed().taken(); }
    // Whether reading the content failed, as far as it was read.
    bool has_failed() const {
        const StreamState state = layers_.back()->stream.pieces().state();
        return state == StreamState::kCut || state == StreamState::kDamaged;
    }
    // Once the content was read to its end or failed: why a stream is not whole, or, of one inside
    // of another, what follows it. Empty: nothing.
    std::string problem();
    // Of the outermost stream.
    bool only_zeros_follow();

  private:
    struct Layer {
        Layer(StreamKind kind, PackedBytes packed, const CancelToken* cancel)
            : stream(kind, std::move(packed), cancel) {}
        StreamLayer stream;
        PeekedInput content{stream};
    };
    void add(StreamKind kind, PackedBytes packed) {
        layers_.push_back(std::make_unique<Layer>(kind, std::move(packed), cancel_));
    }
    void add_inner();

    const CancelToken* cancel_;
    std::vector<std::unique_ptr<Layer>> layers_;  // the outermost first
};

// Of what has such first bytes, or is the old lzma by its name.
std::optional<StreamKind> stream_around(std::string_view first_bytes, std::string_view name);

}  // namespace merlon::text
