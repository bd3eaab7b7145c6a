#pragma once

// Reads one source of advisories: a directory, an archive, a repository or a single file.
//
// The idea: each kind of feed is a row of a table: which files belong to it, and the reader of one.
// Files are read by many threads; what is one record in several files (a distribution's CVE) is
// joined at the end. Records are attributed to their publisher by their ids, so that a mirror of
// many publishers keeps the licences apart.
//
// What could not be read is counted and named. Thread-safe: no state. Memory: the records.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "exchange/threats.h"
#include "sca/draft.h"

namespace merlon::scan {

enum class FeedKind : std::uint8_t {
    kOsv,            // OSV records as JSON or YAML, one a file
    kSecdb,          // Alpine, Wolfi, Chainguard
    kDebianTracker,  // Debian's JSON
    kRustsec,        // Markdown with TOML in front
    kRubysec,        // YAML
    kKev,            // CISA's list, JSON or CSV
    kEpss,           // FIRST's forecasts, CSV
    kNvd,            // NIST's JSON 2.0
    kCsaf,           // advisories and VEX of Red Hat and SUSE
};
inline constexpr std::size_t kFeedKindCount = 9;

// "osv", "secdb", …: the flags of `db build`.
std::string_view name(FeedKind kind);
// Whether it says which weaknesses are attacked, and has no records.
bool has_threats(FeedKind kind);

struct FeedSource {
    FeedKind kind = FeedKind::kOsv;
    std::string path;
    // Tells one content of the path from another; empty: nobody can, and it is read each time.
    std::string fingerprint;
};

struct FeedProblem {
    std::string path;  // with the archive's member behind it
    std::string what;
};

// Who publishes records of a source.
struct SourceFeed {
    std::string name;
    std::string licence;
    bool operator==(const SourceFeed&) const = default;
};

struct SourceContent {
    std::int64_t taken_at_s = 0;  // when the newest of its files was changed
    std::vector<SourceFeed> feeds;
    std::vector<std::pair<std::uint16_t, sca::Draft>> records;  // with the position of their feed
    std::vector<exchange::ThreatRecord> threats;                // of the one feed
    std::uint32_t unreadable = 0;                               // files
    std::vector<FeedProblem> problems;
};

// Fails where the source is not there at all.
Result<SourceContent> read_source(const FeedSource& source, const Limits& limits, ThreadPool& pool);

}  // namespace merlon::scan
