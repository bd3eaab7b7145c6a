#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "base/hex.h"
#include "base/recycled.h"
#include "base/stable_sort.h"
#include "rego/builtins.h"
#include "rego/encodings.h"
#include "rego/go_json.h"
#include "rego/go_yaml.h"
#include "rego/number.h"
#include "rego/term.h"
#include "text/json.h"
#include "text/utf8.h"

// JSON, YAML, base64, hexadecimal, queries (OPA: encoding.go).

namespace merlon::rego {
namespace {

using value::Value;

constexpr std::size_t kMaxDepth = 1'000;

// What an encoding has put into the buffer, or why it could not.
Outcome take_buffer(Context& context, const std::string& text, const Status& status) {
    if (!status.ok()) return context.error(status.error().message);
    return context.string(text);
}

Outcome json_marshal(Context& context, Operands operands) {
    if (!context.can_write(operands[0])) return Outcome::error();
    std::string& out = context.text_buffer();
    append_json_text(out, to_json(operands[0], context.builder));
    return context.string(out);
}

struct JsonLayout {
    std::string_view prefix;
    std::string_view indent = "\t";
    bool implied = false;
    std::optional<bool> asked;

    bool is_pretty() const { return asked.value_or(implied); }
};

// False after an error.
bool read_layout(Context& context, const Value& options, JsonLayout& layout) {
    const auto fail = [&context](const std::string& text) {
        static_cast<void>(context.type_error("operand 2 " + text));
        return false;
    };
    for (std::size_t i = 0; i < options.size(); ++i) {
        const Value& key = options.keys()[i];
        const Value& value = options.values()[i];
        const auto must_be_string = [i](const Value& one) {
            return ": operand " + std::to_string(i) + " must be string but got " +
                   std::string(kind_name(one));
        };
        if (!key.is_string()) {
            return fail("failed to stringify key " + term_text(key) + " at index " +
                        std::to_string(i) + must_be_string(key));
        }
        const std::string_view name = key.as_string();
        if (name == "pretty") {
            if (!value.is_boolean()) return fail("key \"pretty\" failed cast to bool");
            layout.asked = value.as_boolean();
        } else if (name == "prefix" || name == "indent") {
            if (!value.is_string()) {
                return fail("key \"" + std::string(name) + "\" failed cast to string" +
                            must_be_string(value));
            }
            (name == "prefix" ? layout.prefix : layout.indent) = value.as_string();
            layout.implied = true;
        } else {
            return fail("object contained unknown key " + term_text(key));
        }
    }
    return true;
}

Outcome json_marshal_with_options(Context& context, Operands operands) {
    JsonLayout layout;
    if (!read_layout(context, operands[1], layout)) return Outcome::error();
    if (!context.can_write(operands[0])) return Outcome::error();
    const Value tree = to_json(operands[0], context.builder);
    if (!layout.is_pretty()) {
        std::string& plain = context.text_buffer();
        append_json_text(plain, tree);
        return context.string(plain);
    }
    std::string& indented = context.text_buffer();
    text::JsonWriter(indented, "\t", text::JsonEscapes::kGo).value(tree);
    // Tabs begin lines only: inside strings they are escaped.
    RecycledString text(layout.prefix);
    bool at_begin = true;
    for (const char c : indented) {
        if (text.size() > kMaxTextBytes) break;
        if (c == '\n') {
            text += c;
            text += layout.prefix;
            at_begin = true;
        } else if (at_begin && c == '\t') {
            text += layout.indent;
        } else {
            at_begin = false;
            text += c;
        }
    }
    return context.limited_string(text);
}

// Our reader takes it and Go's does not.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Result<Value> read_json_text(Context& context, std::string_view given) {
    std::string_view text = given;
    // Go puts U+FFFD for what is no UTF-8.
    const std::string valid = text::is_valid_utf8(text) ? "" : text::to_valid_utf8(text);
    if (!valid.empty()) text = valid;
    text::JsonOptions options;
    options.max_depth = kMaxDepth;
    options.cancel = context.cancel;
    const auto read =
        text::read_json(text, context.builder.arena(), context.builder.interner(), options);
    if (!read.ok() || text.starts_with(kByteOrderMark)) {
        const auto reason = go_json_error(given, JsonReader::kStream);
        if (reason) return Error{*reason};
    }
    const auto document = MERLON_TRY(read);
    if (text.find_first_of("eE") != std::string_view::npos) {
        MERLON_TRY(check_exponents(*document.root));
    }
    return *document.root;
}

Outcome json_unmarshal(Context& context, Operands operands) {
    return context.take(read_json_text(context, operands[0].as_string()));
}

Outcome json_is_valid(Context& context, Operands operands) {
    if (!operands[0].is_string()) return context.boolean(false);
    return context.boolean(!go_json_error(operands[0].as_string(), JsonReader::kWhole));
}

Outcome yaml_unmarshal(Context& context, Operands operands) {
    return context.take(read_go_yaml(operands[0].as_string(), context.builder));
}
Outcome yaml_is_valid(Context& context, Operands operands) {
    return context.boolean(operands[0].is_string() &&
                           read_go_yaml(operands[0].as_string(), context.builder).ok());
}

template <Base64Form kForm>
Outcome base64_encode(Context& context, Operands operands) {
    std::string& out = context.text_buffer();
    append_base64(out, operands[0].as_string(), kForm);
    return context.string(out);
}
Outcome base64_decode(Context& context, Operands operands) {
    std::string& out = context.text_buffer();
    return take_buffer(context, out,
                       append_decoded_base64(out, operands[0].as_string(), Base64Form::kStandard));
}
Outcome base64_is_valid(Context& context, Operands operands) {
    return context.boolean(
        operands[0].is_string() &&
        !wrong_base64(context.text_buffer(), operands[0].as_string(), Base64Form::kStandard));
}
Outcome base64url_decode_operand(Context& context, Operands operands) {
    std::string& out = context.text_buffer();
    return take_buffer(context, out, append_decoded_base64url(out, operands[0].as_string()));
}

Outcome hex_encode(Context& context, Operands operands) {
    std::string& out = context.text_buffer();
    append_hex(out, operands[0].as_string());
    return context.string(out);
}
Outcome hex_decode(Context& context, Operands operands) {
    std::string& out = context.text_buffer();
    return take_buffer(context, out, append_decoded_hex(out, operands[0].as_string()));
}

Outcome query_encode(Context& context, Operands operands) {
    std::string& out = context.text_buffer();
    append_query_escaped(out, operands[0].as_string());
    return context.string(out);
}
Outcome query_decode(Context& context, Operands operands) {
    std::string& out = context.text_buffer();
    return take_buffer(context, out, append_query_unescaped(out, operands[0].as_string()));
}

Outcome query_encode_object(Context& context, Operands operands) {
    if (!context.can_write(operands[0])) return Outcome::error();
    const Value object = to_json(operands[0], context.builder);
    std::string& query = context.text_buffer();
    const auto append = [&query](const Value& key, const Value& value) {
        if (!query.empty()) query += '&';
        append_query_escaped(query, key.as_string());
        query += '=';
        append_query_escaped(query, value.as_string());
    };
    const auto fail = [&context] {
        return context.type_error("operand 1 values must be string, array[string], or set[string]");
    };
    for (std::size_t i = 0; i < object.size(); ++i) {
        const Value& value = object.values()[i];
        if (value.is_string()) {
            append(object.keys()[i], value);
        } else if (value.is_array()) {
            for (const Value& item : value.items()) {
                if (!item.is_string()) return fail();
                append(object.keys()[i], item);
            }
        } else {
            return fail();
        }
    }
    return context.string(query);
}

Outcome query_decode_object(Context& context, Operands operands) {
    RecycledVector<value::Builder::Entry> pairs;
    const Status parsed =
        parse_query(operands[0].as_string(), context.text_buffer(),
                    [&](std::string_view key, std::string_view value) {
                        pairs.emplace_back(context.string(key), context.string(value));
                    });
    if (!parsed.ok()) return context.error(parsed.error().message);
    // Those of one key stand beside each other then, in their order.
    sort_stably(std::span(pairs), [](const auto& left, const auto& right) {
        return value::compare(left.first, right.first) < 0;
    });
    RecycledVector<value::Builder::Entry> entries;
    std::vector<Value>& list = context.value_list();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        list.push_back(pairs[i].second);
        if (i + 1 < pairs.size() && pairs[i + 1].first == pairs[i].first) continue;
        entries.emplace_back(pairs[i].first, context.builder.array(list));
        list.clear();
    }
    return context.builder.object(entries);
}

