#include "rego/yaml_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "match/unicode_tables.h"
#include "rego/term.h"
#include "text/utf8.h"

namespace merlon::rego {
namespace {

using value::Value;

// Takes `text`'s digits, at least one and at most `most`.
bool take_digits(std::string_view& text, std::size_t most) {
    std::size_t count = 0;
    while (count < text.size() && count < most && is_digit(text[count])) ++count;
    text.remove_prefix(count);
    return count > 0;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? that fits a double.
bool is_float(const std::string& number) {
    std::string_view text = number;
    take(text, "+-");
    const bool has_whole = take_digits(text, text.size());
    const bool has_fraction = take(text, ".") && take_digits(text, text.size());
    if (!has_whole && !has_fraction) return false;
    if (take(text, "eE")) {
        take(text, "+-");
        if (!take_digits(text, text.size())) return false;
    }
    return text.empty() && std::isfinite(std::strtod(number.c_str(), nullptr));
}

bool is_based_integer(std::string_view text) {
    take(text, "+-");
    if (text.size() < 3 || text[0] != '0') return false;
    const char base = text[1];
    constexpr std::string_view kHex = "0123456789abcdefABCDEF";
    const std::string_view digits = base == 'x' || base == 'X'   ? kHex
                                    : base == 'o' || base == 'O' ? kHex.substr(0, 8)
                                    : base == 'b' || base == 'B' ? kHex.substr(0, 2)
                                                                 : std::string_view();
    return text.substr(2).find_first_not_of(digits) == std::string_view::npos;
}

// Hours, minutes and seconds, and a fraction.
bool take_time(std::string_view& text) {
    const bool is_time = take_digits(text, 2) && take(text, ":") && take_digits(text, 2) &&
                         take(text, ":") && take_digits(text, 2);
    return is_time && (!take(text, ".") || take_digits(text, text.size()));
}

// Two digits or one, from 1 to `most`.
bool take_part(std::string_view& text, int most) {
    int part = 0;
    for (std::size_t i = 0; i < 2 && i < text.size() && is_digit(text[i]); ++i)
        part = part * 10 + (text[i] - '0');
    return part >= 1 && part <= most && take_digits(text, 2);
}

bool is_timestamp(std::string_view text) {
    if (text.size() < 8 || text[4] != '-' || !take_digits(text, 4)) return false;
    if (!take(text, "-") || !take_part(text, 12) || !take(text, "-") || !take_part(text, 31))
        return false;
    if (text.empty()) return true;
    const bool has_zone = take(text, "Tt");
    if ((!has_zone && !take(text, " ")) || !take_time(text)) return false;
    if (!has_zone || text == "Z") return text.empty() == !has_zone;
    return take(text, "+-") && take_digits(text, 2) && take(text, ":") && take_digits(text, 2) &&
           text.empty();
}

// What older readers took for a number in base 60, such as 12:30.
bool is_base_60(std::string_view text) {
    take(text, "+-");
    if (text.empty() || !is_digit(text[0])) return false;
    text.remove_prefix(std::min(text.find_first_not_of("0123456789_"), text.size()));
    if (text.empty()) return false;
    while (take(text, ":")) {
        const bool is_long = text.size() > 1 && is_digit(text[1]);
        if ((is_long && text[0] > '5') || !take_digits(text, 2)) return false;
    }
    return !take(text, ".") ? text.empty()
                            : text.find_first_not_of("0123456789_") == std::string_view::npos;
}

// What a reader of YAML takes for something else than a string: booleans, null, numbers, dates.
bool reads_as_other(std::string_view text) {
    constexpr std::string_view kWords[] = {
        "",      "~",     "null",  "Null",  "NULL",  "true",  "True", "TRUE", "false", "False",
        "FALSE", "y",     "Y",     "yes",   "Yes",   "YES",   "n",    "N",    "no",    "No",
        "NO",    "on",    "On",    "ON",    "off",   "Off",   "OFF",  ".inf", ".Inf",  ".INF",
        "-.inf", "-.Inf", "-.INF", "+.inf", "+.Inf", "+.INF", ".nan", ".NaN", ".NAN"};
    if (std::ranges::find(kWords, text) != std::end(kWords)) return true;
    if (text[0] == '.') return is_float(std::string(text));
    if (std::string_view("0123456789+-").find(text[0]) == std::string_view::npos) return false;
    std::string plain(text);
    std::erase(plain, '_');
    return is_float(plain) || is_based_integer(plain) || is_timestamp(text) || is_base_60(text);
}

// How a string may be written.
struct Styles {
    bool plain = true;
    bool single_quoted = true;
    bool block = true;
};

constexpr std::string_view kNextLine = "\xC2\x85";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// What ends a line besides '\n', and is written as it is: U+2028 and U+2029.
constexpr std::string_view kSeparators[] = {"\xE2\x80\xA8", "\xE2\x80\xA9"};

bool begins_with_break(std::string_view text) {
    return text.starts_with('\n') || text.starts_with(kSeparators[0]) ||
           text.starts_with(kSeparators[1]);
}
bool ends_with_break(std::string_view text) {
    return text.ends_with('\n') || text.ends_with(kSeparators[0]) || text.ends_with(kSeparators[1]);
}
bool has_separator(std::string_view text) {
    return text.contains(kSeparators[0]) || text.contains(kSeparators[1]);
}

// What go-yaml writes as it is.
bool is_printable(const text::CodePoint& point) {
    if (!point.valid || point.value > 0xFFFF) return false;
    const bool is_ascii = point.value == '\n' || (point.value >= 0x20 && point.value < 0x7F);
    return is_ascii || (point.value >= 0xA0 && point.value != 0xFEFF && point.value < 0xFFFE);
}

// Whether a space stands right before a break, or right behind one.
bool has_space_before_break(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ' ' && begins_with_break(text.substr(i + 1))) return true;
    }
    return false;
}
bool has_space_behind_break(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == ' ' && ends_with_break(text.substr(0, i))) return true;
    }
    return false;
}

