#include "templates/go_printf.h"

#include <gtest/gtest.h>

namespace merlon::templates {
namespace {

GoArgument text(std::string value) { return {"string", std::move(value)}; }
GoArgument whole(std::int64_t value) { return {"int64", value}; }
GoArgument real(double value) { return {"float64", GoArgument::Real{value, false}}; }

std::string printed(std::string_view format, const std::vector<GoArgument>& arguments) {
    return go_printf(format, arguments, 1 << 20).value_or("error");
}

TEST(GoPrintf, verbs_of_integers) {
    EXPECT_EQ(printed("%d|%5d|%-5d|%05d|%+d|% d",
                      {whole(7), whole(7), whole(7), whole(-7), whole(7), whole(7)}),
              "7|    7|7    |-0007|+7| 7");
    EXPECT_EQ(printed("%x|%#X|%o|%#o|%O|%b|%.4d",
                      {whole(255), whole(255), whole(8), whole(8), whole(8), whole(5), whole(7)}),
              "ff|0XFF|10|010|0o10|101|0007");
    EXPECT_EQ(printed("%c|%05c|%q|%+q|%U|%#U",
                      {whole(233), whole(97), whole(39), whole(233), whole(233), whole(233)}),
              "\xC3\xA9|0000a|'\\''|'\\u00e9'|U+00E9|U+00E9 '\xC3\xA9'");
}

TEST(GoPrintf, verbs_of_floats) {
    EXPECT_EQ(printed("%v|%g|%e|%.2f|%8.3f|%+.1f",
                      {real(1e6), real(0.5), real(1500), real(2.005), real(3.14159), real(2)}),
              "1e+06|0.5|1.500000e+03|2.00|   3.142|+2.0");
    EXPECT_EQ(printed("%x|%.1x|%X|%b", {real(1.5), real(1.96875), real(0), real(1.5)}),
              "0x1.8p+00|0x1.0p+01|0X0P+00|6755399441055744p-52");
    EXPECT_EQ(printed("%#g|%#v|%08.2f", {real(1), real(1), real(-1.5)}), "1.00000|1|-0001.50");
    EXPECT_EQ(go_float_text({12345678901234567890.0, false}, 'f', -1), "12345678901234567000");
}

TEST(GoPrintf, verbs_of_texts) {
    EXPECT_EQ(printed("%s|%5s|%-5s|%05s|%.2s",
                      {text("ab"), text("ab"), text("ab"), text("ab"), text("abc")}),
              "ab|   ab|ab   |000ab|ab");
    EXPECT_EQ(printed("%q|%+q|%#q|%x|% X|%# x", {text("\xC3\xA9\n"), text("\xC3\xA9"), text("a"),
                                                 text("ab"), text("ab"), text("ab")}),
              "\"\xC3\xA9\\n\"|\"\\u00e9\"|`a`|6162|61 62|0x61 0x62");
    EXPECT_EQ(printed("%T|%.3T|%#v", {text("a"), whole(1), text("a")}), "string|int|\"a\"");
}

TEST(GoPrintf, says_what_does_not_fit) {
    EXPECT_EQ(printed("%d %z %", {text("a"), whole(1)}), "%!d(string=a) %!z(int64=1) %!(NOVERB)");
    EXPECT_EQ(printed("%d", {}), "%!d(MISSING)");
    EXPECT_EQ(printed("a", {whole(1), text("b")}), "a%!(EXTRA int64=1, string=b)");
    EXPECT_EQ(printed("%[2]d %[1]d", {whole(1), whole(2)}), "2 1");
    EXPECT_EQ(printed("%[3]d|%[x]d|%[]d", {whole(1)}), "%!d(BADINDEX)|%!d(BADINDEX)|%!d(BADINDEX)");
    EXPECT_EQ(printed("%*d|%.*f", {whole(4), whole(7), whole(1), real(2.25)}), "   7|2.2");
    EXPECT_EQ(printed("%*d", {text("a"), whole(7)}), "%!(BADWIDTH)7");
    EXPECT_EQ(printed("%.", {whole(1)}), "%!.(int64=1)");
}

TEST(GoPrintf, lists_maps_and_nothing) {
    const GoArgument list{"[]interface {}", GoArgument::List{{whole(1), text("a"), {"<nil>", {}}}}};
    EXPECT_EQ(printed("%v|%d|%#v", {list, list, list}),
              "[1 a <nil>]|[1 %!d(string=a) <nil>]|[]interface {}{1, \"a\", interface {}(nil)}");
    const GoArgument map{"map[string]interface {}", GoArgument::Map{{"k"}, {whole(1)}}};
    EXPECT_EQ(printed("%v|%#v|%v|%d", {map, map, {"<nil>", {}}, {"<nil>", {}}}),
              "map[k:1]|map[string]interface {}{\"k\":1}|<nil>|%!d(<nil>)");
}

TEST(GoPrintf, a_text_that_would_be_too_large_is_an_error) {
    std::string format;
    for (int i = 0; i < 10; ++i) format += "%1000000d";
    EXPECT_FALSE(go_printf(format, std::vector<GoArgument>(10, whole(1)), 1 << 20).ok());
}

}  // namespace
}  // namespace merlon::templates
