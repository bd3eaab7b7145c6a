#pragma once

// The values that a report template computes with: Go's basic types as far as reports and the sprig
// functions make them, and records, which stand for Go's structs.
//
// Thread-safe: value types. Cost: lists are copied when they are passed on; a record is not owned
// by the values that name it.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "text/json.h"

namespace merlon::templates {

struct TemplateValue;

// A struct of the program that a template was written for.
class TemplateRecord {
  public:
    virtual ~TemplateRecord() = default;
    // Fails where it has no such field, as Go does.
    virtual Result<TemplateValue> field(std::string_view name) const = 0;
    virtual void write_json(text::JsonWriter& json) const = 0;
};

using TemplateList = std::vector<TemplateValue>;
// Shared, because `set` changes the one that every variable names.
using TemplateDict = std::shared_ptr<std::map<std::string, TemplateValue>>;

struct TemplateValue {
    // monostate: nil. float: Go's float32, which is printed shorter.
    std::variant<std::monostate, bool, std::int64_t, float, double, std::string,
                 const TemplateRecord*, Timestamp, TemplateList, TemplateDict>
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
// A field of a record, or an entry of a dict.
Result<TemplateValue> template_field(const TemplateValue& value, std::string_view name);
// As encoding/json writes it; pretty: two spaces for each level.
enum class JsonLayout : std::uint8_t { kCompact, kPretty, kRaw };
std::string template_json(const TemplateValue& value, JsonLayout layout);

}  // namespace merlon::templates
