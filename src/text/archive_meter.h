#pragma once

// What is taken from an archive's budget while it is unpacked: a bomb ends here.
//
// Not thread-safe: one for each archive, and the budget belongs to one outermost file.

#include <algorithm>
#include <cstdint>
#include <string>

#include "text/archive.h"

namespace merlon::text {

// Below this nothing counts as a bomb, whatever its ratio.
inline constexpr std::uint64_t kRatioFreeBytes = std::uint64_t{1} << 20;

// Takes unpacked bytes under the limits.
class Meter {
  public:
    // `packed_bytes`: 0 where that is not known.
    Meter(ArchiveBudget& budget, std::uint64_t packed_bytes)
        : budget_(budget), packed_bytes_(packed_bytes), is_sized_(packed_bytes != 0) {}

    // So much of the archive in all, where nobody knew its length before its end.
    void has_read(std::uint64_t packed_bytes) {
        if (!is_sized_) packed_bytes_ = packed_bytes;
    }
    std::uint64_t packed_bytes() const { return packed_bytes_; }

    // False, with the reason, where `count` more bytes are too many.
    bool take(std::uint64_t count, std::string& why) {
        unpacked_bytes_ += count;
        if (budget_.cancel != nullptr && budget_.cancel->cancelled()) {
            why = "was not unpacked: the run was stopped";
            return false;
        }
        if (count > budget_.bytes_left) {
            why =
                "unpacks to more than what is left of the limit for one file; unpack it and scan "
                "what it holds";
            return false;
        }
        budget_.bytes_left -= count;
        if (unpacked_bytes_ > kRatioFreeBytes &&
            unpacked_bytes_ / std::max<std::uint64_t>(packed_bytes_, 1) > budget_.max_ratio) {
            why = "unpacks to more than " + std::to_string(budget_.max_ratio) +
                  " times its size, as bombs do";
            return false;
        }
        return true;
    }

  private:
    ArchiveBudget& budget_;
    std::uint64_t packed_bytes_;
    bool is_sized_;
    std::uint64_t unpacked_bytes_ = 0;
};

}  // namespace merlon::text
