#pragma once

// Steps 1 and 2 of line_diff.h: which lines of two texts to call changed, before runs slide.
//
// Thread-safe: no state. Memory: 13 bytes for each line between the equal ends. Time: see
// line_diff.h.

#include "connect/git/lines.h"

namespace merlon::connect::git {

// Sets the marks of the lines that the edit from `old_lines` to `new_lines` removes and adds; all
// marks are unset before. The unmarked lines of both sides are equal, one by one.
void mark_changes(const Lines& old_lines, const Lines& new_lines, ChangedLines& old_changed,
                  ChangedLines& new_changed);

}  // namespace merlon::connect::git
