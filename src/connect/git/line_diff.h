#pragma once

// Which lines of a new text are not in the old one, exactly as `git diff -U0` answers.
//
// The idea: there are many shortest edit scripts, and git does not even always give a shortest one.
// A scanner that reports per hunk what another reports has to choose the same. Four steps, each
// with git's constants, established against the git binary (tests/git):
//   1. equal lines at both ends are set aside; of what remains, lines that do not occur on the
//   other
//      side at all, and most of those that occur too often, are changed without further search;
//   2. Myers's divide and conquer (E. W. Myers, "An O(ND) Difference Algorithm and Its Variations",
//      1986, section 4b) on what is left, which gives up optimality when a search gets expensive;
//   3. runs of changed lines slide over equal lines: runs that meet become one, a run that can
//   stand
//      beside a run of the other side does;
//   4. any other run that may slide ends where the indentation reads best.
//
// Thread-safe: no state. Memory: 4 bytes a line and 13 a line between the equal ends. Time: linear
// in the bytes for what is usual; step 2 is bounded by the lines times the square root of the
// lines.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::connect::git {

// The largest text that git compares line by line.
inline constexpr std::uint64_t kMaxDiffBytes = std::uint64_t{1023} << 20;

// Lines [old_line, old_line + old_count) of the old text were replaced by lines [new_line, …) of
// the new one; lines are counted from 0, and one count may be 0. The bytes are theirs, with line
// ends.
struct LineChange {
    std::uint32_t old_line = 0;
    std::uint32_t old_count = 0;
    std::uint32_t new_line = 0;
    std::uint32_t new_count = 0;
    std::uint32_t old_begin = 0;
    std::uint32_t old_end = 0;
    std::uint32_t new_begin = 0;
    std::uint32_t new_end = 0;

    bool operator==(const LineChange&) const = default;
};

// Fails when a text is larger than kMaxDiffBytes.
Status may_be_compared(std::string_view old_text, std::string_view new_text);

// Lines of `new_text` that hold, line for line, all that diff_lines() will call new: what stands
// between the equal ends. Runs slide over equal lines, so that a line may be called new in another
// place than here, and in another order, but each is equal to one of these. One comparison of the
// ends; no line is looked at.
std::string_view changed_part(std::string_view old_text, std::string_view new_text);

// The changes from `old_text` to `new_text`, ascending; between two of them stands at least one
// equal line. Fails when a text is larger than kMaxDiffBytes.
Result<std::vector<LineChange>> diff_lines(std::string_view old_text, std::string_view new_text);

}  // namespace merlon::connect::git
