#include "rego/yaml_text.h"

#include <algorithm>
#include <string_view>

#include "rego/term.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::rego {
namespace {

using value::Value;

// What YAML 1.1 reads as something else than a string: booleans, null, numbers, dates.
bool reads_as_other(std::string_view text) {
    constexpr std::string_view kWords[] = {
        "",      "~",     "null",  "Null", "NULL", "true", "True", "TRUE", "false", "False",
        "FALSE", "y",     "Y",     "yes",  "Yes",  "YES",  "n",    "N",    "no",    "No",
        "NO",    "on",    "On",    "ON",   "off",  "Off",  "OFF",  "<<",   ".inf",  ".Inf",
        ".INF",  "-.inf", "+.inf", ".nan", ".NaN", ".NAN", "="};
    if (std::ranges::find(kWords, text) != std::end(kWords)) return true;
    const bool begins_as_number =
        std::string_view("0123456789+-.").find(text[0]) != std::string_view::npos;
    return begins_as_number && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
                      std::string_view("+-.:_xobTZ ").find(c) != std::string_view::npos;
           });
}

bool is_plain(std::string_view text) {
    constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@` ";
    if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
    const bool is_marked = kIndicators.find(text.front()) != std::string_view::npos;
    const bool is_harmless = std::string_view("-?:").find(text.front()) != std::string_view::npos &&
                             text.size() > 1 && text[1] != ' ';
    if (is_marked && !is_harmless) return false;
    return text.find(": ") == std::string_view::npos && text.find(" #") == std::string_view::npos;
}

bool is_printable(std::string_view text) {
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        const bool is_control = point.value < 0x20 || point.value == 0x7F ||
                                (point.value >= 0x80 && point.value < 0xA0) ||
                                point.value == 0xFEFF;
        if (!point.valid || is_control) return false;
        text.remove_prefix(point.width);
    }
    return true;
}

class Writer {
  public:
    std::string out;

    void document(const Value& value) {
        block(value, 0, Place::kLineStart);
        if (!out.ends_with('\n')) out += '\n';
    }

  private:
    enum class Place : std::uint8_t { kLineStart, kBehindKey, kBehindDash };

    void block(const Value& value, std::size_t indent, Place place) {
        if (out.size() > kMaxTextBytes) return;
        if (value.is_object() && value.size() > 0) {
            if (place == Place::kBehindKey) out += '\n';
            for (std::size_t i = 0; i < value.size(); ++i) {
                if (i > 0 || place != Place::kBehindDash) out.append(indent, ' ');
                string(value.keys()[i].as_string(), indent);
                out += ':';
                child(value.values()[i], indent + (value.values()[i].is_array() ? 0 : 2));
            }
        } else if (value.is_array() && value.size() > 0) {
            if (place == Place::kBehindKey) out += '\n';
            for (std::size_t i = 0; i < value.size(); ++i) {
                if (i > 0 || place != Place::kBehindDash) out.append(indent, ' ');
                out += "- ";
                block(value.items()[i], indent + 2, Place::kBehindDash);
                if (!out.ends_with('\n')) out += '\n';
            }
        } else {
            scalar(value, indent);
        }
    }
    void child(const Value& value, std::size_t indent) {
        const bool is_block = (value.is_object() || value.is_array()) && value.size() > 0;
        if (!is_block) out += ' ';
        block(value, indent, Place::kBehindKey);
        if (!out.ends_with('\n')) out += '\n';
    }
    void scalar(const Value& value, std::size_t indent) {
        if (value.is_string()) return string(value.as_string(), indent);
        if (value.is_object()) {
            out += "{}";
        } else if (value.is_array()) {
            out += "[]";
        } else {
            append_term_text(out, value);
        }
    }
    void string(std::string_view text, std::size_t indent) {
        const bool has_lines = text.find('\n') != std::string_view::npos;
        std::string flat(text);
        std::ranges::replace(flat, '\n', ' ');
        if (reads_as_other(text) || !is_printable(flat)) {
            text::append_json_string(out, text, text::JsonEscapes::kMinimal);
        } else if (has_lines) {
            literal(text, indent);
        } else if (is_plain(text)) {
            out += text;
        } else {
            out += '\'';
            for (const char c : text) {
                if (c == '\'') out += '\'';
                out += c;
            }
            out += '\'';
        }
    }
    void literal(std::string_view text, std::size_t indent) {
        out += '|';
        if (text.starts_with(' ')) out += '2';
        if (!text.ends_with('\n')) out += '-';
        if (text.ends_with("\n\n")) out += '+';
        if (text.ends_with('\n')) text.remove_suffix(1);
        while (true) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            out += '\n';
            if (end > 0) out.append(std::max<std::size_t>(indent, 2), ' ');
            out += text.substr(0, end);
            if (end == text.size()) return;
            text.remove_prefix(end + 1);
        }
    }
};

}  // namespace

std::string yaml_text(const Value& value) {
    Writer writer;
    writer.document(value);
    return std::move(writer.out);
}

}  // namespace merlon::rego
