#include "match/go_quote.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "match/unicode_tables.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

void append_escaped(std::string& out, char32_t point) {
    constexpr std::string_view kNamed = "\a\b\f\n\r\t\v";
    constexpr std::string_view kLetters = "abfnrtv";
    const std::size_t named = point < 0x80 ? kNamed.find(static_cast<char>(point)) : kNamed.npos;
    const auto code = static_cast<std::uint32_t>(point);
    if (named != kNamed.npos) {
        out.push_back('\\');
        out.push_back(kLetters[named]);
    } else if (code < 0x20 || code == 0x7F) {
        out += fmt::format("\\x{:02x}", code);
    } else if (code < 0x10000) {
        out += fmt::format("\\u{:04x}", code);
    } else {
        out += fmt::format("\\U{:08x}", code);
    }
}

void append_quotable(std::string& out, char32_t point, char quote, GoCharacters kept) {
    if (point == static_cast<char32_t>(quote) || point == '\\') {
        out.push_back('\\');
        out.push_back(static_cast<char>(point));
    } else if (is_go_printable(point) && (kept == GoCharacters::kPrintable || point < 0x80)) {
        text::append_utf8(out, point);
    } else {
        append_escaped(out, point);
    }
}

}  // namespace

bool is_go_printable(char32_t point) {
    if (point < 0x80) return point >= 0x20 && point < 0x7F;
    for (const std::string_view category : {"L", "M", "N", "P", "S"}) {
        const auto ranges = find_unicode_table(category);
        if (!ranges) continue;
        const auto found = std::ranges::upper_bound(*ranges, point, {},
                                                    [](const auto& range) { return range.low; });
        if (found != ranges->begin() && point <= std::prev(found)->high) return true;
    }
    return false;
}

void append_go_quoted(std::string& out, std::string_view text, GoCharacters kept) {
    out.push_back('"');
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        if (point.valid) {
            append_quotable(out, point.value, '"', kept);
        } else {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
        }
        text.remove_prefix(point.width);
    }
    out.push_back('"');
}

std::string go_quoted_rune(char32_t point, GoCharacters kept) {
    const bool is_scalar = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
    std::string out = "'";
    append_quotable(out, is_scalar ? point : text::kReplacement, '\'', kept);
    out.push_back('\'');
    return out;
}

bool can_backquote(std::string_view text) {
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        constexpr char32_t kByteOrderMark = 0xFEFF;
        const bool is_control = (point.value < 0x20 && point.value != '\t') || point.value == 0x7F;
        if (!point.valid || is_control || point.value == '`' || point.value == kByteOrderMark) {
            return false;
        }
        text.remove_prefix(point.width);
    }
    return true;
}

}  // namespace merlon::match
