#include "connect/git/revision_walk.h"

#include <algorithm>
#include <queue>
#include <utility>

#include "connect/git/commit.h"

namespace merlon::connect::git {
namespace {

// After the last commit to show is found, so many more excluded ones are looked at: clocks differ.
constexpr int kSlop = 5;
constexpr unsigned kMaxTagDepth = 1000;

constexpr std::uint8_t kSeen = 1;          // has been in the queue
constexpr std::uint8_t kExcluded = 2;      // reachable from an excluded tip, or too old
constexpr std::uint8_t kQueued = 4;        // is in the queue
constexpr std::uint8_t kExpanded = 8;      // its parents have been dealt with
constexpr std::uint8_t kSame = 16;         // does not differ from its parents in the paths
constexpr std::uint8_t kNamedBottom = 32;  // an excluded tip itself

class Walker {
  public:
    Walker(CommitHistory& history, const WalkRequest& request)
        : history_(history), request_(request) {}

    std::vector<CommitNumber> run() {
        enter_tips();
        std::vector<CommitNumber> candidates = limited_ ? walk_limited() : walk_unlimited();
        std::vector<CommitNumber> shown;
        std::uint64_t skip = request_.skip;
        for (const CommitNumber commit : candidates) {
            if (request_.max_count.has_value() && shown.size() >= *request_.max_count) break;
            if (!is_shown(commit)) continue;
            if (skip > 0) {
                --skip;
                continue;
            }
            shown.push_back(commit);
        }
        if (request_.order == WalkRequest::Order::kReversed) std::ranges::reverse(shown);
        return shown;
    }

  private:
    struct Queued {
        std::uint64_t date;
        std::uint64_t turn;
        CommitNumber commit;
        // The largest leaves first: the newest, and among equals the one that came first.
        bool operator<(const Queued& other) const {
            return date != other.date ? date < other.date : turn > other.turn;
        }
    };

    std::uint8_t& flags(CommitNumber commit) {
        if (flags_.size() <= commit)
            flags_.resize(std::max<std::size_t>(history_.count(), commit + 1));
        return flags_[commit];
    }
    bool has(CommitNumber commit, std::uint8_t flag) { return (flags(commit) & flag) != 0; }

    void exclude(CommitNumber commit) {
        std::uint8_t& flag = flags(commit);
        if ((flag & kExcluded) == 0 && (flag & kQueued) != 0) --interesting_queued_;
        flag |= kExcluded;
    }

    void enqueue(CommitNumber commit) {
        std::uint8_t& flag = flags(commit);
        flag |= kSeen | kQueued;
        if ((flag & kExcluded) == 0) ++interesting_queued_;
        queue_.push({history_.date(commit), next_turn_++, commit});
    }

    CommitNumber dequeue() {
        const CommitNumber commit = queue_.top().commit;
        queue_.pop();
        std::uint8_t& flag = flags(commit);
        flag &= static_cast<std::uint8_t>(~kQueued);
        if ((flag & kExcluded) == 0) --interesting_queued_;
        return commit;
    }

    // Excludes all ancestors that are known so far; the walk brings the rest.
    void exclude_known_ancestors(CommitNumber commit) {
        std::vector<CommitNumber> pending;
        const auto push_parents = [&](CommitNumber child) {
            if (!history_.is_loaded(child)) return;
            const auto parents = history_.parents(child);
            pending.insert(pending.end(), parents.begin(), parents.end());
        };
        push_parents(commit);
        while (!pending.empty()) {
            const CommitNumber parent = pending.back();
            pending.pop_back();
            if (has(parent, kExcluded)) continue;
            exclude(parent);
            push_parents(parent);
        }
    }

    // The commit behind tags; nothing for what is none.
    std::optional<CommitNumber> peel(const ObjectId& tip) {
        if (history_.has_loaded(tip) || history_.loads_commit(tip)) return history_.number_of(tip);
        ObjectType type = ObjectType::kCommit;
        const ObjectResult<ObjectId> peeled = peel_tags(
            history_.repository().objects(), history_.repository().algorithm(), tip, type);
        if (peeled.ok() && type != ObjectType::kCommit) return std::nullopt;
        // What cannot be read is told by load(), as a commit's absence is.
        return history_.number_of(peeled.ok() ? peeled.value() : tip);
    }

    void enter_tips() {
        std::vector<CommitNumber> tips;
        for (const WalkRequest::Tip& tip : request_.tips) {
            const std::optional<CommitNumber> peeled = peel(tip.id);
            if (!peeled || !history_.load(*peeled)) continue;
            const CommitNumber commit = *peeled;
            if (tip.side == WalkRequest::Tip::Side::kExclude) {
                exclude(commit);
                flags(commit) |= kNamedBottom;
                exclude_known_ancestors(commit);
                limited_ = true;
            }
            if (has(commit, kSeen)) continue;
            flags(commit) |= kSeen;
            tips.push_back(commit);
        }
        std::ranges::stable_sort(tips, std::greater<>(),
                                 [&](CommitNumber commit) { return history_.date(commit); });
        for (const CommitNumber commit : tips) enqueue(commit);
    }

