#include "connect/git/index_diff.h"

#include <algorithm>
#include <utility>

namespace merlon::connect::git {
namespace {

class IndexWalk {
  public:
    IndexWalk(const ObjectReader& reader, const IndexView& index, std::string_view scope,
              const TreeDiffLimits& limits)
        : reader_(reader),
          index_(index),
          scope_(scope),
          limits_(limits),
          cursor_(index.entries()) {}

    Result<IndexDiff> run(const std::optional<ObjectId>& tree) {
        MERLON_TRY(step());
        MERLON_TRY(compare(tree, index_.trees().empty() ? kNoTree : 0, 0));
        return std::move(result_);
    }

  private:
    static constexpr std::size_t kNoTree = static_cast<std::size_t>(-1);

    // An entry of the tree, whose bytes are kept here.
    struct Side {
        Object object;
        std::optional<TreeCursor> cursor;
        bool there = false;
    };

    Status step() {
        there_ = cursor_.next();
        if (cursor_.error()) [[unlikely]]
            return *cursor_.error();
        return {};
    }

    bool is_inside() const { return there_ && cursor_.path().starts_with(folder_); }

    void report(DiffProblemKind kind, const ObjectId& id, std::string message,
                ObjectFailure failure = ObjectFailure::kNone) {
        result_.diff.problems.push_back({kind, failure, id, folder_, std::move(message)});
    }

    Side open(const std::optional<ObjectId>& tree) {
        Side side;
        if (!tree) return side;
        ObjectResult<Object> read = reader_.read(*tree);
        if (!read.ok()) {
            report(DiffProblemKind::kUnreadable, *tree, read.error().to_string(), read.failure);
            return side;
        }
        side.object = std::move(read).value();
        if (side.object.type != ObjectType::kTree) {
            report(DiffProblemKind::kMalformed, *tree,
                   "a " + std::string(name(side.object.type)) + " stands where a tree should");
            return side;
        }
        side.cursor.emplace(side.object.bytes(), tree->algorithm());
        advance(side);
        return side;
    }

    void advance(Side& side) {
        const Result<bool> next = side.cursor->next();
        side.there = next.ok() && next.value();
        if (!next.ok()) report(DiffProblemKind::kMalformed, {}, next.error().message);
    }

    // Whether the folder that is compared holds, or lies in, the one asked for.
    bool is_asked() const { return folder_.starts_with(scope_) || scope_.starts_with(folder_); }
    bool is_asked(std::string_view name) const {
        return folder_.starts_with(scope_) ||
               (scope_.starts_with(folder_) && scope_.substr(folder_.size()).starts_with(name) &&
                scope_.size() > folder_.size() + name.size());
    }

    // Over all entries of this folder.
    Status leave_out() {
        while (is_inside()) MERLON_TRY(step());
        return {};
    }

    // Where git has noted that this folder is `tree`: over its entries, and true.
    Result<bool> step_over(const std::optional<ObjectId>& tree, std::size_t noted) {
        if (!tree || noted == kNoTree) return false;
        const CachedTree& cached = index_.trees()[noted];
        if (!cached.entries || cached.id != *tree) return false;
        if (*cached.entries == 0) return !is_inside();
        // The entries are sorted: where the first and the last are inside, all are.
        const bool begins = is_inside();
        if (*cached.entries > 1) there_ = index_.move(cursor_, *cached.entries - 1);
        if (cursor_.error()) return *cursor_.error();
        const bool ends = is_inside();
        MERLON_TRY(step());
        if (!begins || !ends || is_inside()) {
            return Error{"its cache of trees (TREE) does not fit its entries"};
        }
        return true;
    }

    // The noted trees right below `noted`, by name.
    std::vector<std::pair<std::string_view, std::size_t>> children(std::size_t noted) const {
        std::vector<std::pair<std::string_view, std::size_t>> found;
        if (noted == kNoTree) return found;
        const std::vector<CachedTree>& trees = index_.trees();
        for (std::size_t i = noted + 1; i < trees[noted].end; i = trees[i].end) {
            found.emplace_back(trees[i].name, i);
        }
        std::ranges::sort(found);
        return found;
    }

    Status compare(const std::optional<ObjectId>& tree, std::size_t noted, std::uint32_t depth) {
        if (depth > limits_.max_depth) {
            report(DiffProblemKind::kTooDeep, {},
                   "folders are nested more than " + std::to_string(limits_.max_depth) +
                       " deep; what lies below was not compared");
            return leave_out();
        }
        if (!is_asked()) return leave_out();
        if (MERLON_TRY(step_over(tree, noted))) return {};
        if (is_inside() && cursor_.path() == folder_ && !folder_.empty()) {
            return sparse_folder(tree);
        }
        const auto noted_below = children(noted);
        const auto noted_of = [&](std::string_view name) {
            const auto at = std::ranges::lower_bound(
                noted_below, name, {}, &std::pair<std::string_view, std::size_t>::first);
            return at != noted_below.end() && at->first == name ? at->second : kNoTree;
        };
        Side side = open(tree);
        while ((is_inside() || side.there) && !full_) {
            TreeEntry staged;
            if (is_inside()) staged = MERLON_TRY(entry_below());
            const int order = !side.there    ? 1
                              : !is_inside() ? -1
                                             : compare_entries(side.cursor->entry(), staged);
            const TreeEntry committed = side.there ? side.cursor->entry() : TreeEntry{};
            if (order < 0) {
                removed(committed);
            } else if (staged.mode == FileMode::kTree) {
                // The name's bytes move with the cursor.
                const std::string name(staged.name);
                folder_.append(name).push_back('/');
                const auto below = order == 0 ? std::optional(committed.id) : std::nullopt;
                const Status compared = compare(below, noted_of(name), depth + 1);
                folder_.resize(folder_.size() - name.size() - 1);
                MERLON_TRY(compared);
            } else {
                MERLON_TRY(file(order == 0 ? committed : TreeEntry{}, staged));
            }
            if (order <= 0) advance(side);
        }
        return {};
    }

