#pragma once

// Scans a repository's history as `gitleaks git` does: each hunk of each commit's patch on its own,
// as `git log -p -U0 --full-history --all --diff-filter=tuxdb` prints them.
//
// The idea: gitleaks reads what git prints; we read the objects. Commits are shared out to workers;
// what a worker finds is kept by the commit's place in the log, so that the rows come in the log's
// order for any number of threads. What gitleaks loses in silence (an absent object ends its stream
// and its exit code is 0) is a gap here.
//
// Starts its own workers. Memory: the commits' facts, the rows, and a few objects a worker.

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "compat/gitleaks/link.h"
#include "compat/gitleaks/scanner.h"
#include "connect/git/open_changes.h"

namespace merlon::compat::gitleaks {

struct HistoryOptions {
    std::string repository = ".";
    std::string log_options;                 // --log-opts; empty: the whole history
    Platform platform = Platform::kUnknown;  // of links; unknown: by the remote's host
    connect::git::OpenOptions open;
    connect::git::Variables variables;  // GIT_DIR and its like
    unsigned threads = 1;
    std::int64_t now_seconds = 0;  // for "--since=2 weeks ago"
};

struct HistoryFindings {
    std::vector<Row> rows;
    std::vector<Gap> gaps;
    std::uint64_t bytes = 0;
    std::uint64_t commits = 0;
    std::string remark;  // why there are no links
};

// Fails where the repository cannot be opened or the options are not understood.
Result<HistoryFindings> scan_history(const secrets::Program& program, const ScanOptions& scan,
                                     const HistoryOptions& options);

}  // namespace merlon::compat::gitleaks
