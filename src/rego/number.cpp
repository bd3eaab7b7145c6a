#include "rego/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "rego/go_format.h"

namespace merlon::rego {
namespace {

using value::Builder;
using value::Value;

// GMP's numbers are made and thrown away by the dozen: their memory is given again. Set before
// anything is computed, because GMP gives back to the functions of the day.
const bool kRecyclesNumbers = [] {
    mp_set_memory_functions(
        take_recycled,
        [](void* block, std::size_t before, std::size_t bytes) {
            void* const larger = take_recycled(bytes);
            std::memcpy(larger, block, std::min(before, bytes));
            give_any_block(block);
            return larger;
        },
        [](void* block, std::size_t /*bytes*/) { give_any_block(block); });
    return true;
}();

// A product of more bits is a bomb.
constexpr std::int64_t kMaxBits = 64'000'000;

std::int64_t bit_length(const mpz_class& number) {
    return number == 0 ? 0 : static_cast<std::int64_t>(mpz_sizeinbase(number.get_mpz_t(), 2));
}

mpz_class shifted(const mpz_class& number, std::int64_t bits) {
    mpz_class result;
    if (bits >= 0) {
        mpz_mul_2exp(result.get_mpz_t(), number.get_mpz_t(), static_cast<mp_bitcnt_t>(bits));
    } else {
        mpz_tdiv_q_2exp(result.get_mpz_t(), number.get_mpz_t(), static_cast<mp_bitcnt_t>(-bits));
    }
    return result;
}

// To nearest, ties to even.
void round_to_precision(Float& number) {
    const std::int64_t surplus = bit_length(number.mantissa) - number.precision;
    if (surplus <= 0) return;
    const auto bits = static_cast<mp_bitcnt_t>(surplus);
    const bool half = mpz_tstbit(number.mantissa.get_mpz_t(), bits - 1) != 0;
    const bool more = mpz_scan1(number.mantissa.get_mpz_t(), 0) < bits - 1;
    number.mantissa = shifted(number.mantissa, -surplus);
    number.exponent += surplus;
    if (half && (more || mpz_odd_p(number.mantissa.get_mpz_t()) != 0)) number.mantissa += 1;
    if (bit_length(number.mantissa) > number.precision) {
        number.mantissa = shifted(number.mantissa, -1);
        number.exponent += 1;
    }
}

}  // namespace

Float multiply(const Float& left, const Float& right, std::uint32_t precision) {
    Float product{left.negative != right.negative, left.mantissa * right.mantissa,
                  left.exponent + right.exponent, precision};
    round_to_precision(product);
    return product;
}

Float add(const Float& left, const Float& right, std::uint32_t precision) {
    const std::int64_t exponent = std::min(left.exponent, right.exponent);
    mpz_class a = shifted(left.mantissa, left.exponent - exponent);
    mpz_class b = shifted(right.mantissa, right.exponent - exponent);
    if (left.negative) a = -a;
    if (right.negative) b = -b;
    mpz_class sum = a + b;
    // IEEE 754: a sum that cancels is +0; of two negative zeros it is -0.
    const bool negative = sum == 0 ? left.negative && right.negative && left.is_zero() : sum < 0;
    Float result{negative, abs(sum), exponent, precision};
    round_to_precision(result);
    return result;
}

namespace {

// `right` is not zero.
Float divide(const Float& left, const Float& right, std::uint32_t precision) {
    // Two bits more than are kept, and whether anything remained: enough to round correctly.
    const std::int64_t bits = std::max<std::int64_t>(
        0, precision + 2 + bit_length(right.mantissa) - bit_length(left.mantissa));
    const mpz_class dividend = shifted(left.mantissa, bits);
    Float quotient{left.negative != right.negative, dividend / right.mantissa,
                   left.exponent - right.exponent - bits, precision};
    if (quotient.mantissa * right.mantissa != dividend) {
        quotient.mantissa = quotient.mantissa * 2 + 1;
        quotient.exponent -= 1;
    }
    round_to_precision(quotient);
    return quotient;
}

// 5^power as Go's pow5 has it, rounded on the way for large powers.
Float power_of_five(std::uint64_t power, std::uint32_t precision) {
    constexpr std::uint64_t kExactPower = 27;  // the largest that fits 64 bits
    Float result{false, 1, 0, precision};
    mpz_ui_pow_ui(result.mantissa.get_mpz_t(), 5,
                  static_cast<unsigned long>(std::min(power, kExactPower)));
    if (power <= kExactPower) return result;
    Float factor{false, 5, 0, precision + 64};
    for (std::uint64_t rest = power - kExactPower; rest > 0; rest >>= 1) {
        if ((rest & 1) != 0) result = multiply(result, factor, precision);
        factor = multiply(factor, factor, factor.precision);
    }
    return result;
}

// Exponents that math/big reads, and where numbers are zero to it.
constexpr std::int64_t kLeastExponent = -2'147'000'000;
constexpr std::int64_t kUnderflow = -646'456'993;

// A number of JSON taken apart: digits * 10^exponent.
struct Parts {
    bool negative = false;
    RecycledString digits;
    std::int64_t exponent = 0;
};

Result<Parts> parts_of(std::string_view text) {
    Parts parts;
    std::size_t at = 0;
    if (at < text.size() && text[at] == '-') {
        parts.negative = true;
        ++at;
    }
    bool fraction = false;
    for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
        if (text[at] == '.') {
            fraction = true;
            continue;
        }
        parts.digits += text[at];
        if (fraction) --parts.exponent;
    }
    if (at < text.size()) {
        std::string_view written = text.substr(at + 1);
        if (written.starts_with('+')) written.remove_prefix(1);
        std::int64_t exponent = 0;
        const auto [end, code] =
            std::from_chars(written.data(), written.data() + written.size(), exponent);
        // Zero is zero, whatever follows.
        if (parts.digits.find_first_not_of('0') == RecycledString::npos) {
            parts.exponent = 0;
            return parts;
        }
        // Below 2^-(2^31) it is zero, as in math/big, whose exponents end there.
        const std::int64_t magnitude =
            exponent + parts.exponent + static_cast<std::int64_t>(parts.digits.size());
        if (code == std::errc{} && exponent > kLeastExponent && magnitude < kUnderflow) {
            return Parts{.negative = parts.negative, .digits = "0"};
        }
        if (code != std::errc{} || exponent < -kMaxDecimalExponent ||
            exponent > kMaxDecimalExponent) {
            return Error{"number exponent out of range"};
        }
        parts.exponent += exponent;
    }
    return parts;
}

// 0.DIGITS * 10^exponent, without zeros behind.
struct Decimal {
    RecycledString digits;
    std::int64_t exponent = 0;

