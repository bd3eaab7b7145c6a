#include "text/normal_form.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "text/normal_form_data.h"
#include "text/utf8.h"

namespace merlon::text {
namespace {

using normal_form_data::CombiningClass;
using normal_form_data::Composition;
using normal_form_data::Decomposition;

// Syllables of Korean are composed by their numbers (Unicode, section 3.12).
constexpr char32_t kFirstSyllable = 0xAC00;
constexpr char32_t kLeading = 0x1100;
constexpr char32_t kVowel = 0x1161;
constexpr char32_t kTrailing = 0x11A7;  // no syllable ends with this one
constexpr char32_t kLeadings = 19;
constexpr char32_t kVowels = 21;
constexpr char32_t kTrailings = 28;
constexpr char32_t kSyllables = kLeadings * kVowels * kTrailings;

// Below it nothing changes, whatever follows but for marks.
constexpr char32_t kFirstMark = 0x300;

std::uint8_t combining_class(char32_t point) {
    if (point < kFirstMark) return 0;
    const auto list = normal_form_data::kClasses;
    const auto found = std::ranges::upper_bound(list, point, {}, &CombiningClass::low);
    if (found == list.begin()) return 0;
    const CombiningClass& range = *std::prev(found);
    return point <= range.high ? range.value : 0;
}

struct Mark {
    char32_t point;
    std::uint8_t combining;
};

void take_apart(char32_t point, std::vector<Mark>& out) {
    constexpr char32_t kFirstWithParts = 0xC0;
    if (point < kFirstWithParts) return out.push_back({point, 0});
    if (point >= kFirstSyllable && point < kFirstSyllable + kSyllables) {
        const char32_t number = point - kFirstSyllable;
        out.push_back({kLeading + number / (kVowels * kTrailings), 0});
        out.push_back({kVowel + number % (kVowels * kTrailings) / kTrailings, 0});
        if (number % kTrailings != 0) out.push_back({kTrailing + number % kTrailings, 0});
        return;
    }
    const auto list = normal_form_data::kDecompositions;
    const auto found = std::ranges::lower_bound(list, point, {}, &Decomposition::from);
    if (found == list.end() || found->from != point) {
        out.push_back({point, combining_class(point)});
        return;
    }
    take_apart(found->first, out);
    if (found->second != 0) take_apart(found->second, out);
}

// 0: they stay two.
char32_t composed(char32_t first, char32_t second) {
    if (first >= kLeading && first < kLeading + kLeadings && second >= kVowel &&
        second < kVowel + kVowels) {
        return kFirstSyllable + ((first - kLeading) * kVowels + (second - kVowel)) * kTrailings;
    }
    const bool is_open = first >= kFirstSyllable && first < kFirstSyllable + kSyllables &&
                         (first - kFirstSyllable) % kTrailings == 0;
    if (is_open && second > kTrailing && second < kTrailing + kTrailings) {
        return first + (second - kTrailing);
    }
    const auto list = normal_form_data::kCompositions;
    const auto is_before = [second](const Composition& one, char32_t wanted) {
        return one.first != wanted ? one.first < wanted : one.second < second;
    };
    const auto found = std::lower_bound(list.begin(), list.end(), first, is_before);
    if (found == list.end() || found->first != first || found->second != second) return 0;
    return found->whole;
}

// Marks between two others are put in the order of their classes.
void order(std::vector<Mark>& points) {
    for (auto begin = points.begin(); begin != points.end();) {
        if (begin->combining == 0) {
            ++begin;
            continue;
        }
        const auto end =
            std::find_if(begin, points.end(), [](const Mark& one) { return one.combining == 0; });
        std::stable_sort(begin, end, [](const Mark& left, const Mark& right) {
            return left.combining < right.combining;
        });
        begin = end;
    }
}

// The last character without a class takes up what follows and is not kept from it by a mark of
// the same class or a higher one.
void compose(std::vector<Mark>& points) {
    constexpr std::size_t kNone = SIZE_MAX;
    std::size_t starter = kNone;
    std::size_t size = 0;
    for (const Mark one : points) {
        const bool is_kept =
            starter != kNone && size > starter + 1 &&
            (points[size - 1].combining == 0 || points[size - 1].combining >= one.combining);
        const char32_t whole =
            starter == kNone || is_kept ? 0 : composed(points[starter].point, one.point);
        if (whole != 0) {
            points[starter].point = whole;
            continue;
        }
        if (one.combining == 0) starter = size;
        points[size++] = one;
    }
    points.resize(size);
}

void put(std::vector<Mark>& points, std::string& out) {
    order(points);
    compose(points);
    for (const Mark& one : points) append_utf8(out, one.point);
    points.clear();
}

}  // namespace

std::string to_normal_form_c(std::string_view text) {
    // The first byte of whatever is U+0300 or more.
    constexpr unsigned char kFirstByte = 0xCC;
    const auto begin = std::ranges::find_if(
        text, [](char byte) { return static_cast<unsigned char>(byte) >= kFirstByte; });
    if (begin == text.end()) return std::string(text);
    std::string out;
    out.reserve(text.size());
    std::vector<Mark> points;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode_utf8(text.substr(at));
        // Before what takes part in nothing, all is settled.
        if (!point.valid || point.value < kFirstMark) put(points, out);
        if (!point.valid) {
            out += text[at];
        } else {
            take_apart(point.value, points);
        }
        at += point.width;
    }
    put(points, out);
    return out;
}

}  // namespace merlon::text
