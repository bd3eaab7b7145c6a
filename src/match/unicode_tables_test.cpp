#include "match/unicode_tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include "match/unicode_tables_data.h"

namespace merlon::match {
namespace {

// The lines of tests/peers/unicode/main.go, hashed as there (FNV-1a), so that the tables are held
// against Go's for every code point without Go at hand.
class Digest {
  public:
    void add(const std::string& line) {
        for (const char c : line + "\n") {
            hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
        }
    }
    std::uint64_t value() const { return hash_; }

  private:
    std::uint64_t hash_ = 0xCBF2'9CE4'8422'2325;
};

std::string hex(char32_t value) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "%X", static_cast<unsigned>(value));
    return digits;
}

TEST(UnicodeTables, are_those_of_go_for_every_code_point) {
    Digest digest;
    digest.add("version " + std::string(unicode_version()));
    std::vector<std::string> names = {"Any", "Assigned", "ASCII", "any", "gre_ek",
                                      "l c", "",         "_",     "Nope"};
    for (const unicode_data::Name& key : unicode_data::kKeys) {
        names.emplace_back(key.name);
        digest.add("table " + names.back());
        const auto ranges = find_unicode_table(key.name);
        for (const CodePointRange& range : *ranges) {
            digest.add(hex(range.low) + " " + hex(range.high));
        }
    }
    for (char32_t point = 0; point <= kMaxCodePoint; ++point) {
        if (const char32_t fold = simple_fold(point); fold != point) {
            digest.add("fold " + hex(point) + " " + hex(fold));
        }
        if (const char32_t lower = to_lower(point); lower != point) {
            digest.add("lower " + hex(point) + " " + hex(lower));
        }
    }
    for (const char* alias : {"Cased_Letter",
                              "Close_Punctuation",
                              "Combining_Mark",
                              "Connector_Punctuation",
                              "Control",
                              "Currency_Symbol",
                              "Dash_Punctuation",
                              "Decimal_Number",
                              "Enclosing_Mark",
                              "Final_Punctuation",
                              "Format",
                              "Initial_Punctuation",
                              "Letter",
                              "Letter_Number",
                              "Line_Separator",
                              "Lowercase_Letter",
                              "Mark",
                              "Math_Symbol",
                              "Modifier_Letter",
                              "Modifier_Symbol",
                              "Nonspacing_Mark",
                              "Number",
                              "Open_Punctuation",
                              "Other",
                              "Other_Letter",
                              "Other_Number",
                              "Other_Punctuation",
                              "Other_Symbol",
                              "Paragraph_Separator",
                              "Private_Use",
                              "Punctuation",
                              "Separator",
                              "Space_Separator",
                              "Spacing_Mark",
                              "Surrogate",
                              "Symbol",
                              "Titlecase_Letter",
                              "Unassigned",
                              "Uppercase_Letter",
                              "cntrl",
                              "digit",
                              "punct"}) {
        names.emplace_back(alias);
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
        digest.add("name " + name + (find_unicode_class(name) ? " true" : " false"));
    }
    EXPECT_EQ(digest.value(), 0xC41FADDB9CD56144);
}

TEST(UnicodeTables, know_the_names_of_expressions) {
    EXPECT_EQ(find_unicode_class("greek")->ranges.size(), find_unicode_table("Greek")->size());
    EXPECT_EQ(find_unicode_class("Uppercase_Letter")->ranges.front(), (CodePointRange{'A', 'Z'}));
    EXPECT_EQ(find_unicode_class("ASCII")->ranges.front(), (CodePointRange{0, 0x7F}));
    EXPECT_EQ(find_unicode_class("any")->ranges.front(), (CodePointRange{0, kMaxCodePoint}));
    EXPECT_TRUE(find_unicode_table("Old_Italic"));
    EXPECT_FALSE(find_unicode_class("Old_Italic")) << "as Go 1.25 and later refuse it";
    EXPECT_FALSE(find_unicode_table("greek"));
    EXPECT_FALSE(find_unicode_class(""));
    EXPECT_TRUE(find_unicode_class("Lu")->is_folded);
    EXPECT_FALSE(find_unicode_class("cased letter")->is_folded) << "as Go does not";
}

TEST(UnicodeTables, orbits_come_back_to_where_they_began) {
    EXPECT_EQ(simple_fold('K'), U'k');
    EXPECT_EQ(simple_fold('k'), 0x212Au);
    EXPECT_EQ(simple_fold(0x212A), U'K');
    EXPECT_EQ(simple_fold('1'), U'1');
    EXPECT_EQ(simple_fold(0x130), 0x130u) << "its full folding is two code points";
    EXPECT_EQ(simple_fold(0x11'0000), 0x11'0000u);
    for (const CodePointPair& pair : fold_orbits()) {
        EXPECT_EQ(simple_fold(pair.from), pair.to);
        char32_t at = pair.to;
        int steps = 1;
        for (; at != pair.from && steps < 8; ++steps) at = simple_fold(at);
        EXPECT_EQ(at, pair.from);
    }
}

}  // namespace
}  // namespace merlon::match
