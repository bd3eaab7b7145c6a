#pragma once

// One segment of the advisory database (database_format.h): its tables, read where they lie.
//
// The idea: opening looks at the header alone. A table's row is handed out by value, after its
// place was checked against the segment's size and its page against the page's digest, each page
// once. What is damaged reads as empty and is remembered, and makes the whole answer an error
// (database.h).
//
// Thread-safe to read. Cost: opening reads one page and the digests; a look-up touches some five.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "packages/version.h"
#include "sca/database_format.h"

namespace merlon::sca {

// What `db info` and each report say of a feed.
struct FeedInfo : FeedCounts {
    std::string name, licence, digest;
    std::int64_t taken_at_s = 0;
    bool operator==(const FeedInfo&) const = default;
};

// Rows [first, last) of a table.
struct RowRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    bool empty() const { return first >= last; }
};

struct Ecosystem {
    std::string name;
    packages::VersionScheme scheme = packages::VersionScheme::kSemver;
};

Error database_damage();

// Whose version keys a database may have: this program's, which can be compared, or any, for who
// asks for none.
enum class VersionKeys : std::uint8_t { kOwn, kAny };

class DatabaseSegment {
  public:
    // The segment at the start of `bytes`, behind which others may stand. Fails for what is no
    // database, one of another version or byte order, one whose version keys are another program's
    // (unless kAny), and one that is cut off.
    static Result<DatabaseSegment> open(std::string_view bytes, VersionKeys keys);
    // Whether bytes that open() refuses are a database all the same, which another version of
    // Merlon wrote.
    static bool is_of_another_version(std::string_view bytes);

    const DatabaseHeader& header() const { return header_; }
    std::uint64_t size() const { return header_.file_bytes; }
    std::uint32_t count(Section section) const {
        return header_.sections[static_cast<std::size_t>(section)].count;
    }
    std::uint64_t bytes_of(Section section) const;
    const std::vector<Ecosystem>& ecosystems() const { return ecosystems_; }
    std::size_t page_count() const { return page_digests_.size() / kDigestBytes; }
    // Whether the page was looked at before and is good: the way of nearly every read.
    bool is_known_good(std::size_t page) const {
        return page < page_count() && pages_[page].load(std::memory_order_relaxed) == kGood;
    }
    // Whether the page is as it was written; `bytes` are the segment's.
    bool is_page_good(std::string_view bytes, std::size_t page) const;
    // Where there is a signature: whether it is the signer's.
    Status verify_signature() const;
    // The names of ecosystems, which are kept: the first thing that is read.
    Status read_ecosystems(const class SegmentReader& reader);

  private:
    static constexpr std::size_t kDigestBytes = 32;
    enum PageState : std::uint8_t { kUnknown, kGood, kDamaged };

    DatabaseSegment() = default;
    Status check_header(std::string_view bytes, VersionKeys keys) const;
    Status read_digests(std::string_view bytes);

    DatabaseHeader header_;
    std::vector<Ecosystem> ecosystems_;
    std::string page_digests_;
    mutable std::unique_ptr<std::atomic<std::uint8_t>[]> pages_;
};

class SegmentReader {
  public:
    // `is_damaged` is set where something is.
    SegmentReader(const DatabaseSegment& segment, std::string_view bytes,
                  std::atomic<bool>& is_damaged)
        : segment_(&segment), bytes_(bytes), is_damaged_(&is_damaged) {}

    std::string text(std::uint32_t number) const;
    std::uint32_t text_count() const { return segment_->header().string_count; }
    // The first text that is not before this one, and the end where none is.
    std::uint32_t first_text(std::string_view wanted) const;
    std::optional<std::uint32_t> find_text(std::string_view text) const;
    // The texts that begin so: a text's number then tells it without a look at its letters.
    RowRange texts_with(std::string_view prefix) const;

    // The ecosystem with this name ("Debian"), by its number.
    std::optional<std::uint32_t> find_ecosystem(std::string_view name) const;
    const std::vector<Ecosystem>& ecosystems() const { return segment_->ecosystems(); }
    std::uint32_t ecosystem_row_count() const { return count(Section::kEcosystems); }
    EcosystemRow ecosystem_row(std::uint32_t number) const;

    // The affected rows of a package; empty where no record names it.
    RowRange find_package(std::uint32_t ecosystem, std::string_view name) const;
    std::uint32_t package_count() const;
    PackageRow package(std::uint32_t number) const;
    RowRange affected_of(std::uint32_t package) const;

    AffectedRow affected(std::uint32_t number) const;
    RowRange events_of(std::uint32_t affected) const;
    std::uint32_t event(std::uint32_t number) const;
    std::string version_text(std::uint32_t version) const;
    // The key lies in the file, so it is valid inside of Database::read().
    std::string_view version_key(std::uint32_t version) const;
    RowRange symbols_of(std::uint32_t affected) const;
    std::uint32_t symbol(std::uint32_t number) const;
    std::string label(std::uint16_t number) const;

    std::uint32_t record_count() const;
    RecordRow record(std::uint32_t number) const;
    std::optional<std::uint32_t> find_record(std::string_view id) const;
    // By the number of the id's text.
    std::optional<std::uint32_t> find_record_of(std::uint32_t id_text) const;
    std::uint32_t class_count() const;
    // The texts of a class's ids, by their numbers.
    std::vector<std::uint32_t> class_ids(std::uint32_t alias_class) const;
    // The ids of a record's alias class, the best known first; its own alone where it has none.
    std::vector<std::uint32_t> ids_of(const RecordRow& record) const;
    // The first of them.
    std::uint32_t first_id_of(const RecordRow& record) const;
    std::vector<std::uint32_t> upstream_of(std::uint32_t record) const;
    std::vector<std::string> texts(const std::vector<std::uint32_t>& numbers) const;
    // The whole record as OSV JSON.
    std::string record_json(std::uint32_t number) const;
    // The records of one frame (kRecordsPerFrame), for who reads all of them.
    std::vector<std::string> frame_json(std::uint32_t frame) const;

    std::uint32_t threat_count() const { return count(Section::kThreats); }
    // By the number of the id's text.
    std::optional<ThreatRow> find_threat_of(std::uint32_t id_text) const;
    bool replaces_threats() const {
        return (segment_->header().flags & DatabaseHeader::kReplacesThreats) != 0;
    }
    std::vector<FeedInfo> feeds() const;
    std::vector<HiddenRow> hidden() const;
    void damaged() const { is_damaged_->store(true, std::memory_order_relaxed); }

  private:
    template <typename T>
    T row(Section section, std::uint32_t number) const;
    // From this row's first to the next one's, in the table that it counts.
    template <typename T>
    RowRange span_of(Section section, std::uint32_t number, std::uint32_t T::* first,
                     Section counted) const;
    std::string_view bytes(Section section, std::uint32_t first, std::uint32_t last) const;
    std::string_view text_bucket(std::uint32_t bucket) const;
    // The first text that is not before `wanted`.
    struct FoundText {
        std::uint32_t number = 0;
        bool is_equal = false;
    };
    FoundText look_for(std::string_view wanted) const;
    std::uint32_t count(Section section) const { return segment_->count(section); }
    std::string_view checked(std::size_t offset, std::size_t size) const;

    const DatabaseSegment* segment_;
    std::string_view bytes_;
    std::atomic<bool>* is_damaged_;
};

}  // namespace merlon::sca
