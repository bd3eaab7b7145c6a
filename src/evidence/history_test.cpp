#include "evidence/history.h"

#include <gtest/gtest.h>

#include "evidence/store_case.h"
#include "evidence/trends.h"

namespace merlon::evidence {
namespace {

class HistoryTest : public StoreTest {
  protected:
    // "1 a.c:3 present open", as it was.
    Lines list_at(Timestamp moment, std::string_view filter = "") {
        const auto page = list_findings(store_->database(), {.filter = parse_filter(filter).value(),
                                                             .now = moment,
                                                             .limit = 100,
                                                             .after = {},
                                                             .as_of = moment});
        EXPECT_TRUE(page.ok()) << page.error().to_string();
        Lines lines;
        if (!page.ok()) return lines;
        for (const FindingRow& row : page.value().rows) {
            lines.push_back(std::to_string(row.id) + " " + row.path + ":" +
                            std::to_string(row.line) + " " + std::string(name(row.detection)) +
                            (row.is_open ? " open" : " closed"));
        }
        EXPECT_EQ(page.value().count, static_cast<std::int64_t>(lines.size()));
        return lines;
    }
    static Timestamp plus_days(Timestamp time, double count) {
        return {time.nanoseconds + static_cast<std::int64_t>(count * 86'400e9)};
    }
};

TEST_F(HistoryTest, FindingsAreAsTheyStoodAtAMoment) {
    const Timestamp before = now_;
    take({{"r", "a.c", 3, "x"}, {"r", "b.c", 5, "y"}});
    const Timestamp first = now_;
    take({{"r", "a.c", 13, "x"}, {"r", "b.c", 5, "y"}});  // one moves
    const Timestamp second = now_;
    take({{"r", "a.c", 13, "x"}});  // one goes
    const Timestamp third = now_;
    now_ = plus_days(now_, 0.5);
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kAccepted, 2).ok());
    const Timestamp fourth = now_;
    take({{"r", "a.c", 13, "x"}, {"r", "b.c", 5, "y"}});  // and comes back

    EXPECT_EQ(list_at(before), Lines{});
    EXPECT_EQ(list_at(first), (Lines{"2 b.c:5 present open", "1 a.c:3 present open"}));
    EXPECT_EQ(list_at(plus_days(first, 0.9)), list_at(first));
    EXPECT_EQ(list_at(second), (Lines{"2 b.c:5 present open", "1 a.c:13 present open"}));
    EXPECT_EQ(list_at(third), (Lines{"2 b.c:5 gone closed", "1 a.c:13 present open"}));
    EXPECT_EQ(list_at(third, "is:open"), Lines{"1 a.c:13 present open"});
    EXPECT_EQ(list_at(third, "ref:main"), Lines{"1 a.c:13 present open"});
    EXPECT_EQ(list_at(second, "ref:main").size(), 2U);
    EXPECT_EQ(list_at(before, "ref:main"), Lines{});
    EXPECT_EQ(list_at(fourth), (Lines{"2 b.c:5 gone closed", "1 a.c:13 present closed"}));
    EXPECT_EQ(list_at(fourth, "decision:accepted"), Lines{"1 a.c:13 present closed"});
    EXPECT_EQ(list_at(now_), (Lines{"2 b.c:5 present open", "1 a.c:13 present closed"}));
    // What ended is over at that very moment, although nobody wrote.
    EXPECT_EQ(list_at(plus_days(fourth, 3), "is:open").size(), 2U);
    take({{"r", "a.c", 13, "x"}});
    now_ = plus_days(now_, 5);
    take({{"r", "a.c", 13, "x"}, {"r", "c.c", 1, "z"}});
    EXPECT_EQ(list_at(fourth, "decision:accepted"), Lines{"1 a.c:13 present closed"});

