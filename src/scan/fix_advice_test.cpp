#include "scan/fix_advice.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "base/file.h"
#include "packages/package_url.h"
#include "scan/manifest_edit.h"

namespace merlon::scan {
namespace {

using packages::Package;
using packages::Relation;

// The manifest with another version of the package, or what is in the way.
std::string changed(std::string_view reader, std::string text, const std::string& name,
                    const std::string& version, const std::string& to, std::uint32_t line = 1) {
    Package package;
    package.name = name;
    package.version = version;
    package.location.region.start_line = line;
    const OpenedManifest manifest = manifest_kind(reader)->open(text);
    if (!manifest.ok()) return "error: " + manifest.error().message;
    const ManifestEdits edits = manifest.value()->find(package, to);
    if (!edits.ok()) return "error: " + edits.error().message;
    if (edits.value().empty()) return "error: not there";
    for (std::size_t i = edits.value().size(); i-- > 0;) {
        const ManifestEdit& edit = edits.value()[i];
        text.replace(edit.offset, edit.length, edit.text);
    }
    return text;
}

TEST(ManifestEdit, a_package_json_keeps_its_sign_and_its_layout) {
    EXPECT_EQ(changed("npm-package-lock", R"({ "dependencies": {"a":"^1.0.0", "b" : "~2.0" } })",
                      "a", "1.0.0", "1.2.3"),
              R"({ "dependencies": {"a":"^1.2.3", "b" : "~2.0" } })");
    EXPECT_EQ(changed("yarn-lock", R"({"devDependencies": {"@s/b": "2.0.0"}})", "@s/b", "2", "2.1"),
              R"({"devDependencies": {"@s/b": "2.1"}})");
    for (const char* request :
         {"*", ">=1 <2", "1.x", "latest", "git+https://h/a.git", "workspace:*"}) {
        const std::string text = R"({"dependencies": {"a": ")" + std::string(request) + R"("}})";
        EXPECT_TRUE(changed("npm-package-lock", text, "a", "1", "2").starts_with("error: "))
            << text;
    }
    EXPECT_TRUE(changed("npm-package-lock", "{}", "a", "1", "2").starts_with("error: "));
}

TEST(ManifestEdit, requirements_with_hashes_are_left_to_the_index) {
    EXPECT_EQ(
        changed("python-requirements", "# x\nDjango == 1.0  # why\n", "Django", "1.0", "1.1", 2),
        "# x\nDjango == 1.1  # why\n");
    EXPECT_EQ(
        changed("python-requirements", "a[x]===1.0; python_version > '3'\n", "a", "1.0", "1.1"),
        "a[x]===1.1; python_version > '3'\n");
    EXPECT_TRUE(changed("python-requirements", "a==1.0 --hash=sha256:00\n", "a", "1.0", "1.1")
                    .starts_with("error: "));
    EXPECT_TRUE(
        changed("python-requirements", "a>=1.0\n", "a", "1.0", "1.1").starts_with("error: "));
}

TEST(ManifestEdit, a_go_mod_has_its_v) {
    EXPECT_EQ(
        changed("go-mod", "require (\n\th/a v1.0.0 // indirect\n)\n", "h/a", "v1.0.0", "1.2.0", 2),
        "require (\n\th/a v1.2.0 // indirect\n)\n");
}

TEST(ManifestEdit, a_pom_has_the_version_or_a_property) {
    const std::string direct =
        "<project><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId>"
        "<version>1.0</version></dependency></dependencies></project>";
    std::string wanted = direct;
    wanted.replace(wanted.find("1.0"), 3, "1.5");
    EXPECT_EQ(changed("maven-pom", direct, "g:a", "1.0", "1.5"), wanted);
    const std::string property =
        "<project><properties><v.a>1.0</v.a></properties><dependencyManagement><dependencies>"
        "<dependency><groupId>g</groupId><artifactId>a</artifactId><version>${v.a}</version>"
        "</dependency></dependencies></dependencyManagement></project>";
    wanted = property;
    wanted.replace(wanted.find("1.0"), 3, "1.5");
    EXPECT_EQ(changed("maven-pom", property, "g:a", "1.0", "1.5"), wanted);
    EXPECT_TRUE(changed("maven-pom", "<project/>", "g:a", "1.0", "1.5").starts_with("error: "));
}

TEST(ManifestEdit, what_an_override_holds_is_left_to_a_person) {
    const std::string asked = R"("dependencies": {"a": "1.0.0", "b": "1.0.0"})";
    for (const char* overrides :
         {R"("overrides": {"a": "1.0.0"})", R"("resolutions": {"**/a": "1.0.0"})",
          R"("pnpm": {"overrides": {"a@1": "1.0.0"}})"}) {
        const std::string text = "{" + asked + ", " + overrides + "}";
        EXPECT_NE(changed("npm-package-lock", text, "a", "1.0.0", "1.0.1").find("is overridden"),
                  std::string::npos)
            << text;
        EXPECT_NE(changed("npm-package-lock", text, "b", "1.0.0", "1.0.1").find("\"b\": \"1.0.1\""),
                  std::string::npos);
    }
}

TEST(ManifestEdit, a_property_that_another_group_has_too_is_left_to_a_person) {
    const std::string pom =
        "<project><properties><v>1</v></properties><dependencies>"
        "<dependency><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version></"
        "dependency>"
        "<dependency><groupId>o</groupId><artifactId>b</artifactId><version>${v}</version></"
        "dependency>"
        "</dependencies></project>";
    EXPECT_NE(changed("maven-pom", pom, "g:a", "1", "2").find("version of 'o:b' too"),
              std::string::npos);
}

TEST(ManifestEdit, a_cargo_toml_has_three_ways) {
    EXPECT_EQ(
        changed("cargo-lock", "[dependencies]\nb = \"1\"\na = \"1.0\"\n", "a", "1.0.0", "1.2"),
        "[dependencies]\nb = \"1\"\na = \"1.2\"\n");
    EXPECT_EQ(changed("cargo-lock",
                      "[dev-dependencies]\na = { version = \"1\", default-features = false }\n",
                      "a", "1.0.0", "1.2"),
              "[dev-dependencies]\na = { version = \"1.2\", default-features = false }\n");
    EXPECT_EQ(changed("cargo-lock", "[dependencies.a]\nfeatures = []\nversion = '=1.0.0'\n", "a",
                      "1.0.0", "1.2"),
              "[dependencies.a]\nfeatures = []\nversion = '=1.2'\n");
    EXPECT_TRUE(
        changed("cargo-lock", "[package]\na = \"1\"\n", "a", "1", "2").starts_with("error: "));
    EXPECT_TRUE(changed("cargo-lock", "[dependencies]\na = { path = \"../a\" }\n", "a", "1", "2")
                    .starts_with("error: "));
}

TEST(ManifestEdit, every_group_that_asks_for_the_version_is_changed) {
    EXPECT_EQ(changed("npm-package-lock",
                      R"({"devDependencies": {"a": "^1.0.0"}, "dependencies": {"a": "1.0.0"},
                          "peerDependencies": {"a": "^1"}})",
                      "a", "1.0.0", "1.2.0"),
              R"({"devDependencies": {"a": "^1.2.0"}, "dependencies": {"a": "1.2.0"},
                          "peerDependencies": {"a": "^1"}})");
    EXPECT_EQ(
        changed("cargo-lock",
                "[dependencies]\na = \"1.0\"\n"
                "old = { package = \"a\", version = \"0.3\" }\n"
                "[target.'cfg(unix)'.dependencies]\nb = { version = \"1.0\", package = \"a\" }\n"
                "[workspace.dependencies]\na = { workspace = true }\n"
                "[build-dependencies.a]\nversion = \"1\"\n",
                "a", "1.0.4", "1.2.0"),
        "[dependencies]\na = \"1.2.0\"\n"
        "old = { package = \"a\", version = \"0.3\" }\n"
        "[target.'cfg(unix)'.dependencies]\nb = { version = \"1.2.0\", package = \"a\" }\n"
        "[workspace.dependencies]\na = { workspace = true }\n"
        "[build-dependencies.a]\nversion = \"1.2.0\"\n");
}

