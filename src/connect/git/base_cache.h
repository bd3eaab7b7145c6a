#pragma once

// Objects that were resolved lately, by where they stand: the bases of the deltas to come.
//
// The idea: a delta chain asks once a step, and most answers are "no", so that a look has to be one
// line of memory. Each shard is one table of slots that hold all of an item (open addressing), and
// is at the same time the clock that decides what leaves: a hand goes over the slots and takes the
// first item that was not asked for since it came by last (Corbató, "A Paging Experiment with the
// Multics System", 1968). A list in order of use would write to three items at each hit.
//
// Thread-safe: each shard has a lock. Objects share their bytes with those that were given out.
// Memory: at most the bytes that it was made with, the slots counted.

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "connect/git/object.h"
#include "connect/git/pack.h"

namespace merlon::connect::git {

class BaseCache {
  public:
    struct Key {
        const Pack* pack = nullptr;
        std::uint64_t offset = 0;
        bool operator==(const Key&) const = default;
    };

    explicit BaseCache(std::uint64_t bytes) : shard_bytes_(bytes / kShards) {}

    std::optional<Object> find(const Key& key);
    // What is larger than a shard is not kept.
    void put(const Key& key, const Object& object);

  private:
    static constexpr std::size_t kShards = 8;
    static constexpr std::size_t kFirstSlots = 64;

    struct alignas(64) Slot {
        Key key;  // no pack: empty
        Object object;
        bool is_wanted = false;  // since the hand came by
    };

    // At most half of the slots are taken.
    static constexpr std::uint64_t kItemBytes = 2 * sizeof(Slot);

    class alignas(64) Shard {
      public:
        std::optional<Object> find(const Key& key, std::uint64_t hash);
        void put(const Key& key, std::uint64_t hash, const Object& object, std::uint64_t most);

      private:
        std::size_t place_of(const Key& key, std::uint64_t hash) const;
        void grow();
        void evict_one();
        void erase(std::size_t at);

        std::mutex mutex_;
        std::vector<Slot> slots_;
        std::size_t items_ = 0;
        std::size_t hand_ = 0;
        std::uint64_t bytes_ = 0;
    };

    static std::uint64_t hash_of(const Key& key);
    static std::uint64_t bytes_of(const Object& object);
    Shard& shard_of(std::uint64_t hash) { return shards_[hash >> 61]; }
    static_assert(kShards == 8);

    std::uint64_t shard_bytes_;
    std::array<Shard, kShards> shards_;
};

}  // namespace merlon::connect::git
