#include "scan/package_bom.h"

#include <gtest/gtest.h>

namespace merlon::scan {
namespace {

using packages::Ecosystem;
using packages::Package;
using packages::PackageSource;
using packages::Relation;

Package package(const std::string& name, const std::string& version, std::uint32_t line) {
    Package made;
    made.ecosystem = Ecosystem::kNpm;
    made.name = name;
    made.version = version;
    made.relation = Relation::kDirect;
    made.location = {.path = "package-lock.json", .members = {}, .region = {.start_line = line}};
    return made;
}

PackageSource source(std::vector<Package> packages) {
    return {.reader = "npm-package-lock",
            .path = "package-lock.json",
            .ecosystem = Ecosystem::kNpm,
            .packages = std::move(packages),
            .unknowns = {}};
}

exchange::Bom made(const std::vector<PackageSource>& sources) {
    return bom_of(sources, {.name = "",
                            .version = "",
                            .fallback_name = "folder",
                            .tool_version = "1",
                            .time = {},
                            .complete = true});
}

TEST(PackageBom, equal_packages_are_one_component_with_both_places) {
    const exchange::Bom bom = made({source({package("a", "1.0.0", 3), package("a", "1.0.0", 9)})});
    ASSERT_EQ(bom.components.size(), 1u);
    EXPECT_EQ(bom.components[0].occurrences.size(), 2u);
    EXPECT_EQ(bom.root.name, "folder");
}

TEST(PackageBom, an_edge_between_two_places_of_one_package_is_none) {
    Package first = package("a", "1.0.0", 3);
    first.requires_ = {1, 2};
    const exchange::Bom bom =
        made({source({first, package("a", "1.0.0", 9), package("b", "1.0.0", 12)})});
    ASSERT_EQ(bom.dependencies.size(), 2u);
    EXPECT_EQ(bom.dependencies[1].depends_on, std::vector<std::string>{"pkg:npm/b@1.0.0"});
}

std::string property(const exchange::BomComponent& component, std::string_view name) {
    for (const exchange::BomProperty& one : component.properties)
        if (one.name == name) return one.value;
    return {};
}

TEST(PackageBom, what_no_registry_has_is_told_unless_another_place_has_it_from_one) {
    Package project = package("a", "1.0.0", 1);
    project.relation = Relation::kRoot;
    Package folder = package("b", "1.0.0", 2);
    folder.local = true;
    const exchange::Bom alone = made({source({project, folder})});
    EXPECT_EQ(property(alone.components[0], "merlon:project"), "true");
    EXPECT_EQ(property(alone.components[1], "merlon:project"), "true");
    const exchange::Bom both = made({source({project}), source({package("a", "1.0.0", 7)})});
    EXPECT_EQ(property(both.components[0], "merlon:project"), "");
}

TEST(PackageBom, a_least_version_is_told_as_one) {
    Package least = package("a", "1.2.0", 1);
    least.requested = ">=1.2.0";
    EXPECT_EQ(property(made({source({least})}).components[0], "merlon:requested"), ">=1.2.0");
    EXPECT_EQ(property(made({source({least, package("a", "1.2.0", 2)})}).components[0],
                       "merlon:requested"),
              "");
}

TEST(PackageBom, a_digest_that_was_cut_short_is_left_out) {
    Package cut = package("a", "1.0.0", 1);
    cut.checksums = {{"sha512", "75ebe992"}, {"sha1", std::string(40, 'a')}};
    const exchange::Bom bom = made({source({cut})});
    ASSERT_EQ(bom.components[0].hashes.size(), 1u);
    EXPECT_EQ(bom.components[0].hashes[0].algorithm, "SHA-1");
}

TEST(PackageBom, an_open_version_says_what_was_asked_for_and_is_not_complete) {
    Package open = package("a", "", 3);
    open.requested = "^1.0.0";
    PackageSource manifest = source({open});
    manifest.reader = "npm-package-json";
    const exchange::Bom bom = made({manifest});
    EXPECT_EQ(bom.components[0].purl, "pkg:npm/a");
    EXPECT_EQ(bom.components[0].properties[0],
              (exchange::BomProperty{"merlon:requested", "^1.0.0"}));
    EXPECT_EQ(bom.compositions.back().aggregate, exchange::BomAggregate::kIncomplete);
}

TEST(PackageBom, licences_are_one_expression_or_texts) {
    Package both = package("a", "1.0.0", 3);
    both.licenses = {"mit", "Apache-2.0 OR BSD-3-Clause"};
    Package own = package("b", "1.0.0", 4);
    own.licenses = {"MIT", "SEE LICENSE IN eula.txt"};
    const exchange::Bom bom = made({source({both, own})});
    using enum exchange::BomLicense::Kind;
    ASSERT_EQ(bom.components[0].licenses.size(), 1u);
    EXPECT_EQ(bom.components[0].licenses[0],
              (exchange::BomLicense{kExpression, "MIT AND (Apache-2.0 OR BSD-3-Clause)"}));
    ASSERT_EQ(bom.components[1].licenses.size(), 2u);
    EXPECT_EQ(bom.components[1].licenses[0], (exchange::BomLicense{kId, "MIT"}));
    EXPECT_EQ(bom.components[1].licenses[1],
              (exchange::BomLicense{kName, "SEE LICENSE IN eula.txt"}));
}

TEST(PackageBom, the_scope_is_of_whoever_needs_it_most) {
    Package development = package("a", "1.0.0", 3);
    development.scope = packages::Scope::kDevelopment;
    Package runtime = package("a", "1.0.0", 9);
    runtime.scope = packages::Scope::kRuntime;
    const exchange::Bom bom = made({source({development, runtime})});
    EXPECT_EQ(bom.components[0].scope, exchange::BomScope::kRequired);
}

TEST(PackageBom, equal_contents_have_equal_serial_numbers) {
    const auto one = made({source({package("a", "1.0.0", 3)})});
    EXPECT_EQ(one.serial, made({source({package("a", "1.0.0", 3)})}).serial);
    EXPECT_NE(one.serial, made({source({package("a", "1.0.1", 3)})}).serial);
    EXPECT_EQ(one.serial.size(), 36u);
    EXPECT_EQ(one.serial[14], '8');
}

}  // namespace
}  // namespace merlon::scan
