#pragma once

// The numbered changes of a store's tables, which the program carries.
//
// The idea: forward only. A store says which number it has; what is missing is applied in one
// transaction, after a copy of the store was put beside it. A store of a newer program is refused
// by its number.
//
// Not thread-safe: the connection belongs to one thread.

#include <cstdint>
#include <string>

#include "evidence/database.h"

namespace merlon::evidence {

// The number that this program writes.
std::int64_t newest_schema();

// The number that the store has; 0 for one that is empty.
Result<std::int64_t> schema_of(Database& database);

// Brings the store to newest_schema(). `copy_place` is where the copy goes, its number is appended.
Status migrate(Database& database, const std::string& copy_place);

// Fails unless the store has what this program reads.
Status check_schema(Database& database);

}  // namespace merlon::evidence
