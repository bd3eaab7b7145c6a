#pragma once

// The files of a commit: those that say something of packages, for take_inventory, or any others.
// Nothing is checked out.
//
// Thread-safe to read from. Cost: the tree objects, and the blobs of the files that a reader takes.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/git/repository.h"
#include "scan/inventory_scan.h"

namespace merlon::scan {

struct TreeFile {
    std::string path;  // below the tree
    connect::git::ObjectId id;
};

// The regular files below `tree` that are wanted, by path. Damaged and absent trees are gaps.
std::vector<TreeFile> list_tree(const connect::git::Repository& repository,
                                const connect::git::ObjectId& tree,
                                const std::function<bool(std::string_view path)>& is_wanted,
                                std::vector<model::Gap>& gaps);

// The files below `tree`; `repository` must outlive them. What a commit cannot tell by name
// (executables) is not looked at. Damaged and absent trees are gaps.
InventoryFiles files_of_tree(const connect::git::Repository& repository,
                             const connect::git::ObjectId& tree);

}  // namespace merlon::scan
