#pragma once

// A text of a tree that was read, or nothing: what documents of others may lack.
//
// Thread-safe: no state. Cost: one look-up.

#include <string>
#include <string_view>

#include "value/value.h"

namespace merlon::gate {

// Empty where there is no text at `key`.
inline std::string text_at(const value::Value& object, std::string_view key) {
    const value::Value* const found = object.find(key);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

}  // namespace merlon::gate
