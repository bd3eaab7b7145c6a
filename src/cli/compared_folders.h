#pragma once

// How the files of two folders differ, by their lines: of the head and of the merge base, checked
// out.
//
// Not thread-safe. Cost: each pair of files is read and compared once.

#include <string>

#include "gate/reports.h"

namespace merlon::cli {

// Of files as reports name them. Both roots are absolute, and end with '/'.
gate::ChangesSinceBase changes_between(std::string base_root, std::string root);

}  // namespace merlon::cli
