#include "exchange/vex.h"

#include <gtest/gtest.h>

#include "exchange/date_time.h"

namespace merlon::exchange {
namespace {

TEST(Vex, reads_openvex_of_both_versions) {
    const auto read = read_vex(R"({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "doc",
        "author": "me", "timestamp": "2024-01-01T00:00:00Z", "statements": [
        {"vulnerability": {"name": "CVE-2024-1", "aliases": ["GHSA-1"]}, "status": "not_affected",
         "justification": "vulnerable_code_not_present", "impact_statement": "never built in",
         "products": [{"@id": "pkg:oci/app", "identifiers": {"purl": "pkg:oci/app@sha256:1"},
                       "subcomponents": [{"@id": "pkg:npm/x@1.0.0"}]}]},
        {"vulnerability": "CVE-2024-2", "status": "fixed", "products": ["pkg:npm/y@2"],
         "timestamp": "2024-02-01T00:00:00Z"}]})");
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const VexDocument expected{"doc",
                               "me",
                               {{{"CVE-2024-1", "GHSA-1"},
                                 VexStatus::kNotAffected,
                                 {{"pkg:oci/app", {"pkg:oci/app@sha256:1"}, {"pkg:npm/x@1.0.0"}}},
                                 "vulnerable_code_not_present",
                                 "never built in",
                                 "2024-01-01T00:00:00Z"},
                                {{"CVE-2024-2"},
                                 VexStatus::kFixed,
                                 {{"pkg:npm/y@2", {}, {}}},
                                 "",
                                 "",
                                 "2024-02-01T00:00:00Z"}}};
    EXPECT_EQ(read.value(), expected);
}

TEST(Vex, resolves_the_products_of_csaf) {
    const auto read = read_vex(R"({"document": {"tracking": {"id": "A-1", "current_release_date":
        "2024-01-01T00:00:00Z"}, "publisher": {"name": "Us"}}, "product_tree": {"branches": [
        {"category": "vendor", "name": "v", "branches": [
          {"category": "product_version", "name": "9", "product": {"name": "OS 9", "product_id":
           "os9", "product_identification_helper": {"cpe": "cpe:/o:v:os:9"}}},
          {"category": "product_version", "name": "1", "product": {"name": "lib", "product_id":
           "lib", "product_identification_helper": {"purl": "pkg:rpm/v/lib@1"}}}]}],
        "relationships": [{"category": "default_component_of", "product_reference": "lib",
          "relates_to_product_reference": "os9", "full_product_name": {"name": "lib in OS 9",
          "product_id": "os9:lib"}}]},
        "vulnerabilities": [{"cve": "CVE-2024-1", "product_status": {"known_not_affected":
          ["os9:lib"], "fixed": ["lib"]}, "flags": [{"label":
          "vulnerable_code_not_present", "product_ids": ["os9:lib"]}],
          "remediations": [{"details": "update", "product_ids": ["lib"]}]}]})");
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const VexDocument expected{"A-1",
                               "Us",
                               {{{"CVE-2024-1"},
                                 VexStatus::kNotAffected,
                                 {{"OS 9", {"cpe:/o:v:os:9"}, {"pkg:rpm/v/lib@1"}}},
                                 "vulnerable_code_not_present",
                                 "",
                                 "2024-01-01T00:00:00Z"},
                                {{"CVE-2024-1"},
                                 VexStatus::kFixed,
                                 {{"pkg:rpm/v/lib@1", {"pkg:rpm/v/lib@1"}, {}}},
                                 "",
                                 "update",
                                 "2024-01-01T00:00:00Z"}}};
    EXPECT_EQ(read.value(), expected);
}

TEST(Vex, cyclonedx_names_products_by_reference) {
    const auto read = read_vex(R"({
      "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
      "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
      "metadata": {"timestamp": "2024-01-01T00:00:00Z",
                   "component": {"type": "application", "name": "app", "bom-ref": "app",
                                 "purl": "pkg:npm/app@1"}},
      "components": [{"type": "library", "name": "a", "bom-ref": "a", "purl": "pkg:npm/a@1",
                      "components": [{"type": "library", "name": "b", "bom-ref": "b",
                                      "purl": "pkg:npm/%40s/b@1"}]}],
      "vulnerabilities": [
        {"id": "CVE-2024-1", "references": [{"id": "GHSA-1", "source": {}}],
         "analysis": {"state": "false_positive", "justification": "code_not_present",
                      "detail": "no"},
         "affects": [{"ref": "a"}, {"ref": "b"}, {"ref": "urn:cdx:s/1#pkg%3Anpm/c@1"}]},
        {"id": "CVE-2024-2", "affects": [{"ref": "a"}]},
        {"id": "CVE-2024-3", "analysis": {"state": "resolved"}, "affects": [{"ref": "app"}]}]})");
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const VexDocument expected{
        "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "",
        {{{"CVE-2024-1", "GHSA-1"},
          VexStatus::kNotAffected,
          {{"pkg:npm/a@1", {}, {}}, {"pkg:npm/%40s/b@1", {}, {}}, {"pkg:npm/c@1", {}, {}}},
          "code_not_present",
          "no",
          "2024-01-01T00:00:00Z"},
         {{"CVE-2024-3"},
          VexStatus::kFixed,
          {{"pkg:npm/app@1", {}, {}}},
          "",
          "",
          "2024-01-01T00:00:00Z"}}};
    EXPECT_EQ(read.value(), expected);
}