    char at(std::size_t place) const { return place < digits.size() ? digits[place] : '0'; }
};

void trim(Decimal& number) {
    while (number.digits.ends_with('0')) number.digits.pop_back();
    if (number.digits.empty()) number.exponent = 0;
}

Decimal decimal_of(const mpz_class& mantissa, std::int64_t exponent) {
    Decimal result;
    if (mantissa == 0) return result;
    if (exponent >= 0) {
        append_digits(result.digits, shifted(mantissa, exponent), 10);
        result.exponent = static_cast<std::int64_t>(result.digits.size());
    } else {
        mpz_class power;
        mpz_ui_pow_ui(power.get_mpz_t(), 5, static_cast<unsigned long>(-exponent));
        append_digits(result.digits, mpz_class(mantissa * power), 10);
        result.exponent = static_cast<std::int64_t>(result.digits.size()) + exponent;
    }
    trim(result);
    return result;
}

void round_down(Decimal& number, std::size_t kept) {
    if (kept >= number.digits.size()) return;
    number.digits.resize(kept);
    trim(number);
}

void round_up(Decimal& number, std::size_t kept) {
    if (kept >= number.digits.size()) return;
    while (kept > 0 && number.digits[kept - 1] >= '9') --kept;
    if (kept == 0) {
        number.digits = "1";
        ++number.exponent;
        return;
    }
    number.digits.resize(kept);
    ++number.digits[kept - 1];
}

void round_half_even(Decimal& number, std::size_t kept) {
    if (kept >= number.digits.size()) return;
    bool up = number.digits[kept] >= '5';
    if (number.digits[kept] == '5' && kept + 1 == number.digits.size()) {
        up = kept > 0 && (number.digits[kept - 1] - '0') % 2 != 0;
    }
    if (up) {
        round_up(number, kept);
    } else {
        round_down(number, kept);
    }
}

// Drops digits as long as what is left still rounds to `number`.
void shorten(Decimal& decimal, const Float& number) {
    // One bit more than the precision: its last bit is half a unit in the last place.
    const std::int64_t shift = number.precision + 1 - bit_length(number.mantissa);
    const mpz_class mantissa = shifted(number.mantissa, shift);
    const std::int64_t exponent = number.exponent - shift;
    const Decimal lower = decimal_of(mantissa - 1, exponent);
    const Decimal upper = decimal_of(mantissa + 1, exponent);
    const bool inclusive = mpz_tstbit(mantissa.get_mpz_t(), 1) == 0;
    for (std::size_t i = 0; i < decimal.digits.size(); ++i) {
        const char digit = decimal.digits[i];
        const char below = lower.at(i);
        const char above = upper.at(i);
        const bool may_go_down = below != digit || (inclusive && i + 1 == lower.digits.size());
        const bool may_go_up =
            digit != above && (inclusive || digit + 1 < above || i + 1 < upper.digits.size());
        if (may_go_down && may_go_up) return round_half_even(decimal, i + 1);
        if (may_go_down) return round_down(decimal, i + 1);
        if (may_go_up) return round_up(decimal, i + 1);
    }
}

void append_fixed(RecycledString& text, const Decimal& decimal) {
    const std::size_t begin = text.size();
    for (std::int64_t i = 0; i < decimal.exponent; ++i) {
        text += decimal.at(static_cast<std::size_t>(i));
    }
    if (text.size() == begin) text += '0';
    const auto count = static_cast<std::int64_t>(decimal.digits.size());
    if (count <= decimal.exponent) return;
    text += '.';
    for (std::int64_t i = decimal.exponent; i < count; ++i) {
        text += i < 0 ? '0' : decimal.digits[static_cast<std::size_t>(i)];
    }
}

void append_with_exponent(RecycledString& text, const Decimal& decimal) {
    text += decimal.at(0);
    if (decimal.digits.size() > 1) {
        text += '.';
        text.append(decimal.digits, 1);
    }
    const std::int64_t exponent = decimal.exponent - 1;
    text += exponent < 0 ? "e-" : "e+";
    const std::string digits = std::to_string(std::abs(exponent));
    if (digits.size() < 2) text += '0';
    text += digits;
}

// Below this, sums and products of two stay in 64 bits.
std::optional<std::int64_t> small_integer(const Value& number) {
    const auto integer = written_integer(number);
    if (!integer || *integer < INT32_MIN || *integer > INT32_MAX) return std::nullopt;
    return integer;
}

Result<std::optional<std::int64_t>> compute_small(Operation operation, std::int64_t left,
                                                  std::int64_t right) {
    switch (operation) {
        case Operation::kPlus:
            return std::optional(left + right);
        case Operation::kMinus:
            return std::optional(left - right);
        case Operation::kMultiply:
            return std::optional(left * right);
        case Operation::kDivide:
            if (right == 0) return Error{"divide by zero"};
            if (left == 0 || left % right != 0) return std::optional<std::int64_t>();
            return std::optional(left / right);
        case Operation::kRemainder:
            if (right == 0) return Error{"modulo by zero"};
            return std::optional(left % right);
    }
    return std::optional<std::int64_t>();
}

Result<mpz_class> compute_exact(Operation operation, const mpz_class& left,
                                const mpz_class& right) {
    switch (operation) {
        case Operation::kPlus:
            return mpz_class(left + right);
        case Operation::kMinus:
            return mpz_class(left - right);
        case Operation::kMultiply:
            if (bit_length(left) + bit_length(right) > kMaxBits) {
                return Error{"number is too large"};
            }
            return mpz_class(left * right);
        default:
            if (right == 0) return Error{"modulo by zero"};
            return mpz_class(left % right);
    }
}

Result<Float> compute_float(Operation operation, const Float& left, Float right) {
    switch (operation) {
        case Operation::kMinus:
            right.negative = !right.negative;
            [[fallthrough]];
        case Operation::kPlus:
            return add(left, right, 64);
        case Operation::kMultiply:
            return multiply(left, right, 64);
        case Operation::kDivide:
            if (right.is_zero()) return Error{"divide by zero"};
            return divide(left, right, 64);
        case Operation::kRemainder:
            break;
    }
    return Error{"modulo on floating-point number"};
}

Float whole(const mpz_class& integer) {
    const auto bits = static_cast<std::uint32_t>(bit_length(integer));
    return Float{integer < 0, abs(integer), 0, std::max(bits, 64U)};
}

Float rounded(Rounding rounding, Float number) {
    switch (rounding) {
        case Rounding::kAbsolute:
            number.negative = false;
            return number;
        case Rounding::kRound: {
            const Float half{number.negative, 1, -1, 53};
            return whole(truncate(add(number, half, 64)));
        }
        case Rounding::kCeiling:
        case Rounding::kFloor: {
            Float base = whole(truncate(number));
            if (number.is_integer()) return base;
            // OPA looks at the sign of the truncated number, which has none for -0.5.
            const bool up = rounding == Rounding::kCeiling;
            if (up ? base.negative : !base.negative) return base;
            return add(base, Float{!up, 1, 0, 53}, base.precision);
        }
    }
    return number;
}

}  // namespace

