#pragma once

// Brings the advisory database up to date with its sources: a segment for what has changed
// (sca/database_delta.h), or all of it anew.
//
// The idea: in a folder beside the database stand the blocks of the sources it was made of
// (feed_block.h) and an index that says so. A source whose fingerprint has not changed is not read.
// The blocks before and now say which records are new, changed or gone; those, and no others, are
// compiled and appended as a segment.
//
// All of it is built anew where segment would follow segment for too long, where the change is
// large, where the signer or the program is another one, and where what is remembered does not
// belong to the database that is there. The answer is the same; only the time differs.
//
// No data is lost on the way. A source that cannot be read is a problem, and what the database has
// of it stays; a database that is damaged is not appended to; a source that reads differently a
// second time is remembered as one that nobody can tell from another.
//
// One update of a database at a time. Memory: the blocks, and the records of the sources that are
// read.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/thread_pool.h"
#include "scan/advisories.h"

namespace merlon::scan {

enum class UpdateScope : std::uint8_t {
    kChanges,  // a segment where that is enough
    kWhole,    // one segment of all records, as `db build` makes it
};

struct AdvisoryUpdateRequest {
    AdvisoryBuildRequest build;
    UpdateScope scope = UpdateScope::kChanges;
    std::string database;  // the file; need not be there
    std::string folder;    // of the blocks; made where it is not there
    // Tells programs apart that may read one file in two ways.
    std::string program;
};

struct AdvisoryUpdate {
    std::string bytes;  // of the whole file
    bool is_segment = false;
    std::size_t sources_read = 0;
    std::size_t records_changed = 0;  // of a segment: new, changed and gone ones
    std::vector<FeedProblem> problems;
    std::string index;  // for keep_update()
    // What the feeds held of a database that cannot be read, as far as that is remembered.
    std::vector<sca::FeedInfo> feeds_before;
};

// Fails where no source can be read, a list of threats cannot, or the database would be too large.
Result<AdvisoryUpdate> update_advisories(const AdvisoryUpdateRequest& request, ThreadPool& pool);

// Remembers what the database at `database` was made of, once it stands there; `index` is the
// update's. What was remembered before is forgotten.
Status keep_update(const std::string& folder, const std::string& index,
                   const std::string& database);
// The same for a database that was only dated anew, and had the digest `before`.
Status keep_renewed(const std::string& folder, const std::array<std::uint8_t, 32>& before,
                    const std::string& database);

}  // namespace merlon::scan
