#include "templates/template_functions.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "templates/template_arguments.h"

namespace merlon::templates {
namespace {

// What the renderer or call_template_function do themselves.
constexpr std::string_view kSpecial[] = {"and", "now", "or"};

// What text/template has by itself.
constexpr std::string_view kOfGo[] = {"and", "eq",    "ge",     "gt",      "html",  "index",
                                      "js",  "le",    "len",    "lt",      "ne",    "not",
                                      "or",  "print", "printf", "println", "slice", "urlquery"};

// What hands values on as they are, or writes them as JSON; the others make a text of them.
constexpr std::string_view kHandOn[] = {
    "all",    "any",          "append",    "coalesce", "compact", "concat", "default",
    "dict",   "empty",        "eq",        "first",    "get",     "has",    "hasKey",
    "index",  "initial",      "keys",      "last",     "len",     "list",   "ne",
    "not",    "prepend",      "rest",      "reverse",  "set",     "slice",  "ternary",
    "toJson", "toPrettyJson", "toRawJson", "uniq",     "unset",   "values", "without"};

std::array<std::span<const TemplateFunction>, 8> tables() {
    return {date_functions(),   encoding_functions(), list_functions(),  logic_functions(),
            number_functions(), path_functions(),     regex_functions(), text_functions()};
}

const TemplateFunction* find_function(std::string_view name) {
    for (const auto table : tables()) {
        const auto found = std::find_if(
            table.begin(), table.end(),
            [name](const TemplateFunction& function) { return function.name == name; });
        if (found != table.end()) return &*found;
    }
    return nullptr;
}

// What would make values without end, where it is done again and again.
Answer bounded(Answer answer) {
    if (!answer.ok()) return answer;
    const TemplateValue& value = answer.value();
    const auto* text = value.as<std::string>();
    if (text != nullptr && text->size() > kMaxMadeBytes) return too_large();
    if (value.as<TemplateList>() != nullptr && value_bytes(value) > kMaxMadeBytes)
        return too_large();
    if (!place_value(value, 0)) return too_deep();
    return answer;
}

bool fits(char type, const TemplateValue& value) {
    if (type == 's') return value.as<std::string>() != nullptr;
    if (type == 'b') return value.as<bool>() != nullptr;
    if (type != 'i') return true;
    const auto* real = value.as<double>();  // 3.0 is a whole number in Go's templates
    return value.as<std::int64_t>() != nullptr || (real != nullptr && *real == std::floor(*real));
}

std::string_view name_of(char type) {
    return type == 's' ? "a text" : type == 'b' ? "true or false" : "a whole number";
}

}  // namespace

bool is_template_function(std::string_view name) {
    return find_function(name) != nullptr ||
           std::find(std::begin(kSpecial), std::end(kSpecial), name) != std::end(kSpecial);
}

bool is_go_function(std::string_view name) {
    return std::ranges::find(kOfGo, name) != std::end(kOfGo);
}

std::vector<std::string_view> template_functions() {
    std::vector<std::string_view> names(std::begin(kSpecial), std::end(kSpecial));
    for (const auto table : tables())
        for (const TemplateFunction& function : table) names.push_back(function.name);
    std::sort(names.begin(), names.end());
    return names;
}

Result<TemplateValue> call_template_function(std::string_view name,
                                             std::span<const TemplateValue> arguments,
                                             Timestamp now) {
    if (name == "now" && arguments.empty()) return TemplateValue(now);
    const TemplateFunction* function = find_function(name);
    if (function == nullptr || arguments.size() < function->least ||
        arguments.size() > function->most) {
        return Error{fmt::format("template: wrong number of arguments for {}", name)};
    }
    const std::size_t typed = std::min(function->takes.size(), arguments.size());
    for (std::size_t i = 0; i < typed; ++i) {
        if (fits(function->takes[i], arguments[i])) continue;
        return Error{fmt::format("template: argument {} of {}: expected {}, found {}", i + 1, name,
                                 name_of(function->takes[i]), template_text(arguments[i]))};
    }
    const bool hands_on = std::ranges::find(kHandOn, name) != std::end(kHandOn);
    if (!hands_on && std::ranges::any_of(arguments, holds_record)) {
        return Error{fmt::format(
            "template: {} of a whole record is not supported; name the fields, or use toJson",
            name)};
    }
    return bounded(function->run(arguments));
}

}  // namespace merlon::templates
