#pragma once

// The patterns of --exclude and scan.exclude, over files that come from a folder, an index, a
// commit or a push.
//
// The idea: they are the lines of one .gitignore at the root that paths are shown from, so they
// mean the same wherever a file comes from: a folder that matches takes all that is in it along.
//
// Immutable, thread-safe. Cost: one pass over the patterns for each folder of a path.

#include <span>
#include <string>
#include <string_view>

#include "text/glob.h"

namespace merlon::connect {

class Excludes {
  public:
    explicit Excludes(std::span<const std::string> patterns);

    // One entry of a walk that did not go into folders that are left out.
    bool leaves_out(std::string_view path, text::EntryKind kind) const;
    // A file, by itself or by one of the folders that it is in.
    bool leaves_out_file(std::string_view path) const;

  private:
    text::IgnoreRules rules_;
};

}  // namespace merlon::connect
