#include "net/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"

namespace merlon::net {
namespace {

std::optional<std::string> named(const VariableLookup& variable, const std::string& lower_name,
                                 const std::string& upper_name) {
    for (const std::string& name : {lower_name, upper_name}) {
        const bool is_of_a_request = name == "HTTP_PROXY" && variable("REQUEST_METHOD").has_value();
        if (name.empty() || is_of_a_request) continue;
        auto value = variable(name);
        if (value.has_value() && !value->empty()) return value;
    }
    return std::nullopt;
}

struct Address {
    std::array<std::uint8_t, 16> bytes{};
    unsigned bits = 0;  // 32, 128; 0: none
};

Address parse_address(const std::string& text) {
    Address address;
    if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) address.bits = 32;
    if (address.bits == 0 && inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) {
        address.bits = 128;
    }
    return address;
}

bool shares_prefix(const Address& left, const Address& right, unsigned bits) {
    if (left.bits != right.bits || bits > left.bits) return false;
    for (unsigned i = 0; i < bits; ++i) {
        if (((left.bytes[i / 8] ^ right.bytes[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
    }
    return true;
}

// "10.0.0.0/8" of an address.
bool is_in_block(const Address& address, std::string_view entry) {
    const std::size_t slash = entry.find('/');
    const Address block = parse_address(std::string(entry.substr(0, slash)));
    unsigned bits = 0;
    const std::string_view digits = entry.substr(slash + 1);
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    return code == std::errc() && end == digits.data() + digits.size() && block.bits != 0 &&
           shares_prefix(address, block, bits);
}

bool is_named_by(const HttpUrl& url, const Address& address, std::string_view entry) {
    if (entry == "*") return true;
    if (entry.find('/') != std::string_view::npos) {
        return address.bits != 0 && is_in_block(address, entry);
    }
    if (entry.starts_with('[')) {
        const std::size_t end = entry.find(']');
        if (end == std::string_view::npos) return false;
        const std::string_view port = entry.substr(end + 1);
        if (!port.empty() && port != ":" + std::to_string(url.port)) return false;
        entry = entry.substr(1, end - 1);
    } else if (std::ranges::count(entry, ':') == 1) {
        const std::size_t colon = entry.find(':');
        if (entry.substr(colon + 1) != std::to_string(url.port)) return false;
        entry = entry.substr(0, colon);
    }
    if (address.bits != 0) {
        const Address other = parse_address(std::string(entry));
        return other.bits != 0 && shares_prefix(address, other, address.bits);
    }
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    if (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty() || entry.size() > url.host.size()) return false;
    const std::size_t begin = url.host.size() - entry.size();
    return equal_without_case(std::string_view(url.host).substr(begin), entry) &&
           (begin == 0 || url.host[begin - 1] == '.');
}

}  // namespace

bool is_excepted(const HttpUrl& url, std::string_view no_proxy) {
    const Address address = parse_address(url.host);
    while (!no_proxy.empty()) {
        const std::size_t end = std::min(no_proxy.find_first_of(", \t"), no_proxy.size());
        const std::string_view entry = no_proxy.substr(0, end);
        if (!entry.empty() && is_named_by(url, address, entry)) return true;
        no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
    }
    return false;
}

Result<std::optional<HttpUrl>> proxy_for(const HttpUrl& url, const VariableLookup& variable) {
    auto text = url.is_https ? named(variable, "https_proxy", "HTTPS_PROXY")
                             : named(variable, "http_proxy", "HTTP_PROXY");
    if (!text.has_value()) text = named(variable, "all_proxy", "ALL_PROXY");
    if (!text.has_value()) return std::optional<HttpUrl>();
    if (is_excepted(url, named(variable, "no_proxy", "NO_PROXY").value_or(""))) {
        return std::optional<HttpUrl>();
    }
    if (text->find("://") == std::string::npos) text = "http://" + *text;
    auto proxy = parse_http_url(*text);
    if (!proxy.ok()) {
        return std::move(proxy).error().within("reading the variables of the proxy");
    }
    return std::optional(std::move(proxy).value());
}

}  // namespace merlon::net
