#pragma once

// How many findings a run keeps in memory.
//
// The idea: all units of a run (files, messages) share one room, and have it in the order of the
// report: what a unit gave is kept as far as what those before it gave leaves room, whoever is
// faster. A worker takes room for each finding; where there is none, what the last units gave goes,
// because nothing that is still to come can make room for it again. So less is held than the room
// and what is being made, and the same is kept for any number of threads. What is not kept is
// counted.
//
// Thread-safe; a unit belongs to one thread until it is settled, and then to the room until all
// are. Cost: a mutex for each finding.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

namespace merlon::scan {

struct FileFindings;

class FindingRoom {
  public:
    // What a run needs besides, its reports among it, stays below 600 MB (docs/scan-secrets.md).
    static constexpr std::uint64_t kMostBytes = std::uint64_t{208} << 20;
    // Of a finding, beside its texts.
    static constexpr std::uint64_t kFindingBytes = 1536;

    explicit FindingRoom(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

    // Whether the findings of `unit` may now need `bytes` together. Once false, always false.
    bool take(std::size_t unit, std::uint64_t bytes);
    // For ManyMatches.
    std::mutex& many() { return many_; }
    // Nothing is added to `result` any more; it stays where it is as long as the room is used.
    void settle(FileFindings& result);

  private:
    struct Held {
        std::uint64_t bytes = 0;
        FileFindings* settled = nullptr;
    };
    void make_room();

    const std::uint64_t most_bytes_;
    std::mutex many_;
    std::mutex mutex_;
    std::map<std::size_t, Held> units_;
    std::uint64_t bytes_ = 0;  // of all in units_
    // Of this unit and those behind it nothing is kept.
    std::atomic<std::size_t> first_left_out_{static_cast<std::size_t>(-1)};
};

// Leaves of a unit's findings those that fit into so many bytes, the first ones.
void keep_within(FileFindings& result, std::uint64_t bytes);

}  // namespace merlon::scan
