#pragma once

// Go's fmt verbs and time layouts, as report templates use them.
//
// Thread-safe: no state. Times are shown in UTC, whatever the machine's zone is.

#include <span>
#include <string>
#include <string_view>

#include "templates/template_value.h"

namespace merlon::templates {

// fmt.Sprintf, with Go's marks for what does not fit ("%!d(string=x)"). Fails for verbs and flags
// that Go knows and this does not, with "not supported".
Result<std::string> go_sprintf(std::string_view format, std::span<const TemplateValue> arguments);
// fmt.Sprint: a blank between two operands of which neither is a string.
std::string go_sprint(std::span<const TemplateValue> arguments);
// fmt.Sprintln: a blank between all of them.
std::string go_sprintln(std::span<const TemplateValue> arguments);
// %q of a string.
std::string go_quoted(std::string_view text);
// time.Time.Format.
std::string go_time(std::string_view layout, Timestamp time);

}  // namespace merlon::templates
