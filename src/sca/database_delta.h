#pragma once

// The segment that brings a database up to date (database_format.h).
//
// The idea: what has changed, and whatever shares an alias class with it, is held anew, so that
// each alias class is of one segment and no class has to be joined while packages are matched. The
// database with the segment says of every package what one built of all records would say.
//
// Thread-safe: no state. Memory: the records of the segment, and four bytes for each text of the
// database. Cost: the changed records; a look at each alias class.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/thread_pool.h"
#include "crypto/signature.h"
#include "sca/database.h"
#include "sca/database_writer.h"
#include "sca/draft.h"

namespace merlon::sca {

struct DatabaseChange {
    // New and changed records, with the names of their feeds.
    std::vector<std::pair<std::string, Draft>> records;
    std::vector<std::string> gone;  // ids of live records that are no more
    std::vector<FeedInfo> feeds;    // of the whole new database, by name
    std::vector<Threat> threats;    // all that are known now
    bool has_new_threats = false;   // they are others than the database's
};

// The bytes of the segment. Fails where the database is damaged, or the segment too large.
Result<std::string> build_segment(const Database& database, DatabaseChange change,
                                  std::int64_t built_at_s, ThreadPool& pool,
                                  const std::optional<crypto::SecretKey>& key);

}  // namespace merlon::sca
