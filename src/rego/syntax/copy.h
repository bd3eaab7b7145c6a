#pragma once

// Deep copies of parts of a syntax tree. Locations are shared with the original.
//
// Thread-safe: no state. Cost: linear; the copy lives in `arena`.

#include "base/arena.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

Term* copy(const Term* term, Arena& arena);  // null for null
Terms copy(Terms terms, Arena& arena);
Body copy(Body body, Arena& arena);
Expression* copy(const Expression& expression, Arena& arena);

}  // namespace merlon::rego::syntax
