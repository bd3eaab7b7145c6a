#include "templates/template_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "text/utf8.h"

namespace merlon::templates {
namespace {

// A template cannot ask for more than so many characters of padding or precision.
constexpr int kMaxWidth = 10'000;

std::string_view type_name(const TemplateValue& value) {
    constexpr std::array<std::string_view, 10> kNames = {
        "<nil>",  "bool",           "int",       "float32",        "float64",
        "string", "report.Finding", "time.Time", "[]interface {}", "map[string]interface {}"};
    return kNames[value.data.index()];
}

std::optional<double> real_of(const TemplateValue& value) {
    if (const float* real = value.as<float>()) return *real;
    if (const double* real = value.as<double>()) return *real;
    return std::nullopt;
}

std::string in_hex(std::string_view text, bool upper) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
    }
    return out;
}

// One verb with its flags.
struct Verb {
    bool left = false;
    bool plus = false;
    bool zero = false;
    bool sharp = false;
    bool blank = false;
    std::optional<int> width;
    std::optional<int> precision;
    char32_t letter = 0;
};

std::string wrong_type(const Verb& verb, const TemplateValue& value) {
    std::string letter;
    text::append_utf8(letter, verb.letter);
    if (value.as<std::monostate>() != nullptr) return "%!" + letter + "(<nil>)";
    return fmt::format("%!{}({}={})", letter, type_name(value), template_text(value));
}

std::string integer_text(const Verb& verb, std::int64_t number) {
    const std::uint64_t size = number < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(number)
                                          : static_cast<std::uint64_t>(number);
    std::string digits = verb.letter == 'x'   ? fmt::format("{:x}", size)
                         : verb.letter == 'X' ? fmt::format("{:X}", size)
                         : verb.letter == 'o' ? fmt::format("{:o}", size)
                         : verb.letter == 'b' ? fmt::format("{:b}", size)
                                              : fmt::format("{}", size);
    const std::string sign = number < 0 ? "-" : verb.plus ? "+" : verb.blank ? " " : "";
    const std::string prefix = !verb.sharp          ? ""
                               : verb.letter == 'x' ? "0x"
                               : verb.letter == 'X' ? "0X"
                               : verb.letter == 'o' ? "0"
                               : verb.letter == 'b' ? "0b"
                                                    : "";
    std::size_t wanted = verb.precision ? static_cast<std::size_t>(*verb.precision) : 0;
    if (!verb.precision && verb.zero && !verb.left && verb.width) {
        const std::size_t taken = sign.size() + prefix.size();
        wanted = static_cast<std::size_t>(*verb.width) -
                 std::min<std::size_t>(taken, static_cast<std::size_t>(*verb.width));
    }
    if (digits.size() < wanted) digits.insert(0, wanted - digits.size(), '0');
    return sign + prefix + digits;
}

std::string real_text(const Verb& verb, const TemplateValue& value, double number) {
    const auto letter = static_cast<char>(verb.letter);
    std::string text;
    if (letter == 'v' || letter == 'g' || letter == 'G') {
        if (verb.precision) {
            text = fmt::format("{:.{}g}", number, *verb.precision);
        } else {
            text = template_text(value);
        }
    } else if (letter == 'e' || letter == 'E') {
        text = fmt::format("{:.{}e}", number, verb.precision.value_or(6));
    } else {
        text = fmt::format("{:.{}f}", number, verb.precision.value_or(6));
    }
    if (letter == 'E' || letter == 'G')
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return c == 'e' ? 'E' : c; });
    if (!text.starts_with('-') && (verb.plus || verb.blank)) text.insert(0, verb.plus ? "+" : " ");
    if (verb.zero && !verb.left && verb.width &&
        text.size() < static_cast<std::size_t>(*verb.width)) {
        const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
        text.insert(sign, static_cast<std::size_t>(*verb.width) - text.size(), '0');
    }
    return text;
}

