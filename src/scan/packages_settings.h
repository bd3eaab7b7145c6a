#pragma once

// What the files of other scanners at the top of a repository say of its packages: what is ignored
// (.trivyignore, .grype.yaml and their like), and what trivy.yaml sets.
//
// The idea: Merlon's own verbs honour what a team has told the scanner that it had before. What
// such a file says and Merlon does not look at is a notice and never passed over.
//
// Thread-safe: no state.

#include <string>
#include <vector>

#include "base/result.h"
#include "exchange/vex.h"
#include "scan/foreign_ignores.h"
#include "scan/package_filter.h"

namespace merlon::scan {

inline constexpr const char* kReadingIgnores = "reading what other scanners ignore";

struct PackagesSettings {
    ForeignIgnores ignores;
    PackageFilter filter;
    std::vector<exchange::VexDocument> vex;
    std::vector<std::string> excludes;  // for the walk
};

// `home`: the top of the repository; `vex_paths`: documents that were named elsewhere.
Result<PackagesSettings> read_packages_settings(const std::string& home,
                                                std::vector<std::string> vex_paths);

}  // namespace merlon::scan
