#include "evidence/person_name.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "match/unicode_tables.h"
#include "text/utf8.h"

namespace merlon::evidence {
namespace {

using match::CodePointRange;

// NFKC_Quick_Check is No or Maybe (DerivedNormalizationProps-15.0.0.txt); ranges are joined where
// nothing between them may stand in a name either.
constexpr CodePointRange kNotNormal[] = {
    {0xA0, 0xA0},       {0xA8, 0xAA},       {0xAF, 0xB5},       {0xB8, 0xBA},
    {0xBC, 0xBE},       {0x132, 0x133},     {0x13F, 0x140},     {0x149, 0x149},
    {0x17F, 0x17F},     {0x1C4, 0x1CC},     {0x1F1, 0x1F3},     {0x2B0, 0x2B8},
    {0x2D8, 0x2E4},     {0x300, 0x304},     {0x306, 0x30C},     {0x30F, 0x30F},
    {0x311, 0x311},     {0x313, 0x314},     {0x31B, 0x31B},     {0x323, 0x328},
    {0x32D, 0x32E},     {0x330, 0x331},     {0x338, 0x338},     {0x340, 0x345},
    {0x374, 0x374},     {0x37A, 0x37A},     {0x37E, 0x37E},     {0x384, 0x385},
    {0x387, 0x387},     {0x3D0, 0x3D6},     {0x3F0, 0x3F2},     {0x3F4, 0x3F5},
    {0x3F9, 0x3F9},     {0x587, 0x587},     {0x653, 0x655},     {0x675, 0x678},
    {0x93C, 0x93C},     {0x958, 0x95F},     {0x9BE, 0x9BE},     {0x9D7, 0x9DF},
    {0xA33, 0xA33},     {0xA36, 0xA36},     {0xA59, 0xA5B},     {0xA5E, 0xA5E},
    {0xB3E, 0xB3E},     {0xB56, 0xB5D},     {0xBBE, 0xBBE},     {0xBD7, 0xBD7},
    {0xC56, 0xC56},     {0xCC2, 0xCC2},     {0xCD5, 0xCD6},     {0xD3E, 0xD3E},
    {0xD57, 0xD57},     {0xDCA, 0xDCF},     {0xDDF, 0xDDF},     {0xE33, 0xE33},
    {0xEB3, 0xEB3},     {0xEDC, 0xEDD},     {0xF0C, 0xF0C},     {0xF43, 0xF43},
    {0xF4D, 0xF4D},     {0xF52, 0xF52},     {0xF57, 0xF57},     {0xF5C, 0xF5C},
    {0xF69, 0xF69},     {0xF73, 0xF73},     {0xF75, 0xF79},     {0xF81, 0xF81},
    {0xF93, 0xF93},     {0xF9D, 0xF9D},     {0xFA2, 0xFA2},     {0xFA7, 0xFA7},
    {0xFAC, 0xFAC},     {0xFB9, 0xFB9},     {0x102E, 0x102E},   {0x10FC, 0x10FC},
    {0x1161, 0x1175},   {0x11A8, 0x11C2},   {0x1B35, 0x1B35},   {0x1D2C, 0x1D2E},
    {0x1D30, 0x1D3A},   {0x1D3C, 0x1D4D},   {0x1D4F, 0x1D6A},   {0x1D78, 0x1D78},
    {0x1D9B, 0x1DBF},   {0x1E9A, 0x1E9B},   {0x1F71, 0x1F71},   {0x1F73, 0x1F73},
    {0x1F75, 0x1F75},   {0x1F77, 0x1F77},   {0x1F79, 0x1F79},   {0x1F7B, 0x1F7B},
    {0x1F7D, 0x1F7D},   {0x1FBB, 0x1FBB},   {0x1FBD, 0x1FC1},   {0x1FC9, 0x1FC9},
    {0x1FCB, 0x1FCB},   {0x1FCD, 0x1FCF},   {0x1FD3, 0x1FD3},   {0x1FDB, 0x1FDF},
    {0x1FE3, 0x1FE3},   {0x1FEB, 0x1FEB},   {0x1FED, 0x1FEF},   {0x1FF9, 0x1FF9},
    {0x1FFB, 0x1FFB},   {0x1FFD, 0x200A},   {0x2011, 0x2011},   {0x2017, 0x2017},
    {0x2024, 0x2026},   {0x202F, 0x202F},   {0x2033, 0x2034},   {0x2036, 0x2037},
    {0x203C, 0x203C},   {0x203E, 0x203E},   {0x2047, 0x2049},   {0x2057, 0x2057},
    {0x205F, 0x20A8},   {0x2100, 0x2131},   {0x2133, 0x2149},   {0x2150, 0x217F},
    {0x2189, 0x2230},   {0x2329, 0x24EA},   {0x2A0C, 0x2ADC},   {0x2C7C, 0x2C7D},
    {0x2D6F, 0x2D6F},   {0x2E9F, 0x3000},   {0x3036, 0x303A},   {0x3099, 0x309C},
    {0x309F, 0x309F},   {0x30FF, 0x30FF},   {0x3131, 0x319F},   {0x3200, 0x3247},
    {0x3250, 0x33FF},   {0xA69C, 0xA69D},   {0xA770, 0xA770},   {0xA7F2, 0xA7F4},
    {0xA7F8, 0xA7F9},   {0xAB5C, 0xAB5F},   {0xAB69, 0xAB69},   {0xF900, 0xFA0D},
    {0xFA10, 0xFA10},   {0xFA12, 0xFA12},   {0xFA15, 0xFA1E},   {0xFA20, 0xFA20},
    {0xFA22, 0xFA22},   {0xFA25, 0xFA26},   {0xFA2A, 0xFB1D},   {0xFB1F, 0xFD3D},
    {0xFD50, 0xFDFC},   {0xFE10, 0xFE19},   {0xFE30, 0xFE44},   {0xFE47, 0xFE72},
    {0xFE74, 0xFFEE},   {0x10781, 0x107BA}, {0x110BA, 0x110BA}, {0x11127, 0x11127},
    {0x1133E, 0x1133E}, {0x11357, 0x11357}, {0x114B0, 0x114B0}, {0x114BA, 0x114BA},
    {0x114BD, 0x114BD}, {0x115AF, 0x115AF}, {0x11930, 0x11930}, {0x1D15E, 0x1D164},
    {0x1D1BB, 0x1D1C0}, {0x1D400, 0x1D7FF}, {0x1E030, 0x1E06D}, {0x1EE00, 0x1F10A},
    {0x1F110, 0x1FBF9}, {0x2F800, 0x2FA1D}};

// Letters, marks and numbers that show nothing: joiners, fillers, selectors of variants
// (DerivedCoreProperties, Default_Ignorable_Code_Point; the others are no letters).
constexpr CodePointRange kUnseen[] = {{0x34F, 0x34F},   {0x115F, 0x1160},  {0x17B4, 0x17B5},
                                      {0x180B, 0x180F}, {0x3164, 0x3164},  {0xFE00, 0xFE0F},
                                      {0xFFA0, 0xFFA0}, {0xE0100, 0xE01EF}};

// Of names, and of what one sees; the rest of Unicode is space, control or sign.
constexpr std::array<std::string_view, 4> kShown{"L", "M", "N", "P"};
// Whose letters are taken for each other's.
constexpr std::array<std::string_view, 3> kAlike{"Latin", "Greek", "Cyrillic"};

bool is_in(std::span<const CodePointRange> ranges, char32_t point) {
    const auto found = std::ranges::lower_bound(ranges, point, {}, &CodePointRange::high);
    return found != ranges.end() && found->low <= point;
}

bool is_of(std::string_view table, char32_t point) {
    const auto ranges = match::find_unicode_table(table);
    return ranges && is_in(*ranges, point);
}

constexpr char32_t kFirstBeyondAscii = 0x80;

// Empty, or what is wrong with the character.
std::string_view problem_of(char32_t point) {
    if (point < kFirstBeyondAscii)
        return point < U' ' || point == 0x7F ? "a character that nobody sees" : "";
    if (is_in(kUnseen, point) || std::ranges::none_of(kShown, [point](std::string_view table) {
            return is_of(table, point);
        }))
        return "a character that nobody sees, or that is no letter, digit or sign";
    if (is_in(kNotNormal, point)) return "a character that has another form of its own (NFKC)";
    return {};
}

// The smallest of those that differ by case alone.
char32_t without_case(char32_t point) {
    char32_t least = point;
    for (char32_t other = match::simple_fold(point); other != point;
         other = match::simple_fold(other))
        least = std::min(least, other);
    return least;
}

// What is equal for names of one person: without case, and runs of blanks are one.
std::u32string key_of(std::string_view name) {
    std::u32string key;
    while (!name.empty()) {
        const text::CodePoint next = text::decode_utf8(name);
        name.remove_prefix(next.width);
        if (next.value == U' ' && (key.empty() || key.back() == U' ')) continue;
        key += without_case(next.value);
    }
    while (key.ends_with(U' ')) key.pop_back();
    return key;
}

}  // namespace

Status check_person_name(std::string_view name) {
    const std::string shown = text::to_printable(name);
    if (name.find_first_not_of(' ') == std::string_view::npos) return Error{"a name that is empty"};
    if (!text::is_valid_utf8(name)) return Error{fmt::format("the name '{}' is not UTF-8", shown)};
    std::optional<std::string_view> script;
    for (std::string_view rest = name; !rest.empty();) {
        const text::CodePoint next = text::decode_utf8(rest);
        if (const std::string_view problem = problem_of(next.value); !problem.empty())
            return Error{
                fmt::format("the name '{}' has U+{:04X}, {}: it could be mistaken for another "
                            "name; write it with letters as they are typed",
                            shown, static_cast<std::uint32_t>(next.value), problem)};
        rest.remove_prefix(next.width);
        for (const std::string_view one : kAlike) {
            if (!is_of(one, next.value)) continue;
            if (script && *script != one)
                return Error{
                    fmt::format("the name '{}' mixes {} and {} letters, which look alike: write it "
                                "in one script",
                                shown, *script, one)};
            script = one;
        }
    }
    return {};
}

bool is_same_person(std::string_view left, std::string_view right) {
    return key_of(left) == key_of(right);
}

}  // namespace merlon::evidence