    void expand(CommitNumber commit) {
        if (has(commit, kExpanded)) return;
        flags(commit) |= kExpanded;
        const bool excluded = has(commit, kExcluded);
        if (!excluded) simplify(commit);
        for (std::size_t i = 0; i < history_.parents(commit).size(); ++i) {
            const CommitNumber parent = history_.parents(commit)[i];
            if (excluded) exclude(parent);
            if (history_.load(parent)) {
                if (excluded) exclude_known_ancestors(parent);
                if (!has(parent, kSeen)) enqueue(parent);
            }
            if (!excluded && request_.follow == WalkRequest::Parents::kFirst) break;
        }
    }

    bool is_too_old(CommitNumber commit) const {
        return request_.since_seconds.has_value() &&
               history_.date(commit) < *request_.since_seconds;
    }
    bool is_too_young(CommitNumber commit) const {
        return request_.until_seconds.has_value() &&
               history_.date(commit) > *request_.until_seconds;
    }

    // Without exclusions commits are shown as they leave the queue.
    std::vector<CommitNumber> walk_unlimited() {
        std::vector<CommitNumber> order;
        std::uint64_t shown = 0;
        while (!queue_.empty()) {
            const CommitNumber commit = dequeue();
            if (is_too_old(commit)) continue;
            expand(commit);
            order.push_back(commit);
            // A counted walk ends early; conditions that cost something are asked once, later.
            if (request_.max_count.has_value() && !request_.accept && is_shown(commit) &&
                ++shown >= request_.skip + *request_.max_count) {
                break;
            }
        }
        return order;
    }

    std::vector<CommitNumber> walk_limited() {
        std::vector<CommitNumber> order;
        int slop = kSlop;
        std::uint64_t last_date = UINT64_MAX;
        while (!queue_.empty()) {
            const CommitNumber commit = dequeue();
            if (is_too_old(commit)) exclude(commit);
            expand(commit);
            if (has(commit, kExcluded)) {
                exclude_known_ancestors(commit);
                if (queue_.empty()) break;
                if (last_date <= queue_.top().date || interesting_queued_ != 0) {
                    slop = kSlop;
                } else if (--slop == 0) {
                    break;
                }
                continue;
            }
            if (is_too_young(commit)) continue;
            last_date = history_.date(commit);
            order.push_back(commit);
        }
        return order;
    }

    // git-log, "History Simplification", for walks that ask for paths.
    void simplify(CommitNumber commit) {
        if (!request_.differs) return;
        const ObjectId tree = history_.tree(commit);
        const std::size_t count = history_.parents(commit).size();
        if (count == 0) {
            if (!request_.differs(std::nullopt, tree)) flags(commit) |= kSame;
            return;
        }
        // Excluded parents decide only where there are no others; an excluded tip itself counts.
        std::size_t relevant = 0;
        bool differs_from_relevant = false;
        bool differs_from_other = false;
        for (std::size_t i = 0; i < count; ++i) {
            const CommitNumber parent = history_.parents(commit)[i];
            if (!history_.load(parent)) continue;
            const bool counts = (flags(parent) & (kExcluded | kNamedBottom)) != kExcluded;
            relevant += counts ? 1 : 0;
            if (i == 1 && request_.follow == WalkRequest::Parents::kFirst) break;
            if (request_.differs(history_.tree(parent), tree)) {
                (counts ? differs_from_relevant : differs_from_other) = true;
                continue;
            }
            if (request_.simplify == WalkRequest::Simplify::kFollowSameParent && counts) {
                history_.keep_parent(commit, i);
                flags(commit) |= kSame;
                return;
            }
        }
        if (relevant != 0 ? !differs_from_relevant : !differs_from_other) flags(commit) |= kSame;
    }

    bool is_shown(CommitNumber commit) {
        if (has(commit, kExcluded) || is_too_young(commit)) return false;
        const std::size_t parents = history_.parents(commit).size();
        if (parents < request_.min_parents) return false;
        if (request_.max_parents.has_value() && parents > *request_.max_parents) return false;
        if (request_.differs && has(commit, kSame)) return false;
        return !request_.accept || request_.accept(history_.id(commit));
    }

    CommitHistory& history_;
    const WalkRequest& request_;
    std::vector<std::uint8_t> flags_;
    std::priority_queue<Queued> queue_;
    std::uint64_t next_turn_ = 0;
    std::size_t interesting_queued_ = 0;
    bool limited_ = false;
};

}  // namespace

ObjectResult<ObjectId> peel_tags(const ObjectReader& reader, HashAlgorithm algorithm,
                                 const ObjectId& id, ObjectType& type,
                                 std::vector<ObjectId>* passed) {
    ObjectId current = id;
    for (unsigned depth = 0; depth < kMaxTagDepth; ++depth) {
        ObjectResult<Object> object = reader.read(current);
        if (!object.ok()) return {object.failure, std::move(object).error()};
        type = object.value().type;
        if (type != ObjectType::kTag) return current;
        if (passed != nullptr) passed->push_back(current);
        const Result<Tag> tag = parse_tag(object.value().bytes(), algorithm);
        if (!tag.ok()) {
            return {ObjectFailure::kCorrupt,
                    Error{"object " + current.hex() + ": " + tag.error().message}};
        }
        current = tag.value().target;
    }
    return {ObjectFailure::kCorrupt,
            Error{"object " + id.hex() + " is a tag of tags without an end"}};
}

std::vector<CommitNumber> walk_revisions(CommitHistory& history, const WalkRequest& request) {
    return Walker(history, request).run();
}

}  // namespace merlon::connect::git