TEST(FixAdvice, a_transitive_package_is_brought_in_by_the_direct_ones_that_lead_to_it) {
    packages::PackageSource source;
    source.packages.resize(5);
    for (std::size_t i = 0; i < 5; ++i) source.packages[i].name = std::string(1, "abcde"[i]);
    source.packages[0].relation = source.packages[1].relation = Relation::kDirect;
    source.packages[4].relation = Relation::kDirect;
    source.packages[0].requires_ = {2};
    source.packages[1].requires_ = {3};
    source.packages[2].requires_ = {3};
    source.packages[3].requires_ = {2};  // a circle
    BroughtBy brought_by(source);
    EXPECT_EQ(brought_by.names(3), (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(brought_by.names(4).empty());
}

TEST(FixPatch, of_packages_that_one_property_is_for_the_highest_version_counts) {
    const std::string path = testing::TempDir() + "fix_patch_pom.xml";
    ASSERT_TRUE(
        write_file_atomically(path,
                              "<project>\n<properties>\n<v>1.0</v>\n</properties>\n<dependencies>\n"
                              "<dependency><groupId>g</groupId><artifactId>a</artifactId>"
                              "<version>${v}</version></dependency>\n"
                              "<dependency><groupId>g</groupId><artifactId>b</artifactId>"
                              "<version>${v}</version></dependency>\n</dependencies>\n</project>\n")
            .ok());
    TakenInventory taken;
    taken.system_paths["pom.xml"] = path;
    packages::PackageSource& source = taken.sources.emplace_back();
    source.reader = "maven-pom";
    source.path = "pom.xml";
    model::Report report;
    for (const auto& [name, safe] : {std::pair("a", "1.10"), std::pair("b", "1.9")}) {
        Package& package = source.packages.emplace_back();
        package.ecosystem = packages::Ecosystem::kMaven;
        package.name = std::string("g:") + name;
        package.version = "1.0";
        package.relation = Relation::kDirect;
        model::Finding& finding = report.findings.emplace_back();
        finding.properties["purl"] = packages::package_url_text(package);
        finding.properties["safe-version"] = safe;
    }
    const FixPatch patch = fix_patch(report, taken);
    EXPECT_NE(patch.text.find("-<v>1.0</v>\n+<v>1.10</v>\n"), std::string::npos) << patch.text;
    EXPECT_TRUE(patch.notices.empty()) << patch.notices.front();
    std::remove(path.c_str());
}

TEST(UnifiedPatch, joins_changes_that_are_near_and_keeps_the_end) {
    EXPECT_EQ(unified_patch("x", "a\n", "a\n"), "");
    EXPECT_EQ(unified_patch("f", "1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\nX\n4\n5\n6\n7\n8\nY"),
              "--- a/f\n+++ b/f\n@@ -1,9 +1,9 @@\n 1\n 2\n-3\n+X\n 4\n 5\n 6\n 7\n 8\n-9\n"
              "\\ No newline at end of file\n+Y\n\\ No newline at end of file\n");
    std::string before, after;
    for (int i = 0; i < 40; ++i) before += std::to_string(i) + '\n';
    after = before;
    after.replace(after.find("\n5\n") + 1, 1, "V");
    after.replace(after.find("\n30\n") + 1, 2, "W");
    const std::string patch = unified_patch("f", before, after);
    EXPECT_NE(patch.find("@@ -3,7 +3,7 @@"), std::string::npos) << patch;
    EXPECT_NE(patch.find("@@ -28,7 +28,7 @@"), std::string::npos) << patch;
}

}  // namespace
}  // namespace merlon::scan
