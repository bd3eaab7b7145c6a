#pragma once

// Which advisories are about which packages: OSV's algorithm over the database.
//
// The idea: each package becomes one or a few look-ups (names.h), each look-up finds the affected
// rows of that name, and a row is a short list of events that are sorted already: walking it costs
// a comparison of keys for each. Records of one alias class are one match with all of their ids.
//
// What could not be decided is a problem beside the matches, never a silent "no". Thread-safe.
// Deterministic: the same answer for any number of threads. Cost: some microseconds a package.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/thread_pool.h"
#include "packages/package.h"
#include "sca/database.h"
#include "sca/draft.h"

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

// One weakness of one package.
struct Match {
    std::size_t package = 0;            // position in what was asked
    std::vector<std::string> ids;       // of the alias class, the best known first
    std::vector<std::string> upstream;  // what a distribution's record is about, ascending
    std::vector<Advisory> advisories;   // by id
    std::string fixed;                  // the version that all of them call fixed; empty: none
    std::string_view severity;          // "low" to "critical"; empty: nobody says
    std::optional<unsigned> score_tenths;
    bool is_malicious = false;  // the package itself is an attack: a MAL record
    // CISA's list of what is exploited, and FIRST's forecast, of the worst of its CVEs.
    bool is_known_exploited = false;
    bool is_used_by_ransomware = false;
    std::string due;
    std::uint32_t epss_100000ths = 0;
    std::uint32_t percentile_100000ths = 0;
    Reachability reachability = Reachability::kUnknown;
    // The symbol or import that says so, with its file and line; empty where it is unknown.
    std::string reached_by;
};

enum class MatchProblemKind : std::uint8_t {
    kNoVersion,       // advisories name the package, and its version is not known
    kRefusedVersion,  // the ecosystem's own tool takes no such version; compared all the same
    kUnknownRelease,  // advisories are for releases, and the distribution's is not known
    kMixedEvents,     // a range has fixed and last_affected, which the schema forbids
    kRefusedCpe,      // the CPE name that the package states is none, or names no product
};
std::string_view name(MatchProblemKind kind);

struct MatchProblem {
    MatchProblemKind kind = MatchProblemKind::kNoVersion;
    std::size_t package = 0;
    std::string detail;
    bool operator==(const MatchProblem&) const = default;
};

struct MatchReport {
    std::vector<Match> matches;  // by package, then by the first id
    std::vector<MatchProblem> problems;
    // Ecosystems of packages ("npm", "Debian") of which the database has no record: nothing is
    // known of them, which is not the same as nothing found.
    std::vector<std::string> ecosystems_without_records;
    std::size_t packages_without_ecosystem = 0;  // that OSV has no name for
};

// Fails where the database is damaged.
Result<MatchReport> match_packages(const Database& database,
                                   std::span<const packages::Package> packages, ThreadPool& pool);

// Why it matches, a line each: the record, the range, and what decided each comparison.
std::string explain(const Advisory& advisory);
// "introduced 0, fixed 1.2.3".
std::string describe(const std::vector<DraftEvent>& range);

}  // namespace merlon::sca
