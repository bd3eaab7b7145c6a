#pragma once

// The control behind `db update --rescan`: which stored bills of materials a changed database says
// something new of.
//
// The idea: no bill is scanned again. An index (rescan_index.h) holds each package of the folder
// once, with the weaknesses that it had; those packages are matched, and what differs is joined
// with the bills that hold them. A bill that was added or changed is read, and what its new
// packages have is news too. So news is never missed, whatever was updated in between.
//
// Thread-safe: no state; one re-scan of a folder at a time. Deterministic for any number of
// threads. Memory: the index, and of changed bills one for each worker.

#include <cstdint>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "model/coverage.h"
#include "sca/database.h"
#include "scan/advisories.h"

namespace merlon::scan {

enum class RescanNews : std::uint8_t {
    kFound,  // a weakness that was not known of these bills
    kGone,   // the advisories no longer say so: withdrawn, or corrected
};

struct RescanChange {
    RescanNews news = RescanNews::kFound;
    std::string purl;
    std::vector<std::string> ids;
    std::string severity;  // empty: nobody says
    std::string fixed;     // empty: no version
    bool is_known_exploited = false;
    bool is_malicious = false;
    std::vector<std::string> boms;  // paths below the folder
};

struct Rescan {
    std::vector<RescanChange> changes;  // found before gone, then by package URL
    std::size_t boms = 0;
    std::size_t boms_read = 0;  // because they were new or changed
    std::size_t packages = 0;
    std::size_t unknowns = 0;  // components that nothing names
    std::vector<FeedProblem> problems;
    // Feeds that were not whole when the database was built: gaps as `scan packages` has them.
    std::vector<model::Gap> unread;
};

struct RescanRequest {
    std::string folder;
    std::string index_path;  // made where it is not there
    const sca::Database* database = nullptr;
    Limits limits;
    const CancelToken* cancel = nullptr;
};

// Fails where the folder or the database cannot be read. What is wrong with a bill is a problem.
Result<Rescan> rescan(const RescanRequest& request, ThreadPool& pool);

}  // namespace merlon::scan
