#include "cli/moment.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/ascii.h"
#include "evidence/filter.h"
#include "evidence/seconds.h"

namespace merlon::cli {
namespace {

using evidence::kDayNs;
using evidence::kSecondNs;
constexpr std::int64_t kMostSpanS = std::int64_t{100} * 365 * evidence::kDayS;
constexpr std::size_t kDateSize = sizeof("2026-11-27") - 1;

// "T14:00:00Z" as seconds of a day; -1 for anything else.
std::int64_t seconds_of_day(std::string_view text) {
    constexpr std::string_view kForm = "T00:00:00Z";
    if (text.size() != kForm.size()) return -1;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (is_digit(kForm[i]) ? !is_digit(text[i]) : text[i] != kForm[i]) return -1;
    const auto two = [&](std::size_t at) {
        return std::int64_t{text[at] - '0'} * 10 + (text[at + 1] - '0');
    };
    if (two(1) > 23 || two(4) > 59 || two(7) > 59) return -1;
    return (two(1) * 60 + two(4)) * 60 + two(7);
}

}  // namespace

Result<Timestamp> parse_past_moment(std::string_view text, std::string_view flag, Timestamp now) {
    if (const std::optional<std::int64_t> span = evidence::parse_span_s(text)) {
        if (*span > kMostSpanS)
            return Error{fmt::format("{} {}: not more than 100 years", flag, text)};
        return Timestamp{now.nanoseconds - *span * kSecondNs};
    }
    const Result<Timestamp> day = parse_date(text.substr(0, kDateSize));
    const std::int64_t seconds =
        text.size() > kDateSize ? seconds_of_day(text.substr(kDateSize)) : 0;
    constexpr std::int64_t kLast = INT64_MAX - kDayNs;
    if (!day.ok() || seconds < 0) {
        return Error{
            fmt::format("{} {}: write a span, as 30d, a day, as 2026-11-27, or a time in "
                        "UTC, as 2026-11-27T14:00:00Z",
                        flag, text)};
    }
    const Timestamp begin{std::min(day.value().nanoseconds, kLast)};
    if (text.size() > kDateSize) return Timestamp{begin.nanoseconds + seconds * kSecondNs};
    return std::min(Timestamp{begin.nanoseconds + kDayNs - kSecondNs}, std::max(now, begin));
}

}  // namespace merlon::cli
