#pragma once

// The flags that say which commits of a history are meant: --range, --ci, --since-commit, --branch.
//
// Thread-safe: no state.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/environment.h"
#include "scan/ci_range.h"

namespace merlon::cli {

struct HistoryRange {
    std::vector<std::string> revisions;  // as connect/git takes them; none: the whole history
    std::string source;                  // the flags, for errors: "--range 'a..b'"
    std::optional<scan::CiRange> pipeline = {};  // in their place
};

// At most one way of naming commits, and only with --history. `arguments`: what is scanned.
Result<HistoryRange> read_history_range(const ParsedCommand& command,
                                        const std::vector<std::string>& arguments,
                                        const EnvironmentLookup& variable);

}  // namespace merlon::cli
