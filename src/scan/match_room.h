#pragma once

// How many secrets and places of a history a run keeps in memory.
//
// The idea: a secret's story is told whole or not at all, so what is kept is chosen by secret:
// those whose tags (history_examine.h) are the lowest, which no order of objects or threads
// decides. While objects are examined, matches are counted by the first bits of their tags, and the
// bound is lowered where there are too many below it; what is above the bound can be thrown away at
// once, because it only ever falls. Afterwards the bound is set by what the report of those secrets
// needs.
//
// add() and keeps(): thread-safe. Cost: a mutex for each object that holds something.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

namespace merlon::scan {

struct ObjectMatches;

class MatchRoom {
  public:
    // Matches that are held while objects are examined: some 90 bytes each.
    static constexpr std::uint64_t kMostMatches = 1'500'000;
    // What the report of the secrets that are kept needs, at most: each secret has its finding, and
    // each of its places one that was read.
    static constexpr std::uint64_t kMostBytes = std::uint64_t{288} << 20;
    static constexpr std::uint64_t kSecretBytes = 2048;
    static constexpr std::uint64_t kPlaceBytes = 2560;

    MatchRoom(std::uint64_t most_matches, std::uint64_t most_bytes)
        : most_matches_(most_matches), most_bytes_(most_bytes), counts_(kBuckets) {}

    // Counts the matches of one object, and leaves those that are kept so far.
    void add(ObjectMatches& found);
    // Leaves of all those that are kept so far.
    void keep_low(std::vector<ObjectMatches>& found) const;
    // Whether add() has lowered the bound to less than half of `seen`, which is set to it.
    bool has_fallen(std::uint64_t& seen) const;

    // Everything is counted: sets the bound by what the report needs.
    void settle(const std::vector<ObjectMatches>& blobs,
                const std::vector<ObjectMatches>& messages);

    bool keeps(std::string_view tag) const {
        return rank_of(tag) < bound_.load(std::memory_order_relaxed);
    }
    bool is_limited() const { return bound_.load(std::memory_order_relaxed) != kNoBound; }
    // For ManyMatches.
    std::mutex& many() { return many_; }
    // Of everything that was added.
    std::uint64_t total() const { return total_; }

    static constexpr std::uint64_t kNoBound = static_cast<std::uint64_t>(-1);

  private:
    static constexpr unsigned kBucketBits = 16;
    static constexpr std::size_t kBuckets = std::size_t{1} << kBucketBits;
    static std::uint64_t rank_of(std::string_view tag);

    const std::uint64_t most_matches_;
    const std::uint64_t most_bytes_;
    std::mutex mutex_;
    std::mutex many_;
    std::vector<std::uint64_t> counts_;  // matches, by the first bits of their tags
    std::size_t buckets_ = kBuckets;     // those that are below the bound
    std::uint64_t kept_ = 0;             // matches in them
    std::uint64_t total_ = 0;
    std::atomic<std::uint64_t> bound_{kNoBound};
};

}  // namespace merlon::scan
