#include "connect/git/approximate_date.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace merlon::connect::git {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

struct Civil {
    std::int64_t year = 1970;
    std::int64_t month = 1;
    std::int64_t day = 1;
};

// The civil date of a day number (proleptic Gregorian; years begin in March, so that the leap day
// comes last).
Civil civil_of(std::int64_t days) {
    days += 719'468;
    const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
    const std::int64_t day_of_era = days - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted = (5 * day_of_year + 2) / 153;
    const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
            day_of_year - (153 * shifted + 2) / 5 + 1};
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || code != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::int64_t> month_of(std::string_view word) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
        if (word.size() >= 3 && kMonths[i] == word.substr(0, 3)) {
            return static_cast<std::int64_t>(i) + 1;
        }
    }
    return std::nullopt;
}

// 0 is Monday.
std::optional<std::int64_t> weekday_of(std::string_view word) {
    constexpr std::array<std::string_view, 7> kWeekdays = {
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    const auto day = std::ranges::find_if(kWeekdays, [&](std::string_view name) {
        return word.size() >= 3 && name.starts_with(word);
    });
    if (day == kWeekdays.end()) return std::nullopt;
    return day - kWeekdays.begin();
}

std::vector<std::string> words_of(std::string_view text, std::string_view separators) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t begin = text.find_first_not_of(separators);
        if (begin == std::string_view::npos) break;
        const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
        words.emplace_back(text.substr(begin, end - begin));
        text.remove_prefix(end);
    }
    return words;
}

class DateReader {
  public:
    explicit DateReader(const Now& now) : now_(now) {}

