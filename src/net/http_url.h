#pragma once

// Addresses of HTTP: "http" and "https" URIs (RFC 9110, section 4.2), taken apart as a client needs
// them.
//
// The idea: strict, because an address decides who gets a secret: what is no plain host, port and
// target is refused, control characters and spaces first of all. Credentials inside of an address
// are taken out of it, so that no message and no redirect shows them.
//
// Value type, thread-safe. Cost: linear.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::net {

struct HttpUrl {
    bool is_https = false;
    std::string host;  // lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;
    std::string target;       // "/path?query", at least "/"
    std::string credentials;  // "user:password" or "user:", decoded; empty: none

    // "host", with the port where it is not the scheme's; an IPv6 address in brackets.
    std::string authority() const;
    // The address without credentials: what is shown, stored and resolved against.
    std::string text() const;
    // RFC 6454: where scheme, host and port are the same.
    bool is_same_origin(const HttpUrl& other) const;
    bool operator==(const HttpUrl&) const = default;
};

// Fails for other schemes, too.
Result<HttpUrl> parse_http_url(std::string_view text);

// `text` with the user and password of `from` where both are of one origin and it has none itself:
// a redirect within a host keeps them.
std::string with_credentials_of(std::string_view text, std::string_view from);

// The address without user and password, whatever else is wrong with it: for messages.
std::string without_credentials(std::string_view text);

}  // namespace merlon::net