bool Float::is_integer() const {
    if (mantissa == 0 || exponent >= 0) return true;
    return mpz_scan1(mantissa.get_mpz_t(), 0) >= static_cast<mp_bitcnt_t>(-exponent);
}

Result<Float> float_of(std::string_view text) {
    const Parts parts = MERLON_TRY(parts_of(text));
    Float number{parts.negative, integer_of_digits(parts.digits), 0, 64};
    if (parts.exponent == 0 || number.is_zero()) {
        round_to_precision(number);
        return number;
    }
    number.exponent = parts.exponent;
    // Go multiplies the unrounded digits with a power of 64 bits more, and rounds once.
    const Float power = power_of_five(static_cast<std::uint64_t>(std::abs(parts.exponent)), 128);
    return parts.exponent < 0 ? divide(number, power, 64) : multiply(number, power, 64);
}

Result<Float> float_of(const Value& number) {
    value::NumberRoom room;
    return float_of(number.number_text(room));
}

mpz_class integer_of_digits(const RecycledString& digits) {
    return mpz_class(digits.empty() ? "0" : digits.c_str(), 10);
}

void append_digits(RecycledString& text, const mpz_class& integer, int base) {
    const std::size_t begin = text.size();
    // A sign, and the zero behind the digits.
    text.resize(begin + mpz_sizeinbase(integer.get_mpz_t(), base) + 2);
    mpz_get_str(text.data() + begin, base, integer.get_mpz_t());
    text.resize(begin + std::strlen(text.data() + begin));
}

