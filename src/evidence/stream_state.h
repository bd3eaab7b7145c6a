#pragma once

// What a stream's analyses have left in the store, in one hash, which the import's event keeps.
//
// The idea: the audit log is bound from end to end, and signed; so what an event says of the rows
// binds them, too. Whoever changes what was found, where, or by what it is known again, makes a
// different hash; what a finding shows hangs on the print that is among these rows.
//
// Not thread-safe: the connection belongs to one thread. Cost: all of the stream's presences are
// read, some microseconds each.

#include <cstdint>
#include <string>

#include "evidence/database.h"

namespace merlon::evidence {

// "sha256:…", over each presence in the order of print and finding (evidence/row_hash.h), the path
// by its name.
Result<std::string> stream_state(Database& database, std::int64_t stream);

}  // namespace merlon::evidence
