#pragma once

// What the sources of a pattern set share: pattern_set_plan.cpp works out and writes the block,
// pattern_set_load.cpp takes it apart, pattern_set.cpp scans with it.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "match/analysis.h"
#include "match/pattern_set.h"
#include "match/pattern_set_blob.h"

namespace merlon::match {

inline constexpr std::uint32_t kNoLiteral = 0xFFFF'FFFF;

struct PatternSet::Entry {
    Regex regex;
    std::span<const std::uint32_t> keywords;
    std::span<const std::uint32_t> core_literals;
    // The expression up to its core literal and from it on, where something stands before it.
    std::optional<Regex> prefix;
    std::optional<Regex> suffix;
    std::size_t max_prefix_bytes = 0;
    ByteSet prefix_bytes{};
    bool runs_whole = false;  // its literals say only whether it may match at all

    // Damaged ones cannot be made again, the whole expression can.
    bool has_sound_parts() const {
        return (!prefix || prefix->is_sound()) && (!suffix || suffix->is_sound());
    }
};

// What says of which patterns a block was made.
std::array<std::uint32_t, 2> fingerprint_of(const std::vector<PatternSet::Pattern>& patterns);

// The block of these patterns. `store_piece` compiles what stands before a core literal, and from
// it on, to the words that are stored.
using StorePiece = std::function<std::vector<std::uint32_t>(const Regex& whole, const Node& piece,
                                                            Program::Codes codes)>;
std::vector<std::uint32_t> pattern_set_block(const std::vector<PatternSet::Pattern>& patterns,
                                             const StorePiece& store_piece);

}  // namespace merlon::match