RecycledString text_of(const Float& number) {
    Decimal decimal = decimal_of(number.mantissa, number.exponent);
    if (!number.is_zero()) shorten(decimal, number);
    RecycledString text(number.negative ? "-" : "");
    // Go's %g turns to exponents below 10^-4 and, for the shortest text, from 10^21... of 'g' with
    // precision -1, math/big takes 6 digits.
    constexpr std::int64_t kDigitsOfG = 6;
    const std::int64_t exponent = decimal.exponent - 1;
    if (!number.is_integer() && (exponent < -4 || exponent >= kDigitsOfG)) {
        append_with_exponent(text, decimal);
    } else {
        append_fixed(text, decimal);
    }
    return text;
}

mpz_class truncate(const Float& number) {
    const mpz_class magnitude = shifted(number.mantissa, number.exponent);
    return number.negative ? mpz_class(-magnitude) : magnitude;
}

double nearest_double(const Float& number) {
    Float copy = number;
    copy.precision = 53;
    round_to_precision(copy);
    const double magnitude = std::ldexp(copy.mantissa.get_d(), static_cast<int>(copy.exponent));
    return copy.negative ? -magnitude : magnitude;
}

std::optional<mpz_class> integer_of(const Value& number) {
    if (const auto small = written_integer(number)) {
        mpz_class result;
        mpz_set_si(result.get_mpz_t(), static_cast<long>(*small));
        return result;
    }
    value::NumberRoom room;
    const auto parts = parts_of(number.number_text(room));
    if (!parts.ok()) return std::nullopt;
    mpz_class digits = integer_of_digits(parts.value().digits);
    mpz_class power;
    mpz_ui_pow_ui(power.get_mpz_t(), 10,
                  static_cast<unsigned long>(std::abs(parts.value().exponent)));
    if (parts.value().exponent < 0) {
        if (digits % power != 0) return std::nullopt;
        digits /= power;
    } else {
        digits *= power;
    }
    return parts.value().negative ? mpz_class(-digits) : digits;
}

