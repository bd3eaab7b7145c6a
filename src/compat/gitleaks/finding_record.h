#pragma once

// Findings as the records that report templates see: gitleaks's report.Finding.
//
// Thread-safe: no state. Cost: one pass over the findings.

#include <span>
#include <string>

#include "base/clock.h"
#include "compat/gitleaks/report.h"
#include "templates/template.h"

namespace merlon::compat::gitleaks {

// Appends to `out`; what was rendered before a failure stays there, as in Go.
Status render_findings(const templates::Template& parsed, std::span<const Row> rows, Timestamp now,
                       std::string& out);

}  // namespace merlon::compat::gitleaks
