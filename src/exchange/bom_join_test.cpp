#include "exchange/bom_join.h"

#include <gtest/gtest.h>

#include <tuple>

#include <algorithm>

#include "exchange/bom_read.h"
#include "exchange/github_snapshot.h"

namespace merlon::exchange {
namespace {

BomComponent component(const std::string& name, const std::string& version) {
    BomComponent made;
    made.name = name;
    made.version = version;
    made.purl = "pkg:npm/" + name + "@" + version;
    made.ref = name;
    return made;
}

Bom document(const std::string& name, std::vector<BomComponent> components) {
    Bom bom;
    bom.name = bom.root.name = name;
    bom.root.ref = "top";
    bom.root.type = BomType::kApplication;
    for (const BomComponent& one : components)
        bom.dependencies.push_back({.ref = "top", .depends_on = {one.ref}});
    bom.components = std::move(components);
    return bom;
}

Bom merged(const std::vector<Bom>& parts) {
    Bom bom;
    bom.name = bom.root.name = "all";
    bom.root.ref = "root";
    return merge_boms(parts, std::move(bom));
}

TEST(BomJoin, the_same_package_url_is_one_component_with_what_each_says_of_it) {
    BomComponent left = component("a", "1"), right = component("a", "1");
    left.licenses = {{BomLicense::Kind::kId, "MIT"}};
    left.scope = BomScope::kExcluded;
    right.description = "an a";
    right.scope = BomScope::kRequired;
    right.hashes = {{"MD5", std::string(32, '0')}};
    const Bom bom = merged({document("x", {left}), document("y", {right, component("b", "2")})});
    ASSERT_EQ(bom.components.size(), 4u);  // x, y, a, b
    const BomComponent& a = bom.components[2];
    EXPECT_EQ(a.purl, "pkg:npm/a@1");
    EXPECT_EQ(a.licenses.size(), 1u);
    EXPECT_EQ(a.description, "an a");
    EXPECT_EQ(a.hashes.size(), 1u);
    EXPECT_EQ(a.scope, BomScope::kRequired);
}

// What two documents that have one component, of which `fact` is stated so, become.
template <typename Fact>
BomComponent merged(Fact BomComponent::* fact, const Fact& first, const Fact& second) {
    Bom parts[2];
    for (Bom& part : parts) {
        BomComponent& component = part.components.emplace_back();
        component.ref = component.name = "a";
        component.purl = "pkg:npm/a@1";
        component.*fact = &part == parts ? first : second;
    }
    return merge_boms(parts, {}).components.at(0);
}

TEST(BomJoin, licences_of_all_documents_are_kept) {
    using enum BomLicense::Kind;
    using Licenses = std::vector<BomLicense>;
    const auto all = [](const Licenses& first, const Licenses& second) {
        return merged(&BomComponent::licenses, first, second).licenses;
    };
    EXPECT_EQ(all({{kId, "MIT"}}, {{kId, "ISC"}}), (Licenses{{kId, "MIT"}, {kId, "ISC"}}));
    EXPECT_EQ(all({{kId, "MIT"}}, {{kExpression, "ISC OR Zlib"}}),
              (Licenses{{kExpression, "MIT AND (ISC OR Zlib)"}}));
    EXPECT_EQ(all({{kName, "our own"}}, {{kExpression, "ISC OR Zlib"}}),
              (Licenses{{kName, "our own"}, {kName, "ISC OR Zlib"}}));
}

TEST(BomJoin, what_one_document_needs_is_needed) {
    using enum BomScope;
    for (const auto& [first, second, needed] :
         {std::tuple(kExcluded, kRequired, kRequired), std::tuple(kExcluded, kUnstated, kUnstated),
          std::tuple(kOptional, kExcluded, kOptional)}) {
        EXPECT_EQ(merged(&BomComponent::scope, first, second).scope, needed);
        EXPECT_EQ(merged(&BomComponent::scope, second, first).scope, needed);
    }
}

TEST(BomJoin, weaknesses_name_the_components_of_the_merged_document) {
    Bom left = document("x", {component("a", "1")});
    Bom right = document("y", {component("b", "1")});
    BomWeakness weakness;
    weakness.ref = "w";
    weakness.id = "CVE-2024-1";
    weakness.affects = {{"a", {}}, {"urn:cdx:s/1#c", {}}};
    left.weaknesses = {weakness};
    weakness.affects = {{"b", {}}};
    right.weaknesses = {weakness};
    const Bom bom = merged({left, right, left});
    ASSERT_EQ(bom.weaknesses.size(), 2u);  // what two documents say alike, once
    EXPECT_EQ(bom.weaknesses[0].affects[0].ref, "pkg:npm/a@1");
    EXPECT_EQ(bom.weaknesses[0].affects[1].ref, "urn:cdx:s/1#c");
    EXPECT_EQ(bom.weaknesses[1].affects[0].ref, "pkg:npm/b@1");
    EXPECT_EQ(bom.weaknesses[1].ref, "w#2");
}

TEST(BomJoin, the_new_root_contains_what_each_document_described) {
    const Bom bom = merged({document("x", {component("a", "1")}), document("y", {})});
    ASSERT_FALSE(bom.dependencies.empty());
    const auto root = std::ranges::find(bom.dependencies, "root", &BomDependency::ref);
    ASSERT_NE(root, bom.dependencies.end());
    EXPECT_EQ(root->depends_on, (std::vector<std::string>{"x", "y"}));
    const auto x = std::ranges::find(bom.dependencies, "x", &BomDependency::ref);
    ASSERT_NE(x, bom.dependencies.end());
    EXPECT_EQ(x->depends_on, (std::vector<std::string>{"pkg:npm/a@1"}));
}

TEST(BomJoin, what_one_document_does_not_know_the_merged_one_does_not_know_either) {
    Bom known = document("x", {});
    known.compositions = {{BomAggregate::kComplete, {"top"}, {}}};
    EXPECT_EQ(merged({known}).compositions.back().aggregate, BomAggregate::kComplete);
    EXPECT_EQ(merged({known, document("y", {})}).compositions.back().aggregate,
              BomAggregate::kUnknown);
}

TEST(BomJoin, serial_numbers_come_from_the_content_alone) {
    Bom one = document("x", {component("a", "1")}), other = one;
    other.timestamp = "2024-05-01T00:00:00Z";
    other.serial = "3e671687-395b-41f5-a30f-a58921a69b79";
    EXPECT_EQ(content_serial(one), content_serial(other));
    other.components[0].version = "2";
    EXPECT_NE(content_serial(one), content_serial(other));
}

TEST(BomJoin, a_difference_names_versions_licences_and_hashes) {
    BomComponent before = component("same", "1"), after = before;
    before.hashes = {{"MD5", "0"}};
    after.hashes = {{"MD5", "1"}, {"SHA-1", "2"}};
    after.licenses = {{BomLicense::Kind::kId, "MIT"}};
    const BomDifference found =
        compare_boms(document("x", {before, component("gone", "1"), component("up", "1")}),
                     document("x", {after, component("new", "1"), component("up", "2")}));
    EXPECT_EQ(found.added, (std::vector<BomChange>{{"new", "1"}}));
    EXPECT_EQ(found.removed, (std::vector<BomChange>{{"gone", "1"}}));
    EXPECT_EQ(found.changed, (std::vector<BomChange>{{"up", "1 -> 2"}}));
    EXPECT_EQ(found.licenses, (std::vector<BomChange>{{"same 1", "none -> MIT"}}));
    EXPECT_EQ(found.hashes, (std::vector<BomChange>{{"same 1", "MD5"}}));
}

std::string snapshot(const Bom& bom) {
    std::string out;
    TextSink sink([&](std::string_view text) {
        out += text;
        return Status{};
    });
    write_github_snapshot(
        bom, {.job_id = "7", .correlator = "ci", .sha = "abc", .ref = "refs/heads/main"}, sink);
    EXPECT_TRUE(sink.finish().ok());
    return out;
}

TEST(GithubSnapshot, says_per_file_what_is_direct_and_what_is_for_development) {
    BomComponent a = component("a", "1"), b = component("b", "2");
    a.occurrences = {{"web/package-lock.json", 3}};
    b.occurrences = {{"web/package-lock.json", 9}};
    b.scope = BomScope::kExcluded;
    Bom bom = document("x", {a, b});
    bom.dependencies = {{"top", {"a"}}, {"a", {"b"}}};
    const auto read = read_bom(snapshot(bom), [](std::string_view) { return false; });
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    EXPECT_EQ(read.value().format, "GitHub dependency snapshot");
    const Bom& again = read.value().bom;
    ASSERT_EQ(again.components.size(), 2u);
    EXPECT_EQ(again.components[0].name, "a");
    EXPECT_EQ(again.components[0].version, "1");
    EXPECT_EQ(again.components[0].occurrences[0].path, "web/package-lock.json");
    EXPECT_EQ(again.components[1].scope, BomScope::kExcluded);
    EXPECT_EQ(again.dependencies, (std::vector<BomDependency>{{"root", {"pkg:npm/a@1"}},
                                                              {"pkg:npm/a@1", {"pkg:npm/b@2"}}}));
    for (const char* part : {"\"sha\": \"abc\"", "\"ref\": \"refs/heads/main\"",
                             "\"relationship\": \"indirect\"", "\"scope\": \"development\""})
        EXPECT_NE(snapshot(bom).find(part), std::string::npos) << part;
}

TEST(GithubSnapshot, an_entry_without_a_package_url_is_an_error_with_its_place) {
    const auto read = read_bom(
        R"({"detector": {}, "manifests": {"a": {"resolved": {"k": {"scope": "runtime"}}}}})",
        [](std::string_view) { return false; });
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().line, 1u);
}

}  // namespace
}  // namespace merlon::exchange
