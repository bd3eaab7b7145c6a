#pragma once

// The weaknesses of a bill of materials: what CycloneDX calls vulnerabilities (ECMA-424) and SPDX 3
// its security profile.
//
// The idea: texts are CycloneDX's own words, because it says the most; what an older version or
// another format has no word for is left out by its writer. With an analysis, a weakness is what a
// supplier says of it (VEX); without one it is a report.
//
// Value types.

#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace merlon::exchange {

struct BomProperty {
    std::string name;
    std::string value;
    auto operator<=>(const BomProperty&) const = default;
};

// Who says so.
struct BomSource {
    std::string name;
    std::string url;
    auto operator<=>(const BomSource&) const = default;
};

// The same weakness under another id.
struct BomAlias {
    std::string id;
    BomSource source;
    auto operator<=>(const BomAlias&) const = default;
};

struct BomRating {
    BomSource source;
    std::string score;     // a number as it is written: "9.8"; empty: none
    std::string severity;  // "critical", …, "none", "unknown"
    std::string method;    // "CVSSv2", "CVSSv3", "CVSSv31", "CVSSv4", "OWASP", "SSVC", "other"
    std::string vector;
    std::string justification;
    auto operator<=>(const BomRating&) const = default;
};

struct BomAdvisory {
    std::string title;
    std::string url;
    auto operator<=>(const BomAdvisory&) const = default;
};

// What somebody found out about it in what the document describes.
struct BomAnalysis {
    std::string state;          // "not_affected", "exploitable", …
    std::string justification;  // "code_not_reachable", …
    std::vector<std::string> responses;
    std::string detail;
    std::string first_issued, last_updated;
    auto operator<=>(const BomAnalysis&) const = default;
};

// Versions of an affected component: one of them, or a range in VERS.
struct BomAffectedVersion {
    std::string version;
    std::string range;
    std::string status;  // "affected", "unaffected", "unknown"; empty: affected
    auto operator<=>(const BomAffectedVersion&) const = default;
};

struct BomAffected {
    std::string ref;  // of a component, here or by BOM-Link elsewhere
    std::vector<BomAffectedVersion> versions;
    auto operator<=>(const BomAffected&) const = default;
};

struct BomWeakness {
    std::string ref;
    std::string id;  // "CVE-2024-1"
    BomSource source;
    std::vector<BomAlias> aliases;
    std::vector<BomRating> ratings;
    std::vector<std::string> cwes;  // numbers as they are written: "79"
    std::string description;        // in a few words
    std::string detail;
    std::string recommendation;
    std::vector<BomAdvisory> advisories;
    std::string created, published, updated;  // RFC 3339
    std::optional<BomAnalysis> analysis;
    std::vector<BomAffected> affects;
    std::vector<BomProperty> properties;
    auto operator<=>(const BomWeakness&) const = default;
};

}  // namespace merlon::exchange