    std::optional<std::int64_t> read(std::string_view text) {
        std::string lowered(text);
        for (char& c : lowered) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        }
        if (const auto seconds = read_seconds(lowered); seconds.has_value()) return seconds;
        if (const auto relative = read_relative(lowered); relative.has_value()) return relative;
        return read_absolute(lowered);
    }

  private:
    // "@1700000000", or so many digits that it is no year. git takes a smaller number behind the @
    // for something else.
    static std::optional<std::int64_t> read_seconds(std::string_view text) {
        const bool marked = text.starts_with('@');
        const std::string_view digits = marked ? text.substr(1) : text;
        const auto seconds = number_in(digits.substr(0, digits.find(' ')));
        if (!seconds.has_value() || *seconds < 0) return std::nullopt;
        if (*seconds < 100'000'000 || *seconds >= 4'102'444'800) return std::nullopt;
        if (!marked && digits.find(' ') != std::string_view::npos) return std::nullopt;
        return seconds;
    }

    // "now", "yesterday 10:30", "2 weeks 3 days ago", "2.weeks.ago", "last friday", "noon": words
    // that move a date, one after another.
    std::optional<std::int64_t> read_relative(std::string_view text) const {
        if (text == "never") return 0;
        if (has_fraction(text)) return std::nullopt;
        std::vector<std::string> words = words_of(text, " .,\t");
        if (!words.empty() && words.back() == "ago") words.pop_back();
        std::erase(words, "ago");
        if (words.empty()) return std::nullopt;
        std::int64_t seconds = now_.seconds;
        for (std::span<const std::string> rest = words; !rest.empty();) {
            // Behind months git counts from the weekday that it was before.
            if (rest.size() < words.size() && rest.size() > 1 && rest[0] == "last" &&
                weekday_of(rest[1])) {
                return std::nullopt;
            }
            const std::size_t taken = move_by(rest, seconds);
            if (taken == 0) return std::nullopt;
            rest = rest.subspan(taken);
        }
        return seconds;
    }

    // "10:30:15.5": what follows the dot is no word.
    static bool has_fraction(std::string_view text) {
        const std::size_t colon = text.rfind(':');
        if (colon == std::string_view::npos) return false;
        const std::size_t end = text.find_first_not_of("0123456789", colon + 1);
        if (end == std::string_view::npos || end + 1 == text.size() || text[end] != '.') {
            return false;
        }
        return text[end + 1] >= '0' && text[end + 1] <= '9';
    }

    // How many words at the front moved the date.
    std::size_t move_by(std::span<const std::string> words, std::int64_t& seconds) const {
        const std::string& word = words.front();
        if (word == "now" || word == "today") return 1;
        if (word == "yesterday") {
            seconds -= kDaySeconds;
            return 1;
        }
        constexpr std::pair<std::string_view, std::int64_t> kHours[] = {
            {"midnight", 0}, {"noon", 12}, {"tea", 17}};
        const auto hour =
            std::ranges::find(kHours, word, [](const auto& one) { return one.first; });
        if (hour != std::end(kHours)) {
            // The last one that was.
            if (seconds_of_day(seconds) < hour->second * 3600) seconds -= kDaySeconds;
            set_time(seconds, hour->second * 3600);
            return 1;
        }
        if (const auto time = time_in(words)) {
            set_time(seconds, time->first);
            return time->second;
        }
        if (word == "last" && words.size() > 1) {
            if (const auto day = weekday_of(words[1])) {
                const std::int64_t today = (day_of(seconds) + 3) % 7;  // 1970 began on a Thursday
                const std::int64_t back = (today - *day + 7) % 7;
                seconds -= (back == 0 ? 7 : back) * kDaySeconds;
                return 2;
            }
        }
        return move_by_units(words, seconds);
    }

    // "2 weeks", "2weeks", "two weeks", "last week"
    std::size_t move_by_units(std::span<const std::string> words, std::int64_t& seconds) const {
        constexpr std::array<std::string_view, 10> kNumbers = {
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};
        const std::string& word = words.front();
        const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
        const bool is_joined = digits > 0 && digits < word.size();
        if (!is_joined && words.size() < 2) return 0;
        std::optional<std::int64_t> count = number_in(std::string_view(word).substr(0, digits));
        const auto named = std::ranges::find(kNumbers, word);
        if (named != kNumbers.end()) count = named - kNumbers.begin() + 1;
        if (word == "last") count = 1;
        if (!count.has_value() || *count < 0 || *count > 1'000'000'000) return 0;
        std::string unit = is_joined ? word.substr(digits) : words[1];
        if (unit.ends_with('s')) unit.pop_back();
        if (unit == "month" || unit == "year") {
            seconds = months_before(seconds, unit == "year" ? *count * 12 : *count);
        } else {
            constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
                {"second", 1},  {"sec", 1},           {"minute", 60},           {"min", 60},
                {"hour", 3600}, {"day", kDaySeconds}, {"week", 7 * kDaySeconds}};
            const auto found =
                std::ranges::find(kUnits, unit, [](const auto& known) { return known.first; });
            if (found == std::end(kUnits)) return 0;
            seconds -= *count * found->second;
        }
        return is_joined ? 1 : 2;
    }

    // "10:30", "10:30:15", "3pm", "10:30 pm": seconds of the day, and the words that said it.
    static std::optional<std::pair<std::int64_t, std::size_t>> time_in(
        std::span<const std::string> words) {
        std::string word = words.front();
        std::size_t taken = 1;
        std::string half;
        if (word.ends_with("am") || word.ends_with("pm")) {
            half = word.substr(word.size() - 2);
            word.resize(word.size() - 2);
        } else if (words.size() > 1 && (words[1] == "am" || words[1] == "pm")) {
            half = words[1];
            taken = 2;
        }
        const std::vector<std::string> parts = words_of(word, ":");
        if (parts.empty() || parts.size() > 3 || (parts.size() == 1 && half.empty())) return {};
        std::int64_t seconds = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto number = number_in(i < parts.size() ? parts[i] : "0");
            if (!number || *number < 0 || *number > (i == 0 ? 23 : 59)) return {};
            seconds = seconds * 60 + *number;
        }
        if (half.empty()) return std::pair(seconds, taken);
        const std::int64_t hour = seconds / 3600;
        if (hour < 1 || hour > 12) return {};
        return std::pair(seconds + ((half == "pm" ? 12 : 0) - (hour == 12 ? 12 : 0)) * 3600, taken);
    }

    std::int64_t day_of(std::int64_t seconds) const {
        const std::int64_t here = local(seconds);
        return here >= 0 ? here / kDaySeconds : -((kDaySeconds - 1 - here) / kDaySeconds);
    }
    std::int64_t seconds_of_day(std::int64_t seconds) const {
        return local(seconds) - day_of(seconds) * kDaySeconds;
    }
    void set_time(std::int64_t& seconds, std::int64_t of_day) const {
        seconds += of_day - seconds_of_day(seconds);
    }

    std::int64_t local(std::int64_t seconds) const { return seconds + now_.zone_minutes * 60; }

    std::int64_t months_before(std::int64_t seconds, std::int64_t months) const {
        const std::int64_t day = day_of(seconds);
        const Civil civil = civil_of(day);
        const std::int64_t moved = days_of_date(civil.year, civil.month - months, civil.day);
        return seconds + (moved - day) * kDaySeconds;
    }

    std::optional<std::int64_t> read_absolute(std::string_view text) {
        std::string spaced(text);
        // "2024-01-31T10:20:30Z": the T and the Z stand between digits; "20240131T102030".
        if (spaced.size() >= 15 && spaced[8] == 't' && number_in(spaced.substr(0, 8)) &&
            number_in(spaced.substr(9, 6))) {
            for (const auto& [at, mark] : {std::pair(13, ':'), {11, ':'}, {6, '-'}, {4, '-'}}) {
                spaced.insert(spaced.begin() + at, mark);
            }
        }
        if (spaced.size() > 10 && (spaced[10] == 't' || spaced[10] == '.')) spaced[10] = ' ';
        if (spaced.ends_with('z') && spaced.size() > 10)
            spaced.replace(spaced.size() - 1, 1, " +0000");
        const std::vector<std::string> words = words_of(spaced, " ,\t");
        for (std::span<const std::string> rest = words; !rest.empty();) {
            const std::optional<std::pair<std::int64_t, std::size_t>> time = time_in(rest);
            if (time && !time_of_day_) {
                time_of_day_ = time->first;
                rest = rest.subspan(time->second);
                continue;
            }
            if (!read_word(rest.front())) return std::nullopt;
            rest = rest.subspan(1);
        }
        // A month and a day are those of this year, or of the last where the month is to come.
        if (!date_ && day_ && month_ && !year_) {
            const Civil today = civil_of(day_of(now_.seconds));
            year_ = today.year - (*month_ > today.month ? 1 : 0);
        }
        if (!date_.has_value() &&
            (!day_.has_value() || !month_.has_value() || !year_.has_value())) {
            return std::nullopt;
        }
        if (!date_.has_value()) date_ = Civil{*year_, *month_, *day_};
        if (date_->month < 1 || date_->month > 12 || date_->day < 1 || date_->day > 31 ||
            date_->year < 1970 || date_->year > 2099) {
            return std::nullopt;
        }
        const std::int64_t zone = zone_minutes_.value_or(now_.zone_minutes);
        return days_of_date(date_->year, date_->month, date_->day) * kDaySeconds +
               time_of_day_.value_or(seconds_of_day(now_.seconds)) - zone * 60;
    }

    bool read_word(const std::string& word) {
        if (word.find(':') != std::string::npos) return read_time(word);
        if ((word.front() == '+' || word.front() == '-') && word.size() == 5)
            return read_zone(word);
        if (word == "utc" || word == "gmt") {
            zone_minutes_ = 0;
            return true;
        }
        const std::vector<std::string> parts = words_of(word, "-/.");
        // "5.May.2024", "nov.20th"
        const auto is_named = [](const std::string& part) { return month_of(part).has_value(); };
        if (parts.size() > 1 && std::ranges::any_of(parts, is_named)) {
            return std::ranges::all_of(parts,
                                       [this](const std::string& part) { return read_word(part); });
        }
        if (parts.size() == 3) return read_date(parts);
        if (const auto month = month_of(word); month.has_value() && !month_.has_value()) {
            month_ = month;
            return true;
        }
        if (weekday_of(word)) return true;
        std::string_view digits = word;
        for (const std::string_view ending : {"st", "nd", "rd", "th"}) {
            if (digits.ends_with(ending)) digits.remove_suffix(2);
        }
        const auto number = number_in(digits);
        if (!number.has_value()) return false;
        std::optional<std::int64_t>& field = *number > 31 ? year_ : day_;
        if (field.has_value()) return false;
        field = number;
        return true;
    }

    bool read_date(const std::vector<std::string>& parts) {
        if (date_.has_value()) return false;
        const auto first = number_in(parts[0]);
        const auto second = number_in(parts[1]);
        const auto third = number_in(parts[2]);
        // Only with the year first is the order of day and month beyond doubt.
        if (!first || !second || !third || parts[0].size() != 4) return false;
        date_ = Civil{*first, *second, *third};
        return true;
    }

    bool read_time(std::string word) {
        if (time_of_day_.has_value()) return false;
        // A zone may follow without a space: "10:20:30+02:00".
        const std::size_t sign = word.find_first_of("+-");
        if (sign != std::string::npos) {
            std::string zone = word.substr(sign);
            std::erase(zone, ':');
            if (zone.size() == 3) zone += "00";
            if (zone.size() != 5 || !read_zone(zone)) return false;
            word.resize(sign);
        }
        const std::vector<std::string> parts = words_of(word, ":");
        if (parts.size() < 2 || parts.size() > 3) return false;
        std::int64_t seconds = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const std::string part = i < parts.size() ? parts[i] : "0";
            const auto number = number_in(part.substr(0, part.find('.')));
            if (!number.has_value() || *number < 0 || *number > (i == 0 ? 23 : 60)) return false;
            seconds = seconds * 60 + *number;
        }
        time_of_day_ = seconds;
        return true;
    }

    bool read_zone(const std::string& word) {
        const auto number = number_in(std::string_view(word).substr(1));
        if (!number.has_value() || zone_minutes_.has_value()) return false;
        const std::int64_t minutes = *number / 100 * 60 + *number % 100;
        zone_minutes_ = word.front() == '-' ? -minutes : minutes;
        return true;
    }

    const Now& now_;
    std::optional<Civil> date_;
    std::optional<std::int64_t> year_;
    std::optional<std::int64_t> month_;
    std::optional<std::int64_t> day_;
    std::optional<std::int64_t> time_of_day_;
    std::optional<std::int64_t> zone_minutes_;
};

}  // namespace

std::int64_t days_of_date(std::int64_t year, std::int64_t month, std::int64_t day) {
    month -= 1;
    year += month >= 0 ? month / 12 : -((11 - month) / 12);
    month = (month % 12 + 12) % 12 + 1;
    if (month <= 2) --year;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

Result<std::uint64_t> parse_approximate_date(std::string_view text, const Now& now) {
    const std::optional<std::int64_t> seconds = DateReader(now).read(text);
    if (!seconds.has_value()) {
        return Error{
            "'" + std::string(text) +
            "' is no date that can be read for sure; write 2024-01-31, "
            "2024-01-31T10:20:30Z, '2 weeks ago', 'last friday', 'yesterday 10:30', or @ and "
            "the seconds since 1970"};
    }
    return static_cast<std::uint64_t>(std::max<std::int64_t>(*seconds, 0));
}

}  // namespace merlon::connect::git
