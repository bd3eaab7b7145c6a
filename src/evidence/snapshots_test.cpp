#include "evidence/snapshots.h"

#include <gtest/gtest.h>

#include "evidence/seconds.h"
#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

class SnapshotsTest : public StoreTest {
  protected:
    std::int64_t taken() {
        auto transaction = Transaction::begin(store_->database());
        EXPECT_TRUE(transaction.ok());
        const auto days = take_snapshots(store_->database(), now_);
        EXPECT_TRUE(days.ok()) << days.error().to_string();
        EXPECT_TRUE(transaction.value().commit().ok());
        return days.ok() ? days.value() : -1;
    }

    // "open new reopened fixed decided" of each day until today.
    Lines trend(int count, std::string_view filter = "") {
        const auto made =
            trend_of(store_->database(), {.filter = parse_filter(filter).value(),
                                          .from = {now_.nanoseconds - days(count - 1).nanoseconds},
                                          .to = now_,
                                          .now = now_});
        EXPECT_TRUE(made.ok()) << made.error().to_string();
        Lines lines;
        if (!made.ok()) return lines;
        for (const TrendDay& day : made.value().days) {
            std::int64_t open = 0;
            for (const std::int64_t n : day.open) open += n;
            lines.push_back(std::to_string(open) + " " + std::to_string(day.fresh) + " " +
                            std::to_string(day.reopened) + " " + std::to_string(day.fixed) + " " +
                            std::to_string(day.decided));
        }
        return lines;
    }
    // The same without a look at snapshots, which no other filter than repositories gets.
    Lines from_history(int count) { return trend(count, "age:>=0d"); }
};

TEST_F(SnapshotsTest, DaysAreTakenOnceAndSayWhatHistorySays) {
    take({{"r", "a.c", 3, "x"}, {"r", "b.c", 5, "y"}});
    take({{"r", "a.c", 3, "x"}});  // one is fixed
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kAccepted, 2).ok());
    EXPECT_EQ(taken(), 1);
    EXPECT_EQ(taken(), 0);
    take({{"r", "a.c", 3, "x"}, {"r", "b.c", 5, "y"}, {"s", "c.c", 1, "z"}});
    EXPECT_EQ(trend(3), from_history(3));
    EXPECT_EQ(trend(3), (Lines{"2 2 0 0 0", "0 0 0 1 1", "2 1 1 0 0"}));
    now_.nanoseconds += days(3).nanoseconds;  // the decision ends, and nobody writes
    EXPECT_EQ(taken(), 4);
    take({{"s", "c.c", 1, "z"}});
    for (const int count : {1, 2, 3, 5, 7}) EXPECT_EQ(trend(count), from_history(count)) << count;
    EXPECT_EQ(trend(6, "repo:shop"), from_history(6));
    EXPECT_TRUE(problems().empty());
}

TEST_F(SnapshotsTest, ATrendOfWordsIsOfWhatHasThem) {
    take({{"r", "a.c", 3, "x"}, {"s", "b.c", 5, "y"}});
    EXPECT_EQ(trend(1, "b.c"), Lines{"1 1 0 0 0"});
    EXPECT_EQ(trend(1, "about"), Lines{"2 2 0 0 0"});
}

TEST_F(SnapshotsTest, ATrendReadsWhatWasTaken) {
    take({{"r", "a.c", 3, "x"}});
    now_.nanoseconds += days(1).nanoseconds;
    EXPECT_EQ(taken(), 1);
    ASSERT_TRUE(store_->database().run("UPDATE snapshot SET n = 7 WHERE state = 0").ok());
    EXPECT_EQ(trend(2), (Lines{"7 1 0 0 0", "7 0 0 0 0"}));
    EXPECT_EQ(trend(3).front(), from_history(3).front());  // a day that was not taken
}

}  // namespace
}  // namespace merlon::evidence
