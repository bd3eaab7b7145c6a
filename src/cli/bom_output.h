#pragma once

// A bill of materials in the formats that are asked for: what `merlon sbom` and its verbs share.
//
// Values; one thread. Errors name the flag or the variable.

#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/flags.h"
#include "base/result.h"
#include "cli/environment.h"
#include "cli/outputs.h"
#include "exchange/bom.h"
#include "exchange/cyclonedx.h"
#include "exchange/github_snapshot.h"

namespace merlon::cli {

// What the formats need to know beside the document.
struct BomRequest {
    std::vector<Output> outputs;
    Timestamp time;
    exchange::CycloneDxVersion cyclonedx = exchange::CycloneDxVersion::k1_6;
    exchange::SnapshotOrigin origin;  // of github-snapshot
};

// Fails where an output cannot be, and where a snapshot is asked for whose commit nobody says.
Result<BomRequest> bom_request(const ParsedCommand& command, const Environment& environment);

// The time that a document has: SOURCE_DATE_EPOCH, else the clock's.
Result<Timestamp> document_time(const Environment& environment);

// The name of the folder that the first argument is.
std::string folder_name(const std::vector<std::string>& arguments);

// Whether every output was written; what was not is an error on standard error.
bool write_bom(const exchange::Bom& bom, const BomRequest& request, const Environment& environment);

}  // namespace merlon::cli
