#pragma once

// What Trivy's licence scanner says: each licence of each package with Trivy's category and the
// severity that stands for it ("License Scanning" in its documentation).
//
// The idea: a category is a policy of ours, and an expression has the mildest category whose policy
// allows it, so that of an OR the best choice counts and of an AND the worst part.
//
// Thread-safe: no state. Cost: some evaluations for each package.

#include <string>
#include <string_view>
#include <vector>

#include "compat/trivy/options.h"

namespace merlon::compat::trivy {

struct TrivyResult;

struct LicenseRow {
    std::string package;
    std::string path;  // of what is installed: the file that states it
    std::string license;
    std::string_view category;  // "notice"
    std::string_view severity;  // "low"
};

struct LicenseResult {
    std::string target;
    std::vector<LicenseRow> rows;
};

// Of the packages of `results`; targets without licences are left out.
std::vector<LicenseResult> gather_licenses(const std::vector<TrivyResult>& results,
                                           const Options& options, Timestamp now);

}  // namespace merlon::compat::trivy
