#pragma once

// What the evidence store knows, as facts of a gate.
//
// The idea: the head's findings are those that are present at its ref; new are those that the merge
// base had not (gate/store_base.h). What the last analyses could not see stands in the coverage. A
// finding that a person has decided about is suppressed by that decision while it holds.
//
// Not thread-safe: the connection belongs to one thread. Cost: the findings of one ref.

#include <string>

#include "evidence/database.h"
#include "gate/input.h"

namespace merlon::gate {

// Of `input`'s repository, ref, target and merge base. Within a transaction.
Status add_store_facts(evidence::Database& database, Input& input);

}  // namespace merlon::gate
