#pragma once

// The control behind `merlon scan packages`: an inventory held against the advisory database, as
// one Report.
//
// The idea: equal packages are asked once, wherever they stand. Each weakness of a package is one
// finding, at the first place that names the package, with the others beside it. What could not be
// decided (no version, no release, an ecosystem without advisories, a database that is too old) is
// a gap: nothing found is only said of what was looked at.
//
// The default gate: a finding fails the run where the weakness is known to be exploited, where the
// package is malicious, or where what runs has it and there is a fix. The others are shown. What a
// supplier says (VEX) of its own product silences a finding where it says that there is none.
//
// Not reentrant on one request. Deterministic for any number of threads.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "exchange/osv.h"
#include "exchange/vex.h"
#include "model/analysis.h"
#include "packages/look_alike.h"
#include "sca/database.h"
#include "sca/match_text.h"
#include "sca/vex_filter.h"
#include "scan/foreign_ignores.h"
#include "scan/inventory_scan.h"
#include "scan/licenses.h"
#include "scan/package_filter.h"
#include "scan/suppressions.h"

namespace merlon::scan {

// Which records a Weakness keeps whole: a front that prints them needs them all.
enum class KeepRecords : std::uint8_t { kShown, kAll };

struct PackagesScan {
    const sca::Database* database = nullptr;
    std::int64_t max_database_age_s = 0;  // 0: any
    Suppressions suppressions;
    ForeignIgnores foreign;
    PackageFilter filter;
    std::vector<exchange::VexDocument> vex;
    KeepRecords keep_records = KeepRecords::kShown;
    const LicenseRules* licenses = nullptr;           // null: licences are not judged
    std::vector<std::string> internal_names;          // globs; see scan/registry_checks.h
    const packages::PopularNames* popular = nullptr;  // null: no look-alikes; diff_packages only
    std::optional<std::string> key;  // for ids of findings; without one there are none
    std::vector<std::string> scope;  // as the report names it
    std::string version;
    unsigned threads = 1;
    const Clock* clock = nullptr;
};

// What stands behind one finding, for who prints it in another tool's words.
struct Weakness {
    sca::Match match;
    exchange::OsvRecord record;             // whose text is shown
    std::vector<std::string> records_json;  // of match.advisories, one each; only for kAll
    std::optional<sca::VexVerdict> vex;     // what a supplier says of it
    std::size_t finding = 0;                // position in report.findings
};

struct ExaminedPackages {
    model::Report report;
    // One for each finding of an advisory, in their order.
    std::vector<Weakness> weaknesses;
    std::vector<packages::PackageSource> sources;  // what was looked at
    // The weaknesses of each entry of `sources` that has some, by its position in them.
    std::unordered_map<const packages::Package*, std::vector<std::size_t>> weaknesses_of;
};

// Whether licences and registries are looked at beside the advisories; what they find has no
// Weakness.
enum class Reviews : std::uint8_t { kNone, kAll };

// Fails where the database is damaged.
Result<ExaminedPackages> examine_packages(const PackagesScan& request, TakenInventory taken,
                                          Reviews reviews);
// The report alone, with all reviews.
Result<model::Report> scan_packages(const PackagesScan& request, TakenInventory taken);

// The same without advisories: each licence with the packages that have it, and what the rules, if
// there are any, do not allow.
model::Report scan_licenses(const PackagesScan& request, TakenInventory taken);

// The exit code by the default gate: 2 where the report is incomplete, else 1 where a finding that
// is not suppressed fails the gate, else 0.
int gate_exit_code(const model::Report& report);

}  // namespace merlon::scan
