#pragma once

// The generated tables behind unicode_tables.h; nobody else includes this.

#include <cstdint>
#include <span>
#include <string_view>

#include "match/unicode_tables.h"

namespace merlon::match::unicode_data {

struct Name {
    std::string_view name;
    std::uint16_t begin;  // of its ranges in kRanges
    std::uint16_t count;
};

extern const std::string_view kVersion;
extern const std::span<const CodePointRange> kRanges;
extern const std::span<const Name> kKeys;         // by name; as in Go's maps
extern const std::span<const Name> kRegexpNames;  // by name; canonical, as regexp/syntax looks up
extern const std::span<const CodePointPair> kOrbits;
extern const std::span<const CodePointPair> kLower;

}  // namespace merlon::match::unicode_data
