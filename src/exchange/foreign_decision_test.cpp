#include "exchange/foreign_decision.h"

#include <gtest/gtest.h>

#include "exchange/bom.h"
#include "exchange/foreign_report.h"
#include "exchange/vex.h"

namespace merlon::exchange {
namespace {

TEST(ForeignDecisions, words_of_cyclonedx_become_those_of_vex) {
    EXPECT_EQ(vex_justification("CODE_NOT_REACHABLE"), "vulnerable_code_not_in_execute_path");
    EXPECT_EQ(vex_justification("component_not_present"), "component_not_present");
    EXPECT_EQ(vex_justification("NOT_SET"), "");
    EXPECT_EQ(verdict_of_state("RESOLVED"), "fixed");
    EXPECT_EQ(verdict_of_state("exploitable"), "affected");
    EXPECT_EQ(verdict_of_state("NOT_SET"), "");
}

ForeignDecisions of(const std::vector<VexProduct>& products) {
    VexDocument document{.id = "d", .author = "Acme", .statements = {}};
    document.statements.push_back({.ids = {"CVE-1", "GHSA-1"},
                                   .status = VexStatus::kNotAffected,
                                   .products = products,
                                   .justification = "component_not_present",
                                   .explanation = "",
                                   .time = "2026-01-02T00:00:00Z"});
    return decisions_of(document);
}

TEST(ForeignDecisions, a_statement_is_about_a_package_a_part_of_a_product_or_a_product) {
    ForeignDecisions made = of({{"pkg:npm/a@1", {}, {}}});
    ASSERT_EQ(made.decisions.size(), 1U);
    EXPECT_EQ(made.decisions[0].packages, std::vector<std::string>{"pkg:npm/a@1"});
    EXPECT_EQ(made.decisions[0].rules, (std::vector<std::string>{"CVE-1", "GHSA-1"}));
    EXPECT_EQ(made.decisions[0].product, "");
    EXPECT_EQ(format_rfc3339(*made.decisions[0].made), "2026-01-02T00:00:00Z");

    made = of({{"pkg:oci/shop@sha256%3Aab", {}, {"pkg:npm/a@1"}}});
    ASSERT_EQ(made.decisions.size(), 1U);
    EXPECT_EQ(made.decisions[0].product, "pkg:oci/shop@sha256%3Aab");
    EXPECT_EQ(made.decisions[0].packages, std::vector<std::string>{"pkg:npm/a@1"});

    made = of({{"pkg:oci/shop@sha256%3Aab", {}, {}}, {"the shop", {}, {}}});
    ASSERT_EQ(made.decisions.size(), 2U);
    EXPECT_TRUE(made.decisions[0].packages.empty());
    EXPECT_EQ(made.decisions[1].product, "the shop");
}

TEST(ForeignDecisions, a_part_without_a_package_url_is_never_the_whole_product) {
    const ForeignDecisions made = of({{"pkg:oci/shop@1", {}, {"libfoo"}}});
    EXPECT_TRUE(made.decisions.empty());
    EXPECT_EQ(made.not_carried.size(), 1U);
    EXPECT_EQ(of({}).not_carried.size(), 1U);
}

TEST(ForeignDecisions, a_list_of_findings_of_dependency_track_is_read_alone) {
    const auto read = read_foreign_report(
        {.bytes = R"([{"component": {"uuid": "c", "name": "n", "version": "1"}, "matrix": "m",
            "vulnerability": {"uuid": "v", "vulnId": "CVE-1", "severity": "LOW"},
            "analysis": {"state": "FALSE_POSITIVE", "isSuppressed": true}}])",
         .secret_key = {}});
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    EXPECT_EQ(read.value().format, "dependency-track");
    ASSERT_EQ(read.value().decided.decisions.size(), 1U);
    const ForeignDecision& one = read.value().decided.decisions[0];
    EXPECT_EQ(one.verdict, "false_positive");
    EXPECT_EQ(one.packages, std::vector<std::string>{"component:n"});
    EXPECT_EQ(one.version, "1");
}

