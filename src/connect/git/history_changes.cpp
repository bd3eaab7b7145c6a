#include "connect/git/history_changes.h"

#include <algorithm>
#include <utility>

#include "connect/git/lines.h"
#include "connect/git/tree.h"

namespace merlon::connect::git {
// One tree, from the store or as bytes.
struct ChangeFinder::Side {
    std::optional<ObjectId> id;
    bool there = false;       // it stands on an entry
    TreeEntry entry;          // that one; of the store without its id: see id_of()
    std::string_view defect;  // of the order of entries
    // Of the store:
    std::optional<std::span<const TreeStore::Entry>> kept;
    std::size_t next = 0;

    const TreeStore::Entry& kept_entry() const { return (*kept)[next - 1]; }
    // As bytes:
    Object object;
    std::optional<TreeCursor> cursor;
    std::size_t begin = 0;  // of the entry
};

ChangeFinder::ChangeFinder(const ObjectReader& reader, const TreeStore* store,
                           const TreeDiffLimits& limits)
    : reader_(reader), store_(store), limits_(limits) {}

ChangeFinder::~ChangeFinder() = default;

void ChangeFinder::find(const ObjectId& tree, std::span<const ObjectId> parents,
                        const ChangeVisitor& visitor) {
    visitor_ = &visitor;
    folder_.clear();
    std::vector<std::optional<ObjectId>> trees{tree};
    for (const ObjectId& parent : parents) {
        if (parent == tree) return;
        trees.emplace_back(parent);
    }
    compare(trees, 0);
}

void ChangeFinder::report(DiffProblemKind kind, const ObjectId& id, std::string message,
                          ObjectFailure failure) {
    visitor_->on_problem({kind, failure, id, folder_, std::move(message)});
}

bool ChangeFinder::open(const std::optional<ObjectId>& id, Side& side) {
    if (!id) return true;
    side.id = id;
    if (store_ != nullptr) {
        side.kept = store_->find(*id);
        if (side.kept) {
            advance(side);
            return true;
        }
    }
    if (const auto known = cached_.find(*id); known != cached_.end()) {
        cache_.splice(cache_.begin(), cache_, known->second);
        side.object = known->second->object;
    } else {
        ObjectResult<Object> read = reader_.read(*id);
        if (!read.ok()) {
            report(DiffProblemKind::kUnreadable, *id, read.error().message, read.failure);
            return false;
        }
        side.object = std::move(read).value();
        if (side.object.type != ObjectType::kTree) {
            report(DiffProblemKind::kMalformed, *id,
                   "object " + id->hex() + " is a " + std::string(name(side.object.type)) +
                       " where a tree should be");
            return false;
        }
        cache_.push_front({*id, side.object});
        cached_.emplace(*id, cache_.begin());
        cached_bytes_ += side.object.bytes().size() + sizeof(Cached);
        while (cached_bytes_ > kTreeCacheBytes && cache_.size() > 1) {
            const Cached& oldest = cache_.back();
            cached_bytes_ -= oldest.object.bytes().size() + sizeof(Cached);
            cached_.erase(oldest.id);
            cache_.pop_back();
        }
    }
    side.cursor.emplace(side.object.bytes(), id->algorithm());
    advance(side);
    return true;
}

void ChangeFinder::advance(Side& side) {
    const TreeEntry passed{side.entry.mode, side.entry.name, {}};
    const bool has_passed = side.there;
    step(side);
    if (has_passed && side.there && side.defect.empty()) {
        side.defect = order_defect(passed, side.entry);
    }
}

void ChangeFinder::step(Side& side) {
    if (side.kept) {
        side.there = side.next < side.kept->size();
        if (!side.there) return;
        const TreeStore::Entry& entry = (*side.kept)[side.next++];
        side.entry.mode = store_->mode(entry);
        side.entry.name = store_->name(entry);
        return;
    }
    side.begin = side.cursor->position();
    const Result<bool> next = side.cursor->next();
    side.there = next.ok() && next.value();
    if (side.there) side.entry = side.cursor->entry();
    if (!next.ok()) report(DiffProblemKind::kMalformed, *side.id, next.error().message);
}

ObjectId ChangeFinder::id_of(const Side& side) const {
    return side.kept ? store_->id(side.kept_entry()) : side.entry.id;
}

bool ChangeFinder::is_same(const Side& one, const Side& other) const {
    if (one.entry.mode != other.entry.mode) return false;
    if (one.kept && other.kept) return one.kept_entry().object == other.kept_entry().object;
    return id_of(one) == id_of(other);
}

// Passes over entries that all sides have alike, which is most of them.
void ChangeFinder::skip_equal(std::span<Side> sides) {
    if (!std::ranges::all_of(sides, &Side::there)) return;
    if (std::ranges::none_of(sides, [](const Side& side) { return side.kept.has_value(); })) {
        if (sides.size() == 2) skip_equal_bytes(sides[0], sides[1]);
        return;
    }
    const auto rest = [](const Side& side) { return side.kept->subspan(side.next - 1); };
    if (!sides[0].kept) return;
    std::size_t equal = rest(sides[0]).size();
    for (const Side& side : sides.subspan(1)) {
        if (!side.kept) return;
        const auto first = rest(sides[0]).first(equal);
        const auto differs = std::ranges::mismatch(first, rest(side)).in1;
        equal = static_cast<std::size_t>(differs - first.begin());
    }
    if (equal == 0) return;
    for (Side& side : sides) {
        side.next += equal - 2;  // onto the last of them, and beyond it
        step(side);
        advance(side);
    }
}

void ChangeFinder::skip_equal_bytes(Side& left, Side& right) {
    const std::string_view a = left.object.bytes().substr(left.begin);
    const std::string_view b = right.object.bytes().substr(right.begin);
    const std::size_t equal = equal_at_begin(a, b);
    if (equal == a.size() && equal == b.size()) {
        left.there = right.there = false;
        return;
    }
    const EntryRun same = whole_entries(a.substr(0, equal), left.id->algorithm());
    if (same.bytes == 0) return;
    for (Side* const side : {&left, &right}) {
        side->cursor->jump(side->begin + same.last);
        step(*side);
        advance(*side);
    }
}

// The commit's tree first, then that of each parent; nothing where a side has no such folder.
void ChangeFinder::compare(std::span<const std::optional<ObjectId>> trees, std::uint32_t depth) {
    if (depth > limits_.max_depth) {
        return report(DiffProblemKind::kTooDeep, trees[0] ? *trees[0] : *trees[1],
                      "folders are nested more than " + std::to_string(limits_.max_depth) +
                          " deep; what lies below was not read");
    }
    std::vector<Side> sides(trees.size());
    for (std::size_t i = 0; i < trees.size(); ++i) {
        // Without the commit's own tree there is nothing to compare; without a parent's,
        // everything is new.
        if (!open(trees[i], sides[i]) && i == 0) return;
    }
    if (trees[0]) visitor_->on_tree(*trees[0]);
    std::vector<const Side*> there(sides.size());
    while (true) {
        if (sides.size() > 1) skip_equal(sides);
        const Side* least = nullptr;
        for (const Side& side : sides) {
            if (side.there && (least == nullptr || compare_entries(side.entry, least->entry) < 0)) {
                least = &side;
            }
        }
        if (least == nullptr) break;
        const TreeEntry entry{least->entry.mode, least->entry.name, {}};
        for (std::size_t i = 0; i < sides.size(); ++i) {
            const bool has = sides[i].there &&
                             (&sides[i] == least || compare_entries(sides[i].entry, entry) == 0);
            there[i] = has ? &sides[i] : nullptr;
        }
        take(entry, there, depth);
        for (std::size_t i = 0; i < sides.size(); ++i) {
            if (there[i] != nullptr) advance(sides[i]);
        }
    }
    // One that a parent has as well came with that.
    const auto is_orderly = [](const Side& side) { return side.defect.empty(); };
    if (!is_orderly(sides[0]) && std::all_of(sides.begin() + 1, sides.end(), is_orderly)) {
        report(DiffProblemKind::kDisordered, *sides[0].id, std::string(sides[0].defect));
    }
}

// One name, on those sides that have it.
void ChangeFinder::take(const TreeEntry& entry, std::span<const Side* const> there,
                        std::uint32_t depth) {
    const bool stands = there[0] != nullptr;
    for (const Side* parent : there.subspan(1)) {
        if (stands != (parent != nullptr)) continue;
        if (!stands) return;  // nor has this parent
        if (is_same(*there[0], *parent)) return;
    }
    if (stands && is_unsafe_name(entry.name)) {
        report(DiffProblemKind::kUnsafeName, id_of(*there[0]),
               "the name '" + std::string(entry.name) + "' is not allowed in a tree");
    }
    const std::size_t length = folder_.size();
    folder_.append(entry.name);
    if (entry.mode == FileMode::kTree) {
        folder_.push_back('/');
        std::vector<std::optional<ObjectId>> trees;
        for (const Side* side : there) {
            trees.push_back(side != nullptr ? std::optional(id_of(*side)) : std::nullopt);
        }
        compare(trees, depth + 1);
    } else {
        const auto version = [this](const Side* side) {
            return side == nullptr ? FileVersion{} : FileVersion{side->entry.mode, id_of(*side)};
        };
        std::vector<FileVersion> before;
        for (const Side* parent : there.subspan(1)) before.push_back(version(parent));
        visitor_->on_change({folder_, version(there[0]), before});
    }
    folder_.resize(length);
}

}  // namespace merlon::connect::git
