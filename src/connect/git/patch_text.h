#pragma once

// A patch in git's own textual form (git-diff(1), "Generating patch text with -p"): what `git log
// -p -U0 --full-index` prints for one file, without the section heading behind the second "@@".
//
// For those that read patches as text, tests before all.
//
// Thread-safe: no state.

#include <string>

#include "connect/git/patch.h"

namespace merlon::connect::git {

// "diff --git …" to the line before "--- ".
std::string patch_header(const FileChange& change);

std::string patch_text(const FileChange& change, const FilePatch& patch);

}  // namespace merlon::connect::git
