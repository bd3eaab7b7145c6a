#include "exchange/foreign_report.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "base/ascii.h"
#include "base/joined.h"
#include "exchange/bom_read.h"
#include "exchange/foreign_secrets.h"
#include "exchange/foreign_text.h"
#include "exchange/masked_document.h"
#include "exchange/report_read.h"
#include "exchange/sarif_read.h"
#include "model/fingerprint.h"

namespace merlon::exchange {
namespace {

// Tools write what a file is near its beginning, if not in the first line.
constexpr std::size_t kMarkBytes = std::size_t{64} << 10;

// What --redact and its like write is the same for all of them.
bool is_redacted(std::string_view text) {
    return text == "REDACTED" || text.ends_with("...") ||
           text.find_first_not_of('*') == std::string_view::npos;
}

// Of a scanner for secrets that says from which column to which, the snippet is what stands there
// (SARIF, section 3.30.13): two values are two secrets, whatever else they have in common.
void identify_secret(model::Finding& finding, std::string_view secret_key) {
    const auto* const file = std::get_if<model::FileLocation>(&finding.location);
    if (file == nullptr || file->region.start_column == 0 || file->region.end_column == 0) return;
    const std::string shown = joined(finding.excerpt.lines, "\n");
    if (finding.secret_id.empty() && !shown.empty() && !shown.contains("****"))
        finding.secret_id = model::secret_id(secret_key, shown);
}

// SARIF has no member for a secret: what shows none is marked as one, so that nobody takes two of
// them for one. Our own SARIF says nothing of values, whatever key the scan had.
void mark_hidden_secrets(ReadReport& read, std::string_view secret_key) {
    constexpr std::string_view kOurs = "merlon/secrets/";
    const bool is_ours =
        lower_case(read.report.analysis.tool) == "merlon" && read.category.starts_with(kOurs);
    if (!is_ours && !is_secret_scanner(read.report.analysis.tool)) return;
    for (model::Finding& finding : read.report.findings) {
        const bool is_hidden = is_ours || std::ranges::all_of(finding.excerpt.lines, is_redacted);
        if (is_hidden && finding.secret.empty()) finding.secret = model::mask_secret("*");
        if (!is_hidden) identify_secret(finding, secret_key);
    }
}

ReadReports read_own(const ForeignInput& input) {
    std::vector<ReadReport> reports;
    reports.push_back({.report = MERLON_TRY(read_report(input.bytes, input.cancel))});
    return reports;
}

// Marks are names with their quotes: inside of a text these would be escaped.
using Marks = std::initializer_list<std::string_view>;
bool has_all(std::string_view bytes, Marks marks) {
    return std::ranges::all_of(marks, [&](std::string_view mark) { return bytes.contains(mark); });
}
bool has_any(std::string_view bytes, Marks marks) {
    return std::ranges::any_of(marks, [&](std::string_view mark) { return bytes.contains(mark); });
}

// In the order in which they are asked: a mark of the ones in front is not found in others.
constexpr std::array kFormats{
    ForeignFormat{"merlon-report", "Merlon's JSON report", looks_like_report, read_own,
                  find_own_secrets},
    ForeignFormat{"sarif", "SARIF 2.1.0", looks_like_sarif,
                  [](const ForeignInput& input) { return read_sarif(input.bytes, input.cancel); },
                  find_sarif_secrets},
    ForeignFormat{"trivy", "Trivy's JSON",
                  [](std::string_view bytes) {
                      return has_all(bytes, {"\"SchemaVersion\""}) ||
                             has_all(bytes, {"\"ClusterName\"", "\"Resources\""});
                  },
                  read_trivy, find_trivy_secrets},
    ForeignFormat{"grype", "Grype's JSON",
                  [](std::string_view bytes) {
                      return has_all(bytes, {"\"matches\""}) &&
                             has_any(bytes, {"\"vulnerability\"", "\"descriptor\""});
                  },
                  read_grype},
    ForeignFormat{"gitleaks", "gitleaks' JSON",
                  [](std::string_view bytes) {
                      return has_all(bytes, {"\"RuleID\"", "\"Secret\"", "\"File\""});
                  },
                  read_gitleaks, find_gitleaks_secrets},
    ForeignFormat{"checkov", "Checkov's JSON",
                  [](std::string_view bytes) {
                      return has_any(bytes, {"\"check_type\"", "\"checkov_version\""});
                  },
                  read_checkov, find_checkov_secrets},
    ForeignFormat{"semgrep", "Semgrep's JSON",
                  [](std::string_view bytes) {
                      return has_all(bytes, {"\"results\"", "\"check_id\""}) ||
                             has_all(bytes, {"\"results\"", "\"errors\"", "\"paths\""});
                  },
                  read_semgrep, find_semgrep_secrets},
    ForeignFormat{
        "kube-score", "kube-score's JSON",
        [](std::string_view bytes) { return has_all(bytes, {"\"object_name\"", "\"type_meta\""}); },
        read_kube_score},
    ForeignFormat{"zap", "ZAP's JSON",
                  [](std::string_view bytes) { return has_all(bytes, {"\"@programName\""}); },
                  read_zap, find_zap_secrets},
    ForeignFormat{"nuclei", "nuclei's JSON Lines",
                  [](std::string_view bytes) { return has_all(bytes, {"\"template-id\""}); },
                  read_nuclei, find_nuclei_secrets},
    ForeignFormat{"falco", "Falco's JSON Lines",
                  [](std::string_view bytes) {
                      return has_all(bytes, {"\"output_fields\"", "\"priority\"", "\"rule\""});
                  },
                  read_falco},
    ForeignFormat{"github-alerts", "alerts of GitHub's API",
                  [](std::string_view bytes) {
                      return has_any(bytes, {"\"most_recent_instance\"", "\"secret_type\"",
                                             "\"security_advisory\""});
                  },
                  nullptr, find_github_secrets, read_github_alerts},
    ForeignFormat{"osv-scanner", "OSV-Scanner's JSON",
                  [](std::string_view bytes) {
                      return has_all(bytes, {"\"results\"", "\"source\"", "\"packages\""}) ||
                             has_all(bytes, {"\"results\"", "\"experimental_config\""});
                  },
                  read_osv_scanner},
    ForeignFormat{"junit", "JUnit's XML",
                  [](std::string_view bytes) {
                      const std::size_t start = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
                      return start != std::string_view::npos && bytes[start] == '<' &&
                             bytes.contains("<testsuite");
                  },
                  read_junit},
    // In front of bills of materials, because a statement may be around one.
    ForeignFormat{"attestation", "in-toto's statements and DSSE envelopes",
                  [](std::string_view bytes) {
                      return has_all(bytes, {"\"predicateType\""}) ||
                             has_all(bytes, {"\"payloadType\"", "\"payload\""});
                  },
                  nullptr, nullptr, read_attestation},
    ForeignFormat{"bom", "CycloneDX, SPDX and other bills of materials", looks_like_bom, nullptr,
                  nullptr, read_bom_document},
    ForeignFormat{"vex", "OpenVEX and CSAF",
                  [](std::string_view bytes) {
                      return bytes.contains("openvex.dev/ns") ||
                             has_all(bytes, {"\"csaf_version\""});
                  },
                  nullptr, nullptr, read_vex_document},
    ForeignFormat{"defectdojo", "DefectDojo's API",
                  [](std::string_view bytes) {
                      return has_all(bytes, {"\"numerical_severity\"", "\"false_p\""}) ||
                             has_all(bytes, {"\"accepted_findings\""});
                  },
                  nullptr, find_defectdojo_secrets, read_defectdojo},
    ForeignFormat{"dependency-track", "Dependency-Track's API",
                  [](std::string_view bytes) {
                      return has_all(bytes, {"\"matrix\"", "\"vulnId\""}) ||
                             has_all(bytes, {"\"analysisState\""}) ||
                             has_all(bytes,
                                     {"\"application\"", "\"Dependency-Track\"", "\"findings\""});
                  },
                  nullptr, nullptr, read_dependency_track},
};

const ForeignFormat* format_of(std::string_view bytes, std::string_view name) {
    const std::string_view first = bytes.substr(0, kMarkBytes);
    const auto* const format = std::ranges::find_if(kFormats, [&](const ForeignFormat& known) {
        return name.empty() ? known.looks_like(first) : known.name == name;
    });
    return format == kFormats.end() ? nullptr : &*format;
}

Result<ForeignReport> take(const ForeignFormat& format, const ForeignInput& input) {
    ForeignReport read{.format = format.name, .reports = {}};
    if (format.read != nullptr) {
        read.reports = MERLON_TRY(format.read(input));
        for (ReadReport& report : read.reports)
            std::ranges::move(report.links, std::back_inserter(read.links));
        return read;
    }
    ReadDocument document = MERLON_TRY(format.read_document(input));
    read.reports = std::move(document.reports);
    read.title = std::move(document.title);
    read.packages = document.packages;
    read.statements = document.statements;
    read.decided = std::move(document.decided);
    read.links = std::move(document.links);
    read.bill_of = std::move(document.bill_of);
    return read;
}

bool may_hold(const ForeignFormat& format, std::string_view bytes,
              const std::vector<ReadReport>& reports) {
    if (format.find_secrets == find_trivy_secrets) return bytes.contains("\"Secrets\"");
    if (format.find_secrets == find_zap_secrets)
        return has_any(bytes, {"\"request-header\"", "\"response-header\"", "?", "\"evidence\"",
                               "\"otherinfo\"", "\"attack\""});
    if (format.find_secrets == find_checkov_secrets) return bytes.contains("CKV_SECRET");
    const bool is_of_any_tool = format.find_secrets == find_sarif_secrets ||
                                format.find_secrets == find_own_secrets ||
                                format.find_secrets == find_semgrep_secrets;
    return !is_of_any_tool || may_hold_secrets(reports);
}

}  // namespace

bool has_categories_of_content(std::string_view tool) {
    return equal_without_case(tool, "trivy") || equal_without_case(tool, "github");
}

std::span<const ForeignFormat> foreign_formats() { return kFormats; }

Result<ForeignReport> read_foreign_report(const ForeignInput& input, std::string_view name) {
    MERLON_TRY(check_is_utf8(input.bytes));
    const ForeignFormat* const format = format_of(input.bytes, name);
    if (format == nullptr) {
        std::string known;
        for (const ForeignFormat& one : kFormats)
            known += (known.empty() ? "" : ", ") + std::string(one.title);
        return Error{"not a report that is known; there are " + known +
                     "; an empty one needs --from, because it says nothing of its tool"};
    }
    // Tools that write a line for each finding write nothing where there is none; others write a
    // list.
    const bool is_of_lines =
        format->find_secrets == find_nuclei_secrets || format->read == read_falco;
    if (!is_of_lines && input.bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF") == input.bytes.npos)
        return Error{"the file is empty, and no report of " + std::string(format->title) +
                     " is: look whether the tool has failed"};
    Result<ForeignReport> taken = take(*format, input);
    const auto is_interrupted = [&] {
        return input.cancel != nullptr && input.cancel->cancelled();
    };
    if (is_interrupted()) return reading_interrupted();
    if (!taken.ok())
        return std::move(taken).error().within("reading " + std::string(format->title));
    ForeignReport read = std::move(taken).value();
    if (format->find_secrets == find_sarif_secrets)
        for (ReadReport& report : read.reports) mark_hidden_secrets(report, input.secret_key);
    std::ranges::for_each(read.reports, mark_secrets);
    if (format->find_secrets == nullptr || !may_hold(*format, input.bytes, read.reports))
        return read;
    SecretMasker masker(input.secret_key);
    std::string masked =
        MERLON_TRY(masked_document(input.bytes, format->find_secrets, masker, input.cancel));
    if (masker.is_empty()) return read;
    read.masked = std::move(masked);
    for (ReadReport& report : read.reports) masker.mask(report, input.cancel);
    for (ForeignDecision& decision : read.decided.decisions) masker.mask(decision.reason);
    if (is_interrupted()) return reading_interrupted();
    return read;
}

}  // namespace merlon::exchange
