#pragma once

// The best common ancestors of two commits (git-merge-base): those that no other one reaches.
//
// Thread-safe: no state. Cost: a walk of both histories.

#include <vector>

#include "connect/git/repository.h"

namespace merlon::connect::git {

// Latest first; empty where the two have nothing in common.
std::vector<ObjectId> merge_bases(const Repository& repository, const ObjectId& left,
                                  const ObjectId& right);

}  // namespace merlon::connect::git
