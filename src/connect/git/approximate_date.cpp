#include "connect/git/approximate_date.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
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
    // "@1700000000", or so many digits that it is no year.
    static std::optional<std::int64_t> read_seconds(std::string_view text) {
        const bool marked = text.starts_with('@');
        const std::string_view digits = marked ? text.substr(1) : text;
        const auto seconds = number_in(digits.substr(0, digits.find(' ')));
        if (!seconds.has_value() || *seconds < 0) return std::nullopt;
        if (!marked && (*seconds < 100'000'000 || digits.find(' ') != std::string_view::npos)) {
            return std::nullopt;
        }
        return seconds;
    }

    // "now", "yesterday", "2 weeks 3 days ago", "2.weeks.ago"
    std::optional<std::int64_t> read_relative(std::string_view text) const {
        if (text == "now" || text == "today") return now_.seconds;
        if (text == "yesterday") return now_.seconds - kDaySeconds;
        if (text == "midnight") return now_.seconds - seconds_of_day();
        std::vector<std::string> words = words_of(text, " .,\t");
        if (!words.empty() && words.back() == "ago") words.pop_back();
        if (words.empty() || words.size() % 2 != 0) return std::nullopt;
        std::int64_t seconds = now_.seconds;
        for (std::size_t i = 0; i < words.size(); i += 2) {
            const auto count = words[i] == "a" || words[i] == "an" ? 1 : number_in(words[i]);
            if (!count.has_value() || *count < 0 || *count > 1'000'000'000) return std::nullopt;
            std::string unit = words[i + 1];
            if (unit.ends_with('s')) unit.pop_back();
            if (unit == "month" || unit == "year") {
                seconds = months_before(seconds, unit == "year" ? *count * 12 : *count);
                continue;
            }
            constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
                {"second", 1},  {"sec", 1},           {"minute", 60},           {"min", 60},
                {"hour", 3600}, {"day", kDaySeconds}, {"week", 7 * kDaySeconds}};
            const auto found =
                std::ranges::find(kUnits, unit, [](const auto& known) { return known.first; });
            if (found == std::end(kUnits)) return std::nullopt;
            seconds -= *count * found->second;
        }
        return seconds;
    }

    std::int64_t local(std::int64_t seconds) const { return seconds + now_.zone_minutes * 60; }
    std::int64_t seconds_of_day() const {
        const std::int64_t rest = local(now_.seconds) % kDaySeconds;
        return rest < 0 ? rest + kDaySeconds : rest;
    }

    std::int64_t months_before(std::int64_t seconds, std::int64_t months) const {
        const std::int64_t here = local(seconds);
        const std::int64_t day =
            here >= 0 ? here / kDaySeconds : -((kDaySeconds - 1 - here) / kDaySeconds);
        const Civil civil = civil_of(day);
        const std::int64_t moved = days_of_date(civil.year, civil.month - months, civil.day);
        return seconds + (moved - day) * kDaySeconds;
    }

    std::optional<std::int64_t> read_absolute(std::string_view text) {
        std::string spaced(text);
        // "2024-01-31T10:20:30Z": the T and the Z stand between digits.
        if (spaced.size() > 10 && spaced[10] == 't') spaced[10] = ' ';
        if (spaced.ends_with('z') && spaced.size() > 10)
            spaced.replace(spaced.size() - 1, 1, " +0000");
        for (const std::string& word : words_of(spaced, " ,\t")) {
            if (!read_word(word)) return std::nullopt;
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
               time_of_day_.value_or(seconds_of_day()) - zone * 60;
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
        if (parts.size() == 3) return read_date(parts);
        if (const auto month = month_of(word); month.has_value() && !month_.has_value()) {
            month_ = month;
            return true;
        }
        constexpr std::string_view kWeekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
        if (word.size() >= 3 && std::ranges::count(kWeekdays, word.substr(0, 3)) != 0) return true;
        const auto number = number_in(word);
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
        return Error{"'" + std::string(text) +
                     "' is no date that can be read for sure; write 2024-01-31, "
                     "2024-01-31T10:20:30Z, '2 weeks ago', or @ and the seconds since 1970"};
    }
    return static_cast<std::uint64_t>(std::max<std::int64_t>(*seconds, 0));
}

}  // namespace merlon::connect::git
