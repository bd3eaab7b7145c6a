#pragma once

// Which advisories are about which packages: OSV's algorithm over the database.
//
// The idea: each package becomes one or a few look-ups (names.h), each look-up finds the affected
// rows of that name, and a row is a short list of events that are sorted already: walking it costs
// a comparison of keys for each. Records of one alias class are one match with all of their ids.
//
// An answer holds numbers of the database, some 80 bytes for a match and its rows; their words are
// read where somebody shows them (match_text.h), so that who asks for thousands of packages, or for
// the fixed version alone, holds and makes no texts.
//
// What could not be decided is a problem beside the matches, never a silent "no". Thread-safe.
// Deterministic: the same answer for any number of threads. Cost: some microseconds a package.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/thread_pool.h"
#include "packages/package.h"
#include "sca/database.h"

namespace merlon::sca {

// An affected row that holds the package's version, in numbers of its match's segment.
struct MatchedRow {
    std::uint32_t row = 0;
    RowRange events;              // of the range that holds it, or the version that is listed
    std::uint32_t fixed = kNone;  // the first version above that is not affected; kNone: none
    std::uint32_t lookup = 0;     // position in target_of(package).lookups
};

// One weakness of one package.
struct MatchedClass {
    std::uint32_t package = 0;  // position in what was asked
    std::uint32_t segment = 0;
    std::uint32_t record = 0;  // one of the alias class
    std::uint32_t first_row = 0;
    std::uint32_t row_count = 0;
    // The version that all of its records call fixed; kNone: none.
    std::uint32_t fixed = kNone;
    std::string_view severity;      // "low" to "critical"; empty: nobody says
    std::uint8_t score = kNoScore;  // CVSS in tenths
    bool is_malicious = false;      // the package itself is an attack: a MAL record
    // CISA's list of what is exploited, and FIRST's forecast, of the worst of its CVEs.
    bool is_known_exploited = false;
    bool is_used_by_ransomware = false;
    std::uint32_t due_segment = 0;
    std::uint32_t due = kNone;  // text of that segment
    std::uint32_t epss_100000ths = 0;
    std::uint32_t percentile_100000ths = 0;
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
    std::vector<MatchedClass> matches;  // by package, then by the first id
    std::vector<MatchedRow> rows;       // of each match in a row, by their records' ids
    std::vector<MatchProblem> problems;
    // Ecosystems of packages ("npm", "Debian") of which the database has no record: nothing is
    // known of them, which is not the same as nothing found.
    std::vector<std::string> ecosystems_without_records;
    std::size_t packages_without_ecosystem = 0;  // that OSV has no name for

    std::span<const MatchedRow> rows_of(const MatchedClass& match) const {
        return std::span(rows).subspan(match.first_row, match.row_count);
    }
};

// Fails where the database is damaged.
Result<MatchReport> match_packages(const Database& database,
                                   std::span<const packages::Package> packages, ThreadPool& pool);

}  // namespace merlon::sca
