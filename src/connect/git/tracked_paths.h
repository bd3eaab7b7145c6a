#pragma once

// Which paths a repository tracks: what stands in its index, which a .gitignore does not touch
// (gitignore, "Notes").
//
// The idea: few trees have a tracked file that is ignored, so an index is read when the first
// ignored path is asked for, and then once. Its entries are sorted by their paths: a folder that
// holds any is one look-up.
//
// One thread. Cost: one pass over the index of each repository that is asked for, then a search.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/glob.h"

namespace merlon::connect::git {

class TrackedPaths {
  public:
    // Whether the repository with the working tree `root` tracks `path`, relative to it, or, where
    // that is a folder, anything below. Fails where the index cannot be read.
    Result<bool> holds(const std::string& root, std::string_view path, text::EntryKind kind);

  private:
    using Paths = std::vector<std::string>;       // sorted by their bytes
    std::map<std::string, Result<Paths>> known_;  // by root
};

}  // namespace merlon::connect::git
