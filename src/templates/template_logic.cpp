#include <algorithm>

#include "templates/template_arguments.h"

namespace merlon::templates {
namespace {

template <typename Holds>
Answer compared(Arguments arguments, Holds holds) {
    const auto found = order(arguments[0], arguments[1]);
    // What is the same or not, and neither more nor less.
    const bool has_no_order =
        arguments[0].as<bool>() != nullptr || arguments[0].as<std::monostate>() != nullptr;
    if (!found || has_no_order) return Error{"template: invalid type for comparison"};
    return TemplateValue(holds(*found));
}

// The first against any of the others.
Answer equals_any(Arguments arguments) {
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const auto found = order(arguments[0], arguments[i]);
        const auto is_nil = [&](std::size_t place) {
            return arguments[place].as<std::monostate>() != nullptr;
        };
        // nil is no other value, and may be asked about.
        if (!found && is_nil(0) != is_nil(i)) continue;
        if (!found) return Error{"template: incompatible types for comparison"};
        if (*found == 0) return TemplateValue(true);
    }
    return TemplateValue(false);
}

constexpr TemplateFunction kLogicFunctions[] = {
    {"all", 0, kAny, "",
     [](Arguments in) -> Answer {
         return given(std::all_of(in.begin(), in.end(), template_truth));
     }},
    {"any", 0, kAny, "",
     [](Arguments in) -> Answer {
         return given(std::any_of(in.begin(), in.end(), template_truth));
     }},
    {"coalesce", 0, kAny, "",
     [](Arguments in) -> Answer {
         const auto found = std::find_if(in.begin(), in.end(), template_truth);
         return found == in.end() ? TemplateValue() : *found;
     }},
    {"default", 1, 2, "",
     [](Arguments in) -> Answer { return in.size() > 1 && template_truth(in[1]) ? in[1] : in[0]; }},
    {"empty", 1, 1, "", [](Arguments in) -> Answer { return given(!template_truth(in[0])); }},
    {"eq", 2, kAny, "", equals_any},
    {"fail", 1, 1, "s",
     [](Arguments in) -> Answer { return Error{"template: " + text_of(in[0])}; }},
    {"ge", 2, 2, "",
     [](Arguments in) -> Answer { return compared(in, [](int order) { return order >= 0; }); }},
    {"gt", 2, 2, "",
     [](Arguments in) -> Answer { return compared(in, [](int order) { return order > 0; }); }},
    {"le", 2, 2, "",
     [](Arguments in) -> Answer { return compared(in, [](int order) { return order <= 0; }); }},
    {"lt", 2, 2, "",
     [](Arguments in) -> Answer { return compared(in, [](int order) { return order < 0; }); }},
    {"ne", 2, 2, "",
     [](Arguments in) -> Answer {
         const TemplateValue equal = MERLON_TRY(equals_any(in));
         return given(!template_truth(equal));
     }},
    {"not", 1, 1, "", [](Arguments in) -> Answer { return given(!template_truth(in[0])); }},
    {"ternary", 3, 3, "..b",
     [](Arguments in) -> Answer { return template_truth(in[2]) ? in[0] : in[1]; }},
};

}  // namespace

std::span<const TemplateFunction> logic_functions() { return kLogicFunctions; }

}  // namespace merlon::templates
