#include "exchange/bom.h"

#include <gtest/gtest.h>

#include <functional>

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
    left.hashes = {{"SHA-512", "00ff"}};
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
    bom.components = {left, right};
    bom.dependencies = {{"root", {left.ref}}, {left.ref, {right.ref}}};
    bom.compositions = {{BomAggregate::kIncomplete, {"root"}, {"root"}}};
    return bom;
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

}  // namespace
}  // namespace merlon::exchange