TEST(ForeignDecisions, what_dependency_track_says_in_vain_is_counted) {
    constexpr std::string_view kFindings =
        R"([{"component": {"uuid": "c", "name": "n", "version": "1"},
        "matrix": "m", "vulnerability": {"uuid": "v", "vulnId": "CVE-1", "severity": "DREADFUL"},
        "analysis": {"state": "ODD", "isSuppressed": false}}])";
    constexpr std::string_view kAnalyses =
        R"([{"project": "p", "component": "c", "vulnerability": "v",
        "analysis": {"analysisState": "FALSE_POSITIVE"}}, {"project": "p", "component": "x",
        "vulnerability": "v", "analysis": {"analysisState": "FALSE_POSITIVE"}}])";
    const auto findings = read_foreign_report({.bytes = kFindings, .secret_key = {}});
    ASSERT_TRUE(findings.ok()) << findings.error().to_string();
    EXPECT_EQ(findings.value().decided.not_carried.begin()->first,
              "the state 'ODD' of an analysis is none that is known");
    EXPECT_EQ(findings.value().reports[0].report.notices.front(),
              "outside of the standard, 1 time: severity 'DREADFUL', taken for high");
    const auto alone =
        read_foreign_report({.bytes = kAnalyses, .secret_key = {}}, "dependency-track");
    ASSERT_TRUE(alone.ok()) << alone.error().to_string();
    constexpr std::string_view kLost =
        "an analysis is of a finding that is in none of the documents";
    EXPECT_EQ(alone.value().decided.not_carried.find(kLost)->second, 2U);
    const std::string_view beside[] = {kFindings};
    const auto both = read_foreign_report({.bytes = kAnalyses, .secret_key = {}, .beside = beside},
                                          "dependency-track");
    ASSERT_TRUE(both.ok()) << both.error().to_string();
    EXPECT_EQ(both.value().decided.not_carried.find(kLost)->second, 1U);
}

TEST(ForeignDecisions, an_error_names_the_record_of_defectdojo) {
    const auto read = read_foreign_report(
        {.bytes = R"({"results": [{"id": 7, "title": "t", "severity": "High", "false_p": "no"}]})",
         .secret_key = {}},
        "defectdojo");
    ASSERT_FALSE(read.ok());
    EXPECT_TRUE(
        read.error().to_string().contains("the record of id 7: expected true or false as false_p"))
        << read.error().to_string();
}

TEST(ForeignDecisions, what_dependency_track_suppresses_does_not_count_until_its_end) {
    const auto read = read_foreign_report(
        {.bytes = R"([{"component": {"uuid": "c", "name": "n", "version": "1"}, "matrix": "m",
            "vulnerability": {"uuid": "v", "vulnId": "CVE-1", "severity": "LOW", "cweId": 79},
            "analysis": {"state": "EXPLOITABLE", "isSuppressed": true,
                         "suppressionExpiration": 4070908800000}}])",
         .secret_key = {}});
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    ASSERT_EQ(read.value().decided.decisions.size(), 1U);
    const ForeignDecision& one = read.value().decided.decisions[0];
    EXPECT_EQ(one.verdict, "accepted");
    ASSERT_TRUE(one.expires.has_value());
    EXPECT_EQ(format_rfc3339(*one.expires), "2099-01-01T00:00:00Z");
    EXPECT_EQ(read.value().reports[0].report.rules[0].cwe, "CWE-79");
}

TEST(ForeignDecisions, what_defectdojo_has_prefetched_gives_names_to_numbers) {
    const auto read = read_foreign_report(
        {.bytes = R"({"count": 1, "next": null, "previous": null, "results": [{"id": 7,
            "title": "t", "severity": "High", "numerical_severity": "S1", "active": true,
            "false_p": true, "last_reviewed_by": 4, "test": 3, "component_name": "left-pad",
            "component_version": "1.0", "vulnerability_ids": [{"vulnerability_id": "CVE-1"}],
            "fix_version": "1.1"}],
            "prefetch": {"last_reviewed_by": {"4": {"id": 4, "username": "ben"}},
            "test": {"3": {"id": 3, "test_type": 9, "engagement": 5,
                           "test_type_name": "Trivy Scan"}}}})",
         .secret_key = {}});
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    EXPECT_EQ(read.value().decided.decisions.at(0).author, "ben");
    ASSERT_EQ(read.value().reports.size(), 1U);
    const model::Report& report = read.value().reports[0].report;
    EXPECT_EQ(report.analysis.tool, "trivy");
    EXPECT_EQ(report.findings.at(0).properties.at("fixed"), "1.1");
}

