#include "connect/notify/webhook.h"

#include <fmt/core.h>

#include "crypto/digest.h"
#include "net/http_url.h"
#include "text/base64.h"

namespace merlon::connect::notify {
namespace {

bool is_this_machine(std::string_view host) {
    return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

}  // namespace

std::string signature_of(const WebhookMessage& message, std::int64_t timestamp_s,
                         std::string_view key) {
    const std::string signed_text = fmt::format("{}.{}.{}", message.id, timestamp_s, message.body);
    return "v1," + text::encode_base64(crypto::hmac_sha256(key, signed_text),
                                       text::Base64Alphabet::kStandard);
}

Status check_address(std::string_view url) {
    const net::HttpUrl parsed = MERLON_TRY(net::parse_http_url(url));
    if (!parsed.credentials.empty())
        return Error{"a webhook's address has no user and password: it is shown to who asks"};
    if (parsed.is_https || is_this_machine(parsed.host)) return {};
    return Error{fmt::format("{}: a webhook is told of over https, or on this machine",
                             net::without_credentials(url))};
}

Result<std::string> post(net::HttpClient& client, const std::string& url,
                         const WebhookMessage& message, std::string_view key, Timestamp now) {
    MERLON_TRY(check_address(url));
    const std::int64_t now_s = now.nanoseconds / 1'000'000'000;
    const net::HttpRequest request{
        .method = "POST",
        .url = url,
        .fields = {{"content-type", "application/json"},
                   {"webhook-id", message.id},
                   {"webhook-timestamp", std::to_string(now_s)},
                   {"webhook-signature", signature_of(message, now_s, key)}},
        .body = message.body};
    const net::HttpAnswer answer = MERLON_TRY(client.perform(request, {}));
    std::string status = net::status_text(answer.head);
    if (answer.head.status / 100 == 2) return status;
    return Error{fmt::format("{} answered {}", net::without_credentials(url), status)};
}

}  // namespace merlon::connect::notify
