#include "value/value.h"

#include <gtest/gtest.h>

#include "value/number.h"

namespace merlon::value {
namespace {

class ValueTest : public testing::Test {
  protected:
    Value number(std::string_view text) { return builder.number(text).value(); }

    Arena arena;
    Interner interner;
    Builder builder{arena, interner};
};

TEST_F(ValueTest, numbers_are_exact_and_keep_their_text) {
    EXPECT_EQ(number("1.0"), number("1"));
    EXPECT_EQ(number("10e-1"), builder.integer(1));
    EXPECT_EQ(number("1.0").number_text(), "1.0");
    EXPECT_EQ(number("2e0").as_integer(), 2);
    EXPECT_FALSE(number("2.5").as_integer().has_value());
    EXPECT_FALSE(number("9223372036854775808").as_integer().has_value());
    EXPECT_EQ(number("-9223372036854775808").as_integer(), INT64_MIN);
    EXPECT_LT(compare(number("9007199254740992"), number("9007199254740993.0")), 0)
        << "doubles would call these equal";
    EXPECT_EQ(hash(number("100")), hash(number("1e2")));
    EXPECT_EQ(number("-0"), number("0"));
    for (const auto* wrong : {"", "01", "1.", ".5", "+1", "1e", "0x1", "1 "}) {
        EXPECT_FALSE(builder.number(wrong).ok()) << wrong;
    }
}

TEST_F(ValueTest, values_that_are_equal_are_so_in_every_form) {
    const auto list = [&](std::string_view text) {
        const Value items[] = {number(text), builder.string("more than twelve bytes")};
        return builder.array(items);
    };
    EXPECT_EQ(list("1"), list("1.0"));
    EXPECT_EQ(hash(list("1")), hash(list("10e-1")));
    EXPECT_FALSE(list("1") == list("2"));
    const Value items[] = {builder.integer(1), builder.string("more than twelve bytes")};
    EXPECT_FALSE(builder.set(items) == builder.array(items));
    EXPECT_FALSE(builder.string("") == builder.null());
    EXPECT_FALSE(builder.string("abcdefghijkl") == builder.string("abcdefghijklm"));
    EXPECT_EQ(builder.string("abcdefghijklm"), builder.key("abcdefghijklm"));
    EXPECT_LT(compare(builder.string("a"), builder.string(std::string_view("a\0", 2))), 0);
    EXPECT_LT(compare(builder.string("abcdefgh"), builder.string("abcdefghi")), 0);
}

TEST_F(ValueTest, objects_of_any_size_find_their_keys) {
    for (const int count : {0, 1, 8, 9, 100, 5'000}) {
        std::vector<Builder::Entry> entries;
        for (int i = count; i-- > 0;) {
            const std::string name = "key number " + std::to_string(i);
            entries.emplace_back(i % 3 == 0 ? builder.integer(i) : builder.string(name),
                                 builder.integer(i));
        }
        const Value made = builder.object(entries);
        ASSERT_EQ(made.size(), entries.size());
        for (const auto& [key, value] : entries) {
            const Value* const found = made.find(key);
            ASSERT_NE(found, nullptr);
            EXPECT_EQ(*found, value);
        }
        EXPECT_EQ(made.find("key number 1") != nullptr, count > 1);
        EXPECT_EQ(made.find("key number x"), nullptr);
        EXPECT_EQ(made.find(builder.integer(-1)), nullptr);
        EXPECT_EQ(made.find(number("3.0")) != nullptr, count > 3);
    }
}

TEST_F(ValueTest, objects_keep_their_keys_as_they_were_written) {
    const Builder::Entry whole[] = {{number("2"), builder.null()}};
    const Builder::Entry point[] = {{number("2.0"), builder.null()}};
    EXPECT_EQ(builder.object(whole), builder.object(point));
    EXPECT_EQ(builder.object(point).keys()[0].number_text(), "2.0");
    EXPECT_EQ(builder.object(whole).keys()[0].number_text(), "2");
}

TEST_F(ValueTest, an_object_takes_the_keys_of_another) {
    const Builder::Entry entries[] = {{builder.key("b"), builder.null()},
                                      {builder.key("a"), builder.null()}};
    const Value keys = builder.object(entries);
    const Value values[] = {builder.integer(1), builder.integer(2)};
    const Value made = builder.object_like(keys, values);
    EXPECT_EQ(*made.find("a"), builder.integer(1));
    EXPECT_EQ(*made.find("b"), builder.integer(2));
    EXPECT_EQ(made.keys().data(), keys.keys().data());
}

TEST_F(ValueTest, a_slot_is_a_value_or_nothing_or_a_reference) {
    EXPECT_TRUE(Slot().is_nothing());
    const Slot reference = Slot::reference(7);
    EXPECT_TRUE(reference.is_reference());
    EXPECT_FALSE(reference.is_value());
    EXPECT_EQ(reference.number(), 7U);
    const Slot held = builder.null();
    EXPECT_TRUE(held.is_value());
    EXPECT_TRUE(held.value().is_null());
}

TEST_F(ValueTest, kinds_order_as_rego_orders_them) {
    const Value items[] = {builder.integer(1)};
    const Builder::Entry entries[] = {{builder.key("a"), builder.integer(1)}};
    const Value ordered[] = {builder.null(),      builder.boolean(false), builder.boolean(true),
                             builder.integer(-1), builder.integer(7),     builder.string(""),
                             builder.string("a"), builder.array(items),   builder.object(entries),
                             builder.set(items),  builder.unknown()};
    for (std::size_t i = 0; i < std::size(ordered); ++i) {
        for (std::size_t j = 0; j < std::size(ordered); ++j) {
            const int expected = i == j ? 0 : i < j ? -1 : 1;
            const int order = compare(ordered[i], ordered[j]);
            EXPECT_EQ(order == 0 ? 0 : order < 0 ? -1 : 1, expected) << i << ' ' << j;
        }
    }
}

TEST_F(ValueTest, strings_of_every_length_keep_their_bytes) {
    for (std::size_t length = 0; length < 40; ++length) {
        const std::string text(length, static_cast<char>('a' + length % 26));
        const Value value = builder.string(text);
        EXPECT_EQ(value.as_string(), text);
        EXPECT_EQ(value.size(), length);
    }
}

TEST_F(ValueTest, objects_sort_their_keys_and_the_last_duplicate_wins) {
    const Builder::Entry entries[] = {{builder.key("zebra"), builder.integer(1)},
                                      {builder.key("a key that is not inline"), builder.integer(2)},
                                      {builder.key("zebra"), builder.integer(3)}};
    const Value object = builder.object(entries);
    ASSERT_EQ(object.size(), 2u);
    EXPECT_EQ(object.find("zebra")->as_integer(), 3);
    EXPECT_EQ(object.find("a key that is not inline")->as_integer(), 2);
    EXPECT_EQ(object.find("absent"), nullptr);
    EXPECT_EQ(object.keys()[0].as_string(), "a key that is not inline");
    EXPECT_EQ(builder.integer(1).find("a"), nullptr);
}

TEST_F(ValueTest, alike_objects_share_one_shape) {
    const auto make = [&](std::int64_t n) {
        const Builder::Entry entries[] = {{builder.key("x"), builder.integer(n)},
                                          {builder.key("y"), builder.integer(n)}};
        return builder.object(entries);
    };
    const Value first = make(1);
    const Value second = make(2);
    EXPECT_EQ(first.keys().data(), second.keys().data());
}

TEST_F(ValueTest, sets_drop_equal_elements) {
    const Value items[] = {builder.integer(2), number("1.0"), builder.integer(1)};
    const Value set = builder.set(items);
    EXPECT_EQ(set.size(), 2u);
    EXPECT_EQ(set.items()[1].as_integer(), 2);
}

TEST_F(ValueTest, what_is_too_deep_is_refused) {
    Value nested = builder.null();
    for (std::size_t depth = 0; depth < kMaxValueDepth / 2; ++depth)
        nested = builder.array(std::span(&nested, 1));
    EXPECT_EQ(builder.refusal(), "");
    for (std::size_t depth = 0; depth < kMaxValueDepth; ++depth)
        nested = builder.set(std::span(&nested, 1));
    EXPECT_NE(builder.refusal(), "");
}

TEST_F(ValueTest, what_holds_too_many_values_is_refused_though_it_shares_them) {
    Value heavy = builder.null();
    for (int doubled = 0; doubled < 20; ++doubled) {
        const Value twice[] = {heavy, heavy};
        heavy = builder.array(twice);
    }
    EXPECT_EQ(builder.refusal(), "");
    for (int doubled = 0; doubled < 20; ++doubled) {
        const Value twice[] = {heavy, heavy};
        heavy = builder.array(twice);
    }
    EXPECT_NE(builder.refusal(), "");
}

TEST(Number, compares_magnitudes_without_computing_them) {
    EXPECT_LT(compare_numbers("9e999999999", "1e1000000000"), 0);
    EXPECT_GT(compare_numbers("-9e999999999", "-1e1000000000"), 0);
    EXPECT_EQ(compare_numbers("0e5", "-0.000"), 0);
    EXPECT_LT(compare_numbers("0.099", "0.1"), 0);
}

}  // namespace
}  // namespace merlon::value
