#pragma once

// Go's modules, beyond one file: go.sum has the sums of what go.mod lists, and before Go 1.17 it
// alone names what the requirements need themselves.
//
// Not thread-safe. Cost: O(n log n).

#include "inventory/inventory.h"

namespace merlon::inventory {

class Tree;

// Gives the modules of a go.work what it replaces (go.dev/ref/mod, "Workspaces").
void join_go_works(std::vector<FileFacts>& files, const Tree& tree);
void join_go_sums(std::vector<FileFacts>& files, const Tree& tree);

}  // namespace merlon::inventory
