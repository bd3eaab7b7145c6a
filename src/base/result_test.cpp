#include "base/result.h"

#include <gtest/gtest.h>

namespace merlon {
namespace {

Result<int> half(int n) {
    if (n % 2 != 0) return Error{"odd number; give an even one"};
    return n / 2;
}

Result<int> quarter(int n) {
    const int halved = MERLON_TRY(half(n));
    return half(halved);
}

TEST(Result, try_passes_values_on_and_errors_up) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(7).error().message, "odd number; give an even one");
    EXPECT_FALSE(quarter(6).ok());
}

TEST(Error, reads_as_one_line_with_place_and_context) {
    Error error{"expected a string"};
    EXPECT_EQ(error.to_string(), "expected a string");
    error = std::move(error).at("a.yaml", 3, 7).within("reading the configuration");
    EXPECT_EQ(error.to_string(), "a.yaml:3:7: expected a string (while reading the configuration)");
    error = std::move(error).at("other", 1, 1);
    EXPECT_EQ(error.line, 3u) << "the innermost place is the true one";
}

}  // namespace
}  // namespace merlon