Styles styles_of(std::string_view text) {
    constexpr std::string_view kIndicators = "#,[]{}&*!|>'\"%@`";
    Styles styles;
    if (text.empty()) return {true, true, false};
    const auto is_end = [&](std::size_t i) {
        return i >= text.size() || text[i] == ' ' || text[i] == '\t' ||
               begins_with_break(text.substr(i));
    };
    const bool is_marked =
        kIndicators.find(text[0]) != std::string_view::npos || text.starts_with("---") ||
        text.starts_with("...") ||
        (std::string_view("?:-").find(text[0]) != std::string_view::npos && is_end(1));
    const bool has_edges = text.front() == ' ' || text.back() == ' ';
    const bool has_breaks = text.contains('\n') || has_separator(text);
    styles.plain = !is_marked && !has_edges && !has_breaks;
    styles.block = text.back() != ' ';
    if (has_space_before_break(text)) styles = {false, false, false};
    if (has_space_behind_break(text)) styles.plain = styles.single_quoted = false;
    for (std::size_t i = 1; i < text.size(); ++i) {
        const bool is_comment =
            text[i] == '#' && (is_end(i - 1) || ends_with_break(text.substr(0, i)));
        if (is_comment || (text[i] == ':' && is_end(i + 1))) styles.plain = false;
    }
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        if (point.value == '\t') {
            styles.plain = styles.single_quoted = false;
        } else if (!is_printable(point)) {
            styles = {false, false, false};
        }
        text.remove_prefix(point.width);
    }
    return styles;
}

// A double as Go writes it with the fewest digits and `%g`.
std::string shortest(double number) {
    char buffer[40];
    const auto written =
        std::to_chars(std::begin(buffer), std::end(buffer), number, std::chars_format::scientific);
    std::string text(buffer, written.ptr);
    const int exponent = std::atoi(text.c_str() + text.find('e') + 1);
    if (exponent < -4 || exponent >= 6) return text;
    const auto fixed =
        std::to_chars(std::begin(buffer), std::end(buffer), number, std::chars_format::fixed);
    return std::string(buffer, fixed.ptr);
}

