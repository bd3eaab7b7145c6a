#include "base/clock.h"

#include <fmt/core.h>

#include <charconv>
#include <limits>

namespace merlon {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

class SystemClock final : public Clock {
  public:
    Timestamp now() const override {
        const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
        return {std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count()};
    }
    std::chrono::nanoseconds monotonic() const override {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
};

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

std::chrono::year_month_day day_of(std::int64_t seconds) {
    return std::chrono::sys_days{std::chrono::days{floor_divide(seconds, kSecondsPerDay)}};
}

std::string format_day(std::chrono::year_month_day day) {
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                       static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

}  // namespace

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

std::string format_rfc3339(Timestamp time) {
    const std::int64_t seconds = floor_divide(time.nanoseconds, kNanosecondsPerSecond);
    const std::int64_t in_day = seconds - floor_divide(seconds, kSecondsPerDay) * kSecondsPerDay;
    return fmt::format("{}T{:02}:{:02}:{:02}Z", format_day(day_of(seconds)), in_day / 3600,
                       in_day / 60 % 60, in_day % 60);
}

std::string format_date(Timestamp time) {
    return format_day(day_of(floor_divide(time.nanoseconds, kNanosecondsPerSecond)));
}

Result<Timestamp> parse_date(std::string_view text) {
    const Error wrong{fmt::format("'{}' is not a date; write YYYY-MM-DD", text)};
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return wrong;
    int parts[3] = {};
    const std::string_view pieces[3] = {text.substr(0, 4), text.substr(5, 2), text.substr(8, 2)};
    for (int i = 0; i < 3; ++i) {
        const char* end = pieces[i].data() + pieces[i].size();
        const auto [stopped, code] = std::from_chars(pieces[i].data(), end, parts[i]);
        if (code != std::errc{} || stopped != end) return wrong;
    }
    const std::chrono::year_month_day day{std::chrono::year{parts[0]},
                                          std::chrono::month{static_cast<unsigned>(parts[1])},
                                          std::chrono::day{static_cast<unsigned>(parts[2])}};
    if (parts[1] < 0 || parts[2] < 0 || !day.ok()) return wrong;
    const std::int64_t days = std::chrono::sys_days{day}.time_since_epoch().count();
    // What nanoseconds in 64 bits do not reach (1677 to 2262) is as early or late as they go.
    std::int64_t nanoseconds = 0;
    if (__builtin_mul_overflow(days, kSecondsPerDay * kNanosecondsPerSecond, &nanoseconds)) {
        nanoseconds = days < 0 ? std::numeric_limits<std::int64_t>::min()
                               : std::numeric_limits<std::int64_t>::max();
    }
    return Timestamp{nanoseconds};
}

}  // namespace merlon
