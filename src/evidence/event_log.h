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

// What events tell of.
namespace event_kind {
inline constexpr std::string_view kImport = "import";
inline constexpr std::string_view kDecision = "decision";
inline constexpr std::string_view kDecisionExpired = "decision.expired";
inline constexpr std::string_view kDecisionProposed = "decision.proposed";
inline constexpr std::string_view kDecisionRefused = "decision.refused";
inline constexpr std::string_view kFixFound = "decision.fix_found";
inline constexpr std::string_view kGateVerdict = "gate.verdict";
inline constexpr std::string_view kGateDecision = "gate.decision";
inline constexpr std::string_view kGateDone = "gate.done";
inline constexpr std::string_view kJobCancel = "job.cancel";
inline constexpr std::string_view kJobRetry = "job.retry";
inline constexpr std::string_view kAuditReport = "report.audit";
inline constexpr std::string_view kCheckpoint = "audit.checkpoint";
inline constexpr std::string_view kAuditKey = "audit.key";
inline constexpr std::string_view kSecondPerson = "store.second_person";
inline constexpr std::string_view kWebhookAdd = "webhook.add";
inline constexpr std::string_view kWebhookRemove = "webhook.remove";
}  // namespace event_kind

// All that the program ever writes.
inline constexpr std::array kEventKinds{
    event_kind::kImport,           event_kind::kDecision,        event_kind::kDecisionExpired,
    event_kind::kDecisionProposed, event_kind::kDecisionRefused, event_kind::kFixFound,
    event_kind::kGateVerdict,      event_kind::kGateDecision,    event_kind::kGateDone,
    event_kind::kJobCancel,        event_kind::kJobRetry,        event_kind::kAuditReport,
    event_kind::kSecondPerson,     event_kind::kWebhookAdd,      event_kind::kWebhookRemove,
    event_kind::kCheckpoint,       event_kind::kAuditKey};

struct NewEvent {
    Timestamp at;
    std::string actor;
    std::string_view kind;  // event_kind::
    std::string body;       // JSON
};

// Within the transaction of the deed; the event's number. Webhooks that want it are told of it
// (evidence/outbox.h). What is no UTF-8 in the texts becomes
// U+FFFD.
Result<std::int64_t> append_event(Database& database, const NewEvent& event);

// The same for a deed whose rows name the event: `deed` is run once the number is taken, and gives
// the body. It appends no other event. Where it fails the caller rolls back.
using Deed = std::function<Result<std::string>(std::int64_t seq)>;
Result<std::int64_t> append_event_of(Database& database, const NewEvent& event, const Deed& deed);

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
