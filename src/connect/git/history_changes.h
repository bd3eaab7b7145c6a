#pragma once

// What a commit brings into a history: the paths whose content none of its parents has there.
//
// The idea: the trees of a commit and of all its parents are walked side by side, and a folder that
// one of the parents has as it is was told of by that parent. So an ordinary commit gives its
// difference, a merge only what its author made up while merging, a first commit everything; and
// whoever looks at all commits sees each object of the history at least once. No text is compared,
// and the cost is that of the trees that changed.
//
// Trees come from a store of all (tree_store.h) where whoever walks the whole history has made one,
// else from the reader, by id.
//
// A ChangeFinder belongs to one thread and keeps the trees it read last, because the next commit
// needs most of them again; reader and store are shared. Memory: at most kTreeCacheBytes and some
// trees.

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connect/git/object.h"
#include "connect/git/tree_diff.h"
#include "connect/git/tree_store.h"

namespace merlon::connect::git {

struct PathChange {
    std::string_view path;                // raw bytes, gone when the visitor returns
    FileVersion after;                    // does not exist: gone, though every parent has it
    std::span<const FileVersion> before;  // of each parent; does not exist: not there
};

struct ChangeVisitor {
    std::function<void(const PathChange&)> on_change;    // files, links and submodules
    std::function<void(const ObjectId& tree)> on_tree;   // that no parent has at its place
    std::function<void(const DiffProblem&)> on_problem;  // what could not be compared, and why
};

class ChangeFinder {
  public:
    static constexpr std::size_t kTreeCacheBytes = std::size_t{24} << 20;

    // `store` may be null.
    explicit ChangeFinder(const ObjectReader& reader, const TreeStore* store = nullptr,
                          const TreeDiffLimits& limits = {});
    ~ChangeFinder();

    // `parents`: the trees of the parents; none for a first commit.
    void find(const ObjectId& tree, std::span<const ObjectId> parents,
              const ChangeVisitor& visitor);

  private:
    struct Side;
    struct Cached {
        ObjectId id;
        Object object;
    };

    void compare(std::span<const std::optional<ObjectId>> trees, std::uint32_t depth);
    void take(const TreeEntry& entry, std::span<const Side* const> there, std::uint32_t depth);
    bool open(const std::optional<ObjectId>& id, Side& side);
    void advance(Side& side);
    void step(Side& side);
    ObjectId id_of(const Side& side) const;
    bool is_same(const Side& one, const Side& other) const;
    void skip_equal(std::span<Side> sides);
    void skip_equal_bytes(Side& left, Side& right);
    void report(DiffProblemKind kind, const ObjectId& id, std::string message,
                ObjectFailure failure = ObjectFailure::kNone);

    const ObjectReader& reader_;
    const TreeStore* store_;
    TreeDiffLimits limits_;
    const ChangeVisitor* visitor_ = nullptr;
    std::string folder_;       // "" or "a/b/"
    std::list<Cached> cache_;  // the last used first
    std::unordered_map<ObjectId, std::list<Cached>::iterator> cached_;
    std::size_t cached_bytes_ = 0;
};

}  // namespace merlon::connect::git
