#include "rego/syntax/annotation_types.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>

namespace merlon::rego::syntax {
namespace {

using value::Value;

// Longer texts are cut.
constexpr std::size_t kMaxShown = 10;
constexpr std::size_t kShownOfLong = 7;

class TypeErrors {
  public:
    TypeErrors(const value::SpanTable& spans, std::string_view yaml) : spans_(spans), yaml_(yaml) {}

    void block(const Value& root);
    std::vector<AnnotationTypeError> take() { return std::move(found_); }

  private:
    void field(std::string_view name, const Value& value);
    void add(const Value& value, std::string_view wanted);
    void text(const Value& value) {
        if (value.is_array() || value.is_object()) add(value, "string");
    }
    void truth(const Value& value) {
        const bool is_word = value.is_string() && truth_of_word(value.as_string()) >= 0;
        if (!value.is_boolean() && !is_word) add(value, "bool");
    }
    void map(const Value& value) {
        if (!value.is_object()) return add(value, "map[string]interface {}");
        for (const Value& member : value.values()) key(member);
    }
    // A key that is a list or a mapping; the value has its text.
    void key(const Value& member);
    std::size_t line_of(std::size_t begin) const {
        return static_cast<std::size_t>(std::ranges::count(yaml_.substr(0, begin), '\n')) + 1;
    }

    const value::SpanTable& spans_;
    std::string_view yaml_;
    std::vector<AnnotationTypeError> found_;
};

void TypeErrors::add(const Value& value, std::string_view wanted) {
    const auto span = spans_.value_span(&value);
    const std::size_t begin = span ? std::min(span->begin, yaml_.size()) : 0;
    std::string_view written = yaml_.substr(begin, span ? span->end - begin : 0);
    std::string shown;
    if (value.is_array()) {
        shown = "!!seq";
    } else if (value.is_object()) {
        shown = "!!map";
    } else {
        shown = "!!str";
        if (value.is_boolean()) shown = "!!bool";
        if (value.is_number()) {
            shown = written.find_first_of(".eE") == std::string_view::npos ? "!!int" : "!!float";
        }
        if (value.is_string()) written = value.as_string();
        const bool is_long = written.size() > kMaxShown;
        shown += " `" + std::string(written.substr(0, is_long ? kShownOfLong : kMaxShown)) +
                 (is_long ? "...`" : "`");
    }
    found_.push_back(
        {line_of(begin), "cannot unmarshal " + shown + " into " + std::string(wanted)});
}

void TypeErrors::key(const Value& member) {
    const auto span = spans_.key_span(&member);
    if (!span || span->begin >= yaml_.size()) return;
    const char first = yaml_[span->begin];
    if (first != '[' && first != '{') return;
    found_.push_back(
        {line_of(span->begin),
         std::string("cannot unmarshal ") + (first == '[' ? "!!seq" : "!!map") + " into string"});
}

void TypeErrors::field(std::string_view name, const Value& value) {
    if (value.is_null()) return;
    if (name == "scope" || name == "title" || name == "description") return text(value);
    if (name == "entrypoint") return truth(value);
    if (name == "compile" || name == "custom" || name == "labels") return map(value);
    const bool has_texts = name == "organizations";
    const bool has_maps = name == "schemas";
    if (!has_texts && !has_maps && name != "related_resources" && name != "authors") return;
    if (!value.is_array()) {
        return add(value, has_texts  ? "[]string"
                          : has_maps ? "[]map[string]interface {}"
                                     : "[]interface {}");
    }
    for (const Value& item : value.items()) {
        if (item.is_null()) continue;
        if (has_texts) text(item);
        if (has_maps) map(item);
    }
}

void TypeErrors::block(const Value& root) {
    if (root.is_null()) return;
    if (!root.is_object()) return add(root, "ast.rawAnnotation");
    // Objects have their keys in an order of their own; go-yaml goes through them as they stand.
    std::vector<std::size_t> order(root.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](std::size_t i) {
        const auto span = spans_.value_span(&root.values()[i]);
        return span ? span->begin : kNoOffset;
    });
    for (const std::size_t i : order) {
        if (root.keys()[i].is_string()) field(root.keys()[i].as_string(), root.values()[i]);
    }
}

}  // namespace

std::string go_shown(const Value& value) {
    if (value.is_string()) return std::string(value.as_string());
    if (value.is_null()) return "%!s(<nil>)";
    if (value.is_boolean()) return value.as_boolean() ? "%!s(bool=true)" : "%!s(bool=false)";
    if (value.is_number()) {
        const std::string text = value.number_text();
        const bool is_float = text.find_first_of(".eE") != std::string::npos;
        return std::string("%!s(") + (is_float ? "float64=" : "int=") + text + ")";
    }
    std::string shown = value.is_array() ? "[" : "map[";
    const auto parts = value.is_array() ? value.items() : value.values();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) shown += ' ';
        if (value.is_object()) shown += go_shown(value.keys()[i]) + ":";
        shown += go_shown(parts[i]);
    }
    return shown + "]";
}

