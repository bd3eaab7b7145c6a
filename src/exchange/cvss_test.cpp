#include "exchange/cvss.h"

#include <gtest/gtest.h>

namespace merlon::exchange {
namespace {

struct Case {
    std::string_view vector;
    unsigned base, temporal, environmental;
};

void expect_scores(std::initializer_list<Case> cases) {
    for (const Case& c : cases) {
        const auto scores = score_cvss(c.vector);
        ASSERT_TRUE(scores.ok()) << c.vector << ": " << scores.error().to_string();
        EXPECT_EQ(scores.value().base_tenths, c.base) << c.vector;
        EXPECT_EQ(scores.value().temporal_tenths, c.temporal) << c.vector;
        EXPECT_EQ(scores.value().environmental_tenths, c.environmental) << c.vector;
    }
}

TEST(Cvss, version_2_agrees_with_the_examples_of_its_guide) {
    // Section 3.3: CVE-2002-0392, CVE-2003-0818, CVE-2003-0062.
    expect_scores({
        {"AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H", 78, 64, 92},
        {"AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:L", 100, 83, 90},
        {"(AV:L/AC:H/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:M)", 62, 49, 75},
        {"AV:N/AC:L/Au:N/C:N/I:N/A:N", 0, 0, 0},
        {"AV:N/AC:L/Au:N/C:P/I:P/A:C/RL:W/RC:ND/AR:M", 90, 86, 86},  // 8.55 is half-way
    });
}

TEST(Cvss, version_3_agrees_with_the_published_scores_of_known_weaknesses) {
    expect_scores({
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100, 100, 100},  // CVE-2021-44228
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 75, 75, 75},     // CVE-2014-0160
        {"CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31, 31, 31},     // CVE-2014-3566
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61, 61, 61},     // CVE-2013-1937
        {"CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0, 0, 0},
        {"CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64, 64, 64},  // CVE-2013-0375
    });
}

TEST(Cvss, version_4_agrees_with_published_scores) {
    expect_scores({
        {"CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 73, 73, 73},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N", 53, 53, 53},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 100, 100, 100},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0, 0, 0},
    });
}

TEST(Cvss, refuses_what_is_no_vector) {
    for (const std::string_view vector : {
             "",
             "CVSS:3.1/",
             "CVSS:5.0/AV:N",
             "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",                    // no A
             "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",           // twice
             "CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",                // no such value
             "CVSS:4.0/AV:N/AC:L/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",  // no AT
             "AV:N/AC:L/Au:N/C:N/I:N/A:C/X",
         }) {
        EXPECT_FALSE(score_cvss(vector).ok()) << vector;
    }
}

TEST(Cvss, a_rating_is_that_of_the_qualitative_scale) {
    EXPECT_EQ(cvss_rating(0), "none");
    EXPECT_EQ(cvss_rating(39), "low");
    EXPECT_EQ(cvss_rating(40), "medium");
    EXPECT_EQ(cvss_rating(70), "high");
    EXPECT_EQ(cvss_rating(90), "critical");
}

}  // namespace
}  // namespace merlon::exchange
