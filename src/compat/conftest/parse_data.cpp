// JSON, JSON with comments, YAML and TOML: formats that other parts read already.

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/ascii.h"
#include "compat/conftest/parsers.h"
#include "rego/go_json.h"
#include "rego/term.h"
#include "text/json.h"
#include "text/toml.h"
#include "text/utf8.h"
#include "text/yaml.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

// encoding/json refuses what no float64 holds: the first such number, or null.
const Value* huge_number(const Value& value) {
    if (value.is_number()) return std::isinf(value.as_double()) ? &value : nullptr;
    if (!value.is_array() && !value.is_object()) return nullptr;
    for (const Value& part : value.is_array() ? value.items() : value.values()) {
        if (const Value* const found = huge_number(part)) return found;
    }
    return nullptr;
}

// sigs.k8s.io/yaml makes texts of keys, and refuses those that have none.
bool has_wrong_key(const Value& value) {
    if (value.is_array()) return std::ranges::any_of(value.items(), has_wrong_key);
    if (!value.is_object()) return false;
    const auto is_wrong = [](const Value& key) {
        return !key.is_string() && !key.is_number() && !key.is_boolean();
    };
    return std::ranges::any_of(value.keys(), is_wrong) ||
           std::ranges::any_of(value.values(), has_wrong_key);
}

// The first infinity or NaN among the values, which JSON has none of; null: there is none.
const Value* marked_infinity(const Value& value) {
    if (value.is_string()) {
        return value.as_string().starts_with(text::kInfinityMark) ? &value : nullptr;
    }
    if (!value.is_array() && !value.is_object()) return nullptr;
    for (const Value& part : value.is_array() ? value.items() : value.values()) {
        if (const Value* const found = marked_infinity(part)) return found;
    }
    return nullptr;
}

Result<Value> as_go_json(const Value& value, Reading& reading) {
    if (const Value* const huge = huge_number(value)) {
        return Error{"json: cannot unmarshal number " + huge->number_text() +
                     " into Go value of type float64"};
    }
    return with_go_numbers(value, reading.values);
}

// Errors are those of encoding/json, which have no place.
Result<Value> read_go_json(std::string_view bytes, std::string_view during, Reading& reading) {
    // Go puts U+FFFD for what is no UTF-8.
    const std::string valid = text::is_valid_utf8(bytes) ? "" : text::to_valid_utf8(bytes);
    const auto document = text::read_json(valid.empty() ? bytes : std::string_view(valid),
                                          reading.arena, reading.interner);
    if (!document.ok()) {
        const auto words = rego::go_json_error(bytes, rego::JsonReader::kWhole);
        if (!words) return document.error();
        return Error{std::string(during) + *words};
    }
    auto made = as_go_json(*document.value().root, reading);
    if (!made.ok()) return Error{std::string(during) + made.error().message};
    return made;
}

// What muhammadmuzzammil1998/jsonc leaves of a file: no comments (//, /* */, #), and no white
// space outside of texts. Line feeds go even inside of them, and a '/' that begins no comment.
std::string without_comments(std::string_view bytes) {
    std::string kept;
    bool in_text = false;
    bool is_escaped = false;
    bool in_comment = false;
    bool is_line_comment = false;
    bool after_slash = false;
    bool after_star = false;
    const auto begin_comment = [&](bool is_line) {
        in_comment = true;
        is_line_comment = is_line;
    };
    for (const char c : bytes) {
        if (c == '\\' || is_escaped) {
            if (!in_comment) kept += c;
            is_escaped = !is_escaped;
            continue;
        }
        if (c == '"') in_text = !in_text;
        if ((c == ' ' || c == '\t') && !in_text) continue;
        if (c == '\n') {
            if (is_line_comment) in_comment = after_slash = false;
            continue;
        }
        if (in_text && !in_comment) {
            kept += c;
        } else if (in_comment) {
            if (c == '*' && !is_line_comment) {
                after_star = true;
                continue;
            }
            if (after_star && c == '/' && !is_line_comment)
                in_comment = after_slash = false;
            else
                after_star = false;
        } else if (after_slash && (c == '*' || c == '/')) {
            begin_comment(c == '/');
        } else if (c == '/') {
            after_slash = true;
        } else if (c == '#') {
            begin_comment(true);
        } else {
            kept += c;
        }
    }
    return kept;
}

// The text up to where its first document ends: what follows is not read, and may be wrong. Lines
// that begin with "---" or "..." are marks wherever they stand (YAML 1.2.2, 9.1.2).
std::string_view first_document(std::string_view bytes) {
    const auto is_mark = [](std::string_view line, std::string_view mark) {
        return line.starts_with(mark) &&
               (line.size() == mark.size() || std::string_view(" \t\r\n").contains(line[3]));
    };
    bool has_begun = false;
    for (std::size_t begin = 0; begin < bytes.size();) {
        const std::size_t end = std::min(bytes.find('\n', begin), bytes.size() - 1) + 1;
        const std::string_view line = bytes.substr(begin, end - begin);
        if (has_begun && (is_mark(line, "---") || is_mark(line, "..."))) {
            return bytes.substr(0, begin);
        }
        const bool is_content = line.find_first_not_of(" \t\r\n") != std::string_view::npos &&
                                !line.starts_with('#') && !line.starts_with('%');
        has_begun = has_begun || is_content;
        begin = end;
    }
    return bytes;
}

