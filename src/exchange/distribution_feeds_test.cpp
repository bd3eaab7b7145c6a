#include "exchange/distribution_feeds.h"

#include <gtest/gtest.h>

namespace merlon::exchange {
namespace {

constexpr std::string_view kAlpine = R"json({"distroversion": "v3.19", "reponame": "main",
"urlprefix": "https://dl-cdn.alpinelinux.org/alpine", "packages": [{"pkg": {"name": "xen",
"secfixes": {"0": ["CVE-2019-9"], "4.1-r2": ["CVE-2020-1 XSA-2 (+ regression)", "XSA-3"],
"4.0-r0": null}}}, {"pkg": {"name": "curl", "secfixes": {"8.0-r0": ["CVE-2020-1"]}}}]})json";

TEST(DistributionFeeds, reads_a_secdb) {
    const auto fixes = read_secdb(kAlpine);
    ASSERT_TRUE(fixes.ok()) << fixes.error().to_string();
    const std::vector<DistributionFix> expected{
        {"Alpine:v3.19", "xen", "CVE-2020-1", "4.1-r2", ""},
        {"Alpine:v3.19", "xen", "XSA-3", "4.1-r2", ""},
        {"Alpine:v3.19", "curl", "CVE-2020-1", "8.0-r0", ""},
    };
    EXPECT_EQ(fixes.value(), expected);
}

TEST(DistributionFeeds, a_secdb_without_a_release_is_told_by_its_address) {
    const auto fixes = read_secdb(
        R"({"urlprefix": "https://packages.wolfi.dev", "packages": [{"pkg": {"name": "a",
            "secfixes": {"1-r0": ["GHSA-1"]}}}]})");
    ASSERT_TRUE(fixes.ok());
    EXPECT_EQ(fixes.value()[0].ecosystem, "Wolfi");
}

TEST(DistributionFeeds, reads_debians_tracker_with_its_judgements) {
    const auto fixes = read_debian_tracker(R"({"openssl": {"CVE-2024-1": {"releases": {
        "bookworm": {"status": "resolved", "fixed_version": "3.0-1", "urgency": "not yet assigned"},
        "bullseye": {"status": "open", "urgency": "low", "nodsa": "Minor issue"},
        "trixie": {"status": "resolved", "fixed_version": "0", "urgency": "low"},
        "sid": {"status": "open", "urgency": "unimportant"},
        "potato": {"status": "open", "urgency": "low"}}},
      "TEMP-1": {"releases": {"bookworm": {"status": "undetermined", "urgency": "low"}}}}})");
    ASSERT_TRUE(fixes.ok()) << fixes.error().to_string();
    const std::vector<DistributionFix> expected{
        {"Debian:12", "openssl", "CVE-2024-1", "3.0-1", ""},
        {"Debian:11", "openssl", "CVE-2024-1", "", "no-dsa"},
        {"Debian:sid", "openssl", "CVE-2024-1", "", "unimportant"},
        {"Debian:12", "openssl", "TEMP-1", "", "undetermined"},
    };
    EXPECT_EQ(fixes.value(), expected);
}

TEST(DistributionFeeds, one_cve_in_several_files_is_one_record) {
    auto fixes = read_secdb(kAlpine).value();
    fixes.push_back({"Alpine:v3.18", "curl", "CVE-2020-1", "7.9-r0", ""});
    fixes.push_back(fixes.front());
    const auto records = records_of(fixes);
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].id, "ALPINE-CVE-2020-1");
    EXPECT_EQ(records[0].upstream, std::vector<std::string>{"CVE-2020-1"});
    ASSERT_EQ(records[0].affected.size(), 3u);
    EXPECT_EQ(records[0].affected[0].ecosystem, "Alpine:v3.18");
    EXPECT_EQ(records[0].affected[2].name, "xen");
    EXPECT_EQ(records[0].affected[2].ranges[0].events[1].version, "4.1-r2");
}

TEST(DistributionFeeds, another_shape_is_an_error_with_its_line) {
    EXPECT_FALSE(read_secdb("{}").ok());
    const auto read =
        read_secdb("{\"packages\": [{\"pkg\": {\"name\": \"a\",\n\"secfixes\": 3}}]}");
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().line, 2u);
    EXPECT_FALSE(read_debian_tracker(R"({"a": {"b": {"releases": {"sid": {}}}}})").ok());
    EXPECT_FALSE(read_debian_tracker("[]").ok());
}

}  // namespace
}  // namespace merlon::exchange
