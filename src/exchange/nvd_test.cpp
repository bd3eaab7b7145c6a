#include "exchange/nvd.h"

#include <gtest/gtest.h>

#include "exchange/csaf_advisories.h"

namespace merlon::exchange {
namespace {

TEST(Nvd, reads_text_vectors_and_weaknesses_of_each_cve) {
    const auto read = read_nvd(R"({"vulnerabilities": [
        {"cve": {"id": "CVE-2024-1", "published": "2024-01-01T00:00:00.000",
                 "lastModified": "2024-02-01T00:00:00.000", "vulnStatus": "Analyzed",
                 "descriptions": [{"lang": "es", "value": "no"}, {"lang": "en", "value": "text"}],
                 "metrics": {
                   "cvssMetricV31": [
                     {"type": "Secondary", "cvssData": {"vectorString": "CVSS:3.1/other"}},
                     {"type": "Primary", "cvssData": {"vectorString": "CVSS:3.1/own"}}],
                   "cvssMetricV2": [{"cvssData": {"vectorString": "AV:N"}}]},
                 "weaknesses": [{"description": [{"lang": "en", "value": "CWE-79"}]},
                                {"description": [{"lang": "en", "value": "NVD-CWE-noinfo"}]}]}},
        {"cve": {"id": "CVE-2024-2", "lastModified": "2024-02-01T00:00:00Z",
                 "vulnStatus": "Rejected"}}]})");
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    ASSERT_EQ(read.value().size(), 2u);
    const OsvRecord& first = read.value()[0];
    EXPECT_EQ(first.id, "CVE-2024-1");
    EXPECT_EQ(first.modified, "2024-02-01T00:00:00.000Z");
    EXPECT_EQ(first.details, "text");
    EXPECT_EQ(first.severities,
              (std::vector<OsvSeverity>{{"CVSS_V2", "AV:N"}, {"CVSS_V3", "CVSS:3.1/own"}}));
    EXPECT_EQ(first.weaknesses, std::vector<std::string>{"CWE-79"});
    EXPECT_EQ(first.withdrawn, "");
    EXPECT_EQ(read.value()[1].withdrawn, "2024-02-01T00:00:00Z");
}

TEST(Nvd, keeps_configurations_as_they_stand) {
    const auto read = read_nvd(R"({"vulnerabilities": [{"cve": {"id": "CVE-2024-1",
        "configurations": [{"operator": "AND", "negate": true, "nodes": [
          {"operator": "OR", "negate": false, "cpeMatch": [
            {"vulnerable": true, "criteria": "cpe:2.3:a:v:p:*:*:*:*:*:*:*:*",
             "versionStartExcluding": "1", "versionEndIncluding": "2", "matchCriteriaId": "x"}]},
          {"operator": "AND", "cpeMatch": [
            {"vulnerable": false, "criteria": "cpe:2.3:o:v:os:-:*:*:*:*:*:*:*"}]}]}]}}]})");
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const CpeConfiguration expected{
        CpeOperator::kAnd,
        true,
        {{CpeOperator::kOr, false, {{true, "cpe:2.3:a:v:p:*:*:*:*:*:*:*:*", "", "1", "2", ""}}},
         {CpeOperator::kAnd, false, {{false, "cpe:2.3:o:v:os:-:*:*:*:*:*:*:*", "", "", "", ""}}}}};
    EXPECT_EQ(read.value()[0].configurations, std::vector{expected});
    std::string written;
    write_osv(read.value()[0], written);
    const auto again = read_osv(written, RecordSyntax::kJson);
    ASSERT_TRUE(again.ok()) << again.error().to_string();
    EXPECT_EQ(again.value(), read.value()[0]);
    EXPECT_FALSE(read_nvd(R"({"vulnerabilities": [{"cve": {"id": "CVE-2024-1",
        "configurations": [{"operator": "XOR"}]}}]})")
                     .ok());
}

TEST(Nvd, names_the_line_of_what_it_does_not_know) {
    const auto read = read_nvd("{\"vulnerabilities\": [\n{\"cve\": 3}]}");
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().line, 2u);
    EXPECT_FALSE(read_nvd("{}").ok());
    EXPECT_FALSE(read_nvd("").ok());
}

// "Red Hat:… name fixed", a line for each entry.
std::string entries(const OsvRecord& record) {
    std::string all;
    for (const OsvAffected& affected : record.affected) {
        const auto& events = affected.ranges.at(0).events;
        all += affected.ecosystem + " " + affected.name +
               (events.size() > 1 ? " " + events[1].version : "") + "\n";
    }
    return all;
}

std::string document(std::string_view head, std::string_view tree, std::string_view status) {
    return R"({"document": )" + std::string(head) + R"(, "product_tree": )" + std::string(tree) +
           R"(, "vulnerabilities": [{"cve": "CVE-2024-1", "scores": [{"cvss_v3": {"vectorString":
           "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}}], "product_status": )" +
           std::string(status) + "}]}";
}

