#include "gate/validity.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>

#include "base/clock.h"
#include "evidence/seconds.h"
#include "gate/fields.h"

namespace merlon::gate {
namespace {

using value::Value;

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kDayMinutes = 24 * 60;
constexpr std::int64_t kMinuteNs = 60 * evidence::kSecondNs;
constexpr std::size_t kDateBytes = sizeof("2026-01-31") - 1;

// "09:30" as minutes of the day.
std::optional<std::int64_t> minutes_of(std::string_view hour) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (hour.size() != 5 || hour[2] != ':') return std::nullopt;
    for (const std::size_t i : {0U, 1U, 3U, 4U})
        if (!is_digit(hour[i])) return std::nullopt;
    return ((hour[0] - '0') * 10 + (hour[1] - '0')) * 60 + (hour[3] - '0') * 10 + (hour[4] - '0');
}

// "2026-12-24" or "2026-12-24 12:00" as minutes since 1970 on the clock of its zone.
std::optional<std::int64_t> moment_of(std::string_view text) {
    const Result<Timestamp> day = parse_date(text.substr(0, kDateBytes));
    if (!day.ok()) return std::nullopt;
    const std::int64_t minutes = day.value().nanoseconds / kMinuteNs;
    if (text.size() == kDateBytes) return minutes;
    const auto hour = minutes_of(text.substr(std::min(kDateBytes + 1, text.size())));
    return hour ? std::optional(minutes + *hour) : std::nullopt;
}

bool has_day(const Value& window, std::string_view day) {
    const Value* const days = window.find("days");
    if (days == nullptr || !days->is_array()) return true;
    return std::ranges::any_of(days->items(), [day](const Value& one) {
        return one.is_string() && one.as_string() == day;
    });
}

std::string day_before(std::string_view day) {
    constexpr std::array<std::string_view, 7> kWeek{"mon", "tue", "wed", "thu",
                                                    "fri", "sat", "sun"};
    const auto* const found = std::ranges::find(kWeek, day);
    if (found == kWeek.end()) return {};
    return std::string(found == kWeek.begin() ? kWeek.back() : *(found - 1));
}

// Minutes that the window is open yet; nothing where it is closed. As rules/gates/environment.rego
// has it: one that ends before it begins goes over midnight.
std::optional<std::int64_t> minutes_left(const Value& window, const Value& local) {
    const auto from = minutes_of(text_at(window, "from")), to = minutes_of(text_at(window, "to"));
    const auto now = minutes_of(text_at(local, "time"));
    if (!from || !to || !now) return std::nullopt;
    const std::string day = text_at(local, "weekday");
    if (*from < *to) {
        if (!has_day(window, day) || *now < *from || *now >= *to) return std::nullopt;
        return *to - *now;
    }
    if (has_day(window, day) && *now >= *from) return kDayMinutes - *now + *to;
    if (has_day(window, day_before(day)) && *now < *to) return *to - *now;
    return std::nullopt;
}

}  // namespace

std::int64_t seconds_until_closed(const Value& input, std::int64_t now_s) {
    const Value* const environment = input.find("environment");
    const Value* const settings = environment == nullptr ? nullptr : environment->find("settings");
    const Value* const calendar = input.find("calendar");
    const Value* const zones = calendar == nullptr ? nullptr : calendar->find("zones");
    if (settings == nullptr || zones == nullptr) return kForever;
    const auto each = [&](std::string_view key, const auto& use) {
        const Value* const list = settings->find(key);
        if (list == nullptr || !list->is_array()) return;
        for (const Value& one : list->items())
            if (const Value* local = zones->find(text_at(one, "zone"))) use(one, *local);
    };
    std::int64_t left = kForever;
    // Any of the windows that are open keeps it so.
    std::int64_t open = -1;
    each("windows", [&](const Value& window, const Value& local) {
        open = std::max(open, minutes_left(window, local).value_or(-1));
    });
    if (open >= 0) left = open;
    each("freezes", [&](const Value& freeze, const Value& local) {
        const auto from = moment_of(text_at(freeze, "from"));
        const auto now = moment_of(text_at(local, "date") + " " + text_at(local, "time"));
        if (from && now && *from > *now) left = std::min(left, *from - *now);
    });
    if (left == kForever) return kForever;
    return left * 60 - (now_s % 60 + 60) % 60;
}

}  // namespace merlon::gate
