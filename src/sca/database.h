#pragma once

// The advisory database: one file of one or several segments (database_format.h).
//
// The idea: the first segment is what a build made, each other one what an update changed. Reading
// means asking all of them and leaving out the records that a later one hides, so that base and
// segments say exactly what a database of all records would say. What is damaged reads as empty and
// is remembered: the answer of a read in which that happened is an error, so that a flipped bit
// never looks like "no weaknesses".
//
// Thread-safe to read. Cost: opening reads the header, the digests and the hidden records of each
// segment; a look-up touches some five pages of each.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "crypto/signature.h"
#include "sca/database_segment.h"

namespace merlon::sca {

struct SectionInfo {
    std::string_view name;
    std::uint64_t bytes = 0;
};

struct SegmentInfo {
    std::int64_t built_at_s = 0;
    std::uint64_t bytes = 0;
    std::uint32_t records = 0;  // that it holds
    std::uint32_t hidden = 0;   // of the segments before it
};

// What `db info` and each report say of a database. Records are those that count; packages and what
// is below are rows of all segments, so that what is held anew counts twice.
struct DatabaseInfo {
    std::int64_t built_at_s = 0;
    std::uint64_t file_bytes = 0;
    std::uint32_t records = 0, packages = 0, affected = 0, versions = 0, classes = 0, threats = 0;
    std::vector<std::string> ecosystems;
    std::vector<FeedInfo> feeds;
    std::vector<SectionInfo> sections;
    std::vector<SegmentInfo> segments;
    std::optional<crypto::PublicKey> signer;
};

// A record of one of the segments.
struct RecordPlace {
    std::size_t segment = 0;
    std::uint32_t record = 0;
    auto operator<=>(const RecordPlace&) const = default;
};

// A text of one of the segments.
struct TextPlace {
    std::size_t segment = 0;
    std::uint32_t text = 0;
};

// What is known of attacks on a weakness; `row`'s texts are the segment's.
struct ThreatPlace {
    std::size_t segment = 0;
    ThreatRow row;
};

// All segments, inside of Database::read().
class DatabaseReader {
  public:
    std::size_t segment_count() const { return segments_.size(); }
    const SegmentReader& segment(std::size_t number) const { return segments_[number]; }
    // Whether no later segment hides it.
    bool is_live(RecordPlace place) const;

    // The live record with this id.
    std::optional<RecordPlace> find_record(std::string_view id) const;
    std::optional<RecordPlace> find_record(TextPlace id) const;
    // One number for each record of all segments.
    std::uint32_t number_of(RecordPlace place) const;
    std::string record_json(std::uint32_t number) const;
    std::optional<ThreatPlace> find_threat(TextPlace id) const;
    std::string text(TextPlace place) const { return segments_[place.segment].text(place.text); }
    std::vector<FeedInfo> feeds() const { return segments_.back().feeds(); }
    // Where a segment's feed stands in feeds().
    std::uint16_t feed_of(std::size_t segment, std::uint16_t feed) const;
    // Whether a live record is about a package of the ecosystem, and for a release that `accepts`.
    bool has_rows(std::string_view ecosystem,
                  const std::function<bool(std::string_view release)>& accepts) const;

  private:
    friend class Database;
    DatabaseReader(const class Database& database, std::string_view bytes);
    // The number that a segment has for the text, where it has one.
    std::optional<std::uint32_t> number_in(std::size_t segment, TextPlace place) const;

    const Database& database_;
    std::vector<SegmentReader> segments_;
};

// Whether a file is a database that another version of Merlon wrote.
bool is_of_another_version(const std::string& path);

class Database {
  public:
    // Fails as DatabaseSegment::open() does, and where segments do not belong together.
    static Result<Database> open(const std::string& path, VersionKeys keys = VersionKeys::kOwn);
    static Result<Database> from_bytes(std::string bytes);
    // Of a database from_bytes(): those.
    std::string_view bytes() const { return memory_ ? std::string_view(*memory_) : ""; }
    Database(Database&&) noexcept = default;
    Database& operator=(Database&&) noexcept = default;

    // Calls `work` with the tables. Fails where a page of the file could not be read or is damaged,
    // and then what `work` computed is worthless.
    Status read(const std::function<void(const DatabaseReader& reader)>& work) const;

    // The digest of each page, and the signatures where there are some.
    Status verify() const;
    Result<DatabaseInfo> info() const;
    std::int64_t built_at_s() const { return segments_.back().header().built_at_s; }
    // Of all segments.
    std::optional<crypto::PublicKey> signer() const;
    std::size_t segment_count() const { return segments_.size(); }
    // What tells this database from others: the digest of the newest header.
    const std::array<std::uint8_t, 32>& digest() const {
        return segments_.back().header().header_digest;
    }

  private:
    friend class DatabaseReader;

    Database() = default;
    Status with_bytes(const std::function<void(std::string_view bytes)>& work) const;
    Status read_segments(std::string_view bytes, VersionKeys keys);
    Status read_tables();
    Status read_hidden(const DatabaseReader& reader);
    void map_feeds(const DatabaseReader& reader);

    std::optional<MappedFile> file_;
    std::shared_ptr<const std::string> memory_;
    std::vector<DatabaseSegment> segments_;
    std::vector<std::uint64_t> offsets_;                // of the segments in the file
    std::vector<std::uint32_t> first_record_;           // of each segment, and the end
    std::vector<std::vector<std::uint32_t>> hidden_;    // records of each segment, ascending
    std::vector<std::vector<std::uint16_t>> feed_map_;  // of each segment into the newest's feeds
    mutable std::unique_ptr<std::atomic<bool>> is_damaged_ =
        std::make_unique<std::atomic<bool>>(false);
};

}  // namespace merlon::sca