constexpr std::string_view kRedHatTree = R"({"branches": [
    {"product": {"product_id": "B", "name": "BaseOS", "product_identification_helper":
        {"cpe": "cpe:/o:redhat:enterprise_linux:9::baseos"}}},
    {"branches": [
      {"product": {"product_id": "x", "name": "bind", "product_identification_helper":
        {"purl": "pkg:rpm/redhat/bind@9.16-1.el9?arch=x86_64&epoch=32"}}},
      {"product": {"product_id": "s", "name": "bind", "product_identification_helper":
        {"purl": "pkg:rpm/redhat/bind@9.16-1.el9?arch=src&epoch=32"}}},
      {"product": {"product_id": "n", "name": "dnsperf", "product_identification_helper":
        {"purl": "pkg:rpm/redhat/dnsperf?arch=src"}}},
      {"product": {"product_id": "o", "name": "image", "product_identification_helper":
        {"purl": "pkg:oci/image@sha256:00"}}}]}],
  "relationships": [
    {"product_reference": "x", "relates_to_product_reference": "B",
     "full_product_name": {"product_id": "B:x", "name": "-"}},
    {"product_reference": "s", "relates_to_product_reference": "B",
     "full_product_name": {"product_id": "B:s", "name": "-"}},
    {"product_reference": "n", "relates_to_product_reference": "B",
     "full_product_name": {"product_id": "B:n", "name": "-"}},
    {"product_reference": "o", "relates_to_product_reference": "B",
     "full_product_name": {"product_id": "B:o", "name": "-"}}]})";

TEST(CsafAdvisories, name_the_fixed_rpms_of_red_hat_once_for_all_architectures) {
    const auto read = read_csaf_advisory(document(
        R"({"category": "csaf_security_advisory", "title": "bind", "aggregate_severity":
            {"text": "Important"}, "tracking": {"id": "RHSA-2024:1",
            "current_release_date": "2024-02-01T00:00:00Z"}})",
        kRedHatTree, R"({"fixed": ["B:x", "B:s", "B:o"], "known_affected": ["B:n"]})"));
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const OsvRecord& record = read.value().record;
    EXPECT_EQ(record.id, "RHSA-2024:1");
    EXPECT_EQ(record.upstream, std::vector<std::string>{"CVE-2024-1"});
    EXPECT_EQ(record.severity_word, "HIGH");
    EXPECT_EQ(record.severities.size(), 1u);
    EXPECT_EQ(entries(record), "Red Hat:enterprise_linux:9::baseos bind 32:9.16-1.el9\n");
    EXPECT_EQ(read.value().unread, 1u);
}

TEST(CsafAdvisories, of_a_vex_document_what_has_no_fix_is_affected_too) {
    const auto read = read_csaf_advisory(document(
        R"({"category": "csaf_vex", "publisher": {"name": "Red Hat Product Security"},
            "tracking": {"id": "CVE-2024-1"}})",
        kRedHatTree, R"({"fixed": ["B:x"], "known_affected": ["B:n", "B:s"]})"));
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    EXPECT_EQ(read.value().record.id, "REDHAT-CVE-2024-1");
    EXPECT_EQ(read.value().record.upstream, std::vector<std::string>{"CVE-2024-1"});
    EXPECT_EQ(entries(read.value().record),
              "Red Hat:enterprise_linux:9::baseos bind 32:9.16-1.el9\n"
              "Red Hat:enterprise_linux:9::baseos dnsperf\n");
}

TEST(CsafAdvisories, read_the_names_of_suse) {
    const auto read = read_csaf_advisory(document(
        R"({"category": "csaf_security_advisory", "tracking": {"id": "SUSE-SU-2024:1-1"}})",
        R"({"branches": [
          {"product": {"product_id": "S", "name": "SUSE Linux Enterprise Server 15 SP5"}},
          {"product": {"product_id": "L", "name": "openSUSE Leap 15.5"}},
          {"product": {"product_id": "x", "name": "bind-utils-9.16.6-150000.1.x86_64"}},
          {"product": {"product_id": "y", "name": "nothing"}}],
        "relationships": [
          {"product_reference": "x", "relates_to_product_reference": "S",
           "full_product_name": {"product_id": "S:x", "name": "-"}},
          {"product_reference": "y", "relates_to_product_reference": "S",
           "full_product_name": {"product_id": "S:y", "name": "-"}},
          {"product_reference": "x", "relates_to_product_reference": "L",
           "full_product_name": {"product_id": "L:x", "name": "-"}}]})",
        R"({"recommended": ["S:x", "S:y", "L:x", "absent"]})"));
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    EXPECT_EQ(entries(read.value().record),
              "SUSE:Linux Enterprise Server 15 SP5 bind-utils 9.16.6-150000.1\n"
              "openSUSE:Leap 15.5 bind-utils 9.16.6-150000.1\n");
    EXPECT_EQ(read.value().unread, 2u);
}

TEST(CsafAdvisories, refuse_what_is_no_such_document) {
    EXPECT_FALSE(read_csaf_advisory("{}").ok());
    EXPECT_FALSE(read_csaf_advisory(R"({"document": {"title": "t"}})").ok());
}

}  // namespace
}  // namespace merlon::exchange
