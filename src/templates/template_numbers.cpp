#include <algorithm>
#include <charconv>
#include <cmath>

#include "templates/template_arguments.h"

namespace merlon::templates {
namespace {

template <typename Operation>
Answer folded(Arguments arguments, Operation operation) {
    std::int64_t total = integer_of(arguments[0]);
    for (const TemplateValue& value : arguments.subspan(1))
        total = operation(total, integer_of(value));
    return TemplateValue(total);
}

// Two's complement, as Go's int64.
std::int64_t wrapped(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }
std::uint64_t bits(std::int64_t number) { return static_cast<std::uint64_t>(number); }

Answer divided(Arguments arguments, bool remainder) {
    const std::int64_t left = integer_of(arguments[0]);
    const std::int64_t right = integer_of(arguments[1]);
    if (right == 0) return Error{"template: integer divide by zero"};
    if (right == -1) return TemplateValue(remainder ? std::int64_t{0} : wrapped(0 - bits(left)));
    return TemplateValue(remainder ? left % right : left / right);
}

Answer rounded(Arguments arguments) {
    const double number = real_of(arguments[0]);
    const double scale = std::pow(10.0, static_cast<double>(integer_of(arguments[1])));
    const double edge = arguments.size() > 2 ? real_of(arguments[2]) : 0.5;
    const double digits = scale * number;
    double whole = 0;
    const double fraction = std::modf(digits, &whole);
    return TemplateValue((fraction >= edge ? std::ceil(digits) : std::floor(digits)) / scale);
}

// strconv.Atoi, which sprig asks for no error.
std::int64_t decimal_of(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t number = 0;
    const auto [stopped, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    return code == std::errc{} && stopped == text.data() + text.size() ? number : 0;
}

constexpr TemplateFunction kNumbersFunctions[] = {
    {"add", 1, kAny, "",
     [](Arguments in) -> Answer {
         return folded(in, [](auto x, auto y) { return wrapped(bits(x) + bits(y)); });
     }},
    {"add1", 1, 1, "",
     [](Arguments in) -> Answer { return given(wrapped(bits(integer_of(in[0])) + 1)); }},
    {"atoi", 1, 1, "s", [](Arguments in) -> Answer { return given(decimal_of(text_of(in[0]))); }},
    {"ceil", 1, 1, "",
     [](Arguments in) -> Answer { return TemplateValue(std::ceil(real_of(in[0]))); }},
    {"div", 2, 2, "", [](Arguments in) -> Answer { return divided(in, false); }},
    {"float64", 1, 1, "", [](Arguments in) -> Answer { return TemplateValue(real_of(in[0])); }},
    {"floor", 1, 1, "",
     [](Arguments in) -> Answer { return TemplateValue(std::floor(real_of(in[0]))); }},
    {"int", 1, 1, "", [](Arguments in) -> Answer { return given(integer_of(in[0])); }},
    {"int64", 1, 1, "", [](Arguments in) -> Answer { return given(integer_of(in[0])); }},
    {"max", 1, kAny, "",
     [](Arguments in) -> Answer {
         return folded(in, [](auto x, auto y) { return std::max(x, y); });
     }},
    {"min", 1, kAny, "",
     [](Arguments in) -> Answer {
         return folded(in, [](auto x, auto y) { return std::min(x, y); });
     }},
    {"mod", 2, 2, "", [](Arguments in) -> Answer { return divided(in, true); }},
    {"mul", 1, kAny, "",
     [](Arguments in) -> Answer {
         return folded(in, [](auto x, auto y) { return wrapped(bits(x) * bits(y)); });
     }},
    {"round", 2, 3, ".i", rounded},
    {"sub", 2, 2, "",
     [](Arguments in) -> Answer {
         return given(wrapped(bits(integer_of(in[0])) - bits(integer_of(in[1]))));
     }},
};

}  // namespace

std::span<const TemplateFunction> number_functions() { return kNumbersFunctions; }

}  // namespace merlon::templates
