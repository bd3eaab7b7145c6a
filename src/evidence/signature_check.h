#pragma once

// Whether findings are still known again by all that their presences say.
//
// The idea: a presence holds its signatures packed, and its stream's hash binds them
// (evidence/stream_state.h); the table `signature` is what they are looked up by. Who takes a row
// out of it makes a known finding new. A row that no presence says any longer does no harm: who is
// found by it is compared by the presence.
//
// Not thread-safe. Cost: 40 bytes of memory for each signature.

#include <functional>
#include <string_view>

#include "evidence/database.h"

namespace merlon::evidence {

Status check_signatures(Database& database,
                        const std::function<void(std::string_view problem)>& use);

}  // namespace merlon::evidence
