#include "gate/reports.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "exchange/foreign_report.h"
#include "gate/documents.h"

namespace merlon::gate {
namespace {

std::string result(const std::string& rule, const std::string& path, int line,
                   const std::string& text) {
    return R"({"ruleId": ")" + rule + R"(", "message": {"text": "about )" + rule +
           R"("}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": ")" + path +
           R"("}, "region": {"startLine": )" + std::to_string(line) + R"(, "snippet": {"text": ")" +
           text + R"("}}}}]})";
}

ReportDocument sarif(const std::string& results, const std::string& tool = "Scanner",
                     const std::string& more = "") {
    const std::string text = R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": ")" +
                             tool + R"("}}, "results": [)" + results + "]" + more + "}]}";
    return {"sha256:0",
            exchange::read_foreign_report({.bytes = text, .secret_key = {}}).value().reports};
}

Input compared(const std::vector<ReportDocument>& head, const std::vector<ReportDocument>& base) {
    Input input;
    add_reports(head, base, input);
    return input;
}

TEST(GateReports, new_is_what_the_merge_base_has_not_whatever_its_line) {
    const Input input = compared({sarif(result("r", "a.py", 13, "eval(request.body)") + "," +
                                        result("r", "a.py", 40, "eval(other.thing)"))},
                                 {sarif(result("r", "a.py", 3, "eval(request.body)"))});
    ASSERT_EQ(input.findings.size(), 2U);
    EXPECT_TRUE(input.has_base);
    EXPECT_FALSE(input.findings[0].is_new);
    EXPECT_TRUE(input.findings[1].is_new);
    EXPECT_EQ(input.findings[1].path, "a.py");
    EXPECT_EQ(input.findings[1].line, 40U);
}

TEST(GateReports, what_the_merge_base_was_silent_about_is_new_once_it_speaks) {
    const std::string one = result("r", "a.py", 3, "eval(request.body)");
    std::string silent = one;
    silent.insert(silent.size() - 1, R"(, "suppressions": [{"kind": "inSource"}])");
    EXPECT_TRUE(compared({sarif(one)}, {sarif(silent)}).findings[0].is_new);
    EXPECT_FALSE(compared({sarif(one)}, {sarif(one)}).findings[0].is_new);
}

TEST(GateReports, what_the_change_suppresses_is_told_of_pull_requests) {
    const std::string one = result("r", "a.py", 3, "eval(request.body)");
    const std::string two = result("r", "b.py", 3, "exec(request.body)");
    const auto silent = [](std::string text) {
        return text.insert(text.size() - 1, R"(, "suppressions": [{"kind": "inSource"}])");
    };
    const auto flags = [](const std::string& head, const std::vector<ReportDocument>& base,
                          const std::string& gate) {
        Input input;
        input.gate = gate;
        add_reports(std::vector{sarif(head)}, base, input);
        std::string all;
        for (const SeenFinding& found : input.findings)
            all += found.is_suppressed_in_change ? 's' : found.is_new ? 'n' : '-';
        return all;
    };
    // It was open, or is new; and what was suppressed before is no matter of the change.
    EXPECT_EQ(flags(silent(one) + "," + two, {sarif(one + "," + two)}, "pr"), "s-");
    EXPECT_EQ(flags(silent(one) + "," + two, {sarif(two)}, "pr"), "s-");
    EXPECT_EQ(flags(silent(one) + "," + two, {sarif(silent(one) + "," + two)}, "pr"), "n-");
    EXPECT_EQ(flags(silent(one), {}, "pr"), "s");
    EXPECT_EQ(flags(silent(one), {}, "release"), "n");
}

