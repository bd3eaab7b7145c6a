#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/recycled.h"
#include "base/stable_sort.h"
#include "rego/builtins.h"
#include "rego/go_address.h"
#include "rego/go_cidr_merge.h"

// Networks (OPA: cidr.go). Nothing here asks a name server or opens a connection.

namespace merlon::rego {
namespace {

using value::Value;

__extension__ using Number = unsigned __int128;

// An address as a number of 32 or 128 bits.
struct Address {
    Number number = 0;
    bool is_v4 = false;

    int bits() const { return is_v4 ? 32 : 128; }
};

struct Network {
    Address address;  // as it was written; the host's bits may be set
    int prefix = 0;

    Number host_mask() const {
        const int host_bits = address.bits() - prefix;
        return host_bits == 128 ? ~Number{0} : (Number{1} << host_bits) - 1;
    }
    Number first() const { return address.number & ~host_mask(); }
    Number last() const { return address.number | host_mask(); }
};

Number from_bytes(std::span<const unsigned char> bytes) {
    Number number = 0;
    for (const unsigned char byte : bytes) number = number << 8 | byte;
    return number;
}

// net.ParseIP: no zone, no leading zeros. What is mapped from IPv4 is IPv4, as Go treats it.
std::optional<Address> read_address(std::string_view text) {
    const RecycledString terminated(text);
    if (terminated.find('\0') != RecycledString::npos) return std::nullopt;
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
        return Address{from_bytes(std::span(bytes).first(4)), true};
    }
    if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) != 1) return std::nullopt;
    const Number number = from_bytes(bytes);
    if (number >> 32 == 0xFFFF) return Address{number & 0xFFFFFFFF, true};
    return Address{number, false};
}

// net.ParseCIDR; nothing where it is none.
std::optional<Network> find_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto address = read_address(text.substr(0, slash));
    if (!address) return std::nullopt;
    const std::string_view digits = text.substr(slash + 1);
    int prefix = 0;
    const auto [end, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    const bool is_mapped = address->is_v4 && text.substr(0, slash).find(':') != text.npos;
    const int bits = is_mapped ? 128 : address->bits();
    const bool is_whole = failed == std::errc{} && end == digits.data() + digits.size();
    if (!is_whole || digits.starts_with('-') || prefix < 0 || prefix > bits) return std::nullopt;
    if (!is_mapped) return Network{*address, prefix};
    constexpr int kMappedPrefix = 96;
    if (prefix >= kMappedPrefix) return Network{*address, prefix - kMappedPrefix};
    // So wide a network holds more than what is mapped.
    return Network{{address->number | Number{0xFFFF} << 32, false}, prefix};
}

// The same; the error has Go's text.
Result<Network> read_network(std::string_view text) {
    const auto network = find_network(text);
    if (!network) return Error{"invalid CIDR address: " + std::string(text)};
    return *network;
}

RecycledString v6_text(Number number) {
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i) {
        groups[i] = static_cast<unsigned>(number >> (112 - 16 * i) & 0xFFFF);
    }
    // RFC 5952, section 4.2: the first longest run of two zeros or more becomes "::".
    std::size_t best = 8;
    std::size_t best_length = 1;
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t length = 0;
        while (i + length < 8 && groups[i + length] == 0) ++length;
        if (length > best_length) {
            best = i;
            best_length = length;
        }
    }
    RecycledString text;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == best) {
            text += "::";
            i += best_length - 1;
            continue;
        }
        if (!text.empty() && !text.ends_with(':')) text += ':';
        std::array<char, 4> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + 4, groups[i], 16).ptr;
        text.append(digits.data(), end);
    }
    return text;
}

RecycledString address_text(Number number, bool is_v4) {  // NOLINT: a value, not an option
    if (!is_v4) return v6_text(number);
    RecycledString text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (!text.empty()) text += '.';
        text += std::to_string(static_cast<unsigned>(number >> shift & 0xFF));
    }
    return text;
}

RecycledString network_text(Number first, int prefix, bool is_v4) {  // NOLINT: a value
    RecycledString text = address_text(first, is_v4);
    text += '/';
    text += std::to_string(prefix);
    return text;
}

bool holds(const Network& network, const Address& address) {
    return network.address.is_v4 == address.is_v4 && network.first() <= address.number &&
           address.number <= network.last();
}

Outcome cidr_intersects(Context& context, Operands operands) {
    const auto left = read_network(operands[0].as_string());
    if (!left.ok()) return context.error(left.error().message);
    if (!operands[1].is_string()) return context.wrong_kind(1, operands[1], {"string"});
    const auto right = read_network(operands[1].as_string());
    if (!right.ok()) return context.error(right.error().message);
    const Network& a = left.value();
    const Network& b = right.value();
    return context.boolean(a.address.is_v4 == b.address.is_v4 && a.first() <= b.last() &&
                           b.first() <= a.last());
}

