#include "scan/feed_block.h"

#include <gtest/gtest.h>

#include "sca/test_database.h"
#include "scan/feed_union.h"

namespace merlon::scan {
namespace {

SourceContent content_of(std::initializer_list<std::string> records) {
    SourceContent content;
    content.taken_at_s = 1'700'000'000;
    content.feeds.push_back({"test", "CC0-1.0"});
    for (const std::string& json : records) content.records.emplace_back(0, sca::draft_from(json));
    return content;
}

TEST(FeedBlock, is_read_as_it_was_written) {
    SourceContent content = content_of({R"({"id": "A-1", "modified": "2024-01-01T00:00:00Z"})",
                                        R"({"id": "A-2", "withdrawn": "2024-01-01T00:00:00Z"})"});
    content.unreadable = 3;
    const FeedBlock block(content);
    const FeedBlock read = FeedBlock::read(block.write()).value();
    EXPECT_EQ(read.taken_at_s(), 1'700'000'000);
    EXPECT_EQ(read.unreadable(), 3u);
    EXPECT_EQ(read.feeds(), content.feeds);
    ASSERT_EQ(read.rows().size(), 2u);
    EXPECT_EQ(read.text(read.rows()[0].id), "A-1");
    EXPECT_EQ(read.text(read.rows()[0].modified), "2024-01-01T00:00:00Z");
    EXPECT_EQ(read.rows()[1].flags, FeedBlock::Row::kWithdrawn);
    EXPECT_EQ(read.rows()[0].digest, block.rows()[0].digest);
}

TEST(FeedBlock, no_flipped_bit_and_no_missing_byte_goes_unseen) {
    const std::string bytes = FeedBlock(content_of({R"({"id": "A-1"})"})).write();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string damaged = bytes;
        damaged[i] ^= 4;
        EXPECT_FALSE(FeedBlock::read(damaged).ok()) << i;
        EXPECT_FALSE(FeedBlock::read(bytes.substr(0, i)).ok()) << i;
    }
}

TEST(FeedUnion, of_one_id_the_last_modified_counts_whatever_block_it_is_in) {
    const FeedBlock old(
        content_of({R"({"id": "A-1", "modified": "2024-01-01T00:00:00Z"})", R"({"id": "A-2"})"}));
    const FeedBlock young(content_of({R"({"id": "A-1", "modified": "2024-02-01T00:00:00Z"})"}));
    FeedUnion feeds({});
    feeds.add(young);
    feeds.add(old);
    ASSERT_TRUE(feeds.find("A-1").has_value());
    EXPECT_EQ(feeds.find("A-1")->block, 0u);
    EXPECT_FALSE(feeds.find("A-3").has_value());
    const auto infos = feeds.infos();
    ASSERT_EQ(infos.size(), 1u);
    EXPECT_EQ(infos[0].records, 2u);
    EXPECT_EQ(infos[0].replaced, 1u);
}

}  // namespace
}  // namespace merlon::scan
