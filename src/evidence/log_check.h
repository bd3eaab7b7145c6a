#pragma once

// Whether an audit log is the one that was written, from its events and checkpoints alone.
//
// The idea: events come in order, each of which must follow the one before it, be hashed right, and
// grow the tree; wherever the tree has the size of a checkpoint it must have its root. The same
// check reads a store and an export. Checkpoints that others kept are taken as they are, those of
// the log must be signed.
//
// Not thread-safe. Cost: two hashes for each event; memory for the checkpoints.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "evidence/event_log.h"
#include "evidence/merkle.h"
#include "evidence/signed_note.h"

namespace merlon::evidence {

using UseProblem = std::function<void(std::string_view problem)>;

struct LogSummary {
    std::uint64_t events = 0;
    std::uint64_t checkpoints = 0;    // that are right
    std::uint64_t signed_events = 0;  // up to the last of those
    TreeHash root{};
};

class LogChecker {
  public:
    explicit LogChecker(UseProblem use) : use_(std::move(use)) {}

    // Before the events. `whose` begins a problem: "the log", "old.txt". A note has to be signed by
    // `verifier`; where that is null, its root alone counts.
    void expect(std::string_view note, const NoteVerifier* verifier, std::string_view whose);
    void take(const Event& event);
    LogSummary finish();

  private:
    struct Expected {
        TreeHash root{};
        std::string whose;
    };
    void compare_roots();

    UseProblem use_;
    std::multimap<std::uint64_t, Expected> expected_;  // by size
    std::string before_ = std::string(kEventHashBytes, '\0');
    std::int64_t next_ = 1;
    MerkleRoot tree_;
    LogSummary summary_;
};

}  // namespace merlon::evidence
