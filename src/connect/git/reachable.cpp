#include "connect/git/reachable.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "connect/git/commit.h"
#include "connect/git/tree.h"

namespace merlon::connect::git {
namespace {

// Marks what one commit's tree has that the tree before it has not.
class Marker {
  public:
    Marker(const ObjectCatalog& catalog, const ReachOptions& options)
        : catalog_(catalog),
          reader_(catalog.database()),
          options_(options),
          seen_(catalog.count(), false) {}

    // Returns whether the object is there and was not marked before.
    bool mark(const ObjectId& id) {
        const std::optional<std::uint32_t> number = catalog_.find(id);
        if (!number.has_value()) {
            note_absent(id);
            return false;
        }
        if (seen_[*number]) return false;
        seen_[*number] = true;
        return true;
    }

    void mark_tree(const ObjectId& tree, const std::optional<ObjectId>& before) {
        if (tree != before && mark(tree)) compare_all({tree, before, 0});
    }

    void mark_root(const ObjectId& root) {
        ObjectId current = root;
        while (mark(current)) {
            const ObjectResult<Object> object = reader_.read_original(current);
            if (!object.ok()) return note(current, object.failure, object.error().message);
            if (object.value().type == ObjectType::kTree) compare_all({current, std::nullopt, 0});
            if (object.value().type != ObjectType::kTag) return;
            const Result<Tag> tag = parse_tag(object.value().bytes(), reader_.algorithm());
            if (!tag.ok()) return note(current, ObjectFailure::kCorrupt, tag.error().message);
            current = tag.value().target;
        }
    }

    Reachable result() {
        Reachable found;
        found.seen = std::move(seen_);
        found.absent = std::move(problems_);
        std::ranges::sort(found.absent, {}, &HistoryProblem::id);
        return found;
    }

  private:
    struct Pair {
        ObjectId tree;
        std::optional<ObjectId> before;
        std::uint32_t depth = 0;
    };

    void compare_all(const Pair& first) {
        std::vector<Pair> pending{first};
        while (!pending.empty()) {
            const Pair pair = pending.back();
            pending.pop_back();
            compare(pair, pending);
        }
    }

    void note(const ObjectId& id, ObjectFailure failure, std::string message) {
        if (told_.insert(id).second) problems_.push_back({failure, id, std::move(message)});
    }

    void note_absent(const ObjectId& id) {
        if (told_.contains(id)) return;
        const ObjectResult<Object> object = reader_.read_original(id);
        if (!object.ok()) note(id, object.failure, object.error().message);
    }

    std::string_view tree_bytes(const ObjectId& id, std::optional<Object>& kept) {
        ObjectResult<Object> object = reader_.read_original(id);
        if (!object.ok()) {
            note(id, object.failure, object.error().message);
            return {};
        }
        if (object.value().type != ObjectType::kTree) {
            note(id, ObjectFailure::kCorrupt,
                 "object " + id.hex() + " is no tree, as it should be");
            return {};
        }
        kept = std::move(object).value();
        return kept->bytes();
    }

    // Both trees are sorted alike, so that equal entries meet.
    void compare(const Pair& pair, std::vector<Pair>& pending) {
        std::optional<Object> kept;
        std::optional<Object> kept_before;
        const std::string_view bytes = tree_bytes(pair.tree, kept);
        std::string_view before;
        if (pair.before.has_value()) before = tree_bytes(*pair.before, kept_before);
        TreeCursor cursor(bytes, reader_.algorithm());
        TreeCursor other(before, reader_.algorithm());
        Result<bool> more = cursor.next();
        Result<bool> more_before = other.next();
        while (more.ok() && more.value()) {
            const TreeEntry& entry = cursor.entry();
            while (more_before.ok() && more_before.value() &&
                   compare_entries(other.entry(), entry) < 0) {
                more_before = other.next();
            }
            const bool paired = more_before.ok() && more_before.value() &&
                                compare_entries(other.entry(), entry) == 0;
            if (!paired || other.entry().id != entry.id || other.entry().mode != entry.mode) {
                take(entry, paired ? &other.entry() : nullptr, pair.depth, pending);
            }
            more = cursor.next();
        }
        if (!more.ok()) note(pair.tree, ObjectFailure::kCorrupt, more.error().message);
    }

    void take(const TreeEntry& entry, const TreeEntry* before, std::uint32_t depth,
              std::vector<Pair>& pending) {
        if (entry.mode == FileMode::kSubmodule) return;  // a commit of another repository
        if (!mark(entry.id) || entry.mode != FileMode::kTree) return;
        if (depth + 1 >= options_.max_tree_depth) {
            return note(entry.id, ObjectFailure::kTooLarge,
                        "object " + entry.id.hex() + " lies deeper than git's limit of folders");
        }
        std::optional<ObjectId> before_id;
        if (before != nullptr && before->mode == FileMode::kTree) before_id = before->id;
        pending.push_back({entry.id, before_id, depth + 1});
    }

    const ObjectCatalog& catalog_;
    const ObjectDatabase& reader_;
    const ReachOptions& options_;
    std::vector<bool> seen_;
    std::unordered_set<ObjectId> told_;
    std::vector<HistoryProblem> problems_;
};

}  // namespace

Reachable find_reachable(const ObjectCatalog& catalog, const CommitHistory& history,
                         std::span<const CommitNumber> commits, std::span<const ObjectId> roots,
                         const ReachOptions& options) {
    Marker marker(catalog, options);
    for (const ObjectId& root : roots) marker.mark_root(root);
    // From the oldest on. What a tree shares with the one before is taken for marked, so that one
    // has to be done: with clocks gone wrong it may not be, and then nothing is taken for marked.
    std::vector<bool> done(history.count(), false);
    for (auto commit = commits.rbegin(); commit != commits.rend(); ++commit) {
        if (options.cancel != nullptr && options.cancel->cancelled()) break;
        marker.mark(history.id(*commit));
        std::optional<ObjectId> before;
        const auto parents = history.parents(*commit);
        if (!parents.empty() && done[parents.front()]) before = history.tree(parents.front());
        marker.mark_tree(history.tree(*commit), before);
        done[*commit] = true;
    }
    return marker.result();
}

}  // namespace merlon::connect::git
