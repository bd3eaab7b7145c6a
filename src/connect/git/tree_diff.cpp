#include "connect/git/tree_diff.h"

#include <utility>

#include "connect/git/lines.h"

namespace merlon::connect::git {
namespace {

class Walk {
  public:
    Walk(const ObjectReader& reader, const TreeDiffLimits& limits)
        : reader_(reader), limits_(limits) {}

    void compare(const std::optional<ObjectId>& before, const std::optional<ObjectId>& after,
                 std::uint32_t depth) {
        if (depth > limits_.max_depth) {
            report(DiffProblemKind::kTooDeep, after ? *after : *before,
                   "folders are nested more than " + std::to_string(limits_.max_depth) +
                       " deep; what lies below was not compared");
            return;
        }
        Side left = open(before);
        Side right = open(after);
        while ((left.there || right.there) && !full_) {
            if (left.there && right.there) {
                skip_equal(left, right);
                if (!left.there && !right.there) break;
            }
            const int order = !right.there ? -1
                              : !left.there
                                  ? 1
                                  : compare_entries(left.cursor->entry(), right.cursor->entry());
            if (order < 0) {
                one_side(left.cursor->entry(), Which::kBefore, depth);
                advance(left);
            } else if (order > 0) {
                one_side(right.cursor->entry(), Which::kAfter, depth);
                advance(right);
            } else {
                both_sides(left.cursor->entry(), right.cursor->entry(), depth);
                advance(left);
                advance(right);
            }
        }
        // One that was there before is not this change's.
        if (!right.defect.empty() && left.defect.empty()) {
            report(DiffProblemKind::kDisordered, *after, std::string(right.defect));
        }
    }

    TreeDiff take() && { return std::move(diff_); }

  private:
    enum class Which : std::uint8_t { kBefore, kAfter };

    struct Side {
        std::optional<ObjectId> id;
        Object object;
        std::optional<TreeCursor> cursor;
        bool there = false;       // the cursor stands on an entry
        std::size_t begin = 0;    // of that one
        std::string_view defect;  // of the order of entries
    };

    Side open(const std::optional<ObjectId>& id) {
        Side side;
        if (!id) return side;
        side.id = id;
        ObjectResult<Object> read = reader_.read(*id);
        if (!read.ok()) {
            report(DiffProblemKind::kUnreadable, *id, read.error().to_string(), read.failure);
            return side;
        }
        side.object = std::move(read).value();
        if (side.object.type != ObjectType::kTree) {
            report(DiffProblemKind::kMalformed, *id,
                   "a " + std::string(name(side.object.type)) + " stands where a tree should");
            return side;
        }
        side.cursor.emplace(side.object.bytes(), id->algorithm());
        advance(side);
        return side;
    }

    void advance(Side& side) {
        TreeEntry passed;
        if (side.there) passed = side.cursor->entry();
        const bool has_passed = side.there;
        step(side);
        if (has_passed && side.there && side.defect.empty()) {
            side.defect = order_defect(passed, side.cursor->entry());
        }
    }

    void step(Side& side) {
        side.begin = side.cursor->position();
        const Result<bool> next = side.cursor->next();
        side.there = next.ok() && next.value();
        if (!next.ok()) report(DiffProblemKind::kMalformed, *side.id, next.error().message);
    }

    // Passes over the entries that both have alike, which is most of them, as far as they are
    // written as git writes them.
    void skip_equal(Side& left, Side& right) {
        const std::string_view rest = left.object.bytes().substr(left.begin);
        const std::string_view other = right.object.bytes().substr(right.begin);
        const EntryRun equal =
            whole_entries(rest.substr(0, equal_at_begin(rest, other)), left.id->algorithm());
        if (equal.bytes == 0) return;
        if (equal.bytes == rest.size() && equal.bytes == other.size()) {
            left.there = right.there = false;
            return;
        }
        for (Side* const side : {&left, &right}) {
            side->cursor->jump(side->begin + equal.last);
            step(*side);
            advance(*side);
        }
    }

    void report(DiffProblemKind kind, const ObjectId& id, std::string message,
                ObjectFailure failure = ObjectFailure::kNone) {
        diff_.problems.push_back({kind, failure, id, folder_, std::move(message)});
    }

    void one_side(const TreeEntry& entry, Which which, std::uint32_t depth) {
        if (entry.mode == FileMode::kTree) {
            const Below below(*this, entry.name);
            if (which == Which::kBefore) {
                compare(entry.id, std::nullopt, depth + 1);
            } else {
                compare(std::nullopt, entry.id, depth + 1);
            }
            return;
        }
        const FileVersion version{entry.mode, entry.id};
        if (which == Which::kBefore) {
            add(ChangeKind::kDeleted, entry.name, version, {});
        } else {
            add(ChangeKind::kAdded, entry.name, {}, version);
        }
    }

    // Entries of the same name, which are both folders or both not.
    void both_sides(const TreeEntry& left, const TreeEntry& right, std::uint32_t depth) {
        if (left.mode == right.mode && left.id == right.id) return;
        if (left.mode == FileMode::kTree) {
            const Below below(*this, left.name);
            compare(left.id, right.id, depth + 1);
            return;
        }
        const bool same_type =
            left.mode == right.mode || (is_regular(left.mode) && is_regular(right.mode));
        add(same_type ? ChangeKind::kModified : ChangeKind::kTypeChanged, left.name,
            {left.mode, left.id}, {right.mode, right.id});
    }

    void add(ChangeKind kind, std::string_view name, const FileVersion& before,
             const FileVersion& after) {
        const ObjectId& id = after.exists() ? after.id : before.id;
        if (diff_.changes.size() == limits_.max_changes) {
            full_ = true;
            report(DiffProblemKind::kTooMany, id,
                   "more than " + std::to_string(limits_.max_changes) +
                       " files differ; those behind this one were not listed");
            return;
        }
        std::string path;
        path.reserve(folder_.size() + name.size());
        path.append(folder_).append(name);
        if (after.exists()) check_name(name, id);
        diff_.changes.push_back({kind, std::move(path), {}, before, after, 0});
    }

    void check_name(std::string_view name, const ObjectId& id) {
        if (is_unsafe_name(name)) {
            report(DiffProblemKind::kUnsafeName, id,
                   "the name '" + std::string(name) + "' is not allowed in a tree");
        }
    }

    // The folder that is being compared, for as long as it is.
    class Below {
      public:
        Below(Walk& walk, std::string_view name) : walk_(walk), length_(walk.folder_.size()) {
            walk.folder_.append(name).push_back('/');
            if (is_unsafe_name(name)) walk.check_name(name, {});
        }
        Below(const Below&) = delete;
        Below& operator=(const Below&) = delete;
        ~Below() { walk_.folder_.resize(length_); }

      private:
        Walk& walk_;
        std::size_t length_;
    };

    const ObjectReader& reader_;
    TreeDiffLimits limits_;
    TreeDiff diff_;
    std::string folder_;  // "" or "a/b/"
    bool full_ = false;
};

}  // namespace

TreeDiff diff_trees(const ObjectReader& reader, const std::optional<ObjectId>& before,
                    const std::optional<ObjectId>& after, const TreeDiffLimits& limits) {
    if (before == after) return {};
    Walk walk(reader, limits);
    walk.compare(before, after, 0);
    return std::move(walk).take();
}

}  // namespace merlon::connect::git
