#include "scan/history_cache.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/clock.h"

namespace merlon::scan {
namespace {

using connect::git::HashAlgorithm;
using connect::git::ObjectId;

ObjectId id_of(unsigned number) {
    std::string raw(20, '\0');
    raw[0] = static_cast<char>(number * 37);
    raw[19] = static_cast<char>(number);
    return ObjectId::from_bytes(HashAlgorithm::kSha1, raw.data());
}

class HistoryCacheTest : public testing::Test {
  protected:
    void TearDown() override { std::filesystem::remove_all(folder_); }

    HistoryCache open(const std::string& scope = "scope") {
        return {files_, scope, HashAlgorithm::kSha1};
    }

    std::string folder_ = testing::TempDir() + "history_cache_test";
    FileCache files_{folder_, 1 << 20, system_clock()};
};

TEST_F(HistoryCacheTest, FindsWhatWasStored) {
    HistoryCache first = open();
    for (unsigned i = 0; i < 50; ++i) first.add(id_of(i), i % 3, {1000 + i, i, i + 7});
    first.store(HistoryCache::Asked::kEverything);
    HistoryCache second = open();
    for (unsigned i = 0; i < 50; ++i) {
        const auto clean = second.find(id_of(i), i % 3);
        ASSERT_TRUE(clean.has_value()) << i;
        EXPECT_EQ(clean->bytes, 1000u + i);
        EXPECT_EQ(clean->left_out, i);
        EXPECT_EQ(clean->members, i + 7);
        EXPECT_FALSE(second.find(id_of(i), i % 3 + 1).has_value());
    }
    EXPECT_FALSE(second.find(id_of(77), 0).has_value());
    EXPECT_FALSE(open("another program").find(id_of(1), 1).has_value());
}

TEST_F(HistoryCacheTest, DropsWhatAWholeRunDidNotAskFor) {
    HistoryCache first = open();
    first.add(id_of(1), 0, {});
    first.add(id_of(2), 0, {});
    first.store(HistoryCache::Asked::kEverything);
    HistoryCache some = open();
    EXPECT_TRUE(some.find(id_of(1), 0).has_value());
    some.add(id_of(3), 0, {});
    some.store(HistoryCache::Asked::kSome);
    HistoryCache all = open();
    EXPECT_TRUE(all.find(id_of(2), 0).has_value());
    EXPECT_TRUE(all.find(id_of(3), 0).has_value());
    all.store(HistoryCache::Asked::kEverything);
    HistoryCache last = open();
    EXPECT_FALSE(last.find(id_of(1), 0).has_value());
    EXPECT_TRUE(last.find(id_of(2), 0).has_value());
}

}  // namespace
}  // namespace merlon::scan
