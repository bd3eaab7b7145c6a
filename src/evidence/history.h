#pragma once

// Findings as they stood at a moment: the time machine.
//
// The idea: the tables say what is; beside them stands what a row was until it changed
// (migrations/0004_jobs.sql, written by triggers in the transaction of the change). So a finding
// that never changed costs nothing, and the state at a moment is the oldest one that held beyond
// it, else what is now. Times have whole seconds: of several changes in one second the last counts.
// A store from before has its history from its upgrade on, and says so.
//
// What is not kept: the text that a tool told beside title and place, and where other branches saw
// it.
//
// Not thread-safe: the connection belongs to one thread. Cost: a look-up for each finding.

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "evidence/database.h"

namespace merlon::evidence {

// Nothing: what is now.
using AsOf = std::optional<Timestamp>;

// In SQL, a table in the place of `finding` with the rows and columns that it had.
std::string findings_at(const AsOf& as_of);

// In SQL, the state of presence r at that moment, and whether it was known by then.
std::string presence_state_at(const AsOf& as_of);

// Fails for a moment that is to come, or before history is known.
Status check_moment(Database& database, Timestamp moment, Timestamp now);

// From when on history is known, in seconds; 0: from the first import.
Result<std::int64_t> history_since(Database& database);

// "sha256:…" over what was kept in that second of findings and presences (evidence/row_hash.h);
// empty where nothing was. What ends in a second its events bind by it.
Result<std::string> past_digest(Database& database, std::int64_t second);

// The last event that was written by then; 0: none.
Result<std::int64_t> last_event_at(Database& database, Timestamp moment);

}  // namespace merlon::evidence
