#pragma once

// Zlib streams (RFC 1950) of known size, and padded buffers for what comes out of them.
//
// The idea: a pack entry says how long its content is, so that one call fills one buffer. A size
// that the compressed bytes cannot reach (deflate expands at most 1032 times, RFC 1951) is refused
// before anything is allocated: a few bytes must not ask for gigabytes.
//
// Thread-safe: each thread keeps a decompressor of its own. Cost: libdeflate's.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace merlon::connect::git {

// A buffer that is filled once and then shared: `size` bytes and kReadPadding zeros behind them.
class ContentBuffer {
  public:
    // Fails where the memory is not there; the contents are not initialised, the padding is.
    static Result<ContentBuffer> allocate(std::uint64_t size);

    char* data() { return bytes_.get(); }
    std::size_t size() const { return size_; }
    std::string_view view() const { return {bytes_.get(), size_}; }
    FileBytes share() &&;

  private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

// Whether `compressed` can give `size` bytes at all; an error that says so where it cannot.
Status can_inflate(std::string_view compressed, std::uint64_t size);

// Fills `out` from the stream at the start of `compressed`, which may go on behind it. Fails when
// the stream is damaged or gives another number of bytes. Returns how many bytes it took.
Result<std::size_t> inflate_exactly(std::string_view compressed, char* out, std::size_t out_size);

// The same into a new buffer.
Result<ContentBuffer> inflate_exactly(std::string_view compressed, std::uint64_t size);

// A stream of these bytes.
Result<std::string> deflate(std::string_view bytes);

// Inflates at most `out_size` bytes from the start of the stream: for headers. Returns how many.
Result<std::size_t> inflate_prefix(std::string_view compressed, char* out, std::size_t out_size);

}  // namespace merlon::connect::git
