#pragma once

// `merlon compat trivy fs|rootfs|repo|sbom …`: Trivy's command for packages and secrets of a local
// tree and for the packages of a bill of materials, with its flags, its JSON, table, SARIF,
// CycloneDX and SPDX outputs and its exit codes. The advisories are Merlon's
// (docs/compat-trivy.md lists what differs).
//
// Not thread-safe; starts its own workers.

#include <string>
#include <vector>

#include "base/flags.h"
#include "scan/peer_front.h"

namespace merlon::compat::trivy {

// The commands and flags, for completions.
const CommandTable& command_table();

// Runs one command; `words` begin behind the program's name. Returns the exit code.
int run(const std::vector<std::string>& words, const scan::PeerOutside& outside);

}  // namespace merlon::compat::trivy
