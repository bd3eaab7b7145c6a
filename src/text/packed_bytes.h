#pragma once

// The bytes that a decoder of a compressed stream takes: all in memory, or read as they are wanted.
//
// The idea: a decoder looks at what is there and takes what it used. In memory that is all that is
// left, so nothing is copied; of an input it is a buffer, filled up where less is there than was
// asked for. So one decoder serves for streams of any size, in the memory of one buffer.
//
// Not thread-safe: one for each stream. Borrows the bytes or the input.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/archive.h"

namespace merlon::text {

class PackedBytes {
  public:
    explicit PackedBytes(std::string_view all) : held_(all) {}
    explicit PackedBytes(ArchiveInput& input) : input_(&input) {}
    PackedBytes(PackedBytes&&) = default;
    PackedBytes& operator=(PackedBytes&&) = default;

    // What is there and not taken: at least `least` bytes, fewer only at the end. Lives until the
    // next call.
    std::string_view peek(std::size_t least) {
        if (held_.size() < least && !is_last()) fill(least);
        return held_;
    }
    void take(std::size_t count) {
        held_.remove_prefix(count);
        taken_ += count;
    }

    bool is_at_end() { return peek(1).empty(); }
    // Whether nothing comes behind what peek() gave.
    bool is_last() const { return input_ == nullptr; }
    std::uint64_t taken() const { return taken_; }
    // Why the input ended before its end, where it did.
    const std::optional<Error>& error() const { return error_; }

  private:
    void fill(std::size_t least);

    std::string_view held_;
    ArchiveInput* input_ = nullptr;  // null once it has ended
    std::vector<char> buffer_;
    std::uint64_t taken_ = 0;
    std::optional<Error> error_;
};

}  // namespace merlon::text
