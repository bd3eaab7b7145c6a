#include "connect/git/tree_store.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace merlon::connect::git {
namespace {

constexpr std::size_t kBlockEntries = std::size_t{64} << 10;

// Where the entry that begins at `begin` ends; nothing where it does not end in `bytes`.
std::optional<std::size_t> end_of_entry(std::string_view bytes, std::size_t begin,
                                        std::size_t id_bytes) {
    const void* const name_end = std::memchr(bytes.data() + begin, 0, bytes.size() - begin);
    if (name_end == nullptr) return std::nullopt;
    const auto end =
        static_cast<std::size_t>(static_cast<const char*>(name_end) - bytes.data()) + 1 + id_bytes;
    return end > bytes.size() ? std::nullopt : std::optional(end);
}

// Names are told apart by mode too, so that an entry is compared by two numbers.
void set_key(std::string& key, const TreeEntry& entry) {
    const auto mode = static_cast<std::uint32_t>(entry.mode);
    key.assign({static_cast<char>(mode >> 12), static_cast<char>(mode & 0111)});
    key += entry.name;
}

// The version of a tree that its delta was made against, walked along with it.
class BaseWalk {
  public:
    BaseWalk(std::string_view bytes, std::span<const TreeStore::Entry> entries,
             HashAlgorithm algorithm)
        : bytes_(bytes), entries_(entries), cursor_(bytes, algorithm) {}

    // The kept entry where the base has just these bytes next.
    std::optional<TreeStore::Entry> take_equal(std::string_view raw) {
        if (at_ == entries_.size() || bytes_.substr(begin_, raw.size()) != raw) return std::nullopt;
        begin_ += raw.size();
        return entries_[at_++];
    }

    // Passes what stands before `entry`; the label where the base has one of its name and mode.
    std::optional<std::uint32_t> pass_to(const TreeEntry& entry) {
        while (at_ < entries_.size()) {
            cursor_.jump(begin_);
            if (const auto more = cursor_.next(); !more.ok() || !more.value()) break;
            const int order = compare_entries(cursor_.entry(), entry);
            if (order > 0) return std::nullopt;
            const std::uint32_t label = entries_[at_].label;
            begin_ = cursor_.position();
            ++at_;
            if (order == 0) {
                if (cursor_.entry().mode != entry.mode) return std::nullopt;
                return label;
            }
        }
        at_ = entries_.size();
        return std::nullopt;
    }

  private:
    std::string_view bytes_;
    std::span<const TreeStore::Entry> entries_;
    TreeCursor cursor_;
    std::size_t begin_ = 0;  // of the next entry
    std::size_t at_ = 0;     // its place in entries_
};

}  // namespace

struct TreeStore::Worker {
    std::unordered_map<std::string, std::uint32_t> labels;  // those that it has met
    std::string key;
    std::vector<Entry> entries;  // of the tree in hand
    std::vector<std::unique_ptr<Entry[]>> blocks;
    std::size_t left = 0;  // in the last block
    Entry* next = nullptr;
};

TreeStore::TreeStore(const ObjectCatalog& catalog, std::uint64_t max_bytes)
    : catalog_(catalog), max_bytes_(max_bytes), trees_(catalog.count()) {}

void TreeStore::read(const BulkOptions& options) {
    std::vector<Worker> workers(std::max(options.threads, 1U));
    read_all(
        catalog_,
        [this](std::uint32_t number, ObjectType type) {
            return type == ObjectType::kTree && catalog_.is_first_copy(number);
        },
        options, [&](unsigned worker, const BulkObject& tree) { add(workers[worker], tree); });
    for (Worker& worker : workers) {
        std::ranges::move(worker.blocks, std::back_inserter(blocks_));
    }
}

