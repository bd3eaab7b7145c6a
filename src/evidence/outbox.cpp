#include "evidence/outbox.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/hex.h"
#include "base/joined.h"
#include "base/nearest.h"
#include "crypto/digest.h"
#include "evidence/jobs.h"
#include "evidence/seconds.h"
#include "text/json.h"

namespace merlon::evidence {
namespace {

// Half a day of retries that come ever later; what is left then is sent with the next event.
constexpr std::int64_t kMaxAttempts = 16;

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

bool wants(std::string_view pattern, std::string_view kind) {
    if (pattern.ends_with('*')) return kind.starts_with(pattern.substr(0, pattern.size() - 1));
    return pattern == kind;
}

Status check_webhook(const Webhook& webhook) {
    if (webhook.name.empty()) return Error{"a webhook has a name"};
    if (webhook.events.empty()) return Error{"which events? '*' is all of them"};
    for (const std::string& pattern : webhook.events) {
        const auto is_part = [](char c) {
            return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '-' || c == '_';
        };
        const std::string_view name = std::string_view(pattern).substr(
            0, pattern.ends_with('*') ? pattern.size() - 1 : pattern.size());
        if (pattern.empty() || !std::ranges::all_of(name, is_part))
            return Error{
                fmt::format("'{}' is no kind of event: write it as 'import' or 'gate.*'", pattern)};
        const bool is_any = std::ranges::any_of(
            kEventKinds, [&](std::string_view kind) { return wants(pattern, kind); });
        if (!is_any)
            return Error{fmt::format(
                "no event is ever of the kind '{}'; there are {}{}", pattern,
                joined(std::vector<std::string>(kEventKinds.begin(), kEventKinds.end()), ", "),
                suggestion(pattern, kEventKinds))};
    }
    const bool is_place = (webhook.secret.starts_with("env:") && webhook.secret.size() > 4) ||
                          (webhook.secret.starts_with("file:") && webhook.secret.size() > 5);
    if (!is_place)
        return Error{
            "where is the key for the signature? env:NAME or file:PATH, as the worker "
            "sees it"};
    return {};
}

Status append_webhook_event(Database& database, std::string_view kind, const Webhook& webhook,
                            std::string_view actor, Timestamp now) {
    std::string body;
    text::JsonWriter json(body);
    json.begin_object().member("name", webhook.name).member("url", webhook.url);
    json.member("events", joined(webhook.events, " ")).end_object();
    const Result<std::int64_t> event = append_event(
        database, {.at = now, .actor = std::string(actor), .kind = kind, .body = std::move(body)});
    return event.ok() ? Status() : Status(event.error());
}

Webhook read_webhook(Cells row) {
    Webhook webhook;
    webhook.id = integer_of(row[0]);
    webhook.name = text_of(row[1]);
    webhook.url = text_of(row[2]);
    webhook.events = words_of(text_of(row[3]));
    webhook.secret = text_of(row[4]);
    webhook.created_s = integer_of(row[5]);
    return webhook;
}
constexpr std::string_view kWebhookColumns = "id, name, url, events, secret, created";

// The same for the same event and webhook, so that nothing random is to be kept.
std::string message_id(const Event& event, std::int64_t webhook) {
    constexpr std::size_t kBytes = 16;
    std::string id =
        std::string(crypto::sha256(event.hash + std::to_string(webhook)).bytes().substr(0, kBytes));
    for (std::size_t i = 0; i < 6; ++i)
        id[i] = static_cast<char>(static_cast<std::uint64_t>(event.at_ms) >> (40 - 8 * i) & 0xFF);
    id[6] = static_cast<char>((id[6] & 0x0F) | 0x70);
    id[8] = static_cast<char>((id[8] & 0x3F) | 0x80);
    std::string text = to_hex(id);
    for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
    return text;
}

std::string body_of(const Event& event) {
    std::string body;
    text::JsonWriter json(body);
    json.begin_object().member("type", event.kind);
    json.member("timestamp", format_rfc3339({event.at_ms * 1'000'000}));
    json.key("event").integer(event.seq).member("actor", event.actor);
    json.member("hash", to_hex(event.hash)).key("data").raw(event.body).end_object();
    return body;
}

}  // namespace

Status add_webhook(Database& database, const Webhook& webhook, std::string_view actor,
                   Timestamp now) {
    MERLON_TRY(check_webhook(webhook));
    Transaction transaction = MERLON_TRY(Transaction::begin(database));
    const std::string events = joined(webhook.events, " ");
    const std::uint64_t added = MERLON_TRY(database.change(
        "INSERT INTO webhook (name, url, events, secret, created) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING",
        {std::string_view(webhook.name), std::string_view(webhook.url), std::string_view(events),
         std::string_view(webhook.secret), seconds_of(now)}));
    if (added == 0)
        return Error{fmt::format("there is a webhook {} already; remove it first", webhook.name)};
    MERLON_TRY(append_webhook_event(database, event_kind::kWebhookAdd, webhook, actor, now));
    return transaction.commit();
}

Status remove_webhook(Database& database, std::string_view name, std::string_view actor,
                      Timestamp now) {
    Transaction transaction = MERLON_TRY(Transaction::begin(database));
    std::optional<Webhook> found;
    MERLON_TRY(
        database.each_row(fmt::format("SELECT {} FROM webhook WHERE name = $1", kWebhookColumns),
                          {name}, [&](Cells row) { found = read_webhook(row); }));
    if (!found) return Error{fmt::format("there is no webhook {}", name)};
    MERLON_TRY(database.run("DELETE FROM outbox WHERE webhook = $1", {found->id}));
    MERLON_TRY(database.run("DELETE FROM webhook WHERE id = $1", {found->id}));
    MERLON_TRY(append_webhook_event(database, event_kind::kWebhookRemove, *found, actor, now));
    return transaction.commit();
}

Result<std::vector<Webhook>> list_webhooks(Database& database) {
    std::vector<Webhook> webhooks;
    MERLON_TRY(
        database.each_row(fmt::format("SELECT {} FROM webhook ORDER BY name", kWebhookColumns), {},
                          [&](Cells row) { webhooks.push_back(read_webhook(row)); }));
    for (Webhook& webhook : webhooks) {
        MERLON_TRY(database.each_row(
            "SELECT count(*) FROM outbox WHERE webhook = $1 AND delivered_ms = 0", {webhook.id},
            [&](Cells row) { webhook.waiting = integer_of(row[0]); }));
        MERLON_TRY(database.each_row(
            "SELECT answer FROM outbox WHERE webhook = $1 AND delivered_ms = 0 ORDER BY id LIMIT 1",
            {webhook.id}, [&](Cells row) { webhook.last_answer = text_of(row[0]); }));
    }
    return webhooks;
}

Result<std::optional<Webhook>> find_webhook(Database& database, std::int64_t id) {
    std::optional<Webhook> found;
    MERLON_TRY(
        database.each_row(fmt::format("SELECT {} FROM webhook WHERE id = $1", kWebhookColumns),
                          {id}, [&](Cells row) { found = read_webhook(row); }));
    return found;
}

Status tell_webhooks(Database& database, const Event& event) {
    std::vector<Webhook> webhooks;
    MERLON_TRY(database.each_row(fmt::format("SELECT {} FROM webhook ORDER BY id", kWebhookColumns),
                                 {}, [&](Cells row) { webhooks.push_back(read_webhook(row)); }));
    const Timestamp now{event.at_ms * 1'000'000};
    for (const Webhook& webhook : webhooks) {
        if (!std::ranges::any_of(webhook.events, [&](const std::string& pattern) {
                return wants(pattern, event.kind);
            }))
            continue;
        MERLON_TRY(database.run(
            "INSERT INTO outbox (webhook, event, created_ms, delivered_ms, attempts, answer) "
            "VALUES ($1, $2, $3, 0, 0, '')",
            {webhook.id, event.seq, event.at_ms}));
        const Result<std::int64_t> job =
            enqueue(database,
                    {.kind = std::string(kDeliverKind),
                     .lane = std::string(kScheduledLane),
                     .scope = webhook.name,
                     .key = fmt::format("{}/{}", kDeliverKind, webhook.id),
                     .if_one_waits = NewJob::Rival::kKeep,
                     .payload = fmt::format("{{\"webhook\":{}}}", webhook.id),
                     .author = event.actor,
                     .max_attempts = kMaxAttempts},
                    now);
        if (!job.ok()) return job.error();
    }
    return {};
}

Result<std::vector<Delivery>> waiting_deliveries(Database& database, std::int64_t webhook,
                                                 std::size_t limit) {
    std::vector<Delivery> waiting;
    MERLON_TRY(database.each_row(
        "SELECT o.id, e.seq, e.at_ms, e.actor, e.kind, e.body, e.hash FROM outbox o "
        "JOIN event e ON e.seq = o.event WHERE o.webhook = $1 AND o.delivered_ms = 0 "
        "ORDER BY o.id LIMIT $2",
        {webhook, static_cast<std::int64_t>(limit)}, [&](Cells row) {
            const Event event{.seq = integer_of(row[1]),
                              .at_ms = integer_of(row[2]),
                              .actor = std::string(text_of(row[3])),
                              .kind = std::string(text_of(row[4])),
                              .body = std::string(text_of(row[5])),
                              .before = {},
                              .hash = std::string(bytes_of(row[6]))};
            waiting.push_back({.id = integer_of(row[0]),
                               .message = message_id(event, webhook),
                               .body = body_of(event)});
        }));
    return waiting;
}

Status note_delivered(Database& database, std::int64_t delivery, std::string_view answer,
                      Timestamp now) {
    Transaction transaction = MERLON_TRY(Transaction::begin(database));
    MERLON_TRY(
        database.run("UPDATE outbox SET delivered_ms = $2, attempts = attempts + 1, "
                     "answer = $3 WHERE id = $1",
                     {delivery, now.nanoseconds / 1'000'000, answer}));
    return transaction.commit();
}

Status note_refused(Database& database, std::int64_t delivery, std::string_view answer) {
    Transaction transaction = MERLON_TRY(Transaction::begin(database));
    MERLON_TRY(database.run("UPDATE outbox SET attempts = attempts + 1, answer = $2 WHERE id = $1",
                            {delivery, answer}));
    return transaction.commit();
}

}  // namespace merlon::evidence
