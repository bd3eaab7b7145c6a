#pragma once

// How the texts of a set of literals are folded (see literals.h): code point by code point, into
// bytes that an automaton reads. Nobody outside literals includes this.
//
// The idea: a text and the strings go through one function, so that comparing bytes compares what
// was meant. An invalid byte becomes FF and itself, which no valid text holds.
//
// Thread-safe: no state. Cost: a binary search for each code point that is not ASCII.

#include <string>
#include <string_view>

#include "match/literals.h"
#include "match/unicode_tables.h"
#include "text/utf8.h"

namespace merlon::match {

// One code point of a text, folded.
struct FoldedPoint {
    std::array<unsigned char, 4> bytes{};
    std::uint8_t count = 0;
    std::uint8_t width = 1;  // bytes of the text that it stands for
};

inline bool folds_by_code_point(LiteralFold fold) {
    return fold == LiteralFold::kUnicode || fold == LiteralFold::kLower;
}

// Of an orbit of unicode.SimpleFold its lower-case ASCII letter, else its smallest member.
inline char32_t orbit_representative(char32_t point) {
    char32_t least = point;
    for (char32_t at = simple_fold(point); at != point; at = simple_fold(at)) {
        least = std::min(least, at);
    }
    return least >= 'A' && least <= 'Z' ? least + 32 : least;
}

inline FoldedPoint fold_point(std::string_view text, LiteralFold fold) {
    FoldedPoint folded;
    const text::CodePoint point = text::decode_utf8(text);
    folded.width = point.width;
    if (point.value < 0x80) {
        folded.bytes[0] = ascii_lower(static_cast<unsigned char>(point.value));
        folded.count = 1;
        return folded;
    }
    if (!point.valid && fold == LiteralFold::kUnicode) {
        folded.bytes = {0xFF, static_cast<unsigned char>(text[0])};
        folded.count = 2;
        return folded;
    }
    const char32_t value =
        fold == LiteralFold::kUnicode ? orbit_representative(point.value) : to_lower(point.value);
    std::string encoded;
    text::append_utf8(encoded, value);
    std::copy(encoded.begin(), encoded.end(), folded.bytes.begin());
    folded.count = static_cast<std::uint8_t>(encoded.size());
    return folded;
}

inline std::string fold_string(std::string_view string, LiteralFold fold) {
    std::string folded;
    if (!folds_by_code_point(fold)) {
        folded = string;
        if (fold == LiteralFold::kAscii) {
            for (char& c : folded)
                c = static_cast<char>(ascii_lower(static_cast<unsigned char>(c)));
        }
        return folded;
    }
    while (!string.empty()) {
        const FoldedPoint point = fold_point(string, fold);
        for (std::size_t i = 0; i < point.count; ++i) {
            folded.push_back(static_cast<char>(point.bytes[i]));
        }
        string.remove_prefix(point.width);
    }
    return folded;
}

}  // namespace merlon::match
