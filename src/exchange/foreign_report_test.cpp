#include "exchange/foreign_report.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/joined.h"
#include "exchange/foreign_draft.h"
#include "exchange/masked_document.h"
#include "text/base64.h"

namespace merlon::exchange {
namespace {

// What was read, in lines: stream, whether it closes, findings.
std::string told(const ForeignReport& read) {
    std::string lines;
    for (const ReadReport& one : read.reports) {
        const model::Analysis& analysis = one.report.analysis;
        lines += analysis.tool + " [" + one.category + "]" +
                 (analysis.complete ? " complete" : "") + "\n";
        for (const model::Finding& finding : one.report.findings) {
            lines += "  " + finding.rule_id + " " + std::string(model::name(finding.severity)) +
                     " " + model::to_string(finding.location) + ": " + finding.message;
            if (!finding.suppressed_by.empty())
                lines += " (" + finding.suppressed_by + ": " + finding.suppression_reason + ")";
            lines += "\n";
        }
        if (joined(analysis.incomplete_because, " ").contains(kUnstatedCoverage))
            lines += "  coverage not told\n";
        for (const model::Gap& gap : one.report.coverage.gaps)
            lines += "  gap " + std::string(model::name(gap.cause)) + " " + gap.path + "\n";
    }
    return lines;
}

std::string read(std::string_view bytes, std::string_view format = {}) {
    const auto read = read_foreign_report({.bytes = bytes, .secret_key = "key"}, format);
    return read.ok() ? std::string(read.value().format) + ": " + told(read.value())
                     : read.error().to_string();
}

// The whole report of one, for what `told` leaves out.
model::Finding first_finding(std::string_view bytes) {
    auto read = read_foreign_report({.bytes = bytes, .secret_key = "key"});
    EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().to_string());
    if (!read.ok() || read.value().reports.empty() ||
        read.value().reports[0].report.findings.empty())
        return {};
    return read.value().reports[0].report.findings[0];
}

constexpr std::string_view kGitleaks = R"([
 {"RuleID": "r", "Description": "A key", "StartLine": 3, "EndLine": 3, "StartColumn": 8,
  "EndColumn": 20, "Match": "key = one two", "Secret": "one two", "File": "./a.ini",
  "SymlinkFile": "", "Commit": "c0ffee", "Entropy": 3.1, "Author": "A", "Email": "a@example.com",
  "Date": "2026-01-01T00:00:00Z", "Message": "m", "Tags": ["t"], "Fingerprint": "c0ffee:a.ini:r:3"}])";

TEST(ForeignReport, gitleaks_never_says_that_it_saw_everything) {
    EXPECT_EQ(read(kGitleaks),
              "gitleaks: gitleaks []\n"
              "  r high a.ini:3:8: A key\n"
              "  coverage not told\n");
    const model::Finding finding = first_finding(kGitleaks);
    EXPECT_EQ(finding.secret_id.size(), 64u);
    EXPECT_EQ(finding.secret.find("one"), std::string::npos);
    EXPECT_EQ(finding.match.find("one two"), std::string::npos);
    EXPECT_EQ(finding.properties.at("commit"), "c0ffee");
    EXPECT_TRUE(finding.fingerprints.empty());
}

TEST(ForeignReport, what_gitleaks_has_redacted_gives_no_id) {
    std::string redacted(kGitleaks);
    for (std::size_t at = redacted.find("one two"); at != std::string::npos;
         at = redacted.find("one two"))
        redacted.replace(at, 7, "REDACTED");
    EXPECT_EQ(first_finding(redacted).secret_id, "");
}

TEST(ForeignReport, sarif_that_hides_secrets_says_so) {
    const auto first_of = [](const std::string& tool, const std::string& id,
                             const std::string& snippet) {
        const std::string bytes =
            R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": ")" + tool +
            R"("}}, "automationDetails": {"id": ")" + id +
            R"("}, "results": [{"ruleId": "r", "message": {"text": "m"}, "locations": [
               {"physicalLocation": {"artifactLocation": {"uri": "a.ini"}, "region":
               {"startLine": 1, "snippet": {"text": ")" +
            snippet + R"("}}}}]}]}]})";
        const auto read = read_foreign_report({.bytes = bytes, .secret_key = "key"});
        EXPECT_TRUE(read.ok()) << read.error().to_string();
        return read.value().reports[0].report.findings[0].secret;
    };
    EXPECT_NE(first_of("gitleaks", "", "REDACTED"), "");
    EXPECT_NE(first_of("Merlon", "merlon/secrets/", "key = ab********"), "");
    EXPECT_EQ(first_of("gitleaks", "", "a value of its own"), "");
    EXPECT_EQ(first_of("Merlon", "merlon/code/", "REDACTED"), "");
    EXPECT_EQ(first_of("semgrep", "", "REDACTED"), "");
}

TEST(ForeignReport, a_document_is_kept_without_its_secrets) {
    const auto taken = read_foreign_report({.bytes = kGitleaks, .secret_key = "key"});
    ASSERT_TRUE(taken.ok());
    const std::string kept = taken.value().masked.value_or("");
    EXPECT_EQ(kept.find("one two"), std::string::npos);
    EXPECT_NE(kept.find("\"Secret\": \"masked "), std::string::npos) << kept;
    EXPECT_NE(kept.find("\"Fingerprint\": \"c0ffee:a.ini:r:3\"}]"), std::string::npos);
    // Another secret is another document.
    std::string other(kGitleaks);
    other.replace(other.find("one two\", \"File"), 7, "two one");
    const auto again = read_foreign_report({.bytes = other, .secret_key = "key"});
    ASSERT_TRUE(again.ok());
    EXPECT_NE(again.value().masked.value_or(""), kept);
    // A name that stands twice could hide a secret behind the other.
    SecretMasker masker("key");
    const auto find = [](const value::Value& root, SecretMasker& found) {
        constexpr std::string_view kNames[] = {"Secret"};
        add_members(root, kNames, found);
    };
    EXPECT_FALSE(masked_document(R"({"Secret": "a", "Secret": "b"})", find, masker).ok());
}

TEST(ForeignReport, a_secret_is_masked_wherever_it_stands) {
    constexpr std::string_view kReport = R"([{"RuleID": "r", "Description": "key hunter/22 found",
        "StartLine": 3, "EndLine": 3, "StartColumn": 1, "EndColumn": 9, "Match": "k=hunter\u002f22",
        "Secret": "hunter/22", "File": "conf/hunter/22.ini", "Line": "a k=hunter/22 b",
        "Message": "use hunter/22", "Link": "https://example.org/?k=hunter%2F22", "Tags": ["hunter/22"],
        "Commit": "c0ffee", "Author": "a", "Email": "", "Date": "", "Fingerprint": "conf/hunter/22.ini:r:3"}])";
    const auto taken = read_foreign_report({.bytes = kReport, .secret_key = "key"});
    ASSERT_TRUE(taken.ok()) << taken.error().to_string();
    const std::string kept = taken.value().masked.value_or("");
    EXPECT_FALSE(kept.contains("hunter")) << kept;
    EXPECT_TRUE(kept.contains("\"Message\": \"use masked ")) << kept;
    const model::Report& report = taken.value().reports[0].report;
    EXPECT_FALSE(report.rules[0].name.contains("hunter"));
    const model::Finding& finding = report.findings[0];
    for (const auto& [name, text] : finding.properties)
        EXPECT_FALSE(text.contains("hunter")) << name;
    EXPECT_FALSE(model::to_string(finding.location).contains("hunter"));
    EXPECT_FALSE(finding.tags[0].contains("hunter"));
}

TEST(ForeignReport, a_secret_is_masked_in_base64_too) {
    constexpr std::string_view kSecret = "hunter/22?~";
    for (const std::string_view in_front : {"", "u", "a:", "user:"}) {
        for (const auto alphabet : {text::Base64Alphabet::kStandard, text::Base64Alphabet::kUrl}) {
            const std::string encoded = text::encode_base64(
                std::string(in_front) + std::string(kSecret) + " end", alphabet);
            const std::string bytes =
                R"([{"RuleID": "r", "Description": "d", "StartLine": 3, "EndLine": 3, "Match":
                "Authorization: Basic )" +
                encoded + R"(", "Secret": "hunter/22?~", "File": "a", "Line": "", "Message": "",
                "Tags": [], "Commit": "", "Author": "", "Email": "", "Date": "", "Fingerprint": "f"}])";
            const auto taken = read_foreign_report({.bytes = bytes, .secret_key = "key"});
            ASSERT_TRUE(taken.ok()) << taken.error().to_string();
            const std::string kept = taken.value().masked.value_or(encoded);
            EXPECT_FALSE(kept.contains(encoded)) << kept;
            // What is left of it begins and ends with what stood around the secret.
            EXPECT_FALSE(kept.contains(encoded.substr(encoded.size() / 2 - 3, 6))) << kept;
        }
    }
}

