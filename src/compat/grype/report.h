#pragma once

// What Grype prints of a scan: one match for each weakness of each package entry.
//
// Thread-safe: no state. Deterministic, but for the time in the JSON report.

#include <string>
#include <vector>

#include "compat/grype/options.h"

namespace merlon::compat::grype {

struct Row {
    const packages::Package* package = nullptr;
    std::size_t weakness = 0;  // position among the findings
};

struct Rows {
    std::vector<Row> matches;  // what counts
    std::vector<Row> ignored;
};

Rows gather(const scan::PeerResult& result);

std::string write_json(const Rows& rows, const scan::PeerResult& result, const Options& options,
                       const scan::PeerOutside& outside);
std::string write_table(const Rows& rows, const scan::PeerResult& result, const Options& options);

}  // namespace merlon::compat::grype
