#pragma once

// The commits that `git log` shows, in the order in which it shows them.
//
// The idea: git's order is that of a queue by committer date, where equals leave in the order in
// which they came. What is excluded spreads through the same queue, and the walk ends some steps
// after only excluded commits are left; with clocks gone wrong this shows commits that a pure
// definition would not, and so do we. No recursion: depth of history costs no stack.
//
// One thread. Memory: the history's facts and one flag byte a commit. Cost: n log n.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "connect/git/commit_history.h"

namespace merlon::connect::git {

struct WalkRequest {
    // Where to begin, in the order in which they were named. Tags are followed; what is neither a
    // commit nor a tag of one is passed over, as git log does.
    struct Tip {
        ObjectId id;
        enum class Side : std::uint8_t { kShow, kExclude } side = Side::kShow;
    };
    std::vector<Tip> tips;
    enum class Parents : std::uint8_t { kAll, kFirst } follow = Parents::kAll;
    std::uint32_t min_parents = 0;
    std::optional<std::uint32_t> max_parents;    // 1: no merges
    std::optional<std::uint64_t> since_seconds;  // older ones end the walk on their line
    std::optional<std::uint64_t> until_seconds;  // younger ones are not shown
    std::uint64_t skip = 0;
    std::optional<std::uint64_t> max_count;
    enum class Order : std::uint8_t { kNewestFirst, kReversed } order = Order::kNewestFirst;
    // Whether a commit differs from a parent (nothing: from the empty tree) in the paths asked for.
    // Without it, all commits are shown.
    std::function<bool(const std::optional<ObjectId>& parent_tree, const ObjectId& tree)> differs;
    enum class Simplify : std::uint8_t {
        kFollowSameParent,
        kFullHistory
    } simplify = Simplify::kFollowSameParent;
    // Further conditions, such as an author; asked last.
    std::function<bool(const ObjectId& commit)> accept;
};

// Numbers of the commits to show. What could not be read is in history.problems().
std::vector<CommitNumber> walk_revisions(CommitHistory& history, const WalkRequest& request);

// The object behind tags. An error where the tag, or one on the way, cannot be read. `passed` (may
// be null) gets the tags that were met, be the end an error.
ObjectResult<ObjectId> peel_tags(const ObjectReader& reader, HashAlgorithm algorithm,
                                 const ObjectId& id, ObjectType& type,
                                 std::vector<ObjectId>* passed = nullptr);

}  // namespace merlon::connect::git
