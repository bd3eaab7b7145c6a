#include "exchange/purl_version.h"

#include <gtest/gtest.h>

namespace merlon::exchange {
namespace {

TEST(PurlVersion, is_put_in_where_there_is_none) {
    EXPECT_EQ(with_version("pkg:npm/lp", "1.0.0"), "pkg:npm/lp@1.0.0");
    EXPECT_EQ(with_version("pkg:deb/debian/p?arch=all#sub", "1:2+b"),
              "pkg:deb/debian/p@1:2%2Bb?arch=all#sub");
    EXPECT_EQ(with_version("pkg:npm/lp@2", "1.0.0"), "pkg:npm/lp@2");
    EXPECT_EQ(with_version("pkg:npm/@a/lp", "1"), "pkg:npm/@a/lp@1");
    EXPECT_EQ(with_version("pkg:npm/lp", ""), "pkg:npm/lp");
    EXPECT_EQ(with_version("", "1"), "");
    EXPECT_FALSE(has_version("pkg:npm/lp?x=a@1"));
    EXPECT_FALSE(has_version(""));
}

TEST(PurlVersion, an_ecosystem_and_a_name_are_a_package_url) {
    EXPECT_EQ(purl_of("npm", "@babel/core", "7.0.0"), "pkg:npm/%40babel/core@7.0.0");
    EXPECT_EQ(purl_of("Maven", "org.x:lib", "1"), "pkg:maven/org.x/lib@1");
    EXPECT_EQ(purl_of("pip", "My_Lib", "< 2.0"), "pkg:pypi/my-lib");
    EXPECT_EQ(purl_of("Go", "github.com/a/b", "1.2.3"), "pkg:golang/github.com/a/b@v1.2.3");
    EXPECT_EQ(purl_of("Debian:12", "curl", "1"), "");
    EXPECT_EQ(purl_of("npm", "", "1"), "");
}

TEST(PurlVersion, ranges_are_a_qualifier) {
    EXPECT_EQ(range_of("pkg:npm/lp?arch=x&vers=vers:npm%2F%3C2.0.0#s"), "vers:npm/<2.0.0");
    EXPECT_EQ(range_of("pkg:npm/lp?arch=x"), "");
    EXPECT_EQ(range_of("pkg:npm/lp"), "");
}

}  // namespace
}  // namespace merlon::exchange
