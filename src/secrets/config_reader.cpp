#include "secrets/config_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

namespace merlon::secrets {
namespace {

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

ConfigTable::ConfigTable(std::shared_ptr<Source> source, const Value* table,
                         text::Position position, Level level)
    : source_(std::move(source)),
      table_(table),
      position_(position),
      level_(level),
      error_(std::make_shared<Error>()) {}

Result<ConfigTable> ConfigTable::parse(std::string_view toml, const std::string& name, Arena& arena,
                                       Interner& interner) {
    Result<text::TomlDocument> document = text::read_toml(toml, arena, interner);
    if (!document.ok()) return std::move(document).error().at(name, 0, 0);
    auto source = std::make_shared<Source>();
    source->name = name;
    source->document = std::move(document).value();
    const Value* root = source->document.root;
    return ConfigTable(std::move(source), root, {1, 1}, Level::kTop);
}

std::optional<std::string> ConfigTable::key_beside(std::span<const std::string_view> known) const {
    if (!table_->is_object()) return std::nullopt;
    for (std::size_t i = 0; i < table_->size(); ++i) {
        const std::string_view key = table_->keys()[i].as_string();
        const bool is_known = std::ranges::any_of(
            known, [key](std::string_view one) { return equal_ignoring_case(key, one); });
        if (!is_known) return std::string(key);
    }
    return std::nullopt;
}

const Value* ConfigTable::find(std::string_view key) const {
    if (!table_->is_object()) return nullptr;
    const Value* found = nullptr;
    std::string_view spelling;
    for (std::size_t i = 0; i < table_->size(); ++i) {
        const std::string_view other = table_->keys()[i].as_string();
        if (!equal_ignoring_case(other, key)) continue;
        if (found != nullptr) note_twice(key, spelling, other, table_->values()[i]);
        // Of "id" and "ID" viper takes the second.
        if (found != nullptr && other == key) continue;
        spelling = other;
        found = &table_->values()[i];
    }
    if (found != nullptr && level_ == Level::kTop && !sets_anything(*found)) return nullptr;
    return found;
}

text::Position ConfigTable::position_of(const Value* value) const {
    const auto found = source_->document.positions.find(value);
    return found == source_->document.positions.end() ? position_ : found->second;
}

Error ConfigTable::located(Error error) const {
    return std::move(error).at(source_->name, position_.line, position_.column);
}

std::string_view ConfigTable::kind_of(const Value& found) const {
    switch (source_->document.kind(&found)) {
        case text::TomlKind::kDate:
            return "date or time";
        case text::TomlKind::kNotFinite:
            return "number";
        case text::TomlKind::kText:
            break;
    }
    return found.is_object() ? "table" : value::name(found.kind());
}

void ConfigTable::note_twice(std::string_view key, std::string_view first, std::string_view second,
                             const Value& value) const {
    const text::Position position = position_of(&value);
    Error twice{"'" + std::string(first) + "' and '" + std::string(second) +
                    "' are one key, whose case does not count",
                kNoOffset, source_->name, position.line, position.column};
    if (first != key && second != key) {
        if (!error_->message.empty()) return;
        twice.message += "; gitleaks takes one of them by chance: keep one";
        *error_ = std::move(twice);
        return;
    }
    twice.message +=
        "; '" + std::string(first == key ? second : first) + "' is taken, as in gitleaks: keep one";
    const bool is_known = std::ranges::any_of(source_->odd, [&](const Error& known) {
        return known.message == twice.message && known.line == twice.line;
    });
    if (!is_known) source_->odd.push_back(std::move(twice));
}

void ConfigTable::note_odd(std::string_view key, const Value& found,
                           std::string_view expected) const {
    const text::Position position = position_of(&found);
    source_->odd.push_back(Error{"'" + std::string(key) + "' expected " + std::string(expected) +
                                     ", found " + std::string(kind_of(found)) +
                                     "; it is read as gitleaks reads it",
                                 kNoOffset, source_->name, position.line, position.column});
}

void ConfigTable::wrong_type(std::string_view key, const Value& found,
                             std::string_view expected) const {
    if (!error_->message.empty()) return;
    const text::Position position = position_of(&found);
    *error_ = Error{"'" + std::string(key) + "' expected " + std::string(expected) + ", found " +
                        std::string(kind_of(found)),
                    kNoOffset, source_->name, position.line, position.column};
}

std::optional<std::string> ConfigTable::as_string(std::string_view key, const Value& value) const {
    const text::TomlKind kind = source_->document.kind(&value);
    if (value.is_string() && kind == text::TomlKind::kText) return std::string(value.as_string());
    if (value.is_number() || value.is_boolean() || kind == text::TomlKind::kNotFinite) {
        note_odd(key, value, "a string");
        if (value.is_number()) return plain_number(value);
        if (value.is_boolean()) return value.as_boolean() ? "1" : "0";
        if (value.as_string() == "nan") return "NaN";
        return value.as_string().starts_with('-') ? "-Inf" : "+Inf";
    }
    wrong_type(key, value, "a string");
    return std::nullopt;
}

std::optional<std::string> ConfigTable::string(std::string_view key) const {
    const Value* found = find(key);
    return found == nullptr ? std::nullopt : as_string(key, *found);
}

std::optional<double> ConfigTable::number(std::string_view key) const {
    const Value* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (found->is_number()) return found->as_double();
    std::optional<double> meant;
    if (found->is_boolean()) meant = found->as_boolean() ? 1.0 : 0.0;
    if (found->is_string() && source_->document.kind(found) != text::TomlKind::kDate) {
        meant = parse_double(found->as_string());
        if (meant && source_->document.kind(found) == text::TomlKind::kNotFinite) return meant;
    }
    if (meant) {
        note_odd(key, *found, "a number");
        return meant;
    }
    wrong_type(key, *found, "a number");
    return std::nullopt;
}

std::optional<std::int64_t> ConfigTable::integer(std::string_view key) const {
    const Value* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (found->is_number()) {
        if (const auto whole = found->as_integer()) return whole;
    }
    if (found->is_string() && source_->document.kind(found) == text::TomlKind::kText) {
        if (const auto parsed = parse_integer(found->as_string())) {
            note_odd(key, *found, "an integer");
            return parsed;
        }
        wrong_type(key, *found, "an integer");
        return std::nullopt;
    }
    const std::optional<double> real = number(key);
    if (!real) return std::nullopt;
    note_odd(key, *found, "an integer");
    // What Go's conversion gives on amd64 for what no int64 holds.
    if (!(*real >= -0x1p63 && *real < 0x1p63)) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(*real);
}

std::optional<bool> ConfigTable::boolean(std::string_view key) const {
    const Value* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (found->is_boolean()) return found->as_boolean();
    std::optional<bool> meant;
    const text::TomlKind kind = source_->document.kind(found);
    if (found->is_number()) meant = found->as_double() != 0;
    if (kind == text::TomlKind::kNotFinite) meant = true;
    if (found->is_string() && kind == text::TomlKind::kText)
        meant = parse_boolean(found->as_string());
    if (meant) {
        note_odd(key, *found, "true or false");
        return meant;
    }
    wrong_type(key, *found, "true or false");
    return std::nullopt;
}

std::vector<std::string> ConfigTable::strings(std::string_view key) const {
    const Value* found = find(key);
    std::vector<std::string> list;
    if (found == nullptr) return list;
    if (found->is_string() && source_->document.kind(found) == text::TomlKind::kText) {
        note_odd(key, *found, "a list of strings");
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

std::vector<ConfigTable> ConfigTable::tables(std::string_view key) const {
    const Value* found = find(key);
    std::vector<ConfigTable> list;
    if (found == nullptr) return list;
    if (found->is_object()) {
        if (found->size() > 0)
            list.push_back(ConfigTable(source_, found, position_of(found), Level::kInner));
        return list;
    }
    // A text is a list of its parts between commas, and the empty one has none.
    if (found->is_string() && found->as_string().empty()) {
        note_odd(key, *found, "a list of tables");
        return list;
    }
    if (!found->is_array()) {
        wrong_type(key, *found, "a list of tables");
        return list;
    }
    for (const Value& item : found->items()) {
        ConfigTable table(source_, &item, position_of(&item), Level::kInner);
        if (!item.is_object()) table.wrong_type(key, item, "a table");
        list.push_back(std::move(table));
    }
    return list;
}

std::vector<ConfigTable> ConfigTable::single_table(std::string_view key) const {
    const Value* found = find(key);
    std::vector<ConfigTable> list;
    if (found == nullptr) return list;
    ConfigTable table(source_, found, position_of(found), level_);
    // A date is a structure in Go, of which no field is one that is asked for.
    const bool is_date = source_->document.kind(found) == text::TomlKind::kDate;
    if (is_date) note_odd(key, *found, "a table");
    if (!found->is_object() && !is_date) table.wrong_type(key, *found, "a table");
    list.push_back(std::move(table));
    return list;
}

}  // namespace merlon::secrets
