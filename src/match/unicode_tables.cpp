#include "match/unicode_tables.h"

#include <algorithm>
#include <string>

#include "match/unicode_tables_data.h"

namespace merlon::match {
namespace {

std::optional<std::span<const CodePointRange>> find_in(std::span<const unicode_data::Name> names,
                                                       std::string_view name) {
    const auto at = std::lower_bound(names.begin(), names.end(), name,
                                     [](const unicode_data::Name& entry, std::string_view wanted) {
                                         return entry.name < wanted;
                                     });
    if (at == names.end() || at->name != name) return std::nullopt;
    return unicode_data::kRanges.subspan(at->begin, at->count);
}

char32_t mapped(std::span<const CodePointPair> pairs, char32_t point) {
    const auto at = std::lower_bound(
        pairs.begin(), pairs.end(), point,
        [](const CodePointPair& pair, char32_t wanted) { return pair.from < wanted; });
    return at != pairs.end() && at->from == point ? at->to : point;
}

// syntax.canonicalName of Go.
std::string canonical(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == '_' || c == '-' || c == ' ') continue;
        const bool is_first = out.empty();
        if (is_first && c >= 'a' && c <= 'z') {
            out.push_back(static_cast<char>(c - 32));
        } else if (!is_first && c >= 'A' && c <= 'Z') {
            out.push_back(static_cast<char>(c + 32));
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace

std::string_view unicode_version() { return unicode_data::kVersion; }

std::optional<UnicodeClass> find_unicode_class(std::string_view name) {
    const auto ranges = find_in(unicode_data::kRegexpNames, canonical(name));
    if (!ranges) return std::nullopt;
    // unicode.FoldCategory has no "LC", though U+0345 folds to letters.
    const bool is_cased_letter = ranges->data() == find_unicode_table("LC")->data();
    return UnicodeClass{*ranges, !is_cased_letter};
}

std::optional<std::span<const CodePointRange>> find_unicode_table(std::string_view key) {
    return find_in(unicode_data::kKeys, key);
}

char32_t simple_fold(char32_t point) {
    // Of ASCII, k and s alone have an orbit of three: K k U+212A, S s U+017F.
    if (point < 0x80) {
        if (point == 'k') return 0x212A;
        if (point == 's') return 0x17F;
        if (point >= 'A' && point <= 'Z') return point + 32;
        if (point >= 'a' && point <= 'z') return point - 32;
        return point;
    }
    return mapped(unicode_data::kOrbits, point);
}

std::span<const CodePointPair> fold_orbits() { return unicode_data::kOrbits; }

char32_t to_lower(char32_t point) {
    if (point < 0x80) return point >= 'A' && point <= 'Z' ? point + 32 : point;
    return mapped(unicode_data::kLower, point);
}

}  // namespace merlon::match
