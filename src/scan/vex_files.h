#pragma once

// VEX documents by the names of their files: for `--vex` of every front.
//
// Thread-safe: no state. A file that cannot be read fails as a whole, because half of what a
// supplier says is not what he says.

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "exchange/vex.h"

namespace merlon::scan {

Result<std::vector<exchange::VexDocument>> read_vex_files(std::span<const std::string> paths);

}  // namespace merlon::scan