TEST(ForeignDecisions, what_is_said_of_a_range_of_versions_is_not_said_of_all) {
    ForeignDecisions made =
        of({{.id = "pkg:npm/a", .identifiers = {}, .components = {}, .range = "vers:npm/<2.0.0"},
            {"pkg:npm/b?vers=vers:npm%2F%3C2.0.0", {}, {}}});
    EXPECT_TRUE(made.decisions.empty());
    ASSERT_EQ(made.not_carried.size(), 1U);
    EXPECT_EQ(made.not_carried.begin()->second, 2U);
    made = of({{.id = "pkg:npm/a@1", .identifiers = {}, .components = {}, .range = "vers:npm/<2"}});
    EXPECT_EQ(made.decisions.size(), 1U);
}

TEST(ForeignDecisions, versions_that_csaf_has_in_its_branches_are_those_of_the_package) {
    const auto packages = [](const std::string& category, const std::string& name) -> std::string {
        const std::string bytes = R"({"document": {"category": "csaf_vex", "csaf_version": "2.0",
            "title": "x", "publisher": {"name": "A"}, "tracking": {"id": "1", "status": "final"}},
            "product_tree": {"branches": [{"category": "product_name", "name": "lp", "branches": [
            {"category": ")" + category +
                                  R"(", "name": ")" + name + R"(", "product": {"name": "n",
            "product_id": "P", "product_identification_helper": {"purl": "pkg:npm/lp"}}}]}]},
            "vulnerabilities": [{"cve": "CVE-2024-1", "product_status": {"known_not_affected": ["P"]},
            "flags": [{"label": "vulnerable_code_not_present", "product_ids": ["P"]}]}]})";
        const auto taken = read_foreign_report({.bytes = bytes, .secret_key = "key"}, "vex");
        if (!taken.ok()) return taken.error().to_string();
        std::string text;
        for (const ForeignDecision& one : taken.value().decided.decisions)
            text += one.packages.at(0);
        return text;
    };
    EXPECT_EQ(packages("product_version", "1.0.0"), "pkg:npm/lp@1.0.0");
    EXPECT_EQ(packages("product_version_range", "vers:npm/<2.0.0"), "");
    EXPECT_EQ(packages("product_name", "left"), "pkg:npm/lp");
}

TEST(ForeignDecisions, an_analysis_is_about_the_versions_that_it_tells) {
    const auto packages = [](const BomComponent& component,
                             const std::vector<BomAffectedVersion>& versions) {
        Bom bom;
        bom.components = {component};
        BomWeakness& weakness = bom.weaknesses.emplace_back();
        weakness.id = "CVE-1";
        weakness.analysis = BomAnalysis{};
        weakness.analysis->state = "not_affected";
        weakness.affects = {{.ref = component.ref, .versions = versions}};
        std::string text;
        for (const ForeignDecision& one : decisions_of(bom).decisions)
            for (const std::string& package : one.packages) text += package + " ";
        return text;
    };
    BomComponent component;
    component.ref = "lp";
    component.purl = "pkg:npm/lp";
    EXPECT_EQ(packages(component, {}), "pkg:npm/lp ");
    EXPECT_EQ(packages(component, {{"1.0.0", "", "unaffected"}, {"", "vers:npm/>=2", "affected"}}),
              "pkg:npm/lp@1.0.0 ");
    EXPECT_EQ(packages(component, {{"", "vers:npm/<2", "unaffected"}}), "");
    component.version = "1.0.0";
    EXPECT_EQ(packages(component, {}), "pkg:npm/lp@1.0.0 ");
}

}  // namespace
}  // namespace merlon::exchange
