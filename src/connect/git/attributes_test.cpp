#include "connect/git/attributes.h"

#include <gtest/gtest.h>

#include <map>

#include "connect/git/quoted_path.h"

namespace merlon::connect::git {
namespace {

Attributes with(std::map<std::string, std::string> folders, std::string_view info = "") {
    return {info,
            [folders = std::move(folders)](std::string_view folder) -> std::optional<std::string> {
                const auto found = folders.find(std::string(folder));
                if (found == folders.end()) return std::nullopt;
                return found->second;
            }};
}

// What `git check-attr diff d/x.txt` of git 2.39.5 says for a one-file .gitattributes.
TEST(Attributes, a_file_says_what_git_reads_in_it) {
    using enum AttributeState;
    const struct {
        std::string text;
        AttributeState state;
    } cases[] = {
        {"x.txt diff", kSet},
        {"[attr]foo -diff\n*.txt foo", kUnset},
        {"\"d/\\170.txt\" -diff", kUnset},
        {"d/ -diff", kUnspecified},
        {"d/* -diff", kUnset},
        {"/x.txt -diff", kUnspecified},
        {"d/** -diff", kUnset},
        {"**/x.txt -diff", kUnset},
        {"!x.txt -diff", kUnspecified},
        {"*.txt -diff !diff", kUnspecified},
        {"*.txt !diff -diff", kUnset},
        {"*.txt -diff @bad", kUnspecified},
        {"*.txt binary", kUnset},
        {"*.txt -diff=x", kUnset},
        {"*.txt diff=nothing", kValue},
        {"*.txt binary -binary", kUnspecified},
        {"*.TXT -diff", kUnspecified},
        {"  *.txt -diff", kUnset},
        {"*.txt -diff #c", kUnspecified},
        {"[attr]binary text\n*.txt binary", kUnspecified},
        {"*.txt binary diff", kSet},
        {"*.txt diff binary", kUnset},
        {"*.txt\t-diff\r", kUnset},
        {"\xEF\xBB\xBF*.txt -diff", kUnset},
    };
    for (const auto& c : cases)
        EXPECT_EQ(with({{"", c.text + "\n"}}).find("d/x.txt", "diff").state, c.state) << c.text;
}

TEST(Attributes, the_nearest_folder_wins_and_info_before_all) {
    const Attributes attributes = with({{"", "*.txt -diff\n"}, {"d/", "*.txt diff=words\n"}});
    EXPECT_EQ(attributes.find("x.txt", "diff").state, AttributeState::kUnset);
    EXPECT_EQ(attributes.find("d/x.txt", "diff"),
              (AttributeValue{AttributeState::kValue, "words"}));
    EXPECT_EQ(attributes.find("d/e/x.txt", "diff").value, "words");
    EXPECT_EQ(attributes.find("e/x.md", "diff").state, AttributeState::kUnspecified);
    EXPECT_EQ(with({{"", "*.txt -diff\n"}}, "x* diff\n").find("x.txt", "diff").state,
              AttributeState::kSet);
}

TEST(Attributes, only_the_top_may_define_macros) {
    EXPECT_EQ(with({{"d/", "[attr]mine -diff\n*.txt mine\n"}}).find("d/x.txt", "diff").state,
              AttributeState::kUnspecified);
}

TEST(QuotedPath, goes_there_and_back) {
    EXPECT_EQ(quote_path("a b.txt"), "a b.txt");
    EXPECT_EQ(quote_path("t\tq\"b\\\xC3\xA9\x01"), "\"t\\tq\\\"b\\\\\\303\\251\\001\"");
    std::string all;
    for (int i = 1; i < 256; ++i) all.push_back(static_cast<char>(i));
    const auto unquoted = unquote_path(quote_path(all) + " rest");
    ASSERT_TRUE(unquoted.has_value());
    EXPECT_EQ(unquoted->path, all);
    for (const std::string_view broken : {"a", "\"a", "\"\\", "\"\\4", "\"\\x\"", "\"\\18\""})
        EXPECT_FALSE(unquote_path(broken).has_value()) << broken;
}

}  // namespace
}  // namespace merlon::connect::git
