#pragma once

// IP addresses as Go's net package reads and writes them.
//
// Thread-safe: no state. Cost: linear.

#include <string>
#include <string_view>

namespace merlon::rego {

// net.ParseIP: no zone, no leading zeros.
bool is_ip_address(std::string_view text);
// Of 4 or 16 octets; what is mapped from IPv4 is written as IPv4.
std::string ip_text(std::string_view octets);

}  // namespace merlon::rego
