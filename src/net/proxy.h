#pragma once

// Which proxy an address is fetched through: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, as
// curl and Go read them.
//
// The idea: lower case before upper case; upper-case HTTP_PROXY is not read where REQUEST_METHOD is
// set, because a web server makes that variable of a request's header (httpoxy.org). NO_PROXY is a
// list of names (with everything below them), addresses, blocks of addresses, each with a port or
// without, or "*".
//
// Thread-safe: no state. Cost: linear in the list.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_url.h"

namespace merlon::net {

using VariableLookup = std::function<std::optional<std::string>(const std::string& name)>;

// Nothing: straight to the host. Fails for a proxy that is no http:// or https:// address; one
// without a scheme is http.
Result<std::optional<HttpUrl>> proxy_for(const HttpUrl& url, const VariableLookup& variable);

// Whether `no_proxy` names the host.
bool is_excepted(const HttpUrl& url, std::string_view no_proxy);

}  // namespace merlon::net