std::string_view first_points(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    for (; count > 0 && at < text.size(); --count) at += text::decode_utf8(text.substr(at)).width;
    return text.substr(0, at);
}

std::string formatted(const Verb& verb, const TemplateValue& value) {
    const char32_t letter = verb.letter;
    if (letter == 'T') return std::string(type_name(value));
    const bool is_string_verb =
        letter == 's' || letter == 'v' || letter == 'q' || letter == 'x' || letter == 'X';
    if (const std::string* text = value.as<std::string>()) {
        if (!is_string_verb) return wrong_type(verb, value);
        const std::size_t most =
            verb.precision ? static_cast<std::size_t>(*verb.precision) : text->size();
        if (letter == 'x' || letter == 'X') return in_hex(text->substr(0, most), letter == 'X');
        const std::string_view cut = first_points(*text, most);
        return letter == 'q' || (letter == 'v' && verb.sharp) ? go_quoted(cut) : std::string(cut);
    }
    if (const std::int64_t* number = value.as<std::int64_t>()) {
        if (std::u32string_view(U"dvxXob").find(letter) != std::u32string_view::npos)
            return integer_text(verb, *number);
        if (letter == 'c') {
            std::string out;
            text::append_utf8(out, static_cast<char32_t>(*number));
            return out;
        }
        return wrong_type(verb, value);
    }
    if (const auto real = real_of(value)) {
        if (std::u32string_view(U"feEgGvF").find(letter) == std::u32string_view::npos)
            return wrong_type(verb, value);
        return real_text(verb, value, *real);
    }
    if (value.as<bool>() != nullptr) {
        return letter == 't' || letter == 'v' ? template_text(value) : wrong_type(verb, value);
    }
    if (const TemplateList* list = value.as<TemplateList>()) {
        std::string out = "[";
        for (const TemplateValue& item : *list) {
            if (out.size() > 1) out += ' ';
            out += formatted(verb, item);
        }
        return out + "]";
    }
    if (value.as<std::monostate>() != nullptr) {
        return letter == 'v' ? "<nil>" : wrong_type(verb, value);
    }
    return template_text(value);
}

// Whether formatted() says what Go says: of a verb that fits, or of one that does not and gets its
// mark, which is of no flags here.
bool knows(const Verb& verb, const TemplateValue& value) {
    const char32_t letter = verb.letter;
    const bool has_flags = verb.plus || verb.sharp || verb.blank || verb.zero;
    const bool is_bare = !has_flags && !verb.left && !verb.width && !verb.precision;
    const auto is_one_of = [&](std::u32string_view letters) {
        return letters.find(letter) != std::u32string_view::npos;
    };
    if (letter == 'p') return false;
    if (letter == 'T') {
        return !has_flags && !verb.precision && value.as<TemplateList>() == nullptr;
    }
    if (value.as<std::string>() != nullptr) {
        if (!is_one_of(U"svqxX")) return is_bare;
        return is_one_of(U"sv") || !(verb.plus || verb.sharp || verb.blank);
    }
    if (value.as<std::int64_t>() != nullptr) {
        if (is_one_of(U"UOq")) return false;
        return is_bare || is_one_of(U"dvxXob") || (letter == 'c' && !has_flags);
    }
    if (real_of(value)) {
        if (is_one_of(U"xXb") || verb.sharp) return false;
        return is_bare || is_one_of(U"feEgGvF");
    }
    if (const TemplateList* list = value.as<TemplateList>()) {
        return !verb.width && !verb.sharp &&
               std::ranges::all_of(*list, [&](const auto& item) { return knows(verb, item); });
    }
    if (value.as<TemplateDict>() != nullptr) return letter == 'v' && is_bare;
    if (value.as<Timestamp>() != nullptr) return is_one_of(U"vs") && is_bare;
    return is_bare || (is_one_of(U"tv") && !has_flags);
}

Error unknown_verb(const Verb& verb, std::string_view type) {
    std::string letter;
    text::append_utf8(letter, verb.letter);
    return Error{fmt::format("template: printf's %{}{}{} is not supported, or not with these flags",
                             letter, type.empty() ? "" : " of ", type)};
}

