#include "compat/opa/go_flags.h"

#include <gtest/gtest.h>

namespace merlon::compat::opa {
namespace {

constexpr Flag kFlags[] = {
    {.name = "bundle", .short_name = 'b'},
    {.name = "fail"},
    {.name = "format", .short_name = 'f', .kind = ValueKind::kText},
    {.name = "count", .short_name = 'n', .kind = ValueKind::kInteger},
    {.name = "explain", .kind = ValueKind::kChoice, .choices = "off|full"},
    {.name = "metrics", .kind = ValueKind::kChoice, .choices = "true|false"},
};
constexpr Verb kVerbs[] = {{.path = "eval", .summary = "", .flags = kFlags}};
constexpr CommandTable kTable{.program = "go",
                              .version = "1",
                              .summary = "",
                              .exit_codes = "",
                              .verbs = kVerbs,
                              .global_flags = {}};

std::string rewritten(const std::vector<std::string>& words) {
    const auto made = words_of_go(kTable, words);
    if (!made.ok()) return made.error().message;
    std::string text;
    for (const std::string& word : made.value()) text += (text.empty() ? "" : " ") + word;
    return text;
}

TEST(GoFlags, switches_take_truths) {
    EXPECT_EQ(rewritten({"eval", "--fail=true", "x"}), "eval --fail x");
    EXPECT_EQ(rewritten({"eval", "--fail=false", "x"}), "eval x");
    EXPECT_EQ(rewritten({"eval", "--fail", "--fail=0"}), "eval");
    EXPECT_EQ(rewritten({"eval", "--fail=F", "--fail"}), "eval --fail --fail");
    EXPECT_EQ(rewritten({"eval", "-b=false"}), "eval");
    EXPECT_EQ(
        rewritten({"eval", "--fail=yes"}),
        R"(invalid argument "yes" for "--fail" flag: strconv.ParseBool: parsing "yes": invalid syntax)");
    EXPECT_EQ(rewritten({"eval", "-b="}), "unknown shorthand flag: '=' in -=");
    EXPECT_EQ(rewritten({"eval", "--metrics", "x"}), "eval --metrics=true x");
    EXPECT_EQ(rewritten({"eval", "--metrics=F"}), "eval --metrics=false");
}

TEST(GoFlags, numbers_and_choices_are_gos) {
    EXPECT_EQ(rewritten({"eval", "-n", "0x10", "--count=-1"}), "eval --count=16 --count=0");
    EXPECT_EQ(
        rewritten({"eval", "-n", "1e3"}),
        R"(invalid argument "1e3" for "-n, --count" flag: strconv.ParseInt: parsing "1e3": invalid syntax)");
    EXPECT_EQ(
        rewritten({"eval", "--count=99999999999999999999"}),
        R"(invalid argument "99999999999999999999" for "-n, --count" flag: strconv.ParseInt: )"
        R"(parsing "99999999999999999999": value out of range)");
    EXPECT_EQ(rewritten({"eval", "--explain", "all"}),
              R"(invalid argument "all" for "--explain" flag: must be one of {off,full})");
}

TEST(GoFlags, a_verb_has_no_version) {
    EXPECT_EQ(rewritten({"eval", "--version"}), "unknown flag: --version");
    EXPECT_EQ(rewritten({"--version", "eval"}), "eval --version");
}

TEST(GoFlags, the_verb_may_stand_behind_flags) {
    EXPECT_EQ(rewritten({"-f", "json", "eval", "x"}), "eval --format=json x");
    const std::vector<std::string> words = {"--fail", "eval", "x"};
    EXPECT_EQ(verb_index(kTable, words), 2u);
    const std::vector<std::string> help = {"--help", "eval"};
    EXPECT_EQ(verb_index(kTable, help), 1u);
}

TEST(GoFlags, says_what_was_turned_off) {
    const std::vector<std::string> off = {"eval", "--fail", "-b", "--fail=false"};
    EXPECT_EQ(flags_turned_off(kTable, off), std::vector<std::string>{"fail"});
    const std::vector<std::string> on = {"eval", "--fail=false", "--fail"};
    EXPECT_TRUE(flags_turned_off(kTable, on).empty());
}

TEST(GoFlags, values_of_short_flags_may_stand_behind_an_equals_sign) {
    EXPECT_EQ(rewritten({"eval", "-f=json"}), "eval --format=json");
    EXPECT_EQ(rewritten({"eval", "-bf=json"}), "eval --bundle --format=json");
    EXPECT_EQ(rewritten({"eval", "-fjson"}), "eval --format=json");
    EXPECT_EQ(rewritten({"eval", "-f", "-b=false"}), "eval --format=-b=false");
    EXPECT_EQ(rewritten({"eval", "--format", "--fail=false"}), "eval --format=--fail=false");
    EXPECT_EQ(rewritten({"eval", "-f"}), "flag needs an argument: 'f' in -f");
    EXPECT_EQ(rewritten({"eval", "--format"}), "flag needs an argument: --format");
}

TEST(GoFlags, what_is_not_known_is_refused_in_pflags_words) {
    EXPECT_EQ(rewritten({"eval", "--nope=1"}), "unknown flag: --nope");
    EXPECT_EQ(rewritten({"eval", "-bx=2"}), "unknown shorthand flag: 'x' in -x=2");
    EXPECT_EQ(rewritten({"eval", "---b"}), "bad flag syntax: ---b");
    EXPECT_EQ(rewritten({"eval", "--help", "-h", "-"}), "eval --help -h -");
    EXPECT_EQ(rewritten({"eval", "--", "--fail=false"}), "eval -- --fail=false");
    EXPECT_EQ(rewritten({"nope", "--fail=false"}), "nope --fail=false");
    EXPECT_EQ(rewritten({}), "");
}

}  // namespace
}  // namespace merlon::compat::opa
