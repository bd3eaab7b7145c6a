#pragma once

// What became of the lines of a file: which of them a change left alone, and what stands in place
// of the others (evidence/matching.h).
//
// The idea: the comparison is Git's (connect/git/line_diff.h). To indent a line is no change: one
// that is none of the new text's is looked for without its white space.
//
// Cost: two comparisons of two texts; a look at the changes for each question.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connect/git/line_diff.h"
#include "evidence/matching.h"
#include "gate/reports.h"

namespace merlon::cli {

class LineChanges {
  public:
    // Nothing where they are too large to be compared.
    static std::optional<LineChanges> between(std::string_view then, std::string_view now);

    // Lines are counted from 1.
    evidence::LinesNow of(std::uint32_t line) const;

  private:
    static evidence::LinesNow after(std::span<const connect::git::LineChange> changes,
                                    std::uint32_t line);

    std::vector<connect::git::LineChange> exact_, bare_;  // with white space, and without
};

// Of files that reports name from two folders, that of the merge base first, which are absolute and
// end with '/'.
gate::LinesSinceBase lines_between(std::string base_root, std::string root);

}  // namespace merlon::cli
