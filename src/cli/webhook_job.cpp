#include "cli/webhook_job.h"

#include <fmt/core.h>

#include <chrono>
#include <optional>

#include "base/file.h"
#include "cli/command_table.h"
#include "connect/notify/webhook.h"
#include "evidence/outbox.h"
#include "exchange/plain_fields.h"
#include "net/http_client.h"

namespace merlon::cli {
namespace {

using evidence::JobEnd;
using How = JobEnd::How;

constexpr std::size_t kAtOnce = 100;
constexpr std::uint64_t kMaxAnswerBytes = 64 << 10;
constexpr std::uint64_t kMaxKeyBytes = 4096;
constexpr std::size_t kMinKeyBytes = 16;

net::HttpSettings http_settings(const evidence::JobContext& context,
                                const Environment& environment) {
    net::HttpSettings settings;
    settings.trust.file = environment.variable("SSL_CERT_FILE").value_or("");
    settings.trust.directory = environment.variable("SSL_CERT_DIR").value_or("");
    settings.variable = environment.variable;
    settings.max_body_bytes = kMaxAnswerBytes;
    settings.redirects = net::Redirects::kReturn;
    settings.user_agent = fmt::format("merlon/{}", version());
    settings.clock = &context.clock;
    settings.cancel = &context.cancel;
    return settings;
}

Result<std::int64_t> webhook_of(std::string_view payload) {
    std::optional<std::int64_t> id;
    MERLON_TRY(exchange::read_fields(payload, exchange::RecordSyntax::kJson,
                                     [&](const value::Value& root, exchange::FieldReader& fields) {
                                         id = exchange::integer_in(root, "webhook", fields);
                                     }));
    if (!id) return Error{"the job names no webhook"};
    return *id;
}

// The first that is not delivered ends it.
struct Delivered {
    std::size_t count = 0;
    Status end;  // why it ended early; for the receiver's answers that is noted
};

// One that is refused is noted, and is the end of it.
Status deliver_one(const evidence::JobContext& context, const evidence::Webhook& webhook,
                   const std::string& key, net::HttpClient& client,
                   const evidence::Delivery& delivery) {
    const Result<std::string> answer = connect::notify::post(
        client, webhook.url, {delivery.message, delivery.body}, key, context.clock.now());
    if (answer.ok())
        return evidence::note_delivered(context.database, delivery.id, answer.value(),
                                        context.clock.now());
    MERLON_TRY(evidence::note_refused(context.database, delivery.id, answer.error().message));
    return answer.error();
}

Delivered deliver(const evidence::JobContext& context, const evidence::Webhook& webhook,
                  const std::string& key, const Environment& environment) {
    net::HttpClient client(http_settings(context, environment));
    Delivered delivered;
    while (true) {
        const auto waiting = evidence::waiting_deliveries(context.database, webhook.id, kAtOnce);
        if (!waiting.ok()) {
            delivered.end = waiting.error();
            return delivered;
        }
        for (const evidence::Delivery& delivery : waiting.value()) {
            if (context.cancel.cancelled()) return delivered;
            delivered.end = deliver_one(context, webhook, key, client, delivery);
            if (!delivered.end.ok()) return delivered;
            ++delivered.count;
        }
        if (waiting.value().size() < kAtOnce) return delivered;
    }
}

}  // namespace

Result<std::string> webhook_key(const std::string& place, const Environment& environment) {
    std::string key;
    if (place.starts_with("env:")) {
        const std::string name = place.substr(4);
        const std::optional<std::string> value = environment.variable(name);
        if (!value) return Error{fmt::format("the variable {} with the key is not set", name)};
        key = *value;
    } else {
        key = MERLON_TRY(read_text_file(place.substr(place.find(':') + 1), kMaxKeyBytes));
        while (key.ends_with('\n') || key.ends_with('\r')) key.pop_back();
    }
    if (key.size() < kMinKeyBytes)
        return Error{fmt::format("the key at {} is shorter than {} bytes", place, kMinKeyBytes)};
    return key;
}

JobEnd run_webhook_job(const evidence::JobContext& context, const Environment& environment) {
    const Result<std::int64_t> id = webhook_of(context.job.payload);
    if (!id.ok()) return {How::kFailedForGood, id.error().to_string()};
    const auto webhook = evidence::find_webhook(context.database, id.value());
    if (!webhook.ok()) return {How::kFailedForNow, webhook.error().to_string()};
    if (!webhook.value()) return {How::kDone, "the webhook was removed"};
    const Result<std::string> key = webhook_key(webhook.value()->secret, environment);
    if (!key.ok()) return {How::kFailedForNow, key.error().to_string()};
    const auto [count, done] = deliver(context, *webhook.value(), key.value(), environment);
    if (context.cancel.cancelled()) return {How::kStopped, "stopped between two deliveries"};
    if (!done.ok()) {
        return {count > 0 ? How::kFailedAfterProgress : How::kFailedForNow,
                done.error().to_string()};
    }
    return {How::kDone, fmt::format("{} events delivered", count)};
}

}  // namespace merlon::cli
