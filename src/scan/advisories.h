#pragma once

// Builds the advisory database from feeds in files: directories, archives and single files.
//
// The idea: each source is read (advisory_source.h), and what they say together is written: of two
// records with one id the one that was modified last stays.
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
#include "scan/advisory_source.h"

namespace merlon::scan {

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

// The same of what was read already.
Result<AdvisoryBuild> join_sources(std::vector<SourceContent> contents,
                                   const AdvisoryBuildRequest& request, ThreadPool& pool);

// Feeds of `before` that have less than half of their records in `after`: what a broken mirror or a
// changed format looks like.
std::vector<std::string> shrunk_feeds(std::span<const sca::FeedInfo> before,
                                      std::span<const sca::FeedInfo> after);

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
