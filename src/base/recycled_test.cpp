#include "base/recycled.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "base/stable_sort.h"

namespace merlon {
namespace {

TEST(Recycled, gives_a_block_again) {
    for (const std::size_t bytes :
         {std::size_t{1}, std::size_t{64}, std::size_t{65}, std::size_t{1'000}, kMostKeptBytes}) {
        void* const first = take_recycled(bytes);
        std::memset(first, 1, bytes);
        give_recycled(first, bytes);
        EXPECT_EQ(take_recycled(bytes), first) << bytes;
        give_recycled(first, bytes);
    }
}

TEST(Recycled, a_block_of_malloc_is_given_for_what_it_has_room_for) {
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): what a library took before it was told of us
    give_any_block(std::malloc(100));
    void* const block = take_recycled(64);
    std::memset(block, 1, 64);
    give_recycled(block, 64);
    give_any_block(std::malloc(8));  // NOLINT(cppcoreguidelines-no-malloc)
}

TEST(Recycled, another_thread_may_give_back) {
    RecycledString text(1'000, 'a');
    std::thread([moved = std::move(text)]() mutable { moved = RecycledString(); }).join();
    RecycledVector<int> large(kMostKeptBytes, 1);
    std::thread([moved = std::move(large)]() mutable { moved = RecycledVector<int>(); }).join();
}

TEST(StableSort, keeps_the_order_of_equals) {
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{1}, std::size_t{16}, std::size_t{17}, std::size_t{1'000}}) {
        std::vector<std::pair<std::size_t, std::size_t>> all;
        for (std::size_t i = 0; i < count; ++i) all.emplace_back(i * 7'919 % 13, i);
        auto expected = all;
        std::ranges::sort(expected);
        sort_stably(std::span(all),
                    [](const auto& left, const auto& right) { return left.first < right.first; });
        EXPECT_EQ(all, expected) << count;
    }
}

}  // namespace
}  // namespace merlon
