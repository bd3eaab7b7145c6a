#pragma once

// The values that a report template computes with: Go's basic types as far as gitleaks's findings
// and the sprig functions make them.
//
// Thread-safe: value types. Cost: lists are copied when they are passed on.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "compat/gitleaks/report.h"

namespace merlon::compat::gitleaks {

struct TemplateValue;
using TemplateList = std::vector<TemplateValue>;
// Shared, because `set` changes the one that every variable names.
using TemplateDict = std::shared_ptr<std::map<std::string, TemplateValue>>;

struct TemplateValue {
    // monostate: nil. float: a finding's entropy, which Go prints as a float32.
    std::variant<std::monostate, bool, std::int64_t, float, double, std::string, const Row*,
                 Timestamp, TemplateList, TemplateDict>
        data;

    TemplateValue() = default;
    template <typename T>
        requires(!std::is_same_v<std::decay_t<T>, TemplateValue>)
    TemplateValue(T&& value) : data(std::forward<T>(value)) {}

    template <typename T>
    const T* as() const {
        return std::get_if<T>(&data);
    }
};

// How text/template prints a value: lists in brackets, parted by blanks.
std::string template_text(const TemplateValue& value);
// Whether `if` takes it: not zero and not empty.
bool template_truth(const TemplateValue& value);
// A field of a finding by gitleaks's name, or an entry of a dict.
Result<TemplateValue> template_field(const TemplateValue& value, std::string_view name);
// As encoding/json writes it; pretty: two spaces for each level.
enum class JsonLayout : std::uint8_t { kCompact, kPretty, kRaw };
std::string template_json(const TemplateValue& value, JsonLayout layout);

}  // namespace merlon::compat::gitleaks
