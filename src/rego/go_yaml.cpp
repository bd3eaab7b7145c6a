#include "rego/go_yaml.h"

#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rego/go_time.h"
#include "rego/number.h"
#include "rego/term.h"
#include "templates/go_printf.h"
#include "text/yaml.h"

namespace merlon::rego {
namespace {

using value::Value;

// %#v of what go-yaml has read, as a part of something.
std::string go_syntax(const Value& value) {
    std::string text;
    const auto list = [&](std::string_view type, std::span<const Value> parts) {
        text += std::string(type) + "{";
        for (std::size_t i = 0; i < parts.size(); ++i) {
            text += (i > 0 ? ", " : "") + go_syntax(parts[i]);
        }
        text += "}";
    };
    if (value.is_null()) return "interface {}(nil)";
    if (value.is_string()) {
        append_go_quoted(text, value.as_string());
    } else if (value.is_array()) {
        list("[]interface {}", value.items());
    } else if (value.is_object()) {
        text = "map[string]interface {}{";
        for (std::size_t i = 0; i < value.size(); ++i) {
            text += i > 0 ? ", " : "";
            text += go_syntax(value.keys()[i]) + ":" + go_syntax(value.values()[i]);
        }
        text += "}";
    } else {
        append_term_text(text, value);
    }
    return text;
}

// %#v of a value that stands alone.
std::string shown_value(const Value& value) { return value.is_null() ? "<nil>" : go_syntax(value); }

// Whether Go has an int or a uint64 for it.
bool is_go_integer(const Value& number, std::string_view text) {
    constexpr std::string_view kLargest = "18446744073709551615";
    if (text.find_first_of(".eE") != std::string_view::npos) return false;
    if (number.as_integer()) return true;
    return !text.starts_with('-') &&
           (text.size() < kLargest.size() || (text.size() == kLargest.size() && text <= kLargest));
}

// What is beyond Go's numbers stays a text.
Value go_number(value::Builder& values, const Value& number) {
    const std::string text = number.number_text();
    if (is_go_integer(number, text)) return number;
    const double nearest = number.as_double();
    if (!std::isfinite(nearest)) return values.string(text);
    return number_value(values, nearest);
}

// A key's text: of a float that of a float32.
std::string key_text(const Value& key) {
    if (key.is_boolean()) return key.as_boolean() ? "true" : "false";
    if (key.is_string()) {
        const std::string_view text = key.as_string();
        if (!text.starts_with(text::kInfinityMark)) return std::string(text);
        return text.ends_with("NaN") ? ".nan" : text.ends_with("+Inf") ? ".inf" : "-.inf";
    }
    std::string text = key.number_text();
    const double nearest = key.as_double();
    if (is_go_integer(key, text) || !std::isfinite(nearest)) return text;
    return templates::go_float_text({nearest, true}, 'g', -1);
}

// A time as go-yaml reads it, and where its zone lies.
struct YamlTime {
    Instant instant;
    int offset_seconds = 0;
};

// Four digits and '-', and one of go-yaml's layouts.
std::optional<YamlTime> read_yaml_time(std::string_view text) {
    constexpr std::string_view kLayouts[] = {"2006-1-2T15:4:5.999999999Z07:00",
                                             "2006-1-2t15:4:5.999999999Z07:00",
                                             "2006-1-2 15:4:5.999999999", "2006-1-2"};
    if (text.find_first_not_of("0123456789") != 4 || text[4] != '-') return std::nullopt;
    for (const std::string_view layout : kLayouts) {
        const auto instant = parse_time(layout, text);
        if (!instant.ok()) continue;
        YamlTime time{instant.value()};
        const std::size_t sign = text.find_first_of("+-", 8);
        if (layout.ends_with("Z07:00") && sign != std::string_view::npos) {
            const auto number = [&](std::size_t at) {
                return (text[at] - '0') * 10 + (text[at + 1] - '0');
            };
            time.offset_seconds = number(sign + 1) * 3'600 + number(sign + 4) * 60;
            if (text[sign] == '-') time.offset_seconds = -time.offset_seconds;
        }
        return time;
    }
    return std::nullopt;
}

CivilTime civil_of(const YamlTime& time) {
    Instant shifted = time.instant;
    shifted.seconds += time.offset_seconds;
    CivilTime civil = civil_time(shifted, Zone());
    civil.offset_seconds = time.offset_seconds;
    return civil;
}

// The text behind text::kTimestampMark as a time, or go-yaml's error.
Result<YamlTime> marked_time(std::string_view marked) {
    const std::size_t space = marked.find(' ');
    const std::string_view text = marked.substr(space + 1);
    if (const auto time = read_yaml_time(text)) return *time;
    return Error{"yaml: cannot decode !!" + std::string(marked.substr(1, space - 1)) + " `" +
                 std::string(text) + "` as a !!timestamp"};
}

// No key is a time; %#v tells which.
Error time_key(const YamlTime& time, const Value& value) {
    const CivilTime civil = civil_of(time);
    const std::string date = std::to_string(civil.year) + ", time." +
                             format_time(civil, "January") + ", " + std::to_string(civil.day) +
                             ", " + std::to_string(civil.hour) + ", " +
                             std::to_string(civil.minute) + ", " + std::to_string(civil.second) +
                             ", " + std::to_string(civil.nanosecond) + ", time.UTC";
    return Error{"unsupported map key of type: time.Time, key: time.Date(" + date +
                 "), value: " + shown_value(value)};
}

// go-yaml refuses these keys while it reads, before anybody looks at others.
Status check_hashable(const Value& value) {
    const std::span<const Value> below = value.is_array()    ? value.items()
                                         : value.is_object() ? value.values()
                                                             : std::span<const Value>();
    for (std::size_t i = 0; i < below.size(); ++i) {
        if (value.is_object() && (value.keys()[i].is_array() || value.keys()[i].is_object())) {
            return Error{"yaml: invalid map key: " + go_syntax(value.keys()[i])};
        }
        MERLON_TRY(check_hashable(below[i]));
    }
    return {};
}

// The document as JSON has it: keys are texts, and what no key can be is an error. What JSON has no
// word for is met last, when all of it is written: the first of them is put into `unwritable`.
Result<Value> go_document(value::Builder& values, const Value& value,
                          std::optional<Error>& unwritable) {
    if (value.is_number()) return go_number(values, value);
    if (value.is_string() && value.as_string().starts_with(text::kInfinityMark)) {
        if (!unwritable) {
            unwritable =
                Error{"json: unsupported value: " + std::string(value.as_string().substr(1))};
        }
        return values.null();
    }
    if (value.is_string() && value.as_string().starts_with(text::kTimestampMark)) {
        const CivilTime civil = civil_of(MERLON_TRY(marked_time(value.as_string())));
        return values.string(format_time(civil, "2006-01-02T15:04:05.999999999Z07:00"));
    }
    if (value.is_array()) {
        std::vector<Value> items;
        for (const Value& item : value.items()) {
            items.push_back(MERLON_TRY(go_document(values, item, unwritable)));
        }
        return values.array(items);
    }
    if (!value.is_object()) return value;
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const Value& key = value.keys()[i];
        if (key.is_null()) {
            return Error{"unsupported map key of type: %!s(<nil>), key: <nil>, value: " +
                         shown_value(value.values()[i])};
        }
        if (key.is_string() && key.as_string().starts_with(text::kTimestampMark)) {
            return time_key(MERLON_TRY(marked_time(key.as_string())), value.values()[i]);
        }
        entries.emplace_back(values.key(key_text(key)),
                             MERLON_TRY(go_document(values, value.values()[i], unwritable)));
    }
    return values.object(entries);
}

}  // namespace

Result<Value> read_go_yaml(std::string_view text, value::Builder& values) {
    text::YamlOptions options;
    options.schema = text::YamlSchema::kGo;
    options.duplicate_keys = text::DuplicateKeys::kLastWins;
    options.infinities = text::YamlInfinities::kMarked;
    text::GoYamlFailure failure;
    options.go_failure = &failure;
    const auto read = text::read_yaml(text, values.arena(), values.interner(), options);
    if (!read.ok()) {
        const std::string place =
            failure.line > 0 ? "line " + std::to_string(failure.line) + ": " : "";
        return Error{"yaml: " +
                     (failure.problem.empty() ? read.error().message : place + failure.problem)};
    }
    const auto& documents = read.value();
    if (documents.empty() || documents[0].root == nullptr) return values.null();
    MERLON_TRY(check_hashable(*documents[0].root));
    std::optional<Error> unwritable;
    const Value document = MERLON_TRY(go_document(values, *documents[0].root, unwritable));
    if (unwritable) return *unwritable;
    return document;
}

}  // namespace merlon::rego
