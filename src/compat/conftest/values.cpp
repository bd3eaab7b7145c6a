#include "compat/conftest/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/ascii.h"
#include "rego/go_format.h"
#include "text/utf8.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

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

// "1_000": between digits they mean nothing.
std::optional<double> parse_with_underscores(std::string_view text) {
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '_') {
            digits += text[i];
            continue;
        }
        const bool is_between =
            i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
        if (!is_between) return std::nullopt;
    }
    return parse_go_float(digits);
}

// encoding/json: exponents for what is very small or large, with one digit where one does.
std::string go_json_text(double number) {
    const double size = std::fabs(number);
    const bool has_exponent = size != 0 && (size < 1e-6 || size >= 1e21);
    std::string text = rego::go_float_text(number, has_exponent ? 'e' : 'f', -1);
    if (const std::size_t mark = text.find("e-0"); mark != std::string::npos) {
        text.erase(mark + 2, 1);
    }
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

Value go_number(value::Builder& values, double number) {
    return values.number(rego::go_float_text(number, 'g', -1)).value_or(Value());
}

std::optional<double> parse_go_float(std::string_view text) {
    if (text.find('_') != std::string_view::npos) return parse_with_underscores(text);
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

Value as_round_trip(const Value& value, value::Builder& values) {
    return rebuilt(value, values, [&values](const Value& leaf) {
        const bool is_float = leaf.is_number() && !leaf.is_plain_integer();
        return is_float ? values.number(go_json_text(leaf.as_double())).value_or(Value()) : leaf;
    });
}

Value copied(const Value& value, value::Builder& values) {
    return rebuilt(value, values, [&values](const Value& leaf) {
        if (leaf.is_string()) return values.string(leaf.as_string());
        if (leaf.is_number()) return values.number(leaf.number_text()).value_or(Value());
        return leaf;
    });
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
            entries.emplace_back(values.key(text::to_valid_utf8(name)), member.finish(values));
        }
        return values.object(entries);
    }
    return value;
}

Value text_object(const std::map<std::string, std::string, std::less<>>& texts,
                  value::Builder& values) {
    std::vector<value::Builder::Entry> entries;
    for (const auto& [name, text] : texts) {
        entries.emplace_back(values.key(text::to_valid_utf8(name)),
                             values.string(text::to_valid_utf8(text)));
    }
    return values.object(entries);
}

}  // namespace merlon::compat::conftest