    const auto story = show_finding(store_->database(), 2, third, third).value();
    ASSERT_TRUE(story);
    EXPECT_EQ(story->row.detection, Detection::kGone);
    ASSERT_EQ(story->presences.size(), 1U);
    EXPECT_EQ(story->presences[0].state, "gone");
    EXPECT_FALSE(show_finding(store_->database(), 1, before, before).value());
    EXPECT_TRUE(show_finding(store_->database(), 1, third, third).value()->decisions.empty());
    EXPECT_EQ(show_finding(store_->database(), 1, fourth, fourth).value()->decisions[0].state,
              DecisionState::kStands);
    EXPECT_EQ(problems(), Lines{});
}

TEST_F(HistoryTest, AMomentThatIsNotKnownIsRefused) {
    take({{"r", "a.c", 3, "x"}});
    EXPECT_FALSE(check_moment(store_->database(), plus_days(now_, 1), now_).ok());
    EXPECT_TRUE(check_moment(store_->database(), {}, now_).ok());
    ASSERT_TRUE(store_->database()
                    .run("INSERT INTO meta (name, value) VALUES ('history_since', '1700000000')")
                    .ok());
    EXPECT_FALSE(check_moment(store_->database(), {1'699'999'999'000'000'000}, now_).ok());
    EXPECT_TRUE(check_moment(store_->database(), {1'700'000'000'000'000'000}, now_).ok());
}

TEST_F(HistoryTest, TrendsAndTimesComeFromIt) {
    const Timestamp start = now_;
    take({{"r", "a.c", 3, "x"}, {"r", "b.c", 5, "y"}});                    // day 1
    take({{"r", "a.c", 3, "x"}});                                          // day 2: b is fixed
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kFalsePositive, 2).ok());  // ends on day 4
    take({{"r", "a.c", 3, "x"}, {"r", "b.c", 5, "y"}});                    // day 3: b is back
    now_ = plus_days(now_, 3);                                             // day 6
    const auto trend =
        trend_of(store_->database(), {.filter = {}, .from = start, .to = now_, .now = now_});
    ASSERT_TRUE(trend.ok()) << trend.error().to_string();
    std::string said;
    constexpr auto kHigh = static_cast<std::size_t>(model::Severity::kHigh);
    for (const TrendDay& day : trend.value().days)
        said += std::to_string(day.open[kHigh]) + ":" + std::to_string(day.fresh) + "/" +
                std::to_string(day.reopened) + "/" + std::to_string(day.fixed) + "/" +
                std::to_string(day.decided) + " ";
    EXPECT_EQ(said, "0:0/0/0/0 2:2/0/0/0 0:0/0/1/1 1:0/1/0/0 2:0/1/0/0 2:0/0/0/0 2:0/0/0/0 ");

    ReportRequest request{.filter = {}, .from = start, .to = now_, .now = now_};
    request.days[kHigh] = 2;
    const auto report = report_of(store_->database(), request);
    ASSERT_TRUE(report.ok()) << report.error().to_string();
    const ReportRow& row = report.value().rows[kHigh];
    EXPECT_EQ(row.open, 2);
    EXPECT_EQ(row.fixed, 1);
    EXPECT_EQ(row.fixed_in_time, 1);
    EXPECT_EQ(row.decided, 1);
    EXPECT_EQ(row.repair_mean_s, 86'400);
    EXPECT_EQ(row.age_oldest_s, 3 * 86'400);
    EXPECT_EQ(row.overdue, 1);
    EXPECT_EQ(row.due_soon, 1);
    EXPECT_EQ(report.value().all.open, 2);
}

TEST_F(HistoryTest, OfAnEvenCountTheMedianLiesBetween) {
    const Timestamp start = now_;
    take({{"r", "a.c", 3, "x"}, {"r", "b.c", 5, "y"}});
    take({{"r", "a.c", 3, "x"}});  // after one day
    take(nothing());               // after two
    const auto report =
        report_of(store_->database(), {.filter = {}, .from = start, .to = now_, .now = now_});
    ASSERT_TRUE(report.ok()) << report.error().to_string();
    EXPECT_EQ(report.value().all.repair_median_s, 86'400 + 43'200);
}

}  // namespace
}  // namespace merlon::evidence