int truth_of_word(std::string_view word) {
    constexpr std::string_view kYes[] = {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"};
    constexpr std::string_view kNo[] = {"n", "N", "no", "No", "NO", "off", "Off", "OFF"};
    if (std::ranges::find(kYes, word) != std::end(kYes)) return 1;
    return std::ranges::find(kNo, word) != std::end(kNo) ? 0 : -1;
}

namespace {

// Reads what is written from its begin on.
class TimeScanner {
  public:
    explicit TimeScanner(std::string_view text) : rest_(text) {}

    std::optional<unsigned> number(std::size_t fewest, std::size_t most) {
        const std::size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        const std::size_t taken = std::min(digits, most);
        if (taken < fewest) return std::nullopt;
        unsigned number = 0;
        for (const char c : rest_.substr(0, taken))
            number = number * 10 + static_cast<unsigned>(c - '0');
        rest_.remove_prefix(taken);
        return number;
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    // Of a second, with its point and without zeros behind it; nine digits count.
    std::string fraction() {
        if (!rest_.starts_with('.') && !rest_.starts_with(',')) return {};
        const std::size_t end = std::min(rest_.find_first_not_of("0123456789", 1), rest_.size());
        std::string digits(rest_.substr(1, std::min(end - 1, std::size_t{9})));
        if (digits.empty()) return {};
        rest_.remove_prefix(end);
        while (digits.ends_with('0')) digits.pop_back();
        return digits.empty() ? digits : "." + digits;
    }
    bool is_at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

std::optional<std::string> offset_of(TimeScanner& scanner) {
    if (scanner.take('Z')) return "Z";
    const bool is_before = scanner.take('-');
    if (!is_before && !scanner.take('+')) return std::nullopt;
    const auto hours = scanner.number(2, 2);
    const auto minutes = scanner.take(':') ? scanner.number(2, 2) : std::nullopt;
    if (!hours || !minutes || *hours > 24 || *minutes > 59) return std::nullopt;
    if (*hours == 0 && *minutes == 0) return "Z";
    return fmt::format("{}{:02}:{:02}", is_before ? '-' : '+', *hours, *minutes);
}

// What go-yaml takes for a time, as Go's encoding/json writes it (RFC 3339); nothing where the text
// is none.
std::optional<std::string> written_time(std::string_view text) {
    TimeScanner scanner(text);
    const auto year = scanner.number(4, 4);
    const auto month = year && scanner.take('-') ? scanner.number(1, 2) : std::nullopt;
    const auto day = month && scanner.take('-') ? scanner.number(1, 2) : std::nullopt;
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(*month), std::chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    const std::string shown = fmt::format("{:04}-{:02}-{:02}", *year, *month, *day);
    if (scanner.is_at_end()) return shown + "T00:00:00Z";
    const bool has_zone = scanner.take('T') || scanner.take('t');
    if (!has_zone && !scanner.take(' ')) return std::nullopt;
    const auto hour = scanner.number(1, 2);
    const auto minute = hour && scanner.take(':') ? scanner.number(1, 2) : std::nullopt;
    const auto second = minute && scanner.take(':') ? scanner.number(1, 2) : std::nullopt;
    if (!second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    const std::string fraction = scanner.fraction();
    const auto offset = has_zone ? offset_of(scanner) : std::optional<std::string>("Z");
    if (!offset || !scanner.is_at_end()) return std::nullopt;
    return fmt::format("{}T{:02}:{:02}:{:02}{}{}", shown, *hour, *minute, *second, fraction,
                       *offset);
}

// As encoding/json writes a float64: with an exponent below 1e-6 and from 1e21 on.
std::string float_text(double number) {
    std::array<char, 64> room{};
    const double magnitude = std::abs(number);
    const bool is_plain = magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e21);
    const auto format = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
    std::string text(room.data(),
                     std::to_chars(room.data(), room.data() + room.size(), number, format).ptr);
    // "e-07" becomes "e-7".
    if (const std::size_t at = text.find("e-0"); at != std::string::npos) text.erase(at + 2, 1);
    return text;
}

// What is no int and no uint64 is a float64; what is beyond that stays a text.
Value go_number(const Value& number, value::Builder& values) {
    value::NumberRoom room;
    const std::string_view text = number.number_text(room);
    std::uint64_t whole = 0;
    const auto [stopped, failed] = std::from_chars(text.data(), text.data() + text.size(), whole);
    const bool is_whole = failed == std::errc{} && stopped == text.data() + text.size();
    if (number.is_plain_integer() || is_whole) return number;
    const double nearest = number.as_double();
    if (!std::isfinite(nearest)) return values.string(text);
    return values.number(float_text(nearest)).value_or(number);
}

}  // namespace

Value as_go_has_it(const Value& value, const value::ValueDocument& document, std::string_view yaml,
                   value::Builder& values) {
    if (value.is_string()) {
        const auto span = document.spans.value_span(&value);
        // In quotes it is no time.
        const bool is_plain =
            span && span->end <= yaml.size() &&
            yaml.substr(span->begin, span->end - span->begin) == value.as_string();
        const auto time = is_plain ? written_time(value.as_string()) : std::nullopt;
        return time ? values.string(*time) : value;
    }
    if (value.is_number()) return go_number(value, values);
    if (value.is_array()) {
        std::vector<Value> items;
        for (const Value& item : value.items()) {
            items.push_back(as_go_has_it(item, document, yaml, values));
        }
        return values.array(items);
    }
    if (!value.is_object()) return value;
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < value.size(); ++i) {
        entries.emplace_back(value.keys()[i],
                             as_go_has_it(value.values()[i], document, yaml, values));
    }
    return values.object(entries);
}

std::vector<AnnotationTypeError> find_annotation_type_errors(const value::ValueDocument& document,
                                                             std::string_view yaml) {
    TypeErrors errors(document.spans, yaml);
    errors.block(*document.root);
    return errors.take();
}

}  // namespace merlon::rego::syntax
