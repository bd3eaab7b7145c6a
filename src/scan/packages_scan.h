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
// package is malicious, or where what runs has it and there is a fix. The others are shown.
//
// Not reentrant on one request. Deterministic for any number of threads.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/analysis.h"
#include "packages/look_alike.h"
#include "sca/database.h"
#include "scan/foreign_ignores.h"
#include "scan/inventory_scan.h"
#include "scan/licenses.h"
#include "scan/suppressions.h"

namespace merlon::scan {

struct PackagesScan {
    const sca::Database* database = nullptr;
    std::int64_t max_database_age_s = 0;  // 0: any
    Suppressions suppressions;
    ForeignIgnores foreign;
    const LicenseRules* licenses = nullptr;           // null: licences are not judged
    std::vector<std::string> internal_names;          // globs; see scan/registry_checks.h
    const packages::PopularNames* popular = nullptr;  // null: no look-alikes; diff_packages only
    std::optional<std::string> key;  // for ids of findings; without one there are none
    std::vector<std::string> scope;  // as the report names it
    std::string version;
    unsigned threads = 1;
    const Clock* clock = nullptr;
};

// Fails where the database is damaged.
Result<model::Report> scan_packages(const PackagesScan& request, TakenInventory taken);

// The same without advisories: each licence with the packages that have it, and what the rules, if
// there are any, do not allow.
model::Report scan_licenses(const PackagesScan& request, TakenInventory taken);

// The exit code by the default gate: 2 where the report is incomplete, else 1 where a finding that
// is not suppressed fails the gate, else 0.
int gate_exit_code(const model::Report& report);

}  // namespace merlon::scan
