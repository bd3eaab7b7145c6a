#include "compat/conftest/proto_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

#include "base/ascii.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

constexpr std::string_view kWellKnown = "google.protobuf.";
constexpr std::int64_t kNanos = 1'000'000'000;

bool is_wrapper(std::string_view name) {
    constexpr std::string_view kWrapped[] = {"DoubleValue", "FloatValue",  "Int64Value",
                                             "UInt64Value", "Int32Value",  "UInt32Value",
                                             "BoolValue",   "StringValue", "BytesValue"};
    return std::ranges::find(kWrapped, name) != std::end(kWrapped);
}

std::int64_t whole_number(const ProtoParts& parts, std::string_view name) {
    const ProtoParts::Part* const part = parts.find(name);
    std::int64_t number = 0;
    if (part == nullptr) return 0;
    std::from_chars(part->text.data(), part->text.data() + part->text.size(), number);
    return number;
}

// ".5" as ".500": three, six or nine digits, or nothing.
std::string fraction(std::int64_t nanos) {
    if (nanos == 0) return {};
    std::string digits = std::to_string(nanos);
    digits.insert(0, 9 - digits.size(), '0');
    while (digits.ends_with("000")) digits.resize(digits.size() - 3);
    return "." + digits;
}

std::string padded(std::int64_t number, std::size_t width) {
    std::string digits = std::to_string(number);
    if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
    return digits;
}

Result<Value> timestamp(const ProtoParts& parts, value::Builder& values) {
    constexpr std::int64_t kLeast = -62'135'596'800;
    constexpr std::int64_t kMost = 253'402'300'799;
    constexpr std::int64_t kDay = 86'400;
    const std::int64_t seconds = whole_number(parts, "seconds");
    const std::int64_t nanos = whole_number(parts, "nanos");
    if (seconds < kLeast || seconds > kMost) {
        return Error{"google.protobuf.Timestamp: seconds out of range " + std::to_string(seconds)};
    }
    if (nanos < 0 || nanos >= kNanos) {
        return Error{"google.protobuf.Timestamp: nanos out of range " + std::to_string(nanos)};
    }
    const std::int64_t days = (seconds >= 0 ? seconds : seconds - (kDay - 1)) / kDay;
    const std::int64_t rest = seconds - days * kDay;
    const std::chrono::year_month_day date{
        std::chrono::sys_days(std::chrono::days(static_cast<int>(days)))};
    return values.string(padded(static_cast<int>(date.year()), 4) + "-" +
                         padded(static_cast<unsigned>(date.month()), 2) + "-" +
                         padded(static_cast<unsigned>(date.day()), 2) + "T" +
                         padded(rest / 3'600, 2) + ":" + padded(rest / 60 % 60, 2) + ":" +
                         padded(rest % 60, 2) + fraction(nanos) + "Z");
}

Result<Value> duration(const ProtoParts& parts, value::Builder& values) {
    constexpr std::int64_t kMost = 315'576'000'000;
    const std::int64_t seconds = whole_number(parts, "seconds");
    const std::int64_t nanos = whole_number(parts, "nanos");
    if (seconds < -kMost || seconds > kMost) {
        return Error{"google.protobuf.Duration: seconds out of range " + std::to_string(seconds)};
    }
    if (nanos <= -kNanos || nanos >= kNanos) {
        return Error{"google.protobuf.Duration: nanos out of range " + std::to_string(nanos)};
    }
    if ((seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) {
        return Error{"google.protobuf.Duration: signs of seconds and nanos do not match"};
    }
    const bool is_negative = seconds < 0 || nanos < 0;
    return values.string((is_negative ? "-" : "") + std::to_string(std::abs(seconds)) +
                         fraction(std::abs(nanos)) + "s");
}

// "a.foo_bar" is "a.fooBar".
Result<std::string> camel_path(std::string_view path) {
    std::string made;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '_') {
            if (path[i] >= 'A' && path[i] <= 'Z') {
                return Error{"google.protobuf.FieldMask.paths contains irreversible value \"" +
                             std::string(path) + "\""};
            }
            made += path[i];
        } else if (i + 1 < path.size() && path[i + 1] >= 'a' && path[i + 1] <= 'z') {
            made += static_cast<char>(path[++i] - 'a' + 'A');
        } else {
            return Error{"google.protobuf.FieldMask.paths contains irreversible value \"" +
                         std::string(path) + "\""};
        }
    }
    return made;
}

Result<Value> field_mask(const ProtoParts& parts, value::Builder& values) {
    std::string paths;
    if (const ProtoParts::Part* const part = parts.find("paths")) {
        for (const Value& path : part->items) {
            const std::string shown = MERLON_TRY(camel_path(path.as_string()));
            paths += (paths.empty() ? "" : ",") + shown;
        }
    }
    return values.string(paths);
}