TEST(GateReports, a_head_of_one_folder_says_nothing_of_another) {
    const auto of = [](std::string folder, const std::string& path) {
        ReportDocument document =
            sarif(result("r", path, 1, "subprocess.call(request.args, shell=True)"));
        document.runs[0].report.analysis.scope = {std::move(folder)};
        return document;
    };
    const auto is_new = [](const ReportDocument& head, const ReportDocument& base) {
        return compared({head}, {base}).findings.at(0).is_new;
    };
    EXPECT_TRUE(is_new(of("svcA", "lock.json"), of(".", "svcB/lock.json")));
    EXPECT_TRUE(is_new(of("svcA", "svcA/lock.json"), of(".", "svcB/lock.json")));
    EXPECT_TRUE(is_new(of("svcA", "lock.json"), of(".", "lock.json"))) << "of the root";
    EXPECT_TRUE(is_new(of("svcA", "lock.json"), of(".", "svcAB/lock.json")));
    EXPECT_FALSE(is_new(of("svcA", "lock.json"), of(".", "svcA/lock.json")));
    EXPECT_FALSE(is_new(of("svcA/", "svcA/lock.json"), of(".", "svcA/lock.json")));
    EXPECT_TRUE(is_new(of("svc/a", "lock.json"), of("svc", "b/lock.json")));
    EXPECT_FALSE(is_new(of("svc/a", "lock.json"), of("svc", "a/lock.json")));
    EXPECT_FALSE(is_new(of(".", "svcB/lock.json"), of("svcB", "lock.json")));
    EXPECT_FALSE(is_new(of("/tmp/b", "lock.json"), of("/tmp/a", "lock.json")));
}

TEST(GateReports, a_severity_that_the_change_raises_is_told) {
    const auto at = [](const std::string& level) {
        std::string one = result("r", "a.py", 3, "eval(request.body)");
        return sarif(one.insert(one.size() - 1, R"(, "level": ")" + level + R"(")"));
    };
    const SeenFinding raised = compared({at("error")}, {at("note")}).findings.at(0);
    EXPECT_FALSE(raised.is_new);
    EXPECT_EQ(raised.raised_from, model::Severity::kLow);
    EXPECT_FALSE(compared({at("note")}, {at("error")}).findings.at(0).raised_from);
    EXPECT_FALSE(compared({at("note")}, {at("note")}).findings.at(0).raised_from);
}

TEST(GateReports, what_says_nothing_of_its_coverage_is_told) {
    EXPECT_TRUE(compared({sarif("")}, {}).analyses.at(0).is_assumed);
    const auto with = [](const std::string& invocation) {
        return compared({sarif("", "Scanner", R"(, "invocations": [{)" + invocation + "}]")}, {})
            .analyses.at(0);
    };
    EXPECT_FALSE(with(R"("executionSuccessful": true)").is_assumed);
    EXPECT_FALSE(with(R"("executionSuccessful": false)").is_assumed);
    EXPECT_FALSE(with(R"("executionSuccessful": false)").is_complete);
}

TEST(GateReports, a_report_of_another_repository_is_told) {
    const auto other = [](const std::string& address, const std::string& judged) {
        Input input;
        input.repository = judged;
        add_reports(std::vector{sarif("", "Scanner",
                                      R"(, "versionControlProvenance": [{"repositoryUri": ")" +
                                          address + R"("}])")},
                    {}, input);
        return input.analyses[0].other_repository;
    };
    EXPECT_EQ(other("https://github.com/acme/shop.git", "acme/shop"), "");
    EXPECT_EQ(other("https://github.com/acme/shop", "github.com/Acme/Shop"), "");
    EXPECT_EQ(other("https://github.com/acme/other", "acme/shop"), "github.com/acme/other");
    EXPECT_EQ(other("https://github.com/acme/workshop", "shop"), "github.com/acme/workshop");
    EXPECT_EQ(other("https://github.com/acme/other", "default"), "");  // nobody says which it is
}

TEST(GateReports, without_a_base_of_the_same_tool_everything_is_new) {
    const std::string one = result("r", "a.py", 3, "eval(request.body)");
    EXPECT_TRUE(compared({sarif(one)}, {}).findings[0].is_new);
    const Input input = compared({sarif(one)}, {sarif(one, "Another")});
    EXPECT_TRUE(input.findings[0].is_new);
    EXPECT_FALSE(input.has_base);
}

