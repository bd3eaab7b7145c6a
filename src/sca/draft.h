#pragma once

// An advisory as the database keeps it: what matching needs of it, apart from its text.
//
// The idea: everything that depends on one record alone is done here, so that records can be
// prepared by many threads: events are sorted by version once and for all, listed versions that the
// ranges cover anyway are left out (of 140,847 listed ones of PyPA's database one is needed), the
// severity is a number. What cannot be used is counted, never dropped in silence.
//
// Value types. Cost: a comparison for each listed version and event.

#include <cstdint>
#include <string>
#include <vector>

#include "exchange/osv.h"
#include "packages/ecosystem.h"
#include "sca/database_format.h"

namespace merlon::sca {

struct DraftEvent {
    EventKind kind = EventKind::kRange;
    std::string version;  // empty: of a range's begin; "0": before every version
    bool operator==(const DraftEvent&) const = default;
};

struct DraftAffected {
    packages::Ecosystem ecosystem = packages::Ecosystem::kUnknown;
    packages::VersionScheme scheme = packages::VersionScheme::kSemver;
    std::string base;     // OSV's ecosystem without its suffix
    std::string release;  // the suffix
    std::string name;     // normalised
    std::string state;
    std::vector<DraftEvent> events;
    std::vector<exchange::OsvSymbols> symbols;
    std::uint8_t score = kNoScore;
    std::uint8_t flags = 0;
};

struct Draft {
    std::string id;
    std::string modified;
    std::vector<std::string> aliases;
    std::vector<std::string> upstream;
    std::vector<DraftAffected> affected;  // none of a withdrawn one
    std::string json;                     // the whole record
    std::string digest;                   // the 32 bytes of its SHA-256
    std::uint8_t score = kNoScore;
    std::uint8_t severity_word = 0;  // position in kSeverityWords
    bool is_withdrawn = false;
    // Affected entries, and ranges, that could not be used.
    std::uint32_t without_versions = 0;
    std::uint32_t unknown_ecosystems = 0;
    std::uint32_t mixed_events = 0;
};

Draft draft_of(const exchange::OsvRecord& record);

// Whether the events say that `version` is affected: the algorithm of the OSV schema, "Evaluation".
bool is_affected(packages::VersionScheme scheme, const std::vector<DraftEvent>& events,
                 std::string_view version);

}  // namespace merlon::sca
