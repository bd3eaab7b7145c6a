#include <algorithm>

#include "base/recycled.h"
#include "rego/builtins.h"
#include "rego/go_time.h"
#include "rego/number.h"

// Time (OPA: time.go): nanoseconds since 1970, or an array of them with a zone and a layout.

namespace merlon::rego {
namespace {

using value::Value;

struct Moment {
    Instant instant;
    const Zone* zone = &utc();
    std::string_view layout;  // the operand's

    static const Zone& utc() {
        static const Zone kUtc;
        return kUtc;
    }
};

// Nothing after an error.
std::optional<Moment> moment_of(Context& context, const Value& operand) {
    const auto fail = [](Outcome) { return std::optional<Moment>(); };
    Moment moment;
    const Value* number = &operand;
    if (operand.is_array()) {
        const auto parts = operand.items();
        if (parts.empty()) {
            return fail(context.wrong_kind(1, operand,
                                           {"either number (ns) or [number (ns), string (tz)]"}));
        }
        number = &parts[0];
        if (!number->is_number()) return fail(context.wrong_kind(1, *number, {"number"}));
        if (parts.size() > 1) {
            if (!parts[1].is_string()) return fail(context.wrong_kind(1, parts[1], {"string"}));
            moment.zone = context.zone(parts[1].as_string());
            if (moment.zone == nullptr) return std::nullopt;
        }
        if (parts.size() > 2) {
            if (!parts[2].is_string()) return fail(context.wrong_kind(1, parts[2], {"string"}));
            moment.layout = parts[2].as_string();
        }
    } else if (!operand.is_number()) {
        return fail(
            context.wrong_kind(1, operand, {"either number (ns) or [number (ns), string (tz)]"}));
    }
    const auto given = float_of(*number);
    const bool is_whole =
        given.ok() && given.value().is_integer() && truncate(given.value()).fits_slong_p();
    if (!is_whole) return fail(context.error("timestamp too big"));
    moment.instant = instant_of(truncate(given.value()).get_si());
    return moment;
}

Outcome nanoseconds_of(Context& context, const Instant& instant) {
    constexpr std::int64_t kMost = INT64_MAX / 1'000'000'000;
    const mpz_class total =
        mpz_class(static_cast<long>(instant.seconds)) * 1'000'000'000 + instant.nanoseconds;
    if (std::abs(instant.seconds) > kMost + 1 || !total.fits_slong_p()) {
        return context.error("time outside of valid range");
    }
    return context.integer(total.get_si());
}

Outcome now(Context& context, Operands) {
    if (!context.world.now_nanoseconds) return context.error("the time is not known here");
    return context.integer(*context.world.now_nanoseconds);
}

Outcome parse(Context& context, Operands operands) {
    const std::string_view layout = named_layout(operands[0].as_string());
    const auto instant = parse_time(layout, operands[1].as_string());
    if (!instant.ok()) return context.error(instant.error().message);
    return nanoseconds_of(context, instant.value());
}

Outcome parse_rfc3339(Context& context, Operands operands) {
    const auto instant = parse_time(named_layout("RFC3339"), operands[0].as_string());
    if (!instant.ok()) return context.error(instant.error().message);
    return nanoseconds_of(context, instant.value());
}

Outcome duration(Context& context, Operands operands) {
    const auto nanoseconds = parse_duration(operands[0].as_string());
    if (!nanoseconds.ok()) return context.error(nanoseconds.error().message);
    return context.integer(nanoseconds.value());
}

Outcome format_time(Context& context, Operands operands) {
    const auto moment = moment_of(context, operands[0]);
    if (!moment) return Outcome::error();
    const std::string_view layout =
        named_layout(moment->layout.empty() ? "RFC3339Nano" : moment->layout);
    std::string& text = context.text_buffer();
    append_time(text, civil_time(moment->instant, *moment->zone), layout);
    return context.string(text);
}

Outcome numbers(Context& context, std::span<const std::int64_t> list) {
    RecycledVector<Value> values;
    for (const std::int64_t number : list) values.push_back(context.integer(number));
    return context.builder.array(values);
}

Outcome date(Context& context, Operands operands) {
    const auto moment = moment_of(context, operands[0]);
    if (!moment) return Outcome::error();
    const CivilTime time = civil_time(moment->instant, *moment->zone);
    const std::int64_t parts[] = {time.year, time.month, time.day};
    return numbers(context, parts);
}

Outcome clock(Context& context, Operands operands) {
    const auto moment = moment_of(context, operands[0]);
    if (!moment) return Outcome::error();
    const CivilTime time = civil_time(moment->instant, *moment->zone);
    const std::int64_t parts[] = {time.hour, time.minute, time.second};
    return numbers(context, parts);
}

Outcome weekday(Context& context, Operands operands) {
    const auto moment = moment_of(context, operands[0]);
    if (!moment) return Outcome::error();
    return context.string(weekday_name(civil_time(moment->instant, *moment->zone).weekday()));
}

// Go's days since an absolute beginning, in 64 bits that wrap around (time.Date).
std::uint64_t absolute_days(std::uint64_t year, std::uint32_t month, std::uint64_t day) {
    constexpr std::uint64_t kAbsoluteYears = 292'277'022'400;
    const std::uint32_t is_early = month < 3 ? 1 : 0;
    const std::uint64_t years = year - is_early + kAbsoluteYears;
    const std::uint32_t day_of_year = (979 * (month + 12 * is_early) - 2919) >> 5;
    const std::uint64_t century = years / 100;
    const std::uint64_t day_of_century = 1461 * (years % 100) / 4;
    return 146'097 * century / 4 + day_of_century + day_of_year + day - 1;
}

// So far from the time that Go's numbers may wrap around; where they end is in order again.
CivilTime moved_far(const CivilTime& time, const std::int64_t (&added)[3]) {
    const auto number = [](std::int64_t signed_number) {
        return static_cast<std::uint64_t>(signed_number);
    };
    std::uint64_t year = number(time.year) + number(added[0]);
    auto month = static_cast<std::int64_t>(number(time.month - 1) + number(added[1]));
    std::int64_t years = month / 12;
    month %= 12;
    if (month < 0) {
        month += 12;
        --years;
    }
    year += number(years);
    const std::uint64_t day = number(time.day) + number(added[2]);
    const std::uint64_t days =
        absolute_days(year, static_cast<std::uint32_t>(month + 1), day) - absolute_days(1970, 1, 1);
    const std::int64_t clock = (time.hour * 60 + time.minute) * 60 + time.second;
    const auto seconds = static_cast<std::int64_t>(days * 86'400 + number(clock));
    return civil_time({seconds, time.nanosecond}, Moment::utc());
}

Outcome add_date(Context& context, Operands operands) {
    constexpr std::int64_t kMost = 100'000'000;
    const auto moment = moment_of(context, operands[0]);
    if (!moment) return Outcome::error();
    std::int64_t added[3] = {};
    for (std::size_t i = 0; i < 3; ++i) {
        if (!operands[i + 1].is_number()) {
            return context.wrong_kind(i + 2, operands[i + 1], {"number"});
        }
        const auto number = written_integer(operands[i + 1]);
        if (!number) {
            return context.type_error("operand " + std::to_string(i + 2) +
                                      " must be integer number but got floating-point number");
        }
        added[i] = *number;
    }
    const bool is_far = std::ranges::any_of(
        added, [](std::int64_t number) { return number < -kMost || number > kMost; });
    CivilTime time = civil_time(moment->instant, *moment->zone);
    if (is_far) {
        return nanoseconds_of(context, instant_of(moved_far(time, added), *moment->zone));
    }
    time.year += added[0];
    time.month += static_cast<int>(added[1]);
    time.day += static_cast<int>(added[2]);
    return nanoseconds_of(context, instant_of(time, *moment->zone));
}

// The difference in years, months, days, hours, minutes and seconds, by the calendar of the first
// one's zone: what a person would count from the earlier to the later.
Outcome difference(Context& context, Operands operands) {
    const auto left = moment_of(context, operands[0]);
    if (!left) return Outcome::error();
    const auto right = moment_of(context, operands[1]);
    if (!right) return Outcome::error();
    CivilTime from = civil_time(left->instant, *left->zone);
    CivilTime to = civil_time(right->instant, *left->zone);
    const auto order = [](const Instant& instant) {
        return std::pair(instant.seconds, instant.nanoseconds);
    };
    if (order(left->instant) > order(right->instant)) std::swap(from, to);
    std::int64_t parts[] = {to.year - from.year, to.month - from.month,   to.day - from.day,
                            to.hour - from.hour, to.minute - from.minute, to.second - from.second};
    // What is negative borrows from the part before it.
    const std::int64_t month_days = days_since_epoch(from.month == 12 ? from.year + 1 : from.year,
                                                     from.month == 12 ? 1 : from.month + 1, 1) -
                                    days_since_epoch(from.year, from.month, 1);
    const std::int64_t sizes[] = {0, 12, month_days, 24, 60, 60};
    for (std::size_t i = 5; i > 0; --i) {
        if (parts[i] >= 0) continue;
        parts[i] += sizes[i];
        --parts[i - 1];
    }
    return numbers(context, parts);
}

constexpr Builtin kTimeBuiltins[] = {
    {"time.now_ns", "", now},
    {"time.parse_ns", "ss", parse},
    {"time.parse_rfc3339_ns", "s", parse_rfc3339},
    {"time.parse_duration_ns", "s", duration},
    {"time.format", "v", format_time},
    {"time.date", "v", date},
    {"time.clock", "v", clock},
    {"time.weekday", "v", weekday},
    {"time.add_date", "vvvv", add_date},
    {"time.diff", "vv", difference},
};

}  // namespace

std::span<const Builtin> time_builtins() { return kTimeBuiltins; }

}  // namespace merlon::rego
