#pragma once

// IP addresses as Go's net package reads and writes them.
//
// Thread-safe: no state. Cost: linear.

#include <optional>
#include <string>
#include <string_view>

#include "base/recycled.h"

namespace merlon::rego {

// net.ParseIP: no zone, no leading zeros.
bool is_ip_address(std::string_view text);
// What net/netip's ParseAddr has against the text, which may have a zone; nothing: it is an
// address.
std::optional<std::string> address_problem(std::string_view text);
// The address in Go's form; nothing where it is none.
std::optional<std::string> address_in_go_form(std::string_view text);
// Of 4 or 16 octets; what is mapped from IPv4 is written as IPv4.
RecycledString ip_text(std::string_view octets);

// net.ParseCIDR, with the addresses as octets, the most significant first.
struct IpNetwork {
    std::string address;  // as it was written
    std::string first;
    std::string last;
    int prefix = 0;
    int bits = 0;
};
std::optional<IpNetwork> read_ip_network(std::string_view text);

}  // namespace merlon::rego