// A number as it is once a reader of YAML has read it: an integer of 64 bits, or a double.
std::string number_text(const Value& value) {
    std::string text;
    append_term_text(text, value);
    if (text.find_first_of(".eE") == std::string::npos) {
        if (text == "-0") return "0";
        std::uint64_t magnitude = 0;
        const char* begin = text.data() + (text[0] == '-' ? 1 : 0);
        const auto read = std::from_chars(begin, text.data() + text.size(), magnitude);
        const bool fits =
            read.ec == std::errc() && (text[0] != '-' || magnitude <= std::uint64_t{1} << 63);
        if (fits) return text;
    }
    const double number = std::strtod(text.c_str(), nullptr);
    return std::isfinite(number) ? shortest(number) : text;
}

bool is_letter(std::uint32_t point) {
    if (point < 0x80) return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z');
    const auto letters = match::find_unicode_table("L");
    const auto behind = std::ranges::upper_bound(*letters, static_cast<char32_t>(point), {},
                                                 [](const auto& range) { return range.low; });
    return behind != letters->begin() && point <= std::prev(behind)->high;
}
bool is_digit_point(std::uint32_t point) { return point >= '0' && point <= '9'; }

std::vector<std::uint32_t> points_of(std::string_view text) {
    std::vector<std::uint32_t> points;
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        points.push_back(point.value);
        text.remove_prefix(point.width);
    }
    return points;
}

// The digits from `at` on as a number behind `number`, and where they end. go-yaml counts in 64
// bits, and what does not fit begins again at the least number.
std::pair<std::int64_t, std::size_t> digits_at(const std::vector<std::uint32_t>& points,
                                               std::size_t at, std::uint64_t number) {
    while (at < points.size() && is_digit_point(points[at])) {
        number = number * 10 + (points[at] - '0');
        ++at;
    }
    return {static_cast<std::int64_t>(number), at};
}

// go-yaml's order of keys: numbers inside of them by what they are worth, letters behind the rest.
// Not quite an order, as there: a sort that relies on one is not for it.
bool goes_before(const std::vector<std::uint32_t>& left, const std::vector<std::uint32_t>& right) {
    const std::size_t both = std::min(left.size(), right.size());
    std::size_t at = 0;
    while (at < both && left[at] == right[at]) ++at;
    if (at == both) return left.size() < right.size();
    const bool left_letter = is_letter(left[at]);
    const bool right_letter = is_letter(right[at]);
    if (left_letter && right_letter) return left[at] < right[at];
    if (left_letter || right_letter) {
        const bool behind_digits = at > 0 && is_digit_point(left[at - 1]);
        return behind_digits ? left_letter : right_letter;
    }
    std::uint64_t before = 0;
    if (left[at] == '0' || right[at] == '0') {
        for (std::size_t i = at; i > 0 && is_digit_point(left[i - 1]) && before == 0; --i)
            before = left[i - 1] != '0' ? 1 : 0;
    }
    const auto [left_number, left_end] = digits_at(left, at, before);
    const auto [right_number, right_end] = digits_at(right, at, before);
    if (left_number != right_number) return left_number < right_number;
    return left_end != right_end ? left_end < right_end : left[at] < right[at];
}

std::vector<std::size_t> order_of_keys(const Value& object) {
    std::vector<std::vector<std::uint32_t>> keys;
    std::vector<std::size_t> order;
    for (const Value& key : object.keys()) {
        order.push_back(keys.size());
        keys.push_back(points_of(key.as_string()));
    }
    std::ranges::stable_sort(order, [&](std::size_t left, std::size_t right) {
        return goes_before(keys[left], keys[right]);
    });
    return order;
}

class Writer {
  public:
    std::string out;

    void document(const Value& value) {
        block(value, 0, Place::kLineStart);
        if (!out.ends_with('\n')) out += '\n';
    }

