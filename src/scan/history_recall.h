#pragma once

// Between a checkpoint (history_checkpoint.h) and a run: what of it holds for the repository as it
// is now, in the numbers of this run; and the checkpoint of what a run has found.
//
// One thread. Cost: linear in the objects; new ones are read once to see what they are.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connect/git/bulk_read.h"
#include "connect/git/repository.h"
#include "scan/history_checkpoint.h"
#include "scan/history_examine.h"
#include "scan/history_walk.h"

namespace merlon::scan {

struct RecalledHistory {
    KnownObjects known;  // until place_paths() with the checkpoint's numbers of paths
    PastWalk walk;
    std::vector<HistoryWalk::KnownCommit> commits;  // all of the database, by id
    std::vector<PathFacts> path_facts;              // by the checkpoint's number
    std::vector<HistoryCheckpoint::Version> versions;
    std::vector<model::Finding> findings;
    std::vector<std::string> tags;
    std::vector<SecretPrint> prints;
    std::vector<connect::git::ObjectId> sample;
    std::string tag_key;

    // Once the walk has numbered the paths: `numbers` are those of the checkpoint's.
    void place_paths(const std::vector<std::uint32_t>& numbers);
};

// Nothing where an object is gone, new ones are many, or one of them cannot be read: then all is to
// be looked at anew.
std::optional<RecalledHistory> recall(const connect::git::Repository& repository,
                                      const connect::git::ObjectCatalog& catalog,
                                      HistoryCheckpoint checkpoint);

// What a whole and sound run has found.
struct FoundHistory {
    const connect::git::ObjectCatalog& catalog;
    const HistoryWalk& walk;
    const std::vector<HistoryWalk::KnownCommit>& commits;
    const std::vector<PathFacts>& path_facts;
    const Examined& messages;
    const Examined& blobs;
    const KnownObjects* known;  // may be null
};

// Without versions and findings, numbers being those of the run: see place_of. Nothing where a
// commit needs what is not there.
struct MadeCheckpoint {
    HistoryCheckpoint checkpoint;
    std::vector<std::uint32_t> place_of;  // by number; kNoNumber: a second copy
};
std::optional<MadeCheckpoint> make_checkpoint(const FoundHistory& found);

}  // namespace merlon::scan
