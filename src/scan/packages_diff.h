#pragma once

// The control behind `merlon diff packages`: what a change does to the packages of a tree.
//
// The idea: two inventories are held side by side, file by file and name by name. What came, went
// and changed is in the report as findings of severity info, so that every format shows it; beside
// them stands what a reviewer has to look at: vulnerabilities that were not there before, install
// scripts, licences that changed, and lock files that do not say what their registry would
// (Ladisa et al., "SoK: Taxonomy of Attacks on Open-Source Software Supply Chains", "lock file").
//
// Not reentrant on one request. Deterministic for any number of threads.

#include "model/analysis.h"
#include "scan/packages_scan.h"

namespace merlon::scan {

// `request.database` may be null: then vulnerabilities are not looked for, and a notice says so.
// Fails where the database is damaged.
Result<model::Report> diff_packages(const PackagesScan& request, TakenInventory base,
                                    TakenInventory head);

}  // namespace merlon::scan
