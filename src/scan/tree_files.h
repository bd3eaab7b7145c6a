#pragma once

// The files of a commit that say something of packages, for take_inventory: nothing is checked out.
//
// Thread-safe to read from. Cost: the tree objects, and the blobs of the files that a reader takes.

#include "connect/git/repository.h"
#include "scan/inventory_scan.h"

namespace merlon::scan {

// The files below `tree`; `repository` must outlive them. What a commit cannot tell by name
// (executables) is not looked at. Damaged and absent trees are gaps.
InventoryFiles files_of_tree(const connect::git::Repository& repository,
                             const connect::git::ObjectId& tree);

}  // namespace merlon::scan
