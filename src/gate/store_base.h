#pragma once

// What the store knows of a merge base: which analyses there are of that commit, and which findings
// they had.
//
// The idea: a change brings what its head has and its merge base has not. The head's analyses are
// the latest of its streams; for each of them the base's is the last complete analysis of that
// commit by the same tool on the target branch. What a stream had at one of its analyses is read
// from the versions of its presences (evidence/history.h), so that nobody has to scan the base
// again. What cannot be told (no such analysis, an incomplete one, a state that a later analysis of
// the same second wrote over) is unknown with the reason, and never old.
//
// Not thread-safe: the connection belongs to one thread. Cost: a look-up for each stream, and one
// for each finding of the head.

#include <string>

#include "evidence/database.h"
#include "gate/input.h"

namespace merlon::gate {

// Says in `input` what is known of the base, and fills the temporary tables stage_base (stream,
// analysis, received) and stage_covered (stream: those of the head that have one). Within a
// transaction. `input` has the merge base, if somebody knows it, as base_commit.
Status stage_base(evidence::Database& database, Input& input);

// In SQL, what the base says of finding `f`: 0 it is there, 1 not known, 2 it is not.
std::string base_expression();

// The highest severity that the base has f with, -1 where it has it not; and whether the tool's
// report suppressed it in all of the base (1) or not (0). What a branch that is not the
// repository's first one said of either, and says otherwise now, is not kept: there today's counts.
std::string base_severity_expression();
std::string base_suppressed_expression();

// Each ref under both of its names: "main", "refs/heads/main".
std::string other_name_of_ref(const std::string& ref);

}  // namespace merlon::gate
