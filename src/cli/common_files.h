#pragma once

// Whether two commits come from one that has a file, or some code in it: a finding of another
// branch may have moved only from a file that this branch can have had, and in a file only if it
// was written before the two parted.
//
// The idea: the file is looked for in the trees of the merge bases of the two. Where Git cannot
// tell there is no answer: a commit that is not here, histories that a shallow clone cuts off
// before they meet, and paths by other names than Git's.
//
// Not thread-safe. Cost: a walk of both histories for each pair of commits, and some trees and the
// content for each file, once; a search in the content for each question.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/environment.h"
#include "connect/git/repository.h"

namespace merlon::cli {

// For an import of reports that name files from `place`: of the repository that it is in. Empty
// outside of one.
std::function<std::optional<bool>(std::string_view left, std::string_view right,
                                  std::string_view path, std::string_view code)>
common_files(const Environment& environment, const std::string& place);

class CommonFiles {
  public:
    // `folder` is where reports name files from, below the root: "a/b/"; empty: the root.
    CommonFiles(std::shared_ptr<const connect::git::Repository> repository, std::string folder);

    // `code` is without white space; empty: whatever the file has.
    std::optional<bool> has(std::string_view left, std::string_view right, std::string_view path,
                            std::string_view code = {});

  private:
    struct Pair {
        std::vector<connect::git::ObjectId> base_trees;
        std::optional<connect::git::ObjectId> right_tree;  // nothing: Git cannot tell
    };
    const Pair& pair_of(std::string_view left, std::string_view right);
    // Of one path, in each merge base that has it, white space left out; nothing: Git cannot tell.
    using Contents = std::optional<std::vector<std::string>>;
    Contents contents_of(const Pair& pair, std::string_view path) const;
    Result<std::optional<std::string>> content_of(const connect::git::ObjectId& tree,
                                                  std::string_view path) const;

    std::shared_ptr<const connect::git::Repository> repository_;
    std::string folder_;
    std::map<std::pair<std::string, std::string>, Pair> pairs_;
    std::map<std::pair<const Pair*, std::string>, Contents> contents_;
};

}  // namespace merlon::cli