Result<bool> contains(const Network& outer, std::string_view inner_text) {
    if (const auto address = read_address(inner_text)) return holds(outer, *address);
    const auto inner = read_network(inner_text);
    if (!inner.ok()) {
        return Error{"not a valid textual representation of an IP address or CIDR: " +
                     std::string(inner_text)};
    }
    const Network& network = inner.value();
    const bool is_v4 = network.address.is_v4;
    return holds(outer, {network.first(), is_v4}) && holds(outer, {network.last(), is_v4});
}

// OPA calls both of them operand 1.
Outcome contains_operand(Context& context, const Value& outer_value, const Value& inner) {
    if (!outer_value.is_string()) return context.wrong_kind(1, outer_value, {"string"});
    const auto outer = read_network(outer_value.as_string());
    if (!outer.ok()) return context.error(outer.error().message);
    if (!inner.is_string()) return context.wrong_kind(1, inner, {"string"});
    const auto answer = contains(outer.value(), inner.as_string());
    if (!answer.ok()) return context.error(answer.error().message);
    return context.boolean(answer.value());
}

Outcome cidr_contains(Context& context, Operands operands) {
    return contains_operand(context, operands[0], operands[1]);
}

// Hands on each network of an operand and what it is called in the result. False after an error.
template <typename Take>
bool each_network(Context& context, const Value& operand, std::size_t place, const Take& take) {
    const auto add = [&](const Value& element, const Value& name) {
        if (element.is_string()) return take(element, name);
        if (element.is_array() && element.size() > 0) return take(element.items()[0], name);
        static_cast<void>(context.error("operand " + std::to_string(place) +
                                        ": element must be string or non-empty array"));
        return false;
    };
    if (operand.is_string()) return add(operand, operand);
    if (operand.is_object()) {
        for (std::size_t i = 0; i < operand.size(); ++i) {
            if (!add(operand.values()[i], operand.keys()[i])) return false;
        }
        return true;
    }
    if (!operand.is_array() && !operand.is_set()) return true;
    for (std::size_t i = 0; i < operand.size(); ++i) {
        const Value& item = operand.items()[i];
        const Value name = operand.is_set() ? item : context.integer(static_cast<std::int64_t>(i));
        if (!add(item, name)) return false;
    }
    return true;
}

Outcome cidr_contains_matches(Context& context, Operands operands) {
    RecycledVector<Value> pairs;
    const auto compare = [&](const Value& outer, const Value& outer_name) {
        return each_network(context, operands[1], 2,
                            [&](const Value& inner, const Value& inner_name) {
                                const Outcome answer = contains_operand(context, outer, inner);
                                if (!answer.ok()) return false;
                                if (!answer.value().as_boolean()) return true;
                                const Value pair[] = {outer_name, inner_name};
                                pairs.push_back(context.builder.array(pair));
                                return true;
                            });
    };
    if (!each_network(context, operands[0], 1, compare)) return Outcome::error();
    return context.builder.set(pairs);
}

Outcome cidr_expand(Context& context, Operands operands) {
    constexpr Number kMaxAddresses = Number{1} << 22;
    const auto network = read_network(operands[0].as_string());
    if (!network.ok()) return context.error(network.error().message);
    if (network.value().host_mask() >= kMaxAddresses) {
        return context.fail(ErrorKind::kLimit, "more addresses than memory is given for");
    }
    RecycledVector<Value> addresses;
    for (Number number = network.value().first();; ++number) {
        addresses.push_back(context.string(address_text(number, network.value().address.is_v4)));
        if (number == network.value().last()) break;
    }
    return context.builder.set(addresses);
}

Outcome cidr_is_valid(Context& context, Operands operands) {
    return context.boolean(operands[0].is_string() &&
                           find_network(operands[0].as_string()).has_value());
}

// What is merged: a network as it was written, or a range that several have become.
struct Range {
    CidrRange octets;
    std::optional<RecycledString> text;  // as it was written
    Number first;
    Number last;
    bool is_v4;
};

RecycledString octets_of(Number number, int bits) {
    RecycledString made;
    for (int shift = bits - 8; shift >= 0; shift -= 8) {
        made += static_cast<char>(static_cast<unsigned char>(number >> shift));
    }
    return made;
}

struct Mergeable {
    Network network;
    CidrBlock block;
};

Result<Mergeable> network_or_address(std::string_view text) {
    constexpr Number kMapped = Number{0xFFFF} << 32;
    const auto address = read_address(text);
    if (!address) {
        Network network = MERLON_TRY(read_network(text));
        const int bits = network.address.bits();
        network.address.number = network.first();
        // Go keeps what is mapped from version 4 as it was written.
        const bool is_mapped = network.address.is_v4 && text.contains(':');
        if (!is_mapped) {
            return Mergeable{network,
                             {octets_of(network.first(), bits), network.prefix,
                              static_cast<std::size_t>(bits) / 8}};
        }
        return Mergeable{network,
                         {octets_of(network.first() | kMapped, 128), network.prefix + 96, 16}};
    }
    if (!address->is_v4) return Error{"IPv6 invalid: needs prefix length"};
    // The classes of addresses (RFC 791, section 3.2).
    const auto top = static_cast<unsigned>(address->number >> 24);
    const int prefix = top < 0x80 ? 8 : top < 0xC0 ? 16 : 24;
    return Mergeable{{*address, prefix}, {octets_of(address->number | kMapped, 128), prefix, 4}};
}

