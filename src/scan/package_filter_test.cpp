#include "scan/package_filter.h"

#include <gtest/gtest.h>

#include "scan/packages_scan.h"

namespace merlon::scan {
namespace {

Weakness weakness(std::string_view severity, std::string fixed, std::string state = {}) {
    Weakness made;
    made.match.severity = severity;
    made.match.fixed = std::move(fixed);
    made.match.advisories.emplace_back().state = std::move(state);
    return made;
}

TEST(PackageFilter, a_state_of_a_fix_has_a_name) {
    EXPECT_EQ(fix_status(weakness("low", "1").match), "fixed");
    EXPECT_EQ(fix_status(weakness("low", "").match), "affected");
    EXPECT_EQ(fix_status(weakness("low", "", "end-of-life").match), "end_of_life");
    EXPECT_EQ(fix_status(weakness("low", "", "no-dsa").match), "fix_deferred");
}

TEST(PackageFilter, what_is_left_out_says_who_asked) {
    const std::vector<Weakness> weaknesses{weakness("high", "1"), weakness("low", "1"),
                                           weakness("", ""), weakness("high", "")};
    std::vector<model::Finding> findings(weaknesses.size());
    findings[1].suppressed_by = "vex";
    PackageFilter filter;
    filter.place = "here";
    apply(filter, weaknesses, findings);
    EXPECT_EQ(findings[0].suppressed_by, "");
    filter.severities = {"high"};
    filter.ignored_statuses = unfixed_statuses();
    apply(filter, weaknesses, findings);
    EXPECT_EQ(findings[0].suppressed_by, "");
    EXPECT_EQ(findings[1].suppressed_by, "vex");
    EXPECT_EQ(findings[2].suppression_reason, "here: severity unknown is not asked for");
    EXPECT_EQ(findings[3].suppression_reason, "here: status affected is left out");
}

}  // namespace
}  // namespace merlon::scan
