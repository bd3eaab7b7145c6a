#pragma once

// A match in words: what a report says of it.
//
// The idea: matching answers in numbers of the database (matcher.h). Who shows a match reads its
// words here, one match at a time or all of them; what only some want (the fixed version, the ids)
// can be had alone.
//
// Value types, and a reader over them that is valid inside of Database::read() and thread-safe.
// Cost: a look at each text; some two kilobytes for a match.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/osv.h"
#include "packages/package.h"
#include "sca/database.h"
#include "sca/draft.h"
#include "sca/matcher.h"
#include "sca/names.h"

namespace merlon::sca {

// One record that says so, and why.
struct Advisory {
    std::string id;
    std::uint32_t record = 0;  // its number, for DatabaseReader::record_json
    std::uint16_t feed = 0;    // position in DatabaseInfo::feeds
    std::string ecosystem;     // as the record names it: "Debian:12"
    std::string name;
    std::string version;  // that was compared; of a distribution's package the source's
    packages::VersionScheme scheme = packages::VersionScheme::kSemver;
    std::vector<DraftEvent> range;  // the one that holds the version; or the version listed
    std::string fixed;              // the first version above that is not affected; empty: none
    std::string state;              // the distribution's own: "unimportant"
    std::vector<exchange::OsvSymbols> symbols;  // empty: all of the package
    std::optional<unsigned> score_tenths;
    // Of a program that was found by its CPE name: what of NVD's configuration holds, a line for
    // each criterion.
    std::vector<std::string> configuration;
};

// Whether the weakness's own code is a part of what runs, where that can be told: the control
// decides it, since it takes more than the database (scan/reachability.h).
enum class Reachability : std::uint8_t { kUnknown, kReachable, kUnreachable };
std::string_view name(Reachability reachability);

// MatchedClass in words.
struct Match {
    std::size_t package = 0;            // position in what was asked
    std::vector<std::string> ids;       // of the alias class, the best known first
    std::vector<std::string> upstream;  // what a distribution's record is about, ascending
    std::vector<Advisory> advisories;   // by id
    std::string fixed;                  // the version that all of them call fixed; empty: none
    std::string_view severity;          // "low" to "critical"; empty: nobody says
    std::optional<unsigned> score_tenths;
    bool is_malicious = false;
    bool is_known_exploited = false;
    bool is_used_by_ransomware = false;
    std::string due;
    std::uint32_t epss_100000ths = 0;
    std::uint32_t percentile_100000ths = 0;
    Reachability reachability = Reachability::kUnknown;
    // The symbol or import that says so, with its file and line; empty where it is unknown.
    std::string reached_by;
};

class MatchTexts {
  public:
    // `report` is the answer to `packages`.
    MatchTexts(const DatabaseReader& reader, std::span<const packages::Package> packages,
               const MatchReport& report)
        : reader_(reader), packages_(packages), report_(report) {}

    std::vector<std::string> ids(const MatchedClass& match) const;
    std::string fixed(const MatchedClass& match) const;
    Match match(const MatchedClass& match) const;

  private:
    const SegmentReader& segment_of(const MatchedClass& match) const {
        return reader_.segment(match.segment);
    }
    Advisory advisory(const MatchedClass& match, const MatchedRow& row, const Target& target) const;

    const DatabaseReader& reader_;
    std::span<const packages::Package> packages_;
    const MatchReport& report_;
};

// All of them. Fails where the database is damaged.
Result<std::vector<Match>> match_texts(const Database& database,
                                       std::span<const packages::Package> packages,
                                       const MatchReport& report);

// Why it matches, a line each: the record, the range, and what decided each comparison.
std::string explain(const Advisory& advisory);
// "introduced 0, fixed 1.2.3".
std::string describe(const std::vector<DraftEvent>& range);

}  // namespace merlon::sca
