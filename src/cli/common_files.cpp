#include "cli/common_files.h"

#include "cli/staged_plan.h"
#include "connect/files/files.h"
#include "connect/git/merge_base.h"
#include "connect/git/open_changes.h"
#include "connect/git/revision_names.h"

namespace merlon::cli {

namespace git = connect::git;

std::function<std::optional<bool>(std::string_view, std::string_view, std::string_view)>
common_files(const Environment& environment, const std::string& place) {
    if (connect::repository_root(place).empty()) return {};
    Result<git::Repository> repository =
        git::open_with_variables(place, git_variables(environment));
    if (!repository.ok()) return {};
    const Result<std::string> folder = git::folder_in_work_tree(repository.value(), place);
    if (!folder.ok()) return {};
    auto files = std::make_shared<CommonFiles>(
        std::make_shared<const git::Repository>(std::move(repository).value()), folder.value());
    return [files](std::string_view left, std::string_view right, std::string_view path) {
        return files->has(left, right, path);
    };
}

CommonFiles::CommonFiles(std::shared_ptr<const git::Repository> repository, std::string folder)
    : repository_(std::move(repository)), folder_(std::move(folder)) {}

std::optional<bool> CommonFiles::has(std::string_view left, std::string_view right,
                                     std::string_view path) {
    const Pair& pair = pair_of(left, right);
    const auto [place, is_first] = answers_.try_emplace(std::pair(&pair, std::string(path)));
    if (is_first) place->second = ask(pair, path);
    return place->second;
}

std::optional<bool> CommonFiles::ask(const Pair& pair, std::string_view path) const {
    // Of what Git does not call so, it says nothing.
    if (!pair.right_tree || !is_in(*pair.right_tree, path).value_or(false)) return std::nullopt;
    for (const git::ObjectId& tree : pair.base_trees) {
        const std::optional<bool> found = is_in(tree, path);
        if (!found || *found) return found;
    }
    return false;
}

const CommonFiles::Pair& CommonFiles::pair_of(std::string_view left, std::string_view right) {
    const auto [place, is_first] =
        pairs_.try_emplace(std::pair(std::string(left), std::string(right)));
    Pair& pair = place->second;
    if (!is_first) return pair;
    const Result<git::ObjectId> here = git::resolve_commit(*repository_, left);
    const Result<git::ObjectId> there = git::resolve_commit(*repository_, right);
    if (!here.ok() || !there.ok()) return pair;
    for (const git::ObjectId& base : git::merge_bases(*repository_, here.value(), there.value())) {
        const Result<git::ObjectId> tree = git::tree_of(*repository_, base);
        if (!tree.ok()) return pair;
        pair.base_trees.push_back(tree.value());
    }
    const Result<git::ObjectId> tree = git::tree_of(*repository_, there.value());
    if (tree.ok() && !pair.base_trees.empty()) pair.right_tree = tree.value();
    return pair;
}

// By its name from the root, or from the folder.
std::optional<bool> CommonFiles::is_in(const git::ObjectId& tree, std::string_view path) const {
    for (const std::string& name : {folder_ + std::string(path), std::string(path)}) {
        const auto file = git::file_in_tree(repository_->objects(), tree, name);
        if (!file.ok()) return std::nullopt;
        if (file.value()) return true;
    }
    return false;
}

}  // namespace merlon::cli
