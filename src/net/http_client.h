#pragma once

// An HTTP/1.1 client (RFC 9110, RFC 9112): one request, its redirects, and the body as it comes.
//
// The idea: blocking, one connection for each request, over our own sockets. Feeds are few and
// large, so that neither a pool of connections nor an event loop would pay; Boost.Beast, which the
// design names, brings both and takes half a minute to compile, while what it does not bring
// (proxies, redirects, resuming, limits) is most of this room.
//
// A redirect never goes from https to http, and what identifies the caller is dropped where it
// leaves the host. Bodies are bounded in bytes and in time. No content coding is undone here: who
// resumes a download needs the bytes as they were sent.
//
// One thread at a time. Errors name the host, the step, and what to do; addresses in them are
// without credentials.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/tls.h"
#include "net/connection.h"
#include "net/http_url.h"
#include "net/proxy.h"
#include "net/response_parser.h"

namespace merlon::net {

enum class Redirects : std::uint8_t {
    kFollow,
    kReturn,  // a redirect is an answer
};

struct HttpSettings {
    crypto::TlsTrust trust;
    VariableLookup variable;  // of proxies; empty: none
    Timeouts timeouts;
    std::size_t max_head_bytes = ResponseParser::kDefaultMaxHeadBytes;
    std::uint64_t max_body_bytes = std::uint64_t{8} << 30;
    Redirects redirects = Redirects::kFollow;
    unsigned max_redirects = 10;
    std::string user_agent;
    // The name that the host's certificate has to be for; empty: that of the address.
    std::string tls_server_name;
    // Asked before each address, the redirects' too; empty: all are allowed.
    std::function<Status(const HttpUrl& url)> allows;
    const Clock* clock = &system_clock();
    const CancelToken* cancel = nullptr;  // may be null
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    // Names in lower case; not the ones that frame the request. `host` and `user-agent` stand in
    // the place of what would be sent else.
    std::vector<HeaderField> fields;
    std::string body;
};

struct HttpAnswer {
    ResponseHead head;
    std::string url;  // where the redirects led, without credentials
};

// Either may be empty.
struct AnswerVisitor {
    // Of the last answer, before its body.
    std::function<Status(const ResponseHead& head)> on_head;
    BodySink on_body;
};

class HttpClient {
  public:
    explicit HttpClient(HttpSettings settings);

    // Any status but a redirect is an answer. Fails where there is none, where it is cut off or too
    // long, and where the visitor fails; before anything is sent where the method or a field would
    // make another request of it on its way.
    Result<HttpAnswer> perform(const HttpRequest& request, const AnswerVisitor& visitor);

    // The body of a small document; fails for any status but 200.
    Result<std::string> get(const std::string& url, std::uint64_t max_bytes);

    const HttpSettings& settings() const { return settings_; }

  private:
    class Hop;
    // Whether the answer leads on to another address.
    bool goes_on(const ResponseHead& head) const;
    Result<Connection> connect(const HttpUrl& url, const std::optional<HttpUrl>& proxy,
                               const Waiting& waiting);
    Status open_tunnel(Connection& connection, const HttpUrl& url, const HttpUrl& proxy) const;
    Result<ResponseHead> exchange(const Hop& hop, const AnswerVisitor& visitor,
                                  const Waiting& waiting);
    Status start_tls(Connection& connection, const std::string& host);

    HttpSettings settings_;
    std::optional<crypto::TlsContext> tls_;  // made when it is first needed
};

// "404 Not Found"
std::string status_text(const ResponseHead& head);

// Whether the status is one that Location goes with (RFC 9110, section 15.4).
bool is_redirect(int status);

}  // namespace merlon::net
