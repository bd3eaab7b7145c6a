// Our reports against their schemas: JSON against schemas/report.schema.json, SARIF against the
// schema that OASIS publishes. A report that breaks its schema must be found, so each is broken
// once too.

#include "match/regex.h"
#include "report/report.h"
#include "suite.h"
#include "text/json.h"
#include "value/json_schema.h"

namespace {

using namespace merlon;

model::Report sample() {
    model::Report report;
    report.analysis.version = "1.2.3";
    report.analysis.engine = "secrets";
    report.analysis.scope = {"."};
    report.analysis.complete = false;
    report.analysis.incomplete_because = {"encrypted"};
    report.rules.push_back({"a-rule",
                            "secrets",
                            "demo",
                            "A rule",
                            "What it finds.",
                            "What to do.",
                            "https://example.com/",
                            model::Severity::kCritical,
                            model::Confidence::kHigh,
                            {"tag"},
                            "CWE-798"});
    model::Finding finding;
    finding.rule_id = "a-rule";
    finding.message = "What it finds.";
    finding.location = model::FileLocation{"a b/\xC3\xA9.py", {}, {3, 9, 3, 20, 40, 52}};
    finding.match = finding.secret = "ab********";
    finding.secret_id = std::string(64, 'a');
    finding.excerpt = {3, {"token = ab********"}, 3, 9, 18};
    finding.fingerprints = {{"merlon/context/v1", "00ff"}, {"primaryLocationLineHash", "1f:1"}};
    finding.properties = {{"check", "valid"}};
    report.findings.push_back(finding);
    finding.location = model::FileLocation{"a.zip", {"inner.txt"}, {1, 1, 1, 2, 0, 2}};
    finding.suppressed_by = "ignore";
    finding.suppression_reason = "known";
    report.findings.push_back(finding);
    report.coverage.gaps.push_back({model::GapCause::kEncrypted, "b.zip", "needs a password"});
    report.coverage.accepted.push_back(
        {{model::GapCause::kTooLarge, "c.bin", "large"}, "known", "2030-01-01"});
    report.notices = {"a notice"};
    return report;
}

Result<bool> matches(std::string_view pattern, std::string_view text) {
    Result<match::Regex> regex = match::Regex::compile(pattern);
    if (!regex.ok()) return std::move(regex).error();
    return regex.value().is_match(text);
}

struct Verdict {
    bool fits;
    std::string detail;
};

Verdict check(const std::string& schema_text, const std::string& text) {
    Arena arena;
    Interner interner;
    const auto schema = text::read_json(schema_text, arena, interner);
    const auto document = text::read_json(text, arena, interner);
    if (!schema.ok()) return {false, schema.error().to_string()};
    if (!document.ok()) return {false, document.error().to_string()};
    const auto violations = value::validate(*schema.value().root, *document.value().root, matches);
    if (!violations.ok()) return {false, violations.error().to_string()};
    if (violations.value().empty()) return {true, {}};
    return {false, violations.value()[0].pointer + ": " + violations.value()[0].message};
}

std::string broken(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    if (at != std::string::npos) text.replace(at, from.size(), to);
    return text;
}

}  // namespace

int main() {
    const auto sarif = conformance::find_suite("sarif");
    if (sarif.empty()) return conformance::not_run(4);
    conformance::Tally tally("known_failures_schemas.txt");
    const char* source = std::getenv("MERLON_SOURCE_DIR");
    const std::filesystem::path root = source != nullptr ? source : ".";
    const model::Report report = sample();

    const std::string own = conformance::read_whole(root / "schemas" / "report.schema.json");
    const std::string json = report::write(report, report::Format::kJson, {});
    Verdict verdict = check(own, json);
    tally.record("json", verdict.fits, verdict.detail);
    verdict = check(own, broken(json, "\"critical\"", "\"dreadful\""));
    tally.record("json-broken", !verdict.fits, "a wrong severity was accepted");

    const std::string theirs = conformance::read_whole(sarif / "sarif-schema-2.1.0.json");
    const std::string log = report::write(report, report::Format::kSarif, {});
    verdict = check(theirs, log);
    tally.record("sarif", verdict.fits, verdict.detail);
    verdict = check(theirs, broken(log, "\"startLine\": 3", "\"startLine\": 0"));
    tally.record("sarif-broken", !verdict.fits, "line 0 was accepted");
    return tally.finish();
}
