#pragma once

// What is larger than a window, as overlapping pieces of text: a file of the working tree, or a
// member of an archive while it is unpacked.
//
// The idea: one buffer of a window; the end of each piece is the begin of the next, so that what
// crosses the edge stands whole in one of them. Which of them owns a place is decided in the middle
// of what they share.
//
// Thread-safe: no state. Memory: limits.window_bytes, whatever the length. Cost: one read.

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/cancel.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/document.h"
#include "text/archive.h"

namespace merlon::connect {

// A file as something that is read piece by piece; it remembers why a read failed.
class FileInput final : public text::ArchiveInput {
  public:
    explicit FileInput(FileReader& reader) : reader_(reader) {}
    Result<std::size_t> read(std::span<char> buffer) override;
    bool seek(std::uint64_t offset) override;
    std::uint64_t size() const override { return reader_.status().size; }
    // The next byte at or after `offset` that is not in a hole of the file.
    std::uint64_t skip_hole(std::uint64_t offset) { return reader_.skip_hole(offset); }
    FileFailure failure() const { return failure_; }

  private:
    FileReader& reader_;
    FileFailure failure_{};
};

struct Window {
    std::string_view bytes;          // with kReadPadding zeros behind
    std::uint64_t first_line = 1;    // of bytes[0], as the next two
    std::uint64_t first_column = 1;  // in code points
    std::uint64_t offset = 0;
    std::uint64_t owned_begin = 0;  // in `bytes`, see model::Document
    std::uint64_t owned_end = model::kNoEnd;
};

// The first data at or behind an offset; empty: the input has no holes.
using NextData = std::function<std::uint64_t(std::uint64_t offset)>;

// Calls on_window for each piece; fails where the input does. Returns the bytes that were read.
Result<std::uint64_t> read_windows(text::ArchiveInput& input, const NextData& next_data,
                                   const Limits& limits, const CancelToken& cancel,
                                   const std::function<void(const Window&)>& on_window);

}  // namespace merlon::connect