TEST(ForeignReport, comments_on_secrets_and_snippets_of_secret_scanners_are_masked) {
    const auto alerts = read_foreign_report(
        {.bytes =
             R"([{"number": 1, "state": "resolved", "secret_type": "t", "secret": "s3cr3t-value",
            "resolution": "revoked", "resolution_comment": "s3cr3t-value is dead", "url": "u"}])",
         .secret_key = "key"});
    ASSERT_TRUE(alerts.ok()) << alerts.error().to_string();
    EXPECT_FALSE(alerts.value().masked.value_or("s3cr3t-value").contains("s3cr3t-value"));
    EXPECT_FALSE(
        alerts.value().reports[0].report.findings[0].suppression_reason.contains("s3cr3t-value"));
    const auto sarif = [](std::string_view tool) {
        return R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": ")" +
               std::string(tool) +
               R"("}}, "results": [{"ruleId": "r", "message": {"text": "s3cr3t-value in a.ini"},
               "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.ini"}, "region":
               {"startLine": 1, "snippet": {"text": "s3cr3t-value"}}}}]}]}]})";
    };
    const auto masked = read_foreign_report({.bytes = sarif("gitleaks"), .secret_key = "key"});
    ASSERT_TRUE(masked.ok()) << masked.error().to_string();
    EXPECT_FALSE(masked.value().masked.value_or("s3cr3t-value").contains("s3cr3t-value"));
    EXPECT_FALSE(masked.value().reports[0].report.findings[0].message.contains("s3cr3t-value"));
    EXPECT_FALSE(
        masked.value().reports[0].report.findings[0].excerpt.lines[0].contains("s3cr3t-value"));
    // What other tools show is source code.
    EXPECT_FALSE(
        read_foreign_report({.bytes = sarif("semgrep"), .secret_key = "key"}).value().masked);
}

TEST(ForeignReport, secrets_are_masked_whatever_has_found_them) {
    const std::string secret = "s3cr3t" + std::string("-value-0123456789");
    const std::string line = R"(key = \")" + secret + R"(\")";
    const auto sarif = [&](const std::string& tool, const std::string& rule,
                           const std::string& message) {
        return R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": ")" + tool +
               R"("}}, "results": [{"ruleId": ")" + rule + R"(", "message": {"text": ")" + message +
               R"("}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.ini"}, )" +
               R"("region": {"startLine": 1, "snippet": {"text": ")" + line + R"("}}}}]}]}]})";
    };
    const std::string documents[] = {
        sarif("trufflehog", "r", "Found " + secret),
        sarif("Semgrep OSS", "generic.secrets.detected-key", "A key: " + secret + "."),
        R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Merlon"}}, "results": [
            {"ruleId": "r", "message": {"text": "A key. Found: )" +
            secret + R"("}}]}]})",
        R"({"schema": "merlon-report", "version": 1, "analysis": {"tool": "merlon", "complete":
            true}, "findings": [{"rule": "r", "severity": "high", "confidence": "high", "message":
            "m", "secret": ")" +
            secret + R"(", "match": ")" + line + R"(", "location": {"path": "a.ini"}}]})",
        R"({"version": "1", "errors": [], "paths": {}, "results": [{"check_id": "a.b", "path": "a.ini",
            "start": {"line": 1, "col": 1}, "end": {"line": 1, "col": 9}, "extra": {"message": "k",
            "severity": "ERROR", "lines": ")" +
            line + R"(", "metadata": {"cwe": ["CWE-798: Hard-coded"]}}}]})",
        R"({"SchemaVersion": 2, "ArtifactName": ".", "Results": [{"Target": "a.ini", "Class": "secret",
            "Secrets": [{"RuleID": "r", "Severity": "HIGH", "Title": "t", "StartLine": 1, "EndLine": 1,
            "Match": ")" +
            line + R"("}]}]})",
        R"({"template-id": "t", "info": {"name": "n", "severity": "low", "tags": ["token"]},
            "matched-at": "https://h/", "extracted-results": [")" +
            secret + R"("], "request": "GET / )" + secret + R"("})",
    };
    for (std::string document : documents) {
        std::ranges::replace(document, '\n', ' ');
        const auto read = read_foreign_report({.bytes = document, .secret_key = "key"});
        ASSERT_TRUE(read.ok()) << read.error().to_string() << document;
        ASSERT_TRUE(read.value().masked) << document;
        EXPECT_FALSE(read.value().masked->contains(secret)) << *read.value().masked;
        const model::Finding& finding = read.value().reports.at(0).report.findings.at(0);
        for (const std::string& text : {finding.message, finding.match, finding.secret})
            EXPECT_FALSE(text.contains(secret)) << text;
        for (const std::string& text : finding.excerpt.lines)
            EXPECT_FALSE(text.contains(secret)) << text;
        // What is masked already stays as it is.
        const auto again =
            read_foreign_report({.bytes = *read.value().masked, .secret_key = "key"});
        EXPECT_TRUE(again.ok()) << again.error().to_string();
    }
}

TEST(ForeignReport, json_lines_are_masked_line_by_line) {
    const std::string secret = "s3cr3t" + std::string("-value-0123456789");
    const std::string lines =
        R"({"template-id": "t", "info": {"name": "n"}, "matched-at": "https://h/?q=)" + secret +
        "\"}\n\n" +
        R"({"template-id": "token", "info": {"name": "n"}, "matched-at": "https://h/",
            "extracted-results": [")";
    std::string document = lines + secret + "\"]}\n";
    document.replace(document.find(",\n"), 2, ", ");
    const auto read = read_foreign_report({.bytes = document, .secret_key = "key"});
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    ASSERT_TRUE(read.value().masked);
    EXPECT_FALSE(read.value().masked->contains(secret)) << *read.value().masked;
    EXPECT_EQ(std::ranges::count(*read.value().masked, '\n'), 3);
}

TEST(SecretMasker, overlapping_secrets_and_lines_of_keys_leave_nothing) {
    SecretMasker masker("key");
    masker.add("abcdef");
    masker.add("defghijk");
    masker.add("-----BEGIN KEY-----\nAAAABBBBCCCCDDDDEEEEFFFF\nGGGG\n-----END KEY-----\n");
    masker.add("xy");
    std::string text = "1 abcdefghijk 2";
    ASSERT_TRUE(masker.mask(text));
    EXPECT_TRUE(text.starts_with("1 masked ") && text.ends_with(" 2")) << text;
    EXPECT_FALSE(text.contains("ghijk")) << text;
    text = "line AAAABBBBCCCCDDDDEEEEFFFF";
    EXPECT_TRUE(masker.mask(text));
    // Of two bytes only the whole text.
    text = "xyz";
    EXPECT_FALSE(masker.mask(text));
    text = "xy";
    EXPECT_TRUE(masker.mask(text));
}

TEST(ForeignReport, an_empty_list_is_the_report_of_whoever_is_named) {
    EXPECT_NE(read("[]").find("an empty one needs --from"), std::string::npos);
    EXPECT_EQ(read("[]", "gitleaks"), "gitleaks: gitleaks []\n  coverage not told\n");
    EXPECT_EQ(read("", "nuclei"), "nuclei: nuclei []\n  coverage not told\n");
    // kube-score lists what it has looked at, also where all is well.
    EXPECT_NE(read("[]", "kube-score").find("no object is in it"), std::string::npos);
    for (const char* format : {"gitleaks", "kube-score", "github-alerts", "defectdojo"})
        EXPECT_NE(read(" \n", format).find("the file is empty"), std::string::npos) << format;
}

TEST(ForeignReport, trivy_closes_by_kinds_of_which_there_are_results) {
    EXPECT_EQ(
        read(R"({"SchemaVersion": 2, "ArtifactName": "docker.io/library/shop:1.2",
        "ArtifactType": "container_image", "Results": [
        {"Target": "shop:1.2 (debian 12.1) x", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [
          {"VulnerabilityID": "CVE-2026-1", "PkgName": "zlib1g", "InstalledVersion": "1:1.2.13",
           "PkgIdentifier": {"PURL": "pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64"},
           "Severity": "CRITICAL", "Title": "overflow", "Status": "affected"}]},
        {"Target": "Dockerfile", "Class": "config", "Type": "dockerfile",
         "MisconfSummary": {"Successes": 20, "Failures": 1}, "Misconfigurations": [
          {"ID": "DS-0002", "Title": "root", "Message": "says no USER", "Severity": "HIGH",
           "Status": "FAIL", "CauseMetadata": {"StartLine": 3, "EndLine": 4, "Resource": "x",
           "Code": {"Lines": [{"Number": 3, "Content": "RUN a"}, {"Number": 4, "Content": "RUN b"}]}}},
          {"ID": "DS-0001", "Status": "PASS", "Severity": "LOW"}],
         "ExperimentalModifiedFindings": [{"Type": "misconfiguration", "Status": "ignored",
           "Source": ".trivyignore", "Finding": {"ID": "DS-0026", "Title": "no HEALTHCHECK",
           "Severity": "LOW", "Status": "FAIL"}}]}]})"),
        "trivy: trivy [vulnerabilities] complete\n"
        "  CVE-2026-1 critical os/debian: zlib1g 1:1.2.13: overflow; no fixed version is known\n"
        "trivy [misconfigurations] complete\n"
        "  DS-0026 low Dockerfile: no HEALTHCHECK (external: ignored: .trivyignore)\n"
        "  DS-0002 high Dockerfile:3:0: says no USER\n");
}

