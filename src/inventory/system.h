#pragma once

// Installed-package databases of distributions, beyond one file: the os-release of the same root
// says whose they are.
//
// Not thread-safe. Cost: O(n log n).

#include "inventory/inventory.h"

namespace merlon::inventory {

class Tree;

void join_distributions(std::vector<FileFacts>& files, const Tree& tree);

}  // namespace merlon::inventory
