#pragma once

// One finding as it stands in our JSON report, by itself and without line breaks.
//
// Thread-safe: no state. Equal findings give equal bytes.

#include <string>

#include "model/finding.h"

namespace merlon::report {

void append_finding_json(const model::Finding& finding, std::string& out);

}  // namespace merlon::report