TEST(ForeignReport, an_image_is_the_same_one_under_another_tag) {
    const auto taken = read_foreign_report(
        {.bytes = R"({"SchemaVersion": 2, "ArtifactName": "registry.example:5000/shop:1@sha256:00",
                     "ArtifactType": "container_image", "Results": [{"Class": "secret"}]})",
         .secret_key = ""});
    ASSERT_TRUE(taken.ok());
    ASSERT_EQ(taken.value().reports.size(), 1u);
    EXPECT_EQ(taken.value().reports[0].repository, "registry.example:5000/shop");
}

TEST(ForeignReport, grype_tells_of_matches_that_its_user_ignores) {
    constexpr std::string_view kMatch = R"({"vulnerability": {"id": "GHSA-1", "severity": "Medium",
        "fix": {"versions": ["4.17.21"], "state": "fixed"}}, "relatedVulnerabilities": [{"id": "CVE-1",
        "description": "of it"}], "artifact": {"name": "lodash", "version": "4.17.20", "type": "npm",
        "purl": "pkg:npm/lodash@4.17.20", "locations": [{"path": "/package-lock.json"}, {"path": "/b"}]})";
    const std::string report = R"({"matches": [)" + std::string(kMatch) +
                               R"(}], "ignoredMatches": [)" + std::string(kMatch) +
                               R"(, "appliedIgnoreRules": [{"reason": "not used"}]}],
        "descriptor": {"name": "grype", "version": "0.1"}})";
    EXPECT_EQ(read(report),
              "grype: grype [] complete\n"
              "  GHSA-1 medium /package-lock.json: lodash 4.17.20: GHSA-1; fixed in 4.17.21\n"
              "  GHSA-1 medium /package-lock.json: lodash 4.17.20: GHSA-1; fixed in 4.17.21 "
              "(external: not used)\n");
    const model::Finding finding = first_finding(report);
    EXPECT_EQ(finding.properties.at("ids"), "GHSA-1 CVE-1");
    EXPECT_EQ(finding.properties.at("purl"), "pkg:npm/lodash@4.17.20");
    EXPECT_EQ(finding.also_at.size(), 1u);
}

TEST(ForeignReport, semgrep_is_complete_without_errors) {
    const std::string result = R"({"version": "1.2.3", "results": [{"check_id": "a.b.eval",
        "path": "src/a.py", "start": {"line": 3, "col": 5, "offset": 40}, "end": {"line": 3, "col": 12,
        "offset": 47}, "extra": {"message": "eval", "severity": "ERROR", "lines": "    eval(x) ",
        "fingerprint": "0f_0", "metadata": {"cwe": ["CWE-95: Eval"], "confidence": "HIGH"},
        "is_ignored": false}}], "errors": [)";
    EXPECT_EQ(read(result + R"(], "paths": {"scanned": ["src/a.py"]}})"),
              "semgrep: semgrep [] complete\n  a.b.eval high src/a.py:3:5: eval\n");
    EXPECT_EQ(read(result + R"({"code": 3, "level": "warn", "type": ["PartialParsing", []],
        "path": "src/b.py", "message": "m"}], "paths": {"skipped": [{"path": "big.py",
        "reason": "exceeded_size_limit"}, {"path": "c.py", "reason": "semgrepignore_patterns_match"}]}})"),
              "semgrep: semgrep []\n  a.b.eval high src/a.py:3:5: eval\n"
              "  gap too-large big.py\n  gap scanner-failed src/b.py\n");
    const model::Finding finding = first_finding(result + "]}");
    EXPECT_EQ(finding.confidence, model::Confidence::kHigh);
    ASSERT_EQ(finding.fingerprints.size(), 1u);
    EXPECT_EQ(finding.fingerprints[0].algorithm, "matchBasedId/v1");
    EXPECT_EQ(finding.excerpt.lines, std::vector<std::string>{"    eval(x) "});
}

TEST(ForeignReport, semgrep_withholds_lines_from_who_is_not_signed_in) {
    const model::Finding finding = first_finding(R"({"results": [{"check_id": "r", "path": "a.py",
        "start": {"line": 3, "col": 5}, "end": {"line": 3, "col": 12}, "extra": {"message": "m",
        "severity": "INFO", "lines": "requires login", "fingerprint": "requires login"}}]})");
    EXPECT_TRUE(finding.excerpt.lines.empty());
    EXPECT_TRUE(finding.fingerprints.empty());
    EXPECT_EQ(finding.severity, model::Severity::kLow);
}

TEST(ForeignReport, checkov_has_a_report_for_each_kind_of_file) {
    constexpr std::string_view kCheck = R"({"check_id": "CKV_AWS_1", "check_name": "no star",
        "check_result": {"result": "SKIPPED", "suppress_comment": "known"}, "file_path": "/s3/main.tf",
        "file_line_range": [1, 3], "resource": "aws_s3_bucket.b", "severity": null,
        "code_block": [[1, "resource {\n"], [2, "}\n"]], "guideline": "https://example.test/"})";
    const std::string failed = R"({"check_type": "terraform", "results": {"failed_checks": [)" +
                               std::string(kCheck) + R"(], "skipped_checks": [)" +
                               std::string(kCheck) + "], ";
    EXPECT_EQ(read("[" + failed + R"("parsing_errors": []}}, {"check_type": "kubernetes", "results":
        {"failed_checks": [], "parsing_errors": ["/x.yaml"]}}])"),
              "checkov: checkov [terraform] complete\n"
              "  CKV_AWS_1 high s3/main.tf:1:0: no star\n"
              "  CKV_AWS_1 high s3/main.tf:1:0: no star (inline: known)\n"
              "checkov [kubernetes]\n  gap invalid-input x.yaml\n");
    EXPECT_EQ(
        read(failed.substr(0, failed.find('[')) + R"([]}, "summary": {"parsing_errors": 2}})"),
        "checkov: checkov [terraform]\n  gap invalid-input checkov\n");
    EXPECT_EQ(read(R"({"passed": 0, "failed": 0, "checkov_version": "3.0"})"), "checkov: ");
    EXPECT_EQ(first_finding(failed + R"("parsing_errors": []}})").excerpt.lines,
              (std::vector<std::string>{"resource {", "}"}));
}

TEST(ForeignReport, kube_score_grades_become_severities) {
    EXPECT_EQ(
        read(R"([{"object_name": "Deployment/apps/v1//web", "type_meta": {"kind": "Deployment"},
        "object_meta": {"name": "web", "namespace": "shop"}, "checks": [
        {"check": {"id": "resources", "name": "Container Resources"}, "grade": 1, "skipped": false,
         "comments": [{"path": "app", "summary": "no limit", "description": ""},
                      {"path": "log", "summary": "no limit", "description": ""}]},
        {"check": {"id": "probe", "name": "Probe"}, "grade": 5, "skipped": false, "comments": null},
        {"check": {"id": "fine", "name": "Fine"}, "grade": 10, "skipped": false, "comments": null},
        {"check": {"id": "out", "name": "Out"}, "grade": 1, "skipped": true, "comments": null}],
        "file_name": "web.yaml", "file_row": 7}])"),
        "kube-score: kube-score [] complete\n"
        "  probe medium web.yaml:7:0: Probe\n"
        "  resources high web.yaml:7:0: no limit\n"
        "  resources high web.yaml:7:0: no limit\n");
}

TEST(ForeignReport, zap_has_a_stream_for_each_site) {
    constexpr std::string_view kReport = R"({"@programName": "ZAP", "@version": "2.16.0", "site": [
        {"@name": "https://shop.example", "alerts": [{"pluginid": "10020", "alertRef": "10020-1",
         "name": "No header", "riskcode": "2", "confidence": "2", "desc": "<p>Clickjacking &amp; more</p>",
         "reference": "<p>https://a.example</p><p>https://b.example</p>", "cweid": "1021",
         "instances": [{"uri": "https://shop.example/a?x=1", "method": "GET", "param": "x-frame-options"}]}]},
        {"@name": "http://other.example", "alerts": []}]})";
    EXPECT_EQ(read(kReport),
              "zap: zap [https://shop.example]\n"
              "  10020-1 medium https://shop.example/a: No header (parameter x-frame-options)\n"
              "  coverage not told\n"
              "zap [http://other.example]\n  coverage not told\n");
    const auto taken = read_foreign_report({.bytes = kReport, .secret_key = ""});
    const model::Rule& rule = taken.value().reports[0].report.rules[0];
    EXPECT_EQ(rule.description, "Clickjacking & more");
    EXPECT_EQ(rule.help_url, "https://a.example");
    EXPECT_EQ(rule.cwe, "CWE-1021");
}

TEST(ForeignReport, nuclei_is_read_as_lines_and_as_a_list) {
    constexpr std::string_view kLine =
        R"({"template-id": "git-config", "info": {"name": "Git", "severity": "medium", "tags": ["t"]}, "matcher-name": "m", "host": "h", "matched-at": "https://h/.git/config", "matcher-status": true})";
    constexpr std::string_view kOther = R"({"template-id": "x", "matcher-status": false})";
    const std::string lines = std::string(kLine) + "\n\n" + std::string(kOther) + "\n";
    const std::string list = "[" + std::string(kLine) + "," + std::string(kOther) + "]";
    EXPECT_EQ(read(lines),
              "nuclei: nuclei []\n  git-config medium https://h/.git/config: Git: m\n"
              "  coverage not told\n");
    EXPECT_EQ(read(lines), read(list));
    EXPECT_EQ(read(std::string(kLine) + "\nnot JSON\n").substr(0, 6), "line 2");
    // As Windows' shells write it.
    EXPECT_EQ(read("\xEF\xBB\xBF" + lines), read(lines));
    EXPECT_EQ(read("\xEF\xBB\xBF" + lines, "nuclei"), read(lines));
    EXPECT_EQ(read("\xEF\xBB\xBF", "nuclei"), "nuclei: nuclei []\n  coverage not told\n");
}

