#pragma once

// Figures of days that are over, kept once: how many findings were open, came and went.
//
// The idea: what a trend says can be made of history at any time (evidence/trends.h), in one pass
// over all findings. A worker does so when a day is over, for each scope and severity; from then on
// a day costs a look at its rows, and what comes behind the last one a look at the findings that
// have changed since. Days are taken one after the other and never again, so that a figure once
// published stays. Those before the first one come from history as before.
//
// Not thread-safe: the connection belongs to one thread. Cost: the first one a pass over the
// findings and their history, each later one what has changed.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"
#include "evidence/trends.h"

namespace merlon::evidence {

// Takes the days that are over and behind the last one, or the last one alone where none was taken
// yet. How many were. Within a transaction.
Result<std::int64_t> take_snapshots(Database& database, Timestamp now);

// Which days were taken: their beginnings, both among them.
struct SnapshotSpan {
    std::int64_t from_s = 0, until_s = 0;
};
Result<std::optional<SnapshotSpan>> snapshot_span(Database& database);

// Fills in what was taken, for the days that were, which follow each other; of all scopes where
// none are named.
Status read_snapshots(Database& database, const std::optional<std::vector<std::int64_t>>& scopes,
                      std::vector<TrendDay>& days);

}  // namespace merlon::evidence
