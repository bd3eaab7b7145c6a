#include "rego/go_zone_rule.h"

#include <gtest/gtest.h>

namespace merlon::rego {
namespace {

TEST(ZoneRule, summers_begin_and_end_by_weekdays_of_months) {
    const auto rule = ZoneRule::read("CET-1CEST,M3.5.0,M10.5.0/3");
    ASSERT_TRUE(rule.has_value());
    EXPECT_EQ(rule->standard().seconds, 3'600);
    EXPECT_EQ(rule->summer().abbreviation, "CEST");
    const auto turns = rule->turns(2100);
    EXPECT_EQ(turns[0].seconds, 4'109'878'800);  // 28 March 2100, 01:00 UTC
    EXPECT_TRUE(turns[0].is_to_summer);
    EXPECT_EQ(turns[1].seconds, 4'128'627'600);  // 31 October 2100, 01:00 UTC
}

TEST(ZoneRule, days_of_the_year_names_in_brackets_and_the_south) {
    const auto julian = ZoneRule::read("<-03>3<-02>,J60,J300/-1");
    ASSERT_TRUE(julian.has_value());
    EXPECT_EQ(julian->standard().abbreviation, "-03");
    EXPECT_EQ(julian->standard().seconds, -10'800);
    EXPECT_EQ(julian->turns(1970)[0].seconds, 59 * 86'400 + 7'200 + 10'800);
    EXPECT_EQ(julian->turns(1970)[1].seconds, 299 * 86'400 - 3'600 + 7'200);
    const auto south = ZoneRule::read("AEST-10AEDT,M10.1.0,M4.1.0/3");
    ASSERT_TRUE(south.has_value());
    EXPECT_FALSE(south->turns(2050)[0].is_to_summer);
    const auto fixed = ZoneRule::read("UTC0");
    ASSERT_TRUE(fixed.has_value());
    EXPECT_FALSE(fixed->has_summer());
}

TEST(ZoneRule, what_is_none_is_not_read) {
    for (const char* text : {"", "UT0", "<UTC", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.5.0",
                             "CET-1CEST,M3.5.0,M10.5.0x", "CET-999"}) {
        EXPECT_FALSE(ZoneRule::read(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace merlon::rego
