#include "evidence/streams.h"

#include <gtest/gtest.h>

#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

class StreamsTest : public StoreTest {
  protected:
    ImportedRun take_image(const std::string& image, const std::vector<Found>& found) {
        exchange::ReadReport made = report(found);
        made.report.analysis.scope = {image};
        return take(made);
    }

    std::vector<KnownStream> known(int age_days = 30) {
        auto all = known_streams(store_->database(), now_, age_days * kDayInSeconds);
        EXPECT_TRUE(all.ok()) << all.error().to_string();
        return std::move(all).value_or({});
    }

    // "3 closed", or why nothing was.
    std::string retire(const std::vector<std::int64_t>& streams) {
        now_.nanoseconds += days(1).nanoseconds;
        const auto runs = retire_streams(store_->database(),
                                         {.streams = streams, .reason = "renamed", .person = "ann"},
                                         "tester", now_);
        if (!runs.ok()) return runs.error().message;
        std::uint64_t closed = 0;
        for (const ImportedRun& run : runs.value()) closed += run.counts.closed;
        return std::to_string(closed) + " closed";
    }

    static constexpr std::int64_t kDayInSeconds = 86'400;
    const Found a_{"r", "a", 0, "", {}, "pkg:npm/a@1"}, b_{"r", "b", 0, "", {}, "pkg:npm/b@1"};
};

TEST_F(StreamsTest, a_stream_that_nothing_reports_to_is_stale_and_closes_nothing) {
    take_image("reg/a:1", {a_, b_});
    now_.nanoseconds += days(40).nanoseconds;
    EXPECT_FALSE(known().at(0).is_stale);  // nothing has come at all since
    take_image("reg/b", {a_});
    const std::vector<KnownStream> all = known();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_TRUE(all[0].is_stale);
    EXPECT_FALSE(all[1].is_stale);
    EXPECT_EQ(to_string(all[0]), "tool of reg/a:1 in shop (main)");
    EXPECT_EQ(all[0].open, 2U);
    EXPECT_FALSE(known(50).at(0).is_stale);
    EXPECT_EQ(count_stale(store_->database(), now_, 30 * kDayInSeconds).value(), 1);
    EXPECT_EQ(ids("is:open").empty(), false);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(StreamsTest, a_person_ends_it_and_a_report_begins_it_again) {
    take_image("reg/web", {a_, b_});
    take_image("reg/api", {a_});
    const std::string before = ids("is:open");
    EXPECT_EQ(retire({1}), "2 closed");
    EXPECT_EQ(problems(), Lines());
    EXPECT_NE(ids("is:open"), before);
    EXPECT_EQ(ids("is:gone").empty(), false);
    EXPECT_TRUE(known().at(1).is_retired);
    EXPECT_FALSE(known().at(1).is_stale);
    EXPECT_TRUE(retire({1}).contains("retired already"));
    EXPECT_EQ(take_image("reg/web", {a_, b_}).counts.reopened, 2U);
    EXPECT_EQ(ids("is:open"), before);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(StreamsTest, a_branch_that_was_merged_holds_nothing_open_any_more) {
    take({{"r", "a.c", 3, "x = 1;"}});
    ref_ = "topic";
    take({{"r", "a.c", 3, "x = 1;"}});
    ref_ = "main";
    take(nothing());
    EXPECT_EQ(ids("is:open"), "1");
    EXPECT_EQ(retire({2}), "1 closed");
    EXPECT_EQ(ids("is:open"), "");
    EXPECT_EQ(problems(), Lines());
}

TEST_F(StreamsTest, all_of_them_or_none) {
    take_image("reg/web", {a_});
    take_image("reg/api", {b_});
    EXPECT_TRUE(retire({1, 9}).contains("no stream 9"));
    EXPECT_FALSE(known().at(0).is_retired);
    EXPECT_EQ(retire({1, 2, 1}), "2 closed");
    EXPECT_EQ(ids("is:open"), "");
    EXPECT_EQ(problems(), Lines());
}

}  // namespace
}  // namespace merlon::evidence
