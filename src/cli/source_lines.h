#pragma once

// The lines of findings whose report withholds them, from the checkout that was scanned: without
// them nothing tells a finding that has moved from another one (Semgrep writes "requires login").
//
// The idea: only the lines that a finding marks, and none of what a rule about secrets has found,
// nor of files that lead out of the root.
//
// Not thread-safe. Cost: each file is read once.

#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "exchange/read_report.h"

namespace merlon::cli {

// A file as a report names it; nothing where it cannot be read, or leads out of the root. `root` as
// below.
std::optional<std::string> source_below(const std::string& root, const std::string& path);

// `root` is absolute, with a '/' at its end. What cannot be read stays without lines.
void add_source_lines(const std::string& root, std::vector<exchange::ReadReport>& reports,
                      const CancelToken* cancel = nullptr);

}  // namespace merlon::cli
