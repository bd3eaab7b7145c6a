#include "scan/trivy_settings.h"

#include <gtest/gtest.h>

namespace merlon::scan {
namespace {

using Words = std::vector<std::string>;

TEST(TrivySettings, each_key_is_the_flag_that_it_stands_for) {
    const auto read = read_trivy_settings(
        "severity: [HIGH, CRITICAL]\nexit-code: 1\nscan:\n  skip-dirs: a\n"
        "vulnerability:\n  ignore-unfixed: true\n  vex: [a.json]\ncache:\n  dir: /x\n");
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    EXPECT_EQ(read.value().values("severity"), (Words{"HIGH", "CRITICAL"}));
    EXPECT_EQ(read.value().values("exit-code"), Words{"1"});
    EXPECT_EQ(read.value().values("skip-dirs"), Words{"a"});
    EXPECT_EQ(read.value().values("ignore-unfixed"), Words{"true"});
    EXPECT_EQ(read.value().values("vex"), Words{"a.json"});
    EXPECT_TRUE(read.value().values("format").empty());
    EXPECT_TRUE(read.value().unknown_keys.empty());
}

TEST(TrivySettings, what_the_table_has_not_is_told) {
    const auto read = read_trivy_settings("scan:\n  odd: 1\nother: {a: 1}\ncache:\n");
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    EXPECT_EQ(read.value().unknown_keys, (Words{"other.a", "scan.odd"}));
}

TEST(TrivySettings, an_empty_file_says_nothing_and_a_broken_one_is_refused) {
    EXPECT_TRUE(read_trivy_settings("# nothing\n{}").ok());
    EXPECT_FALSE(read_trivy_settings("severity: {").ok());
    EXPECT_FALSE(read_trivy_settings("[1]").ok());
    EXPECT_FALSE(read_trivy_settings("severity: {a: 1}").ok());
    EXPECT_FALSE(read_trivy_settings("1: a").ok());
}

TEST(TrivySettings, a_path_to_skip_is_below_what_is_scanned) {
    EXPECT_EQ(exclude_of("vendor", Skipped::kFolder), "/vendor/");
    EXPECT_EQ(exclude_of("./a/b/", Skipped::kFolder), "/a/b/");
    EXPECT_EQ(exclude_of("**/node_modules", Skipped::kFolder), "**/node_modules/");
    EXPECT_EQ(exclude_of("go.mod", Skipped::kFile), "/go.mod");
}

}  // namespace
}  // namespace merlon::scan