void pad(const Verb& verb, std::string& text) {
    if (!verb.width) return;
    const std::size_t size = text::count_code_points(text);
    const auto width = static_cast<std::size_t>(*verb.width);
    if (size >= width) return;
    if (verb.left) {
        text.append(width - size, ' ');
    } else {
        text.insert(0, width - size, verb.zero ? '0' : ' ');
    }
}

// Digits at `at`; nothing where there are none or the number is beyond what is padded.
std::optional<int> number_at(std::string_view format, std::size_t& at) {
    int number = 0;
    const std::size_t begin = at;
    while (at < format.size() && format[at] >= '0' && format[at] <= '9') {
        number = std::min(number * 10 + (format[at] - '0'), kMaxWidth);
        ++at;
    }
    return at > begin ? std::optional(number) : std::nullopt;
}

Verb read_verb(std::string_view format, std::size_t& at) {
    Verb verb;
    for (; at < format.size(); ++at) {
        const char c = format[at];
        if (c == '-') {
            verb.left = true;
        } else if (c == '+') {
            verb.plus = true;
        } else if (c == '0') {
            verb.zero = true;
        } else if (c == '#') {
            verb.sharp = true;
        } else if (c == ' ') {
            verb.blank = true;
        } else {
            break;
        }
    }
    verb.width = number_at(format, at);
    if (at < format.size() && format[at] == '.') {
        ++at;
        verb.precision = number_at(format, at).value_or(0);
    }
    if (at < format.size()) {
        const text::CodePoint point = text::decode_utf8(format.substr(at));
        verb.letter = point.value;
        at += point.width;
    }
    return verb;
}

}  // namespace

std::string go_quoted(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        const auto byte = static_cast<unsigned char>(text[0]);
        constexpr std::string_view kNamed = "\a\b\f\n\r\t\v\"\\";
        constexpr std::string_view kLetters = "abfnrtv\"\\";
        if (const std::size_t at = kNamed.find(text[0]); at != std::string_view::npos) {
            out += {'\\', kLetters[at]};
        } else if (!point.valid || byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\x{:02x}", byte);
        } else if (point.value >= 0x80 && point.value <= 0xA0) {
            out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(point.value));
        } else {
            out += text.substr(0, point.width);
        }
        text.remove_prefix(point.width);
    }
    return out + "\"";
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

Result<std::string> go_sprintf(std::string_view format, std::span<const TemplateValue> arguments) {
    std::string out;
    std::size_t used = 0;
    for (std::size_t at = 0; at < format.size();) {
        const std::size_t mark = std::min(format.find('%', at), format.size());
        out += format.substr(at, mark - at);
        at = mark + 1;
        if (mark == format.size()) break;
        Verb verb = read_verb(format, at);
        if (verb.letter == '[' || verb.letter == '*') return unknown_verb(verb, "");
        if (used < arguments.size() && !knows(verb, arguments[used])) {
            return unknown_verb(verb, type_name(arguments[used]));
        }
        if (verb.letter == 'v') verb.plus = false;  // it asks for names of fields
        if (verb.letter == 0) {
            out += "%!(NOVERB)";
        } else if (verb.letter == '%') {
            out += '%';
        } else if (used == arguments.size()) {
            out += "%!";
            text::append_utf8(out, verb.letter);
            out += "(MISSING)";
        } else {
            std::string text = formatted(verb, arguments[used++]);
            pad(verb, text);
            out += text;
        }
    }
    if (used < arguments.size()) {
        out += "%!(EXTRA ";
        for (std::size_t i = used; i < arguments.size(); ++i) {
            if (i > used) out += ", ";
            out += arguments[i].as<std::monostate>() != nullptr
                       ? "<nil>"
                       : fmt::format("{}={}", type_name(arguments[i]), template_text(arguments[i]));
        }
        out += ')';
    }
    return out;
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
