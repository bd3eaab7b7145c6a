#pragma once

// A patch in git's own textual form (git-diff(1), "Generating patch text"), so that it can be
// compared with what the git binary prints: full object ids, no section headings behind the second
// "@@".

#include <string>

#include "connect/git/patch.h"

namespace merlon::tests {

std::string git_text(const connect::git::FileChange& change, const connect::git::FilePatch& patch);

}  // namespace merlon::tests
