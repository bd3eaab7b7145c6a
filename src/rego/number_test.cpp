#include "rego/number.h"

#include <gtest/gtest.h>

namespace merlon::rego {
namespace {

struct Calculator {
    Arena arena;
    Interner interner;
    value::Builder builder{arena, interner};

    value::Value number(std::string_view text) { return builder.number(text).value(); }
    std::string run(Operation operation, std::string_view left, std::string_view right) {
        const auto result = compute(builder, operation, number(left), number(right));
        return result.ok() ? result.value().number_text() : result.error().message;
    }
    std::string run(Rounding rounding, std::string_view text) {
        const auto result = compute(builder, rounding, number(text));
        return result.ok() ? result.value().number_text() : result.error().message;
    }
};

TEST(Number, integers_of_any_size_are_exact) {
    Calculator calculator;
    EXPECT_EQ(calculator.run(Operation::kPlus, "9223372036854775807", "1"), "9223372036854775808");
    EXPECT_EQ(calculator.run(Operation::kMultiply, "99999999999999999999", "99999999999999999999"),
              "9999999999999999999800000000000000000001");
    EXPECT_EQ(calculator.run(Operation::kMinus, "1e20", "1"), "99999999999999999999");
    EXPECT_EQ(calculator.run(Operation::kRemainder, "-7", "3"), "-1");
    EXPECT_EQ(calculator.run(Operation::kRemainder, "10", "18446744073709551616"), "10");
}

// Printed by Go 1.26's math/big: Float of 64 bits, Text('g', -1), or 'f' for integers.
TEST(Number, floats_have_64_bits_and_the_fewest_digits) {
    Calculator calculator;
    EXPECT_EQ(calculator.run(Operation::kPlus, "0.1", "0.2"), "0.3");
    EXPECT_EQ(calculator.run(Operation::kDivide, "1", "3"), "0.33333333333333333334");
    EXPECT_EQ(calculator.run(Operation::kDivide, "6", "3"), "2");
    EXPECT_EQ(calculator.run(Operation::kDivide, "1e400", "1e399"), "10");
    EXPECT_EQ(calculator.run(Operation::kDivide, "1", "1024000000"), "9.765625e-10");
    EXPECT_EQ(calculator.run(Operation::kMultiply, "1234567.5", "1"), "1.2345675e+06");
    EXPECT_EQ(calculator.run(Operation::kMultiply, "0.5", "4"), "2");
}

// math/big's exponents end at 2^31: what is smaller is zero.
TEST(Number, what_is_too_small_for_go_is_zero) {
    Calculator calculator;
    EXPECT_EQ(calculator.run(Operation::kMultiply, "1e-1000000000", "1"), "0");
    EXPECT_EQ(calculator.run(Operation::kPlus, "1e-1000000000", "1.5"), "1.5");
    EXPECT_EQ(calculator.run(Operation::kDivide, "1", "1e-1000000000"), "divide by zero");
    EXPECT_EQ(calculator.run(Rounding::kCeiling, "12.5e-700000000"), "0");
    for (const std::string_view text : {"1e-100001", "1e1000000000", "1e-3000000000"}) {
        EXPECT_EQ(calculator.run(Operation::kPlus, text, "1.5"), "number exponent out of range");
    }
}

TEST(Number, rounding_goes_where_opa_goes) {
    Calculator calculator;
    EXPECT_EQ(calculator.run(Rounding::kRound, "-2.5"), "-3");
    EXPECT_EQ(calculator.run(Rounding::kCeiling, "1.1"), "2");
    EXPECT_EQ(calculator.run(Rounding::kFloor, "-1.1"), "-2");
    EXPECT_EQ(calculator.run(Rounding::kAbsolute, "-1.5"), "1.5");
}

TEST(Number, errors_have_opas_texts) {
    Calculator calculator;
    EXPECT_EQ(calculator.run(Operation::kDivide, "1", "0"), "divide by zero");
    EXPECT_EQ(calculator.run(Operation::kDivide, "1.5", "0.0"), "divide by zero");
    EXPECT_EQ(calculator.run(Operation::kRemainder, "1", "0"), "modulo by zero");
    EXPECT_EQ(calculator.run(Operation::kRemainder, "1.5", "1"), "modulo on floating-point number");
}

TEST(Number, an_exponent_that_is_a_bomb_is_refused) {
    Calculator calculator;
    EXPECT_EQ(calculator.run(Operation::kPlus, "1e999999999", "1"), "number exponent out of range");
}

TEST(Number, an_integer_is_what_is_written_as_one) {
    Calculator calculator;
    EXPECT_EQ(written_integer(calculator.number("2.0")), 2);
    EXPECT_EQ(written_integer(calculator.number("2e0")), std::nullopt);
    EXPECT_EQ(written_integer(calculator.number("2.5")), std::nullopt);
}

}  // namespace
}  // namespace merlon::rego
