#pragma once

// The vocabulary of results: a Rule says what it looks for, why it matters and how to mend it; a
// Finding says that one place breaks it.
//
// A Finding never holds a secret in the clear unless the run was told to show secrets: `match` and
// `secret` are what a report may print; the fingerprint is a keyed or masked hash.
// Value types, deterministic order (see `less`). What copies, moves and destroys the large ones is
// compiled once, in finding.cpp: inlined, it costs seconds in each file that uses one.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/history.h"
#include "model/location.h"
#include "model/severity.h"

namespace merlon::model {

struct Rule {
    std::string id;           // unique in its pack
    std::string engine;       // "secrets"
    std::string pack;         // "merlon-secrets"
    std::string name;         // short title; the id where a format has none
    std::string description;  // what it finds and why it matters
    std::string fix;          // how to mend it, Markdown
    std::string help_url;
    Severity severity = Severity::kHigh;
    Confidence confidence = Confidence::kMedium;
    std::vector<std::string> tags;
    std::string cwe;  // "CWE-798"
};

// "engine/pack/rule".
std::string qualified_id(const Rule& rule);
// Whether `given` names the rule `id`: by itself, or as "engine/pack/rule". One run has one pack of
// an engine, so that any pack is that one.
bool names_rule(std::string_view given, std::string_view id);

// A line of the source for the reader, with the secret already masked.
struct Excerpt {
    std::uint32_t first_line = 0;
    std::vector<std::string> lines;
    std::uint32_t mark_line = 0;          // 1-based line of the source that holds the mark
    std::uint32_t mark_start_column = 0;  // code points, 1-based
    std::uint32_t mark_end_column = 0;    // of the last code point marked
};

// Stable identity of a finding (DESIGN, "fingerprints"): the algorithm's name and version, and hex.
struct Fingerprint {
    std::string algorithm;  // "merlon/context/v1"
    std::string value;
    bool operator==(const Fingerprint&) const = default;
};

struct Finding {
    Finding();
    Finding(const Finding&);
    Finding(Finding&&) noexcept;
    Finding& operator=(const Finding&);
    Finding& operator=(Finding&&) noexcept;
    ~Finding();

    std::string rule_id;
    Severity severity = Severity::kHigh;
    Confidence confidence = Confidence::kMedium;
    std::string message;
    Location location;
    Excerpt excerpt;
    std::string match;      // what the rule matched, masked unless secrets are shown
    std::string secret;     // masked unless secrets are shown
    std::string secret_id;  // keyed hash of the secret's content, hex; equal secrets have equal ids
    std::vector<Fingerprint> fingerprints;
    std::vector<std::string> tags;
    std::map<std::string, std::string> properties;  // what one engine adds, sorted by name
    std::vector<Location> also_at;                  // further places of the same fact
    std::optional<History> history;                 // of what was found in a Git history
    std::string
        suppressed_by;  // empty: counts; else "inline", "ignore", "baseline", "revoked", "vex"
    std::string suppression_reason;
};

// The one order of reports: path, region, rule, message.
bool less(const Finding& left, const Finding& right);
void sort(std::vector<Finding>& findings);

}  // namespace merlon::model

extern template class std::vector<merlon::model::Rule>;
extern template class std::vector<merlon::model::Finding>;
