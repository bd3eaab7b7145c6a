#include "exchange/bom.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "exchange/bom_read.h"
#include "exchange/cyclonedx.h"
#include "exchange/spdx.h"

namespace merlon::exchange {
namespace {

Bom example() {
    Bom bom;
    bom.serial = "3e671687-395b-41f5-a30f-a58921a69b79";
    bom.timestamp = "2024-05-01T00:00:00Z";
    bom.name = "shop";
    bom.tools = {{.vendor = "", .name = "merlon", .version = "1.0"}};
    bom.root.ref = "root";
    bom.root.type = BomType::kApplication;
    bom.root.name = "shop";
    BomComponent left;
    left.ref = "pkg:npm/%40a/left@1.0.0";
    left.group = "@a";
    left.name = "left";
    left.version = "1.0.0";
    left.purl = "pkg:npm/%40a/left@1.0.0";
    left.hashes = {{"SHA-512", std::string(128, 'a')}};
    left.licenses = {{BomLicense::Kind::kName, "All <rights> \"reserved\""}};
    left.references = {{"distribution", "https://registry.example/left.tgz"}};
    left.occurrences = {{"package-lock.json", 12}};
    BomComponent right;
    right.ref = "pkg:npm/right@2.0.0";
    right.name = "right";
    right.version = "2.0.0";
    right.purl = "pkg:npm/right@2.0.0";
    right.licenses = {{BomLicense::Kind::kExpression, "MIT OR Apache-2.0"}};
    right.scope = BomScope::kOptional;
    right.properties = {{"merlon:requested", ">=2.0.0"}};
    bom.components = {left, right};
    bom.dependencies = {{"root", {left.ref}}, {left.ref, {right.ref}}};
    bom.compositions = {{BomAggregate::kIncomplete, {"root"}, {"root"}}};
    return bom;
}

BomWeakness weakness() {
    BomWeakness weakness;
    weakness.ref = "weakness-1";
    weakness.id = "CVE-2024-1";
    weakness.source = {"NVD", "https://nvd.nist.gov/vuln/detail/CVE-2024-1"};
    weakness.aliases = {{"GHSA-aaaa-bbbb-cccc", {}}};
    weakness.ratings = {{{}, "9.8", "critical", "CVSSv31", "CVSS:3.1/AV:N", ""},
                        {{}, "", "unknown", "", "", ""}};
    weakness.cwes = {"79", "184"};
    weakness.description = "a < b";
    weakness.detail = "two\nlines";
    weakness.recommendation = "Update to 2.0.1 or later.";
    weakness.advisories = {{"", "https://example.org/1"}};
    weakness.published = "2024-01-01T00:00:00Z";
    weakness.analysis =
        BomAnalysis{"not_affected", "code_not_reachable", {"will_not_fix"}, "never called", "", ""};
    weakness.affects = {
        {"pkg:npm/right@2.0.0", {{"2.0.0", "", "affected"}, {"", "vers:npm/<2", "unaffected"}}}};
    weakness.properties = {{"merlon:gate", "shown"}};
    return weakness;
}

std::string written(const std::function<void(TextSink&)>& write) {
    std::string out;
    TextSink sink([&](std::string_view text) {
        out += text;
        return Status{};
    });
    write(sink);
    EXPECT_TRUE(sink.finish().ok());
    return out;
}

std::string cyclonedx_json(CycloneDxVersion version) {
    return written([&](TextSink& sink) { write_cyclonedx_json(example(), version, sink); });
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

TEST(Bom, an_older_cyclonedx_leaves_out_what_it_cannot_say) {
    const std::string v1_4 = cyclonedx_json(CycloneDxVersion::k1_4);
    const std::string v1_5 = cyclonedx_json(CycloneDxVersion::k1_5);
    const std::string v1_6 = cyclonedx_json(CycloneDxVersion::k1_6);
    EXPECT_FALSE(has(v1_4, "occurrences"));
    EXPECT_TRUE(has(v1_5, "occurrences"));
    EXPECT_FALSE(has(v1_5, "\"line\""));
    EXPECT_TRUE(has(v1_6, "\"line\": 12"));
}

TEST(Bom, licences_that_are_no_expression_become_references_in_spdx) {
    const std::string json = written([](TextSink& sink) { write_spdx_json(example(), sink); });
    EXPECT_TRUE(has(json, R"("licenseDeclared": "LicenseRef-1")"));
    EXPECT_TRUE(has(json, R"("extractedText": "All <rights> \"reserved\"")"));
    EXPECT_TRUE(has(json, R"("licenseDeclared": "MIT OR Apache-2.0")"));
    const std::string graph = written([](TextSink& sink) { write_spdx3(example(), sink); });
    EXPECT_TRUE(has(graph, R"("simplelicensing_licenseText": "All <rights> \"reserved\"")"));
}

TEST(Bom, tag_value_keeps_a_value_of_one_line_on_one_line) {
    Bom bom = example();
    bom.components[0].name = "a\nPackageName: b";
    bom.components[0].copyright = "x</text>\nPackageName: c";
    const std::string text = written([&](TextSink& sink) { write_spdx_tag_value(bom, sink); });
    EXPECT_FALSE(has(text, "\nPackageName: b"));
    EXPECT_FALSE(has(text, "x</text>"));
    EXPECT_TRUE(has(text, "PackageCopyrightText: <text>x< /text>\nPackageName: c</text>\n"));
}

TEST(Bom, yaml_nests_as_json_does) {
    const std::string yaml = written([](TextSink& sink) { write_spdx_yaml(example(), sink); });
    EXPECT_TRUE(has(yaml, "packages:\n  - SPDXID: \"SPDXRef-Package-1\"\n    name: \"shop\"\n"));
    EXPECT_TRUE(has(yaml, "    checksums:\n      - algorithm: \"SHA512\"\n"));
}

TEST(Bom, xml_escapes_what_is_markup) {
    const std::string xml = written(
        [](TextSink& sink) { write_cyclonedx_xml(example(), CycloneDxVersion::k1_6, sink); });
    EXPECT_TRUE(has(xml, "<name>All &lt;rights&gt; \"reserved\"</name>"));
    EXPECT_TRUE(has(xml, "<dependency ref=\"pkg:npm/right@2.0.0\"/>"));
}

bool is_license_id(std::string_view id) { return id == "MIT"; }

TEST(Bom, what_is_written_is_read_back_in_every_format) {
    const std::vector<std::string> texts{
        cyclonedx_json(CycloneDxVersion::k1_4),
        cyclonedx_json(CycloneDxVersion::k1_7),
        written([](TextSink& sink) { write_spdx_json(example(), sink); }),
        written([](TextSink& sink) { write_spdx_yaml(example(), sink); }),
        written([](TextSink& sink) { write_spdx_tag_value(example(), sink); }),
        written([](TextSink& sink) { write_spdx3(example(), sink); }),
    };
    for (const std::string& text : texts) {
        const Result<ReadBom> read = read_bom(text, is_license_id);
        ASSERT_TRUE(read.ok()) << read.error().to_string() << text;
        const Bom& bom = read.value().bom;
        EXPECT_EQ(bom.root.name, "shop") << read.value().format;
        ASSERT_EQ(bom.components.size(), 2u) << read.value().format;
        EXPECT_EQ(bom.components[0].purl, example().components[0].purl);
        EXPECT_EQ(bom.components[0].version, "1.0.0");
        EXPECT_EQ(bom.components[0].hashes, example().components[0].hashes);
        EXPECT_EQ(bom.components[0].licenses, example().components[0].licenses);
        EXPECT_EQ(bom.components[1].licenses, example().components[1].licenses);
        EXPECT_EQ(bom.components[0].scope, example().components[0].scope) << read.value().format;
        EXPECT_EQ(bom.components[1].scope, BomScope::kOptional) << read.value().format;
        EXPECT_EQ(bom.components[1].properties, example().components[1].properties)
            << read.value().format;
        ASSERT_EQ(bom.dependencies.size(), 2u) << read.value().format;
        EXPECT_EQ(bom.dependencies[1].depends_on, std::vector<std::string>{bom.components[1].ref});
    }
}

TEST(Bom, weaknesses_are_read_back_as_they_were_written) {
    Bom bom = example();
    bom.weaknesses = {weakness()};
    for (const auto version : {CycloneDxVersion::k1_4, CycloneDxVersion::k1_5,
                               CycloneDxVersion::k1_6, CycloneDxVersion::k1_7}) {
        for (const auto write : {write_cyclonedx_json, write_cyclonedx_xml}) {
            const std::string text = written([&](TextSink& sink) { write(bom, version, sink); });
            const Result<ReadBom> read = read_bom(text, is_license_id);
            ASSERT_TRUE(read.ok()) << read.error().to_string() << text;
            EXPECT_EQ(read.value().bom.weaknesses, bom.weaknesses) << text;
        }
    }
}

TEST(Bom, weaknesses_stand_in_the_security_profile_of_spdx_3) {
    Bom bom = example();
    bom.weaknesses = {weakness(), weakness(), weakness(), weakness()};
    const std::array<std::string_view, 4> states{"not_affected", "exploitable", "resolved",
                                                 "in_triage"};
    for (std::size_t i = 0; i < states.size(); ++i) bom.weaknesses[i].analysis->state = states[i];
    bom.weaknesses[3].ratings[0] = {{}, "7.5", "", "CVSSv2", "AV:N", ""};
    const std::string text = written([&](TextSink& sink) { write_spdx3(bom, sink); });
    EXPECT_TRUE(has(text, R"("security_score": 9.8)"));
    const Result<ReadBom> read = read_bom(text, is_license_id);
    ASSERT_TRUE(read.ok()) << read.error().to_string() << text;
    const Bom& back = read.value().bom;
    ASSERT_EQ(back.weaknesses.size(), states.size());
    for (std::size_t i = 0; i < states.size(); ++i) {
        const BomWeakness& found = back.weaknesses[i];
        EXPECT_EQ(found.id, "CVE-2024-1");
        EXPECT_EQ(found.aliases, weakness().aliases);
        EXPECT_EQ(found.cwes, weakness().cwes);
        EXPECT_EQ(found.description, weakness().description);
        EXPECT_EQ(found.detail, weakness().detail);
        EXPECT_EQ(found.advisories, weakness().advisories);
        EXPECT_EQ(found.published, weakness().published);
        ASSERT_EQ(found.ratings.size(), 1u) << "what has no score and vector is no assessment";
        EXPECT_EQ(found.ratings[0], bom.weaknesses[i].ratings[0]);
        ASSERT_TRUE(found.analysis);
        EXPECT_EQ(found.analysis->state, states[i]);
        EXPECT_EQ(found.analysis->detail, "never called");
        ASSERT_EQ(found.affects.size(), 1u);
        EXPECT_EQ(found.affects[0].ref, back.components[1].ref);
    }
    EXPECT_EQ(back.weaknesses[0].analysis->justification, "code_not_reachable");
    EXPECT_EQ(back.weaknesses[1].recommendation, weakness().recommendation);
}

TEST(Bom, an_older_cyclonedx_calls_a_newer_score_another_one) {
    Bom bom = example();
    bom.weaknesses = {weakness()};
    bom.weaknesses[0].ratings[0].method = "CVSSv4";
    const auto text = [&](CycloneDxVersion version) {
        return written([&](TextSink& sink) { write_cyclonedx_json(bom, version, sink); });
    };
    EXPECT_TRUE(has(text(CycloneDxVersion::k1_4), R"("method": "other")"));
    EXPECT_TRUE(has(text(CycloneDxVersion::k1_5), R"("method": "CVSSv4")"));
}

TEST(Bom, a_weakness_that_the_schema_refuses_is_an_error) {
    for (const std::string_view weakness : {
             R"({"cwes": ["CWE-79"]})",
             R"({"ratings": [{"score": "9"}]})",
             R"({"references": [{"id": "CVE-1"}]})",
             R"({"analysis": {"state": "fine"}})",
             R"({"analysis": {"response": ["none"]}})",
             R"({"affects": [{"ref": "a", "versions": [{"version": "1", "range": "2"}]}]})",
             R"({"advisories": [{"title": "a"}]})",
         }) {
        const std::string text =
            R"({"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [)" +
            std::string(weakness) + "]}";
        EXPECT_FALSE(read_bom(text, is_license_id).ok()) << text;
    }
}

TEST(Bom, a_document_of_no_known_format_is_an_error) {
    for (const std::string_view text :
         {"", "{}", "[]", "{\"bomFormat\": \"CycloneDX\"}", "SPDXVersion: SPDX-9", "a: b",
          "{\"artifacts\": 3}", "bomFormat: CycloneDX\nspecVersion: '1.6'\ntrue: 3\n"}) {
        EXPECT_FALSE(read_bom(text, is_license_id).ok()) << text;
    }
}

TEST(Bom, an_error_names_the_place) {
    const Result<ReadBom> read = read_bom(
        "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\",\n"
        " \"components\": [{\"type\": \"lib\", \"name\": \"a\"}]}",
        is_license_id);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().line, 2u);
    EXPECT_NE(read.error().message.find("/components/0/type"), std::string::npos);
}

TEST(Bom, the_predicate_of_a_statement_is_read) {
    const std::string statement =
        "{\"predicateType\": \"https://cyclonedx.org/bom\", "
        "\"predicate\": " +
        cyclonedx_json(CycloneDxVersion::k1_6) + "}";
    EXPECT_TRUE(read_bom(statement, is_license_id).ok());
}

}  // namespace
}  // namespace merlon::exchange
