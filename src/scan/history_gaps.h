#pragma once

// What of a history could not be read, as gaps of a report: missing and damaged objects by their
// paths, the commits that a shallow clone has not.
//
// Thread-safe: no state.

#include <string>
#include <vector>

#include "connect/git/repository.h"
#include "model/analysis.h"
#include "scan/history_examine.h"
#include "scan/history_walk.h"

namespace merlon::scan {

struct HistoryGaps {
    const connect::git::Repository& repository;
    const connect::git::ObjectCatalog& catalog;
    const HistoryWalk& walk;
    const Examined& messages;
    const Examined& blobs;
    std::string checkout_advice;

    void add_to(model::Report& report) const;
};

}  // namespace merlon::scan
