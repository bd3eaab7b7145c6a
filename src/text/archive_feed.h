#pragma once

// What libarchive reads from where an archive is not in memory.
//
// Not thread-safe: one for each archive. Borrows the input; memory: one buffer.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/archive_end.h"
#include "text/archive_meter.h"
#include "text/stream_layers.h"

struct archive;

namespace merlon::text {

class Feed {
  public:
    // `layers`: the streams of which `input` is the content, where there are any.
    Feed(ArchiveInput& input, Meter& meter, StreamLayers* layers)
        : input_(input), meter_(meter), layers_(layers) {}

    // Opens the reader on the input. False where that fails.
    bool open(struct archive* reader);
    // Reads on to the end. False where a limit ends that, with the reason.
    bool drain(std::string& why);
    // The last bytes of what was drained, and at least what libarchive had got last.
    std::string_view tail() const { return tail_; }
    // Whether only zeros come behind what libarchive used by its own account.
    bool only_zeros_follow(struct archive* reader);
    // As far as it was read.
    const Rar5Checksums& rar5_checksums() const { return rar5_checksums_; }

  private:
    Result<std::string_view> next();
    bool seek(std::int64_t offset, int whence);

    struct Callbacks;

    ArchiveInput& input_;
    Meter& meter_;
    StreamLayers* layers_;
    Rar5Checksums rar5_checksums_;
    std::vector<char> buffer_;
    std::string tail_;
    std::uint64_t at_ = 0;        // behind what libarchive got
    std::size_t last_bytes_ = 0;  // of the buffer, what libarchive got last
};

}  // namespace merlon::text
