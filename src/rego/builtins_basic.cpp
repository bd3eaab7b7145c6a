#include <algorithm>
#include <cmath>

#include "base/ascii.h"
#include "base/recycled.h"
#include "rego/builtins.h"
#include "rego/number.h"
#include "rego/syntax/literal.h"
#include "value/number.h"

// Comparison, arithmetic, bits, ranges, types and casts (OPA: comparison.go, arithmetic.go,
// bits.go, numbers.go, type.go, casts.go).

namespace merlon::rego {
namespace {

using value::Kind;
using value::Value;

template <typename Holds>
Outcome compare_operands(Context& context, Operands operands, Holds holds) {
    return context.boolean(holds(value::compare(operands[0], operands[1])));
}
Outcome equal(Context& context, Operands operands) {
    return compare_operands(context, operands, [](int order) { return order == 0; });
}
Outcome not_equal(Context& context, Operands operands) {
    return compare_operands(context, operands, [](int order) { return order != 0; });
}
Outcome less(Context& context, Operands operands) {
    return compare_operands(context, operands, [](int order) { return order < 0; });
}
Outcome less_or_equal(Context& context, Operands operands) {
    return compare_operands(context, operands, [](int order) { return order <= 0; });
}
Outcome greater(Context& context, Operands operands) {
    return compare_operands(context, operands, [](int order) { return order > 0; });
}
Outcome greater_or_equal(Context& context, Operands operands) {
    return compare_operands(context, operands, [](int order) { return order >= 0; });
}

template <Operation kOperation>
Outcome arithmetic(Context& context, Operands operands) {
    return context.take(compute(context.builder, kOperation, operands[0], operands[1]));
}
template <Rounding kRounding>
Outcome rounding(Context& context, Operands operands) {
    return context.take(compute(context.builder, kRounding, operands[0]));
}

// A difference of numbers or of sets.
Outcome minus(Context& context, Operands operands) {
    const Value& left = operands[0];
    const Value& right = operands[1];
    if (left.is_number() && right.is_number()) {
        return arithmetic<Operation::kMinus>(context, operands);
    }
    if (left.is_set() && right.is_set()) {
        std::vector<Value>& kept = context.value_list();
        std::ranges::set_difference(
            left.items(), right.items(), std::back_inserter(kept),
            [](const Value& a, const Value& b) { return value::compare(a, b) < 0; });
        return context.builder.set(kept);
    }
    if (!left.is_number() && !left.is_set()) {
        return context.wrong_kind(1, left, {"number", "set"});
    }
    if (right.is_number()) return context.wrong_kind(2, right, {"set"});
    return context.wrong_kind(2, right, {"number"});
}

// The operand as an exact integer; the error has been said where there is none.
std::optional<mpz_class> exact_integer(Context& context, Operands operands, std::size_t index) {
    const Value& operand = operands[index];
    if (!operand.is_number()) {
        static_cast<void>(context.wrong_kind(index + 1, operand, {"integer"}));
        return std::nullopt;
    }
    auto integer = integer_of(operand);
    if (!integer) {
        static_cast<void>(
            context.type_error("operand " + std::to_string(index + 1) +
                               " must be integer number but got floating-point number"));
    }
    return integer;
}

enum class Bits : std::uint8_t { kAnd, kOr, kXor, kShiftLeft, kShiftRight };

template <Bits kBits>
Outcome bits(Context& context, Operands operands) {
    const auto left = exact_integer(context, operands, 0);
    if (!left) return Outcome::error();
    const auto right = exact_integer(context, operands, 1);
    if (!right) return Outcome::error();
    mpz_class result;
    if constexpr (kBits == Bits::kAnd) {
        result = *left & *right;
    } else if constexpr (kBits == Bits::kOr) {
        result = *left | *right;
    } else if constexpr (kBits == Bits::kXor) {
        result = *left ^ *right;
    } else {
        if (*right < 0) {
            return context.type_error(
                "operand 2 must be an unsigned integer number but got a negative integer");
        }
        constexpr unsigned long kMaxShift = 1'000'000;
        const bool is_left = kBits == Bits::kShiftLeft;
        // OPA takes the lowest 64 bits of the distance, whatever is above them.
        const auto distance = static_cast<mp_bitcnt_t>(right->get_ui());
        if (is_left && distance > kMaxShift && *left != 0) {
            return context.fail(ErrorKind::kLimit, "more bits than memory is given for");
        }
        if (is_left) {
            mpz_mul_2exp(result.get_mpz_t(), left->get_mpz_t(), distance);
        } else {
            mpz_fdiv_q_2exp(result.get_mpz_t(), left->get_mpz_t(), distance);
        }
    }
    return number_value(context.builder, result);
}

Outcome bits_negate(Context& context, Operands operands) {
    const auto number = exact_integer(context, operands, 0);
    if (!number) return Outcome::error();
    return number_value(context.builder, mpz_class(~*number));
}

// As many numbers from `first` on as a machine's integers hold, each `step` behind the other.
bool append_small(Context& context, std::int64_t first, std::int64_t step, std::size_t count,
                  RecycledVector<Value>& numbers) {
    constexpr std::size_t kNumbersBetweenChecks = 1 << 12;
    for (std::size_t i = 0; i < count; ++i) {
        if (i % kNumbersBetweenChecks == 0 &&
            !context.spend(std::min(kNumbersBetweenChecks, count - i))) {
            return false;
        }
        // Without a sign, as what is added may be out of range and the sum never is.
        const std::uint64_t number =
            static_cast<std::uint64_t>(first) + i * static_cast<std::uint64_t>(step);
        numbers.push_back(context.builder.integer(static_cast<std::int64_t>(number)));
    }
    return true;
}

Outcome range(Context& context, Operands operands) {
    constexpr std::size_t kMaxNumbers = 20'000'000;
    const auto first = exact_integer(context, operands, 0);
    if (!first) return Outcome::error();
    const auto last = exact_integer(context, operands, 1);
    if (!last) return Outcome::error();
    mpz_class step = 1;
    if (operands.size() > 2) {
        const auto given = exact_integer(context, operands, 2);
        if (!given) return Outcome::error();
        if (*given <= 0) {
            return context.error("numbers.range_step: step must be a positive integer");
        }
        step = *given;
    }
    const bool is_up = *first <= *last;
    const mpz_class steps = abs(*last - *first) / step;
    if (steps >= kMaxNumbers) {
        return context.fail(ErrorKind::kLimit, "more numbers than memory is given for");
    }
    if (!is_up) step = -step;
    RecycledVector<Value> numbers;
    const bool are_small = first->fits_slong_p() && last->fits_slong_p() && step.fits_slong_p();
    bool is_whole = true;
    if (are_small) {
        is_whole =
            append_small(context, first->get_si(), step.get_si(), steps.get_ui() + 1, numbers);
    } else {
        for (mpz_class number = *first; is_whole && (is_up ? number <= *last : number >= *last);
             number += step) {
            is_whole = context.spend(1);
            numbers.push_back(number_value(context.builder, number));
        }
    }
    if (!is_whole && context.error_kind() == ErrorKind::kCancel) {
        return context.fail(ErrorKind::kCancel, "timed out before generating all numbers in range");
    }
    if (!is_whole) return Outcome::error();
    return context.builder.array(numbers);
}

template <Kind kKind>
Outcome is_kind(Context& context, Operands operands) {
    return context.boolean(operands[0].kind() == kKind);
}

Outcome type_name(Context& context, Operands operands) {
    return context.string(kind_name(operands[0]));
}

Outcome same(Context&, Operands operands) { return operands[0]; }

Outcome cast_boolean(Context& context, Operands operands) {
    if (!operands[0].is_boolean()) return context.wrong_kind(1, operands[0], {"boolean"});
    return operands[0];
}
Outcome cast_null(Context& context, Operands operands) {
    if (!operands[0].is_null()) return context.wrong_kind(1, operands[0], {"null"});
    return operands[0];
}
Outcome cast_array(Context& context, Operands operands) {
    return operands[0].is_array() ? operands[0] : context.builder.array(operands[0].items());
}
Outcome cast_set(Context& context, Operands operands) {
    return operands[0].is_set() ? operands[0] : context.builder.set(operands[0].items());
}

RecycledString lower_ascii(std::string_view text) {
    RecycledString lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

Outcome to_number(Context& context, Operands operands) {
    const Value& operand = operands[0];
    switch (operand.kind()) {
        case Kind::kNull:
            return context.integer(0);
        case Kind::kBoolean:
            return context.integer(operand.as_boolean() ? 1 : 0);
        case Kind::kNumber:
            return operand;
        case Kind::kString:
            break;
        default:
            return context.wrong_kind(1, operand, {"null", "boolean", "number", "string"});
    }
    const std::string_view text = operand.as_string();
    // "1_000": underscores between digits are none to Go.
    RecycledString joined;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_between = text[i] == '_' && i > 0 && i + 1 < text.size() &&
                                is_digit(text[i - 1]) && is_digit(text[i + 1]);
        if (!is_between) joined += text[i];
    }
    std::string_view bare = joined;
    while (bare.starts_with('+') || bare.starts_with('-')) bare.remove_prefix(1);
    const RecycledString lower = lower_ascii(bare);
    if (lower == "inf" || lower == "infinity" || lower == "nan") {
        return context.wrong_kind(1, operand, {"valid number string"});
    }
    const auto is_in_range = [](const Value& one) { return std::isfinite(one.as_double()); };
    const auto out_of_range = [&context, text] {
        return context.error("strconv.ParseFloat: parsing " + syntax::go_quoted(text) +
                             ": value out of range");
    };
    // An error of ours would have a text that nobody sees.
    const auto read = [&context](std::string_view written) {
        return value::is_json_number(written) ? context.builder.number(written)
                                              : Result<Value>(Error{});
    };
    auto number = read(joined);
    if (number.ok()) return is_in_range(number.value()) ? number.value() : out_of_range();
    // What Go's ParseFloat takes and JSON does not: a sign or zeros in front, a bare point.
    RecycledString repaired(text.starts_with('-') ? "-" : "");
    const bool has_one_sign = joined.size() - bare.size() <= 1;
    while (bare.size() > 1 && bare[0] == '0' && bare[1] >= '0' && bare[1] <= '9') {
        bare.remove_prefix(1);
    }
    if (bare.find_first_of("0123456789") == std::string_view::npos) {
        return context.error("strconv.ParseFloat: parsing " + syntax::go_quoted(text) +
                             ": invalid syntax");
    }
    if (bare.starts_with('.')) repaired += '0';
    repaired += bare;
    if (const std::size_t point = repaired.find('.');
        point < std::min(repaired.find_first_of("eE"), repaired.size()) &&
        (point + 1 == repaired.size() || repaired[point + 1] < '0' || repaired[point + 1] > '9')) {
        repaired.erase(point, 1);
    }
    number = read(repaired);
    if (has_one_sign && number.ok()) {
        return is_in_range(number.value()) ? number.value() : out_of_range();
    }
    return context.error("strconv.ParseFloat: parsing " + syntax::go_quoted(text) +
                         ": invalid syntax");
}

Outcome random_integer(Context& context, Operands operands) {
    const auto given = written_integer(operands[1]);
    if (!given) {
        return context.type_error("operand 2 must be integer number but got floating-point number");
    }
    if (*given == 0) return context.integer(0);
    const auto below = static_cast<std::uint64_t>(*given < 0 ? -(*given + 1) : *given - 1) + 1;
    // splitmix64 over the seed and the name: the same name gives the same number, so that nothing
    // has to be remembered.
    std::uint64_t state = context.world.random_seed ^ value::hash(operands[0]);
    state += 0x9E3779B97F4A7C15;
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
    state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
    state ^= state >> 31;
    return context.integer(static_cast<std::int64_t>(state % below));
}

// Policies are analysed before they run; what is printed or traced goes nowhere here.
Outcome ignored(Context& context, Operands) { return context.boolean(true); }

Outcome runtime(Context& context, Operands) {
    if (context.world.opa_version.empty()) return context.builder.object({});
    const auto key = [&context](std::string_view name) { return context.builder.key(name); };
    const value::Builder::Entry entries[] = {
        {key("authorization_enabled"), context.boolean(false)},
        {key("commit"), context.string("")},
        {key("skip_known_schema_check"), context.boolean(false)},
        {key("version"), context.string(context.world.opa_version)},
    };
    return context.builder.object(entries);
}

constexpr Builtin kBasicBuiltins[] = {
    {"equal", "vv", equal},
    {"eq", "vv", equal},
    {"neq", "vv", not_equal},
    {"lt", "vv", less},
    {"lte", "vv", less_or_equal},
    {"gt", "vv", greater},
    {"gte", "vv", greater_or_equal},
    {"plus", "nn", arithmetic<Operation::kPlus>},
    {"minus", "vv", minus},
    {"mul", "nn", arithmetic<Operation::kMultiply>},
    {"div", "nn", arithmetic<Operation::kDivide>},
    {"rem", "nn", arithmetic<Operation::kRemainder>},
    {"abs", "n", rounding<Rounding::kAbsolute>},
    {"round", "n", rounding<Rounding::kRound>},
    {"ceil", "n", rounding<Rounding::kCeiling>},
    {"floor", "n", rounding<Rounding::kFloor>},
    {"bits.and", "vv", bits<Bits::kAnd>},
    {"bits.or", "vv", bits<Bits::kOr>},
    {"bits.xor", "vv", bits<Bits::kXor>},
    {"bits.lsh", "vv", bits<Bits::kShiftLeft>},
    {"bits.rsh", "vv", bits<Bits::kShiftRight>},
    {"bits.negate", "v", bits_negate},
    {"numbers.range", "vv", range},
    {"numbers.range_step", "vvv", range},
    {"rand.intn", "sn", random_integer},
    {"is_null", "v", is_kind<Kind::kNull>},
    {"is_boolean", "v", is_kind<Kind::kBoolean>},
    {"is_number", "v", is_kind<Kind::kNumber>},
    {"is_string", "v", is_kind<Kind::kString>},
    {"is_array", "v", is_kind<Kind::kArray>},
    {"is_object", "v", is_kind<Kind::kObject>},
    {"is_set", "v", is_kind<Kind::kSet>},
    {"type_name", "v", type_name},
    {"cast_array", "c", cast_array},
    {"cast_set", "c", cast_set},
    {"cast_string", "s", same},
    {"cast_boolean", "v", cast_boolean},
    {"cast_null", "v", cast_null},
    {"cast_object", "o", same},
    {"to_number", "v", to_number},
    {"print", "a", ignored},
    {"trace", "s", ignored},
    {"opa.runtime", "", runtime},
};

}  // namespace

std::span<const Builtin> basic_builtins() { return kBasicBuiltins; }

}  // namespace merlon::rego
