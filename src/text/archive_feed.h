#pragma once

// What libarchive reads from where an archive is not in memory, or where it must not see all of it
// at once.
//
// libarchive keeps in memory what an archive has in front of a member (names of a cpio, the table
// of an ar), whatever its size; that is therefore bounded here.
//
// Not thread-safe: one for each archive. Borrows the input; memory: one buffer.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/archive_end.h"
#include "text/archive_meter.h"
#include "text/stream_layers.h"

struct archive;

namespace merlon::text {

inline constexpr std::size_t kMaxHeaderBytes = std::size_t{4} << 20;

class Feed {
  public:
    // `layers`: the streams of which `input` is the content, where there are any.
    Feed(ArchiveInput& input, Meter& meter, StreamLayers* layers)
        : input_(input), meter_(meter), layers_(layers) {}

    // Opens the reader on the input. False where that fails.
    bool open(struct archive* reader);
    // Between these two, libarchive gets no more than kMaxHeaderBytes, but for zeros and for what
    // has a directory (a zip).
    void begin_header() { header_left_ = kMaxHeaderBytes; }
    void end_header() { header_left_.reset(); }
    // Whether it asked for more.
    bool is_over_limit() const { return is_over_limit_; }
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
    Status charge_header(std::string_view piece);
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
    std::optional<std::size_t> header_left_;
    bool has_directory_ = false;
    bool is_over_limit_ = false;
};

}  // namespace merlon::text
