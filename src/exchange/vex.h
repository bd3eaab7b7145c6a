#pragma once

// What suppliers say of weaknesses in their own products: OpenVEX (openvex/spec, v0.2.0), the VEX
// profile of CSAF 2.0 (OASIS, section 4.5), and CycloneDX's vulnerabilities with an analysis
// (ECMA-424).
//
// The idea: all come down to statements: of these weaknesses, these products have this status, for
// this reason. Products are package URLs; CSAF names products by ids of its own, which its product
// tree resolves, through relationships ("this component in that product") where there are some.
//
// What names no package URL is kept by its name and counted by who applies it. Thread-safe: no
// state. Cost: one pass.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"

namespace merlon::exchange {

enum class VexStatus : std::uint8_t { kNotAffected, kAffected, kFixed, kUnderInvestigation };
// "not_affected", …: OpenVEX's names.
std::string_view name(VexStatus status);

struct VexProduct {
    std::string id;                        // a package URL, or the supplier's name for it
    std::vector<std::string> identifiers;  // package URLs and CPEs that say the same
    std::vector<std::string>
        components;  // the parts of it that the statement is about; may be none
    // The versions that are meant, where they are a range and the package URLs name none; empty:
    // what the package URLs name.
    std::string range = {};
    bool operator==(const VexProduct&) const = default;
};

struct VexStatement {
    std::vector<std::string> ids;  // "CVE-2024-1" and its aliases
    VexStatus status = VexStatus::kUnderInvestigation;
    std::vector<VexProduct> products;
    std::string justification;  // "vulnerable_code_not_in_execute_path"
    std::string explanation;    // the supplier's words: impact, or what to do
    std::string time;           // when it was said; a later statement replaces an earlier one
    bool is_draft =
        false;  // of a document that is one (CSAF's tracking.status): nothing is decided
    bool operator==(const VexStatement&) const = default;
};

struct VexDocument {
    std::string id;
    std::string author;
    std::vector<VexStatement> statements;
    bool operator==(const VexDocument&) const = default;
};

// Any of the formats, told by its fields, as JSON; CycloneDX as XML too. Fails with line and
// column: also for a moment that is none, or that is after `now`, because everything that is said
// later would count as older.
Result<VexDocument> read_vex(std::string_view bytes, std::optional<Timestamp> now = {},
                             const CancelToken* cancel = nullptr);

// Whether `text` may be when something was said: empty, or a moment with its offset that is not
// after `now`, but for clocks that differ.
Status check_said_at(std::string_view text, std::optional<Timestamp> now);

}  // namespace merlon::exchange
