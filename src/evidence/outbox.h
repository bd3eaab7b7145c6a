#pragma once

// What others are told of: webhooks, and the outbox of events that each has to hear.
//
// The idea: a row of the outbox is written in the transaction of the event that it tells of, so
// none is lost and none is of something that did not happen. A job delivers the rows of one webhook
// in their order, at least once; each has an id of its own that stays the same, by which a receiver
// knows what it has had. What is sent is made from the event's row, which never changes.
//
// Keys for signatures are not in the store: a webhook says where a worker finds its own.
//
// Not thread-safe: the connection belongs to one thread. Cost: one look at the webhooks for each
// event, and a row for each that wants it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"
#include "evidence/event_log.h"

namespace merlon::evidence {

inline constexpr std::string_view kDeliverKind = "deliver";

struct Webhook {
    std::int64_t id = 0;
    std::string name = {}, url = {};
    std::vector<std::string> events = {};  // kinds, where "gate.*" is all that begin so; "*": all
    std::string secret = {};               // "env:NAME" or "file:PATH"
    std::int64_t created_s = 0;
    std::int64_t waiting = 0;      // events that it has not heard yet
    std::string last_answer = {};  // to the first of those
};

// Fails for a name that is there, an event pattern or a place of a secret that is none. Both begin
// their own transaction and leave an event.
Status add_webhook(Database& database, const Webhook& webhook, std::string_view actor,
                   Timestamp now);
// And what it was still to be told.
Status remove_webhook(Database& database, std::string_view name, std::string_view actor,
                      Timestamp now);
Result<std::vector<Webhook>> list_webhooks(Database& database);
Result<std::optional<Webhook>> find_webhook(Database& database, std::int64_t id);

// Within the transaction of the event.
Status tell_webhooks(Database& database, const Event& event);

// One event that a webhook is to hear.
struct Delivery {
    std::int64_t id = 0;  // of the row
    std::string message;  // UUIDv7 (RFC 9562, section 5.7)
    std::string body;     // JSON
};
// The first that were not delivered, in order.
Result<std::vector<Delivery>> waiting_deliveries(Database& database, std::int64_t webhook,
                                                 std::size_t limit);
// What the receiver answered; delivered or not. Begin their own transaction.
Status note_delivered(Database& database, std::int64_t delivery, std::string_view answer,
                      Timestamp now);
Status note_refused(Database& database, std::int64_t delivery, std::string_view answer);

}  // namespace merlon::evidence