TEST(ForeignReport, falco_counts_events_of_a_workload) {
    EXPECT_EQ(
        read(
            R"({"hostname": "n1", "output": "shell 1", "priority": "Notice", "rule": "Shell", "time": "2026-01-01T00:00:02Z", "output_fields": {"k8s.pod.name": "web-1", "k8s.ns.name": "shop"}, "tags": ["a"]}
{"hostname": "n1", "output": "shell 2", "priority": "Warning", "rule": "Shell", "time": "2026-01-01T00:00:01Z", "output_fields": {"k8s.pod.name": "web-1", "k8s.ns.name": "shop"}}
{"hostname": "n1", "output": "shell 3", "priority": "Warning", "rule": "Shell", "time": "2026-01-01T00:00:01Z", "output_fields": {"container.name": "<NA>"}}
)"),
        "falco: falco []\n  Shell medium n1: shell 3\n"
        "  Shell medium shop/pod/web-1: shell 1\n  coverage not told\n");
}

TEST(ForeignReport, alerts_of_github_keep_who_dismissed_them) {
    constexpr std::string_view kCode = R"({"number": 1, "state": "dismissed",
        "url": "https://api.github.test/1", "html_url": "https://github.test/acme/shop/security/1",
        "dismissed_by": {"login": "ana"}, "dismissed_at": "2026-01-01T00:00:00Z",
        "dismissed_reason": "won't fix", "dismissed_comment": "old", "rule": {"id": "js/xss",
        "severity": "error", "security_severity_level": "medium", "description": "XSS"},
        "tool": {"name": "CodeQL"}, "most_recent_instance": {"ref": "refs/heads/main",
        "message": {"text": "here"}, "location": {"path": "a.js", "start_line": 4, "start_column": 2}}})";
    constexpr std::string_view kSecret = R"({"number": 2, "state": "open",
        "url": "https://api.github.test/2", "html_url": "https://github.test/acme/shop/security/2",
        "secret_type": "a_key", "secret_type_display_name": "A key", "secret": "one two",
        "validity": "active"})";
    constexpr std::string_view kDependency = R"({"number": 3, "state": "open",
        "html_url": "https://github.test/acme/shop/security/3", "dependency": {"package": {
        "ecosystem": "pip", "name": "django"}, "manifest_path": "requirements.txt"},
        "security_advisory": {"ghsa_id": "GHSA-1", "cve_id": "CVE-1", "summary": "s",
        "severity": "high"}, "security_vulnerability": {"vulnerable_version_range": "< 2.0.2",
        "first_patched_version": {"identifier": "2.0.2"}}})";
    constexpr std::string_view kFixed = R"({"state": "fixed", "security_advisory": {}})";
    const std::string all = "[" + std::string(kCode) + "," + std::string(kSecret) + "," +
                            std::string(kDependency) + "," + std::string(kFixed) + "]";
    EXPECT_EQ(read(all),
              "github-alerts: github [code-scanning/CodeQL]\n"
              "  js/xss medium a.js:4:2: here (external: won't fix: old, by ana, "
              "2026-01-01T00:00:00Z)\n"
              "  coverage not told\n"
              "github [dependabot]\n"
              "  GHSA-1 high requirements.txt: django < 2.0.2: s; fixed in 2.0.2\n"
              "  coverage not told\n"
              "github [secret-scanning]\n"
              "  a_key critical : A key\n"
              "  coverage not told\n");
    const auto taken = read_foreign_report({.bytes = all, .secret_key = "key"});
    EXPECT_EQ(taken.value().reports[0].repository, "https://github.test/acme/shop");
    EXPECT_EQ(taken.value().masked.value_or("").find("one two"), std::string::npos);
    EXPECT_EQ(taken.value().reports[0].report.notices.size(), 2u);
}

TEST(ForeignReport, osv_scanner_groups_records_by_what_they_have_in_common) {
    EXPECT_EQ(read(R"({"results": [{"source": {"path": "/w/package-lock.json", "type": "lockfile"},
        "packages": [{"package": {"name": "lodash", "version": "4.17.20", "ecosystem": "npm"},
        "vulnerabilities": [{"id": "GHSA-1", "summary": "s", "affected": [{"package": {"name": "lodash"},
        "ranges": [{"events": [{"introduced": "0"}, {"fixed": "4.17.21"}]}]}]}],
        "groups": [{"ids": ["GHSA-1"], "aliases": ["CVE-1", "GHSA-1"], "max_severity": "7.2"}]}]}]})"),
              "osv-scanner: osv-scanner [] complete\n"
              "  GHSA-1 high /w/package-lock.json: lodash 4.17.20: s; fixed in 4.17.21\n");
}

TEST(ForeignReport, junit_has_those_that_failed_and_is_whole_if_none_was_skipped) {
    const std::string start = R"(<?xml version="1.0"?><testsuites name="unit"><testsuite name="a">
        <testcase classname="shop.Cart" name="adds" file="cart_test.py" line="7">
          <failure message="1 is not 2">trace</failure></testcase>
        <testcase classname="shop.Cart" name="fine"/>
        <testsuite name="inner"><testcase name="deep"><error>boom
at x</error></testcase></testsuite>)";
    const std::string end = "</testsuite></testsuites>";
    EXPECT_EQ(
        read(start + end),
        "junit: junit [unit] complete\n"
        "  shop.Cart.adds high cart_test.py:7:0: 1 is not 2\n  inner.deep high inner.deep: boom\n");
    EXPECT_EQ(
        read(start + R"(<testcase name="later"><skipped/></testcase>)" + end),
        "junit: junit [unit]\n"
        "  shop.Cart.adds high cart_test.py:7:0: 1 is not 2\n  inner.deep high inner.deep: boom\n"
        "  coverage not told\n");
    EXPECT_EQ(read("<testsuite>\n<testcase/></testsuite>").substr(0, 6), "line 2");
}

TEST(ForeignReport, a_key_that_stands_twice_is_refused_with_its_name_and_line) {
    const auto read = read_foreign_report(
        {.bytes = "{\"version\": \"2.1.0\",\n \"runs\": [],\n \"runs\": []}", .secret_key = {}},
        "sarif");
    ASSERT_FALSE(read.ok());
    EXPECT_NE(read.error().message.find("the key \"runs\" twice"), std::string::npos)
        << read.error().message;
    EXPECT_EQ(read.error().line, 3u);
}

TEST(ForeignReport, one_in_utf_16_is_named_so) {
    std::string bytes = "\xFF\xFE";
    for (const char c : std::string_view("{\"runs\": []}")) bytes += {c, '\0'};
    const auto read = read_foreign_report({.bytes = bytes, .secret_key = {}}, "sarif");
    ASSERT_FALSE(read.ok());
    EXPECT_NE(read.error().message.find("UTF-16"), std::string::npos);
}

TEST(ForeignReport, what_is_not_as_the_tool_writes_it_is_refused_with_its_line) {
    const struct {
        std::string_view format, bytes, place;
    } cases[] = {
        {"gitleaks", "[\n{\"RuleID\": \"r\"}]", "line 2"},
        {"trivy", "{\"Results\": [\n{\"Vulnerabilities\": [{}]}]}", "line 2"},
        {"grype", "{\"matches\":\n [{\"vulnerability\": {}}]}", "line 2"},
        {"semgrep", "{\"results\": [\n{\"check_id\": \"r\"}]}", "line 2"},
        {"checkov", "{\"results\": {\"failed_checks\":\n 1}}", "line 1"},
        {"kube-score", "[{\"checks\":\n [{}]}]", "line 2"},
        {"zap", "{\"site\": [\n{}]}", "line 2"},
        {"nuclei", "\n{}", "line 2"},
        {"falco", "\n7", "line 2"},
        {"github-alerts", "[\n{}]", "line 2"},
        {"osv-scanner", "{\"results\": [{\"packages\":\n [{}]}]}", "line 2"},
        {"junit", "<a/>", "expected <testsuites>"},
        {"sarif", "{\n}", "line 1"},
    };
    for (const auto& c : cases)
        EXPECT_EQ(read(c.bytes, c.format).substr(0, c.place.size()), c.place)
            << c.format << ": " << read(c.bytes, c.format);
}

