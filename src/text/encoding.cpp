#include "text/encoding.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "text/utf8.h"

namespace merlon::text {
namespace {

constexpr std::size_t kProbeBytes = 8000;
// Of the units of a text without a mark, so many have to be ASCII before it counts as UTF-16.
constexpr std::size_t kMinAsciiPercent = 70;
// With more ASCII bytes than this, none of them NUL, a marked text is no UTF-16.
constexpr std::size_t kMaxAsciiPercentMarked = 90;
// The bytes 0x80 to 0x9F of windows-1252; 0: none.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// Whether the units whose low byte stands at `low` (0 or 1) are mostly ASCII characters.
bool looks_like_utf16(std::string_view probe, std::size_t low) {
    std::size_t ascii = 0;
    const std::size_t units = probe.size() / 2;
    for (std::size_t i = 0; i < units; ++i) {
        const auto value = static_cast<unsigned char>(probe[2 * i + low]);
        const bool readable = value >= 0x20 || value == '\n' || value == '\r' || value == '\t';
        if (probe[2 * i + 1 - low] == '\0' && value < 0x7F && readable) ++ascii;
    }
    return units >= 4 && ascii * 100 >= units * kMinAsciiPercent;
}

bool is_readable(char32_t point) {
    return point >= 0x20 ? point < 0x7F : point == '\n' || point == '\r' || point == '\t';
}

// Whether a unit is a character of the scripts that are written without spaces and letters of one
// byte, or of what stands among them (Unicode 15.0, Blocks.txt): punctuation, kana, Bopomofo, Han,
// Hangul, full width, and halves of what lies beyond the first plane.
bool is_east_asian(char32_t unit) {
    return (unit >= 0x3000 && unit < 0x3130) || (unit >= 0x3400 && unit < 0x4DC0) ||
           (unit >= 0x4E00 && unit < 0xA000) || (unit >= 0xAC00 && unit < 0xD7A4) ||
           (unit >= 0xD800 && unit < 0xE000) || (unit >= 0xF900 && unit < 0xFB00) ||
           (unit >= 0xFF00 && unit < 0xFFF0);
}

bool is_punctuation(char32_t unit) {
    return (unit >= 0xA0 && unit < 0x100) || (unit >= 0x2010 && unit < 0x2070) ||
           (unit >= 0x2460 && unit < 0x2600);
}

// Whether the units whose low byte stands at `low` are text of any script: a zero byte is the
// upper half of a readable ASCII character, of which there are some, or the lower half of an East
// Asian one, and nothing is a control character, a lone surrogate or a place of no character. Where
// ASCII is rare, all else is East Asian.
bool is_strict_utf16(std::string_view probe, std::size_t low) {
    constexpr std::size_t kMinReadable = 4;
    const std::size_t units = probe.size() / 2;
    std::size_t readable = 0;
    std::size_t east_asian = 0;
    std::size_t zero_below = 0;
    std::size_t others = 0;
    char32_t before = 0;
    for (std::size_t at = 0; at + 1 < probe.size(); at += 2) {
        const auto lower = static_cast<unsigned char>(probe[at + low]);
        const auto upper = static_cast<unsigned char>(probe[at + 1 - low]);
        const char32_t unit = char32_t{upper} << 8 | lower;
        const bool follows_high = before >= 0xD800 && before < 0xDC00;
        const bool is_low = unit >= 0xDC00 && unit < 0xE000;
        if (follows_high != is_low) return false;
        if (unit < 0xA0 && !is_readable(unit)) return false;
        if ((unit >= 0xE000 && unit < 0xF900) || unit >= 0xFFFE) return false;
        before = unit;
        if (unit < 0x80) {
            ++readable;
            continue;
        }
        if (is_east_asian(unit)) {
            ++east_asian;
        } else if (!is_punctuation(unit)) {
            ++others;
        }
        if (lower != 0 || unit == 0x3000) continue;
        // One of the commonest Han characters, U+4E00, and of the commonest of Hangul, U+AC00, are
        // such; of any text a quarter is not.
        if (!is_east_asian(unit)) return false;
        ++zero_below;
    }
    if (readable < kMinReadable || zero_below * 4 > units) return false;
    if (others == 0 && east_asian * 2 > units) return true;
    return zero_below == 0 && readable * 20 >= units;
}

// Whether the units of four bytes, the lowest at `low` (0 or 3), are mostly ASCII characters.
bool looks_like_utf32(std::string_view probe, std::size_t low) {
    std::size_t ascii = 0;
    const std::size_t units = probe.size() / 4;
    for (std::size_t at = 0; at + 3 < probe.size(); at += 4) {
        const std::string_view unit = probe.substr(at, 4);
        const auto value = static_cast<unsigned char>(unit[low]);
        const bool rest_is_zero = std::count(unit.begin(), unit.end(), '\0') == 3;
        if (rest_is_zero && is_readable(value)) ++ascii;
    }
    return units >= 4 && ascii * 100 >= units * kMinAsciiPercent;
}

// A mark in front of what is plain ASCII otherwise, without a NUL: read as UTF-16 it would be
// Chinese, and whoever put the mark there would have hidden the text.
bool is_ascii_behind_mark(std::string_view probe) {
    probe.remove_prefix(2);
    const auto readable = std::count_if(probe.begin(), probe.end(), [](char c) {
        return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || c == '\t';
    });
    return static_cast<std::size_t>(readable) * 100 > probe.size() * kMaxAsciiPercentMarked;
}

// Whether the text has upper bytes and all of them read as Latin-1 letters and signs.
bool looks_like_latin1(std::string_view probe) {
    std::size_t at = find_invalid_utf8(probe);
    // The last bytes may be a sequence that the probe cuts.
    if (at + 4 > probe.size() && at < probe.size() && probe.size() == kProbeBytes) return false;
    if (at == probe.size()) return false;
    std::size_t upper = 0;
    for (at = 0; at < probe.size(); ++at) {
        const auto byte = static_cast<unsigned char>(probe[at]);
        if (byte < 0x80) {
            const bool is_text = byte >= 0x20 || (byte >= '\t' && byte <= '\r') || byte == 0x1B;
            if (!is_text || byte == 0x7F) return false;
            continue;
        }
        if (byte < 0xA0 && kWindows1252[byte - 0x80] == 0) return false;
        if (decode_utf8(probe.substr(at)).valid) return false;
        ++upper;
    }
    return upper * 2 < probe.size();
}

// Of a text without ASCII in its first bytes: what there is further on may tell that it is East
// Asian in UTF-16. Without any it cannot be told, and holds no secret.
Encoding encoding_by_more(std::string_view bytes) {
    constexpr std::size_t kMostBytes = std::size_t{1} << 20;
    const std::string_view more = bytes.substr(0, kMostBytes);
    const bool is_utf8 = find_invalid_utf8(bytes.substr(0, kProbeBytes)) + 4 > kProbeBytes;
    if (more.size() <= kProbeBytes || is_utf8 || more.find('\0') == std::string_view::npos) {
        return Encoding::kBinary;
    }
    if (is_strict_utf16(more, 0)) return Encoding::kUtf16LittleEndian;
    if (is_strict_utf16(more, 1)) return Encoding::kUtf16BigEndian;
    return Encoding::kBinary;
}

}  // namespace

std::string latin1_to_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            out += c;
        } else if (byte < 0xA0 && kWindows1252[byte - 0x80] != 0) {
            append_utf8(out, kWindows1252[byte - 0x80]);
        } else {
            append_utf8(out, byte);
        }
    }
    return out;
}

