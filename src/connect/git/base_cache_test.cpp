#include "connect/git/base_cache.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace merlon::connect::git {
namespace {

// Nothing of a pack is looked at but where it is.
const Pack* pack_number(std::uintptr_t number) {
    return reinterpret_cast<const Pack*>(number * 0x1000);
}

Object object_of(std::uint64_t number, std::size_t bytes) {
    return {ObjectType::kTree, padded_copy(std::to_string(number) + std::string(bytes, ' '))};
}

bool holds(BaseCache& cache, const BaseCache::Key& key, std::uint64_t number) {
    const std::optional<Object> found = cache.find(key);
    if (!found) return false;
    EXPECT_EQ(found->type, ObjectType::kTree);
    EXPECT_EQ(found->bytes().substr(0, found->bytes().find(' ')), std::to_string(number));
    return true;
}

TEST(BaseCache, finds_what_was_put_by_pack_and_offset) {
    BaseCache cache(std::uint64_t{1} << 20);
    EXPECT_FALSE(cache.find({pack_number(1), 12}));
    cache.put({pack_number(1), 12}, object_of(1, 10));
    cache.put({pack_number(2), 12}, object_of(2, 10));
    EXPECT_TRUE(holds(cache, {pack_number(1), 12}, 1));
    EXPECT_TRUE(holds(cache, {pack_number(2), 12}, 2));
    EXPECT_FALSE(cache.find({pack_number(1), 13}));
    cache.put({pack_number(1), 12}, object_of(3, 10));  // the first stays: it is the same object
    EXPECT_TRUE(holds(cache, {pack_number(1), 12}, 1));
}

TEST(BaseCache, what_is_too_large_is_not_kept) {
    BaseCache cache(std::uint64_t{1} << 20);
    cache.put({pack_number(1), 12}, object_of(1, std::size_t{1} << 18));
    EXPECT_FALSE(cache.find({pack_number(1), 12}));
    BaseCache none(0);
    none.put({pack_number(1), 12}, object_of(1, 1));
    EXPECT_FALSE(none.find({pack_number(1), 12}));
}

TEST(BaseCache, lets_go_of_what_was_not_asked_for_and_of_no_more) {
    constexpr std::uint64_t kBytes = std::uint64_t{1} << 20;
    constexpr std::uint64_t kItems = 20'000;
    BaseCache cache(kBytes);
    const BaseCache::Key wanted{pack_number(1), 12};
    cache.put(wanted, object_of(12, 100));
    for (std::uint64_t i = 0; i < kItems; ++i) {
        cache.put({pack_number(1), 100 + 37 * i}, object_of(i, 100 + i % 200));
        EXPECT_TRUE(holds(cache, wanted, 12)) << i;
    }
    std::uint64_t kept = 0;
    for (std::uint64_t i = 0; i < kItems; ++i) {
        if (holds(cache, {pack_number(1), 100 + 37 * i}, i)) ++kept;
    }
    // Half of each slot stands empty at most, and most of the room is used.
    EXPECT_LT(kept * 100, kBytes);
    EXPECT_GT(kept * 500, kBytes / 2);
    EXPECT_TRUE(holds(cache, {pack_number(1), 100 + 37 * (kItems - 1)}, kItems - 1));
}

}  // namespace
}  // namespace merlon::connect::git
