#include "templates/template_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "match/go_quote.h"
#include "templates/go_printf.h"

namespace merlon::templates {
namespace {

GoArgument argument_of(const TemplateValue& value) {
    GoArgument made;
    constexpr std::array<std::string_view, std::variant_size_v<decltype(value.data)>> kNames = {
        "<nil>",      "bool",           "int",       "float32",        "float64",
        "string",     "report.Finding", "time.Time", "[]interface {}", "map[string]interface {}",
        "json.Number"};
    made.type = kNames[value.data.index()];
    if (const auto* truth = value.as<bool>()) {
        made.data = *truth;
    } else if (const auto* number = value.as<std::int64_t>()) {
        made.data = *number;
    } else if (const auto* narrow = value.as<float>()) {
        made.data = GoArgument::Real{*narrow, true};
    } else if (const auto* wide = value.as<double>()) {
        made.data = GoArgument::Real{*wide, false};
    } else if (const auto* list = value.as<TemplateList>()) {
        GoArgument::List& items = made.data.emplace<GoArgument::List>();
        for (const TemplateValue& item : *list) items.items.push_back(argument_of(item));
    } else if (const auto* dict = value.as<TemplateDict>()) {
        GoArgument::Map& map = made.data.emplace<GoArgument::Map>();
        for (const auto& [key, entry] : (*dict)->entries()) {
            map.keys.push_back(key);
            map.values.push_back(argument_of(entry));
        }
    } else if (value.as<std::monostate>() == nullptr) {
        made.data = template_text(value);
    }
    return made;
}

}  // namespace

std::string go_quoted(std::string_view text) {
    std::string out;
    match::append_go_quoted(out, text);
    return out;
}

std::string go_sprint(std::span<const TemplateValue> arguments) {
    std::string out;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const bool follows = i > 0 && arguments[i].as<std::string>() == nullptr &&
                             arguments[i - 1].as<std::string>() == nullptr;
        if (follows) out += ' ';
        out += arguments[i].as<std::monostate>() != nullptr ? "<nil>" : template_text(arguments[i]);
    }
    return out;
}

std::string go_sprintln(std::span<const TemplateValue> arguments) {
    std::string out;
    for (const TemplateValue& argument : arguments) {
        if (&argument != arguments.data()) out += ' ';
        out += argument.as<std::monostate>() != nullptr ? "<nil>" : template_text(argument);
    }
    return out + "\n";
}

Result<std::string> go_sprintf(std::string_view format, std::span<const TemplateValue> arguments) {
    std::vector<GoArgument> given;
    given.reserve(arguments.size());
    for (const TemplateValue& argument : arguments) given.push_back(argument_of(argument));
    return go_printf(format, given, kMaxMadeBytes);
}

namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

// A moment taken apart.
struct Moment {
    std::chrono::year_month_day date;
    unsigned weekday = 0;
    unsigned year_day = 0;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    unsigned nanosecond = 0;
};

Moment take_apart(Timestamp time) {
    const std::chrono::sys_time<std::chrono::nanoseconds> point{
        std::chrono::nanoseconds(time.nanoseconds)};
    const auto day = std::chrono::floor<std::chrono::days>(point);
    const std::chrono::hh_mm_ss clock{point - day};
    Moment moment;
    moment.date = day;
    moment.weekday = std::chrono::weekday(day).c_encoding();
    moment.year_day =
        static_cast<unsigned>((day - std::chrono::sys_days(moment.date.year() / 1 / 1)).count()) +
        1;
    moment.hour = static_cast<unsigned>(clock.hours().count());
    moment.minute = static_cast<unsigned>(clock.minutes().count());
    moment.second = static_cast<unsigned>(clock.seconds().count());
    moment.nanosecond = static_cast<unsigned>(clock.subseconds().count());
    return moment;
}

// The pieces of a layout (package time, "Layout"), longest first where one begins another.
constexpr std::array<std::string_view, 34> kPieces = {
    "January", "Jan", "Monday",    "Mon",    "MST",     "2006",  "-07:00:00", "-07:00", "-070000",
    "-0700",   "-07", "Z07:00:00", "Z07:00", "Z070000", "Z0700", "Z07",       "002",    "__2",
    "_2006",   "_2",  "01",        "02",     "03",      "04",    "05",        "06",     "15",
    "PM",      "pm",  "1",         "2",      "3",       "4",     "5"};

