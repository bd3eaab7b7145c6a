#pragma once

// Common Platform Enumeration names: "cpe:2.3:a:apache:http_server:2.4.49:*:*:*:*:*:*:*".
//
// The idea: both spellings (formatted strings of 2.3, URIs of 2.2) become one list of attributes,
// each a logical value or a text without its quoting, in lower case, with what wildcards stand at
// its ends. Names are compared attribute by attribute; what versions mean is not decided here.
//
// Value types, thread-safe. Bounded: a name has at most kMaxCpeBytes. Cost: one pass.
// Source: NISTIR 7695 (naming: 5.3 well-formed names, 6.1 URIs, 6.2 formatted strings), NISTIR 7696
// (matching: 6.2 attribute comparison).

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::packages {

inline constexpr std::size_t kMaxCpeBytes = 4096;

// In the order of a formatted string.
enum class CpeAttribute : std::uint8_t {
    kPart,
    kVendor,
    kProduct,
    kVersion,
    kUpdate,
    kEdition,
    kLanguage,
    kSoftwareEdition,
    kTargetSoftware,
    kTargetHardware,
    kOther,
};
inline constexpr std::size_t kCpeAttributeCount = 11;

struct CpeValue {
    enum class Kind : std::uint8_t { kAny, kNotApplicable, kText };
    // NISTIR 7695, 5.3.2: wildcards stand at the ends alone.
    static constexpr int kAnyNumber = -1;  // '*'

    Kind kind = Kind::kAny;
    std::string text;  // lower case, unquoted
    int before = 0;    // so many '?' in front, or kAnyNumber
    int behind = 0;

    bool is_literal() const { return kind == Kind::kText && before == 0 && behind == 0; }
    bool operator==(const CpeValue&) const = default;
};

struct CpeName {
    std::array<CpeValue, kCpeAttributeCount> values;

    const CpeValue& operator[](CpeAttribute attribute) const {
        return values[static_cast<std::size_t>(attribute)];
    }
    CpeValue& operator[](CpeAttribute attribute) {
        return values[static_cast<std::size_t>(attribute)];
    }
    bool operator==(const CpeName&) const = default;
};

// Either spelling. Fails with the offset of what does not belong there.
Result<CpeName> parse_cpe(std::string_view text);

// As a formatted string; reading it again gives the same name.
std::string to_string(const CpeName& name);

// How the set of things that `source` names stands to that of `target` (NISTIR 7696, table 6-2).
// Where the target has wildcards, which the standard leaves undefined, only equal texts are equal.
enum class CpeRelation : std::uint8_t { kDisjoint, kEqual, kSubset, kSuperset };
CpeRelation compare(const CpeValue& source, const CpeValue& target);

}  // namespace merlon::packages