TEST(ForeignReport, a_bill_of_materials_with_weaknesses_has_findings) {
    constexpr std::string_view kBom =
        R"({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"tools": [{"name": "Depscan", "version": "5"}], "component": {"type": "application",
          "bom-ref": "root", "name": "shop"}},
        "components": [{"type": "library", "bom-ref": "a", "name": "lodash", "version": "4.17.20",
          "purl": "pkg:npm/lodash@4.17.20"}],
        "vulnerabilities": [
          {"id": "CVE-1", "ratings": [{"severity": "medium"}, {"severity": "high", "score": 7.2}],
           "description": "of it", "cwes": [79], "affects": [{"ref": "a"}, {"ref": "gone"}]},
          {"id": "CVE-2", "analysis": {"state": "not_affected", "justification": "code_not_reachable"},
           "affects": [{"ref": "a"}]}]})";
    EXPECT_EQ(read(kBom),
              "bom: depscan [sbom]\n"
              "  CVE-1 high : lodash 4.17.20: of it; no fixed version is known\n"
              "  CVE-2 high : lodash 4.17.20: CVE-2; no fixed version is known "
              "(vex: not_affected: code_not_reachable)\n"
              "  coverage not told\n");
    const auto taken = read_foreign_report({.bytes = kBom, .secret_key = ""});
    EXPECT_EQ(taken.value().title, "CycloneDX 1.5");
    EXPECT_EQ(taken.value().packages, 1u);
    EXPECT_EQ(taken.value().decided.decisions.size(), 1u);
    EXPECT_EQ(taken.value().reports[0].repository, "shop");
}

TEST(ForeignReport, vex_is_decisions_and_attestations_are_links_or_counted) {
    const auto taken = [](std::string_view bytes) {
        auto read = read_foreign_report({.bytes = bytes, .secret_key = ""});
        EXPECT_TRUE(read.ok()) << read.error().to_string();
        return read.ok() ? std::move(read).value() : ForeignReport{};
    };
    ForeignReport read = taken(R"({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "d",
        "author": "a", "statements": [{"vulnerability": {"name": "CVE-1"}, "status": "fixed",
        "products": ["pkg:npm/a@1"]}]})");
    EXPECT_EQ(read.title, "VEX");
    EXPECT_EQ(read.decided.decisions.size(), 1u);
    EXPECT_TRUE(read.reports.empty());
    read = taken(R"({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "a"}],
        "predicateType": "https://slsa.dev/provenance/v1", "predicate": {}})");
    EXPECT_EQ(read.title, "in-toto statement of https://slsa.dev/provenance/v1");
    EXPECT_EQ(read.statements, 1u);
    read = taken(R"({"payloadType": "text/plain", "payload": "e30=", "signatures": []})");
    EXPECT_EQ(read.title, "DSSE envelope of text/plain");
    EXPECT_EQ(read.statements, 1u);
    // Its payload has to be a statement.
    EXPECT_FALSE(read_foreign_report({.bytes = R"({"payloadType": "application/vnd.in-toto+json",
        "payload": "e30=", "signatures": []})",
                                      .secret_key = ""})
                     .ok());
}

TEST(ForeignReport, provenance_of_both_versions_leads_from_a_commit_to_an_artifact) {
    const std::string digest(64, 'a'), commit(40, 'b');
    const std::string subject = R"("subject": [{"name": "shop", "digest": {"sha256": ")" + digest +
                                R"("}}], "_type": "https://in-toto.io/Statement/v1", )";
    const std::string source = R"([{"uri": "git+https://github.com/acme/shop@refs/heads/main",
        "digest": {"sha1": ")" +
                               commit + R"("}}])";
    for (const std::string& predicate :
         {R"("predicateType": "https://slsa.dev/provenance/v0.2", "predicate": {"materials": )" +
              source + "}",
          R"("predicateType": "https://slsa.dev/provenance/v1", "predicate": {"buildDefinition":
              {"resolvedDependencies": )" +
              source + "}}"}) {
        const std::string statement = "{" + subject + predicate + "}";
        const auto read = read_foreign_report({.bytes = statement, .secret_key = ""});
        ASSERT_TRUE(read.ok()) << read.error().to_string();
        const std::vector<Link>& links = read.value().links;
        ASSERT_EQ(links.size(), 2u);
        EXPECT_EQ(links[0].from.name, "https://github.com/acme/shop");
        EXPECT_EQ(links[1].from, (LinkEnd{"commit", commit}));
        EXPECT_EQ(links[1].to, (LinkEnd{"artifact", "sha256:" + digest}));
        EXPECT_EQ(read.value().statements, 0u);
    }
}

TEST(ForeignReport, marks_inside_of_texts_do_not_mislead) {
    // A finding about Merlon's own sources, in which names of other formats stand.
    EXPECT_EQ(read(R"({"version": "1", "results": [{"check_id": "r", "path": "src/sarif_read.cpp",
        "start": {"line": 1, "col": 1}, "end": {"line": 1, "col": 2}, "extra": {"message": "m",
        "severity": "WARNING", "lines": "find(\"runs\") \"SchemaVersion\" <testsuite"}}],
        "errors": [], "paths": {}})"),
              "semgrep: semgrep [] complete\n  r medium src/sarif_read.cpp:1:1: m\n");
}

TEST(ForeignReport, a_report_without_its_list_is_none) {
    constexpr std::pair<std::string_view, std::string_view> kBroken[] = {
        {"grype", R"({"error": "no database"})"},
        {"semgrep", R"({"version": "1.2.3"})"},
        {"osv-scanner", "{}"},
        {"kube-score", "[{}]"}};
    for (const auto& [format, bytes] : kBroken)
        EXPECT_NE(read(bytes, format).find("every report has this list"), std::string::npos)
            << format << ": " << read(bytes, format);
    EXPECT_EQ(read(R"({"matches": []})", "grype"), "grype: grype [] complete\n");
}

std::string sarif_run(const std::string& results, const std::string& more = {},
                      const std::string& tool = R"({"driver": {"name": "T"}})") {
    return R"({"$schema": "sarif-2.1.0", "version": "2.1.0", "runs": [{"tool": )" + tool +
           R"(, "results": [)" + results + "]" + more + "}]}";
}

// Each with what tells it apart.
std::string sarif_places(const std::string& bytes) {
    const auto taken = read_foreign_report({.bytes = bytes, .secret_key = "key"});
    if (!taken.ok()) return taken.error().to_string();
    std::string lines;
    for (const model::Finding& finding : taken.value().reports[0].report.findings) {
        lines += finding.rule_id + " " + model::to_string(finding.location);
        for (const char* name : {"offset", "request", "purl", "object"})
            if (const auto found = finding.properties.find(name); found != finding.properties.end())
                lines += std::string(" ") + name + "=" + found->second;
        lines += "\n";
    }
    return lines;
}

TEST(ForeignReport, places_of_sarif_that_are_no_lines_tell_results_apart) {
    const auto result = [](const std::string& place) {
        return R"({"ruleId": "r", "message": {"text": "m"}, )" + place + "}";
    };
    const auto physical = [&](const std::string& place) {
        return result(R"("locations": [{"physicalLocation": )" + place + "}]");
    };
    const std::string file = R"("artifactLocation": {"uri": "a.js"}, "region": )";
    EXPECT_EQ(sarif_places(sarif_run(
                  physical("{" + file + R"({"charOffset": 10, "charLength": 9}})") + "," +
                      physical("{" + file + R"({"byteOffset": 7}})") + "," +
                      physical(R"({"address": {"absoluteAddress": 4096}})") + "," +
                      result(R"("webRequest": {"method": "GET", "target": "https://x.test/a"})") +
                      "," + result(R"("locations": [{"logicalLocations": [{"index": 1}]}])") + "," +
                      result(R"("properties": {"purl": "pkg:maven/a/x@1"})"),
                  R"(, "logicalLocations": [{"fullyQualifiedName": "A.f"},
                     {"fullyQualifiedName": "B.g"}])")),
              "r a.js offset=char 10+9\n"
              "r a.js offset=byte 7\n"
              "r address 4096\n"
              "r https://x.test/a request=GET https://x.test/a\n"
              "r B.g object=B.g\n"
              "r  purl=pkg:maven/a/x@1\n");
}

TEST(ForeignReport, rules_of_sarif_are_found_by_guid_and_told_apart_by_component) {
    const std::string tool = R"({"driver": {"name": "T", "rules": [{"id": "R9", "guid": "g-9"}]},
        "extensions": [{"name": "A", "rules": [{"id": "R1"}]}, {"name": "B", "rules": [{"id": "R1"}]}]})";
    const auto result = [](const std::string& rule) {
        return R"({"message": {"text": "m"}, "rule": )" + rule + "}";
    };
    EXPECT_EQ(sarif_places(
                  sarif_run(result(R"({"id": "R1", "toolComponent": {"index": 0}})") + "," +
                                result(R"({"id": "R1", "toolComponent": {"name": "B"}})") + "," +
                                result(R"({"guid": "g-9"})") + "," + result(R"({"guid": "g-8"})"),
                            "", tool)),
              "A/R1 \nB/R1 \nR9 \ng-8 \n");
}

TEST(ForeignReport, tests_of_one_name_in_two_suites_are_two) {
    const auto suite = [](const std::string& name, const std::string& of) {
        return "<testsuite name=\"" + name + "\"><testcase " + of +
               "name=\"health\"><failure message=\"m\"/></testcase></testsuite>";
    };
    const auto suites = [](const std::string& all) {
        return "<testsuites>" + all + "</testsuites>";
    };
    EXPECT_EQ(read(suites(suite("api", "") + suite("web", ""))),
              "junit: junit [] complete\n"
              "  api.health high api.health: m\n  web.health high web.health: m\n");
    const std::string of = "classname=\"C\" ";
    EXPECT_EQ(read(suites(suite("api", of) + suite("web", of))),
              "junit: junit [] complete\n"
              "  api.C.health high api.C.health: m\n  web.C.health high web.C.health: m\n");
    EXPECT_EQ(read(suites(suite("api", of))),
              "junit: junit [] complete\n  C.health high C.health: m\n");
}

