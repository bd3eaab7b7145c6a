#include "rego/go_zone_rule.h"

#include "base/ascii.h"
#include "rego/go_time.h"

namespace merlon::rego {
namespace {

constexpr std::int64_t kSecondsOfDay = 86'400;

bool is_leap_year(std::int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

}  // namespace

class ZoneRuleReader {
  public:
    explicit ZoneRuleReader(std::string_view text) : rest_(text) {}

    std::optional<ZoneRule> run() {
        ZoneRule rule;
        if (!name(rule.standard_) || !offset(rule.standard_.seconds)) return std::nullopt;
        if (rest_.empty()) return rule;
        rule.has_summer_ = true;
        if (!name(rule.summer_)) return std::nullopt;
        rule.summer_.seconds = rule.standard_.seconds + 3'600;
        if (!rest_.empty() && rest_[0] != ',' && !offset(rule.summer_.seconds)) return std::nullopt;
        // Without rules, those of the United States.
        if (rest_.empty()) rest_ = ",M3.2.0,M11.1.0";
        if (!take(',') || !change(rule.begin_) || !take(',') || !change(rule.end_)) {
            return std::nullopt;
        }
        return rest_.empty() ? std::optional(rule) : std::nullopt;
    }

  private:
    using Change = ZoneRule::Change;

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    // Three letters or more, or anything in "<>".
    bool name(ZoneRule::Offset& found) {
        std::size_t end = 0;
        if (take('<')) {
            end = rest_.find('>');
            if (end == std::string_view::npos) return false;
            found.abbreviation = rest_.substr(0, end);
            rest_.remove_prefix(end + 1);
            return true;
        }
        while (end < rest_.size() &&
               std::string_view("0123456789,-+").find(rest_[end]) == std::string_view::npos) {
            ++end;
        }
        found.abbreviation = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return end >= 3;
    }

    bool number(int least, int most, int& value) {
        value = 0;
        std::size_t count = 0;
        while (count < rest_.size() && count < 4 && is_digit(rest_[count])) {
            value = value * 10 + (rest_[count++] - '0');
        }
        rest_.remove_prefix(count);
        return count > 0 && value >= least && value <= most;
    }

    // [+-]hh[:mm[:ss]]
    bool clock(std::int64_t& seconds) {
        const bool is_negative = rest_.starts_with('-');
        if (!take('-')) take('+');
        constexpr int kHoursOfWeek = 24 * 7;
        int part = 0;
        if (!number(0, kHoursOfWeek, part)) return false;
        seconds = std::int64_t{part} * 3'600;
        for (const int unit : {60, 1}) {
            if (!take(':')) break;
            if (!number(0, 59, part)) return false;
            seconds += std::int64_t{part} * unit;
        }
        if (is_negative) seconds = -seconds;
        return true;
    }
    // POSIX counts west of UTC.
    bool offset(int& seconds) {
        std::int64_t west = 0;
        if (!clock(west)) return false;
        seconds = static_cast<int>(-west);
        return true;
    }

    bool change(Change& found) {
        if (take('J')) {
            found.kind = Change::Kind::kDayWithoutLeap;
            if (!number(1, 365, found.day)) return false;
        } else if (take('M')) {
            const bool is_read = number(1, 12, found.month) && take('.') &&
                                 number(1, 5, found.week) && take('.') && number(0, 6, found.day);
            if (!is_read) return false;
        } else {
            found.kind = Change::Kind::kDay;
            if (!number(0, 365, found.day)) return false;
        }
        return !take('/') || clock(found.seconds);
    }

    std::string_view rest_;
};

std::optional<ZoneRule> ZoneRule::read(std::string_view text) { return ZoneRuleReader(text).run(); }

// Since the year's beginning, by the clock that holds until then.
std::int64_t ZoneRule::seconds_of(const Change& change, std::int64_t year) {
    constexpr int kFirstOfMarch = 60;
    std::int64_t day = change.day;
    switch (change.kind) {
        case Change::Kind::kDayWithoutLeap:
            day += (is_leap_year(year) && change.day >= kFirstOfMarch ? 1 : 0) - 1;
            break;
        case Change::Kind::kDay:
            break;
        case Change::Kind::kWeekday: {
            const std::int64_t first = days_since_epoch(year, change.month, 1);
            const std::int64_t next = change.month == 12
                                          ? days_since_epoch(year + 1, 1, 1)
                                          : days_since_epoch(year, change.month + 1, 1);
            constexpr std::int64_t kWeekdayOf1970 = 4;
            const std::int64_t weekday = ((first + kWeekdayOf1970) % 7 + 7) % 7;
            std::int64_t found = first + (change.day - weekday + 7) % 7;
            for (int week = 1; week < change.week && found + 7 < next; ++week) found += 7;
            day = found - days_since_epoch(year, 1, 1);
            break;
        }
    }
    return day * kSecondsOfDay + change.seconds;
}

std::array<ZoneRule::Turn, 2> ZoneRule::turns(std::int64_t year) const {
    const std::int64_t first = days_since_epoch(year, 1, 1) * kSecondsOfDay;
    const Turn begin{first + seconds_of(begin_, year) - standard_.seconds, true};
    const Turn end{first + seconds_of(end_, year) - summer_.seconds, false};
    // In the south, summer goes over the turn of the year.
    if (begin.seconds < end.seconds) return {begin, end};
    return {end, begin};
}

}  // namespace merlon::rego
