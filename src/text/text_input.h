#pragma once

// Bytes in memory as something that is read piece by piece.
//
// Borrows the bytes; not shared between threads.

#include <algorithm>
#include <string_view>

#include "text/archive.h"

namespace merlon::text {

class TextInput final : public ArchiveInput {
  public:
    explicit TextInput(std::string_view bytes) : bytes_(bytes) {}
    Result<std::size_t> read(std::span<char> buffer) override {
        const std::size_t count = bytes_.substr(at_).copy(buffer.data(), buffer.size());
        at_ += count;
        return count;
    }
    bool seek(std::uint64_t offset) override {
        at_ = std::min<std::uint64_t>(offset, bytes_.size());
        return true;
    }
    std::uint64_t size() const override { return bytes_.size(); }

  private:
    std::string_view bytes_;
    std::size_t at_ = 0;
};

}  // namespace merlon::text
