#pragma once

// Steps 3 and 4 of line_diff.h: a run of changed lines may move up or down over equal lines without
// changing what the edit does; this chooses where it stands.
//
// The rule, in git's words (git-diff(1), --indent-heuristic) and as its binary shows it: a run goes
// as far up and then as far down as it can, swallowing the runs that it meets; if on its way it
// could stand beside a run of the other side, it stands beside the last such; otherwise it stands
// where the line that follows it and the line that it begins with have the best score: little
// indentation first, then blank lines before, not behind. Runs without a choice stay.
//
// Thread-safe: no state. Cost: linear in the lines and in the way that runs slide.

#include "connect/git/lines.h"

namespace merlon::connect::git {

// Moves the runs in `changed`, marks of `lines`. `other` are the marks of the other side.
void slide_changes(const Lines& lines, ChangedLines& changed, const ChangedLines& other);

}  // namespace merlon::connect::git