    // The entry, or the folder that it lies in.
    Result<TreeEntry> entry_below() const {
        const std::string_view rest = cursor_.path().substr(folder_.size());
        const std::size_t slash = rest.find('/');
        if (slash != std::string_view::npos) {
            return TreeEntry{FileMode::kTree, rest.substr(0, slash), {}};
        }
        const FileMode mode = mode_of_index(cursor_.mode());
        if (mode == FileMode::kTree) {
            return Error{"a folder's name does not end with a slash", cursor_.offset()};
        }
        return TreeEntry{mode, rest, cursor_.id()};
    }

    // A sparse index: the whole folder in one entry.
    Status sparse_folder(const std::optional<ObjectId>& tree) {
        const ObjectId id = cursor_.id();
        TreeDiff below = diff_trees(reader_, tree, id, limits_);
        add_below(std::move(below));
        return step();
    }

    void add_below(TreeDiff below) {
        for (FileChange& change : below.changes) {
            change.path.insert(0, folder_);
            add(std::move(change));
        }
        for (DiffProblem& problem : below.problems) {
            problem.path.insert(0, folder_);
            result_.diff.problems.push_back(std::move(problem));
        }
    }

    void removed(const TreeEntry& entry) {
        if (entry.mode != FileMode::kTree) {
            add({ChangeKind::kDeleted,
                 folder_ + std::string(entry.name),
                 {},
                 {entry.mode, entry.id},
                 {},
                 0});
            return;
        }
        folder_.append(entry.name).push_back('/');
        add_below(diff_trees(reader_, entry.id, std::nullopt, limits_));
        folder_.resize(folder_.size() - entry.name.size() - 1);
    }

    // `committed` has no mode where HEAD has no such file.
    Status file(const TreeEntry& committed, const TreeEntry& staged) {
        const std::string path(cursor_.path());
        if (!cursor_.is_path_whole()) return Error{"a name has a zero in it", cursor_.offset()};
        const FileVersion before{committed.mode, committed.id};
        if (cursor_.stage() != 0) {
            if (is_asked(staged.name)) result_.unmerged.push_back(path);
            while (there_ && cursor_.path() == path) MERLON_TRY(step());
            return {};
        }
        if (cursor_.intent_to_add()) {
            if (before.exists()) add({ChangeKind::kDeleted, path, {}, before, {}, 0});
            return step();
        }
        const FileVersion after{staged.mode, staged.id};
        if (before != after) {
            const bool same_type =
                before.mode == after.mode || (is_regular(before.mode) && is_regular(after.mode));
            const ChangeKind kind = !before.exists() ? ChangeKind::kAdded
                                    : same_type      ? ChangeKind::kModified
                                                     : ChangeKind::kTypeChanged;
            add({kind, path, {}, before, after, 0});
        }
        return step();
    }

    void add(FileChange change) {
        if (!change.path.starts_with(scope_)) return;
        if (result_.diff.changes.size() == limits_.max_changes) {
            full_ = true;
            report(DiffProblemKind::kTooMany, change.after.id,
                   "more than " + std::to_string(limits_.max_changes) +
                       " files differ; those behind this one were not listed");
            return;
        }
        result_.diff.changes.push_back(std::move(change));
    }

    const ObjectReader& reader_;
    const IndexView& index_;
    std::string_view scope_;
    TreeDiffLimits limits_;
    IndexCursor cursor_;
    bool there_ = false;
    std::string folder_;  // "" or "a/b/"
    bool full_ = false;
    IndexDiff result_;
};

}  // namespace

FileMode mode_of_index(std::uint32_t mode) {
    constexpr std::uint32_t kTypeMask = 0170000;
    switch (mode & kTypeMask) {
        case 0040000:
            return FileMode::kTree;
        case 0120000:
            return FileMode::kSymlink;
        case 0160000:
            return FileMode::kSubmodule;
        default:
            return (mode & 0100) != 0 ? FileMode::kExecutable : FileMode::kRegular;
    }
}

Result<IndexDiff> diff_index(const ObjectReader& reader, const std::optional<ObjectId>& tree,
                             const IndexView& index, std::string_view folder,
                             const TreeDiffLimits& limits) {
    return IndexWalk(reader, index, folder, limits).run(tree);
}

}  // namespace merlon::connect::git
