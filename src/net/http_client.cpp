#include "net/http_client.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/uri.h"
#include "text/base64.h"

namespace merlon::net {
namespace {

constexpr int kProxyAuthenticationRequired = 407;

// What identifies the caller, and so stays with the host that it was meant for.
constexpr std::array<std::string_view, 3> kPrivateFields{"authorization", "cookie",
                                                         "proxy-authorization"};

std::string basic(const std::string& credentials) {
    return "Basic " + text::encode_base64(credentials, text::Base64Alphabet::kStandard);
}

// RFC 9110, sections 5.1, 5.5 and 9.1: what would end a line early, or frame another request, is
// not sent.
Status check_request(const HttpRequest& request) {
    if (!is_token(request.method)) {
        return Error{"the method is none: expected a word such as GET, of letters and digits"};
    }
    constexpr std::string_view kOfTheClient[] = {"connection", "content-length",
                                                 "transfer-encoding"};
    for (const HeaderField& field : request.fields) {
        if (!is_token(field.name)) {
            return Error{"a header's name is none: expected letters, digits and '-'"};
        }
        if (!is_field_value(field.value)) {
            return Error{"the header " + field.name +
                         " has a control character, such as the end of a line; remove it"};
        }
        if (std::ranges::find(kOfTheClient, field.name) != std::end(kOfTheClient)) {
            return Error{"the header " + field.name + " is not the caller's to set"};
        }
    }
    return {};
}

// Receives until the head is whole, then calls `on_head`, then on to the end.
Status read_answer(Connection& connection, ResponseParser& parser,
                   const std::function<Status()>& on_head, const BodySink& on_body) {
    std::string bytes;
    bool told = false;
    while (!parser.is_complete()) {
        bytes.clear();
        const auto received = MERLON_TRY(connection.receive(bytes));
        if (received == Connection::Received::kEnd) return parser.close();
        if (received == Connection::Received::kCut) {
            return Error{"the connection was cut off before the answer had ended"};
        }
        for (std::string_view rest = bytes; !rest.empty() && !parser.is_complete();) {
            rest.remove_prefix(MERLON_TRY(parser.take(rest, on_body)));
            if (!told && parser.has_head()) {
                told = true;
                if (Status wanted = on_head(); !wanted.ok()) return wanted;
            }
        }
    }
    return {};
}

// RFC 9110, section 15.4: what becomes of the request when it goes on to another address.
Result<HttpUrl> follow(const HttpUrl& from, const ResponseHead& head, HttpRequest& request) {
    const std::string location = resolve_uri(from.text(), head.field("location"));
    HttpUrl to = MERLON_TRY(parse_http_url(location));
    if (from.is_https && !to.is_https) {
        return Error{from.authority() + " leads to " + to.text() +
                     ", which is not encrypted; that is not followed"};
    }
    if (!to.is_same_origin(from)) {
        std::erase_if(request.fields, [](const HeaderField& field) {
            return std::ranges::find(kPrivateFields, field.name) != kPrivateFields.end();
        });
    } else if (to.credentials.empty()) {
        to.credentials = from.credentials;
    }
    const bool keeps_method = head.status == 307 || head.status == 308;
    if (!keeps_method) {
        if (request.method != "HEAD") request.method = "GET";
        request.body.clear();
    }
    return to;
}

}  // namespace

std::string status_text(const ResponseHead& head) {
    // What a server calls its status comes from outside; a terminal should not obey it.
    std::string reason = head.reason.substr(0, 100);
    std::erase_if(reason, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    return std::to_string(head.status) + (reason.empty() ? "" : " " + reason);
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// One request to one address.
class HttpClient::Hop {
  public:
    Hop(const HttpRequest& request_made, const HttpUrl& url_asked,
        const std::optional<HttpUrl>& proxy_used)
        : request(request_made), url(url_asked), proxy(proxy_used) {}

    const HttpRequest& request;
    const HttpUrl& url;
    const std::optional<HttpUrl>& proxy;

    std::string text(const HttpSettings& settings) const {
        // RFC 9112, section 3.2.2: a proxy is told the whole address, unless it only tunnels.
        const bool is_forwarded = proxy.has_value() && !url.is_https;
        std::string text = request.method + " " + (is_forwarded ? url.text() : url.target) +
                           " HTTP/1.1\r\nconnection: close\r\n";
        if (!has("host")) text += "host: " + url.authority() + "\r\n";
        if (!settings.user_agent.empty() && !has("user-agent"))
            text += "user-agent: " + settings.user_agent + "\r\n";
        if (!url.credentials.empty()) text += "authorization: " + basic(url.credentials) + "\r\n";
        if (is_forwarded && !proxy->credentials.empty()) {
            text += "proxy-authorization: " + basic(proxy->credentials) + "\r\n";
        }
        for (const HeaderField& field : request.fields) {
            text += field.name + ": " + field.value + "\r\n";
        }
        // RFC 9110, section 8.6: a method that has a body says that this one is empty.
        const bool wants_body =
            request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
        if (!request.body.empty() || wants_body) {
            text += "content-length: " + std::to_string(request.body.size()) + "\r\n";
        }
        return text + "\r\n" + request.body;
    }

  private:
    bool has(std::string_view name) const {
        return std::ranges::find(request.fields, name, &HeaderField::name) != request.fields.end();
    }
};

HttpClient::HttpClient(HttpSettings settings) : settings_(std::move(settings)) {
    if (!settings_.variable) settings_.variable = [](const std::string&) { return std::nullopt; };
}

Status HttpClient::start_tls(Connection& connection, const std::string& host) {
    if (!tls_.has_value()) tls_ = MERLON_TRY(crypto::TlsContext::make(settings_.trust));
    Status started = connection.start_tls(*tls_, host);
    if (started.ok()) return started;
    Error error = std::move(started).error();
    if (error.message.starts_with("the certificate")) {
        error.message +=
            "; where an authority of your own signs, name its file (SSL_CERT_FILE, --ca-file)";
    }
    return error;
}

// RFC 9110, section 9.3.6.
Status HttpClient::open_tunnel(Connection& connection, const HttpUrl& url,
                               const HttpUrl& proxy) const {
    // The port is always said here.
    const std::string host =
        url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
    const std::string target = host + ":" + std::to_string(url.port);
    std::string text = "CONNECT " + target + " HTTP/1.1\r\nhost: " + target + "\r\n";
    if (!settings_.user_agent.empty()) text += "user-agent: " + settings_.user_agent + "\r\n";
    if (!proxy.credentials.empty()) {
        text += "proxy-authorization: " + basic(proxy.credentials) + "\r\n";
    }
    if (Status sent = connection.send(text + "\r\n"); !sent.ok()) return sent;
    ResponseParser parser(RequestForm::kConnect, settings_.max_head_bytes);
    const auto refuse_unless_open = [&]() -> Status {
        if (parser.head().status / 100 == 2) return {};
        const bool wants_credentials = parser.head().status == kProxyAuthenticationRequired;
        return Error{"the proxy " + proxy.authority() + " opens no way to " + target + ": " +
                     status_text(parser.head()) +
                     (wants_credentials
                          ? "; give it credentials: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT"
                          : "")};
    };
    return read_answer(connection, parser, refuse_unless_open,
                       [](std::string_view) { return Status(); });
}

Result<Connection> HttpClient::connect(const HttpUrl& url, const std::optional<HttpUrl>& proxy,
                                       const Waiting& waiting) {
    const HttpUrl& first = proxy.has_value() ? *proxy : url;
    auto opened = Connection::open(first.host, first.port, waiting);
    if (!opened.ok()) {
        return proxy.has_value() ? std::move(opened).error().within("reaching the proxy")
                                 : std::move(opened).error();
    }
    Connection& connection = opened.value();
    if (proxy.has_value() && proxy->is_https) {
        if (Status started = start_tls(connection, proxy->host); !started.ok()) {
            return std::move(started).error().within("reaching the proxy");
        }
    }
    if (proxy.has_value() && url.is_https) {
        if (Status open = open_tunnel(connection, url, *proxy); !open.ok()) return open.error();
    }
    if (url.is_https) {
        const std::string& name =
            settings_.tls_server_name.empty() ? url.host : settings_.tls_server_name;
        if (Status started = start_tls(connection, name); !started.ok()) return started.error();
    }
    return std::move(opened).value();
}

bool HttpClient::goes_on(const ResponseHead& head) const {
    return settings_.redirects == Redirects::kFollow && is_redirect(head.status) &&
           !head.field("location").empty();
}

Result<ResponseHead> HttpClient::exchange(const Hop& hop, const AnswerVisitor& visitor,
                                          const Waiting& waiting) {
    Connection connection = MERLON_TRY(connect(hop.url, hop.proxy, waiting));
    if (Status sent = connection.send(hop.text(settings_)); !sent.ok()) return sent.error();
    const bool is_head = hop.request.method == "HEAD";
    ResponseParser parser(is_head ? RequestForm::kHead : RequestForm::kGet,
                          settings_.max_head_bytes);
    bool is_wanted = false;
    std::uint64_t body_bytes = 0;
    const auto on_head = [&]() -> Status {
        const ResponseHead& head = parser.head();
        if (head.status == kProxyAuthenticationRequired && hop.proxy.has_value()) {
            return Error{"the proxy " + hop.proxy->authority() +
                         " wants credentials: HTTP_PROXY=http://USER:PASSWORD@HOST:PORT"};
        }
        is_wanted = !goes_on(head);
        if (!is_wanted) return {};
        if (parser.length().value_or(0) > settings_.max_body_bytes) {
            return Error{"the answer has " + std::to_string(*parser.length()) +
                         " bytes; allowed are " + std::to_string(settings_.max_body_bytes)};
        }
        return visitor.on_head ? visitor.on_head(head) : Status();
    };
    const auto on_body = [&](std::string_view bytes) -> Status {
        body_bytes += bytes.size();
        if (body_bytes > settings_.max_body_bytes) {
            return Error{"the answer is longer than the allowed " +
                         std::to_string(settings_.max_body_bytes) + " bytes"};
        }
        return is_wanted && visitor.on_body ? visitor.on_body(bytes) : Status();
    };
    if (Status read = read_answer(connection, parser, on_head, on_body); !read.ok()) {
        return read.error();
    }
    return parser.head();
}

Result<HttpAnswer> HttpClient::perform(const HttpRequest& request, const AnswerVisitor& visitor) {
    MERLON_TRY(check_request(request));
    const Waiting waiting(*settings_.clock, settings_.cancel, settings_.timeouts);
    HttpRequest current = request;
    HttpUrl url = MERLON_TRY(parse_http_url(request.url));
    for (unsigned hops = 0;; ++hops) {
        const std::string doing = "fetching " + url.text();
        if (settings_.allows) MERLON_TRY(settings_.allows(url));
        auto proxy = proxy_for(url, settings_.variable);
        if (!proxy.ok()) return std::move(proxy).error().within(doing);
        auto head = exchange({current, url, proxy.value()}, visitor, waiting);
        if (!head.ok()) return std::move(head).error().within(doing);
        if (!goes_on(head.value())) {
            return HttpAnswer{std::move(head).value(), url.text()};
        }
        if (hops >= settings_.max_redirects) {
            return Error{"more than " + std::to_string(settings_.max_redirects) +
                         " redirects; the last one leads from " + url.text()};
        }
        auto next = follow(url, head.value(), current);
        if (!next.ok()) return std::move(next).error().within("following a redirect");
        url = std::move(next).value();
    }
}

Result<std::string> HttpClient::get(const std::string& url, std::uint64_t max_bytes) {
    std::string body;
    const auto on_body = [&](std::string_view bytes) -> Status {
        if (body.size() + bytes.size() > max_bytes) {
            return Error{"the answer is longer than the allowed " + std::to_string(max_bytes) +
                         " bytes"};
        }
        body += bytes;
        return {};
    };
    HttpRequest request;
    request.url = url;
    const HttpAnswer answer = MERLON_TRY(perform(request, {{}, on_body}));
    if (answer.head.status != 200) {
        return Error{answer.url + ": the server answers " + status_text(answer.head)};
    }
    return body;
}

}  // namespace merlon::net
