// Protocol Buffers as text, with definitions from .proto files: the JSON that a policy sees.

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "base/ascii.h"
#include "compat/conftest/parsers.h"
#include "compat/conftest/proto_definitions.h"
#include "compat/conftest/proto_json.h"
#include "compat/conftest/textproto_tokens.h"
#include "text/base64.h"
#include "text/utf8.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

constexpr int kMaxDepth = 500;

// A message while it is read.
class MessageReader {
  public:
    MessageReader(TextProtoTokens& tokens, Reading& reading) : tokens_(tokens), reading_(reading) {}

    // Up to the character that closes it; 0: to the end.
    Result<Value> read(const ProtoMessage& message, char close, int depth);

  private:
    Result<ProtoScalar> read_scalar(const ProtoField& field);
    Result<Value> read_nested(const ProtoMessage& message, int depth);
    Status read_entry(const ProtoField& field, ProtoParts::Part& part, int depth);
    Status read_list(const ProtoField& field, ProtoParts::Part& part, int depth);
    Status read_one(const ProtoField& field, ProtoParts::Part& part, int depth);
    Result<Value> read_any(char close, int depth);
    Result<const ProtoField*> field_named(const ProtoMessage& message, std::string& key);
    Status skip_value(int depth);

    TextProtoTokens& tokens_;
    Reading& reading_;
};

Result<ProtoScalar> MessageReader::read_scalar(const ProtoField& field) {
    value::Builder& values = reading_.values;
    const bool is_text = tokens_.peek() == '"' || tokens_.peek() == '\'';
    if (field.kind == ProtoKind::kString || field.kind == ProtoKind::kBytes) {
        if (!is_text) return tokens_.wrong("expected a text for the field " + field.name);
        const std::string text = MERLON_TRY(tokens_.quoted());
        if (field.kind == ProtoKind::kString && !text::is_valid_utf8(text)) {
            return tokens_.wrong("the text of " + field.name + " is no UTF-8");
        }
        const std::string shown = field.kind == ProtoKind::kString
                                      ? text
                                      : text::encode_base64(text, text::Base64Alphabet::kStandard);
        return ProtoScalar{values.string(shown), shown, text.empty()};
    }
    const std::string text = is_text ? std::string() : tokens_.scalar();
    const Error wrong = tokens_.wrong("invalid value for the field " + field.name + ": " + text);
    if (text.empty()) return wrong;
    const auto whole = [&](std::int64_t least, std::int64_t most) {
        return read_signed(text, least, most);
    };
    constexpr std::int64_t kLeast32 = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t kMost32 = std::numeric_limits<std::int32_t>::max();
    switch (field.kind) {
        case ProtoKind::kBool: {
            const bool is_true = text == "true" || text == "True" || text == "t" ||
                                 (is_digit(text[0]) && read_magnitude(text) == 1);
            const bool is_false = text == "false" || text == "False" || text == "f" ||
                                  (is_digit(text[0]) && read_magnitude(text) == 0);
            if (!is_true && !is_false) return wrong;
            return ProtoScalar{values.boolean(is_true), is_true ? "true" : "false", is_false};
        }
        case ProtoKind::kInt32:
        case ProtoKind::kInt64: {
            const bool is_short = field.kind == ProtoKind::kInt32;
            const auto number = is_short ? whole(kLeast32, kMost32)
                                         : whole(std::numeric_limits<std::int64_t>::min(),
                                                 std::numeric_limits<std::int64_t>::max());
            if (!number) return wrong;
            const std::string shown = std::to_string(*number);
            const Value made =
                is_short ? go_number(values, static_cast<double>(*number)) : values.string(shown);
            return ProtoScalar{made, shown, *number == 0};
        }
        case ProtoKind::kUint32:
        case ProtoKind::kUint64: {
            const bool is_short = field.kind == ProtoKind::kUint32;
            const auto number = read_magnitude(text);
            if (!number || (is_short && *number > std::numeric_limits<std::uint32_t>::max())) {
                return wrong;
            }
            const std::string shown = std::to_string(*number);
            const Value made =
                is_short ? go_number(values, static_cast<double>(*number)) : values.string(shown);
            return ProtoScalar{made, shown, *number == 0};
        }
        case ProtoKind::kFloat:
        case ProtoKind::kDouble: {
            const auto number = read_proto_float(text);
            if (!number) return wrong;
            return float_scalar(*number, field.kind, values);
        }
        case ProtoKind::kEnum: {
            std::optional<std::int64_t> number = whole(kLeast32, kMost32);
            const auto named = field.enumeration->numbers.find(text);
            if (named != field.enumeration->numbers.end()) number = named->second;
            if (!number) return wrong;
            return enum_scalar(*field.enumeration, static_cast<std::int32_t>(*number), values);
        }
        default:
            return wrong;
    }
}

