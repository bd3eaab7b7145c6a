#include "text/utf8.h"

#include <algorithm>

#include "text/utf8_scan.h"

namespace merlon::text {
CodePoint decode_utf8(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i, unsigned low, unsigned high) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return {first, 1, true};
    // Table 3-7: the second byte's range excludes overlong forms, surrogates and above U+10FFFF.
    if (first >= 0xC2 && first <= 0xDF && continues(1, 0x80, 0xBF)) {
        return {(first & 0x1Fu) << 6 | (byte(1) & 0x3Fu), 2, true};
    }
    if (first >= 0xE0 && first <= 0xEF &&
        continues(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) &&
        continues(2, 0x80, 0xBF)) {
        return {(first & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu), 3, true};
    }
    if (first >= 0xF0 && first <= 0xF4 &&
        continues(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) &&
        continues(2, 0x80, 0xBF) && continues(3, 0x80, 0xBF)) {
        return {(first & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 |
                    (byte(3) & 0x3Fu),
                4, true};
    }
    return {kReplacement, 1, false};
}

void append_utf8(std::string& out, char32_t value) {
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) value = kReplacement;
    const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (value < 0x80) {
        put(value);
    } else if (value < 0x800) {
        put(0xC0 | value >> 6);
        put(0x80 | (value & 0x3F));
    } else if (value < 0x10000) {
        put(0xE0 | value >> 12);
        put(0x80 | (value >> 6 & 0x3F));
        put(0x80 | (value & 0x3F));
    } else {
        put(0xF0 | value >> 18);
        put(0x80 | (value >> 12 & 0x3F));
        put(0x80 | (value >> 6 & 0x3F));
        put(0x80 | (value & 0x3F));
    }
}

std::size_t find_invalid_utf8(std::string_view text) {
    return find_invalid_utf8(text, best_simd_path());
}

bool is_ascii(std::string_view text) { return find_non_ascii(text) == text.size(); }

std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
        const std::size_t ascii = find_non_ascii(text.substr(at));
        if (ascii > 0) {
            at += ascii;
            count += ascii - 1;
            continue;
        }
        at += decode_utf8(text.substr(at)).width;
    }
    return count;
}

std::string to_valid_utf8(std::string_view text) {
    std::size_t at = find_invalid_utf8(text);
    std::string valid(text.substr(0, at));
    while (at < text.size()) {
        const CodePoint point = decode_utf8(text.substr(at));
        if (point.valid) {
            valid.append(text.substr(at, point.width));
        } else {
            append_utf8(valid, kReplacement);
        }
        at += point.width;
    }
    return valid;
}

std::string mark_invalid_utf8(std::string_view text, std::size_t from) {
    // After an invalid byte the next ones are looked at one by one, so that a text that is broken
    // everywhere does not start the vectors' loop at each byte.
    constexpr std::size_t kStepwise = 64;
    std::string marked(text);
    while (from < text.size()) {
        from += find_invalid_utf8(text.substr(from));
        const std::size_t stop = from + std::min(kStepwise, text.size() - from);
        while (from < stop) {
            if (static_cast<unsigned char>(text[from]) < 0x80) {
                ++from;
                continue;
            }
            const CodePoint point = decode_utf8(text.substr(from));
            if (!point.valid) marked[from] = kInvalidMark;
            from += point.width;
        }
    }
    return marked;
}

std::string to_printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const CodePoint point = decode_utf8(text);
        const char32_t c = point.value;
        if (c == '\t' || c == '\n' || c == '\r') {
            out += ' ';
        } else if (!point.valid || c < 0x20 || (c >= 0x7F && c < 0xA0) ||
                   (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069)) {
            append_utf8(out, kReplacement);
        } else {
            out += text.substr(0, point.width);
        }
        text.remove_prefix(point.width);
    }
    return out;
}

}  // namespace merlon::text
