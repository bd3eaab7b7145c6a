#pragma once

// Brings the stored copies of feeds up to date: what `db update` does before it builds.
//
// The idea: beside the database stands a folder with the files as they were fetched and state.json,
// which says of each address what its server called that version. So an unchanged feed costs one
// request and no bytes, an interrupted one is gone on with, and the database can be built again
// without a network. State is written after each file.
//
// A feed that cannot be fetched is a problem, and what is stored of it stays in use: old advisories
// are worth more than none, and the exit code says that they are old. A stored file is named by its
// address, so that no two addresses ever share one.
//
// One update for a folder at a time. Memory: nothing of the files.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "net/http_client.h"
#include "scan/advisories.h"
#include "scan/feed_list.h"

namespace merlon::scan {

struct FeedUpdateRequest {
    std::vector<Feed> feeds;
    std::string folder;  // made where it is not there
    // The feeds to fetch; of the others what is stored is used. Empty: all.
    std::vector<std::string> only;
    std::string mirror;                 // fetched as MIRROR/HOST/PATH; empty: from its own host
    net::HttpClient* client = nullptr;  // null: what is stored is used (--offline)
    std::int64_t now_s = 0;
    std::function<void(const std::string& line)> tell;  // progress, a line for each address
};

struct FeedMirror {
    std::string path;
    std::string shown;  // feed and address, for messages
};

struct FeedUpdate {
    // To build from. What was fetched once and cannot be read now is one of them: the database
    // keeps what it has of it (advisory_update.h).
    std::vector<FeedSource> sources;
    std::vector<FeedProblem> problems;
    // Of all sources: a database that was built of the same is up to date. Empty: nobody can tell
    // (a folder, a repository).
    std::string fingerprint;
    // The sources that are mirrors of repositories: finish_feeds() makes them readable.
    std::vector<FeedMirror> mirrors;
};

// Looks into the repositories that were fetched, when there is no network any more. One that is
// damaged is a problem, and what was fetched of it before stays in use. Fails where `cancel` (may
// be null) says so; what was fetched is kept.
Status finish_feeds(FeedUpdate& update, const CancelToken* cancel);

// Fails where the folder cannot be written, or the run is cancelled.
Result<FeedUpdate> update_feeds(const FeedUpdateRequest& request);

}  // namespace merlon::scan
