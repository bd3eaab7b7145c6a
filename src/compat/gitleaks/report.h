#pragma once

// The reports of gitleaks 8.30.1: JSON, CSV, JUnit and SARIF, with the same bytes for the same
// findings in the same order.
//
// The idea: other programs parse these files, so escaping follows Go's encoders (encoding/json with
// HTML escapes, encoding/csv, encoding/xml) down to how broken UTF-8 is written. Templates are in
// template.h.
//
// Thread-safe: no state. Cost: one pass over the findings.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/json.h"

namespace merlon::compat::gitleaks {

// One finding with gitleaks's fields. `line` is for --verbose and templates only.
struct Row {
    std::string rule_id;
    std::string description;
    std::int64_t start_line = 0;
    std::int64_t end_line = 0;
    std::int64_t start_column = 0;
    std::int64_t end_column = 0;
    std::string line;
    std::string match;
    std::string secret;
    std::string file;
    std::string symlink_file;
    std::string commit;
    std::string link;
    float entropy = 0;
    std::string author;
    std::string email;
    std::string date;
    std::string message;
    std::vector<std::string> tags;
    std::string fingerprint;
    std::vector<std::string> required;  // "rule:line:secret" of the companions, for --verbose
};

struct RuleName {
    std::string id;
    std::string description;
};

enum class ReportFormat : std::uint8_t { kJson, kCsv, kJunit, kSarif, kTemplate };

// The format named by --report-format, in any case, blanks around it ignored.
std::optional<ReportFormat> report_format_by_name(std::string_view name);
// The format that a report path's extension stands for: .json, .csv or .sarif.
std::optional<ReportFormat> report_format_by_path(std::string_view path);

// One finding as an object, with gitleaks's keys in its order.
void write_row(text::JsonWriter& json, const Row& row);
std::string json_report(std::span<const Row> rows);
std::string csv_report(std::span<const Row> rows);
std::string junit_report(std::span<const Row> rows);
std::string sarif_report(std::span<const Row> rows, std::span<const RuleName> rules);

}  // namespace merlon::compat::gitleaks
