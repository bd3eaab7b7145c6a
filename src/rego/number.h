#pragma once

// Rego's numbers as OPA 1.22 computes them (v1/topdown/arithmetic.go is the reference).
//
// The idea: integers of any size are exact; everything else is a binary float of 64 bits mantissa,
// rounded to nearest, ties to even, as Go's math/big makes it, and is printed with the fewest
// digits that read back as the same float. Small integers never leave machine words. The floats
// are ours, on GMP's integers, so that no processor's register width shows in a result.
//
// Thread-safe: no state. Cost: some nanoseconds for small integers; the memory of others is what
// the thread has used before (base/recycled.h).

#include <gmpxx.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/recycled.h"
#include "base/result.h"
#include "value/value.h"

namespace merlon::rego {

// (-1)^negative * mantissa * 2^exponent, the mantissa of at most `precision` bits.
struct Float {
    bool negative = false;
    mpz_class mantissa = 0;
    std::int64_t exponent = 0;
    std::uint32_t precision = 64;

    bool is_zero() const { return mantissa == 0; }
    bool is_integer() const;
};

inline constexpr std::int64_t kMaxDecimalExponent = 100'000;

// The float nearest to `text` in JSON's number syntax. Fails where its exponent is beyond
// kMaxDecimalExponent: written out, such a number is a bomb.
Result<Float> float_of(std::string_view text);
Result<Float> float_of(const value::Value& number);
// Go's Float.Text: 'f' for integers, else 'g', each with the fewest digits.
RecycledString text_of(const Float& number);
// The number that decimal digits are; of none zero.
mpz_class integer_of_digits(const RecycledString& digits);
// Its digits in a base up to 36, lower case, a minus in front.
void append_digits(RecycledString& text, const mpz_class& integer, int base);
// The integer part, towards zero.
mpz_class truncate(const Float& number);
double nearest_double(const Float& number);

// The number as an integer of any size where it is one ("2", "2.0", "1e3"), within the limit above.
std::optional<mpz_class> integer_of(const value::Value& number);
// The number as a 64-bit integer where it is written as one: OPA takes "2" and "2.0", and not
// "2e0", for an index or a count.
std::optional<std::int64_t> written_integer(const value::Value& number);

value::Value number_value(value::Builder& builder, const mpz_class& integer);
value::Value number_value(value::Builder& builder, const Float& number);
// Go's json.Number of a float64: the fewest digits, as encoding/json writes it.
value::Value number_value(value::Builder& builder, double number);

// Rounded to the precision, to nearest, ties to even.
Float add(const Float& left, const Float& right, std::uint32_t precision);
Float multiply(const Float& left, const Float& right, std::uint32_t precision);

enum class Operation : std::uint8_t { kPlus, kMinus, kMultiply, kDivide, kRemainder };
enum class Rounding : std::uint8_t { kAbsolute, kRound, kCeiling, kFloor };

// The errors have OPA's texts: "divide by zero", "modulo by zero", "modulo on floating-point
// number".
Result<value::Value> compute(value::Builder& builder, Operation operation, const value::Value& left,
                             const value::Value& right);
Result<value::Value> compute(value::Builder& builder, Rounding rounding,
                             const value::Value& number);

}  // namespace merlon::rego