// sigs.k8s.io/yaml reads with go-yaml 2: YAML 1.1's words, and y and n beside them.
Result<Value> read_one_yaml(std::string_view bytes, Reading& reading) {
    text::YamlOptions options;
    options.schema = text::YamlSchema::kGo2;
    options.duplicate_keys = text::DuplicateKeys::kLastWins;
    const std::string_view text = first_document(bytes);
    const auto documents =
        MERLON_TRY(text::read_yaml(text, reading.arena, reading.interner, options));
    if (documents.empty() || documents[0].root == nullptr) return Value();
    constexpr std::string_view kDuring = "unmarshal yaml: error converting YAML to JSON: ";
    if (has_wrong_key(*documents[0].root)) {
        return Error{std::string(kDuring) + "unsupported map key"};
    }
    // A second look at texts that may write an infinity, for which the reader has a word if asked.
    const bool may_be_infinite = std::ranges::any_of(
        std::array<std::string_view, 2>{".inf", ".nan"}, [text](std::string_view word) {
            return !std::ranges::search(text, word, {}, to_lower).empty();
        });
    if (may_be_infinite) {
        options.infinities = text::YamlInfinities::kMarked;
        const auto marked =
            MERLON_TRY(text::read_yaml(text, reading.arena, reading.interner, options));
        if (const Value* const found = marked_infinity(*marked[0].root)) {
            return Error{std::string(kDuring) +
                         "json: unsupported value: " + std::string(found->as_string().substr(1))};
        }
    }
    return as_go_json(rego::to_json(*documents[0].root, reading.values), reading);
}

// Documents are told apart by lines of "---" alone, before anything is read.
std::vector<std::string_view> sub_documents(std::string_view bytes) {
    const std::string_view separator =
        bytes.find("\r\n") == std::string_view::npos ? "\n---\n" : "\r\n---\r\n";
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    // A directive's first separator ends the directives.
    bool is_skipped = bytes.starts_with('%');
    for (std::size_t at = bytes.find(separator); at != std::string_view::npos;
         at = bytes.find(separator, at + separator.size())) {
        if (std::exchange(is_skipped, false)) continue;
        parts.push_back(bytes.substr(begin, at - begin));
        begin = at + separator.size();
    }
    parts.push_back(bytes.substr(begin));
    return parts;
}

// TOML's numbers are int64 or float64, its times texts.
class TomlValues {
  public:
    TomlValues(const text::TomlDocument& document, Reading& reading)
        : document_(document), values_(reading.values) {}

    Result<Value> read(const Value& value) {
        if (value.is_number()) {
            if (value.is_plain_integer()) return value;
            return go_number(values_, value.as_double());
        }
        if (value.is_string()) return text_of(value);
        if (value.is_array()) return array_of(value);
        if (value.is_object()) {
            std::vector<Value> members;
            for (const Value& member : value.values()) {
                members.push_back(MERLON_TRY(read(member)));
            }
            return values_.object_like(value, members);
        }
        return value;
    }

  private:
    // For `[[name]]` Go's library has a type of its own, which OPA takes by way of JSON: its floats
    // read as JSON's.
    Result<Value> array_of(const Value& value) {
        const bool is_outermost = !is_in_tables_ && document_.arrays_of_tables.contains(&value);
        is_in_tables_ = is_in_tables_ || is_outermost;
        std::vector<Value> items;
        for (const Value& item : value.items()) items.push_back(MERLON_TRY(read(item)));
        const Value made = values_.array(items);
        if (!is_outermost) return made;
        is_in_tables_ = false;
        return as_round_trip(made, values_);
    }

    // A time without a day is one of the year 0, a day a midnight, and what has no zone is UTC.
    Result<Value> text_of(const Value& value) {
        const text::TomlKind kind = document_.kind(&value);
        if (kind == text::TomlKind::kNotFinite) return Error{"infinities and NaN are no JSON"};
        if (kind == text::TomlKind::kText) return value;
        std::string text(value.as_string());
        if (text.find(':') == 2) text = "0000-01-01T" + text;
        if (text.size() == 10) text += "T00:00:00";
        if (text.size() > 10 && (text[10] == ' ' || text[10] == 't')) text[10] = 'T';
        const bool has_zone = text.ends_with('Z') || text.ends_with('z') ||
                              text.find_first_of("+-", 11) != std::string::npos;
        if (text.ends_with('z')) text.back() = 'Z';
        return values_.string(has_zone ? text : text + "Z");
    }

    const text::TomlDocument& document_;
    value::Builder& values_;
    bool is_in_tables_ = false;
};

}  // namespace

Result<Value> parse_json(std::string_view bytes, Reading& reading) {
    return read_go_json(bytes, "unmarshal json: ", reading);
}

Result<Value> parse_jsonc(std::string_view bytes, Reading& reading) {
    return read_go_json(reading.arena.copy(without_comments(bytes)), "unmarshal jsonc: ", reading);
}

Result<Value> parse_yaml(std::string_view bytes, Reading& reading) {
    const std::vector<std::string_view> parts = sub_documents(bytes);
    if (parts.size() == 1) return read_one_yaml(bytes, reading);
    std::vector<Value> documents;
    for (const std::string_view part : parts) {
        documents.push_back(MERLON_TRY(read_one_yaml(part, reading)));
    }
    return reading.values.array(documents);
}

Result<Value> parse_toml(std::string_view bytes, Reading& reading) {
    const auto document = MERLON_TRY(text::read_toml(bytes, reading.arena, reading.interner));
    return TomlValues(document, reading).read(*document.root);
}

}  // namespace merlon::compat::conftest
