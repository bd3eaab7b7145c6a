#include "templates/go_escape.h"

#include "text/utf8.h"

namespace merlon::templates {
namespace {

// XML 1.0, section 2.2: the characters a document may hold.
bool is_xml_character(char32_t c) {
    return c == 0x09 || c == 0x0A || c == 0x0D || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

std::string_view xml_escape_of(char32_t c) {
    if (c == '\t') return "&#x9;";
    if (c == '\n') return "&#xA;";
    return c == '\r' ? "&#xD;" : go_markup_escape(c);
}

}  // namespace

std::string go_xml_escape(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        if (const std::string_view escape = xml_escape_of(point.value); !escape.empty()) {
            out += escape;
        } else if (point.valid && is_xml_character(point.value)) {
            out += text.substr(0, point.width);
        } else {
            out += "\xEF\xBF\xBD";
        }
        text.remove_prefix(point.width);
    }
    return out;
}

}  // namespace merlon::templates
