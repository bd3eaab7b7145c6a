#pragma once

// What Unicode says about code points, as Go's package unicode has it: general categories, scripts,
// orbits of simple case folding, lower case.
//
// The idea: sorted ranges and pairs in read-only memory, made by tools/unicode/make_tables.py from
// the distribution's package unicode-data, and compared with Go's own tables for every code point.
// Nothing is initialised at start.
//
// Standard: Unicode 15.0.0, the version of Go 1.21 to 1.26; UAX #44 (general categories, scripts),
// CaseFolding.txt statuses C and S. Thread-safe: constants. Cost: a binary search for each call.

#include <optional>
#include <span>
#include <string_view>

namespace merlon::match {

inline constexpr char32_t kMaxCodePoint = 0x10FFFF;

// Code points low to high, both inside.
struct CodePointRange {
    char32_t low;
    char32_t high;

    bool operator==(const CodePointRange&) const = default;
};

struct CodePointPair {
    char32_t from;
    char32_t to;
};

// "15.0.0": part of the key of whatever is stored and depends on the tables.
std::string_view unicode_version();

struct UnicodeClass {
    std::span<const CodePointRange> ranges;  // ascending
    // Whether (?i) adds what the members fold to: always, but for LC, where Go 1.26 forgets it.
    bool is_folded;
};

// What `\p{name}` means to Go's regexp/syntax, or nothing where Go refuses the name. As there,
// letter case, '_', '-' and ' ' do not count, and Any, Assigned, ASCII, LC and the long names of
// categories are known; and as there (1.25 and later) a script whose name is of several words, such
// as Old_Italic, is refused.
std::optional<UnicodeClass> find_unicode_class(std::string_view name);

// The same by the exact key of Go's maps unicode.Categories and unicode.Scripts.
std::optional<std::span<const CodePointRange>> find_unicode_table(std::string_view key);

// unicode.SimpleFold: the next code point of the orbit, the smallest after the largest; the code
// point itself where it is alone, and where it is none.
char32_t simple_fold(char32_t point);

// Every code point that is not alone in its orbit, ascending, with its simple_fold: to close large
// sets under folding without asking for each of their members.
std::span<const CodePointPair> fold_orbits();

// unicode.ToLower.
char32_t to_lower(char32_t point);

}  // namespace merlon::match
