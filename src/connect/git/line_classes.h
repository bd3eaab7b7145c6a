#pragma once

// Lines as small numbers: equal lines, and only they, have the same one.
//
// The idea: of two texts only what stands between their equal ends needs numbers. The ends are read
// once for both, to count how often those lines occur in them.
//
// Thread-safe: no state. The table is salted by nothing: its chains are bounded by growing it, and
// a text that makes hashes collide costs comparisons, not correctness.

#include <cstdint>
#include <vector>

#include "connect/git/lines.h"

namespace merlon::connect::git {

struct LineClasses {
    std::vector<std::uint32_t> old_lines;  // the class of each line between the equal ends
    std::vector<std::uint32_t> new_lines;
    std::vector<std::uint32_t> times_in_old;  // by class, in the whole text
    std::vector<std::uint32_t> times_in_new;
};

// The lines from `first` to `old_end` and `new_end`; the texts are equal before and behind these.
LineClasses classify_lines(const Lines& old_lines, std::uint32_t first, std::uint32_t old_end,
                           const Lines& new_lines, std::uint32_t new_end);

}  // namespace merlon::connect::git
