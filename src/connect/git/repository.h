#pragma once

// A repository as it lies on the disk: where its parts are, which format they have, whose it is
// (gitrepository-layout; git-config, "core.repositoryFormatVersion", "extensions.*").
//
// The idea: opening finds the folder from any place inside, as git does, reads the few facts that
// the format needs, and refuses what it cannot read whole: an unknown extension, a repository of
// somebody else. Nothing of the repository is run or obeyed: no hook, filter, alias or include.
//
// Immutable after opening, thread-safe. Cost: some files; packs are mapped, not read.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connect/git/object_database.h"
#include "connect/git/refs.h"

namespace merlon::connect::git {

struct OpenOptions {
    // Whether a repository of another user is read. Git refuses such since 2.35.2, because its
    // settings can name programs; we run none, but its contents may be made to mislead.
    enum class Ownership : std::uint8_t { kCheck, kTrust } ownership = Ownership::kCheck;
    std::optional<std::uint32_t> trusted_user;  // beside who runs us: root asks for sudo's caller
    // Asked of a working tree (of a bare repository: of itself) that belongs to somebody else; may
    // be empty.
    std::function<bool(const std::string& folder)> is_safe;
    // refs/replace and info/grafts: honoured, as git log does. Whoever protects disregards them:
    // they show other objects than those that are pushed, and a push can bring them along.
    // Nor do they let "shallow" hide a parent that is there.
    enum class Replacements : std::uint8_t {
        kHonour,
        kGraftsAlone,  // GIT_NO_REPLACE_OBJECTS
        kDisregard
    } replacements = Replacements::kHonour;
    std::string replace_base = "refs/replace/";  // GIT_REPLACE_REF_BASE
    DatabaseOptions database;
    // GIT_DIR and GIT_WORK_TREE, absolute: the repository is not searched for then.
    std::string git_folder;
    std::string work_tree;
    // GIT_SHALLOW_FILE and GIT_GRAFT_FILE, in place of "shallow" and "info/grafts"; git tells a
    // hook of a push so which parents the pusher has not.
    std::optional<std::string> shallow_file = {};
    std::optional<std::string> graft_file = {};
};

class Repository {
  public:
    // `path` is the folder of a working tree, anything below one, a `.git` folder or file, or a
    // bare repository.
    static Result<Repository> open(const std::string& path, const OpenOptions& options = {});

    const ObjectDatabase& objects() const { return *objects_; }
    const References& references() const { return references_; }
    HashAlgorithm algorithm() const { return objects_->algorithm(); }
    // The folder of HEAD and the index; that shared by all worktrees; the working tree (empty:
    // bare).
    const std::string& git_folder() const { return git_folder_; }
    const std::string& common_folder() const { return common_folder_; }
    const std::string& work_tree() const { return work_tree_; }
    bool is_bare() const { return work_tree_.empty(); }
    // Commits whose parents a shallow clone has not (the file "shallow"), sorted.
    const std::vector<ObjectId>& shallow() const { return shallow_; }
    // Whether those have no parents at all, as in git log; else they keep the ones that are there.
    bool hides_parents() const { return hides_parents_; }
    // Commits whose parents the file "info/grafts" gives, by the commit's id.
    struct Graft {
        ObjectId commit;
        std::vector<ObjectId> parents;
    };
    const std::vector<Graft>& grafts() const { return grafts_; }
    bool is_partial_clone() const { return partial_clone_; }
    std::size_t replacement_count() const { return replacement_count_; }
    // What could not be read while opening: packs, references, lists.
    std::vector<model::Gap> gaps() const;

    Repository(Repository&&) noexcept;
    Repository& operator=(Repository&&) noexcept;
    ~Repository();

  private:
    Repository();
    Status read_format(std::optional<bool>& bare, ReferencePlaces& places);
    void read_shallow(const std::string& path);
    void read_grafts(const std::string& path);

    std::string git_folder_;
    std::string common_folder_;
    std::string work_tree_;
    std::unique_ptr<ObjectDatabase> objects_;
    References references_;
    std::vector<ObjectId> shallow_;
    std::vector<Graft> grafts_;
    std::vector<model::Gap> gaps_;
    bool partial_clone_ = false;
    std::size_t replacement_count_ = 0;
    bool hides_parents_ = true;
};

}  // namespace merlon::connect::git
