#include <cstdlib>

#include "templates/template_arguments.h"
#include "templates/template_format.h"

namespace merlon::templates {
namespace {

Answer time_text(std::string_view layout, const TemplateValue& value) {
    // sprig takes whole numbers for seconds since 1970.
    constexpr std::int64_t kMostSeconds = std::int64_t{9'000'000'000};
    if (const auto* seconds = value.as<std::int64_t>();
        seconds != nullptr && std::abs(*seconds) <= kMostSeconds) {
        return TemplateValue(go_time(layout, Timestamp{*seconds * 1'000'000'000}));
    }
    const auto* time = value.as<Timestamp>();
    if (time == nullptr) return wrong_argument("a time", value);
    return TemplateValue(go_time(layout, *time));
}

constexpr TemplateFunction kDatesFunctions[] = {
    {"date", 2, 2, "s", [](Arguments in) -> Answer { return time_text(text_of(in[0]), in[1]); }},
    {"htmlDate", 1, 1, "", [](Arguments in) -> Answer { return time_text("2006-01-02", in[0]); }},
    {"unixEpoch", 1, 1, "",
     [](Arguments in) -> Answer {
         const auto* time = in[0].as<Timestamp>();
         if (time == nullptr) return wrong_argument("a time", in[0]);
         return TemplateValue(std::to_string(time->nanoseconds / 1'000'000'000));
     }},
};

}  // namespace

std::span<const TemplateFunction> date_functions() { return kDatesFunctions; }

}  // namespace merlon::templates