TEST(GateReports, equal_findings_are_counted_and_not_merged) {
    const std::string one = result("r", "a.py", 3, "eval(x)"),
                      two = result("r", "a.py", 9, "eval(x)");
    const Input input = compared({sarif(one + "," + two)}, {sarif(one)});
    ASSERT_EQ(input.findings.size(), 2U);
    EXPECT_EQ(input.findings[0].is_new + input.findings[1].is_new, 1);
}

TEST(GateReports, a_run_that_failed_is_an_analysis_that_is_not_complete) {
    const Input input =
        compared({sarif("", "T", R"(, "invocations": [{"executionSuccessful": false}])")}, {});
    ASSERT_EQ(input.analyses.size(), 1U);
    EXPECT_FALSE(input.analyses[0].is_complete);
}

TEST(GateReports, what_a_secret_scanner_finds_is_a_secret) {
    EXPECT_EQ(compared({sarif(result("r", "a", 1, "x"), "gitleaks")}, {}).findings[0].kind,
              "secret");
    EXPECT_EQ(compared({sarif(result("r", "a", 1, "x"), "semgrep")}, {}).findings[0].kind, "code");
    model::Finding finding;
    finding.properties["purl"] = "pkg:npm/a@1";
    EXPECT_EQ(kind_of(finding, "merlon", "packages"), "package");
    model::Finding code;
    code.rule_id = "generic.secrets.detected-aws-key";
    EXPECT_EQ(kind_of(code, "semgrep", ""), "secret");
    code.rule_id = "r";
    code.tags = {"CWE-798: Use of"};
    EXPECT_EQ(kind_of(code, "semgrep", ""), "secret");
    model::Finding told;
    told.properties["kind"] = "secret";
    EXPECT_EQ(kind_of(told, "github", ""), "secret");
    finding.tags = {"CWE-798"};  // of the package's makers
    EXPECT_EQ(kind_of(finding, "trivy", ""), "package");
    finding.properties["stated"] = "MIT";
    EXPECT_EQ(kind_of(finding, "merlon", "packages"), "license");
}

constexpr std::string_view kBom = R"({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
"metadata": {"component": {"type": "container", "name": "shop", "bom-ref": "root",
"hashes": [{"alg": "SHA-256", "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]}},
"components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1",
"licenses": [{"license": {"id": "MIT"}}]},
{"type": "library", "name": "b", "version": "2", "licenses": [{"expression": "GPL-3.0-only OR MIT"}]},
{"type": "library", "name": "c", "version": "3"}]})";

TEST(GateDocuments, a_bill_of_materials_says_what_it_is_of_and_its_licences_are_judged) {
    const LicenseList list{{.allowed = {"MIT"}, .denied = {"GPL-*"}},
                           packages::LicenseVerdict::kDenied};
    Input input;
    ASSERT_TRUE(add_bom(kBom, &list, input).ok());
    ASSERT_EQ(input.boms.size(), 1U);
    EXPECT_EQ(input.boms[0].describes, std::vector<std::string>{"sha256:" + std::string(64, 'a')});
    ASSERT_EQ(input.packages.size(), 3U);
    EXPECT_EQ(input.packages[0].license_verdict, "allow");
    EXPECT_EQ(input.packages[1].license_verdict, "allow");  // of an OR the best choice
    EXPECT_EQ(input.packages[2].license_verdict, "deny");   // nobody knows it
    Input without;
    ASSERT_TRUE(add_bom(kBom, nullptr, without).ok());
    EXPECT_EQ(without.packages[0].license_verdict, "");
    EXPECT_FALSE(add_bom("{}", nullptr, without).ok());
}

