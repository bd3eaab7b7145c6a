#include "rego/keyed_answers.h"

#include <gtest/gtest.h>

#include "base/arena.h"
#include "base/interner.h"

namespace merlon::rego {
namespace {

TEST(KeyedAnswers, forgets_the_newest_and_finds_the_others) {
    Arena arena;
    Interner interner;
    value::Builder values(arena, interner);
    KeyedAnswers answers;
    constexpr std::int64_t kCount = 1'000;
    for (std::int64_t i = 0; i < kCount; ++i) {
        EXPECT_EQ(answers.find(1, 2, values.integer(i)), nullptr);
        answers.put(1, 2, values.integer(i), value::Slot(values.integer(i * 2)));
    }
    EXPECT_EQ(answers.find(2, 2, values.integer(5)), nullptr);
    EXPECT_EQ(answers.find(1, 3, values.integer(5)), nullptr);
    answers.put(2, 2, values.integer(5), {});
    ASSERT_NE(answers.find(2, 2, values.integer(5)), nullptr);
    EXPECT_TRUE(answers.find(2, 2, values.integer(5))->is_nothing());

    answers.shrink(300);
    EXPECT_EQ(answers.size(), 300U);
    for (std::int64_t i = 0; i < kCount; ++i) {
        const value::Slot* const found = answers.find(1, 2, values.integer(i));
        ASSERT_EQ(found != nullptr, i < 300) << i;
        if (found != nullptr) {
            EXPECT_EQ(found->value(), values.integer(i * 2));
        }
    }
    answers.put(1, 2, values.integer(700), value::Slot(values.boolean(true)));
    EXPECT_TRUE(answers.find(1, 2, values.integer(700))->value().as_boolean());
    answers.clear();
    EXPECT_EQ(answers.find(1, 2, values.integer(0)), nullptr);
}

}  // namespace
}  // namespace merlon::rego
