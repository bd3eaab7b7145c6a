// Schemes that are little more than numbers: Haskell's PVP, R's package_version, OpenSSL's letters,
// dotted integers (also nginx), RFC 3339, and plain texts.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "packages/version_schemes.h"

namespace merlon::packages {
namespace {

enum ListMark : unsigned char { kEnd = 1, kOther };

// Numbers between separators, where a list is above its beginning. What is not a number is below
// every number, as text.
void write_numbers(std::string_view version, std::string_view separators, KeyWriter& writer) {
    while (!version.empty()) {
        const std::size_t end = std::min(version.find_first_of(separators), version.size());
        const std::string_view part = version.substr(0, end);
        version.remove_prefix(std::min(end + 1, version.size()));
        if (all_digits(part))
            writer.number(part, "number");
        else
            writer.marked_text(kOther, part, "part that is no number");
    }
    writer.mark(kEnd, "end");
}

std::string_view numbers_problem(std::string_view version, std::string_view separators,
                                 std::size_t fewest) {
    std::size_t numbers = 0;
    for (std::size_t start = 0; start <= version.size(); ++numbers) {
        const std::size_t end = std::min(version.find_first_of(separators, start), version.size());
        if (!all_digits(version.substr(start, end - start))) return "a part of it is no number";
        start = end + 1;
    }
    return numbers < fewest ? "it has too few numbers" : std::string_view();
}

// RFC 3339, section 5.6: a moment as seconds since a fixed one, and the digits of the fraction.
struct Moment {
    std::int64_t seconds;
    std::string_view fraction;
};

class DateReader {
  public:
    explicit DateReader(std::string_view text) : rest_(text) {}

    std::optional<Moment> read() {
        const int year = number(4), month = after('-', 2), day = after('-', 2);
        const int hour = after('T', 2), minute = after(':', 2), second = after(':', 2);
        Moment moment{};
        if (!failed_ && rest_.starts_with('.')) {
            rest_.remove_prefix(1);
            moment.fraction = take_digits(rest_);
            failed_ = moment.fraction.empty();
            moment.fraction = moment.fraction.substr(0, moment.fraction.find_last_not_of('0') + 1);
        }
        const int offset = read_offset();
        const bool is_date = month >= 1 && month <= 12 && day >= 1 && day <= days_of(year, month);
        if (failed_ || !rest_.empty() || !is_date || hour > 23 || minute > 59 || second > 60)
            return std::nullopt;
        const std::int64_t minutes = (days_before(year, month) + day) * 1440 + hour * 60 + minute;
        moment.seconds = (minutes - offset) * 60 + second;
        return moment;
    }

  private:
    static bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
    static int days_of(int year, int month) {
        constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        return kDays[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
    }
    // From the first day of the year 0, with room below for offsets.
    static std::int64_t days_before(int year, int month) {
        const int past = year + 399;
        std::int64_t days = std::int64_t{past} * 365 + past / 4 - past / 100 + past / 400;
        for (int m = 1; m < month; ++m) days += days_of(year, m);
        return days;
    }

    int number(std::size_t digits) {
        if (failed_ || rest_.size() < digits || !all_digits(rest_.substr(0, digits))) {
            failed_ = true;
            return 0;
        }
        int value = 0;
        for (const char c : rest_.substr(0, digits)) value = value * 10 + (c - '0');
        rest_.remove_prefix(digits);
        return value;
    }
    int after(char separator, std::size_t digits) {
        failed_ = failed_ || !rest_.starts_with(separator);
        if (!failed_) rest_.remove_prefix(1);
        return number(digits);
    }
    // In minutes.
    int read_offset() {
        if (rest_.starts_with('Z')) {
            rest_.remove_prefix(1);
            return 0;
        }
        const int sign = rest_.starts_with('-') ? -1 : 1;
        const int hours = after(sign < 0 ? '-' : '+', 2), minutes = after(':', 2);
        failed_ = failed_ || hours > 23 || minutes > 59;
        return sign * (hours * 60 + minutes);
    }

    std::string_view rest_;
    bool failed_ = false;
};

}  // namespace

void write_hackage_key(std::string_view version, KeyWriter& writer) {
    write_numbers(trim(version), ".", writer);
}
std::string_view hackage_problem(std::string_view version) {
    return numbers_problem(version, ".", 1);
}

void write_cran_key(std::string_view version, KeyWriter& writer) {
    write_numbers(trim(version), ".-", writer);
}
std::string_view cran_problem(std::string_view version) {
    return numbers_problem(trim(version), ".-", 2);
}

// A number that is missing is zero; what follows the numbers without a hyphen (1.13.0foo) does not
// count.
void write_intdot_key(std::string_view version, KeyWriter& writer) {
    version = trim(version);
    std::size_t zeros = 0;
    while (!version.empty() && is_digit(version.front())) {
        const std::string_view digits = take_digits(version);
        if (strip_leading_zeros(digits).empty()) {
            ++zeros;
        } else {
            for (; zeros > 0; --zeros) writer.number("0", "number");
            writer.number(digits, "number");
        }
        if (version.empty() || version.front() != '.') break;
        version.remove_prefix(1);
    }
    writer.mark(kEnd, "end");
}
std::string_view intdot_problem(std::string_view version) {
    return numbers_problem(version, ".", 1);
}

// Up to 1.1.1 a release is numbers and letters (1.0.2 < 1.0.2a < 1.0.2za); from 3 it is semver,
// which has no letters, so that one rule serves both.
void write_openssl_key(std::string_view version, KeyWriter& writer) {
    enum : unsigned char { kPrerelease = 1, kRelease };
    version = trim(version);
    const std::string_view numbers =
        version.substr(0, std::min(version.find_first_not_of("0123456789."), version.size()));
    std::string_view rest = version.substr(numbers.size());
    write_intdot_key(numbers, writer);
    const std::string_view letters = take_letters(rest);
    rest = rest.substr(0, rest.find('+'));
    if (rest.empty()) {
        writer.mark(kRelease, "release");
        writer.text(letters, "letters");
        return;
    }
    writer.mark(kPrerelease, "prerelease", rest);
    if (rest.starts_with('-')) rest.remove_prefix(1);
    writer.text(take_letters(rest), "word");
    writer.number(take_digits(rest), "number");
    writer.text(rest, "rest");
}

void write_datetime_key(std::string_view version, KeyWriter& writer) {
    enum : unsigned char { kNoDate = 1, kDate };
    const auto moment = DateReader(trim(version)).read();
    if (!moment) {
        writer.marked_text(kNoDate, version, "text that is no date");
        return;
    }
    writer.mark(kDate, "moment", version);
    writer.count(static_cast<std::uint64_t>(moment->seconds));
    writer.text(moment->fraction, "fraction of a second");
}
std::string_view datetime_problem(std::string_view version) {
    return DateReader(version).read() ? std::string_view() : "it is no date and time of RFC 3339";
}

void write_lexicographic_key(std::string_view version, KeyWriter& writer) {
    writer.text(version, "text");
}

}  // namespace merlon::packages
