#include "rego/encodings.h"

#include <array>
#include <cstdint>

#include "base/recycled.h"
#include "rego/term.h"
#include "value/value.h"

namespace merlon::rego {
namespace {

constexpr std::string_view kStandardAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNone = 0xFF;

constexpr std::array<std::uint8_t, 256> values_of(std::string_view alphabet) {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNone);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}
constexpr auto kStandardValues = values_of(kStandardAlphabet);
constexpr auto kUrlValues = values_of(kUrlAlphabet);

bool is_padded(Base64Form form) { return form != Base64Form::kUrlUnpadded; }
bool is_line_break(char c) { return c == '\n' || c == '\r'; }

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

void append_base64(std::string& text, std::string_view bytes, Base64Form form) {
    const std::string_view alphabet =
        form == Base64Form::kStandard ? kStandardAlphabet : kUrlAlphabet;
    const std::size_t begin = text.size();
    text.reserve(begin + (bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<std::uint8_t>(byte);
        for (held += 8; held >= 6;) {
            held -= 6;
            text += alphabet[bits >> held & 63];
        }
    }
    if (held > 0) text += alphabet[bits << (6 - held) & 63];
    if (is_padded(form)) text.append((4 - (text.size() - begin) % 4) % 4, '=');
}

std::string go_base64_encode(std::string_view bytes, Base64Form form) {
    std::string text;
    append_base64(text, bytes, form);
    return text;
}

Status append_decoded_base64(std::string& bytes, std::string_view text, Base64Form form) {
    const auto at = wrong_base64(bytes, text, form);
    if (!at) return {};
    return Error{"illegal base64 data at input byte " + std::to_string(*at), *at};
}

std::optional<std::size_t> wrong_base64(std::string& bytes, std::string_view text,
                                        Base64Form form) {
    const auto& values = form == Base64Form::kStandard ? kStandardValues : kUrlValues;
    std::uint32_t bits = 0;
    std::size_t count = 0;  // characters of the group that is being read
    std::size_t at = 0;
    const auto skip_line_breaks = [&] {
        while (at < text.size() && is_line_break(text[at])) ++at;
    };
    const auto flush = [&](std::size_t characters) {
        bits <<= 6 * (4 - characters);
        for (std::size_t i = 1; i < characters; ++i) {
            bytes += static_cast<char>(bits >> (24 - 8 * i) & 0xFF);
        }
    };
    for (;;) {
        skip_line_breaks();
        if (at == text.size()) {
            if (count == 0) return std::nullopt;
            if (count == 1 || is_padded(form)) return at - count;
            flush(count);
            return std::nullopt;
        }
        const char c = text[at++];
        const std::uint8_t value = values[static_cast<std::uint8_t>(c)];
        if (value != kNone) {
            bits = bits << 6 | value;
            if (++count == 4) {
                flush(4);
                bits = 0;
                count = 0;
            }
            continue;
        }
        if (c != '=' || !is_padded(form) || count < 2) return at - 1;
        if (count == 2) {
            skip_line_breaks();
            if (at == text.size()) return text.size();
            if (text[at] != '=') return at - 1;
            ++at;
        }
        skip_line_breaks();
        if (at < text.size()) return at;
        flush(count);
        return std::nullopt;
    }
}

Result<std::string> go_base64_decode(std::string_view text, Base64Form form) {
    std::string bytes;
    MERLON_TRY(append_decoded_base64(bytes, text, form));
    return bytes;
}

Status append_decoded_base64url(std::string& out, std::string_view text) {
    RecycledString padded(text);
    if (!padded.ends_with('=')) {
        // RFC 7515, appendix C.
        if (padded.size() % 4 == 1) {
            return Error{"illegal base64url string: " + std::string(text)};
        }
        padded.append((4 - padded.size() % 4) % 4, '=');
    }
    return append_decoded_base64(out, padded, Base64Form::kUrl);
}

Result<std::string> base64url_decode(std::string_view text) {
    std::string bytes;
    MERLON_TRY(append_decoded_base64url(bytes, text));
    return bytes;
}

Status append_decoded_hex(std::string& bytes, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (hex_digit(text[i]) >= 0) continue;
        // Go tells of a wrong byte before it tells of a missing one.
        const auto byte = static_cast<std::uint8_t>(text[i]);
        constexpr std::string_view kDigits = "0123456789ABCDEF";
        std::string shown(1, text[i]);
        if (byte >= 0x80)
            shown = {static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 63))};
        std::string quoted;
        append_go_quoted(quoted, shown);
        // %#U shows what can be shown, and that as it is.
        const bool is_printable = quoted[1] != '\\' || shown == "\\" || shown == "\"";
        return Error{std::string("encoding/hex: invalid byte: U+00") + kDigits[byte >> 4] +
                         kDigits[byte & 15] + (is_printable ? " '" + shown + "'" : ""),
                     i};
    }
    if (text.size() % 2 != 0) return Error{"encoding/hex: odd length hex string"};
    for (std::size_t i = 0; i < text.size(); i += 2) {
        bytes += static_cast<char>(hex_digit(text[i]) << 4 | hex_digit(text[i + 1]));
    }
    return {};
}

Result<std::string> go_hex_decode(std::string_view text) {
    std::string bytes;
    MERLON_TRY(append_decoded_hex(bytes, text));
    return bytes;
}

void append_query_escaped(std::string& escaped, std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                              (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' ||
                              c == '~';
        if (is_plain) {
            escaped += c;
        } else if (c == ' ') {
            escaped += '+';
        } else {
            escaped += '%';
            escaped += kDigits[byte >> 4];
            escaped += kDigits[byte & 15];
        }
    }
}

Status append_query_unescaped(std::string& plain, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const std::string_view escape = text.substr(i, 3);
        if (escape.size() < 3 || hex_digit(escape[1]) < 0 || hex_digit(escape[2]) < 0) {
            std::string quoted;
            append_go_quoted(quoted, escape);
            return Error{"invalid URL escape " + quoted, i};
        }
        plain += static_cast<char>(hex_digit(escape[1]) << 4 | hex_digit(escape[2]));
        i += 2;
    }
    return {};
}

Status parse_query(std::string_view query, std::string& pair,
                   const std::function<void(std::string_view key, std::string_view value)>& take) {
    // Go reads on behind what is wrong, and tells of this last.
    if (query.contains(';')) return Error{"invalid semicolon separator in query"};
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view part = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (part.empty()) continue;
        const std::size_t equals = std::min(part.find('='), part.size());
        pair.clear();
        MERLON_TRY(append_query_unescaped(pair, part.substr(0, equals)));
        const std::size_t key_bytes = pair.size();
        MERLON_TRY(append_query_unescaped(pair, part.substr(std::min(equals + 1, part.size()))));
        take(std::string_view(pair).substr(0, key_bytes), std::string_view(pair).substr(key_bytes));
    }
    return {};
}

}  // namespace merlon::rego
