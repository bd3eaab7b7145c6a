#include <array>
#include <cstring>

#include <fmt/core.h>

#include "base/assert.h"
#include "text/json.h"
#include "text/json_plain.h"
#include "text/utf8.h"

namespace merlon::text {
namespace {

// Bytes up to the first that is not ASCII or has to be escaped.
std::size_t plain_run(std::string_view text, JsonEscapes escapes) {
    if (escapes == JsonEscapes::kMinimal) return plain_json_run(text);
    static constexpr auto kPlain = [] {
        std::array<bool, 256> plain{};
        for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
        return plain;
    }();
    std::size_t at = 0;
    for (; at < text.size() && kPlain[static_cast<unsigned char>(text[at])]; ++at) {
        if (text[at] == '<' || text[at] == '>' || text[at] == '&') break;
    }
    return at;
}

void append_escape(std::string& out, unsigned char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        case '\b':
            out += "\\b";
            break;
        case '\f':
            out += "\\f";
            break;
        default:
            out += fmt::format("\\u{:04x}", c);
    }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text, JsonEscapes escapes) {
    std::size_t run = plain_run(text, escapes);
    if (run == text.size()) {  // most are plain, and are written at once
        const std::size_t begin = out.size(), end = begin + run + 1;
        out.resize_and_overwrite(end + 1, [&](char* to, std::size_t) {
            to[begin] = '"';
            if (run > 0) std::memcpy(to + begin + 1, text.data(), run);
            to[end] = '"';
            return end + 1;
        });
        return;
    }
    out.push_back('"');
    for (std::size_t at = 0;; run = plain_run(text.substr(at), escapes)) {
        out.append(text, at, run);
        at += run;
        if (at == text.size()) break;
        const auto c = static_cast<unsigned char>(text[at]);
        if (c < 0x80) {
            append_escape(out, c);
            ++at;
            continue;
        }
        const CodePoint point = decode_utf8(text.substr(at));
        if (!point.valid) {
            out += escapes == JsonEscapes::kGo ? "\\ufffd" : "\xEF\xBF\xBD";
        } else if (escapes == JsonEscapes::kGo && (point.value | 1) == 0x2029) {
            out += point.value == 0x2028 ? "\\u2028" : "\\u2029";
        } else {
            out.append(text.substr(at, point.width));
        }
        at += point.width;
    }
    out.push_back('"');
}

void JsonWriter::line_break() {
    if (indent_.empty()) return;
    out_.push_back('\n');
    for (std::size_t level = 0; level < empty_.size(); ++level) out_ += indent_;
}

void JsonWriter::before_value() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (empty_.empty()) return;
    if (!empty_.back()) out_.push_back(',');
    empty_.back() = false;
    line_break();
}

JsonWriter& JsonWriter::begin_object() {
    before_value();
    out_.push_back('{');
    empty_.push_back(true);
    return *this;
}

JsonWriter& JsonWriter::end_object() {
    MERLON_ASSERT(!empty_.empty() && !after_key_);
    const bool was_empty = empty_.back();
    empty_.pop_back();
    if (!was_empty) line_break();
    out_.push_back('}');
    return *this;
}

JsonWriter& JsonWriter::begin_array() {
    before_value();
    out_.push_back('[');
    empty_.push_back(true);
    return *this;
}

JsonWriter& JsonWriter::end_array() {
    MERLON_ASSERT(!empty_.empty() && !after_key_);
    const bool was_empty = empty_.back();
    empty_.pop_back();
    if (!was_empty) line_break();
    out_.push_back(']');
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    before_value();
    append_json_string(out_, name, escapes_);
    out_ += indent_.empty() ? ":" : ": ";
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
    before_value();
    append_json_string(out_, text, escapes_);
    return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t number) { return raw(std::to_string(number)); }

JsonWriter& JsonWriter::boolean(bool truth) { return raw(truth ? "true" : "false"); }

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
    before_value();
    out_ += json;
    return *this;
}

JsonWriter& JsonWriter::value(const value::Value& tree) {
    switch (tree.kind()) {
        case value::Kind::kNull:
        case value::Kind::kUnknown:
            return null();
        case value::Kind::kBoolean:
            return boolean(tree.as_boolean());
        case value::Kind::kNumber:
            return raw(tree.number_text());
        case value::Kind::kString:
            return string(tree.as_string());
        case value::Kind::kArray:
        case value::Kind::kSet:
            begin_array();
            for (const value::Value& item : tree.items()) value(item);
            return end_array();
        case value::Kind::kObject:
            begin_object();
            for (std::size_t i = 0; i < tree.size(); ++i) {
                // JSON keys are strings; others are written as their JSON text (as OPA does).
                const value::Value& name = tree.keys()[i];
                if (name.is_string()) {
                    key(name.as_string());
                } else {
                    std::string text;
                    JsonWriter(text).value(name);
                    key(text);
                }
                value(tree.values()[i]);
            }
            return end_object();
    }
    return *this;
}

}  // namespace merlon::text
