#include "net/http_url.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/uri.h"

namespace merlon::net {
namespace {

constexpr std::size_t kMaxUrlBytes = 8192;
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

Error wrong(std::string_view text, std::string_view why) {
    return Error{without_credentials(text) +
                 " is no address that can be fetched: " + std::string(why)};
}

bool is_host_character(char c) {
    c = to_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_address_character(char c) {
    c = to_lower(c);
    return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

// RFC 3986, section 3.2: "[address]:port" or "name:port".
Status read_host(std::string_view authority, std::string_view text, HttpUrl& url) {
    std::string_view port;
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        if (end == std::string_view::npos) return wrong(text, "a bracket is not closed");
        const std::string_view host = authority.substr(1, end - 1);
        if (host.empty() || !std::ranges::all_of(host, is_address_character)) {
            return wrong(text, "no address of IPv6 stands in the brackets");
        }
        url.host = lower_case(host);
        port = authority.substr(end + 1);
    } else {
        const std::size_t colon = authority.find(':');
        const std::string_view host = authority.substr(0, colon);
        if (host.empty()) return wrong(text, "it names no host");
        if (!std::ranges::all_of(host, is_host_character)) {
            return wrong(text, "expected letters, digits, dots and hyphens as host");
        }
        url.host = lower_case(host);
        port = colon == std::string_view::npos ? "" : authority.substr(colon);
    }
    url.port = url.is_https ? kHttpsPort : kHttpPort;
    if (port.empty() || port == ":") return {};
    const auto [end, code] = std::from_chars(port.data() + 1, port.data() + port.size(), url.port);
    if (!port.starts_with(':') || code != std::errc() || end != port.data() + port.size() ||
        url.port == 0) {
        return wrong(text, "expected a port from 1 to 65535");
    }
    return {};
}

// Where "user:password@" stands; where there is none, where it would.
struct UserPart {
    std::size_t begin = 0;
    std::size_t end = 0;
};
UserPart user_part(std::string_view text) {
    const std::size_t slashes = text.find("//");
    if (slashes == std::string_view::npos) return {};
    const std::size_t begin = slashes + 2;
    const std::size_t end = std::min(text.find_first_of("/?#", begin), text.size());
    const std::size_t at = text.substr(0, end).rfind('@');
    if (at == std::string_view::npos || at < begin) return {begin, begin};
    return {begin, at + 1};
}

}  // namespace

std::string HttpUrl::authority() const {
    std::string result = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != (is_https ? kHttpsPort : kHttpPort)) result += ":" + std::to_string(port);
    return result;
}

std::string HttpUrl::text() const {
    return (is_https ? "https://" : "http://") + authority() + target;
}

bool HttpUrl::is_same_origin(const HttpUrl& other) const {
    return is_https == other.is_https && host == other.host && port == other.port;
}

Result<HttpUrl> parse_http_url(std::string_view text) {
    if (text.size() > kMaxUrlBytes) return Error{"an address is longer than 8192 bytes"};
    if (std::ranges::any_of(text, [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return byte <= 0x20 || byte >= 0x7F || c == '"' || c == '<' || c == '>' || c == '\\';
        })) {
        return wrong(text, "it has a character that must be written as %XX");
    }
    const UriParts parts = parse_uri(text);
    HttpUrl url;
    const std::string scheme = lower_case(parts.scheme.value_or(""));
    if ((scheme != "http" && scheme != "https") || !parts.authority.has_value()) {
        return wrong(text, "expected http:// or https://");
    }
    url.is_https = scheme == "https";
    std::string_view authority = *parts.authority;
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        const std::string_view user = authority.substr(0, at);
        url.credentials = percent_decode(user);
        // RFC 7617, section 2: a user without a password has an empty one.
        if (!user.empty() && !user.contains(':')) url.credentials += ':';
        authority.remove_prefix(at + 1);
    }
    if (Status read = read_host(authority, text, url); !read.ok()) return read.error();
    url.target = parts.path.empty() ? "/" : std::string(parts.path);
    if (parts.query.has_value()) url.target += "?" + std::string(*parts.query);
    return url;
}

std::string without_credentials(std::string_view text) {
    const UserPart user = user_part(text);
    return std::string(text.substr(0, user.begin)) + std::string(text.substr(user.end));
}

std::string with_credentials_of(std::string_view text, std::string_view from) {
    const UserPart own = user_part(text);
    const UserPart given = user_part(from);
    const auto to = parse_http_url(text);
    const auto origin = parse_http_url(from);
    const bool is_wanted =
        own.begin == own.end && to.ok() && origin.ok() && to.value().is_same_origin(origin.value());
    if (!is_wanted) return std::string(text);
    return std::string(text.substr(0, own.begin)) +
           std::string(from.substr(given.begin, given.end - given.begin)) +
           std::string(text.substr(own.end));
}

}  // namespace merlon::net
