#pragma once

// Whether a commit can be read from end to end: its tree, all trees below it, and every blob that
// these name.
//
// The idea: who fetched a commit moves a reference to it only when nothing of it is missing. Trees
// are read, each once; a blob has to be there, and was looked into when its pack was indexed.
// Submodules are other repositories' commits and are not asked for; parents may be absent.
//
// Thread-safe: no state. Memory: the ids of trees. Cost: each tree is read, each blob looked up.

#include <cstdint>

#include "base/cancel.h"
#include "base/result.h"
#include "connect/git/object_database.h"

namespace merlon::connect::git {

enum class CommitCheck : std::uint8_t {
    kRoot,  // the commit and its root tree alone
    kAll,
};

// Fails with the first object that is missing or damaged.
Status check_commit(const ObjectDatabase& objects, const ObjectId& commit, CommitCheck check,
                    const CancelToken* cancel);

}  // namespace merlon::connect::git
