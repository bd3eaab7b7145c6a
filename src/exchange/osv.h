#pragma once

// Advisories in the Open Source Vulnerability format (ossf.github.io/osv-schema, version 1.7.4), as
// JSON or YAML.
//
// The idea: one plain record for every feed. What other formats say (secdb, Debian's tracker,
// RustSec) is read into the same struct, so that one writer makes the database of all of them.
// Texts are raw, as the record has them: versions are ordered by packages/version.h, names are
// normalised where they are compared.
//
// Unknown fields are skipped, as the schema asks for; a known field of another type is an error
// with its line. Thread-safe: no state. Cost: one pass.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/cpe_configurations.h"
#include "exchange/field_reader.h"

namespace merlon::exchange {

// affected[].ranges[].type. kOther: a type of a later schema; kept, so that it can be counted.
enum class OsvRangeType : std::uint8_t { kSemver, kEcosystem, kGit, kOther };
// affected[].ranges[].events[]: each object has one of these keys.
enum class OsvEventKind : std::uint8_t { kIntroduced, kFixed, kLastAffected, kLimit };

struct OsvEvent {
    OsvEventKind kind = OsvEventKind::kIntroduced;
    std::string version;  // "0" before all others, of a limit "*" behind them
    bool operator==(const OsvEvent&) const = default;
};

struct OsvRange {
    OsvRangeType type = OsvRangeType::kEcosystem;
    std::string repository;  // of kGit
    std::vector<OsvEvent> events;
    bool operator==(const OsvRange&) const = default;
};

// "CVSS_V2", "CVSS_V3", "CVSS_V4" with a vector (exchange/cvss.h), "Ubuntu" with a word.
struct OsvSeverity {
    std::string type;
    std::string score;
    bool operator==(const OsvSeverity&) const = default;
};

// A part of a package that has the weakness: Go's import path and its symbols, Rust's functions
// (an empty path), Python's and npm's modules.
struct OsvSymbols {
    std::string path;
    std::vector<std::string> symbols;  // empty: all of the path
    std::vector<std::string> operating_systems;
    std::vector<std::string> architectures;
    bool operator==(const OsvSymbols&) const = default;
};

struct OsvAffected {
    std::string ecosystem;  // with its suffix: "Debian:12"
    std::string name;
    std::string purl;
    std::vector<OsvRange> ranges;
    std::vector<std::string> versions;
    std::vector<OsvSeverity> severities;
    std::vector<OsvSymbols> symbols;
    // What a distribution's own state of it is: "unimportant", "end-of-life", "no-dsa". Empty:
    // none.
    std::string state;
    bool operator==(const OsvAffected&) const = default;
};

struct OsvReference {
    std::string type;  // "ADVISORY", "FIX", "WEB", …
    std::string url;
    bool operator==(const OsvReference&) const = default;
};

struct OsvRecord {
    std::string id;
    std::string modified, published, withdrawn;  // RFC 3339; empty: not stated
    std::vector<std::string> aliases, upstream, related;
    std::string summary, details;
    std::vector<OsvSeverity> severities;
    std::vector<OsvAffected> affected;
    std::vector<OsvReference> references;
    std::vector<std::string> weaknesses;           // "CWE-79"
    std::string severity_word;                     // database_specific.severity: "HIGH"
    std::string review;                            // database_specific.review_status
    std::vector<CpeConfiguration> configurations;  // NVD's, as database_specific.configurations
    bool operator==(const OsvRecord&) const = default;
};

// One record. Fails with line, column and what was expected there.
Result<OsvRecord> read_osv(std::string_view bytes, RecordSyntax syntax);

// As one line of JSON, for `db export`: reading it again gives the same record.
void write_osv(const OsvRecord& record, std::string& out);

}  // namespace merlon::exchange
