#pragma once

// The key under which a store knows secrets again that reports of other tools have in the clear.
//
// The idea: a store keeps no secret, only its keyed hash; the key is drawn when it is first needed
// and stays in the store, so that all its imports agree. It keeps hashes in what leaves the store
// from being compared with those of another one; who has the store can try passwords out.
//
// Not thread-safe: the connection belongs to one thread.

#include <string>
#include <string_view>

#include "evidence/database.h"

namespace merlon::evidence {

Result<std::string> secret_key(Database& database);

// A key for a store that is still to be made, and the key of the store once it is there: the drawn
// one, or that of who was first.
Result<std::string> draw_secret_key();
Result<std::string> secret_key(Database& database, std::string_view drawn);

}  // namespace merlon::evidence
