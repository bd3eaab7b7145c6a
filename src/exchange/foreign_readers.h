#pragma once

// The readers of what tools write in formats of their own, a file for each; the table is in
// foreign_report.cpp.
//
// What each takes for a complete run stands above its reader: only that closes findings.
//
// Thread-safe: no state. Cost: linear; memory of the tree and of the reports. Each takes a document
// whole or fails with line, column and reason.

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "exchange/read_report.h"

namespace merlon::exchange {

struct ForeignInput {
    std::string_view bytes;
    // Under which secrets that stand in the document get their ids.
    std::string_view secret_key;
    // The other documents of the same command: what one tool's API gives in several.
    std::span<const std::string_view> beside = {};
    // After this nobody can have said anything; nothing: not asked.
    std::optional<Timestamp> now = {};
};
using ReadReports = Result<std::vector<ReadReport>>;

ReadReports read_checkov(const ForeignInput& input);
ReadReports read_falco(const ForeignInput& input);
ReadReports read_gitleaks(const ForeignInput& input);
ReadReports read_grype(const ForeignInput& input);
ReadReports read_junit(const ForeignInput& input);
ReadReports read_kube_score(const ForeignInput& input);
ReadReports read_nuclei(const ForeignInput& input);
ReadReports read_osv_scanner(const ForeignInput& input);
ReadReports read_semgrep(const ForeignInput& input);
ReadReports read_trivy(const ForeignInput& input);
ReadReports read_zap(const ForeignInput& input);

}  // namespace merlon::exchange
