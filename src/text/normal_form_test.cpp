#include "text/normal_form.h"

#include <gtest/gtest.h>

#include "text/utf8.h"

namespace merlon::text {
namespace {

std::string encoded(std::u32string_view points) {
    std::string text;
    for (const char32_t point : points) append_utf8(text, point);
    return text;
}

// What UAX #15 says of them.
TEST(NormalForm, characters_are_written_in_one_way) {
    const struct {
        std::u32string_view text, form;
    } cases[] = {
        {U"", U""},
        {U"plain \u00E9", U"plain \u00E9"},
        {U"e\u0301", U"\u00E9"},
        // Marks are put in order, and the one below comes first.
        {U"q\u0307\u0323", U"q\u0323\u0307"},
        {U"\u1E0A\u0323", U"\u1E0C\u0307"},
        {U"D\u0307\u0323", U"\u1E0C\u0307"},
        // A mark of the same class stands between.
        {U"a\u0305\u0301", U"a\u0305\u0301"},
        {U"a\u0315\u0300\u05AE\u0300b", U"\u00E0\u05AE\u0300\u0315b"},
        // These have another spelling only, and this one is never made.
        {U"\u212B\u2126", U"\u00C5\u03A9"},
        {U"\u0958", U"\u0915\u093C"},
        {U"\u0344", U"\u0308\u0301"},
        // Syllables of Korean.
        {U"\u1100\u1161\u11A8", U"\uAC01"},
        {U"\uAC00\u11A7", U"\uAC00\u11A7"},
        {U"\uAC00\u11A8", U"\uAC01"},
        // Two that have no class are composed where they stand side by side.
        {U"\u0B47\u0300\u0B3E", U"\u0B47\u0300\u0B3E"},
        {U"\u0B47\u0B3E", U"\u0B4B"},
        {U"\U00011131\U00011127", U"\U0001112E"},
        {U"\u0301e", U"\u0301e"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(to_normal_form_c(encoded(one.text)), encoded(one.form)) << encoded(one.text);
        EXPECT_EQ(to_normal_form_c(encoded(one.form)), encoded(one.form)) << encoded(one.form);
    }
}

TEST(NormalForm, bytes_that_are_no_utf8_stay) {
    EXPECT_EQ(to_normal_form_c("e\xFF\xCC\x81"), "e\xFF\xCC\x81");
    EXPECT_EQ(to_normal_form_c("e\xCC\x81\xCC"), "\xC3\xA9\xCC");
}

}  // namespace
}  // namespace merlon::text
