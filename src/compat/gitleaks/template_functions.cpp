#include "compat/gitleaks/template_functions.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "compat/gitleaks/template_arguments.h"

namespace merlon::compat::gitleaks {
namespace {

// What the renderer or call_template_function do themselves.
constexpr std::string_view kSpecial[] = {"and", "now", "or"};

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

}  // namespace

bool is_template_function(std::string_view name) {
    return find_function(name) != nullptr ||
           std::find(std::begin(kSpecial), std::end(kSpecial), name) != std::end(kSpecial);
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
    return function->run(arguments);
}

}  // namespace merlon::compat::gitleaks
