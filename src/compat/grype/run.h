#pragma once

// `merlon compat grype dir:PATH|sbom:FILE|PATH …`: Grype's command for folders, files and bills of
// materials, with its flags, its JSON, table, SARIF and CycloneDX outputs and its exit codes. The
// advisories are Merlon's (docs/compat-grype.md lists what differs).
//
// Not thread-safe; starts its own workers.

#include <string>
#include <vector>

#include "base/flags.h"
#include "scan/peer_front.h"

namespace merlon::compat::grype {

// The flags, for completions.
const CommandTable& command_table();

// Runs one command; `words` begin behind the program's name. Returns the exit code.
int run(const std::vector<std::string>& words, const scan::PeerOutside& outside);

}  // namespace merlon::compat::grype
