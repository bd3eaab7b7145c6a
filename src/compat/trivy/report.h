#pragma once

// What Trivy prints of a scan: results by target, as JSON or tables.
//
// The idea: first the results are gathered as Trivy groups them (a lock file is a target, what is
// installed is one target for each language, a distribution's packages are one); then each format
// writes them. What the exit code goes by is what the results show.
//
// Thread-safe: no state. Deterministic, but for the time in the JSON report.

#include <cstdint>
#include <string>
#include <vector>

#include "compat/trivy/licenses.h"
#include "compat/trivy/options.h"

namespace merlon::compat::trivy {

// One weakness of one entry.
struct Row {
    const packages::Package* package = nullptr;
    std::size_t weakness = 0;  // position among the findings
};

struct TrivyResult {
    std::string target;
    std::string_view kind;  // "os-pkgs", "lang-pkgs"
    std::string type;       // "npm"
    std::vector<const packages::Package*> packages;
    std::vector<std::size_t> sources;  // of each of them, the position among the sources
    std::vector<Row> rows;             // what counts
    std::vector<Row> suppressed;       // what someone ignores; what a flag leaves out is in neither
    bool is_installed = false;         // of many files: each package says its own
};

struct TrivyReport {
    std::vector<TrivyResult> results;
    model::Report secrets;
    std::vector<LicenseResult> licenses;
};

std::vector<TrivyResult> gather(const scan::PeerResult& result, const Options& options);

bool finds_anything(const TrivyReport& report);

std::string write_json(const TrivyReport& report, const scan::PeerResult& result,
                       const Options& options, const scan::PeerOutside& outside);
std::string write_table(const TrivyReport& report, const scan::PeerResult& result,
                        const Options& options);

}  // namespace merlon::compat::trivy
