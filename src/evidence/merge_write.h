#pragma once

// Writes what a merge has decided, in sets: new findings, changed ones, states, counters.
//
// Internal to evidence/merge.cpp. Not thread-safe; within a transaction, which the caller rolls
// back where this fails. Ownership: borrows the occurrences and the merge's decisions.

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "evidence/database.h"
#include "evidence/merge.h"

namespace merlon::evidence {

// States of `presence`.
inline constexpr std::int64_t kPresent = 0;
inline constexpr std::int64_t kAbsent = 1;
inline constexpr std::int64_t kNotSeen = 2;       // by an incomplete run
inline constexpr std::int64_t kReconfigured = 3;  // by a run of another configuration

using Ids = std::vector<std::int64_t>;

// A presence, read into memory.
struct KnownView {
    std::int64_t finding = 0;
    std::int64_t stream = 0;
    std::int64_t state = 0;
    std::int64_t path = 0;
    std::int64_t line = 0;
    std::int64_t position = 0;
    std::int64_t family = 0;
    Signatures signatures;
};

// What is written of an occurrence that is not exactly as it was.
struct Change {
    const Occurrence* occurrence = nullptr;
    std::int64_t finding = 0;
    std::int64_t maybe_from = 0;
};

struct MergeDecision {
    std::vector<Change> new_ones;  // numbered when they are written
    std::vector<Change> changes;
    Ids back;                      // exactly as they were, and there again
    Ids lost;                      // that this stream had, and the analysis has not
    Ids overlooked;                // the same, and it was not looked for
    std::vector<KnownView> known;  // what the decision was made from
};

// Temporary table of one column, `finding`.
Status stage_ids(Database& database, std::string_view table, const Ids& ids);

// Fills in the counts that only the rows tell.
Status write_merge(Database& database, const MergePlace& place, MergeDecision& decision,
                   MergeCounts& counts);

}  // namespace merlon::evidence