TEST(GateDocuments, an_attestation_is_never_taken_for_verified) {
    const std::string statement =
        R"({"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://example.com/p",
"subject": [{"name": "a", "digest": {"sha256": "ab"}}], "predicate": {}})";
    Input input;
    ASSERT_TRUE(add_attestation(statement, nullptr, input).ok());
    ASSERT_EQ(input.attestations.size(), 1U);
    EXPECT_EQ(input.attestations[0].subjects, std::vector<std::string>{"sha256:ab"});
    EXPECT_FALSE(input.attestations[0].is_verified);
    EXPECT_EQ(input.attestations[0].reason, "it is not signed");
    EXPECT_FALSE(add_attestation("{}", nullptr, input).ok());
    EXPECT_FALSE(add_attestation(R"({"payload": "!"})", nullptr, input).ok());
}

TEST(GateDocuments, a_bill_of_an_image_says_which_in_the_ways_of_its_writers) {
    const std::string digest = "sha256:" + std::string(64, 'c');
    const auto describes = [](const std::string& root) {
        const std::string bom =
            R"({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata":
                {"component": {"type": "container", "name": "shop", "bom-ref": "root", )" +
            root + R"(}}, "components": [{"type": "library", "name": "a", "version": "1"}]})";
        Input input;
        EXPECT_TRUE(add_bom(bom, nullptr, input).ok()) << bom;
        return input.boms.empty() ? std::vector<std::string>{} : input.boms[0].describes;
    };
    const std::vector<std::string> this_one = {digest};
    EXPECT_EQ(describes(R"("version": ")" + digest + '"'), this_one);
    EXPECT_EQ(describes(R"("purl": "pkg:oci/shop@sha256%3A)" + std::string(64, 'c') + '"'),
              this_one);
    EXPECT_EQ(describes(R"("purl": "pkg:oci/shop@)" + digest + R"(?arch=amd64", "version": ")" +
                        digest + '"'),
              this_one);
    EXPECT_EQ(
        describes(R"("properties": [{"name": "aquasecurity:trivy:RepoDigest", "value": "shop@)" +
                  digest + R"("}])"),
        this_one);
    EXPECT_TRUE(describes(R"("version": "sha256:abc")").empty());
}

// A weakness of a package under that name, with its others.
exchange::ReadReport weakness(const std::string& rule, const std::string& ids) {
    exchange::ReadReport read;
    read.report.analysis.tool = "grype";
    model::Finding& finding = read.report.findings.emplace_back();
    finding.rule_id = rule;
    finding.location = model::FileLocation{.path = "lock"};
    finding.properties = {{"purl", "pkg:npm/a@1"}, {"ids", ids}};
    return read;
}

TEST(GateReports, a_weakness_under_another_of_its_names_is_not_new) {
    const auto is_new = [](const exchange::ReadReport& head, const exchange::ReadReport& base) {
        return compared({{"sha256:1", {head}}}, {{"sha256:0", {base}}}).findings[0].is_new;
    };
    const auto by_github = weakness("GHSA-a", "GHSA-a CVE-9"), by_cve = weakness("CVE-9", "CVE-9");
    EXPECT_FALSE(is_new(by_cve, by_github));
    EXPECT_FALSE(is_new(by_github, by_cve));
    EXPECT_TRUE(is_new(weakness("CVE-8", "CVE-8"), by_github));
    // An advisory of a distribution is about several.
    EXPECT_TRUE(is_new(weakness("CVE-8", "CVE-8 DSA-1"), weakness("CVE-7", "CVE-7 DSA-1")));
}

ReportDocument of_image(const std::string& image, const std::vector<std::string>& weaknesses,
                        const std::string& path = "os/debian") {
    exchange::ReadReport read;
    read.report.analysis.tool = "grype";
    read.report.analysis.scope = {image};
    for (const std::string& rule : weaknesses) {
        model::Finding& finding = read.report.findings.emplace_back();
        finding.rule_id = rule;
        finding.location = model::FileLocation{.path = path};
        finding.properties = {{"purl", "pkg:deb/debian/openssl@3"}, {"ids", rule}};
    }
    return {"sha256:" + image, {read}};
}