  private:
    enum class Place : std::uint8_t { kLineStart, kBehindKey, kBehindDash };

    void block(const Value& value, std::size_t indent, Place place) {
        if (out.size() > kMaxTextBytes) return;
        if (value.is_object() && value.size() > 0) {
            if (place == Place::kBehindKey) out += '\n';
            for (const std::size_t i : order_of_keys(value)) {
                if (place != Place::kBehindDash) out.append(indent, ' ');
                place = Place::kLineStart;
                member(value.keys()[i].as_string(), value.values()[i], indent);
            }
        } else if (value.is_array() && value.size() > 0) {
            if (place == Place::kBehindKey) out += '\n';
            for (const Value& item : value.items()) {
                if (place != Place::kBehindDash) out.append(indent, ' ');
                place = Place::kLineStart;
                out += "- ";
                block(item, indent + 2, Place::kBehindDash);
                end_line();
            }
        } else {
            scalar(value, indent);
        }
    }
    void member(std::string_view key, const Value& value, std::size_t indent) {
        constexpr std::size_t kMaxSimpleKey = 128;
        const bool has_breaks = key.contains('\n') || key.contains('\r') || has_separator(key);
        if (!has_breaks && key.size() <= kMaxSimpleKey) {
            string(key, indent);
            out += ':';
            const bool is_block = (value.is_object() || value.is_array()) && value.size() > 0;
            if (!is_block) out += ' ';
            block(value, indent + 2, Place::kBehindKey);
        } else {
            out += "? ";
            string(key, indent + 2);
            end_line();
            out.append(indent, ' ');
            out += ": ";
            block(value, indent + 2, Place::kBehindDash);
        }
        end_line();
    }
    void end_line() {
        if (!out.ends_with('\n')) out += '\n';
    }
    void scalar(const Value& value, std::size_t indent) {
        if (value.is_string()) return string(value.as_string(), indent);
        if (value.is_object()) {
            out += "{}";
        } else if (value.is_array()) {
            out += "[]";
        } else if (value.is_number()) {
            out += number_text(value);
        } else {
            append_term_text(out, value);
        }
    }
    void string(std::string_view given, std::size_t indent) {
        const std::string text = folded(text::to_valid_utf8(given));
        const Styles styles = styles_of(text);
        if (text.find('\n') != std::string_view::npos) {
            return styles.block ? literal(text, indent) : double_quoted(text);
        }
        if (reads_as_other(text)) return double_quoted(text);
        if (styles.plain) {
            out += text;
        } else if (styles.single_quoted) {
            out += '\'';
            for (std::size_t i = 0; i < text.size(); ++i) {
                if (i > 0)
                    indent_behind_separator(std::string_view(text).substr(0, i),
                                            std::string_view(text).substr(i), indent);
                if (text[i] == '\'') out += '\'';
                out += text[i];
            }
            out += '\'';
        } else {
            double_quoted(text);
        }
    }
    // What follows a line is indented, also behind a separator.
    void indent_behind_separator(std::string_view before, std::string_view behind,
                                 std::size_t indent) {
        const bool is_behind = before.ends_with(kSeparators[0]) || before.ends_with(kSeparators[1]);
        if (is_behind && !begins_with_break(behind)) {
            out.append(std::max<std::size_t>(indent, 2), ' ');
        }
    }
    // What a reader makes of U+0085 in a quoted text, which is how OPA hands texts to its writer:
    // a space, or of several all but one as line breaks.
    static std::string folded(const std::string& text) {
        if (!text.contains(kNextLine)) return text;
        std::string out;
        std::string_view rest = text;
        while (true) {
            const std::size_t at = rest.find(kNextLine);
            out += rest.substr(0, at);
            if (at == std::string_view::npos) return out;
            out.erase(out.find_last_not_of(' ') + 1);
            std::size_t breaks = 0;
            for (rest.remove_prefix(at); rest.starts_with(kNextLine); ++breaks) {
                rest.remove_prefix(kNextLine.size());
                rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
            }
            out += breaks == 1 ? " " : std::string(breaks - 1, '\n');
        }
    }
    void double_quoted(std::string_view text) {
        // go-yaml asks of each character whether the text begins with a byte order mark.
        const bool escapes_all = text.starts_with(kByteOrderMark);
        constexpr std::string_view kEscaped("\0\a\b\t\n\v\f\r\x1B\"\\", 11);
        constexpr std::string_view kLetters = "0abtnvfre\"\\";
        out += '"';
        while (!text.empty()) {
            const text::CodePoint point = text::decode_utf8(text);
            const std::string_view raw = text.substr(0, point.width);
            text.remove_prefix(point.width);
            const std::size_t known = raw.size() == 1 ? kEscaped.find(raw[0]) : kEscaped.npos;
            if (known != kEscaped.npos) {
                out += '\\';
                out += kLetters[known];
            } else if (is_printable(point) && !escapes_all && !begins_with_break(raw)) {
                out += raw;
            } else {
                escaped(point.value);
            }
        }
        out += '"';
    }
    void escaped(std::uint32_t point) {
        if (point == 0x85) {
            out += "\\N";
        } else if (point == 0x2028) {
            out += "\\L";
        } else if (point == 0x2029) {
            out += "\\P";
        } else {
            const int digits = point <= 0xFF ? 2 : point <= 0xFFFF ? 4 : 8;
            out += digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
            for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
                out += "0123456789ABCDEF"[(point >> shift) & 0xF];
        }
    }
    void literal(std::string_view text, std::size_t indent) {
        out += '|';
        if (text.starts_with(' ') || begins_with_break(text)) out += '2';
        if (!ends_with_break(text)) {
            out += '-';
        } else {
            const std::size_t last = text.ends_with('\n') ? 1 : kSeparators[0].size();
            const std::string_view before = text.substr(0, text.size() - last);
            if (before.empty() || ends_with_break(before)) out += '+';
        }
        if (text.ends_with('\n')) text.remove_suffix(1);
        while (true) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            out += '\n';
            if (end > 0) out.append(std::max<std::size_t>(indent, 2), ' ');
            for (std::size_t i = 0; i < end; ++i) {
                if (i > 0) indent_behind_separator(text.substr(0, i), text.substr(i), indent);
                out += text[i];
            }
            if (end == text.size()) break;
            text.remove_prefix(end + 1);
        }
        out += '\n';
    }
};

}  // namespace

