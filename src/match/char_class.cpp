#include "match/char_class.h"

#include <algorithm>
#include <array>
#include <utility>

namespace merlon::match {
namespace {

struct NamedClass {
    std::string_view name;
    std::string_view pairs;  // low, high, low, high
};

// pkg.go.dev/regexp/syntax: "ASCII character classes".
constexpr std::array<NamedClass, 14> kPosixClasses = {{
    {"alnum", "09AZaz"},
    {"alpha", "AZaz"},
    {"ascii", std::string_view("\0\x7F", 2)},
    {"blank", "\t\t  "},
    {"cntrl", std::string_view("\0\x1F\x7F\x7F", 4)},
    {"digit", "09"},
    {"graph", "!~"},
    {"lower", "az"},
    {"print", " ~"},
    {"punct", "!/:@[`{~"},
    {"space", "\t\r  "},
    {"upper", "AZ"},
    {"word", "09AZ__az"},
    {"xdigit", "09AFaf"},
}};

CodePointRanges ranges_of(std::string_view pairs) {
    CodePointRanges ranges;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        ranges.push_back(
            {static_cast<unsigned char>(pairs[i]), static_cast<unsigned char>(pairs[i + 1])});
    }
    return ranges;
}

}  // namespace

void append_range(CodePointRanges& ranges, char32_t low, char32_t high) {
    // One of the last two often grows: folded alphabets append to A-Z and a-z in turn.
    for (std::size_t back = 1; back <= 2 && back <= ranges.size(); ++back) {
        CodePointRange& last = ranges[ranges.size() - back];
        if (low <= last.high + 1 && last.low <= high + 1) {
            last.low = std::min(last.low, low);
            last.high = std::max(last.high, high);
            return;
        }
    }
    ranges.push_back({low, high});
}

void append_folded_range(CodePointRanges& ranges, char32_t low, char32_t high) {
    append_range(ranges, low, high);
    const auto orbits = fold_orbits();
    auto at = std::lower_bound(
        orbits.begin(), orbits.end(), low,
        [](const CodePointPair& pair, char32_t point) { return pair.from < point; });
    for (; at != orbits.end() && at->from <= high; ++at) {
        for (char32_t other = at->to; other != at->from; other = simple_fold(other)) {
            if (other < low || other > high) append_range(ranges, other, other);
        }
    }
}

void clean(CodePointRanges& ranges) {
    std::sort(ranges.begin(), ranges.end(), [](const CodePointRange& a, const CodePointRange& b) {
        return a.low < b.low || (a.low == b.low && a.high > b.high);
    });
    std::size_t kept = 0;
    for (const CodePointRange range : ranges) {
        if (kept > 0 && range.low <= ranges[kept - 1].high + 1) {
            ranges[kept - 1].high = std::max(ranges[kept - 1].high, range.high);
        } else {
            ranges[kept++] = range;
        }
    }
    ranges.resize(kept);
}

CodePointRanges negated(const CodePointRanges& ranges) {
    CodePointRanges rest;
    char32_t next = 0;
    for (const CodePointRange range : ranges) {
        if (range.low > next) rest.push_back({next, range.low - 1});
        next = range.high + 1;
    }
    if (next <= kMaxCodePoint) rest.push_back({next, kMaxCodePoint});
    return rest;
}

bool contains(const CodePointRanges& clean_ranges, char32_t point) {
    const auto at = std::lower_bound(
        clean_ranges.begin(), clean_ranges.end(), point,
        [](const CodePointRange& range, char32_t value) { return range.high < value; });
    return at != clean_ranges.end() && at->low <= point;
}

char32_t smallest_fold(char32_t point) {
    char32_t smallest = point;
    for (char32_t other = simple_fold(point); other != point; other = simple_fold(other)) {
        smallest = std::min(smallest, other);
    }
    return smallest;
}

CodePointRanges perl_class(char letter) {
    switch (letter) {
        case 'd':
            return ranges_of("09");
        case 's':
            return ranges_of("\t\n\f\r  ");
        case 'w':
            return ranges_of("09AZ__az");
        default:
            return {};
    }
}

CodePointRanges posix_class(std::string_view name) {
    for (const NamedClass& named : kPosixClasses) {
        if (named.name == name) return ranges_of(named.pairs);
    }
    return {};
}

}  // namespace merlon::match
