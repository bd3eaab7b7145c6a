#pragma once

// The layout of the advisory database: what database_writer.cpp writes and database.cpp reads.
//
// One file: a header page, sections of flat rows, and the SHA-256 digest of each page, whose own
// digest stands in the header, which the signature covers. A page is checked when it is first
// touched, so that opening costs the same for every size.
//
//   strings    sorted and front-coded (string_pool.h); a number stands for a text everywhere else
//   packages   sorted by the hash of (ecosystem, name), found through `top` by the hash's first
//   bits affected   of each package in a row: record, release, events, symbols; where the next
//   row's begin events     one word each, sorted by version: what happens (3 bits) and at which
//   version versions   the text and the order-preserving key (packages/version.h) of each version
//   records    sorted by id; a class is the set of ids that aliases join
//   texts      the whole records as JSON, in zstd frames of kRecordsPerFrame
//
// An update appends a segment: the same layout again, for what is new and changed alone. Its header
// names the digest of the header before it, so that no other database can stand there, and `hidden`
// the records before it that count no more: removed ones, and those that it holds anew. Whoever
// shares an alias class with a changed record is held anew too, so that a class is always of one
// segment. The newest segment's feeds are those of all of it.
//
// Numbers are as this machine has them; kByteOrder tells another one's file.

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace merlon::sca {

inline constexpr std::array<char, 8> kDatabaseMagic{'M', 'E', 'R', 'L', 'O', 'N', 'D', 'B'};
inline constexpr std::uint32_t kDatabaseVersion = 3;
inline constexpr std::uint32_t kByteOrder = 0x01020304;
inline constexpr std::uint32_t kHeaderBytes = 4096;  // the data begins behind it
inline constexpr std::uint32_t kPageBytes = 16384;
inline constexpr std::uint32_t kRecordsPerFrame = 16;
inline constexpr std::uint32_t kNone = 0xFFFF'FFFF;

enum class Section : std::uint8_t {
    kStringBuckets,  // u32
    kStringBytes,    // bytes
    kEcosystems,     // EcosystemRow
    kLabels,         // u32: strings that rows name by a short number: releases and states
    kPackageTop,     // u32: the first package of each leading part of the hash, and the end
    kPackages,       // PackageRow, and one behind the last
    kAffected,       // AffectedRow, and one behind the last
    kEvents,         // u32: EventWord
    kVersions,       // VersionRow, and one behind the last
    kVersionKeys,    // bytes
    kSymbols,        // u32: SymbolWord
    kRecords,        // RecordRow, and one behind the last
    kClasses,        // u32: the first id of each class, and the end
    kClassIds,       // u32: strings
    kUpstream,       // u32: strings
    kThreats,        // ThreatRow, sorted by id
    kFeeds,          // FeedRow
    kFrames,         // u32: where each frame of texts begins, and the end
    kTexts,          // bytes
    kHidden,         // HiddenRow, sorted
    kPageDigests,    // bytes: 32 for each page
};
inline constexpr std::size_t kSectionCount = 21;
// More is no database of ours: an update makes one of all long before (scan/advisory_update.h).
inline constexpr std::size_t kMaxSegments = 64;

// The names of `db info`.
inline constexpr std::array<std::string_view, kSectionCount> kSectionNames{
    "string buckets", "strings",        "ecosystems",  "labels",       "package index", "packages",
    "affected",       "events",         "versions",    "version keys", "symbols",       "records",
    "classes",        "class ids",      "upstream",    "threats",      "feeds",         "frames",
    "texts",          "hidden records", "page digests"};

struct SectionEntry {
    std::uint32_t offset = 0;  // from the file's start
    std::uint32_t count = 0;   // elements
};

struct DatabaseHeader {
    // This segment's threats are all there are: those of the segments before it count no more.
    static constexpr std::uint32_t kReplacesThreats = 1;

    std::array<char, 8> magic = kDatabaseMagic;
    std::uint32_t version = kDatabaseVersion;
    std::uint32_t byte_order = kByteOrder;
    std::uint64_t key_format = 0;  // of version keys: another program's keys may differ
    std::int64_t built_at_s = 0;   // seconds since 1970
    std::uint64_t file_bytes = 0;
    std::uint32_t string_count = 0;
    std::uint32_t flags = 0;
    // The header digest of the segment before this one; zeros: the first.
    std::array<std::uint8_t, 32> parent{};
    std::array<SectionEntry, kSectionCount> sections{};
    std::array<std::uint8_t, 32> page_digests_digest{};
    std::array<std::uint8_t, 32> signer{};  // public key; zeros: not signed
    // Both over what header_message() gives.
    std::array<std::uint8_t, 32> header_digest{};
    std::array<std::uint8_t, 64> signature{};
};
static_assert(sizeof(DatabaseHeader) <= kHeaderBytes);

// The header as it is digested and signed: without digest and signature.
inline std::string header_message(DatabaseHeader header) {
    header.header_digest = {};
    header.signature = {};
    return {reinterpret_cast<const char*>(&header), sizeof header};
}

struct EcosystemRow {
    std::uint32_t name = 0;    // "Debian"
    std::uint32_t scheme = 0;  // packages::name of its versions' order
};

struct PackageRow {
    std::uint32_t hash = 0;  // the first 32 bits
    std::uint32_t name = 0;
    std::uint32_t first_affected = 0;
    std::uint32_t ecosystem = 0;
};

struct AffectedRow {
    static constexpr std::uint8_t kMixedEvents = 1;  // a range has fixed and last_affected

    std::uint32_t record = 0;
    std::uint32_t first_event = 0;
    std::uint32_t first_symbol = 0;
    std::uint16_t release = 0;  // label; 0: none stated
    std::uint16_t state = 0;    // label
    std::uint8_t score = 0;     // CVSS in tenths; kNoScore
    std::uint8_t flags = 0;
    std::uint16_t reserved = 0;
};
inline constexpr std::uint8_t kNoScore = 0xFF;

// The upper three bits of an event's word.
enum class EventKind : std::uint8_t {
    kRange,  // a range begins
    kIntroduced,
    kFixed,
    kLastAffected,
    kLimit,
    kExact,  // this one version, without a range
};
inline constexpr unsigned kEventShift = 29;
inline constexpr std::uint32_t kEventVersionMask = (1u << kEventShift) - 1;
// "0": before every version.
inline constexpr std::uint32_t kFirstVersion = kEventVersionMask;

struct VersionRow {
    std::uint32_t text = 0;
    std::uint32_t first_key_byte = 0;
};

// The upper two bits of a symbol's word: a path opens a group, the others belong to it.
enum class SymbolKind : std::uint8_t { kPath, kSymbol, kOperatingSystem, kArchitecture };
inline constexpr unsigned kSymbolShift = 30;
inline constexpr std::uint32_t kSymbolTextMask = (1u << kSymbolShift) - 1;

struct RecordRow {
    static constexpr std::uint8_t kWithdrawn = 1;

    std::uint32_t id = 0;
    std::uint32_t alias_class = kNone;
    std::uint32_t first_upstream = 0;
    std::uint16_t feed = 0;
    std::uint8_t score = kNoScore;
    // Bits 0: withdrawn; 4 to 7: the severity that the record names, 0 for none (SeverityWord).
    std::uint8_t flags = 0;
};
inline constexpr std::array<std::string_view, 5> kSeverityWords{"", "low", "medium", "high",
                                                                "critical"};

struct ThreatRow {
    static constexpr std::uint8_t kKnownExploited = 1;
    static constexpr std::uint8_t kRansomware = 2;

    std::uint32_t id = 0;
    std::uint32_t due = 0;             // text: KEV's dueDate
    std::uint32_t epss_100000ths = 0;  // 0 with percentile 0: not scored
    std::uint32_t percentile_100000ths = 0;
    std::uint32_t flags = 0;
};

// What is counted of a feed: the same numbers in the file and in whatever is told of one.
struct FeedCounts {
    std::uint32_t records = 0;
    std::uint32_t withdrawn = 0;
    std::uint32_t unreadable = 0;          // files
    std::uint32_t without_versions = 0;    // affected entries with GIT ranges alone, or nothing
    std::uint32_t unknown_ecosystems = 0;  // affected entries
    std::uint32_t mixed_events = 0;        // ranges with fixed and last_affected
    std::uint32_t replaced = 0;            // records that another one of the same id replaces
    bool operator==(const FeedCounts&) const = default;
};

struct FeedRow {
    std::uint32_t name = 0;
    std::uint32_t licence = 0;
    std::uint32_t digest = 0;        // text: "sha256:…" of what was read
    std::int32_t taken_at_days = 0;  // since 1970
    std::uint32_t taken_at_seconds = 0;
    FeedCounts counts;
};

// Each number with its name in `db info --format json`, and what it says to people.
struct FeedCountName {
    std::uint32_t FeedCounts::* count;
    std::string_view name;
    std::string_view meaning;  // empty: told otherwise
};
inline constexpr std::array kFeedCountNames{
    FeedCountName{&FeedCounts::records, "records", ""},
    FeedCountName{&FeedCounts::unreadable, "unreadable", "files could not be read"},
    FeedCountName{&FeedCounts::withdrawn, "withdrawn", "records are withdrawn"},
    FeedCountName{&FeedCounts::replaced, "replaced",
                  "records stood there twice; the last modified stays"},
    FeedCountName{&FeedCounts::unknown_ecosystems, "unknownEcosystems",
                  "entries are of ecosystems that are not known here"},
    FeedCountName{&FeedCounts::without_versions, "withoutVersions",
                  "entries have no versions that packages have (commits alone)"},
    FeedCountName{&FeedCounts::mixed_events, "mixedEvents",
                  "ranges have fixed and last_affected, which the schema forbids"},
};

// A record of a segment before this one that counts no more.
struct HiddenRow {
    std::uint32_t segment = 0;
    std::uint32_t record = 0;
    auto operator<=>(const HiddenRow&) const = default;
};

// Changes whenever packages::append_version_key gives other keys for some versions that are chosen
// to have all their parts.
std::uint64_t version_key_format();

}  // namespace merlon::sca
