#include "rego/syntax/annotation_types.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "rego/go_time.h"

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

// go-yaml's layouts of times, and how encoding/json writes one; nothing where the text is none.
std::optional<std::string> written_time(std::string_view text) {
    constexpr std::string_view kLayouts[] = {"2006-1-2T15:4:5.999999999Z07:00",
                                             "2006-1-2t15:4:5.999999999Z07:00",
                                             "2006-1-2 15:4:5.999999999", "2006-1-2"};
    constexpr std::size_t kYearDigits = 4;
    constexpr std::string_view kOffset = "+00:00";
    if (text.find_first_not_of("0123456789") != kYearDigits || text[kYearDigits] != '-') return {};
    for (const std::string_view layout : kLayouts) {
        const auto parsed = parse_time(layout, text);
        if (!parsed.ok()) continue;
        Instant instant = parsed.value();
        int offset = 0;
        if (layout.ends_with("Z07:00") && !text.ends_with('Z')) {
            const std::string_view zone = text.substr(text.size() - kOffset.size());
            const auto digits = [zone](std::size_t at) {
                return (zone[at] - '0') * 10 + (zone[at + 1] - '0');
            };
            offset = (digits(1) * 60 + digits(4)) * 60 * (zone[0] == '-' ? -1 : 1);
        }
        instant.seconds += offset;
        CivilTime local = civil_time(instant, Zone());
        local.offset_seconds = offset;
        return format_time(local, "2006-01-02T15:04:05.999999999Z07:00");
    }
    return {};
}

}  // namespace

Value with_written_times(const Value& value, const value::ValueDocument& document,
                         std::string_view yaml, value::Builder& values) {
    if (value.is_string()) {
        const auto span = document.spans.value_span(&value);
        // In quotes it is no time.
        const bool is_plain =
            span && span->end <= yaml.size() &&
            yaml.substr(span->begin, span->end - span->begin) == value.as_string();
        const auto time = is_plain ? written_time(value.as_string()) : std::nullopt;
        return time ? values.string(*time) : value;
    }
    if (value.is_array()) {
        std::vector<Value> items;
        for (const Value& item : value.items()) {
            items.push_back(with_written_times(item, document, yaml, values));
        }
        return values.array(items);
    }
    if (!value.is_object()) return value;
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < value.size(); ++i) {
        entries.emplace_back(value.keys()[i],
                             with_written_times(value.values()[i], document, yaml, values));
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