constexpr Builtin kEncodingsBuiltins[] = {
    {"json.marshal", "v", json_marshal},
    {"json.marshal_with_options", "vo", json_marshal_with_options},
    {"json.unmarshal", "s", json_unmarshal},
    {"json.is_valid", "v", json_is_valid},
    {"yaml.unmarshal", "s", yaml_unmarshal},
    {"yaml.is_valid", "v", yaml_is_valid},
    {"base64.encode", "s", base64_encode<Base64Form::kStandard>},
    {"base64.decode", "s", base64_decode},
    {"base64.is_valid", "v", base64_is_valid},
    {"base64url.encode", "s", base64_encode<Base64Form::kUrl>},
    {"base64url.encode_no_pad", "s", base64_encode<Base64Form::kUrlUnpadded>},
    {"base64url.decode", "s", base64url_decode_operand},
    {"hex.encode", "s", hex_encode},
    {"hex.decode", "s", hex_decode},
    {"urlquery.encode", "s", query_encode},
    {"urlquery.decode", "s", query_decode},
    {"urlquery.encode_object", "o", query_encode_object},
    {"urlquery.decode_object", "s", query_decode_object},
};

}  // namespace

Status check_exponents(const Value& value) {
    if (value.is_number() && !value.as_integer()) {
        constexpr std::int64_t kMaxBinaryExponent = 100'000;
        const auto number = float_of(value);
        const bool is_fine = number.ok() && std::abs(number.value().exponent) <= kMaxBinaryExponent;
        if (!is_fine) return Error{"invalid number: number too big"};
    }
    if (value.is_object()) {
        for (const Value& below : value.values()) MERLON_TRY(check_exponents(below));
    } else if (value.is_array()) {
        for (const Value& below : value.items()) MERLON_TRY(check_exponents(below));
    }
    return {};
}

std::span<const Builtin> encoding_builtins() { return kEncodingsBuiltins; }

}  // namespace merlon::rego
