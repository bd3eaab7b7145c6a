#include "compat/opa/go_flags.h"

#include <gtest/gtest.h>

namespace merlon::compat::opa {
namespace {

constexpr Flag kFlags[] = {
    {.name = "bundle", .short_name = 'b'},
    {.name = "fail"},
    {.name = "format", .short_name = 'f', .kind = ValueKind::kText},
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
    EXPECT_EQ(rewritten({"eval", "--fail=yes"}), "--fail takes true or false, not 'yes'");
    EXPECT_EQ(rewritten({"eval", "--fail="}), "--fail takes true or false, not ''");
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
    EXPECT_EQ(rewritten({"eval", "-f", "-b=false"}), "eval --format -b=false");
    EXPECT_EQ(rewritten({"eval", "--format", "--fail=false"}), "eval --format --fail=false");
}

TEST(GoFlags, what_is_not_known_is_left) {
    EXPECT_EQ(rewritten({"eval", "--nope=1", "-x=2", "-"}), "eval --nope=1 -x=2 -");
    EXPECT_EQ(rewritten({"eval", "--", "--fail=false"}), "eval -- --fail=false");
    EXPECT_EQ(rewritten({"nope", "--fail=false"}), "nope --fail=false");
    EXPECT_EQ(rewritten({}), "");
}

}  // namespace
}  // namespace merlon::compat::opa
