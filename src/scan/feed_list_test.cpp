#include "scan/feed_list.h"

#include <gtest/gtest.h>

namespace merlon::scan {
namespace {

TEST(FeedList, reads_names_kinds_and_addresses) {
    const auto feeds = parse_feed_list(R"(
[[feed]]
name = "go"
kind = "osv"
address = ["https://a.example/x.zip", "./y"]
licence = "CC0-1.0"
[[feed]]
name = "red"
kind = "csaf"
latest = "https://a.example/latest.txt"
)",
                                       "list.toml");
    ASSERT_TRUE(feeds.ok()) << feeds.error().to_string();
    ASSERT_EQ(feeds.value().size(), 2u);
    EXPECT_EQ(feeds.value()[0].addresses.size(), 2u);
    EXPECT_EQ(feeds.value()[0].licence, "CC0-1.0");
    EXPECT_EQ(feeds.value()[1].kind, FeedKind::kCsaf);
    EXPECT_TRUE(is_remote(feeds.value()[0].addresses[0]));
    EXPECT_FALSE(is_remote(feeds.value()[0].addresses[1]));
}

TEST(FeedList, says_what_is_wrong_and_where) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"x = 1", "expected a list of [[feed]]"},
        {"[[feed]]\nname = 'a'\nkind = 'none'\naddress = ['x']", "is no kind of feed"},
        {"[[feed]]\nname = '../a'\nkind = 'osv'\naddress = ['x']", "as name"},
        {"[[feed]]\nname = 'a'\nkind = 'osv'", "has no address"},
        {"[[feed]]\nname = 'a'\nkind = 'osv'\naddress = 'x'", "expected a list of texts"},
        {"[[feed]]\nname = 'a'\nkind = 'osv'\nadress = ['x']", "no key 'adress'"},
        {"[[feed]]\nname = 'a'\nkind = 'kev'\naddress = ['x']\n"
         "[[feed]]\nname = 'a'\nkind = 'kev'\naddress = ['x']",
         "a second feed"},
    };
    for (const auto& [text, problem] : cases) {
        const auto feeds = parse_feed_list(text, "list.toml");
        ASSERT_FALSE(feeds.ok()) << text;
        const std::string shown = feeds.error().to_string();
        EXPECT_TRUE(shown.starts_with("list.toml:")) << shown;
        EXPECT_NE(shown.find(problem), std::string::npos) << shown;
    }
}

TEST(FeedList, takes_a_source_of_the_command_line) {
    const auto feed = parse_feed_source("kev=https://a.example/k.json?x=y", 3);
    ASSERT_TRUE(feed.ok());
    EXPECT_EQ(feed.value().name, "kev-3");
    EXPECT_EQ(feed.value().addresses[0], "https://a.example/k.json?x=y");
    for (const std::string_view text : {"", "kev", "kev=", "=x", "none=x"}) {
        EXPECT_FALSE(parse_feed_source(text, 1).ok()) << text;
    }
}

}  // namespace
}  // namespace merlon::scan
