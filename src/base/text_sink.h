#pragma once

// Text that is handed on while it is made, so that a report of a hundred thousand findings is never
// a whole in memory.
//
// The idea: whoever writes appends to buffer() as to any string, and calls settle() between two
// parts; what has piled up goes on then. The first failure is kept, and what follows it is dropped.
//
// Not thread-safe: one writer. Memory: kSettleBytes and the largest part.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace merlon {

class TextSink {
  public:
    using Write = std::function<Status(std::string_view text)>;
    static constexpr std::size_t kSettleBytes = std::size_t{256} << 10;

    explicit TextSink(Write write) : write_(std::move(write)) {}

    std::string& buffer() { return buffer_; }
    // Between two parts: hands on what is here, if it is enough to be worth it.
    void settle() {
        if (buffer_.size() >= kSettleBytes) hand_on();
    }
    // At the end: hands on the rest, and says what went wrong.
    Status finish() {
        hand_on();
        return status_;
    }

  private:
    void hand_on() {
        if (status_.ok() && !buffer_.empty()) status_ = write_(buffer_);
        buffer_.clear();
    }

    Write write_;
    std::string buffer_;
    Status status_;
};

}  // namespace merlon