std::string kind_in(std::string_view bytes) {
    const model::Finding finding = first_finding(bytes);
    const auto kind = finding.properties.find("kind");
    return kind == finding.properties.end() ? "" : kind->second;
}

TEST(ForeignReport, findings_say_that_they_are_secrets) {
    const std::string result = R"({"ruleId": "r", "message": {"text": "m"}})";
    EXPECT_EQ(kind_in(sarif_run(result)), "");
    for (const char* name : {"Nosey Parker", "kingfisher", "secretlint", "Talisman"})
        EXPECT_EQ(kind_in(sarif_run(result, "",
                                    R"({"driver": {"name": ")" + std::string(name) + R"("}})")),
                  "secret")
            << name;
    EXPECT_EQ(kind_in(sarif_run(result, "", R"({"driver": {"name": "Trivy", "rules": [
        {"id": "r", "properties": {"tags": ["secret"]}}]}})")),
              "secret");
    EXPECT_EQ(
        kind_in(R"([{"secret_type": "a_key", "state": "open", "url": "https://api.github.test/2",
        "html_url": "https://github.test/acme/shop/security/2"}])"),
        "secret");
    EXPECT_EQ(kind_in(R"({"SchemaVersion": 2, "Results": [{"Target": "a.py", "Class": "secret",
        "Secrets": [{"RuleID": "aws-access-key-id", "Severity": "HIGH", "Title": "t"}]}]})"),
              "secret");
}

TEST(ForeignReport, a_rule_about_secrets_is_no_secret) {
    const auto kind = [](const std::string& rule) {
        return kind_in(sarif_run(R"({"ruleId": ")" + rule + R"(", "message": {"text": "m"}})"));
    };
    for (const char* rule : {"aws-secretsmanager-secret-unencrypted", "no-secret-in-log",
                             "secretary-module", "weak-private-key-size", "k8s-secrets-as-env"})
        EXPECT_EQ(kind(rule), "") << rule;
    for (const char* rule : {"detected-aws-access-key", "hardcoded-password", "CKV_SECRET_6"})
        EXPECT_EQ(kind(rule), "secret") << rule;
}

TEST(ForeignReport, an_advisory_of_a_distribution_is_no_other_name_of_a_weakness) {
    const model::Finding finding = first_finding(R"({"SchemaVersion": 2, "Results": [{"Target": "i",
        "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [{"VulnerabilityID": "CVE-1",
        "VendorIDs": ["DSA-1-1"], "PkgName": "p", "InstalledVersion": "1", "Severity": "HIGH"}]}]})");
    EXPECT_EQ(finding.properties.at("ids"), "CVE-1");
    EXPECT_EQ(finding.properties.at("advisories"), "DSA-1-1");
}

TEST(ForeignReport, packages_without_an_address_get_one) {
    const model::Finding finding =
        first_finding(R"({"results": [{"source": {"path": "/l"}, "packages": [
        {"package": {"name": "@a/b", "version": "1.0", "ecosystem": "npm"}, "groups": [
        {"ids": ["GHSA-1"]}]}]}]})");
    EXPECT_EQ(finding.properties.at("purl"), "pkg:npm/%40a/b@1.0");
    EXPECT_EQ(finding.properties.at("object"), "npm/@a/b");
}

TEST(ForeignReport, what_github_says_of_an_alert_is_a_decision) {
    const auto alert = [](const std::string& state) {
        return R"([{"secret_type": "a_key", "url": "https://api.github.test/2", "html_url":
            "https://github.test/acme/shop/security/2", )" +
               state + "}]";
    };
    const auto decided = [&](const std::string& state) -> std::string {
        const std::string bytes = alert(state);
        const auto taken = read_foreign_report({.bytes = bytes, .secret_key = "key"});
        if (!taken.ok()) return taken.error().to_string();
        std::string text = std::to_string(taken.value().reports.size());
        for (const ForeignDecision& one : taken.value().decided.decisions)
            text += " " + one.verdict + " " + one.author + " " + one.finding + " " +
                    (one.made ? format_rfc3339(*one.made) : "");
        return text;
    };
    EXPECT_EQ(decided(R"("state": "resolved", "resolution": "false_positive",
        "resolved_by": {"login": "ana"}, "resolved_at": "2026-01-02T00:00:00Z")"),
              "1 false_positive ana https://api.github.test/2 2026-01-02T00:00:00Z");
    EXPECT_EQ(decided(R"("state": "fixed", "fixed_at": "2026-01-02T00:00:00Z")"),
              "0 fixed GitHub https://api.github.test/2 2026-01-02T00:00:00Z");
    EXPECT_EQ(decided(R"("state": "open")"), "1 none GitHub https://api.github.test/2 ");
    EXPECT_EQ(read("[]", "github-alerts"), "github-alerts: ");
}

TEST(ForeignReport, secrets_are_masked_in_what_rules_about_them_say) {
    const auto kept = [](const std::string& bytes) {
        const auto taken = read_foreign_report({.bytes = bytes, .secret_key = "key"});
        EXPECT_TRUE(taken.ok());
        return taken.ok() ? taken.value().masked.value_or("") : "";
    };
    const std::string value =
        "Tr0ub"
        "4dor&3";
    const std::string alerts = kept(R"([{"url": "https://api.github.test/4", "html_url":
        "https://github.test/a/b/security/4", "state": "open", "rule": {"id": "r", "tags":
        ["external/cwe/cwe-798"]}, "tool": {"name": "CodeQL"}, "most_recent_instance": {"message":
        {"text": "The value \")" + value +
                                    R"(\" is used."}}}])");
    EXPECT_NE(alerts.find("masked "), std::string::npos);
    EXPECT_EQ(alerts.find(value), std::string::npos);
    const std::string checks = kept(R"({"check_type": "secrets", "results": {"failed_checks": [
        {"check_id": "CKV_SECRET_6", "file_path": "/a.py", "file_line_range": [1, 1], "code_block":
        [[1, "key = \")" + value + R"(\"\n"]]}]}})");
    EXPECT_NE(checks.find("masked "), std::string::npos);
    EXPECT_EQ(checks.find(value), std::string::npos);
    const std::string message = kept(R"([{"RuleID": "r", "File": "a", "Secret": ")" + value +
                                     R"(", "Match": "m", "Message": "Tr0ub4dor&amp;3"}])");
    EXPECT_EQ(message.find("4dor"), std::string::npos) << message;
}

TEST(ForeignReport, trivys_sarif_names_its_packages) {
    EXPECT_EQ(sarif_places(sarif_run(R"({"ruleId": "CVE-1", "message":
        {"text": "Package: lodash\nInstalled Version: 4.17.19\nVulnerability CVE-1"}})")),
              "CVE-1  object=lodash\n");
}

// The first of the runs of a report.
ReadReport first_run(std::string_view bytes, std::string_view format) {
    auto read = read_foreign_report({.bytes = bytes, .secret_key = "key"}, format);
    EXPECT_TRUE(read.ok()) << read.error().to_string();
    return read.ok() && !read.value().reports.empty() ? std::move(read.value().reports.front())
                                                      : ReadReport{};
}

TEST(ForeignReport, says_what_was_looked_at) {
    const auto trivy = [](const std::string& type, const std::string& name) {
        return joined(
            first_run(R"({"SchemaVersion": 2, "ArtifactType": ")" + type +
                          R"(", "ArtifactName": ")" + name +
                          R"(", "Results": [{"Target": "a.json", "Class": "lang-pkgs"}]})",
                      "trivy")
                .report.analysis.scope,
            "|");
    };
    EXPECT_EQ(trivy("container_image", "registry.example/web:1"), "registry.example/web");
    EXPECT_EQ(trivy("filesystem", "./services/web/"), "services/web");
    EXPECT_EQ(trivy("filesystem", "."), ".");
    EXPECT_EQ(trivy("repository", "https://github.com/acme/shop"), "");
    // A folder, unless Git is in it.
    EXPECT_EQ(trivy("repository", "/tmp/x81"), "/tmp/x81");
    EXPECT_EQ(joined(first_run(R"({"SchemaVersion": 2, "ArtifactType": "repository",
                                   "ArtifactName": "/tmp/x81", "Metadata": {"Commit": "0a1b2c3"},
                                   "Results": [{"Target": "a.json", "Class": "lang-pkgs"}]})",
                               "trivy")
                         .report.analysis.scope,
                     "|"),
              ".");
    const auto grype = [](const std::string& source) {
        return joined(first_run(R"({"matches": [], "source": )" + source +
                                    R"(, "descriptor": {"name": "grype", "version": "1"}})",
                                "grype")
                          .report.analysis.scope,
                      "|");
    };
    EXPECT_EQ(grype(R"({"type": "image", "target": {"userInput": "web:1"}})"), "web");
    EXPECT_EQ(grype(R"({"type": "directory", "target": "src"})"), "src");
    const auto semgrep = [](const std::string& paths) {
        return first_run(
                   R"({"version": "1.185.0", "results": [], "errors": [], "paths": )" + paths + "}",
                   "semgrep")
            .looked_at;
    };
    EXPECT_EQ(semgrep(R"({"scanned": ["./src/a.py"]})"), std::vector<std::string>{"src/a.py"});
    EXPECT_FALSE(semgrep("{}"));
    const auto lists_rules = [](const std::string& tool, const std::string& rules) {
        return first_run(R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": ")" + tool +
                             R"(", "rules": [)" + rules + R"(]}}, "results": []}]})",
                         "sarif")
            .lists_rules;
    };
    for (const char* tool : {"semgrep", "Semgrep OSS", "Semgrep PRO", "Semgrep Pro Engine",
                             "opengrep", "Opengrep OSS", "CodeQL", "CodeQL command-line toolchain"})
        EXPECT_TRUE(lists_rules(tool, R"({"id": "a"})")) << tool;
    EXPECT_FALSE(lists_rules("Semgrep OSS", ""));
    EXPECT_FALSE(lists_rules("Scanner", R"({"id": "a"})"));
    EXPECT_FALSE(lists_rules("CodeQLike", R"({"id": "a"})"));
}

