#pragma once

// `merlon compat osv-scanner [scan [source]] …`: OSV-Scanner 2's command for folders, lock files
// and bills of materials, with its flags, its table, JSON, SARIF, Markdown and GitHub outputs and
// its exit codes. The advisories are Merlon's (docs/compat-osv-scanner.md lists what differs).
//
// Not thread-safe; starts its own workers.

#include <string>
#include <vector>

#include "base/flags.h"
#include "scan/peer_front.h"

namespace merlon::compat::osv_scanner {

// The commands and flags, for completions.
const CommandTable& command_table();

// Runs one command; `words` begin behind the program's name. Returns the exit code.
int run(const std::vector<std::string>& words, const scan::PeerOutside& outside);

}  // namespace merlon::compat::osv_scanner
