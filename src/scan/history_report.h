#pragma once

// What a report of a history says beside its findings: of what it tells, how many objects were
// looked at, and what a reader should know.

#include <cstddef>
#include <string>
#include <vector>

#include "connect/git/repository.h"
#include "model/analysis.h"
#include "scan/history_examine.h"
#include "scan/history_walk.h"
#include "scan/secrets_history.h"

namespace merlon::scan {

// A report without findings, for those `revisions` (empty: everything).
model::Report start_history_report(const HistoryScan& request,
                                   const connect::git::Repository& repository,
                                   const std::vector<std::string>& revisions,
                                   const std::vector<std::string>& notices);

struct ObjectsOfHistory {
    const connect::git::ObjectCatalog& catalog;
    const HistoryWalk& walk;
    const Examined& messages;
    const Examined& blobs;
    bool is_ranged = false;  // what stands outside of a range is no gap
};

// Counts the objects, and adds what could not be read of their contents.
void add_objects(const ObjectsOfHistory& history, model::Coverage& coverage);

// Applies the suppressions and says whether the report is whole. `left_out`: matches that are words
// or placeholders.
void finish_history_report(const HistoryScan& request, const connect::git::Repository& repository,
                           std::size_t left_out, model::Report& report);

}  // namespace merlon::scan