std::optional<std::int64_t> written_integer(const Value& number) {
    const auto integer = number.as_integer();
    if (!integer || number.is_plain_integer()) return integer;
    value::NumberRoom room;
    const std::string_view text = number.number_text(room);
    if (text.find_first_of("eE") != std::string_view::npos) return std::nullopt;
    return integer;
}

Value number_value(Builder& builder, const mpz_class& integer) {
    if (integer.fits_slong_p()) return builder.integer(integer.get_si());
    RecycledString digits;
    append_digits(digits, integer, 10);
    return builder.number(digits).value();
}

Value number_value(Builder& builder, const Float& number) {
    return builder.number(text_of(number)).value();
}

Value number_value(Builder& builder, double number) {
    // encoding/json: the shortest digits, an exponent below 1e-6 and from 1e21.
    const double magnitude = std::abs(number);
    const bool plain = magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e21);
    std::string text = go_float_text(number, plain ? 'f' : 'e', -1);
    // "e-09" becomes "e-9".
    if (const std::size_t at = text.find("e-0"); at != std::string::npos) text.erase(at + 2, 1);
    auto made = builder.number(text);
    return made.ok() ? made.value() : builder.integer(0);
}

Result<Value> compute(Builder& builder, Operation operation, const Value& left,
                      const Value& right) {
    const auto a = small_integer(left);
    const auto b = small_integer(right);
    if (a && b) {
        const auto small = MERLON_TRY(compute_small(operation, *a, *b));
        if (small) return builder.integer(*small);
    }
    if (operation != Operation::kDivide) {
        const auto big_left = integer_of(left);
        const auto big_right = integer_of(right);
        if (big_left && big_right) {
            return number_value(
                builder, mpz_class(MERLON_TRY(compute_exact(operation, *big_left, *big_right))));
        }
        if (operation == Operation::kRemainder) return Error{"modulo on floating-point number"};
    }
    const Float x = MERLON_TRY(float_of(left));
    const Float y = MERLON_TRY(float_of(right));
    return number_value(builder, MERLON_TRY(compute_float(operation, x, y)));
}

Result<Value> compute(Builder& builder, Rounding rounding, const Value& number) {
    if (const auto small = small_integer(number)) {
        return builder.integer(rounding == Rounding::kAbsolute ? std::abs(*small) : *small);
    }
    const Float parsed = MERLON_TRY(float_of(number));
    return number_value(builder, rounded(rounding, parsed));
}

}  // namespace merlon::rego
