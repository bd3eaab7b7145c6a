#pragma once

// UTF-16 and UTF-32 as UTF-8 while they are read, for what is too large to be held.
//
// The idea: a window of a UTF-16 file is UTF-16 only to who knows it from the file's begin, its
// line ends are not those of its bytes, and its places are not those of the text. So the text is
// made first and cut into windows afterwards.
//
// Not thread-safe; one for each file. Borrows the input. Memory: a piece of it, twice.

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "text/archive.h"
#include "text/encoding.h"

namespace merlon::connect {

constexpr bool is_utf16(text::Encoding encoding) {
    return encoding == text::Encoding::kUtf16LittleEndian ||
           encoding == text::Encoding::kUtf16BigEndian;
}

// Whether text in this encoding has to be made UTF-8 before it is cut.
constexpr bool needs_transcoding(text::Encoding encoding) {
    return is_utf16(encoding) || encoding == text::Encoding::kUtf32LittleEndian ||
           encoding == text::Encoding::kUtf32BigEndian;
}

class TranscodedInput final : public text::ArchiveInput {
  public:
    // `encoding` needs transcoding; `input` stands at its begin.
    TranscodedInput(text::ArchiveInput& input, text::Encoding encoding)
        : input_(input), encoding_(encoding) {}

    Result<std::size_t> read(std::span<char> buffer) override;
    bool seek(std::uint64_t) override { return false; }
    std::uint64_t size() const override { return 0; }
    // As they stand in the input.
    std::uint64_t bytes_read() const { return bytes_read_; }

  private:
    Status fill();

    text::ArchiveInput& input_;
    text::Encoding encoding_;
    std::string packed_;  // read, and of a character that goes on
    std::string text_;
    std::size_t at_ = 0;  // in the text
    std::uint64_t bytes_read_ = 0;
    bool is_begin_ = true;
    bool at_end_ = false;
};

}  // namespace merlon::connect