namespace {

bool has_next_line_in_key(const Value& value) {
    if (value.is_array()) return std::ranges::any_of(value.items(), has_next_line_in_key);
    if (!value.is_object()) return false;
    return std::ranges::any_of(
               value.keys(),
               [](const Value& key) { return key.as_string().contains(kNextLine); }) ||
           std::ranges::any_of(value.values(), has_next_line_in_key);
}

bool is_readable(const Value& value) {
    if (value.is_string()) {
        std::string_view text = value.as_string();
        while (!text.empty()) {
            const text::CodePoint point = text::decode_utf8(text);
            const bool is_control =
                (point.value >= 0x7F && point.value < 0xA0) && point.value != 0x85;
            if (point.valid && (is_control || point.value == 0xFFFE || point.value == 0xFFFF)) {
                return false;
            }
            text.remove_prefix(point.width);
        }
        return true;
    }
    if (value.is_array()) return std::ranges::all_of(value.items(), is_readable);
    if (!value.is_object()) return true;
    return std::ranges::all_of(value.keys(), is_readable) &&
           std::ranges::all_of(value.values(), is_readable);
}

}  // namespace

std::string_view why_not_yaml(const Value& value) {
    if (!is_readable(value)) return "control characters are not allowed";
    if (has_next_line_in_key(value)) return "line 1: did not find expected ',' or '}'";
    return {};
}

std::string yaml_text(const Value& value) {
    Writer writer;
    writer.document(value);
    return std::move(writer.out);
}

}  // namespace merlon::rego
