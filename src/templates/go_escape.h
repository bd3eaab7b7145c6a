#pragma once

// The five characters that Go escapes in markup: encoding/xml's EscapeText and text/template's
// HTMLEscapeString write the same.
//
// Thread-safe: no state.

#include <string>
#include <string_view>

namespace merlon::templates {

// Empty for a character that stays as it is.
constexpr std::string_view go_markup_escape(char32_t character) {
    switch (character) {
        case '"':
            return "&#34;";
        case '\'':
            return "&#39;";
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        default:
            return {};
    }
}

// encoding/xml's EscapeText, for attributes and character data alike: what XML cannot hold, and
// what is no UTF-8, becomes U+FFFD.
std::string go_xml_escape(std::string_view text);

}  // namespace merlon::templates
