#include "secrets/config_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace merlon::secrets {
namespace {

using value::Kind;
using value::Value;

bool equal_ignoring_case(std::string_view text, std::string_view lower_case) {
    return text.size() == lower_case.size() &&
           std::equal(text.begin(), text.end(), lower_case.begin(), [](char a, char b) {
               return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
           });
}

// strconv.ParseInt(text, 0, 64) for the spellings that configurations have.
std::optional<std::int64_t> parse_integer(std::string_view text) {
    if (text.empty()) return 0;
    const bool negative = text.front() == '-';
    if (negative || text.front() == '+') text.remove_prefix(1);
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) base = 16;
    if (text.starts_with("0b") || text.starts_with("0B")) base = 2;
    if (text.starts_with("0o") || text.starts_with("0O")) base = 8;
    if (base != 10) {
        text.remove_prefix(2);
    } else if (text.size() > 1 && text.front() == '0') {
        base = 8;
    }
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (code != std::errc{} || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return negative ? -number : number;
}

// strconv.ParseFloat(text, 64).
std::optional<double> parse_double(std::string_view written) {
    if (written.empty()) return 0.0;
    std::string text;
    for (std::size_t at = 0; at < written.size(); ++at) {
        // Between digits, as in Go's own numbers.
        const bool separates = written[at] == '_' && at > 0 && at + 1 < written.size() &&
                               std::isxdigit(static_cast<unsigned char>(written[at - 1])) != 0 &&
                               std::isxdigit(static_cast<unsigned char>(written[at + 1])) != 0;
        if (!separates) text += written[at];
    }
    const bool negative = text.front() == '-';
    std::string_view digits = text;
    if (negative || text.front() == '+') digits.remove_prefix(1);
    auto format = std::chars_format::general;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        // Go wants the exponent of a hexadecimal number to be written.
        if (digits.find_first_of("pP") == std::string_view::npos) return std::nullopt;
        digits.remove_prefix(2);
        format = std::chars_format::hex;
    }
    if (digits.empty() || digits.front() == '-') return std::nullopt;
    double number = 0;
    const auto [end, code] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, format);
    if (code != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return negative ? -number : number;
}

// strconv.ParseBool.
std::optional<bool> parse_boolean(std::string_view text) {
    for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
        if (text == yes) return true;
    }
    for (const std::string_view no : {"", "0", "f", "F", "false", "FALSE", "False"}) {
        if (text == no) return false;
    }
    return std::nullopt;
}

bool sets_anything(const Value& value) {
    if (!value.is_object()) return true;
    const auto values = value.values();
    return std::any_of(values.begin(), values.end(), sets_anything);
}

std::string plain_number(const Value& number) {
    if (const auto integer = number.as_integer()) return std::to_string(*integer);
    char buffer[512];
    const auto end =
        std::to_chars(buffer, buffer + sizeof(buffer), number.as_double(), std::chars_format::fixed)
            .ptr;
    return {buffer, end};
}

}  // namespace

ConfigTable::ConfigTable(std::shared_ptr<const Source> source, const Value* table,
                         text::Position position)
    : source_(std::move(source)),
      table_(table),
      position_(position),
      error_(std::make_shared<Error>()) {}

Result<ConfigTable> ConfigTable::parse(std::string_view toml, const std::string& name, Arena& arena,
                                       Interner& interner) {
    Result<text::TomlDocument> document = text::read_toml(toml, arena, interner);
    if (!document.ok()) return std::move(document).error().at(name, 0, 0);
    auto source = std::make_shared<Source>();
    source->name = name;
    source->document = std::move(document).value();
    const Value* root = source->document.root;
    return ConfigTable(std::move(source), root, {1, 1});
}

const Value* ConfigTable::find(std::string_view key) const {
    if (!table_->is_object()) return nullptr;
    const Value* found = nullptr;
    for (std::size_t i = 0; i < table_->size(); ++i) {
        if (equal_ignoring_case(table_->keys()[i].as_string(), key)) found = &table_->values()[i];
    }
    return found;
}

text::Position ConfigTable::position_of(const Value* value) const {
    const auto found = source_->document.positions.find(value);
    return found == source_->document.positions.end() ? position_ : found->second;
}

