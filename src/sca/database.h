#pragma once

// The advisory database, read where it lies in its file.
//
// The idea: opening looks at the header alone. A table's row is handed out by value, after its
// place was checked against the file's size and its page against the page's digest, each page once.
// What is damaged reads as empty and is remembered: the answer of a read in which that happened is
// an error, so that a flipped bit never looks like "no weaknesses".
//
// Thread-safe to read. Cost: opening reads one page; a look-up touches some five.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "crypto/signature.h"
#include "packages/version.h"
#include "sca/database_format.h"
#include "sca/version_order.h"

namespace merlon::sca {

struct FeedInfo {
    std::string name, licence, digest;
    std::int64_t taken_at_s = 0;
    std::uint32_t records = 0, withdrawn = 0, unreadable = 0, without_versions = 0,
                  unknown_ecosystems = 0, mixed_events = 0, replaced = 0;
    bool operator==(const FeedInfo&) const = default;
};

struct SectionInfo {
    std::string_view name;
    std::uint64_t bytes = 0;
};

// What `db info` and each report say of a database.
struct DatabaseInfo {
    std::int64_t built_at_s = 0;
    std::uint64_t file_bytes = 0;
    std::uint32_t records = 0, packages = 0, affected = 0, versions = 0, classes = 0, threats = 0;
    std::vector<std::string> ecosystems;
    std::vector<FeedInfo> feeds;
    std::vector<SectionInfo> sections;
    std::optional<crypto::PublicKey> signer;
};

// Rows [first, last) of a table.
struct RowRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
};

struct Ecosystem {
    std::string name;
    packages::VersionScheme scheme = packages::VersionScheme::kSemver;
};

// The tables, inside of Database::read().
class DatabaseReader {
  public:
    std::string text(std::uint32_t number) const;
    std::optional<std::uint32_t> find_text(std::string_view text) const;

    // The ecosystem with this name ("Debian"), by its number.
    std::optional<std::uint32_t> find_ecosystem(std::string_view name) const;
    const std::vector<Ecosystem>& ecosystems() const;

    // The affected rows of a package; empty where no record names it.
    RowRange find_package(std::uint32_t ecosystem, std::string_view name) const;
    std::uint32_t package_count() const;
    PackageRow package(std::uint32_t number) const;
    RowRange affected_of(std::uint32_t package) const;

    AffectedRow affected(std::uint32_t number) const;
    RowRange events_of(std::uint32_t affected) const;
    std::uint32_t event(std::uint32_t number) const;
    std::string version_text(std::uint32_t version) const;
    // The key lies in the file, so it is valid inside of read().
    std::string_view version_key(std::uint32_t version) const;
    RowRange symbols_of(std::uint32_t affected) const;
    std::uint32_t symbol(std::uint32_t number) const;
    std::string label(std::uint16_t number) const;

    std::uint32_t record_count() const;
    RecordRow record(std::uint32_t number) const;
    std::optional<std::uint32_t> find_record(std::string_view id) const;
    // The ids of a record's alias class, the best known first; its own alone where it has none.
    std::vector<std::string> ids_of(const RecordRow& record) const;
    std::vector<std::string> upstream_of(std::uint32_t record) const;
    // The whole record as OSV JSON.
    std::string record_json(std::uint32_t number) const;
    // The records of one frame (kRecordsPerFrame), for who reads all of them.
    std::vector<std::string> frame_json(std::uint32_t frame) const;

    std::optional<ThreatRow> find_threat(std::string_view id) const;
    std::vector<FeedInfo> feeds() const;

  private:
    friend class Database;
    DatabaseReader(const class Database& database, std::string_view bytes)
        : database_(database), bytes_(bytes) {}

    template <typename T>
    T row(Section section, std::uint32_t number) const;
    template <typename T>
    // From this row's first to the next one's, in the table that it counts.
    RowRange span_of(Section section, std::uint32_t number, std::uint32_t T::* first,
                     Section counted) const;
    std::string_view bytes(Section section, std::uint32_t first, std::uint32_t last) const;
    std::uint32_t count(Section section) const;
    std::string_view checked(std::size_t offset, std::size_t size) const;
    void damaged() const;

    const Database& database_;
    std::string_view bytes_;
};

class Database {
  public:
    // Fails for what is no database, one of another version or byte order, one whose version keys
    // are another program's, and one that is cut off.
    static Result<Database> open(const std::string& path);
    static Result<Database> from_bytes(std::string bytes);
    // Of a database from_bytes(): those.
    std::string_view bytes() const { return memory_ ? std::string_view(*memory_) : ""; }
    Database(Database&&) noexcept = default;
    Database& operator=(Database&&) noexcept = default;

    // Calls `work` with the tables. Fails where a page of the file could not be read or is damaged,
    // and then what `work` computed is worthless.
    Status read(const std::function<void(const DatabaseReader& reader)>& work) const;

    // The digest of each page, and the signature where there is one.
    Status verify() const;
    Result<DatabaseInfo> info() const;
    std::int64_t built_at_s() const { return header_.built_at_s; }
    std::optional<crypto::PublicKey> signer() const;

  private:
    friend class DatabaseReader;
    enum PageState : std::uint8_t { kUnknown, kGood, kDamaged };

    Database() = default;
    Status with_bytes(const std::function<void(std::string_view bytes)>& work) const;
    Status read_header(std::string_view bytes);
    Status read_ecosystems();
    bool is_page_good(std::string_view bytes, std::size_t page) const;

    std::optional<MappedFile> file_;
    std::shared_ptr<const std::string> memory_;
    DatabaseHeader header_;
    std::vector<Ecosystem> ecosystems_;
    std::string page_digests_;
    mutable std::unique_ptr<std::atomic<std::uint8_t>[]> pages_;
    mutable std::unique_ptr<std::atomic<bool>> is_damaged_ =
        std::make_unique<std::atomic<bool>>(false);
};

}  // namespace merlon::sca