std::size_t news_of(const Input& input) {
    return static_cast<std::size_t>(std::ranges::count_if(
        input.findings, [](const SeenFinding& finding) { return finding.is_new; }));
}

TEST(GateReports, a_tool_that_looked_at_the_base_alone_is_missing) {
    const Input input =
        compared({sarif("", "Scanner")}, {sarif("", "scanner"), sarif("", "Other")});
    EXPECT_EQ(missing_analyses(input), std::vector<std::string>{"Other"});
    EXPECT_TRUE(
        missing_analyses(compared({sarif("", "Semgrep OSS")}, {sarif("", "semgrep")})).empty());
}

TEST(GateReports, a_category_that_the_base_alone_has_is_missing) {
    const auto of_category = [](const std::string& id) {
        return sarif("", "CodeQL", R"(, "automationDetails": {"id": ")" + id + R"("})");
    };
    const Input input = compared({of_category("/language:go/")},
                                 {of_category("/language:go/"), of_category("/language:python/")});
    EXPECT_EQ(missing_analyses(input), std::vector<std::string>{"CodeQL (/language:python/)"});
}

TEST(GateReports, what_is_old_in_one_image_is_new_in_another) {
    const std::vector base{of_image("web", {"CVE-1"}), of_image("api", {})};
    const Input input = compared({of_image("web", {"CVE-1"}), of_image("api", {"CVE-1"})}, base);
    ASSERT_EQ(input.findings.size(), 2U);
    EXPECT_FALSE(input.findings[0].is_new);
    EXPECT_TRUE(input.findings[1].is_new);
    EXPECT_EQ(input.findings[1].document, "sha256:api");
    EXPECT_EQ(input.analyses.size(), 2U);
    EXPECT_EQ(news_of(compared({of_image("web", {"CVE-1"}), of_image("api", {})}, base)), 0U);
    // Of an image that the base does not have nothing is known.
    EXPECT_EQ(news_of(compared({of_image("other", {"CVE-1"})}, base)), 1U);
}

TEST(GateReports, checkouts_and_folders_of_one_another_are_compared_once) {
    const std::vector base{of_image("/tmp/base", {"CVE-1"})};
    EXPECT_EQ(news_of(compared({of_image("/tmp/head", {"CVE-1"})}, base)), 0U);
    for (const std::string path : {"svc/os/debian", "/svc/os/debian"})
        EXPECT_EQ(news_of(compared({of_image("svc", {"CVE-1"})}, {of_image(".", {"CVE-1"}, path)})),
                  0U);
    // One was there, and two are now.
    EXPECT_EQ(news_of(compared({of_image("a", {"CVE-1"}), of_image("b", {"CVE-1"})},
                               {of_image(".", {"CVE-1"}, "a/os/debian")})),
              1U);
}

TEST(GateReports, runs_of_one_tool_are_one_in_however_many_documents) {
    const std::string line = "cursor.execute(\\\"select \\\" + request.args)";
    const std::string lab = result("r", "tools/lab.py", 10, line),
                      pay = result("r", "services/pay.py", 77, line);
    const std::vector base{sarif(lab), sarif("")};
    ReportDocument first = sarif(lab), second = sarif(pay);
    second.digest = "sha256:1";
    const Input input = compared({first, second}, base);
    ASSERT_EQ(input.findings.size(), 2U);
    EXPECT_EQ(news_of(input), 1U);
    for (const SeenFinding& finding : input.findings) {
        EXPECT_EQ(finding.is_new, finding.path == "services/pay.py");
        EXPECT_EQ(finding.document, finding.is_new ? "sha256:1" : "sha256:0");
    }
    // The same document twice says nothing new.
    EXPECT_EQ(compared({first, first}, base).findings.size(), 1U);
    EXPECT_EQ(news_of(compared({first, first}, base)), 0U);
}

}  // namespace
}  // namespace merlon::gate
