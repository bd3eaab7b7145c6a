#include "evidence/decisions.h"

#include <gtest/gtest.h>

#include "evidence/store_case.h"
#include "evidence/streams.h"
#include "evidence/trends.h"

namespace merlon::evidence {
namespace {

DecisionTarget finding(std::int64_t id) { return {.finding = id}; }
DecisionTarget rule(std::string id, std::string scope = {}, std::string tool = {}) {
    return {
        .finding = 0, .scope = std::move(scope), .tool = std::move(tool), .rule = std::move(id)};
}

class DecisionTest : public StoreTest {
  protected:
    // "false_positive in force", the latest first.
    std::string history(std::int64_t id) {
        std::string all;
        for (const DecisionRow& row : decisions_of(store_->database(), id, now_).value()) {
            all += (all.empty() ? "" : ", ") + std::string(name(row.verdict)) + " " +
                   std::string(name(row.state));
        }
        return all;
    }
    void pass(int count) { now_.nanoseconds += days(count).nanoseconds; }
};

TEST_F(DecisionTest, a_decision_closes_what_it_is_about_until_it_ends) {
    take({{"r", "a.c", 3, "eval(x)"}, {"r", "b.c", 9, "eval(y)"}});
    const DecisionOutcome outcome = decide(finding(1), Verdict::kAccepted, 10).value();
    EXPECT_EQ(outcome.findings, 1u);
    EXPECT_EQ(outcome.closed, 1u);
    EXPECT_EQ(outcome.event, 2);
    EXPECT_EQ(ids("is:open"), "2");
    EXPECT_EQ(ids("is:suppressed"), "1");
    EXPECT_EQ(ids("decision:accepted"), "1");
    EXPECT_EQ(ids("decision:none"), "2");
    EXPECT_EQ(ids("expires:<30d"), "1");
    EXPECT_EQ(ids("expires:<3d"), "");
    EXPECT_EQ(store_->info().value().open, 1);
    EXPECT_EQ(problems(), Lines());
    pass(10);
    // Nobody has written since: readers see it all the same.
    EXPECT_EQ(ids("is:open"), "2 1");
    EXPECT_EQ(ids("is:closed"), "");
    EXPECT_EQ(ids("is:suppressed"), "");
    EXPECT_EQ(ids("decision:accepted"), "");
    EXPECT_EQ(ids("decision:none"), "2 1");
    EXPECT_TRUE(show_finding(store_->database(), 1, now_).value()->row.is_open);
    EXPECT_EQ(history(1), "accepted expired");
    // The next writer puts the rows right, and says so.
    take({{"r", "a.c", 3, "eval(x)"}, {"r", "b.c", 9, "eval(y)"}});
    EXPECT_EQ(store_->info().value().open, 2);
    EXPECT_EQ(store_->info().value().events, 4);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(DecisionTest, what_has_ended_counts_as_open_before_anybody_writes) {
    take({{"r", "a.c", 3, "eval(x)"}});
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kFalsePositive, 1).ok());
    exchange::ReadReport broken = report({});
    broken.report.analysis.complete = false;
    now_.nanoseconds -= days(1).nanoseconds;  // which `take` adds: the decision still holds
    take(broken);
    EXPECT_EQ(store_->info(now_).value().open, 0);
    now_.nanoseconds += days(3).nanoseconds;
    EXPECT_EQ(store_->info(now_).value().open, 1);
    EXPECT_EQ(store_->info(now_).value().unowned, 1);
    EXPECT_EQ(known_streams(store_->database(), now_, 0).value()[0].open, 1u);
    const FindingsReport told =
        report_of(store_->database(), {.filter = {}, .from = now_, .to = now_, .now = now_})
            .value();
    EXPECT_EQ(told.all.open, 1);
    EXPECT_EQ(told.all.unknown, 1);
    EXPECT_EQ(told.all.unowned, 1);
    EXPECT_EQ(told.all.accepted, 0);
    EXPECT_EQ(ids("is:open is:unowned"), "1");
}

TEST_F(DecisionTest, the_latest_about_the_same_counts_and_none_withdraws) {
    take({{"r", "a.c", 3, "eval(x)"}});
    ASSERT_TRUE(decide(finding(1), Verdict::kFalsePositive, 100).ok());
    EXPECT_EQ(decide(finding(1), Verdict::kWillFix, 30).value().opened, 1u);
    EXPECT_EQ(ids("is:open decision:will_fix"), "1");
    EXPECT_EQ(decide(finding(1), Verdict::kNotAffected, 30).value().closed, 1u);
    EXPECT_EQ(decide(finding(1), Verdict::kNone, 0).value().opened, 1u);
    EXPECT_EQ(ids("is:open decision:none"), "1");
    EXPECT_EQ(history(1),
              "none withdrawal, not_affected superseded, will_fix superseded, "
              "false_positive superseded");
    EXPECT_EQ(problems(), Lines());
}

TEST_F(DecisionTest, one_about_a_rule_holds_for_what_comes_and_a_narrower_one_outweighs_it) {
    take({{"r", "a.c", 3, "eval(x)"}, {"s", "b.c", 9, "eval(y)"}});
    EXPECT_EQ(decide(rule("r"), Verdict::kFalsePositive, 100).value().closed, 1u);
    take({{"r", "a.c", 3, "eval(x)"}, {"s", "b.c", 9, "eval(y)"}, {"r", "c.c", 1, "eval(z)"}});
    EXPECT_EQ(ids("is:open"), "2");
    EXPECT_EQ(ids("decision:false_positive"), "3 1");
    EXPECT_EQ(decide(finding(3), Verdict::kWillFix, 10).value().opened, 1u);
    EXPECT_EQ(history(3), "will_fix in force, false_positive outweighed");
    EXPECT_EQ(problems(), Lines());
    // The narrower one ends: the broad one stands again.
    pass(11);
    take({{"r", "a.c", 3, "eval(x)"}, {"s", "b.c", 9, "eval(y)"}});
    EXPECT_EQ(ids("is:open"), "2");
    EXPECT_EQ(history(3), "will_fix expired, false_positive in force");
    EXPECT_EQ(problems(), Lines());
}

TEST_F(DecisionTest, a_target_is_no_wider_than_its_words) {
    take({{"r", "a.c", 3, "eval(x)"}});
    EXPECT_EQ(decide(rule("r", "elsewhere"), Verdict::kAccepted, 9).value().findings, 0u);
    EXPECT_EQ(decide(rule("r", "shop", "other"), Verdict::kAccepted, 9).value().findings, 0u);
    EXPECT_EQ(decide(rule("R"), Verdict::kAccepted, 9).value().findings, 0u);
    EXPECT_EQ(ids("is:open"), "1");
    EXPECT_EQ(decide(rule("r", "shop", "tool"), Verdict::kAccepted, 9).value().closed, 1u);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(DecisionTest, one_about_a_package_holds_for_all_its_versions_and_perhaps_one_advisory) {
    take({{"CVE-1", "package-lock.json", 1, "", "", "pkg:npm/left-pad@1.0.0"},
          {"CVE-2", "package-lock.json", 2, "", "", "pkg:npm/left-pad@1.0.0"},
          {"CVE-1", "package-lock.json", 3, "", "", "pkg:npm/right-pad@1.0.0"}});
    const DecisionTarget both{
        .finding = 0, .scope = {}, .tool = {}, .rule = "CVE-1", .package = "pkg:npm/left-pad"};
    EXPECT_EQ(decide(both, Verdict::kNotAffected, 9).value().closed, 1u);
    EXPECT_EQ(ids("decision:not_affected"), "1");
    const DecisionTarget package{
        .finding = 0, .scope = {}, .tool = {}, .rule = {}, .package = "pkg:npm/left-pad"};
    EXPECT_EQ(decide(package, Verdict::kAccepted, 5).value().findings, 2u);
    EXPECT_EQ(ids("decision:accepted"), "2");
    DecisionTarget version = package;
    version.package += "@1.0.0";
    EXPECT_FALSE(decide(version, Verdict::kAccepted, 5).ok());
    version.package = "pkg:npm/@acme/x";
    EXPECT_TRUE(decide(version, Verdict::kAccepted, 5).ok());
    // Another version is the same package.
    take({{"CVE-1", "package-lock.json", 1, "", "", "pkg:npm/left-pad@1.1.0"}});
    EXPECT_EQ(ids("is:present decision:not_affected"), "1");
    EXPECT_EQ(problems(), Lines());
}

TEST_F(DecisionTest, what_is_not_there_or_says_nothing_is_refused_and_nothing_is_written) {
    take({{"r", "a.c", 3, "eval(x)"}});
    EXPECT_FALSE(decide(finding(2), Verdict::kAccepted, 9).ok());
    EXPECT_FALSE(decide({}, Verdict::kAccepted, 9).ok());
    EXPECT_FALSE(decide({.finding = 1, .scope = "shop"}, Verdict::kAccepted, 9).ok());
    EXPECT_FALSE(decide(finding(1), Verdict::kAccepted, 0).ok());
    EXPECT_EQ(store_->info().value().events, 1);
    EXPECT_EQ(ids("is:open"), "1");
}

TEST_F(DecisionTest, a_finding_that_goes_and_comes_back_keeps_what_was_decided) {
    take({{"r", "a.c", 3, "eval(x)"}});
    ASSERT_TRUE(decide(finding(1), Verdict::kFalsePositive, 1000).ok());
    take(nothing());
    take({{"r", "a.c", 3, "eval(x)"}});
    EXPECT_EQ(ids("is:open"), "");
    EXPECT_EQ(ids("is:present"), "1");
    EXPECT_EQ(problems(), Lines());
}

TEST(DecisionStatement, is_one_line_of_all_that_was_said) {
    const NewDecision decision{
        .targets = {finding(12), rule("r", "shop")},
        .verdict = Verdict::kNotAffected,
        .justification = Justification::kComponentNotPresent,
        .reason = "not \"shipped\"",
        .author = "ann",
        .approved_by = "bob",
        .made = {1'700'000'000'000'000'000},
        .expires = {1'800'000'000'000'000'000},
        .signature = "s",
    };
    EXPECT_EQ(decision_statement(decision),
              R"({"type":"merlon/decision/v1","targets":[{"finding":12},)"
              R"({"repository":"shop","rule":"r"}],"verdict":"not_affected",)"
              R"("justification":"component_not_present","reason":"not \"shipped\"",)"
              R"("author":"ann","made":"2023-11-14T22:13:20Z","expires":"2027-01-15T08:00:00Z"})");
}

TEST_F(DecisionTest, one_about_a_version_holds_for_that_version_and_is_the_least_narrow) {
    const auto at = [&](const std::string& version) {
        take({{"CVE-1", "package-lock.json", 1, "", "", "pkg:npm/left-pad@" + version}});
    };
    at("1.0.0");
    DecisionTarget target{.rule = "CVE-1", .package = "pkg:npm/left-pad", .version = "1.0.0"};
    EXPECT_EQ(decide(target, Verdict::kNotAffected, 100).value().closed, 1u);
    at("1.1.0");
    EXPECT_EQ(ids("is:open"), "1");
    at("1.0.0");
    EXPECT_EQ(ids("is:open"), "");
    // What is said of a repository is narrower than what is said of a version.
    target.version.clear();
    target.scope = "shop";
    EXPECT_EQ(decide(target, Verdict::kAffected, 100).value().opened, 1u);
    DecisionTarget alone{.rule = "CVE-1"};
    alone.version = "1.0.0";
    EXPECT_FALSE(decide(alone, Verdict::kFixed, 100).ok());
    EXPECT_EQ(problems(), Lines());
}

TEST_F(DecisionTest, what_is_fixed_is_closed_and_what_is_affected_or_looked_at_is_open) {
    take({{"r", "a.c", 3, "eval(x)"}});
    EXPECT_EQ(decide({.finding = 1}, Verdict::kFixed, 9).value().closed, 1u);
    EXPECT_EQ(ids("is:suppressed"), "1");
    EXPECT_EQ(ids("decision:fixed"), "1");
    EXPECT_EQ(decide({.finding = 1}, Verdict::kAffected, 9).value().opened, 1u);
    EXPECT_EQ(decide({.finding = 1}, Verdict::kUnderInvestigation, 9).value().opened, 0u);
    EXPECT_EQ(ids("decision:under_investigation is:open"), "1");
    EXPECT_EQ(problems(), Lines());
}

}  // namespace
}  // namespace merlon::evidence
