#pragma once

// The limits of a run, in one place: parameters with defaults. Hitting one is a visible result.
//
// Value type.

#include <cstdint>

namespace merlon {

struct Limits {
    std::uint64_t max_file_bytes = std::uint64_t{16} << 30;  // larger files are a gap
    std::uint64_t window_bytes = std::uint64_t{64} << 20;    // larger files are read in windows
    std::uint64_t window_overlap_bytes = std::uint64_t{64} << 10;
    std::uint64_t max_findings_per_file = 100'000;
    std::uint32_t max_archive_depth = 8;
    std::uint64_t max_archive_bytes = std::uint64_t{2} << 30;  // unpacked, one outermost file
    std::uint64_t max_archive_member_bytes = std::uint64_t{128} << 20;  // one member, in memory
    std::uint64_t max_archive_members = 200'000;
    std::uint64_t max_archive_ratio = 1'000;  // unpacked to packed, above the first MiB
    std::uint64_t max_text_file_bytes = std::uint64_t{64} << 20;  // configurations, baselines
};

}  // namespace merlon
