#pragma once

// The audit log: what was done to the store, by whom and when, each row bound to all before it.
//
// The idea: a row holds the SHA-256 of the row before and of itself, and is written in the
// transaction that does what it tells of: an event without its deed, or a deed without its event,
// cannot be. Who changes, removes or inserts a row changes every hash behind it. That alone binds
// nobody who can write the whole file; the hash of the last row, kept elsewhere, does.
//
// Bytes that are hashed: the hash before (32 zero bytes for the first), the number and the time in
// milliseconds as 8 bytes each, least significant first; actor, kind and body, each led by its
// length in 8 bytes.
//
// Not thread-safe: the connection belongs to one thread.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "evidence/database.h"

namespace merlon::evidence {

struct NewEvent {
    Timestamp at;
    std::string actor;
    std::string_view kind;  // "import", "decision", "gate.verdict", …
    std::string body;       // JSON
};

// Within the transaction of the deed; the event's number.
Result<std::int64_t> append_event(Database& database, const NewEvent& event);

// Reads the whole log; each row that is not as it was written is a problem.
Status check_events(Database& database, const std::function<void(std::string_view problem)>& use);

}  // namespace merlon::evidence
