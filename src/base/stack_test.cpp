#include "base/stack.h"

#include <gtest/gtest.h>

namespace merlon {
namespace {

TEST(Stack, work_has_the_stack_that_was_asked_for) {
    constexpr std::size_t kBytes = std::size_t{64} << 20;
    std::size_t seen = 0;
    ASSERT_TRUE(run_with_stack(kBytes, [&] { seen = stack_bytes(); }));
    EXPECT_GE(seen, kBytes);
}

TEST(Stack, work_is_not_run_where_there_is_no_such_stack) {
    bool was_run = false;
    EXPECT_FALSE(run_with_stack(1, [&] { was_run = true; }));
    EXPECT_FALSE(was_run);
}

TEST(Stack, every_thread_has_some) { EXPECT_GE(stack_bytes(), std::size_t{64} << 10); }

}  // namespace
}  // namespace merlon
