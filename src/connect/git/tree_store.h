#pragma once

// All trees of a database, read once in the order of the pack and kept as numbers.
//
// The idea: a walk over a whole history needs nearly every tree, and two versions of a folder
// differ in an entry or two. Read by id, each costs a search and a chain of deltas; read in bulk,
// each is inflated once, right after its base. And because the base is still at hand then, only
// the entries that differ from it are looked up: the others are copied. An entry is eight bytes:
// the number of its name with its mode, and the number of its object.
//
// What is malformed, or finds no room below the limit, is not kept: whoever walks reads it by id,
// which tells what is wrong with it. read() once; immutable and thread-safe afterwards. Memory:
// eight bytes an entry of each tree, at most the limit, and 16 an object of the database.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connect/git/bulk_read.h"
#include "connect/git/tree.h"

namespace merlon::connect::git {

class TreeStore {
  public:
    static constexpr std::uint64_t kMaxBytes = std::uint64_t{192} << 20;

    struct Entry {
        std::uint32_t label = 0;   // a mode and a name
        std::uint32_t object = 0;  // of the catalog; from its count on: one that is not in it
        bool operator==(const Entry&) const = default;
    };

    // The catalog must outlive the store.
    explicit TreeStore(const ObjectCatalog& catalog, std::uint64_t max_bytes = kMaxBytes);

    // What cannot be read is not kept and not told of.
    void read(const BulkOptions& options);

    // Nothing where the tree is not kept.
    std::optional<std::span<const Entry>> find(const ObjectId& tree) const;
    // Names live as long as the store.
    FileMode mode(const Entry& kept) const { return labels_[kept.label].mode; }
    std::string_view name(const Entry& kept) const { return labels_[kept.label].name; }
    ObjectId id(const Entry& kept) const;

    std::uint64_t bytes() const { return bytes_; }

  private:
    struct Worker;
    struct Label {
        FileMode mode;
        std::string name;
    };
    struct Kept {
        const Entry* entries = nullptr;  // null: not kept
        std::uint32_t count = 0;
    };

    void add(Worker& worker, const BulkObject& tree);
    void keep(Worker& worker, std::uint32_t number);
    Entry look_up(Worker& worker, const TreeEntry& entry, std::optional<std::uint32_t> label);
    std::uint32_t label_of(Worker& worker, const TreeEntry& entry);
    std::uint32_t object_of(const ObjectId& id);

    const ObjectCatalog& catalog_;
    std::uint64_t max_bytes_;
    std::uint64_t bytes_ = 0;
    std::vector<Kept> trees_;  // by number
    std::vector<std::unique_ptr<Entry[]>> blocks_;
    std::mutex mutex_;  // of what follows
    std::vector<Label> labels_;
    std::unordered_map<std::string, std::uint32_t> label_numbers_;
    std::vector<ObjectId> foreign_;  // not in the catalog: submodules, what is missing
    std::unordered_map<ObjectId, std::uint32_t> foreign_numbers_;
};

}  // namespace merlon::connect::git