TEST(Vex, cyclonedx_is_read_as_xml_too) {
    const auto read = read_vex(R"(<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">
  <components>
    <component type="library" bom-ref="a"><name>a</name><purl>pkg:npm/a@1</purl></component>
  </components>
  <vulnerabilities>
    <vulnerability>
      <id>CVE-2024-1</id>
      <cwes><cwe>79</cwe></cwes>
      <analysis>
        <state>not_affected</state>
        <justification>code_not_reachable</justification>
        <responses><response>will_not_fix</response></responses>
        <detail>never called</detail>
        <lastUpdated>2024-02-01T00:00:00Z</lastUpdated>
      </analysis>
      <affects><target><ref>a</ref></target></affects>
    </vulnerability>
  </vulnerabilities>
</bom>)");
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const VexDocument expected{"",
                               "",
                               {{{"CVE-2024-1"},
                                 VexStatus::kNotAffected,
                                 {{"pkg:npm/a@1", {}, {}}},
                                 "code_not_reachable",
                                 "never called",
                                 "2024-02-01T00:00:00Z"}}};
    EXPECT_EQ(read.value(), expected);
}

TEST(Vex, refuses_what_is_neither) {
    for (
        const std::string_view json : {
            "{}",
            "[]",
            R"({"statements": [{"status": "fixed"}]})",
            R"({"statements": [{"vulnerability": "CVE-1", "status": "maybe"}]})",
            R"({"statements": [{"vulnerability": "CVE-1", "status": "fixed", "products": [{}]}]})",
            R"({"bomFormat": "CycloneDX", "specVersion": "1.6",
                "vulnerabilities": [{"id": "C", "analysis": {"state": "x"}}]})",
            R"({"bomFormat": "CycloneDX", "specVersion": "1.6",
                "vulnerabilities": [{"analysis": {"state": "resolved"}}]})",
            R"({"document": {}, "vulnerabilities": [{"product_status": {"fixed": ["a"]}}]})",
            R"({"document": {}, "vulnerabilities": [{"cve": "C", "product_status": {"fixed": ["a"]}}]})",
            R"({"statements": [], "timestamp": "2026-01-01T00:00:00"})",
            R"({"document": {"tracking": {"current_release_date": "2026-02-30T00:00:00Z"}}})",
            R"({"document": {}, "product_tree": {"relationships": [
                 {"full_product_name": {"product_id": "a"}, "product_reference": "b",
                  "relates_to_product_reference": "b"},
                 {"full_product_name": {"product_id": "b"}, "product_reference": "a",
                  "relates_to_product_reference": "a"}]}})",
        }) {
        EXPECT_FALSE(read_vex(json).ok()) << json;
    }
}

TEST(Vex, nobody_has_said_something_tomorrow) {
    const std::string_view json = R"({"statements": [], "timestamp": "2026-01-01T00:10:00Z"})";
    const auto at = [&](const char* now) {
        return read_vex(json, parse_date_time(now).value()).ok();
    };
    EXPECT_TRUE(at("2026-02-01T00:00:00Z"));
    EXPECT_TRUE(at("2026-01-01T00:05:00Z"));  // clocks differ
    EXPECT_FALSE(at("2025-12-31T00:00:00Z"));
    EXPECT_TRUE(read_vex(json).ok());
}

TEST(Vex, a_part_of_a_part_is_the_innermost_wherever_it_stands) {
    const auto read = read_vex(R"({"document": {"tracking": {"status": "draft"}}, "product_tree": {
        "full_product_names": [
          {"product_id": "os", "name": "OS"}, {"product_id": "app", "name": "App"},
          {"product_id": "lib", "product_identification_helper": {"purl": "pkg:rpm/v/lib"}}],
        "relationships": [
          {"full_product_name": {"product_id": "os:app:lib"}, "product_reference": "app:lib",
           "relates_to_product_reference": "os"},
          {"full_product_name": {"product_id": "app:lib"}, "product_reference": "lib",
           "relates_to_product_reference": "app"}]},
        "vulnerabilities": [{"cve": "C", "product_status": {"fixed": ["os:app:lib"]}}]})");
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const VexStatement& statement = read.value().statements.at(0);
    EXPECT_EQ(statement.products, (std::vector<VexProduct>{{"OS", {}, {"pkg:rpm/v/lib"}}}));
    EXPECT_TRUE(statement.is_draft);
}

}  // namespace
}  // namespace merlon::exchange