void TreeStore::add(Worker& worker, const BulkObject& tree) {
    const HashAlgorithm algorithm = catalog_.database().algorithm();
    const std::size_t id_bytes = hash_bytes_of(algorithm);
    std::span<const Entry> base_entries;
    // The same worker has read the base just before.
    if (tree.base != kNoObject && trees_[tree.base].entries != nullptr) {
        base_entries = {trees_[tree.base].entries, trees_[tree.base].count};
    }
    BaseWalk base(tree.base_bytes, base_entries, algorithm);
    TreeCursor cursor(tree.bytes, algorithm);
    worker.entries.clear();
    for (std::size_t begin = 0; begin < tree.bytes.size();) {
        const std::optional<std::size_t> end = end_of_entry(tree.bytes, begin, id_bytes);
        if (!end) return;
        if (const auto equal = base.take_equal(tree.bytes.substr(begin, *end - begin))) {
            worker.entries.push_back(*equal);
        } else {
            cursor.jump(begin);
            if (const auto more = cursor.next(); !more.ok() || cursor.position() != *end) return;
            worker.entries.push_back(look_up(worker, cursor.entry(), base.pass_to(cursor.entry())));
        }
        begin = *end;
    }
    keep(worker, tree.number);
}

void TreeStore::keep(Worker& worker, std::uint32_t number) {
    const std::size_t count = worker.entries.size();
    if (count > worker.left || worker.next == nullptr) {
        const std::size_t room = std::max(count, kBlockEntries);
        std::atomic_ref<std::uint64_t> bytes(bytes_);
        const std::uint64_t more = room * sizeof(Entry);
        if (bytes.fetch_add(more, std::memory_order_relaxed) + more > max_bytes_) {
            bytes.fetch_sub(more, std::memory_order_relaxed);
            return;
        }
        worker.blocks.push_back(std::make_unique_for_overwrite<Entry[]>(room));
        worker.next = worker.blocks.back().get();
        worker.left = room;
    }
    std::ranges::copy(worker.entries, worker.next);
    trees_[number] = {worker.next, static_cast<std::uint32_t>(count)};
    worker.next += count;
    worker.left -= count;
}

TreeStore::Entry TreeStore::look_up(Worker& worker, const TreeEntry& entry,
                                    std::optional<std::uint32_t> label) {
    return {label ? *label : label_of(worker, entry), object_of(entry.id)};
}

std::uint32_t TreeStore::label_of(Worker& worker, const TreeEntry& entry) {
    set_key(worker.key, entry);
    if (const auto met = worker.labels.find(worker.key); met != worker.labels.end()) {
        return met->second;
    }
    const std::scoped_lock lock(mutex_);
    const auto [at, added] =
        label_numbers_.emplace(worker.key, static_cast<std::uint32_t>(labels_.size()));
    if (added) labels_.push_back({entry.mode, std::string(entry.name)});
    worker.labels.emplace(worker.key, at->second);
    return at->second;
}

std::uint32_t TreeStore::object_of(const ObjectId& id) {
    if (const auto number = catalog_.find(id)) return *number;
    const std::scoped_lock lock(mutex_);
    const auto [at, added] = foreign_numbers_.emplace(
        id, catalog_.count() + static_cast<std::uint32_t>(foreign_.size()));
    if (added) foreign_.push_back(id);
    return at->second;
}

std::optional<std::span<const TreeStore::Entry>> TreeStore::find(const ObjectId& tree) const {
    const std::optional<std::uint32_t> number = catalog_.find(tree);
    if (!number || trees_[*number].entries == nullptr) return std::nullopt;
    return std::span(trees_[*number].entries, trees_[*number].count);
}

ObjectId TreeStore::id(const Entry& kept) const {
    if (kept.object >= catalog_.count()) return foreign_[kept.object - catalog_.count()];
    // It was found by its id, in an index that does not change.
    Result<ObjectId> id = catalog_.id_of(kept.object);
    return id.ok() ? std::move(id).value() : ObjectId();
}

}  // namespace merlon::connect::git
