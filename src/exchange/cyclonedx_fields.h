#pragma once

// What stands at a key of a CycloneDX object that check_cyclonedx has passed: the reader needs no
// second look at what kind of thing it is.
//
// Thread-safe: no state. Cost: a look-up each.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/bom.h"
#include "value/value.h"

namespace merlon::exchange {

// A text, or a number as it is written; empty where there is none.
inline std::string written_in(const value::Value& object, std::string_view key) {
    const value::Value* found = object.find(key);
    if (found == nullptr) return {};
    if (found->is_number()) return found->number_text();
    return found->is_string() ? std::string(found->as_string()) : std::string();
}

inline std::string_view text_in(const value::Value& object, std::string_view key) {
    const value::Value* found = object.find(key);
    return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

inline std::span<const value::Value> items_in(const value::Value& object, std::string_view key) {
    const value::Value* found = object.find(key);
    return found != nullptr && found->is_array() ? found->items() : std::span<const value::Value>();
}

inline std::vector<BomProperty> properties_in(const value::Value& object) {
    std::vector<BomProperty> properties;
    for (const value::Value& property : items_in(object, "properties")) {
        properties.push_back({.name = std::string(text_in(property, "name")),
                              .value = std::string(text_in(property, "value"))});
    }
    return properties;
}

}  // namespace merlon::exchange