std::string piece_text(std::string_view piece, const Moment& moment) {
    const auto month = static_cast<unsigned>(moment.date.month());
    const auto day = static_cast<unsigned>(moment.date.day());
    const int year = static_cast<int>(moment.date.year());
    const unsigned hour12 = moment.hour % 12 == 0 ? 12 : moment.hour % 12;
    if (piece == "January") return std::string(kMonths[month - 1]);
    if (piece == "Jan") return std::string(kMonths[month - 1].substr(0, 3));
    if (piece == "Monday") return std::string(kDays[moment.weekday]);
    if (piece == "Mon") return std::string(kDays[moment.weekday].substr(0, 3));
    if (piece == "MST") return "UTC";
    if (piece == "2006") return fmt::format("{:04}", year);
    if (piece == "_2006") return fmt::format("_{:04}", year);
    if (piece == "06") return fmt::format("{:02}", year % 100);
    if (piece == "01") return fmt::format("{:02}", month);
    if (piece == "1") return fmt::format("{}", month);
    if (piece == "02") return fmt::format("{:02}", day);
    if (piece == "_2") return fmt::format("{:>2}", day);
    if (piece == "2") return fmt::format("{}", day);
    if (piece == "002") return fmt::format("{:03}", moment.year_day);
    if (piece == "__2") return fmt::format("{:>3}", moment.year_day);
    if (piece == "15") return fmt::format("{:02}", moment.hour);
    if (piece == "03") return fmt::format("{:02}", hour12);
    if (piece == "3") return fmt::format("{}", hour12);
    if (piece == "04") return fmt::format("{:02}", moment.minute);
    if (piece == "4") return fmt::format("{}", moment.minute);
    if (piece == "05") return fmt::format("{:02}", moment.second);
    if (piece == "5") return fmt::format("{}", moment.second);
    if (piece == "PM") return moment.hour >= 12 ? "PM" : "AM";
    if (piece == "pm") return moment.hour >= 12 ? "pm" : "am";
    if (piece.starts_with('Z')) return "Z";
    std::string zone;  // "-07:00" and its kin
    for (const char c : piece) zone += c == '-' ? '+' : c == '7' ? '0' : c;
    return zone;
}

// ".000" or ",999": a fraction of a second, behind the seconds. Its length in the layout, or 0.
std::size_t fraction_length(std::string_view layout) {
    if (layout.size() < 2 || (layout[0] != '.' && layout[0] != ',')) return 0;
    const char digit = layout[1];
    if (digit != '0' && digit != '9') return 0;
    std::size_t end = 1;
    while (end < layout.size() && layout[end] == digit) ++end;
    const bool goes_on = end < layout.size() && layout[end] >= '0' && layout[end] <= '9';
    return goes_on ? 0 : end;
}

std::string fraction_text(std::string_view piece, unsigned nanosecond) {
    std::string digits = fmt::format("{:09}", nanosecond);
    digits.resize(std::min<std::size_t>(piece.size() - 1, 9));
    if (piece[1] == '9') {
        digits.erase(digits.find_last_not_of('0') + 1);
        if (digits.empty()) return {};
    }
    return piece[0] + digits;
}

}  // namespace

std::string go_time(std::string_view layout, Timestamp time) {
    const Moment moment = take_apart(time);
    std::string out;
    while (!layout.empty()) {
        if (const std::size_t size = fraction_length(layout); size > 0) {
            out += fraction_text(layout.substr(0, size), moment.nanosecond);
            layout.remove_prefix(size);
            continue;
        }
        const auto piece =
            std::find_if(kPieces.begin(), kPieces.end(), [layout](std::string_view p) {
                if (!layout.starts_with(p)) return false;
                // "Jan" is none in "Janet", as in Go.
                const bool is_short_month = p == "Jan";
                return !is_short_month || layout.size() == p.size() ||
                       std::islower(static_cast<unsigned char>(layout[p.size()])) == 0;
            });
        if (piece == kPieces.end()) {
            out += layout.front();
            layout.remove_prefix(1);
            continue;
        }
        out += piece_text(*piece, moment);
        layout.remove_prefix(piece->size());
    }
    return out;
}

}  // namespace merlon::templates
