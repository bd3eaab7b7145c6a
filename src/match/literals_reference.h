#pragma once

// The plain meaning of a search for literals, for tests and fuzzers: every string at every place.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "match/literals.h"
#include "match/unicode_tables.h"
#include "text/utf8.h"

namespace merlon::match::reference {

inline bool same_point(std::string_view a, std::string_view b, LiteralFold fold) {
    const text::CodePoint left = text::decode_utf8(a);
    const text::CodePoint right = text::decode_utf8(b);
    if (fold == LiteralFold::kLower) return to_lower(left.value) == to_lower(right.value);
    if (left.valid != right.valid) return false;
    if (!left.valid) return a[0] == b[0];
    char32_t at = left.value;
    do {
        if (at == right.value) return true;
        at = simple_fold(at);
    } while (at != left.value);
    return false;
}

// Where `string` ends if it stands at `at`.
inline std::optional<std::size_t> end_at(std::string_view string, std::string_view text,
                                         std::size_t at, LiteralFold fold) {
    if (fold == LiteralFold::kExact || fold == LiteralFold::kAscii) {
        if (string.size() > text.size() - at) return std::nullopt;
        for (std::size_t i = 0; i < string.size(); ++i) {
            const auto lower = [fold](char c) {
                return fold == LiteralFold::kAscii && c >= 'A' && c <= 'Z'
                           ? static_cast<char>(c + 32)
                           : c;
            };
            if (lower(string[i]) != lower(text[at + i])) return std::nullopt;
        }
        return at + string.size();
    }
    while (!string.empty()) {
        if (at >= text.size() || !same_point(string, text.substr(at), fold)) return std::nullopt;
        at += text::decode_utf8(text.substr(at)).width;
        string.remove_prefix(text::decode_utf8(string).width);
    }
    return at;
}

inline std::size_t length_in_points(std::string_view string, LiteralFold fold) {
    return fold == LiteralFold::kExact || fold == LiteralFold::kAscii
               ? string.size()
               : text::count_code_points(string);
}

// By ascending begin, then by id.
inline std::vector<LiteralHit> all_hits(const std::vector<std::string>& strings,
                                        std::string_view text, LiteralFold fold) {
    std::vector<LiteralHit> hits;
    const bool by_point = fold == LiteralFold::kUnicode || fold == LiteralFold::kLower;
    for (std::size_t at = 0; at < text.size();) {
        for (std::uint32_t id = 0; id < strings.size(); ++id) {
            if (strings[id].empty()) continue;
            if (const auto end = end_at(strings[id], text, at, fold)) {
                hits.push_back({id, at, *end});
            }
        }
        at += by_point ? text::decode_utf8(text.substr(at)).width : 1;
    }
    return hits;
}

// What is equal for strings that match each other.
inline std::string folded(std::string_view string, LiteralFold fold) {
    std::string key;
    if (fold == LiteralFold::kExact || fold == LiteralFold::kAscii) {
        for (const char c : string) {
            const bool is_upper = fold == LiteralFold::kAscii && c >= 'A' && c <= 'Z';
            key += is_upper ? static_cast<char>(c + 32) : c;
        }
        return key;
    }
    while (!string.empty()) {
        const text::CodePoint point = text::decode_utf8(string);
        char32_t least = point.value;
        if (fold == LiteralFold::kLower) {
            least = to_lower(point.value);
        } else {
            for (char32_t at = simple_fold(least); at != point.value; at = simple_fold(at)) {
                least = std::min(least, at);
            }
        }
        if (!point.valid && fold == LiteralFold::kUnicode) {
            key += string[0];
        } else {
            text::append_utf8(key, least);
        }
        string.remove_prefix(point.width);
    }
    return key;
}

// Of all hits, as all_hits gives them, those that follow each other, as find() from the end of each
// gives them.
inline std::vector<LiteralHit> leftmost_of(const std::vector<LiteralHit>& all,
                                           const std::vector<std::string>& strings,
                                           LiteralFold fold, LiteralMatch match) {
    std::vector<LiteralHit> found;
    std::size_t from = 0;
    std::optional<LiteralHit> best;
    for (const LiteralHit& hit : all) {
        if (hit.begin < from) continue;
        if (best && hit.begin != best->begin) {
            found.push_back(*best);
            from = best->end;
            best.reset();
            if (hit.begin < from) continue;
        }
        const auto length = [&](const LiteralHit& each) {
            return length_in_points(strings[each.id], fold);
        };
        if (!best || (match == LiteralMatch::kLeftmostLongest && length(hit) > length(*best))) {
            best = hit;
        }
    }
    if (best) found.push_back(*best);
    return found;
}

inline std::vector<LiteralHit> leftmost_hits(const std::vector<std::string>& strings,
                                             std::string_view text, LiteralFold fold,
                                             LiteralMatch match) {
    return leftmost_of(all_hits(strings, text, fold), strings, fold, match);
}

}  // namespace merlon::match::reference