Result<Value> any_value(const ProtoParts& parts) {
    if (parts.all.empty()) {
        return Error{"google.protobuf.Value: none of the oneof fields is set"};
    }
    const auto& [name, part] = *parts.all.begin();
    if (name == "null_value") return Value();
    const bool is_number = name == "number_value";
    if (is_number && !part.items[0].is_number()) {
        return Error{"google.protobuf.Value cannot have " + part.text + " as its number_value"};
    }
    return part.items[0];
}

Value object_of(const std::map<std::string, Value, std::less<>>& entries, value::Builder& values) {
    std::vector<value::Builder::Entry> made;
    made.reserve(entries.size());
    for (const auto& [key, value] : entries) made.emplace_back(values.key(key), value);
    return values.object(made);
}

// Nothing where the type has no form of its own.
std::optional<Result<Value>> well_known(const ProtoMessage& message, const ProtoParts& parts,
                                        value::Builder& values) {
    std::string_view name = message.name;
    if (!name.starts_with(kWellKnown)) return std::nullopt;
    name.remove_prefix(kWellKnown.size());
    if (name == "Timestamp") return timestamp(parts, values);
    if (name == "Duration") return duration(parts, values);
    if (name == "FieldMask") return field_mask(parts, values);
    if (name == "Value") return any_value(parts);
    if (name == "Struct") {
        const ProtoParts::Part* const part = parts.find("fields");
        return part == nullptr ? values.object({}) : object_of(part->entries, values);
    }
    if (name == "ListValue") {
        const ProtoParts::Part* const part = parts.find("values");
        return part == nullptr ? values.array({}) : values.array(part->items);
    }
    if (!is_wrapper(name)) return std::nullopt;
    const ProtoParts::Part* const part = parts.find("value");
    return part == nullptr ? zero_scalar(*message.find("value"), values).value : part->items[0];
}

}  // namespace

ProtoScalar float_scalar(double number, ProtoKind kind, value::Builder& values) {
    const bool is_short = kind == ProtoKind::kFloat;
    if (is_short) number = static_cast<double>(static_cast<float>(number));
    const bool is_zero = number == 0 && !std::signbit(number);
    if (std::isnan(number)) return {values.string("NaN"), "NaN", false};
    if (std::isinf(number)) {
        const std::string text = number < 0 ? "-Infinity" : "Infinity";
        return {values.string(text), text, false};
    }
    if (is_short) {
        // The shortest text of the short number, which is read as a long one.
        std::array<char, 64> text{};
        const auto end =
            std::to_chars(text.data(), text.data() + text.size(), static_cast<float>(number)).ptr;
        std::from_chars(text.data(), end, number);
    }
    return {go_number(values, number), {}, is_zero};
}

ProtoScalar enum_scalar(const ProtoEnum& of, std::int32_t number, value::Builder& values) {
    if (of.name == "google.protobuf.NullValue") return {Value(), "null", number == 0};
    const auto named = of.names.find(number);
    if (named == of.names.end()) {
        return {go_number(values, number), std::to_string(number), number == 0};
    }
    return {values.string(named->second), named->second, number == 0};
}

ProtoScalar zero_scalar(const ProtoField& field, value::Builder& values) {
    switch (field.kind) {
        case ProtoKind::kBool:
            return {values.boolean(false), "false", true};
        case ProtoKind::kInt64:
        case ProtoKind::kUint64:
            return {values.string("0"), "0", true};
        case ProtoKind::kString:
        case ProtoKind::kBytes:
            return {values.string(""), "", true};
        case ProtoKind::kEnum: {
            const auto& names = field.enumeration->names;
            const bool has_zero = names.contains(0) || names.empty();
            return enum_scalar(*field.enumeration, has_zero ? 0 : names.begin()->first, values);
        }
        default:
            return {go_number(values, 0), "0", true};
    }
}

Result<Value> message_json(const ProtoMessage& message, const ProtoParts& parts,
                           value::Builder& values) {
    if (auto known = well_known(message, parts, values)) return std::move(*known);
    std::map<std::string, Value, std::less<>> members;
    for (const auto& [name, part] : parts.all) {
        const ProtoField& field = *part.field;
        if (field.is_map) {
            if (!part.entries.empty()) members[name] = object_of(part.entries, values);
        } else if (field.is_repeated) {
            if (!part.items.empty()) members[name] = values.array(part.items);
        } else if (!part.is_zero || field.has_presence) {
            members[name] = part.items[0];
        }
    }
    return object_of(members, values);
}

Value any_json(const ProtoMessage& message, std::string_view url, const Value& inside,
               value::Builder& values) {
    std::vector<value::Builder::Entry> entries{{values.key("@type"), values.string(url)}};
    const bool has_own_form =
        message.name.starts_with(kWellKnown) && message.name != std::string(kWellKnown) + "Empty";
    if (has_own_form) {
        entries.emplace_back(values.key("value"), inside);
    } else {
        for (std::size_t i = 0; i < inside.size(); ++i) {
            entries.emplace_back(inside.keys()[i], inside.values()[i]);
        }
    }
    return values.object(entries);
}

}  // namespace merlon::compat::conftest
