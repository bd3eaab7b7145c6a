#pragma once

// All commits of the packs, made known to a history before it is walked.
//
// The idea: a walk in the order of dates asks for one commit after the other, in one thread, while
// the others wait for what it finds. Whoever walks the whole history needs nearly every commit that
// the packs hold, and these can be read by all threads, each delta behind its base (bulk_read.h).
// What cannot be read here is asked for by the walk, which tells of it.
//
// Nothing is done where it would not pay: for a history with a commit-graph, one whose parents are
// replaced or cut, and one with many loose objects, or more than a million of all.

#include "base/cancel.h"
#include "connect/git/commit_history.h"

namespace merlon::connect::git {

void know_packed_commits(CommitHistory& history, unsigned threads, const CancelToken* cancel);

}  // namespace merlon::connect::git
