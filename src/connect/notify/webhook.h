#pragma once

// Tells a webhook of something: one signed POST, as Standard Webhooks has it
// (github.com/standard-webhooks/standard-webhooks, "Webhook Headers", "Signature scheme").
//
// The idea: `webhook-id` names the message and stays the same when it is sent again, so that a
// receiver can drop what it has had; `webhook-timestamp` is when this attempt was made, so that it
// can refuse what somebody recorded; `webhook-signature` is "v1," and the HMAC-SHA256 over
// "id.timestamp.body" in base64. Redirects are not followed: the address was chosen by a person.
// Without TLS only this machine is told anything.
//
// Not thread-safe. Errors name the host and what it answered, never the key.

#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http_client.h"

namespace merlon::connect::notify {

struct WebhookMessage {
    std::string id;
    std::string body;  // JSON
};

// The value of `webhook-signature`.
std::string signature_of(const WebhookMessage& message, std::int64_t timestamp_s,
                         std::string_view key);

// Fails for what is no address that a webhook may have.
Status check_address(std::string_view url);

// The receiver's answer ("204 No Content"); fails unless it is one of the 2xx.
Result<std::string> post(net::HttpClient& client, const std::string& url,
                         const WebhookMessage& message, std::string_view key, Timestamp now);

}  // namespace merlon::connect::notify
