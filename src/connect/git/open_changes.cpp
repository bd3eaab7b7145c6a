#include "connect/git/open_changes.h"

#include <charconv>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/file.h"
#include "connect/git/commit.h"
#include "connect/git/rename.h"
#include "connect/git/revision_walk.h"

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxInfoBytes = std::uint64_t{16} << 20;

std::string value_of(const Variables& variables, std::string_view name) {
    return variables ? variables(name).value_or("") : "";
}

std::string absolute(const std::string& path, const std::string& base) {
    const fs::path joined = path.starts_with('/') ? fs::path(path) : fs::path(base) / path;
    std::error_code code;
    std::string normal = fs::absolute(joined, code).lexically_normal().string();
    while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
    return normal;
}

// git(1), GIT_ALTERNATE_OBJECT_DIRECTORIES: separated by ':', a quoted one in C's manner.
std::vector<std::string> split_folders(std::string_view text, const std::string& base) {
    std::vector<std::string> folders;
    while (!text.empty()) {
        std::string folder;
        if (text.front() == '"') {
            std::size_t at = 1;
            for (; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] == '\\' && at + 1 < text.size()) ++at;
                folder.push_back(text[at]);
            }
            text.remove_prefix(std::min(text.find(':', at), text.size()));
        } else {
            folder = text.substr(0, text.find(':'));
            text.remove_prefix(folder.size());
        }
        if (!text.empty()) text.remove_prefix(1);
        if (!folder.empty()) folders.push_back(absolute(folder, base));
    }
    return folders;
}

// As git reads them where it knows an index: from the working tree, else from what is staged.
Attributes attributes_of(const Repository& repository, const IndexView& index) {
    std::string info;
    if (auto text = read_text_file(repository.common_folder() + "/info/attributes", kMaxInfoBytes);
        text.ok()) {
        info = std::move(text).value();
    }
    AttributeFiles below = attribute_files_below(repository.work_tree());
    auto staged = index.attribute_files();
    const ObjectDatabase* objects = &repository.objects();
    return Attributes(info,
                      [below = std::move(below), staged = std::move(staged),
                       objects](std::string_view folder) -> std::optional<std::string> {
                          if (auto text = below(folder)) return text;
                          const auto found = staged.find(folder);
                          if (found == staged.end()) return std::nullopt;
                          const ObjectResult<Object> blob = objects->read(found->second);
                          if (!blob.ok()) return std::nullopt;
                          return std::string(blob.value().bytes());
                      });
}

}  // namespace

OpenOptions with_user_trust(OpenOptions options, const Variables& variables) {
    if (const std::string caller = value_of(variables, "SUDO_UID");
        !caller.empty() && effective_user() == 0) {
        std::uint32_t user = 0;
        const auto [end, code] =
            std::from_chars(caller.data(), caller.data() + caller.size(), user);
        if (code == std::errc() && end == caller.data() + caller.size()) {
            options.trusted_user = user;
        }
    }
    if (variables) {
        options.is_safe = [variables](const std::string& folder) {
            return is_safe_folder(folder, variables);
        };
    }
    return options;
}

Result<Repository> open_with_variables(const std::string& path, const Variables& variables,
                                       OpenOptions options) {
    const std::string base = absolute(path, ".");
    options = with_user_trust(std::move(options), variables);
    if (const std::string objects = value_of(variables, "GIT_OBJECT_DIRECTORY"); !objects.empty()) {
        options.database.first_folders.push_back(absolute(objects, base));
    }
    for (std::string& folder :
         split_folders(value_of(variables, "GIT_ALTERNATE_OBJECT_DIRECTORIES"), base)) {
        options.database.first_folders.push_back(std::move(folder));
    }
    if (variables && options.replacements == OpenOptions::Replacements::kHonour &&
        variables("GIT_NO_REPLACE_OBJECTS")) {
        options.replacements = OpenOptions::Replacements::kGraftsAlone;
    }
    if (std::string names = value_of(variables, "GIT_REPLACE_REF_BASE"); !names.empty()) {
        if (names.back() != '/') names.push_back('/');
        options.replace_base = std::move(names);
    }
    for (const auto& [name, place] : {std::pair("GIT_SHALLOW_FILE", &options.shallow_file),
                                      std::pair("GIT_GRAFT_FILE", &options.graft_file)}) {
        const auto file = variables ? variables(name) : std::nullopt;
        if (!file) continue;
        if (!file->empty() && file->front() != '/') {
            return Error{std::string(name) + " is '" + *file +
                         "': a path from the root of the file system is expected"};
        }
        *place = *file;
    }
    const std::string git_folder = value_of(variables, "GIT_DIR");
    if (git_folder.empty()) return Repository::open(path, options);
    options.git_folder = absolute(git_folder, base);
    const std::string work_tree = value_of(variables, "GIT_WORK_TREE");
    // Where only GIT_DIR is set, the place itself is the top of the working tree.
    options.work_tree = absolute(work_tree.empty() ? "." : work_tree, base);
    return Repository::open(path, options);
}

