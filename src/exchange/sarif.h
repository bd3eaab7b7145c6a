#pragma once

// SARIF 2.1.0 (OASIS standard, 27 March 2020), with what GitHub's upload asks for: partial
// fingerprints by line, rule help in Markdown, security-severity, relative URIs.
//
// Thread-safe: no state. Deterministic: equal reports give equal bytes.

#include "base/text_sink.h"
#include "model/analysis.h"

namespace merlon::exchange {

void write_sarif(const model::Report& report, TextSink& sink);

}  // namespace merlon::exchange
