#pragma once

// The values that a report template computes with: Go's basic types as far as reports and the sprig
// functions make them, and records, which stand for Go's structs.
//
// A dict can be changed (`set`) after it was put into another one, so a template could make values
// without end and dicts that hold themselves. Therefore each dict knows how deep it may stand in
// others and what its entries weigh, and `set` refuses what would be too much: whoever walks a
// value comes to an end, and its texts end at kMaxMadeBytes.
//
// Thread-safe: value types. Cost: lists are copied when they are passed on; a record is not owned
// by the values that name it.

#include <cstddef>
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

// What a template makes of one text, list or dict.
inline constexpr std::size_t kMaxMadeBytes = std::size_t{16} << 20;
// How deep lists and dicts stand in each other.
inline constexpr int kMaxValueDepth = 100;

using TemplateList = std::vector<TemplateValue>;
class TemplateMap;
// Shared, because `set` changes the one that every variable names.
using TemplateDict = std::shared_ptr<TemplateMap>;

// Go's json.Number: a text to the language, whatever it says.
struct TemplateNumber {
    std::string text;
};

struct TemplateValue {
    // monostate: nil. float: Go's float32, which is printed shorter.
    std::variant<std::monostate, bool, std::int64_t, float, double, std::string,
                 const TemplateRecord*, Timestamp, TemplateList, TemplateDict, TemplateNumber>
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

// What a dict holds.
class TemplateMap {
  public:
    using Entries = std::map<std::string, TemplateValue, std::less<>>;

    TemplateMap() = default;
    // Of a report, which is not bounded here; `missing` is what a key has that is not there.
    TemplateMap(Entries entries, TemplateValue missing);

    const Entries& entries() const { return entries_; }
    const TemplateValue& at(std::string_view key) const;
    // Fails where the dict would be larger than kMaxMadeBytes, or stand in itself; it is as before
    // then, or without the key.
    Status set(std::string_view key, TemplateValue value);
    void erase(std::string_view key);
    // Of its keys, texts and lists, not of the dicts in it.
    std::size_t bytes() const { return bytes_; }

  private:
    friend bool place_value(const TemplateValue& value, int depth);

    Entries entries_;
    TemplateValue missing_;
    std::size_t bytes_ = 0;
    int depth_ = -1;  // the deepest place at which it was seen
};

// Notes that the value stands so deep in others. False where that is too deep, as it is in a
// circle.
bool place_value(const TemplateValue& value, int depth);
// What it takes in memory, without the dicts in it.
std::size_t value_bytes(const TemplateValue& value);
Error too_large();
Error too_deep();

// How text/template prints a value: lists in brackets, parted by blanks. Ends behind kMaxMadeBytes.
std::string template_text(const TemplateValue& value);
// What is a text to the language; null: it is none.
const std::string* text_in(const TemplateValue& value);
// Whether `if` takes it: not zero and not empty.
bool template_truth(const TemplateValue& value);
// A field of a record, or an entry of a dict.
Result<TemplateValue> template_field(const TemplateValue& value, std::string_view name);
// As encoding/json writes it; pretty: two spaces for each level. Ends behind kMaxMadeBytes.
enum class JsonLayout : std::uint8_t { kCompact, kPretty, kRaw };
std::string template_json(const TemplateValue& value, JsonLayout layout);

}  // namespace merlon::templates
