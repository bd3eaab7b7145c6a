#pragma once

// What the functions of report templates have in common: how they read their arguments and make
// their answers, and the tables that they stand in.
//
// The idea: each file template_<what>.cpp holds one table of {name, fewest and most arguments,
// their types, function}, sorted by name; template_functions.cpp looks in all of them. Arguments of
// any type are read as sprig reads them: what is no number is 0, nil is the empty text.
//
// Thread-safe: no state.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "templates/template_value.h"

namespace merlon::templates {

using Arguments = std::span<const TemplateValue>;
using Answer = Result<TemplateValue>;

constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

struct TemplateFunction {
    std::string_view name;
    std::size_t least;  // arguments
    std::size_t most;
    // What Go wants of the first arguments: 's' a text, 'i' a whole number, 'b' true or false,
    // '.' and those that are not named anything.
    std::string_view takes;
    Answer (*run)(Arguments);
};

std::span<const TemplateFunction> date_functions();
std::span<const TemplateFunction> encoding_functions();
std::span<const TemplateFunction> list_functions();
std::span<const TemplateFunction> logic_functions();
std::span<const TemplateFunction> number_functions();
std::span<const TemplateFunction> path_functions();
std::span<const TemplateFunction> regex_functions();
std::span<const TemplateFunction> text_functions();

Error wrong_argument(std::string_view wanted, const TemplateValue& found);

// Whether a whole record is in it: Go shows one with an address in memory, which nothing can copy.
bool holds_record(const TemplateValue& value);

std::string text_of(const TemplateValue& value);
// cast.ToInt64 and cast.ToFloat64.
std::int64_t integer_of(const TemplateValue& value);
double real_of(const TemplateValue& value);
Result<TemplateList> list_of(const TemplateValue& value);
Result<TemplateDict> dict_of(const TemplateValue& value);

template <typename T>
Answer given(T value) {
    return TemplateValue(std::move(value));
}
TemplateValue text_list(const std::vector<std::string>& texts);
// What `show` makes of each argument that is not nil, parted by blanks.
std::string joined_with_blanks(Arguments arguments, std::string (*show)(const TemplateValue&));

// Negative, zero or positive; nothing when the types are not to be compared.
std::optional<int> order(const TemplateValue& left, const TemplateValue& right);
// reflect.DeepEqual.
// The same for two values that are the same, type and all.
std::string identity_of(const TemplateValue& value);

}  // namespace merlon::templates
