#include "packages/package_url.h"

#include <gtest/gtest.h>

namespace merlon::packages {
namespace {

std::string canonical(std::string_view text) {
    const auto url = parse_package_url(text);
    return url.ok() ? to_string(url.value()) : url.error().message;
}

TEST(PackageUrl, is_read_into_its_parts) {
    const auto url = parse_package_url(
        "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?type=jar&classifier=sources#a//./b");
    ASSERT_TRUE(url.ok());
    EXPECT_EQ(url.value().type, "maven");
    EXPECT_EQ(url.value().name_space, "org.apache.xmlgraphics");
    EXPECT_EQ(url.value().name, "batik-anim");
    EXPECT_EQ(url.value().version, "1.9.1");
    EXPECT_EQ(url.value().qualifier("classifier"), "sources");
    EXPECT_EQ(url.value().subpath, "a/b");
}

TEST(PackageUrl, has_one_canonical_form) {
    EXPECT_EQ(canonical("PKG://PYPI/Django_Package@1.0%2Blocal"),
              "pkg:pypi/django-package@1.0%2Blocal");
    EXPECT_EQ(canonical("pkg:npm/@babel/core@7"), "pkg:npm/%40babel/core@7");
    EXPECT_EQ(canonical("pkg:npm/@babel/core"), "pkg:npm/%40babel/core");
    EXPECT_EQ(canonical("pkg:deb/Debian/Curl@7?Distro=sid&arch="),
              "pkg:deb/debian/curl@7?distro=sid");
    EXPECT_EQ(canonical("pkg:git/codeberg.org/a/b"), "pkg:git/codeberg.org/a/b");
}

TEST(PackageUrl, refuses_what_its_type_does_not_allow) {
    for (const std::string_view text :
         {"", "pkg:", "pkg:npm", "pkg:npm/", "npm/a", "pkg:3npm/a", "pkg:cargo/a/b", "pkg:maven/a",
          "pkg:julia/Dates", "pkg:cpan/A::B", "pkg:npm/a?b!=1", "pkg:npm/a?x=1&x=2",
          "pkg:golang/a%2Fb/c"})
        EXPECT_FALSE(parse_package_url(text).ok()) << text;
}

TEST(PackageUrl, a_standard_reader_wants_keys_in_lower_case) {
    EXPECT_FALSE(parse_package_url("pkg:gem/a?Platform=java", PurlSpelling::kStandard).ok());
    EXPECT_TRUE(parse_package_url("pkg:gem/a?Platform=java").ok());
}

Package package(Ecosystem ecosystem, std::string name, std::string version) {
    Package made;
    made.ecosystem = ecosystem;
    made.name = std::move(name);
    made.version = std::move(version);
    return made;
}

TEST(PackageUrl, names_packages_of_every_ecosystem_and_leads_back_to_them) {
    const struct {
        Ecosystem ecosystem;
        std::string_view name, version, url;
    } cases[] = {
        {Ecosystem::kNpm, "@babel/core", "7.0.0", "pkg:npm/%40babel/core@7.0.0"},
        {Ecosystem::kMaven, "org.a:b", "1", "pkg:maven/org.a/b@1"},
        {Ecosystem::kGo, "github.com/a/b/v2", "v2.0.0", "pkg:golang/github.com/a/b/v2@v2.0.0"},
        {Ecosystem::kCargo, "serde", "1.0.0", "pkg:cargo/serde@1.0.0"},
        {Ecosystem::kComposer, "symfony/yaml", "v6", "pkg:composer/symfony/yaml@v6"},
        {Ecosystem::kSwift, "github.com/a/b", "1", "pkg:swift/github.com/a/b@1"},
        {Ecosystem::kCocoapods, "Pod/Part", "1", "pkg:cocoapods/Pod@1#Part"},
        {Ecosystem::kGithubActions, "actions/cache/save", "v4", "pkg:github/actions/cache@v4#save"},
    };
    for (const auto& c : cases) {
        const auto url =
            package_url_of(package(c.ecosystem, std::string(c.name), std::string(c.version)));
        ASSERT_TRUE(url.ok()) << c.name << url.error().message;
        EXPECT_EQ(to_string(url.value()), c.url);
        const Package back = package_of(url.value());
        EXPECT_EQ(back.ecosystem, c.ecosystem) << c.url;
        EXPECT_EQ(back.name, c.name);
        EXPECT_EQ(back.version, c.version);
    }
}

TEST(PackageUrl, keeps_what_matching_a_distribution_needs) {
    Package made = package(Ecosystem::kRpm, "openssl-libs", "1:3.0.7-6.el9");
    made.architecture = "x86_64";
    made.source_name = "openssl";
    made.source_version = "3.0.7-6.el9";
    made.distribution = {"rhel", "9.2", ""};
    made.purl_namespace_hint = "redhat";
    const auto url = package_url_of(made);
    ASSERT_TRUE(url.ok());
    EXPECT_EQ(
        to_string(url.value()),
        "pkg:rpm/redhat/openssl-libs@3.0.7-6.el9?arch=x86_64&distro=rhel-9.2&epoch=1&upstream="
        "openssl%403.0.7-6.el9");
    const Package back = package_of(url.value());
    EXPECT_EQ(back.version, made.version);
    EXPECT_EQ(back.distribution, made.distribution);
    EXPECT_EQ(back.source_name, "openssl");
    EXPECT_EQ(back.source_version, "3.0.7-6.el9");
    EXPECT_EQ(back.architecture, "x86_64");
}

TEST(PackageUrl, a_platform_behind_the_version_of_a_gem_is_no_part_of_it) {
    const auto url = parse_package_url("pkg:gem/nokogiri@1.13.0-x86_64-linux");
    ASSERT_TRUE(url.ok());
    const Package package = package_of(url.value());
    EXPECT_EQ(package.version, "1.13.0");
    EXPECT_EQ(package.architecture, "x86_64-linux");
}

TEST(PackageUrl, says_what_is_missing_of_a_package) {
    EXPECT_FALSE(package_url_of(Package{}).ok());
    EXPECT_FALSE(package_url_of(package(Ecosystem::kJulia, "Dates", "1")).ok());
}

}  // namespace
}  // namespace merlon::packages