Encoding detect_encoding(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) return Encoding::kUtf8WithMark;
    const std::string_view probe = bytes.substr(0, kProbeBytes);
    constexpr std::string_view kLittle32("\xFF\xFE\0\0", 4);
    constexpr std::string_view kBig32("\0\0\xFE\xFF", 4);
    if (bytes.starts_with(kLittle32)) return Encoding::kUtf32LittleEndian;
    if (bytes.starts_with(kBig32)) return Encoding::kUtf32BigEndian;
    const bool little = bytes.starts_with("\xFF\xFE");
    if (little || bytes.starts_with("\xFE\xFF")) {
        if (is_ascii_behind_mark(probe)) return Encoding::kBinary;
        return little ? Encoding::kUtf16LittleEndian : Encoding::kUtf16BigEndian;
    }
    if (probe.find('\0') == std::string_view::npos) {
        const Encoding more = encoding_by_more(bytes);
        if (more != Encoding::kBinary) return more;
        return looks_like_latin1(probe) ? Encoding::kLatin1 : Encoding::kUtf8;
    }
    if (looks_like_utf16(probe, 0)) return Encoding::kUtf16LittleEndian;
    if (looks_like_utf16(probe, 1)) return Encoding::kUtf16BigEndian;
    if (looks_like_utf32(probe, 0)) return Encoding::kUtf32LittleEndian;
    if (looks_like_utf32(probe, 3)) return Encoding::kUtf32BigEndian;
    if (is_strict_utf16(probe, 0)) return Encoding::kUtf16LittleEndian;
    if (is_strict_utf16(probe, 1)) return Encoding::kUtf16BigEndian;
    return encoding_by_more(bytes);
}

