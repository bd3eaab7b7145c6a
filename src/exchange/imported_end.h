#pragma once

// The end of a step that a document does not know: what it is of, only its import tells.
//
// Thread-safe: no state.

#include "exchange/link.h"

namespace merlon::exchange {

// The import puts its commit in this place, else its repository, and leaves out the step where
// neither is told.
inline LinkEnd what_is_imported() { return {"commit", ""}; }

}  // namespace merlon::exchange
