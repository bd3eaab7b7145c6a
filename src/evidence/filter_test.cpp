#include "evidence/filter.h"

#include <gtest/gtest.h>

namespace merlon::evidence {
namespace {

TEST(Filter, reads_terms_lists_ranges_and_words) {
    const Filter expected{
        {.key = FilterKey::kIs, .texts = {"open"}},
        {.key = FilterKey::kSeverity, .comparison = Comparison::kGreaterOrEqual, .numbers = {3}},
        {.key = FilterKey::kTool, .texts = {"semgrep", "codeql"}},
        {.key = FilterKey::kPath, .is_negated = true, .texts = {"src/**"}},
        {.key = FilterKey::kAge, .comparison = Comparison::kGreater, .numbers = {30 * 86'400}},
        {.key = FilterKey::kDecision, .numbers = {0, 3}},
        {.key = FilterKey::kExpires, .comparison = Comparison::kLess, .numbers = {7 * 86'400}},
        {.key = FilterKey::kText, .texts = {"sql injection"}},
        {.key = FilterKey::kText, .texts = {"a:b \"c\""}},
        {.key = FilterKey::kText, .is_negated = true, .texts = {"test"}},
    };
    const auto read = parse_filter(
        "is:open sev:>=high  tool:semgrep,codeql -path:src/** age:>30d decision:none,accepted "
        "expires:<1w \"sql injection\" "
        "\"a:b \"\"c\"\"\" -test");
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read.value(), expected);
    EXPECT_TRUE(parse_filter("").value().empty());
}

TEST(Filter, refuses_what_it_does_not_know_by_its_place) {
    const struct {
        std::string_view text;
        std::size_t offset;
        std::string_view says;
    } cases[] = {
        {"is:open path:x owned:me", 15, "did you mean 'owner'"},
        {"is:opened", 0, "did you mean 'open'"},
        {"sev:bad", 0, "no severity"},
        {"age:30d", 0, "a time is written as"},
        {"age:>30x", 0, "a time is written as"},
        {"age:>99999999999d", 0, "a time is written as"},
        {"id:x", 0, "no number"},
        {"decision:perhaps", 0, "nobody decides"},
        {"expires:30d", 0, "a time is written as"},
        {"a tool:", 2, "without a value"},
        {"is:open OR sev:low", 8, "values with commas are alternatives"},
        {"(is:open)", 0, "quote it"},
        {"tool:a,", 0, "without a value"},
        {"path:a[", 0, "path:a["},
        {"is:open \"abc", 8, "quote"},
    };
    for (const auto& c : cases) {
        const auto read = parse_filter(c.text);
        ASSERT_FALSE(read.ok()) << c.text;
        EXPECT_EQ(read.error().offset, c.offset) << c.text;
        EXPECT_NE(read.error().message.find(c.says), std::string::npos) << read.error().message;
    }
    EXPECT_FALSE(parse_filter(std::string(5000, 'a')).ok());
    std::string many;
    for (int i = 0; i < 65; ++i) many += "a ";
    EXPECT_FALSE(parse_filter(many).ok());
}

}  // namespace
}  // namespace merlon::evidence