TEST(ForeignReport, what_another_trivy_may_write_is_not_passed_over) {
    EXPECT_EQ(read(R"({"SchemaVersion": 3, "ArtifactName": "a", "Results": []})"),
              "line 1: expected a report with SchemaVersion 2, found 3: take a Merlon that knows "
              "this version of Trivy (while reading Trivy's JSON)");
    const auto trivy = [](const std::string& results) {
        return first_run(
                   R"({"SchemaVersion": 2, "ArtifactName": "a", "Results": [)" + results + "]}",
                   "trivy")
            .report;
    };
    const std::string secrets = R"({"Target": "x", "Class": "secret", "Secrets": []})";
    EXPECT_TRUE(trivy(secrets).coverage.gaps.empty());
    EXPECT_TRUE(
        trivy(secrets + R"(, {"Class": "custom", "CustomResources": [{"a": 1}], "Later": []})")
            .coverage.gaps.empty());
    const model::Report report =
        trivy(secrets + R"(, {"Target": "y", "Class": "new", "Quirks": [{"ID": "Q1"}]})");
    EXPECT_FALSE(report.analysis.complete);
    ASSERT_EQ(report.coverage.gaps.size(), 1U);
    EXPECT_EQ(report.coverage.gaps[0].detail,
              "results that are not known, and were left out: Quirks of class new");
    // Alone in it, too.
    EXPECT_FALSE(trivy(R"({"Class": "new", "Quirks": [{"ID": "Q1"}]})").analysis.complete);
}

TEST(ForeignReport, the_name_of_a_function_is_in_many_files) {
    const auto object = [](const std::string& logical, const std::string& physical) {
        const ReadReport read = first_run(
            R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": [{"ruleId":
                "r", "message": {"text": "m"}, "locations": [{"logicalLocations": [)" +
                logical + "]" + physical + "}]}]}]}",
            "sarif");
        const auto& properties = read.report.findings.at(0).properties;
        const auto found = properties.find("object");
        return found == properties.end() ? std::string() : found->second;
    };
    const std::string file =
        R"(, "physicalLocation": {"artifactLocation": {"uri": "a.c"}, "region": {"startLine": 1}})";
    EXPECT_EQ(object(R"({"name": "main"})", file), "");
    EXPECT_EQ(object(R"({"name": "main"})", ""), "main");
    EXPECT_EQ(object(R"({"fullyQualifiedName": "a::main", "name": "main"})", file), "a::main");
}

TEST(ForeignReport, two_secrets_of_a_scanners_sarif_are_told_apart_by_their_values) {
    const auto id_of = [](const std::string& snippet, const std::string& columns) {
        return first_finding(sarif_run(
                                 R"({"ruleId": "r", "message": {"text": "m"}, "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": "a.ini"}, "region": {"startLine": 1)" +
                                     columns + R"(, "snippet": {"text": ")" + snippet +
                                     R"("}}}}]})",
                                 "", R"({"driver": {"name": "gitleaks"}})"))
            .secret_id;
    };
    const std::string columns = R"(, "startColumn": 7, "endColumn": 12)";
    EXPECT_EQ(id_of("one12", columns).size(), 64u);
    EXPECT_EQ(id_of("one12", columns), id_of("one12", columns));
    EXPECT_NE(id_of("one12", columns), id_of("two12", columns));
    EXPECT_EQ(id_of("REDACTED", columns), "");
    EXPECT_EQ(id_of("key = one12", ""), "");  // the line, and not the secret alone
}

TEST(ForeignReport, a_weakness_of_a_package_is_no_secret_whatever_its_tags) {
    const auto kind = [](const std::string& rule) {
        return kind_in(sarif_run(R"({"ruleId": ")" + rule + R"(", "message": {"text": "m"}})", "",
                                 R"({"driver": {"name": "Snyk Open Source", "rules": [{"id": ")" +
                                     rule +
                                     R"(", "properties": {"tags": ["CWE-798", "npm"]}}]}})"));
    };
    for (const char* rule : {"SNYK-JS-LP-1", "npm:lp:20180130", "CVE-2026-1", "GHSA-1-2-3"})
        EXPECT_EQ(kind(rule), "") << rule;
    EXPECT_EQ(kind("javascript/NoHardcodedPasswords"), "secret");
    const auto plain = [](const std::string& rule) {
        return kind_in(sarif_run(R"({"ruleId": ")" + rule + R"(", "message": {"text": "m"}})"));
    };
    for (const char* rule : {"exposed-panel-auth", "keycloak-detected"})
        EXPECT_EQ(plain(rule), "") << rule;
    for (const char* rule : {"exposed-api-keys", "HardcodedKeyFound", "hardcoded-basic-auth"})
        EXPECT_EQ(plain(rule), "secret") << rule;
}

TEST(ForeignReport, an_object_of_a_cluster_that_could_not_be_scanned_is_a_gap) {
    const auto told_of = [](const std::string& more) {
        return read(R"({"ClusterName": "c", "Resources": [{"Namespace": "shop", "Kind": "Pod",
            "Name": "web", "Error": "unable to find the image"})" +
                    more + "]}");
    };
    EXPECT_EQ(told_of(""),
              "trivy: trivy [vulnerabilities]\n  coverage not told\n"
              "  gap scanner-failed shop/Pod/web\n");
    EXPECT_EQ(told_of(R"(, {"Kind": "Pod", "Name": "db", "Results": [
                  {"Target": "db", "Class": "config", "MisconfSummary": {}}]})"),
              "trivy: trivy [misconfigurations]\n  gap scanner-failed shop/Pod/web\n");
}

TEST(ForeignReport, alerts_of_no_system_call_are_about_who_did_what_to_what) {
    const auto told_of = [](const std::string& source, const std::string& fields) {
        const std::string told = read(
            R"({"hostname": "falco-0", "output": "o", "priority": "Notice", "rule": "R", "time": "t", )" +
            source + R"("output_fields": {)" + fields + "}}");
        return told.substr(told.find("low") + 4, told.find(": o") - told.find("low") - 4);
    };
    const std::string audit =
        R"("ka.user.name": "eve", "x.name": ["a"], "ka.target.namespace": "prod", "ka.target.name": "db")";
    const std::string object =
        "k8s_audit ka.target.name=db ka.target.namespace=prod ka.user.name=eve";
    EXPECT_EQ(told_of(R"("source": "k8s_audit", )", audit), object);
    EXPECT_EQ(told_of("", audit), object);
    EXPECT_EQ(
        told_of(R"("source": "aws_cloudtrail", )", R"("ct.user": "ann", "ct.srcip": "1.2.3.4")"),
        "aws_cloudtrail ct.user=ann");
    EXPECT_EQ(told_of(R"("source": "other", )", R"("x.y": "z")"), "other o");
    EXPECT_EQ(told_of(R"("source": "syscall", )", R"("container.name": "host")"), "falco-0");
}

