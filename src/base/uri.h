#pragma once

// URI references (RFC 3986): taking one apart, and resolving it against a base address.
//
// The idea: five views into the text, as the expression of appendix B has them; resolving is the
// pseudocode of section 5.2.2, kept strict. Nothing is decoded and nothing is refused: whoever
// gives a meaning to an address checks it.
//
// Thread-safe: no state. Ownership: the parts view the text. Cost: linear.

#include <optional>
#include <string>
#include <string_view>

namespace merlon {

// Absent and empty differ: "a?" has an empty query.
struct UriParts {
    std::optional<std::string_view> scheme;
    std::optional<std::string_view> authority;
    std::string_view path;
    std::optional<std::string_view> query;
    std::optional<std::string_view> fragment;
};

UriParts parse_uri(std::string_view reference);

// Section 5.2: the address that `reference` means in a document that stands at `base`. Where the
// base has no scheme, the result has none either unless the reference brings one.
std::string resolve_uri(std::string_view base, std::string_view reference);

// Section 2.1: each "%XX" becomes its byte; what is no such escape stays as it is.
std::string percent_decode(std::string_view text);

}  // namespace merlon
