#include "compat/conftest/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/ascii.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

// The fewest digits that read back as the same number: 0.d1d2… * 10^point.
struct Digits {
    std::string digits;
    int point = 0;
};

Digits shortest(double number) {
    std::array<char, 64> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(number),
                                   std::chars_format::scientific)
                         .ptr;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const std::size_t mark = text.find('e');
    Digits made;
    for (const char c : text.substr(0, mark)) {
        if (c != '.') made.digits += c;
    }
    while (made.digits.size() > 1 && made.digits.back() == '0') made.digits.pop_back();
    int exponent = 0;
    const char* first = text.data() + mark + 1;
    if (*first == '+') ++first;
    std::from_chars(first, text.data() + text.size(), exponent);
    made.point = number == 0 ? 1 : exponent + 1;
    return made;
}

std::string with_exponent(const Digits& digits) {
    std::string text = digits.digits.substr(0, 1);
    if (digits.digits.size() > 1) text += "." + digits.digits.substr(1);
    const int exponent = digits.point - 1;
    const std::string power = std::to_string(std::abs(exponent));
    return text + "e" + (exponent < 0 ? "-" : "+") + (power.size() < 2 ? "0" : "") + power;
}

std::string plain(const Digits& digits) {
    const int count = static_cast<int>(digits.digits.size());
    if (digits.point <= 0) {
        return "0." + std::string(static_cast<std::size_t>(-digits.point), '0') + digits.digits;
    }
    if (digits.point >= count) {
        return digits.digits + std::string(static_cast<std::size_t>(digits.point - count), '0');
    }
    return digits.digits.substr(0, static_cast<std::size_t>(digits.point)) + "." +
           digits.digits.substr(static_cast<std::size_t>(digits.point));
}

// The value with each part that holds no others as `leaf` gives it.
template <typename Leaf>
Value rebuilt(const Value& value, value::Builder& values, const Leaf& leaf) {
    if (value.is_array()) {
        std::vector<Value> items;
        for (const Value& item : value.items()) items.push_back(rebuilt(item, values, leaf));
        return values.array(items);
    }
    if (value.is_object()) {
        std::vector<value::Builder::Entry> entries;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const Value& key = value.keys()[i];
            entries.emplace_back(key.is_string() ? values.key(key.as_string()) : leaf(key),
                                 rebuilt(value.values()[i], values, leaf));
        }
        return values.object(entries);
    }
    return leaf(value);
}

// encoding/json: exponents for what is very small or large, with one digit where one does.
std::string go_json_text(double number) {
    const Digits digits = shortest(number);
    const int exponent = digits.point - 1;
    std::string text = std::signbit(number) ? "-" : "";
    if (number == 0 || (exponent >= -6 && exponent < 21)) return text + plain(digits);
    text += with_exponent(digits);
    // "1e-09" is "1e-9".
    const std::size_t mark = text.find("e-0");
    if (mark != std::string::npos) text.erase(mark + 2, 1);
    return text;
}

}  // namespace

std::string_view trim_go_start(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kGoSpaces), text.size()));
    return text;
}

std::string_view trim_go(std::string_view text) {
    text = trim_go_start(text);
    return text.substr(0, text.find_last_not_of(kGoSpaces) + 1);
}

std::string go_general_text(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Inf" : "+Inf";
    const Digits digits = shortest(number);
    const int exponent = digits.point - 1;
    const bool is_plain = number == 0 || (exponent >= -4 && exponent < 6);
    return (std::signbit(number) ? "-" : "") + (is_plain ? plain(digits) : with_exponent(digits));
}

Value go_number(value::Builder& values, double number) {
    return values.number(go_general_text(number)).value_or(Value());
}

std::optional<double> parse_go_float(std::string_view text) {
    std::string_view digits = text;
    if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
    for (const std::string_view name : {"inf", "infinity", "nan"}) {
        if (!equal_without_case(digits, name)) continue;
        if (name == "nan" && digits.size() != text.size()) return std::nullopt;
        const double found = name == "nan" ? std::nan("") : HUGE_VAL;
        return text.starts_with('-') ? -found : found;
    }
    const bool is_hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
    if (is_hexadecimal) digits.remove_prefix(2);
    const bool begins_well =
        !digits.empty() && (is_digit(digits[0]) || digits[0] == '.' || is_hexadecimal);
    // A hexadecimal mantissa wants its exponent.
    if (!begins_well || (is_hexadecimal && digits.find_first_of("pP") == std::string_view::npos)) {
        return std::nullopt;
    }
    double number = 0;
    const auto format = is_hexadecimal ? std::chars_format::hex : std::chars_format::general;
    const char* const end = digits.data() + digits.size();
    const auto [at, failed] = std::from_chars(digits.data(), end, number, format);
    if (at != end || failed == std::errc::invalid_argument) return std::nullopt;
    if (failed == std::errc::result_out_of_range) {
        // What is too small is zero for Go; what is too large is an error.
        const std::string terminated(digits);
        number = std::strtod(terminated.c_str(), nullptr);
        if (is_hexadecimal || std::isinf(number)) return std::nullopt;
    }
    return text.starts_with('-') ? -number : number;
}

std::optional<bool> parse_go_bool(std::string_view text) {
    constexpr auto kTrue = std::to_array<std::string_view>({"1", "t", "T", "TRUE", "true", "True"});
    constexpr auto kFalse =
        std::to_array<std::string_view>({"0", "f", "F", "FALSE", "false", "False"});
    if (std::ranges::find(kTrue, text) != kTrue.end()) return true;
    if (std::ranges::find(kFalse, text) != kFalse.end()) return false;
    return std::nullopt;
}

Value with_go_numbers(const Value& value, value::Builder& values) {
    return rebuilt(value, values, [&values](const Value& leaf) {
        return leaf.is_number() ? go_number(values, leaf.as_double()) : leaf;
    });
}

Value copied(const Value& value, value::Builder& values) {
    return rebuilt(value, values, [&values](const Value& leaf) {
        if (leaf.is_string()) return values.string(leaf.as_string());
        if (leaf.is_number()) return values.number(leaf.number_text()).value_or(Value());
        return leaf;
    });
}

void write_go_json(text::JsonWriter& json, const Value& value) {
    if (value.is_number()) {
        json.raw(value.is_plain_integer() ? value.number_text() : go_json_text(value.as_double()));
    } else if (value.is_array()) {
        json.begin_array();
        for (const Value& item : value.items()) write_go_json(json, item);
        json.end_array();
    } else if (value.is_object()) {
        json.begin_object();
        for (std::size_t i = 0; i < value.size(); ++i) {
            json.key(value.keys()[i].as_string());
            write_go_json(json, value.values()[i]);
        }
        json.end_object();
    } else {
        json.value(value);
    }
}

Value Growing::finish(value::Builder& values) const {
    if (kind == Kind::kArray) {
        std::vector<Value> made;
        for (const Growing& item : items) made.push_back(item.finish(values));
        return values.array(made);
    }
    if (kind == Kind::kObject) {
        std::vector<value::Builder::Entry> entries;
        for (const auto& [name, member] : members) {
            entries.emplace_back(values.key(name), member.finish(values));
        }
        return values.object(entries);
    }
    return value;
}

Value text_object(const std::map<std::string, std::string, std::less<>>& texts,
                  value::Builder& values) {
    std::vector<value::Builder::Entry> entries;
    for (const auto& [name, text] : texts) {
        entries.emplace_back(values.key(name), values.string(text));
    }
    return values.object(entries);
}

}  // namespace merlon::compat::conftest
