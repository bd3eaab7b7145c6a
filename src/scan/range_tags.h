#pragma once

// Which tags are read with a range of commits.

#include <vector>

#include "connect/git/repository.h"
#include "scan/history_walk.h"

namespace merlon::scan {

// The tags that come with a range: those that name it, and those of its commits. A tag that is
// pushed alone leads to a commit that was there, so the range's end counts even where the range
// is empty.
std::vector<connect::git::ObjectId> tags_of_range(const connect::git::Repository& repository,
                                                  const HistoryWalk& walk,
                                                  const connect::git::WalkRequest& range);

}  // namespace merlon::scan
