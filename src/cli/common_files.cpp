#include "cli/common_files.h"

#include <algorithm>

#include "cli/staged_plan.h"
#include "connect/files/files.h"
#include "connect/git/merge_base.h"
#include "connect/git/open_changes.h"
#include "connect/git/revision_names.h"

namespace merlon::cli {

namespace git = connect::git;

CommonFiles::CommonFiles(git::Repository repository, std::string folder)
    : repository_(std::move(repository)), folder_(std::move(folder)) {}

std::optional<bool> CommonFiles::was_common(std::string_view now, std::string_view then,
                                            std::string_view path) {
    const Bases& bases = bases_of(now, then, path);
    return bases ? std::optional(!bases->empty()) : std::nullopt;
}

std::optional<bool> CommonFiles::was_common(std::string_view now, std::string_view then,
                                            std::string_view path, std::uint32_t line,
                                            std::string_view code) {
    const Bases& bases = bases_of(now, then, path);
    if (!bases) return std::nullopt;
    return std::ranges::any_of(*bases, [&](const evidence::LineChanges& base) {
        // A report of another text: the code may be anywhere.
        const auto lines = base.then().has_at(line, code)
                               ? *base.of(line)
                               : evidence::LinesNow{.first = 1, .end = base.now().count() + 1};
        for (std::uint32_t at = lines.first; at < lines.end; ++at)
            if (base.now().has_at(at, code)) return true;
        return false;
    });
}

const CommonFiles::Bases& CommonFiles::bases_of(std::string_view now, std::string_view then,
                                                std::string_view path) {
    const Pair& pair = pair_of(now, then);
    const auto [place, is_first] = bases_.try_emplace(std::pair(&pair, std::string(path)));
    if (is_first) place->second = read_bases(pair, path);
    return place->second;
}

CommonFiles::Bases CommonFiles::read_bases(const Pair& pair, std::string_view path) const {
    // Of what Git does not call so, it says nothing.
    if (!pair.right_tree) return std::nullopt;
    const auto there = content_of(*pair.right_tree, path);
    if (!there.ok() || !there.value()) return std::nullopt;
    std::vector<evidence::LineChanges> bases;
    for (const git::ObjectId& tree : pair.base_trees) {
        const auto content = content_of(tree, path);
        if (!content.ok()) return std::nullopt;
        if (content.value()) bases.emplace_back(*there.value(), *content.value());
    }
    return bases;
}

const CommonFiles::Pair& CommonFiles::pair_of(std::string_view left, std::string_view right) {
    const auto [place, is_first] =
        pairs_.try_emplace(std::pair(std::string(left), std::string(right)));
    Pair& pair = place->second;
    if (!is_first) return pair;
    const Result<git::ObjectId> here = git::resolve_commit(repository_, left);
    const Result<git::ObjectId> there = git::resolve_commit(repository_, right);
    if (!here.ok() || !there.ok()) return pair;
    for (const git::ObjectId& base : git::merge_bases(repository_, here.value(), there.value())) {
        const Result<git::ObjectId> tree = git::tree_of(repository_, base);
        if (!tree.ok()) return pair;
        pair.base_trees.push_back(tree.value());
    }
    const Result<git::ObjectId> tree = git::tree_of(repository_, there.value());
    if (tree.ok() && !pair.base_trees.empty()) pair.right_tree = tree.value();
    return pair;
}

std::optional<bool> CommonFiles::is_as_at_base(std::string_view now, std::string_view then,
                                               std::string_view path) {
    const Pair& pair = pair_of(now, then);
    if (!pair.right_tree) return std::nullopt;
    const auto there = id_of(*pair.right_tree, path);
    if (!there.ok() || !there.value()) return std::nullopt;
    return std::ranges::any_of(pair.base_trees, [&](const git::ObjectId& tree) {
        const auto base = id_of(tree, path);
        return base.ok() && base.value() == there.value();
    });
}

bool CommonFiles::is_the_same(std::string_view now, std::string_view then, std::string_view path) {
    const FileId before = file_at(then, path), after = file_at(now, path);
    return before && after && *before == *after;
}

const evidence::LineChanges* CommonFiles::changes(std::string_view now, std::string_view then,
                                                  std::string_view path_then,
                                                  std::string_view path) {
    std::array<std::string, 4> names{std::string(then), std::string(path_then), std::string(now),
                                     std::string(path)};
    const auto [place, is_first] = changes_.try_emplace(std::move(names));
    if (is_first) {
        const FileId before = file_at(then, path_then), after = file_at(now, path);
        if (before && after) {
            const auto text_then = repository_.objects().read(*before);
            const auto text_now = repository_.objects().read(*after);
            if (text_then.ok() && text_now.ok())
                place->second.emplace(text_then.value().bytes(), text_now.value().bytes());
        }
    }
    return place->second ? &*place->second : nullptr;
}

CommonFiles::FileId CommonFiles::file_at(std::string_view commit, std::string_view path) {
    const auto [place, is_first] = trees_.try_emplace(std::string(commit));
    if (is_first) {
        const Result<git::ObjectId> found = git::resolve_commit(repository_, commit);
        if (found.ok())
            if (const auto tree = git::tree_of(repository_, found.value()); tree.ok())
                place->second = tree.value();
    }
    if (!place->second) return std::nullopt;
    const Result<FileId> id = id_of(*place->second, path);
    return id.ok() ? id.value() : std::nullopt;
}

// By its name from the folder, or from the root.
Result<CommonFiles::FileId> CommonFiles::id_of(const git::ObjectId& tree,
                                               std::string_view path) const {
    for (const std::string& name : {folder_ + std::string(path), std::string(path)}) {
        FileId id = MERLON_TRY(git::file_id_in_tree(repository_.objects(), tree, name));
        if (id) return id;
    }
    return FileId();
}

Result<std::optional<std::string>> CommonFiles::content_of(const git::ObjectId& tree,
                                                           std::string_view path) const {
    const FileId id = MERLON_TRY(id_of(tree, path));
    if (!id) return std::optional<std::string>();
    const auto object = MERLON_TRY(repository_.objects().read(*id));
    return std::optional(std::string(object.bytes()));
}

std::unique_ptr<CommonFiles> common_files(const Environment& environment,
                                          const std::string& place) {
    if (connect::repository_root(place).empty()) return nullptr;
    Result<git::Repository> repository =
        git::open_with_variables(place, git_variables(environment));
    if (!repository.ok()) return nullptr;
    Result<std::string> folder = git::folder_in_work_tree(repository.value(), place);
    if (!folder.ok()) return nullptr;
    return std::make_unique<CommonFiles>(std::move(repository).value(), std::move(folder).value());
}

}  // namespace merlon::cli
