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
// The log begins with a key, and an event may name another one (evidence/key_rotation.h): up to
// that event the one before signs checkpoints, from it on the new one, and no other. A change that
// the key before has not signed is a break, which is a problem unless it is accepted by its event's
// number.
//
// Not thread-safe. Cost: two hashes for each event; memory for the checkpoints.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "evidence/event_log.h"
#include "evidence/merkle.h"
#include "evidence/signed_note.h"

namespace merlon::evidence {

using UseProblem = std::function<void(std::string_view problem)>;

// A key of the log, and since which event; of a break nobody before vouches for it.
struct LogKey {
    NoteVerifier key;
    std::int64_t since = 0;
    bool is_break = false;
};

struct LogSummary {
    std::uint64_t events = 0;
    std::uint64_t checkpoints = 0;    // that are right
    std::uint64_t signed_events = 0;  // up to the last of those
    TreeHash root{};
    std::vector<LogKey> keys;  // in their order
};

class LogChecker {
  public:
    explicit LogChecker(UseProblem use) : use_(std::move(use)) {}

    // All of these before the events.
    // The log's first key; without one no signature is looked at.
    void begin_with(const NoteVerifier& key);
    // One of the log's keys has to be this one.
    void trust(const NoteVerifier& key);
    void accept_break(std::int64_t event) { accepted_.insert(event); }
    void accept_all_breaks() { accepts_all_ = true; }

    // `whose` begins a problem: "the log", "old.txt". A note has to be signed by the log's key of
    // that size, or its root alone counts.
    enum class By : std::uint8_t { kLogKey, kAnybody };
    void expect(std::string_view note, By by, std::string_view whose);
    // The same for one of the log's own, which its events tell of.
    void expect_own(std::string_view note, std::string_view whose);
    // The last event is about to be signed.
    void expect_signature() { is_about_to_be_signed_ = true; }
    void take(const Event& event);
    LogSummary finish();

  private:
    struct Expected {
        TreeHash root{};
        std::string whose;
        std::string note;  // whose signature counts; empty: none has to
    };
    bool is_signed(const Expected& expected);
    void compare_roots();
    void take_key(const Event& event);
    void compare_trusted();
    void compare_accepted();
    void take_told(const Event& event);
    void compare_told();

    UseProblem use_;
    std::optional<NoteVerifier> trusted_;
    std::set<std::int64_t> accepted_;
    bool accepts_all_ = false;
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
