#pragma once

// What Git knows of the files of two commits: whether both come from one that has a file, or some
// code in it, because a finding of another branch may have moved only from a file that this branch
// can have had, and in a file only if it was written before the two parted; and what became of a
// line of the one in the other.
//
// The idea: the file is looked for in the trees of the merge bases of the two. Where Git cannot
// tell there is no answer: a commit that is not here, histories that a shallow clone cuts off
// before they meet, and paths by other names than Git's.
//
// Not thread-safe. Cost: a walk of both histories for each pair of commits, and some trees, the
// content and a comparison for each file, once; a search for each question.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/environment.h"
#include "cli/line_changes.h"
#include "connect/git/repository.h"
#include "evidence/import.h"

namespace merlon::cli {

// What an import asks; empty outside of a repository.
struct GitAnswers {
    decltype(evidence::ImportRequest::was_common) was_common;
    decltype(evidence::ImportRequest::lines_now) lines_now;
    decltype(evidence::ImportRequest::is_as_at_base) is_as_at_base;
};

// For an import of reports that name files from `place`: of the repository that it is in.
GitAnswers git_answers(const Environment& environment, const std::string& place);

class CommonFiles {
  public:
    // `folder` is where reports name files from, below the root: "a/b/"; empty: the root.
    CommonFiles(std::shared_ptr<const connect::git::Repository> repository, std::string folder);

    // `code` is without white space; empty: whatever the file has.
    std::optional<bool> has(std::string_view left, std::string_view right, std::string_view path,
                            std::string_view code = {});

    std::optional<evidence::LinesNow> lines_now(std::string_view now, std::string_view then,
                                                std::string_view path_then, std::string_view path,
                                                std::uint32_t line);
    std::optional<bool> is_as_at_base(std::string_view now, std::string_view then,
                                      std::string_view path);

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

    std::optional<std::string> file_at(std::string_view commit, std::string_view path);

    std::shared_ptr<const connect::git::Repository> repository_;
    std::string folder_;
    std::map<std::pair<std::string, std::string>, Pair> pairs_;
    std::map<std::pair<const Pair*, std::string>, Contents> contents_;
    std::map<std::string, std::optional<connect::git::ObjectId>> trees_;  // of commits
    // Of then, its path, now, its path; nothing: Git cannot tell.
    std::map<std::array<std::string, 4>, std::optional<LineChanges>> changes_;
};

}  // namespace merlon::cli
