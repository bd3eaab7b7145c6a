#include "rego/kept_calls.h"

#include <gtest/gtest.h>

#include "rego/term.h"

namespace merlon::rego {
namespace {

struct Bench {
    Arena arena;
    Interner interner;
    value::Builder builder{arena, interner};

    std::vector<value::Value> arguments(std::string_view terms) {
        const value::Value list = read_term(terms, builder).value();
        return {list.items().begin(), list.items().end()};
    }
};

TEST(KeptCalls, a_call_is_its_function_epoch_and_equal_arguments) {
    Bench bench;
    for (const KeptCalls::Hashing hashing :
         {KeptCalls::Hashing::kWhole, KeptCalls::Hashing::kShallow}) {
        KeptCalls kept(hashing, SIZE_MAX);
        const auto first = kept.ask(1, 1, bench.arguments(R"([{"a": [1]}, 2])"));
        EXPECT_FALSE(first.is_known);
        // It is not known before it is kept, and is the same call then.
        EXPECT_EQ(kept.ask(1, 1, bench.arguments(R"([{"a": [1]}, 2])")).number, first.number);
        kept.keep(first.number, bench.builder.integer(7));
        const auto again = kept.ask(1, 1, bench.arguments(R"([{"a": [1.0]}, 2])"));
        ASSERT_TRUE(again.is_known);
        EXPECT_EQ(again.result.value(), bench.builder.integer(7));
        for (const auto& [function, epoch, terms] :
             {std::tuple(2U, 1U, R"([{"a": [1]}, 2])"), std::tuple(1U, 2U, R"([{"a": [1]}, 2])"),
              std::tuple(1U, 1U, R"([{"a": [2]}, 2])"), std::tuple(1U, 1U, R"([{"a": [1]}])"),
              std::tuple(1U, 1U, "[set(), 2]"), std::tuple(1U, 1U, "[]")}) {
            EXPECT_FALSE(kept.ask(function, epoch, bench.arguments(terms)).is_known) << terms;
        }
        kept.clear();
        EXPECT_FALSE(kept.ask(1, 1, bench.arguments(R"([{"a": [1]}, 2])")).is_known);
    }
}

TEST(KeptCalls, many_calls_are_found_and_more_than_were_agreed_are_forgotten) {
    Bench bench;
    KeptCalls all(KeptCalls::Hashing::kWhole, SIZE_MAX);
    KeptCalls few(KeptCalls::Hashing::kShallow, 8);
    const std::uint64_t old = few.ask(0, 0, bench.arguments("[0]")).number;
    for (std::int64_t i = 0; i < 1'000; ++i) {
        const value::Value argument = bench.builder.integer(i);
        all.keep(all.ask(0, 0, {&argument, 1}).number, bench.builder.integer(i + 1));
        few.keep(few.ask(0, 0, {&argument, 1}).number, {});
    }
    few.keep(old, bench.builder.integer(1));  // long forgotten
    for (std::int64_t i = 0; i < 1'000; ++i) {
        const value::Value argument = bench.builder.integer(i);
        const auto found = all.ask(0, 0, {&argument, 1});
        ASSERT_TRUE(found.is_known);
        EXPECT_EQ(found.result.value(), bench.builder.integer(i + 1));
    }
    EXPECT_FALSE(few.ask(0, 0, bench.arguments("[0]")).is_known);
}

}  // namespace
}  // namespace merlon::rego
