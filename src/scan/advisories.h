#pragma once

// Builds the advisory database from feeds in files: directories, archives and single files.
//
// The idea: each kind of feed is a row of a table: which files belong to it, and the reader of one.
// Files are read by many threads; what is one record in several files (a distribution's CVE) is
// joined at the end. Records are attributed to their publisher by their ids, so that a mirror of
// many publishers keeps the licences apart.
//
// What could not be read is counted in the database itself and named in the result. Thread-safe:
// no state. Memory: the records.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "crypto/signature.h"
#include "sca/database.h"

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

struct FeedSource {
    FeedKind kind = FeedKind::kOsv;
    std::string path;
};

struct FeedProblem {
    std::string path;  // with the archive's member behind it
    std::string what;
};

struct AdvisoryBuild {
    std::string bytes;  // the database
    std::vector<FeedProblem> problems;
};

struct AdvisoryBuildRequest {
    std::vector<FeedSource> sources;
    std::int64_t built_at_s = 0;
    // When the feeds were taken; without it each source's newest file says so.
    std::optional<std::int64_t> taken_at_s;
    std::optional<crypto::SecretKey> key;
    Limits limits;
};

// Fails where a source is not there at all, or the database would be too large.
Result<AdvisoryBuild> build_advisories(const AdvisoryBuildRequest& request, ThreadPool& pool);

// Feeds of `before` that have less than half of their records in `after`: what a broken mirror or a
// changed format looks like.
std::vector<std::string> shrunk_feeds(const sca::DatabaseInfo& before,
                                      const sca::DatabaseInfo& after);

// The feeds of a database of which some files could not be read when it was built: what they say is
// not known, and a database remembers it.
std::vector<FeedProblem> unread_feeds(const sca::DatabaseInfo& info);

// The ids of records that only one of two databases has, or that differ.
struct DatabaseDifference {
    std::vector<std::string> added, removed, changed;
};
Result<DatabaseDifference> compare_databases(const sca::Database& before,
                                             const sca::Database& after);

}  // namespace merlon::scan
