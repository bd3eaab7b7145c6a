#pragma once

// The audit log: what was done to the store, by whom and when, each row bound to all before it.
//
// The idea: a row holds the SHA-256 of the row before and of itself, and is written in the
// transaction that does what it tells of: an event without its deed, or a deed without its event,
// cannot be. Who changes, removes or inserts a row changes every hash behind it. That alone binds
// nobody who can write the whole file; signed checkpoints (evidence/audit.h), kept elsewhere, do.
//
// Bytes that are hashed, and are an entry of the checkpoints' tree: the hash before (32 zero bytes
// for the first), the number and the time in milliseconds as 8 bytes each, least significant first;
// actor, kind and body, each led by its length in 8 bytes.
//
// Not thread-safe: the connection belongs to one thread.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "evidence/database.h"

namespace merlon::evidence {

// All that the program ever writes.
inline constexpr std::array<std::string_view, 15> kEventKinds{"import",
                                                              "decision",
                                                              "decision.expired",
                                                              "decision.proposed",
                                                              "decision.refused",
                                                              "decision.fix_found",
                                                              "gate.verdict",
                                                              "gate.decision",
                                                              "gate.done",
                                                              "job.cancel",
                                                              "job.retry",
                                                              "report.audit",
                                                              "store.second_person",
                                                              "webhook.add",
                                                              "webhook.remove"};

struct NewEvent {
    Timestamp at;
    std::string actor;
    std::string_view kind;  // "import", "decision", "gate.verdict", …
    std::string body;       // JSON
};

// Within the transaction of the deed; the event's number. Webhooks that want it are told of it
// (evidence/outbox.h). What is no UTF-8 in the texts becomes
// U+FFFD.
Result<std::int64_t> append_event(Database& database, const NewEvent& event);

struct Event {
    std::int64_t seq = 0;
    std::int64_t at_ms = 0;
    std::string actor, kind, body;
    std::string before, hash;  // 32 bytes each
    bool operator==(const Event&) const = default;
};
inline constexpr std::size_t kEventHashBytes = 32;

// What is hashed, and the event that such bytes are of, with its hash. Reading fails for any
// others.
std::string event_bytes(const Event& event);
Result<Event> parse_event_bytes(std::string_view bytes);
std::string event_hash(const Event& event);

inline constexpr std::size_t kAllEvents = INT64_MAX;

// At most `limit` events behind the number `after`, in order.
Status each_event(Database& database, std::int64_t after, std::size_t limit,
                  const std::function<void(const Event& event)>& use);

}  // namespace merlon::evidence
