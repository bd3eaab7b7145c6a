#pragma once

// URLs as Go's net/url reads them (url.Parse): RFC 3986 with Go's leniency and Go's errors, which
// policies see.
//
// Thread-safe: no state. Cost: one pass for each part.

#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::rego {

struct GoUrl {
    std::string scheme;
    std::string host;  // without port and without the brackets of an IPv6 address
    std::string port;
    std::string path;      // unescaped
    std::string raw_path;  // as it was written, where escaping `path` again would give another text
    std::string raw_query;
    std::string fragment;  // unescaped
};

// The error's text is Go's: `parse "…": invalid port ":x" after host`.
Result<GoUrl> parse_url(std::string_view text);

}  // namespace merlon::rego
