#pragma once

// Packed search for many strings: most places of a text are passed over 16 or 32 at a time.
//
// The idea is Teddy's (G. Langdale, in Hyperscan; X. Wang et al., NSDI 2019, and Rust's
// aho-corasick): strings are dealt into buckets of eight, and for each of up to four places of a
// window two shuffles say, by the nibbles of a text byte, in which buckets a string may have it
// there. Ours looks not at the beginning of a string but at its rarest window, deals neighbours
// into one bucket so that their nibbles agree, takes as many groups of eight buckets as are worth
// their time, and sends what is left through a hash of the window before a string is compared. That
// holds for some thousand strings.
//
// Immutable, thread-safe; borrows the block. Cost: a few bytes each nanosecond, plus what the
// occurrences of windows cost; a text that makes that more than linear is given up (SweepEnd).

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/simd_path.h"
#include "match/literal_blob.h"

namespace merlon::match {

inline constexpr std::size_t kTeddyMaxWindow = 4;
inline constexpr std::size_t kTeddyMaxGroups = 4;
inline constexpr std::size_t kTeddyBuckets = 8;  // of a group

class Teddy {
  public:
    Teddy() = default;

    // How often a place of ordinary text would stop the vectors' loop, were these strings searched
    // so: above kTeddyWorthwhile an automaton is faster.
    static double write(const LiteralTexts& texts, BlobWriter& writer, LiteralHeader& header);
    static Result<Teddy> load(std::span<const std::byte> block, const LiteralHeader& header);

    // Places are where a window begins; see LiteralSweep.
    SweepEnd sweep(const LiteralTexts& texts, LiteralSweep& sweep, SimdPath path) const;

    std::size_t window_offset(std::uint32_t id) const { return offsets_[id]; }

    // For the loops of each path.
    struct Walk;
    struct Filter;
    Filter filter(std::uint32_t fold) const;
    std::size_t groups() const { return groups_; }
    std::size_t window() const { return window_; }
    // Whether each string's has as many bytes as any can have.
    bool has_full_windows() const { return window_sizes_ == 1U << kTeddyMaxWindow; }
    const std::uint8_t* masks() const { return masks_.data(); }

  private:
    friend struct Walk;

    std::size_t groups_ = 0;
    std::size_t window_ = 0;
    std::uint32_t filter_bits_ = 0;
    std::uint32_t hash_bits_ = 0;
    std::uint32_t window_sizes_ = 0;
    std::span<const std::uint8_t> masks_;
    std::span<const std::uint32_t> long_filter_;
    std::span<const std::uint32_t> short_filter_;
    std::span<const std::uint32_t> hash_begin_;
    std::span<const WindowEntry> entries_;
    std::span<const std::uint32_t> offsets_;
};

inline constexpr double kTeddyWorthwhile = 0.25;

}  // namespace merlon::match