TEST(ForeignReport, what_a_report_shows_as_not_looked_at) {
    const ReadReport junit = first_run(R"(<testsuite name="s" tests="1"><testcase
        classname="a" name="b"/></testsuite>)",
                                       "junit");
    EXPECT_TRUE(junit.lists_rules && junit.report.analysis.complete);
    ASSERT_EQ(junit.report.rules.size(), 1u);
    EXPECT_EQ(junit.report.rules[0].id, "a.b");
    EXPECT_FALSE(first_run(R"(<testsuite name="s" tests="0"/>)", "junit").report.analysis.complete);

    const ReadReport scored =
        first_run(R"([{"type_meta": {"kind": "Pod"}, "object_meta": {"name": "w"},
        "file_name": "web.yaml", "checks": [{"check": {"id": "c"}, "grade": 0, "skipped": true}]}])",
                  "kube-score");
    EXPECT_EQ(scored.looked_at, std::vector<std::string>{"web.yaml"});
    ASSERT_EQ(scored.passed_over.size(), 1u);
    EXPECT_EQ(scored.passed_over[0].path + " " + scored.passed_over[0].rule, "web.yaml c");

    const auto checkov = [](const std::string& passed, const std::string& count) {
        return first_run(R"({"check_type": "terraform", "results": {"failed_checks": [],
            "passed_checks": [)" +
                             passed + R"(]}, "summary": {"passed": )" + count + "}}",
                         "checkov");
    };
    const std::string check = R"({"check_id": "CKV_1", "file_path": "/main.tf"})";
    EXPECT_EQ(checkov(check, "1").looked_at, std::vector<std::string>{"main.tf"});
    EXPECT_TRUE(checkov(check, "1").lists_rules);
    EXPECT_FALSE(checkov(check, "2").looked_at);  // not all are listed
    EXPECT_FALSE(checkov("", "0").lists_rules);
    const auto failed = [](const std::string& type, const std::string& summary) {
        return first_run(R"({"check_type": ")" + type + R"(", "results": {"failed_checks": [
            {"check_id": "CKV_1", "file_path": "/main.tf"}], "passed_checks": []}, "summary": {)" +
                             summary + "}}",
                         "checkov");
    };
    EXPECT_EQ(failed("terraform", R"("passed": 0)").looked_at, std::vector<std::string>{"main.tf"});
    EXPECT_TRUE(failed("terraform", R"("passed": 0)").lists_rules);
    EXPECT_FALSE(failed("terraform", "").lists_rules);
    EXPECT_FALSE(failed("secrets", R"("passed": 0)").lists_rules);

    const auto grype = [](const std::string& exclude) {
        return first_run(R"({"matches": [], "descriptor": {"name": "grype", "configuration":
            {"only-fixed": false, "match": {"a": 1, "b": null}, "exclude": [)" +
                             exclude + R"(], "db": {"cache-dir": "/tmp/)" +
                             std::to_string(exclude.size()) + R"("}}}})",
                         "grype")
            .report.analysis.configuration_digest;
    };
    EXPECT_EQ(grype(""), grype(" "));
    EXPECT_NE(grype(""), grype(R"("./legacy/**")"));

    const auto semgrep = [](const std::string& time) {
        return first_run(
            R"({"version": "1", "results": [], "errors": [], "paths": {})" + time + "}", "semgrep");
    };
    EXPECT_TRUE(semgrep("").lists_rules && semgrep("").report.rules.empty());
    EXPECT_EQ(semgrep("").report.notices.size(), 1u);
    const ReadReport timed = semgrep(R"(, "time": {"rules": ["a", {"id": "b"}]})");
    EXPECT_EQ(timed.report.rules.size(), 2u);
    EXPECT_TRUE(timed.report.notices.empty());
}

std::string osv_source(const std::string& path, const std::string& package) {
    return R"({"source": {"path": ")" + path + R"(", "type": "lockfile"}, "packages": [
        {"package": {"name": "lp", "version": "1", "ecosystem": "npm"}, )" +
           package + "}]}";
}

TEST(ForeignReport, osv_scanner_names_sources_with_weaknesses_alone) {
    const auto below = [](const std::string& sources) {
        return first_run(R"({"results": [)" + sources + "]}", "osv-scanner").looked_below;
    };
    const std::string none = R"("groups": [])";
    EXPECT_EQ(below(""), "");
    EXPECT_EQ(below(osv_source("/w/svc/b/a.lock", none)), "/w/svc/b");
    EXPECT_EQ(below(osv_source("a.lock", none)), ".");
    EXPECT_EQ(below(osv_source("a.lock", none) + "," + osv_source("b/a.lock", none)), "");
    EXPECT_EQ(
        below(osv_source("/w/svc/b/a.lock", none) + "," + osv_source("/w/svc/bc/a.lock", none)),
        "/w/svc");
    // Records in no group, and licences.
    const std::string told = read(
        R"({"results": [)" +
            osv_source(
                "a.lock",
                R"("vulnerabilities": [{"id": "GHSA-1"}], "license_violations": ["GPL-3.0"])") +
            "]}",
        "osv-scanner");
    EXPECT_NE(told.find("GHSA-1 high a.lock"), std::string::npos) << told;
}

TEST(ForeignReport, trivy_that_had_nothing_to_look_at_has_run) {
    const auto read = read_foreign_report(
        {.bytes = R"({"SchemaVersion": 2, "ArtifactName": ".", "ArtifactType": "filesystem"})",
         .secret_key = "key"});
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    ASSERT_EQ(read.value().reports.size(), 2u);
    EXPECT_FALSE(read.value().reports[0].report.analysis.complete);
    EXPECT_EQ(read.value().reports[1].category, "secrets");
}

TEST(ForeignReport, a_list_of_results_that_is_null_is_none) {
    for (const auto& [format, bytes] :
         {std::pair{"grype", R"({"matches": null, "descriptor": {"name": "grype"}})"},
          std::pair{"semgrep", R"({"results": null, "errors": [], "paths": {}})"}})
        EXPECT_FALSE(read_foreign_report({.bytes = bytes, .secret_key = "key"}, format).ok());
}

TEST(ForeignReport, words_are_secrets_in_quotes_and_stars_hide_themselves_alone) {
    const auto kept = [](const std::string& line, const std::string& message) {
        const auto read = read_foreign_report(
            {.bytes = R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Bandit",
                "rules": [{"id": "B105", "properties": {"tags": ["external/cwe/cwe-259"]}}]}},
                "results": [{"ruleId": "B105", "message": {"text": ")" +
                      message + R"("}, "locations": [{"physicalLocation": {"artifactLocation":
                {"uri": "src/tiger.py"}, "region": {"startLine": 1, "snippet": {"text": ")" +
                      line + R"("}}}}]}]}]})",
             .secret_key = "key"});
        EXPECT_TRUE(read.ok());
        if (!read.ok()) return std::string();
        const model::Finding& finding = read.value().reports[0].report.findings[0];
        return read.value().masked.value_or("nothing is masked") + finding.message + "|" +
               finding.excerpt.lines[0] + "|" + model::to_string(finding.location);
    };
    const std::string word = kept("password = 'tiger'\\n", "A password: 'tiger'");
    EXPECT_FALSE(word.contains("'tiger'")) << word;
    EXPECT_TRUE(word.contains("\"src/tiger.py\"")) << word;
    EXPECT_TRUE(word.contains("A password: masked ")) << word;
    const std::string dont = kept("x = 'tiger'", "Don't: it's bad, 'tiger'");
    EXPECT_TRUE(dont.contains("Don't: it's bad, masked ")) << dont;
    const std::string value = "wJalr" + std::string(12, '7');
    for (const std::string line : {"/****** aws ******/ key = \\\"", "# **** prod ****\\nk = \\\""})
        EXPECT_FALSE(kept(line + value + "\\\"", "m").contains(value)) << line;
    EXPECT_TRUE(kept("key = ********************", "m").contains("key = ****"));
}

TEST(ForeignReport, requests_of_zap_and_descriptions_of_defectdojo_are_kept_without_secrets) {
    const std::string token = "tok" + std::string(20, '7');
    const auto zap = read_foreign_report(
        {.bytes = R"({"@programName": "ZAP", "site": {"@name": "https://a.test", "alerts": [
            {"pluginid": "1", "name": "n", "instances": [{"uri": "https://a.test/x?a=1&token=)" +
                  token + R"(", "request-header": "GET / HTTP/1.1\r\nAuthorization: Bearer )" +
                  token + R"(x"}]}]}})",
         .secret_key = "key"});
    ASSERT_TRUE(zap.ok()) << zap.error().to_string();
    EXPECT_EQ(zap.value().masked.value_or(token).find(token), std::string::npos);
    ASSERT_EQ(zap.value().reports[0].report.findings.size(), 1u);
    EXPECT_EQ(zap.value().reports[0].report.findings[0].properties.at("url").find(token),
              std::string::npos);
    const auto dojo = read_foreign_report(
        {.bytes = R"({"count": 1, "results": [{"id": 1, "title": "t", "severity": "High",
            "numerical_severity": "S1", "false_p": false, "active": true,
            "description": "**Match:** `key = )" +
                  token + R"(`\n**Secret:** )" + token + R"("}]})",
         .secret_key = "key"});
    ASSERT_TRUE(dojo.ok()) << dojo.error().to_string();
    EXPECT_EQ(dojo.value().masked.value_or(token).find(token), std::string::npos);
    for (const model::Rule& rule : dojo.value().reports[0].report.rules)
        EXPECT_EQ(rule.description.find(token), std::string::npos);
}

TEST(SecretMasker, of_those_that_begin_alike_the_longest_is_masked) {
    SecretMasker masker("key");
    for (const char* secret : {"api_key = a", "api_key = ab1", "api_key = ab12345", "api_"})
        masker.add(secret);
    const auto masked = [&](std::string text) {
        masker.mask(text);
        return text;
    };
    const std::string longest = masked("x api_key = ab12345");
    EXPECT_NE(longest, masked("x api_key = ab1"));
    EXPECT_EQ(longest.find("ab"), std::string::npos);
    EXPECT_EQ(masked("x api_key = ab1 y").find("ab1"), std::string::npos);
    EXPECT_EQ(masked("x api_key = ac").find("key = a"), std::string::npos);
    EXPECT_EQ(masked("x api_kez").find("api_"), std::string::npos);
    EXPECT_EQ(masked("x apik"), "x apik");
}

}  // namespace
}  // namespace merlon::exchange
