#include <fmt/format.h>

#include "crypto/digest.h"
#include "templates/go_escape.h"
#include "templates/template_arguments.h"
#include "templates/template_format.h"
#include "text/base64.h"
#include "text/utf8.h"

namespace merlon::templates {
namespace {

// text/template's HTMLEscapeString.
std::string html_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (const std::string_view escape = go_markup_escape(static_cast<unsigned char>(c));
            !escape.empty()) {
            out += escape;
        } else if (c == '\0') {
            out += "\xEF\xBF\xBD";
        } else {
            out += c;
        }
    }
    return out;
}

// What html, js and urlquery escape: one argument as it is, several as print shows them.
std::string shown(Arguments arguments) {
    return arguments.size() == 1 ? template_text(arguments[0]) : go_sprint(arguments);
}

// text/template's JSEscapeString.
std::string js_escaped(std::string_view text) {
    std::string out;
    for (; !text.empty(); text.remove_prefix(1)) {
        const char c = text.front();
        constexpr std::string_view kEscaped = "\\'\"<>&=";
        constexpr std::string_view kEscapes[] = {"\\\\",    "\\'",     "\\\"",   "\\u003C",
                                                 "\\u003E", "\\u0026", "\\u003D"};
        // What is not printed, as far as it has a short name here (U+0080 to U+00A0, the marks
        // and separators of U+2000 to U+206F).
        const text::CodePoint point = text::decode_utf8(text);
        const bool is_mark = (point.value >= 0x80 && point.value <= 0xA0) || point.value == 0xAD ||
                             (point.value >= 0x2000 && point.value <= 0x200F) ||
                             (point.value >= 0x2028 && point.value <= 0x202F) ||
                             (point.value >= 0x205F && point.value <= 0x206F);
        if (const std::size_t at = kEscaped.find(c); at != std::string_view::npos) {
            out += kEscapes[at];
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        } else if (point.valid && is_mark) {
            out += fmt::format("\\u{:04X}", static_cast<std::uint32_t>(point.value));
            text.remove_prefix(point.width - 1);
        } else {
            out += c;
        }
    }
    return out;
}

// url.QueryEscape.
std::string query_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                           std::string_view("-_.~").find(c) != std::string_view::npos;
        if (plain) {
            out += c;
        } else {
            out += c == ' ' ? "+" : fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

constexpr TemplateFunction kEncodingsFunctions[] = {
    {"b64dec", 1, 1, "s",
     [](Arguments in) -> Answer {
         auto bytes = text::decode_base64(text_of(in[0]), text::Base64Alphabet::kStandard);
         return TemplateValue(bytes.ok() ? bytes.value() : bytes.error().message);
     }},
    {"b64enc", 1, 1, "s",
     [](Arguments in) -> Answer {
         return given(text::encode_base64(text_of(in[0]), text::Base64Alphabet::kStandard));
     }},
    {"html", 0, kAny, "", [](Arguments in) -> Answer { return given(html_escaped(shown(in))); }},
    {"js", 0, kAny, "", [](Arguments in) -> Answer { return given(js_escaped(shown(in))); }},
    {"quote", 0, kAny, "",
     [](Arguments in) -> Answer {
         return given(joined_with_blanks(
             in, [](const TemplateValue& value) { return go_quoted(template_text(value)); }));
     }},
    {"sha1sum", 1, 1, "s",
     [](Arguments in) -> Answer {
         return given(crypto::digest(crypto::DigestAlgorithm::kSha1, text_of(in[0])).hex());
     }},
    {"sha256sum", 1, 1, "s",
     [](Arguments in) -> Answer {
         return given(crypto::digest(crypto::DigestAlgorithm::kSha256, text_of(in[0])).hex());
     }},
    {"squote", 0, kAny, "",
     [](Arguments in) -> Answer {
         return given(joined_with_blanks(
             in, [](const TemplateValue& value) { return "'" + template_text(value) + "'"; }));
     }},
    {"toJson", 1, 1, "",
     [](Arguments in) -> Answer { return given(template_json(in[0], JsonLayout::kCompact)); }},
    {"toPrettyJson", 1, 1, "",
     [](Arguments in) -> Answer { return given(template_json(in[0], JsonLayout::kPretty)); }},
    {"toRawJson", 1, 1, "",
     [](Arguments in) -> Answer { return given(template_json(in[0], JsonLayout::kRaw)); }},
    {"urlquery", 0, kAny, "",
     [](Arguments in) -> Answer { return given(query_escaped(shown(in))); }},
};

}  // namespace

std::span<const TemplateFunction> encoding_functions() { return kEncodingsFunctions; }

}  // namespace merlon::templates
