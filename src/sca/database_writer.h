#pragma once

// Builds the advisory database (database_format.h) from drafts of records.
//
// The idea: drafts are gathered in any order, sorted by id, and written row by row; of two with one
// id the one that was modified last stays. Equal records give equal bytes, whatever the order they
// came in and the number of threads.
//
// Not thread-safe; draft_of() is what threads do before. Memory: the drafts, and the file. Cost:
// sorting the records and their texts.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/thread_pool.h"
#include "crypto/signature.h"
#include "exchange/threats.h"
#include "sca/database_segment.h"
#include "sca/draft.h"

namespace merlon::sca {

// Where records come from, for the reports that attribute them.
struct FeedFacts {
    std::string name;     // "pypa"
    std::string licence;  // "CC-BY-4.0"
    std::string digest;   // of what was read
    std::int64_t taken_at_s = 0;
    bool operator==(const FeedFacts&) const = default;
};

using Threat = exchange::ThreatRecord;

// What makes a segment of what would be a database (database_format.h).
struct SegmentFacts {
    std::array<std::uint8_t, 32> parent{};  // Database::digest() of what it is appended to
    std::vector<HiddenRow> hidden;
    std::vector<FeedInfo> feeds;  // what all segments have of each of the writer's, by name
    // The threats are all there are, and not those of this segment's records alone.
    bool replaces_threats = false;
};

class DatabaseWriter {
  public:
    // The number that the feed's records are added under.
    std::size_t add_feed(FeedFacts facts);
    void add(std::size_t feed, Draft draft);
    void add_threat(std::size_t feed, Threat threat) {
        ++feeds_[feed].threats;
        threats_.push_back(std::move(threat));
    }
    // A file of the feed that could not be read: the database remembers that it is not whole.
    void count_unreadable(std::size_t feed) { ++feeds_[feed].unreadable; }

    std::size_t record_count() const { return drafts_.size(); }

    // The file's bytes. Fails where a table outgrows its numbers. Nothing can be added afterwards.
    Result<std::string> finish(std::int64_t built_at_s, ThreadPool& pool,
                               const std::optional<crypto::SecretKey>& key);
    // The same as a segment.
    Result<std::string> finish_segment(SegmentFacts facts, std::int64_t built_at_s,
                                       ThreadPool& pool,
                                       const std::optional<crypto::SecretKey>& key);

  private:
    friend class DatabaseAssembly;

    struct Feed {
        FeedFacts facts;
        std::uint32_t unreadable = 0;
        std::uint32_t replaced = 0;
        std::uint32_t threats = 0;
    };
    struct Entry {
        std::size_t feed;
        Draft draft;
    };

    void sort_and_join();

    std::vector<Feed> feeds_;
    std::vector<Entry> drafts_;
    std::vector<Threat> threats_;
    std::optional<SegmentFacts> segment_;
};

// The same database as of another time: what was asked for anew and has not changed. Its newest
// segment is signed by `key`, or not at all. `bytes` are those of a Database.
Result<std::string> with_build_time(std::string bytes, std::int64_t built_at_s,
                                    const std::optional<crypto::SecretKey>& key);

}  // namespace merlon::sca
