#pragma once

// The functions that a report template may call: those of Go's text/template, and of sprig 3 those
// that work on what a report has. docs/compat-gitleaks.md lists them.
//
// Thread-safe: no state. What depends on chance, the machine or the network is not among them.

#include <span>
#include <string_view>
#include <vector>

#include "templates/template_value.h"

namespace merlon::templates {

bool is_template_function(std::string_view name);
// Whether text/template has it by itself; `call` there has nothing to call here.
bool is_go_function(std::string_view name);
// In order of name.
std::vector<std::string_view> template_functions();

// `now` is what the function of that name gives.
Result<TemplateValue> call_template_function(std::string_view name,
                                             std::span<const TemplateValue> arguments,
                                             Timestamp now);

}  // namespace merlon::templates
