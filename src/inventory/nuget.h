#pragma once

// .NET's projects, beyond one file: Directory.Packages.props has the versions that the projects
// below it leave out ("Central Package Management").
//
// Not thread-safe. Cost: O(n log n), and the folders above each project.

#include "inventory/inventory.h"

namespace merlon::inventory {

class Tree;

void join_nuget_projects(std::vector<FileFacts>& files, const Tree& tree);

}  // namespace merlon::inventory
