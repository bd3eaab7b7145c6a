#pragma once

// What Git knows of the files of two commits (evidence/commit_files.h): whether both come from one
// that has a file, or some code in it, because a finding of another branch may have moved only from
// a file that this branch can have had, and in a file only if it was written before the two parted;
// and how the one's lines became the other's.
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
#include "connect/git/repository.h"
#include "evidence/commit_files.h"

namespace merlon::cli {

class CommonFiles final : public evidence::CommitFiles {
  public:
    // `folder` is where reports name files from, below the root: "a/b/"; empty: the root.
    CommonFiles(connect::git::Repository repository, std::string folder);

    std::optional<bool> was_common(std::string_view now, std::string_view then,
                                   std::string_view path) override;
    std::optional<bool> was_common(std::string_view now, std::string_view then,
                                   std::string_view path, std::uint32_t line,
                                   std::string_view code) override;
    std::optional<bool> is_as_at_base(std::string_view now, std::string_view then,
                                      std::string_view path) override;
    bool is_the_same(std::string_view now, std::string_view then, std::string_view path) override;
    const evidence::LineChanges* changes(std::string_view now, std::string_view then,
                                         std::string_view path_then,
                                         std::string_view path) override;

  private:
    struct Pair {
        std::vector<connect::git::ObjectId> base_trees;
        std::optional<connect::git::ObjectId> right_tree;  // nothing: Git cannot tell
    };
    const Pair& pair_of(std::string_view left, std::string_view right);
    // Of one path, from the file of then to that of each merge base that has it; nothing: Git
    // cannot tell.
    using Bases = std::optional<std::vector<evidence::LineChanges>>;
    const Bases& bases_of(std::string_view now, std::string_view then, std::string_view path);
    Bases read_bases(const Pair& pair, std::string_view path) const;
    using FileId = std::optional<connect::git::ObjectId>;
    Result<FileId> id_of(const connect::git::ObjectId& tree, std::string_view path) const;
    Result<std::optional<std::string>> content_of(const connect::git::ObjectId& tree,
                                                  std::string_view path) const;
    FileId file_at(std::string_view commit, std::string_view path);

    connect::git::Repository repository_;
    std::string folder_;
    std::map<std::pair<std::string, std::string>, Pair> pairs_;
    std::map<std::pair<const Pair*, std::string>, Bases> bases_;
    std::map<std::string, std::optional<connect::git::ObjectId>> trees_;  // of commits
    // Of then, its path, now, its path; nothing: Git cannot tell.
    std::map<std::array<std::string, 4>, std::optional<evidence::LineChanges>> changes_;
};

// For an import of reports that name files from `place`: of the repository that it is in. Null: it
// is in none.
std::unique_ptr<CommonFiles> common_files(const Environment& environment, const std::string& place);

}  // namespace merlon::cli
