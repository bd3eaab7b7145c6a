#include "cli/moment.h"

#include <gtest/gtest.h>

namespace merlon::cli {
namespace {

std::string moment_of(std::string_view text) {
    const Timestamp now = parse_past_moment("2026-11-27T14:00:00Z", "", {}).value();
    const Result<Timestamp> read = parse_past_moment(text, "--as-of", now);
    return read.ok() ? format_rfc3339(read.value()) : "-";
}

TEST(Moment, IsASpanADayOrATime) {
    EXPECT_EQ(moment_of("2d"), "2026-11-25T14:00:00Z");
    EXPECT_EQ(moment_of("2026-11-20"), "2026-11-20T23:59:59Z");
    EXPECT_EQ(moment_of("2026-11-27"), "2026-11-27T14:00:00Z");  // today: now
    EXPECT_EQ(moment_of("2026-11-28"), "2026-11-28T00:00:00Z");  // to come, as the store says
    EXPECT_EQ(moment_of("2026-11-20T08:09:10Z"), "2026-11-20T08:09:10Z");
    for (const char* wrong : {"", "yesterday", "2026-11-31", "2026-11-20T24:00:00Z",
                              "2026-11-20T08:09:10", "2026-11-20T08:09:10+01:00", "20261120"})
        EXPECT_EQ(moment_of(wrong), "-") << wrong;
}

}  // namespace
}  // namespace merlon::cli