Result<Value> MessageReader::read_nested(const ProtoMessage& message, int depth) {
    if (tokens_.take('{')) return read(message, '}', depth + 1);
    if (tokens_.take('<')) return read(message, '>', depth + 1);
    return tokens_.wrong("expected '{'");
}

Status MessageReader::read_entry(const ProtoField& field, ProtoParts::Part& part, int depth) {
    const char close = tokens_.take('{') ? '}' : tokens_.take('<') ? '>' : '\0';
    if (close == '\0') return tokens_.wrong("expected '{'");
    const ProtoField& key_field = *field.message->find("key");
    const ProtoField& value_field = *field.message->find("value");
    std::optional<ProtoScalar> key;
    std::optional<Value> value;
    while (!tokens_.take(close)) {
        const std::string name(tokens_.word());
        const bool has_colon = tokens_.take(':');
        const bool needs_colon = name == "key" || value_field.kind != ProtoKind::kMessage;
        if (name != "key" && name != "value") {
            return tokens_.wrong("unknown map entry field \"" + name + "\"");
        }
        if (needs_colon && !has_colon) return tokens_.wrong("missing field separator :");
        if (name == "key" ? key.has_value() : value.has_value()) {
            return tokens_.wrong("map entry \"" + name + "\" cannot be repeated");
        }
        if (name == "key") {
            key = MERLON_TRY(read_scalar(key_field));
        } else if (value_field.kind == ProtoKind::kMessage) {
            value = MERLON_TRY(read_nested(*value_field.message, depth));
        } else {
            value = MERLON_TRY(read_scalar(value_field)).value;
        }
        if (!tokens_.take(',')) tokens_.take(';');
    }
    if (!key) key = zero_scalar(key_field, reading_.values);
    if (!value && value_field.kind == ProtoKind::kMessage) {
        value = MERLON_TRY(message_json(*value_field.message, {}, reading_.values));
    }
    if (!value) value = zero_scalar(value_field, reading_.values).value;
    part.entries[key->text] = *value;
    return {};
}

Status MessageReader::read_one(const ProtoField& field, ProtoParts::Part& part, int depth) {
    if (field.is_map) return read_entry(field, part, depth);
    if (field.kind == ProtoKind::kMessage) {
        part.items.push_back(MERLON_TRY(read_nested(*field.message, depth)));
        part.is_zero = false;
        return {};
    }
    const ProtoScalar scalar = MERLON_TRY(read_scalar(field));
    part.items.push_back(scalar.value);
    part.text = scalar.text;
    part.is_zero = scalar.is_zero;
    return {};
}

Status MessageReader::read_list(const ProtoField& field, ProtoParts::Part& part, int depth) {
    if (!tokens_.take('[')) return read_one(field, part, depth);
    if (tokens_.take(']')) return {};
    do MERLON_TRY(read_one(field, part, depth));
    while (tokens_.take(','));
    if (!tokens_.take(']')) return tokens_.wrong("expected ',' or ']'");
    return {};
}

// What was not defined and has a reserved name.
Status MessageReader::skip_value(int depth) {
    if (depth > kMaxDepth) return tokens_.wrong("exceeded maximum recursion depth");
    const char open = tokens_.peek();
    if (open == '"' || open == '\'') {
        MERLON_TRY(tokens_.quoted());
        return {};
    }
    if (open != '{' && open != '<' && open != '[') {
        if (tokens_.scalar().empty()) return tokens_.wrong("expected a value");
        return {};
    }
    tokens_.take(open);
    const char close = open == '{' ? '}' : open == '<' ? '>' : ']';
    while (!tokens_.take(close)) {
        if (tokens_.is_at_end()) return tokens_.wrong("unexpected EOF");
        if (open != '[') {
            if (tokens_.take('[')) {
                tokens_.type_name();
            } else if (tokens_.word().empty()) {
                return tokens_.wrong("expected a name");
            }
            tokens_.take(':');
        }
        MERLON_TRY(skip_value(depth + 1));
        if (!tokens_.take(',')) tokens_.take(';');
    }
    return {};
}

// Null for a reserved name, which is read over.
Result<const ProtoField*> MessageReader::field_named(const ProtoMessage& message,
                                                     std::string& key) {
    if (tokens_.take('[')) {
        key = tokens_.type_name();
        const ProtoField* const found = reading_.definitions->find_extension(key, message);
        if (found == nullptr) return tokens_.wrong("unknown field: [" + key + "]");
        key = "[" + key + "]";
        return found;
    }
    const std::string name(tokens_.word());
    if (name.empty()) return tokens_.wrong("expected the name of a field");
    if (is_digit(name[0])) return tokens_.wrong("cannot specify field by number: " + name);
    const ProtoField* const found = message.find(name);
    if (found != nullptr) {
        key = found->name;
        return found;
    }
    if (!message.reserved.contains(name)) return tokens_.wrong("unknown field: " + name);
    return nullptr;
}

