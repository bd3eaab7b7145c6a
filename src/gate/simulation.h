#pragma once

// A policy held against the verdicts of the past: what would have been decided otherwise.
//
// The idea: the inputs of the past stand in the store, so a new policy judges what really was,
// before it decides anything. Nothing is written.
//
// Not thread-safe: the connection belongs to one thread. Cost: one judgement for each verdict.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "gate/record.h"

namespace merlon::gate {

struct ChangedVerdict {
    VerdictEntry before;
    std::string outcome;               // as it would be
    std::vector<std::string> because;  // conditions that do not pass
};

struct Simulation {
    std::size_t verdicts = 0;
    std::size_t broken = 0;               // of those: the policy, or a part of it, did not answer
    std::string broken_because;           // the first time
    std::vector<ChangedVerdict> changed;  // the oldest first
};

// Verdicts since `from`, of one gate or (empty) of all. Fails where an input is not there as it
// was, and once `cancel` (which may be null) is set.
Result<Simulation> simulate(evidence::Database& database, const Policy& policy, Timestamp from,
                            std::string_view gate, const CancelToken* cancel = nullptr);

}  // namespace merlon::gate
