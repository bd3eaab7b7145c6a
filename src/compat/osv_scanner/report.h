#pragma once

// What OSV-Scanner prints of a scan: sources, their packages, and the groups of records that are
// about one weakness.
//
// Thread-safe: no state. Deterministic.

#include <string>
#include <vector>

#include "compat/osv_scanner/options.h"

namespace merlon::compat::osv_scanner {

struct Row {
    std::size_t source = 0;
    const packages::Package* package = nullptr;
    std::vector<std::size_t> weaknesses;  // those that count
};

// Each package entry, by source and in its order; with the local ones left out.
std::vector<Row> gather(const scan::PeerResult& result);

std::string write_json(const std::vector<Row>& rows, const scan::PeerResult& result,
                       const Options& options);
// As a table of lines, or of Markdown.
std::string write_table(const std::vector<Row>& rows, const scan::PeerResult& result,
                        const Options& options);
// A GitHub workflow command for each source that has some.
std::string write_annotations(const std::vector<Row>& rows, const scan::PeerResult& result);

}  // namespace merlon::compat::osv_scanner