Result<Value> MessageReader::read(const ProtoMessage& message, char close, int depth) {
    if (depth > kMaxDepth) return tokens_.wrong("exceeded maximum recursion depth");
    if (message.name == "google.protobuf.Any") return read_any(close, depth);
    ProtoParts parts;
    std::map<int, std::string> oneofs;
    while (true) {
        if (close != '\0' && tokens_.take(close)) break;
        if (tokens_.is_at_end()) {
            if (close != '\0') return tokens_.wrong("unexpected EOF");
            break;
        }
        std::string key;
        const ProtoField* const field = MERLON_TRY(field_named(message, key));
        const bool has_colon = tokens_.take(':');
        if (field == nullptr) {
            MERLON_TRY(skip_value(depth + 1));
            if (!tokens_.take(',')) tokens_.take(';');
            continue;
        }
        if (!has_colon && !field->is_map && field->kind != ProtoKind::kMessage) {
            return tokens_.wrong("missing field separator :");
        }
        const bool is_many = field->is_repeated || field->is_map;
        const bool is_there = parts.all.contains(key);
        if (is_there && !is_many) {
            return tokens_.wrong("non-repeated field \"" + key + "\" is repeated");
        }
        if (field->oneof >= 0 && !oneofs.emplace(field->oneof, key).second) {
            return tokens_.wrong("error parsing \"" + key + "\", oneof " + message.name + "." +
                                 message.oneofs[static_cast<std::size_t>(field->oneof)] +
                                 " is already set");
        }
        ProtoParts::Part& part = parts.all[key];
        part.field = field;
        MERLON_TRY(is_many ? read_list(*field, part, depth) : read_one(*field, part, depth));
        if (!tokens_.take(',')) tokens_.take(';');
    }
    for (const auto& [name, field] : message.fields) {
        if (field->is_required && !parts.all.contains(field->name)) {
            return Error{"required field " + message.name + "." + field->name + " not set"};
        }
    }
    return message_json(message, parts, reading_.values);
}

// Of an Any only the form is read that says its message: [host/name] { … }.
Result<Value> MessageReader::read_any(char close, int depth) {
    value::Builder& values = reading_.values;
    std::optional<Value> made;
    while (true) {
        if (close != '\0' && tokens_.take(close)) break;
        if (tokens_.is_at_end()) {
            if (close != '\0') return tokens_.wrong("unexpected EOF");
            break;
        }
        if (!tokens_.take('[')) {
            return not_served("a google.protobuf.Any whose message is bytes in a textproto");
        }
        const std::string url = tokens_.type_name();
        const ProtoMessage* const message =
            reading_.definitions->find_message(std::string_view(url).substr(url.rfind('/') + 1));
        if (message == nullptr) return tokens_.wrong("unable to resolve message [" + url + "]");
        if (made) return tokens_.wrong("cannot have more than one type");
        tokens_.take(':');
        const Value inside = MERLON_TRY(read_nested(*message, depth));
        made = any_json(*message, url, inside, values);
        if (!tokens_.take(',')) tokens_.take(';');
    }
    return made.value_or(values.object({}));
}

// "# proto-message: a.b.Message"
std::optional<std::string_view> message_name(std::string_view text) {
    constexpr std::string_view kMark = "proto-message:";
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        for (std::size_t sharp = line.find('#'); sharp != std::string_view::npos;
             sharp = line.find('#', sharp + 1)) {
            const std::string_view behind = line.substr(sharp + 1);
            std::string_view rest = trim_go_start(behind);
            if (rest.size() == behind.size() || !rest.starts_with(kMark)) continue;
            rest.remove_prefix(kMark.size());
            const std::string_view name = trim_go_start(rest);
            std::size_t size = 0;
            while (size < name.size() && (is_proto_word(name[size]) || name[size] == '.')) {
                ++size;
            }
            if (name.size() < rest.size() && size > 0) return name.substr(0, size);
        }
    }
    return std::nullopt;
}

}  // namespace

Result<Value> parse_textproto(std::string_view bytes, Reading& reading) {
    const auto name = message_name(bytes);
    if (!name) {
        return Error{
            "extract proto message type: file does not contain necessary proto-message comment"};
    }
    const ProtoMessage* const message =
        reading.definitions == nullptr ? nullptr : reading.definitions->find_message(*name);
    if (message == nullptr) {
        return Error{"look up message type \"" + std::string(*name) + "\": proto: not found"};
    }
    TextProtoTokens tokens(bytes);
    return MessageReader(tokens, reading).read(*message, '\0', 0);
}

}  // namespace merlon::compat::conftest
