#include "exchange/sarif_weakness.h"

#include <gtest/gtest.h>

#include "exchange/foreign_report.h"

namespace merlon::exchange {
namespace {

using Texts = std::vector<std::string>;

TEST(SarifWeakness, tags_say_it_in_several_ways) {
    EXPECT_EQ(cwe_in_tag("external/cwe/cwe-079"), "CWE-79");
    EXPECT_EQ(cwe_in_tag("CWE-798: Use of Hard-coded Credentials"), "CWE-798");
    EXPECT_EQ(cwe_in_tag("cwe-22"), "CWE-22");
    EXPECT_EQ(cwe_in_tag("22"), "CWE-22");
    for (const char* none : {"", "security", "CWE-", "CWE-12a", "external/cwe/22", "CWE-0",
                             "CWE-1234567", "OWASP-A03:2026", "12 34"})
        EXPECT_EQ(cwe_in_tag(none), "") << none;
}

std::string run(const std::string& rule, const std::string& result = "",
                const std::string& more = "") {
    return R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "gosec", "rules": [)"
           R"({"id": "G1")" +
           rule +
           R"(}]}}, "results": [{"ruleId": "G1", "message": {"text": "m"}, "locations": [)"
           R"({"physicalLocation": {"artifactLocation": {"uri": "a.go"}, "region": )"
           R"({"startLine": 3, "snippet": {"text": "pw := \"sup3r-s3cret-w0rd\""}}}}])" +
           result + "}]" + more + "}]}";
}

exchange::ReadReport read(const std::string& text) {
    auto read = read_foreign_report({.bytes = text, .secret_key = {}});
    EXPECT_TRUE(read.ok()) << text;
    return std::move(read.value().reports.at(0));
}

// As gosec 2.22 writes it.
const std::string kGosec =
    R"(, "relationships": [{"target": {"id": "798", "guid": "9bfb9e1d", "toolComponent":
        {"name": "CWE", "guid": "f2856fc0"}}, "kinds": ["superset"]}])";

TEST(SarifWeakness, a_rule_has_relationships_to_taxa) {
    const ReadReport gosec = read(run(kGosec));
    EXPECT_EQ(gosec.report.rules.at(0).cwe, "CWE-798");
    EXPECT_EQ(gosec.report.findings.at(0).properties.at("kind"), "secret");
    const std::string by_index =
        R"(, "relationships": [{"target": {"index": 1, "toolComponent": {"index": 0}}}])";
    const std::string taxonomies =
        R"(, "taxonomies": [{"name": "CWE", "taxa": [{"id": "20"}, {"id": "89"}]}])";
    EXPECT_EQ(read(run(by_index, "", taxonomies)).report.rules.at(0).cwe, "CWE-89");
    const std::string other =
        R"(, "relationships": [{"target": {"id": "89", "toolComponent": {"name": "OWASP"}}},
            {"target": {"id": "79", "toolComponent": {"name": "CWE"}}, "kinds": ["disjoint"]}])";
    EXPECT_EQ(read(run(other)).report.rules.at(0).cwe, "");
}

TEST(SarifWeakness, a_result_names_its_taxa) {
    const ReadReport named =
        read(run("", R"(, "taxa": [{"id": "CWE-259", "toolComponent": {"name": "cwe"}}])"));
    EXPECT_EQ(named.report.findings.at(0).tags, Texts{"CWE-259"});
    EXPECT_EQ(named.report.findings.at(0).properties.at("kind"), "secret");
    const ReadReport other = read(run("", R"(, "taxa": [{"id": "12"}, 3, {"index": 9}])"));
    EXPECT_EQ(other.report.findings.at(0).tags, Texts());
}

// What a rule about secrets has found is masked in the document that is kept.
TEST(SarifWeakness, a_rule_that_is_about_secrets_by_its_weakness_alone_is_masked) {
    const std::string text = run(kGosec);
    const auto read = read_foreign_report({.bytes = text, .secret_key = {}});
    ASSERT_TRUE(read.ok());
    ASSERT_TRUE(read.value().masked);
    EXPECT_EQ(read.value().masked->find("sup3r-s3cret-w0rd"), std::string::npos);
}

}  // namespace
}  // namespace merlon::exchange
