#pragma once

// SARIF 2.1.0 (OASIS standard, 27 March 2020) of any tool, read into our reports: one for each run.
//
// The idea: what a result says stays (places, fingerprints, suppressions, severity as GitHub
// derives it), what a run says of itself decides whether it was complete. A file is taken whole or
// refused with line, column and reason; what stands elsewhere (external property files) is
// refused by name, because without it the file is not whole.
//
// Results that are no findings (kind "pass", "notApplicable", baselineState "absent") are left out
// and counted in the notices.
//
// Thread-safe: no state. Cost: linear, on all processors; memory of the reports, and of the tree of
// what is no result (exchange/sarif_outline.h).

#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "exchange/read_report.h"

namespace merlon::exchange {

// Whether a file that begins so may be SARIF.
bool looks_like_sarif(std::string_view first_bytes);

Result<std::vector<ReadReport>> read_sarif(std::string_view bytes,
                                           const CancelToken* cancel = nullptr);

}  // namespace merlon::exchange
