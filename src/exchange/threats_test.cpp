#include "exchange/threats.h"

#include <gtest/gtest.h>

namespace merlon::exchange {
namespace {

TEST(Threats, the_json_and_the_csv_of_kev_say_the_same) {
    const auto json = read_kev_json(
        R"({"catalogVersion": "2024.01.01", "count": 2, "vulnerabilities": [
            {"cveID": "CVE-2021-1", "vendorProject": "v", "dueDate": "2021-11-17",
             "knownRansomwareCampaignUse": "Known", "cwes": ["CWE-1"]},
            {"cveID": "CVE-2021-2", "dueDate": "2021-12-01",
             "knownRansomwareCampaignUse": "Unknown"}]})");
    const auto csv = read_kev_csv(
        "cveID,vendorProject,shortDescription,dueDate,knownRansomwareCampaignUse\r\n"
        "CVE-2021-1,v,\"one, two\",2021-11-17,Known\r\nCVE-2021-2,w,,2021-12-01,Unknown\r\n");
    ASSERT_TRUE(json.ok() && csv.ok());
    EXPECT_EQ(json.value(), csv.value());
    EXPECT_EQ(json.value()[0], (ThreatRecord{"CVE-2021-1", true, true, "2021-11-17", 0, 0}));
}

TEST(Threats, the_numbers_of_epss_keep_their_five_digits) {
    const auto read = read_epss_csv(
        "#model_version:v2023.03.01,score_date:2024-01-01T00:00:00+0000\ncve,epss,percentile\n"
        "CVE-1,0.00043,0.0695\nCVE-2,1,1.0\nCVE-3,1e-05,0.000004999\n");
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    ASSERT_EQ(read.value().size(), 3u);
    EXPECT_EQ(read.value()[0].epss_100000ths, 43u);
    EXPECT_EQ(read.value()[0].percentile_100000ths, 6950u);
    EXPECT_EQ(read.value()[1].epss_100000ths, 100'000u);
    EXPECT_EQ(read.value()[2].epss_100000ths, 1u);
    EXPECT_EQ(read.value()[2].percentile_100000ths, 0u);
}

TEST(Threats, names_the_line_of_what_does_not_fit) {
    EXPECT_FALSE(read_kev_json("{}").ok());
    EXPECT_FALSE(read_kev_json(R"({"vulnerabilities": [{}]})").ok());
    EXPECT_FALSE(read_kev_csv("a,b\n").ok());
    EXPECT_FALSE(read_epss_csv("").ok());
    const auto read = read_epss_csv("# m\ncve,epss,percentile\nCVE-1,0.1,0.2\nCVE-2,2,0.1\n");
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().line, 4u);
}

}  // namespace
}  // namespace merlon::exchange