Error ConfigTable::located(Error error) const {
    return std::move(error).at(source_->name, position_.line, position_.column);
}

void ConfigTable::wrong_type(std::string_view key, const Value& found,
                             std::string_view expected) const {
    if (!error_->message.empty()) return;
    const text::Position position = position_of(&found);
    *error_ = Error{"'" + std::string(key) + "' expected " + std::string(expected) + ", found " +
                        std::string(value::name(found.kind())),
                    kNoOffset, source_->name, position.line, position.column};
}

std::optional<std::string> ConfigTable::as_string(std::string_view key, const Value& value) const {
    switch (value.kind()) {
        case Kind::kString:
            return std::string(value.as_string());
        case Kind::kNumber:
            return plain_number(value);
        case Kind::kBoolean:
            return value.as_boolean() ? "1" : "0";
        default:
            wrong_type(key, value, "a string");
            return std::nullopt;
    }
}

std::optional<std::string> ConfigTable::string(std::string_view key) const {
    const Value* found = find(key);
    return found == nullptr ? std::nullopt : as_string(key, *found);
}

std::optional<double> ConfigTable::number(std::string_view key) const {
    const Value* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (found->is_number()) return found->as_double();
    if (found->is_boolean()) return found->as_boolean() ? 1.0 : 0.0;
    if (found->is_string()) {
        if (const auto parsed = parse_double(found->as_string())) return parsed;
    }
    wrong_type(key, *found, "a number");
    return std::nullopt;
}

std::optional<std::int64_t> ConfigTable::integer(std::string_view key) const {
    const Value* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (found->is_string()) {
        if (const auto parsed = parse_integer(found->as_string())) return parsed;
        wrong_type(key, *found, "an integer");
        return std::nullopt;
    }
    const auto whole = number(key);
    return whole ? std::optional(static_cast<std::int64_t>(*whole)) : std::nullopt;
}

std::optional<bool> ConfigTable::boolean(std::string_view key) const {
    const Value* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (found->is_boolean()) return found->as_boolean();
    if (found->is_number()) return found->as_double() != 0;
    if (found->is_string()) {
        if (const auto parsed = parse_boolean(found->as_string())) return parsed;
    }
    wrong_type(key, *found, "true or false");
    return std::nullopt;
}

std::vector<std::string> ConfigTable::strings(std::string_view key) const {
    const Value* found = find(key);
    std::vector<std::string> list;
    if (found == nullptr) return list;
    if (found->is_string()) {
        // viper's StringToSlice hook: parts between commas, an empty string for no part.
        std::string_view rest = found->as_string();
        while (!rest.empty()) {
            const std::size_t comma = rest.find(',');
            list.emplace_back(rest.substr(0, comma));
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
            if (rest.empty()) list.emplace_back();
        }
        return list;
    }
    if (found->is_array()) {
        for (const Value& item : found->items()) {
            if (auto text = as_string(key, item)) list.push_back(std::move(*text));
        }
        return list;
    }
    if (found->is_object() && found->size() == 0) return list;
    if (auto text = as_string(key, *found)) list.push_back(std::move(*text));
    return list;
}

bool ConfigTable::has_values(std::string_view key) const {
    const Value* found = find(key);
    return found != nullptr && sets_anything(*found);
}

std::vector<ConfigTable> ConfigTable::tables(std::string_view key) const {
    const Value* found = find(key);
    std::vector<ConfigTable> list;
    if (found == nullptr) return list;
    if (found->is_object()) {
        if (found->size() > 0) list.push_back(ConfigTable(source_, found, position_of(found)));
        return list;
    }
    if (!found->is_array()) {
        wrong_type(key, *found, "a list of tables");
        return list;
    }
    for (const Value& item : found->items()) {
        ConfigTable table(source_, &item, position_of(&item));
        if (!item.is_object()) table.wrong_type(key, item, "a table");
        list.push_back(std::move(table));
    }
    return list;
}

std::vector<ConfigTable> ConfigTable::single_table(std::string_view key) const {
    const Value* found = find(key);
    std::vector<ConfigTable> list;
    if (found == nullptr) return list;
    ConfigTable table(source_, found, position_of(found));
    if (!found->is_object()) table.wrong_type(key, *found, "a table");
    list.push_back(std::move(table));
    return list;
}

}  // namespace merlon::secrets