// The fewest networks that are the range.
void append_networks(Context& context, const Range& range, RecycledVector<Value>& out) {
    const int bits = range.is_v4 ? 32 : 128;
    for (Number first = range.first;;) {
        int host_bits = 0;
        while (host_bits < bits) {
            const Number mask =
                host_bits + 1 == 128 ? ~Number{0} : (Number{1} << (host_bits + 1)) - 1;
            if ((first & mask) != 0 || mask > range.last - first) break;
            ++host_bits;
        }
        out.push_back(context.string(network_text(first, bits - host_bits, range.is_v4)));
        const Number mask = host_bits == 128 ? ~Number{0} : (Number{1} << host_bits) - 1;
        if (range.last - first <= mask) return;
        first += mask + 1;
    }
}

// Both in one; of different versions, version 4 lies inside of version 6, at ::ffff:0:0.
Range joined(const Range& below, const Range& range) {
    const bool is_v4 = below.is_v4 && range.is_v4;
    const auto place = [is_v4](const Range& one, Number number) {
        return one.is_v4 && !is_v4 ? number | Number{0xFFFF} << 32 : number;
    };
    return {{std::min(below.octets.first, range.octets.first), range.octets.last},
            std::nullopt,
            std::min(place(below, below.first), place(range, range.first)),
            std::max(place(below, below.last), place(range, range.last)),
            is_v4};
}

Outcome cidr_merge(Context& context, Operands operands) {
    if (!operands[0].is_array() && !operands[0].is_set()) {
        return context.error("operand must be an array");
    }
    RecycledVector<Range> ranges;
    for (const Value& item : operands[0].items()) {
        if (!item.is_string()) return context.error("element must be string");
        const auto read = network_or_address(item.as_string());
        if (!read.ok()) return context.error(read.error().message);
        const Network& network = read.value().network;
        const auto octets = range_of(read.value().block);
        if (!octets) return context.error("a network has a mask of another length");
        ranges.push_back(
            {*octets, network_text(network.address.number, network.prefix, network.address.is_v4),
             network.first(), network.last(), network.address.is_v4});
    }
    sort_stably(std::span(ranges), [](const Range& a, const Range& b) {
        return a.octets.last != b.octets.last ? a.octets.last < b.octets.last
                                              : a.octets.first < b.octets.first;
    });
    for (std::size_t i = ranges.size(); i-- > 1;) {
        if (!joins(ranges[i - 1].octets, ranges[i].octets)) continue;
        ranges[i - 1] = joined(ranges[i - 1], ranges[i]);
        ranges.erase(ranges.begin() + static_cast<std::ptrdiff_t>(i));
    }
    RecycledVector<Value> merged;
    for (const Range& range : ranges) {
        if (range.text) {
            merged.push_back(context.string(*range.text));
        } else if (const auto blocks = blocks_of(range.octets)) {
            for (const CidrBlock& block : *blocks) {
                merged.push_back(context.string(block_text(block)));
            }
        } else {
            append_networks(context, range, merged);  // where OPA ends
        }
    }
    return context.builder.set(merged);
}

constexpr Builtin kNetworkBuiltins[] = {
    {"net.cidr_intersects", "sv", cidr_intersects},
    {"net.cidr_contains", "sv", cidr_contains},
    {"net.cidr_overlap", "sv", cidr_contains},
    {"net.cidr_contains_matches", "vv", cidr_contains_matches},
    {"net.cidr_expand", "s", cidr_expand},
    {"net.cidr_merge", "v", cidr_merge},
    {"net.cidr_is_valid", "v", cidr_is_valid},
};

}  // namespace

std::optional<std::string> address_in_go_form(std::string_view text) {
    const auto address = read_address(text);
    if (!address) return std::nullopt;
    return std::string(address_text(address->number, address->is_v4));
}

bool is_ip_address(std::string_view text) { return read_address(text).has_value(); }

RecycledString ip_text(std::string_view octets) {
    const Number number =
        from_bytes({reinterpret_cast<const unsigned char*>(octets.data()), octets.size()});
    const bool is_v4 = octets.size() == 4 || number >> 32 == 0xFFFF;
    return address_text(is_v4 ? number & 0xFFFFFFFF : number, is_v4);
}

std::optional<IpNetwork> read_ip_network(std::string_view text) {
    const auto network = read_network(text);
    if (!network.ok()) return std::nullopt;
    const int bits = network.value().address.bits();
    return IpNetwork{std::string(octets_of(network.value().address.number, bits)),
                     std::string(octets_of(network.value().first(), bits)),
                     std::string(octets_of(network.value().last(), bits)), network.value().prefix,
                     bits};
}

std::span<const Builtin> network_builtins() { return kNetworkBuiltins; }

}  // namespace merlon::rego