std::string utf16_to_utf8(std::string_view bytes, Encoding encoding) {
    const std::size_t low = encoding == Encoding::kUtf16LittleEndian ? 0 : 1;
    const auto unit_at = [&](std::size_t at) {
        const auto byte = [&](std::size_t i) {
            return static_cast<char32_t>(static_cast<unsigned char>(bytes[i]));
        };
        return byte(at + 1 - low) << 8 | byte(at + low);
    };
    std::string out;
    out.reserve(bytes.size() / 2 + 16);
    std::size_t at = 0;
    if (bytes.size() >= 2 && unit_at(0) == 0xFEFF) at = 2;
    for (; at + 1 < bytes.size(); at += 2) {
        char32_t point = unit_at(at);
        // RFC 2781, section 2.2: a high surrogate and the low one behind it are one character.
        if (point >= 0xD800 && point < 0xDC00 && at + 3 < bytes.size()) {
            const char32_t next = unit_at(at + 2);
            if (next >= 0xDC00 && next < 0xE000) {
                point = 0x10000 + ((point - 0xD800) << 10) + (next - 0xDC00);
                at += 2;
            }
        }
        append_utf8(out, point);
    }
    if (at < bytes.size()) append_utf8(out, kReplacement);
    return out;
}

std::string utf32_to_utf8(std::string_view bytes, Encoding encoding) {
    const bool is_little = encoding == Encoding::kUtf32LittleEndian;
    std::string out;
    out.reserve(bytes.size() / 4 + 16);
    std::size_t at = 0;
    for (; at + 3 < bytes.size(); at += 4) {
        char32_t point = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const std::size_t place = is_little ? at + 3 - i : at + i;
            point = point << 8 | static_cast<unsigned char>(bytes[place]);
        }
        if (at == 0 && point == 0xFEFF) continue;
        append_utf8(out, point > 0x10FFFF ? kReplacement : point);
    }
    if (at < bytes.size()) append_utf8(out, kReplacement);
    return out;
}

std::size_t mark_bytes(std::string_view bytes, Encoding encoding) {
    using namespace std::string_view_literals;
    const std::string_view mark = [encoding] {
        switch (encoding) {
            case Encoding::kUtf8WithMark:
                return "\xEF\xBB\xBF"sv;
            case Encoding::kUtf16LittleEndian:
                return "\xFF\xFE"sv;
            case Encoding::kUtf16BigEndian:
                return "\xFE\xFF"sv;
            case Encoding::kUtf32LittleEndian:
                return "\xFF\xFE\0\0"sv;
            case Encoding::kUtf32BigEndian:
                return "\0\0\xFE\xFF"sv;
            default:
                return ""sv;
        }
    }();
    return bytes.starts_with(mark) ? mark.size() : 0;
}

std::uint64_t encoded_bytes(std::string_view utf8, std::size_t unit_bytes) {
    std::uint64_t units = 0;
    for (const char c : utf8) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80) ++units;
        // RFC 2781, section 2.1: two units beyond the first plane.
        if (unit_bytes == 2 && byte >= 0xF0) ++units;
    }
    return units * unit_bytes;
}

}  // namespace merlon::text