Result<std::string> folder_in_work_tree(const Repository& repository, const std::string& place) {
    if (repository.is_bare()) return std::string();
    std::error_code code;
    const fs::path top = fs::weakly_canonical(repository.work_tree(), code);
    const fs::path inside = fs::weakly_canonical(absolute(place, "."), code);
    const std::string relative = inside.lexically_relative(top).string();
    // Outside: GIT_WORK_TREE names another place.
    const bool is_top = relative.empty() || relative == "." || relative.starts_with("..");
    return is_top ? std::string() : relative + '/';
}

Result<std::optional<ObjectId>> head_tree(const Repository& repository) {
    const std::optional<Reference> head = repository.references().find("HEAD");
    if (!head) return std::optional<ObjectId>();
    return std::optional(MERLON_TRY(tree_of(repository, head->id)));
}

Result<ObjectId> tree_of(const Repository& repository, const ObjectId& id) {
    ObjectType type = ObjectType::kCommit;
    const ObjectId target =
        MERLON_TRY(peel_tags(repository.objects(), repository.algorithm(), id, type));
    if (type != ObjectType::kCommit) return Error{"object " + target.hex() + " is no commit"};
    const Object object = MERLON_TRY(repository.objects().read(target));
    return MERLON_TRY(parse_commit(object.bytes(), repository.algorithm())).tree;
}

Result<std::optional<ObjectId>> file_id_in_tree(const ObjectReader& objects, const ObjectId& tree,
                                                std::string_view path) {
    ObjectId id = tree;
    bool is_file = false;
    while (!path.empty()) {
        const std::string_view name = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(name.size() + 1, path.size()));
        const Object object = MERLON_TRY(objects.read(id));
        if (object.type != ObjectType::kTree) return std::optional<ObjectId>();
        TreeCursor cursor(object.bytes(), id.algorithm());
        bool found = false;
        while (!found && MERLON_TRY(cursor.next())) found = cursor.entry().name == name;
        if (!found) return std::optional<ObjectId>();
        id = cursor.entry().id;
        is_file = cursor.entry().mode != FileMode::kTree;
        if (cursor.entry().mode == FileMode::kSubmodule) return std::optional<ObjectId>();
    }
    return is_file ? std::optional(id) : std::nullopt;
}

Result<std::optional<std::string>> file_in_tree(const ObjectReader& objects, const ObjectId& tree,
                                                std::string_view path) {
    const std::optional<ObjectId> id = MERLON_TRY(file_id_in_tree(objects, tree, path));
    if (!id) return std::optional<std::string>();
    const Object object = MERLON_TRY(objects.read(*id));
    if (object.type != ObjectType::kBlob) return std::optional<std::string>();
    return std::optional(std::string(object.bytes()));
}

Result<OpenChanges> read_open_changes(const Repository& repository, ChangeSide side,
                                      const std::string& place, const Variables& variables) {
    if (repository.is_bare()) {
        return Error{"is a bare repository: it has no working tree, and nothing can be staged",
                     kNoOffset, repository.git_folder()};
    }
    std::string index_path = value_of(variables, "GIT_INDEX_FILE");
    index_path = index_path.empty() ? repository.git_folder() + "/index"
                                    : absolute(index_path, repository.work_tree());
    const IndexView index = MERLON_TRY(IndexView::open(index_path, repository.algorithm()));
    const std::string folder = MERLON_TRY(folder_in_work_tree(repository, place));
    OpenChanges result;
    result.attributes = attributes_of(repository, index);
    result.objects = &repository.objects();
    IndexDiff found;
    const auto compare = [&]() -> Status {
        if (side == ChangeSide::kStaged) {
            const std::optional<ObjectId> tree = MERLON_TRY(head_tree(repository));
            found = MERLON_TRY(diff_index(repository.objects(), tree, index, folder));
            return {};
        }
        auto objects = std::make_unique<WorkTreeObjects>(repository.objects());
        found = MERLON_TRY(diff_work_tree(repository, result.attributes, index, folder, *objects));
        result.objects = objects.get();
        result.own_objects = std::move(objects);
        return {};
    };
    MERLON_TRY(index.guarded(compare));
    detect_renames(*result.objects, result.attributes, found.diff);
    result.changes = std::move(found.diff.changes);
    result.problems = std::move(found.diff.problems);
    result.unmerged = std::move(found.unmerged);
    return result;
}

}  // namespace merlon::connect::git
