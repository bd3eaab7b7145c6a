#pragma once

// What a commit is about to hold, or could: the staged and the unstaged changes of a working tree,
// as documents for a scan and as patches for tools that read `git diff`.
//
// The idea: git's commands and hooks name repository, index and objects by variables (GIT_DIR,
// GIT_WORK_TREE, GIT_INDEX_FILE, GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES): a hook of
// `git commit FILE` sees another index, and one of a push objects that are nowhere else yet. Who
// looks at changes looks through the same variables.
//
// Immutable once read. One thread. Memory: what differs.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/git/attributes.h"
#include "connect/git/index_view.h"
#include "connect/git/repository.h"
#include "connect/git/tree_diff.h"
#include "connect/git/user_settings.h"
#include "connect/git/work_tree_diff.h"

namespace merlon::connect::git {

// Whose repositories are read beside one's own, as git reads them: root those of sudo's caller, and
// everybody those that safe.directory names.
OpenOptions with_user_trust(OpenOptions options, const Variables& variables);

// Opens the repository as git would in this place with these variables.
Result<Repository> open_with_variables(const std::string& path, const Variables& variables,
                                       OpenOptions options = {});

struct OpenChanges {
    std::unique_ptr<ObjectReader> own_objects;  // of unstaged contents
    const ObjectReader* objects = nullptr;      // where the changes' contents are read
    Attributes attributes;
    std::vector<FileChange> changes;  // renames detected
    std::vector<DiffProblem> problems;
    std::vector<std::string> unmerged;  // paths of an unfinished merge: compared with nothing
};

enum class ChangeSide : std::uint8_t { kStaged, kUnstaged };

// The changes below `place`, a folder in the working tree. The repository must outlive them.
Result<OpenChanges> read_open_changes(const Repository& repository, ChangeSide side,
                                      const std::string& place, const Variables& variables);

// Where `place` is in the working tree: "" for its top, "a/b/" below it.
Result<std::string> folder_in_work_tree(const Repository& repository, const std::string& place);

// The tree of HEAD's commit; nothing where there is no commit yet.
Result<std::optional<ObjectId>> head_tree(const Repository& repository);

// The tree of a commit, or of the commit behind a tag.
Result<ObjectId> tree_of(const Repository& repository, const ObjectId& id);

// The file at `path` below a tree; nothing where there is none.
Result<std::optional<ObjectId>> file_id_in_tree(const ObjectReader& objects, const ObjectId& tree,
                                                std::string_view path);
// Its text.
Result<std::optional<std::string>> file_in_tree(const ObjectReader& objects, const ObjectId& tree,
                                                std::string_view path);

}  // namespace merlon::connect::git
