#pragma once

// Whether an audit log is the one that was written, from its events and checkpoints alone.
//
// The idea: events come in order, each of which must follow the one before it, be hashed right, and
// grow the tree; wherever the tree has the size of a checkpoint it must have its root. The same
// check reads a store and an export. Checkpoints that others kept are taken as they are, those of
// the log must be signed. Who signs the log anew first tells it, in an event, of the checkpoints
// that are there: so none can be taken out unseen, the last one included, which has to cover that
// event.
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
    // The same for one of the log's own, which its events tell of.
    void expect_own(std::string_view note, const NoteVerifier* verifier, std::string_view whose);
    // The last event is about to be signed.
    void expect_signature() { is_about_to_be_signed_ = true; }
    void take(const Event& event);
    LogSummary finish();

  private:
    struct Expected {
        TreeHash root{};
        std::string whose;
    };
    void compare_roots();
    void take_told(const Event& event);
    void compare_told();

    UseProblem use_;
    std::multimap<std::uint64_t, Expected> expected_;  // by size
    std::map<std::uint64_t, std::string> own_;         // the digests of notes, by size
    struct Told {
        std::string digest;
        std::int64_t event = 0;
    };
    std::map<std::uint64_t, Told> told_;  // of own ones, by size
    std::int64_t last_told_ = 0;          // the last event that tells, which a checkpoint covers
    bool is_about_to_be_signed_ = false;
    std::string before_ = std::string(kEventHashBytes, '\0');
    std::int64_t next_ = 1;
    MerkleRoot tree_;
    LogSummary summary_;
};

}  // namespace merlon::evidence
