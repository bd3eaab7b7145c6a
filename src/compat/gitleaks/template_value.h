#pragma once

// The values that a report template computes with, and the functions it may call: those of Go's
// text/template and of sprig that docs/compat-gitleaks.md names.
//
// Thread-safe: value types. Cost: lists are copied when they are passed on.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "compat/gitleaks/report.h"

namespace merlon::compat::gitleaks {

struct TemplateValue;
using TemplateList = std::vector<TemplateValue>;

struct TemplateValue {
    std::variant<std::monostate, bool, std::int64_t, float, std::string, const Row*, TemplateList>
        data;

    TemplateValue() = default;
    template <typename T>
        requires(!std::is_same_v<std::decay_t<T>, TemplateValue>)
    TemplateValue(T&& value) : data(std::forward<T>(value)) {}
};

// How text/template prints a value: lists in brackets, parted by blanks.
std::string template_text(const TemplateValue& value);
// Whether `if` takes it: not zero and not empty.
bool template_truth(const TemplateValue& value);
// A field of a finding, by gitleaks's name.
Result<TemplateValue> template_field(const TemplateValue& value, std::string_view name);

bool is_template_function(std::string_view name);
Result<TemplateValue> call_template_function(std::string_view name, const TemplateList& arguments);

}  // namespace merlon::compat::gitleaks
