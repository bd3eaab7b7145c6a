#pragma once

// The readers of what tools write in formats of their own, a file for each; the table is in
// foreign_report.cpp.
//
// What each takes for a complete run stands above its reader: only that closes findings.
//
// Thread-safe: no state. Cost: linear; memory of the tree and of the reports. Each takes a document
// whole or fails with line, column and reason.

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "exchange/field_reader.h"
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
    // May be null. Once it is set, reading fails.
    const CancelToken* cancel = nullptr;
};

// read_fields() of a document in JSON.
Status read_input(const ForeignInput& input,
                  const std::function<void(const value::Value& root, FieldReader& fields)>& read);
// Calls `use` for each record of a list, or of lines with one each (JSON Lines). Fails with line
// and column; what `use` meets is told by `fields`.
Status each_record(const ForeignInput& input,
                   const std::function<void(const value::Value& record, FieldReader& fields)>& use);

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
